"""The Word report: what is said, in which language, with the banner, and that Word's own reader opens it."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from geoplan.errors import InputError
from geoplan.report import Chapter, Picture, Table, plan_chapter, write_document

PLAN = {
    "sentence": "Proven optimal.",
    "sentence_zh": "已证明最优。",
    "objective": 120.0,
    "bound": 120.0,
    "gap": 0.0,
    "agrees": True,
    "share_before": 0.5,
    "share_after": 0.8,
    "demand_total": 150.0,
    "demand_unit": "workers",
    "projects": [
        {
            "rank": 1, "name": "甲站", "district": "梁溪区", "town": "某街道", "workers_newly_covered": 30.0,
            "share_covered": 0.7, "year": 1,
        },
        {
            "rank": 2, "name": "乙站", "district": "宜兴市", "town": None, "workers_newly_covered": 15.0,
            "share_covered": 0.8, "year": 2,
        },
    ],
}  # fmt: skip


def texts(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    head = [line.text for line in document.sections[0].header.paragraphs]
    return "\n".join([*head, *(line.text for line in document.paragraphs), *cells])


def test_a_plan_says_its_gain_its_proof_and_its_years(tmp_path: Path) -> None:
    path = write_document(tmp_path / "a.docx", "报告", "口径", [plan_chapter(PLAN)], demonstration=True)
    said = texts(path)
    for words in ("演示数据，非真实站点", "50.0%", "80.0%", "已证明最优。", "两者一致", "甲站", "梁溪区 · 某街道"):
        assert words in said, words
    table = docx.Document(str(path)).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["年度", "序号", "站点", "所在", "新增覆盖", "累计覆盖率"]
    assert [row.cells[0].text for row in table.rows[1:]] == ["1", "2"]


def test_english_words_and_no_banner_over_own_data(tmp_path: Path) -> None:
    chapter = plan_chapter({**PLAN, "projects": [{**PLAN["projects"][0], "year": None}]}, "en")
    path = write_document(tmp_path / "a.docx", "Report", "", [chapter], demonstration=False, language="en")
    said = texts(path)
    assert "演示数据" not in said
    assert "Proven optimal." in said
    assert docx.Document(str(path)).tables[0].rows[0].cells[0].text == "#"


def test_a_plan_whose_recomputation_differs_warns() -> None:
    assert any("请勿采用" in line for line in plan_chapter({**PLAN, "agrees": False}).paragraphs)


def test_pictures_and_tables_stand_in_their_chapter(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (40, 20), "white").save(tmp_path / "p.png")
    chapter = Chapter(
        "章", ("一段",), (Table(("甲", "乙"), (("1", "2"),), "注"),), (Picture(tmp_path / "p.png", "图"),)
    )
    document = docx.Document(str(write_document(tmp_path / "a.docx", "T", "", [chapter, chapter], demonstration=False)))
    assert len(document.inline_shapes) == 2
    assert [line.text for line in document.paragraphs if line.style.name == "Heading 1"] == ["1  章", "2  章"]


@pytest.mark.parametrize(("name", "language", "said"), [("a.doc", "zh", ".docx"), ("a.docx", "de", "zh or en")])
def test_other_forms_and_languages_are_refused(tmp_path: Path, name: str, language: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        write_document(tmp_path / name, "T", "", [], demonstration=False, language=language)
