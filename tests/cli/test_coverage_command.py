"""``geoplan coverage`` by slice, trade and facilities, and the whole report, on a city checked by hand."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from rich.cells import cell_len
from shapely import box


def test_facilities_must_be_within_reach(run, tiny_pack):
    # within a minute each station serves its own corner: S1 10 workers (water, toilet), S2 30 (water, microwave)
    def covered(*options):
        ended = run("coverage", tiny_pack, "--limit-min", 1, "--json", *options)
        assert ended.code == 0, ended.err
        (city,) = [area for area in ended.json["areas"] if area["level"] == "city"]
        tests = city["tests"]["network"]
        return tests.get("at", tests["any"])["share"] * 100.0

    assert covered("--facilities", "water") == pytest.approx(40.0)
    assert covered("--facilities", "toilet") == pytest.approx(10.0)
    assert covered("--facilities", "toilet,microwave") == pytest.approx(0.0)
    # S2 is closed at noon: open from 12:00 to 13:00 it is not, from 13:00 to 15:00 it is
    assert covered("--slice", "12-15", "--day", "2026-11-20") == pytest.approx(10.0 + 30.0 * 2 / 3)
    assert covered("--slice", "22-06", "--day", "2026-11-20") == pytest.approx(10.0)


def test_the_table_names_its_question(run, tiny_pack):
    ended = run("coverage", tiny_pack, "--facilities", "toilet", "--limit-min", 1)
    for words in (
        "小城\n不计开放时间 · regardless of opening hours",
        "Shares of 100 outdoor workers; 梁溪区一角; Walking, 1 minutes; circle of 1000 m; cross coverage by at least 2",
        "stations; facilities: Toilet; regardless of opening hours",
        "origin user · data ",
        "· 2 of 2 stations operating",
    ):
        assert words in ended.out
    (city,) = [line.split() for line in ended.out.splitlines() if "全市 all" in line]
    assert city == ["10.0%", "100.0%", "0.0%", "100", "全市", "all"]  # the circle takes no note of streets


NAMES = (
    "北京经济技术开发区荣华街道办事处", "海淀区中关村科学城管理委员会", "朝阳区奥林匹克公园管理委员会",
    "西城区金融街街道",
    "A district with a long English name, as some registers have", "丰台区丽泽金融商务区管理委员会", "通州区运河商务区",
    "石景山区首钢园区管理委员会", "[顺义区]临空经济核心区管理委员会",
)  # fmt: skip


@pytest.mark.parametrize("width", ["80", "60"])
@pytest.mark.parametrize("options", [(), ("--slice", "12-15", "--day", "2026-11-20")])
def test_no_figure_is_lost_on_a_narrow_terminal(run, tiny_pack, monkeypatch, width, options):
    """Nine districts with long names: each a strip of the corner, so that one holds all and the others nobody."""
    edges = [120.28, *(120.29 + 0.0001 * i for i in range(1, 9)), 120.33]
    strips = [box(west, 31.56, east, 31.583) for west, east in itertools.pairwise(edges)]
    codes = [f"32021{i}" for i in range(9)]
    gpd.GeoDataFrame({"district_code": codes, "name": NAMES}, geometry=strips, crs="EPSG:4326").to_file(
        tiny_pack / "districts.gpkg"
    )
    for name in ("stations.csv", "demand.csv", "candidates.csv"):  # the districts are told anew from the outlines
        table = pd.read_csv(tiny_pack / name, encoding="utf-8-sig")
        table.drop(columns="district_code", errors="ignore").to_csv(tiny_pack / name, index=False, encoding="utf-8-sig")
    wide = run("coverage", tiny_pack, *options, "--wide").out.splitlines()
    monkeypatch.setenv("COLUMNS", width)
    narrow = run("coverage", tiny_pack, *options).out.splitlines()
    assert max(map(cell_len, narrow)) <= int(width)
    assert not any("…" in line for line in narrow)

    def figures(lines):
        return [
            [part for part in line.split() if re.fullmatch(r"[\d,.]+%?|–", part)]
            for line in lines
            if re.match(r" *(\d[\d.]*%|–) ", line)
        ]

    assert figures(narrow) == figures(wide)
    assert len(figures(narrow)) == 10
    assert sum(any(name in line for line in wide) for name in NAMES) == 9
    first = 1 if width == "60" else 2  # a column of four cells, of which one is the indent
    assert all(any(name[:first] in line for line in narrow) for name in NAMES)


def test_a_bullet_stays_with_its_text(run, tiny_pack, monkeypatch):
    note = (
        "劳动者数量按街道常住人口与平均比例估算，未经核实；各工种比例取自全国数据，与本市实际可能不同，请以工会统计为准。"
        * 2
    )
    pack = tiny_pack / "pack.toml"
    text = pack.read_text(encoding="utf-8")
    pack.write_text(f'notes = ["{note}"]\n{text}', encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("coverage", tiny_pack).out.splitlines()
    assert not [line for line in lines if line.strip() == "•"]
    (first,) = [line for line in lines if line.startswith("• ")]
    assert note.startswith(first.removeprefix("• ").strip())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--slice", "noon"], "'noon' is not known; use one of 04-06"),
        (["--trade", "pilot"], "--trade: trade 'pilot' is not known; leave it out; this city's demand knows no trades"),
        (["--facilities", "toilet,sauna"], "--facilities: facility 'sauna' is not known; use some of water"),
        (["--polygon", "absent.gpkg"], "absent.gpkg"),
    ],
)
def test_unknown_words_are_named(run, tiny_pack, options, message):
    ended = run("coverage", tiny_pack, *options)
    assert ended.code == 2
    assert message in ended.err


def test_a_drawn_area(run, tiny_pack, tmp_path):
    # only the south-western corner with its 10 workers, whom S1 serves
    drawn = gpd.GeoDataFrame({"name": ["角"]}, geometry=[box(120.2995, 31.5695, 120.3005, 31.5705)], crs="EPSG:4326")
    drawn.to_file(tmp_path / "corner.gpkg")
    ended = run("coverage", tiny_pack, "--polygon", tmp_path / "corner.gpkg", "--limit-min", 1, "--json")
    assert ended.code == 0, ended.err
    (area,) = [area for area in ended.json["areas"] if area["area_name"] == "角"]
    assert (area["demand"], area["tests"]["network"]["any"]["share"]) == (10.0, 1.0)


def test_the_report_folder(run, tiny_pack, tmp_path):
    ended = run("report", tiny_pack, "--at", "2026-11-20T12:30", "--out", tmp_path / "report", "--json")
    assert ended.code == 0, ended.err
    book = openpyxl.load_workbook(tmp_path / "report/coverage.xlsx")
    assert "三项检验" in book.sheetnames
    assert (tmp_path / "report/coverage.html").stat().st_size > 10_000
    assert ended.json["subject"]["demand_total"] == 100.0


@pytest.mark.parametrize(("kind", "words"), [("gaps", "服务空白区"), ("criticality", "若关闭，30 名劳动者失去覆盖")])
def test_gaps_and_key_stations_as_maps(run, tiny_pack, tmp_path, kind, words):
    page = tmp_path / f"{kind}.html"
    edit = (tiny_pack / "pack.toml").read_text(encoding="utf-8")
    (tiny_pack / "pack.toml").write_text(edit + "\n[defaults]\nlimit_s = 60.0\n", encoding="utf-8")
    ended = run("map", tiny_pack, "--kind", kind, "--out", page)
    assert ended.code == 0, ended.err
    assert words in page.read_text(encoding="utf-8")


def test_a_word_report_alone_or_beside_the_folder(run, tiny_pack, tmp_path):
    alone = run("report", tiny_pack, "--at", "2026-11-20T12:30", "--out", tmp_path / "c.docx", "--lang", "en")
    assert alone.code == 0, alone.err
    titles = [
        line.text for line in docx.Document(str(tmp_path / "c.docx")).paragraphs if line.style.name == "Heading 1"
    ]
    assert titles[0] == "1  Is the service circle met?"
    assert titles[-1].endswith("Data and assumptions")
    refused = run("report", tiny_pack, "--out", tmp_path / "d.docx", "--lang", "de")
    assert refused.code == 2
    assert "zh or en" in refused.err


@pytest.mark.parametrize("kind", ["coverage", "gaps", "criticality"])
@pytest.mark.parametrize("name", ["map.png", "map.svg"])
def test_still_maps_by_the_ending_of_the_file(run, tiny_pack, tmp_path, kind, name):
    ended = run("map", tiny_pack, "--kind", kind, "--out", tmp_path / name)
    assert ended.code == 0, ended.err
    start = (tmp_path / name).read_bytes()[:400]
    assert start.startswith(b"\x89PNG") if name.endswith("png") else b"<svg" in start


@pytest.mark.parametrize("kind", ["coverage", "plan", "gaps", "criticality"])
def test_still_maps_without_a_chinese_font_are_english(run, tiny_pack, tmp_path, kind, no_chinese_font):
    ended = run("map", tiny_pack, "--kind", kind, "--out", tmp_path / "map.svg")
    assert ended.code == 0, ended.err
    assert "fonts-noto-cjk" in ended.out
    drawn = re.findall(r">([^<>]+)</text>", (tmp_path / "map.svg").read_text("utf-8"))
    assert any(text.startswith("Tiny · ") for text in drawn)
    assert "320213" in drawn, "a district without an English name goes by its code"
    assert [text for text in drawn if re.search(r"[\u3000-\uffff]", text)] == []


def test_a_report_without_a_chinese_font_is_whole_and_says_so(run, tiny_pack, tmp_path, no_chinese_font):
    words = ("--at", "2026-11-20T12:30", "--out", tmp_path / "report", "--docx", tmp_path / "w/c.docx", "--json")
    ended = run("report", tiny_pack, *words)
    assert ended.code == 0, ended.err
    files = [Path(path) for path in ended.json["files"]]
    assert [path for path in files if not path.is_file()] == []
    assert {path.name for path in files} >= {"coverage.xlsx", "times.png", "coverage.html", "c.docx"}
    assert any("apt install fonts-noto-cjk" in line for line in ended.json["remarks"])


def test_maps_of_other_forms_are_refused(run, tiny_pack, tmp_path):
    ended = run("map", tiny_pack, "--out", tmp_path / "m.pdf")
    assert ended.code == 2
    assert "m.pdf: a map is written as .html, .png or .svg" in ended.err
    assert not (tmp_path / "m.pdf").exists()
