"""Fonts: none of last resort, one installed a moment ago, none at all; and reports that are whole or not there."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from geoplan.errors import InputError
from geoplan.report import chinese_font, lettering, lettering_faults, require_chinese_font, write_charts, write_coverage

BROUGHT = Path(mpl.get_data_path())  # the fonts that come with matplotlib
LATIN = str(BROUGHT / "fonts/ttf/DejaVuSans.ttf")
SAMPLE = "无锡江阴梁溪劳动者覆盖率"


def box_font(path: Path, text: str, style: str = "Regular", *, one_box: bool = False) -> str:
    """Write a font in which every character is a box of its own, or all of them the same box."""
    pen = TTGlyphPen(None)
    for x, y in ((0, 0), (500, 0), (500, 700), (0, 700)):
        (pen.lineTo if x or y else pen.moveTo)((x, y))
    pen.closePath()
    glyph = pen.glyph()
    signs = ["box"] if one_box else [f"u{ord(sign):X}" for sign in text]
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef", *signs])
    builder.setupCharacterMap({ord(sign): "box" if one_box else f"u{ord(sign):X}" for sign in text})
    builder.setupGlyf(dict.fromkeys([".notdef", *signs], glyph))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *signs], (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Test-CJK Sans", "styleName": style})
    builder.setupOS2(usWeightClass=700 if style == "Bold" else 400)
    builder.setupPost()
    builder.save(path)
    return str(path)


def test_a_font_of_last_resort_draws_no_chinese(tmp_path):
    brought = [str(path) for path in (BROUGHT / "fonts").rglob("*.ttf")]
    assert any("LastResort" in path for path in brought)
    assert chinese_font(brought) is None
    assert chinese_font([box_font(tmp_path / "boxes.ttf", SAMPLE, one_box=True)]) is None


def test_a_font_is_taken_by_its_file(tmp_path):
    assert chinese_font([]) is None
    assert chinese_font([LATIN]) is None
    assert chinese_font([__file__, tmp_path / "gone.ttf"], sample="abc") is None
    assert chinese_font([LATIN], sample="abc").get_file() == LATIN
    with pytest.raises(InputError, match="cannot draw Chinese; install one") as caught:
        require_chinese_font(LATIN)
    assert "请安装中文字体" in caught.value.message("zh")


def test_a_font_that_is_younger_than_the_list_of_fonts_is_found(no_chinese_font, monkeypatch, tmp_path):
    assert chinese_font() is None
    bold = box_font(tmp_path / "a-bold.ttf", SAMPLE, style="Bold")
    path = box_font(tmp_path / "new.ttf", SAMPLE)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [LATIN, bold, path])
    font = chinese_font()
    assert font.get_file() == path
    assert font.get_family() == ["Test-CJK Sans"]
    assert lettering().language == "zh"
    assert lettering_faults() == ()


def test_a_font_that_was_removed_is_not_taken(no_chinese_font, monkeypatch, tmp_path):
    gone = font_manager.FontEntry(fname=str(tmp_path / "gone.ttc"), name="Noto Sans CJK SC")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [gone, *font_manager.fontManager.ttflist])
    assert chinese_font() is None


def test_without_a_font_charts_are_english_and_that_is_said(no_chinese_font, pack, analysis, tmp_path):
    out = tmp_path / "out"
    written, remarks = write_coverage(pack, analysis, out)
    assert {path.name for path in written} == {path.name for path in out.iterdir()}
    assert {path.name for path in written if path.suffix == ".png"} == {
        "coverage_by_hour.png",
        "lorenz.png",
        "times.png",
    }
    assert len(remarks) == 1
    assert "本机没有能显示中文的字体" in remarks[0]
    assert "fonts-noto-cjk" in remarks[0]
    with mpl.rc_context({"svg.fonttype": "none"}):
        drawn = write_charts(pack, analysis, tmp_path, ending=".svg")
    for path in drawn:
        words = " ".join(re.findall(r">([^<>]+)</text>", path.read_text("utf-8")))
        assert "Smalltown" in words
        assert re.findall(r"[\u3000-\uffff]", words) == []
    assert ">w<" in drawn[0].read_text("utf-8"), "a district without an English name goes by its code"


def test_a_report_that_fails_leaves_what_was_there(pack, analysis, tmp_path, monkeypatch):
    out = tmp_path / "out"

    def fail(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr("geoplan.report.coverage.write_charts", fail)
    with pytest.raises(OSError, match="disk is full"):
        write_coverage(pack, analysis, out)
    assert not out.exists()
    out.mkdir()
    (out / "coverage.xlsx").write_text("earlier")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(OSError, match="disk is full"):
        write_coverage(pack, analysis, out)
    assert sorted((path.name, path.read_text()) for path in out.iterdir()) == [
        ("coverage.xlsx", "earlier"),
        ("notes.txt", "mine"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing temporary stays"
