"""Files of a report: opened again and looked into."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from geoplan.errors import InputError
from geoplan.report import (
    Caption,
    Lettering,
    Sheet,
    chinese_font,
    coverage_layers,
    coverage_notes,
    coverage_sheets,
    heat_map,
    in_words,
    lorenz_curve,
    save_chart,
    time_chart,
    write_coverage,
    write_geojson,
    write_workbook,
)

PLAIN = Lettering(FontProperties(family="DejaVu Sans"), "zh")
needs_font = pytest.mark.skipif(chinese_font() is None, reason="no font on this machine can draw Chinese")


def test_workbook(pack, analysis, tmp_path):
    sheets, notes = coverage_sheets(pack, analysis), coverage_notes(pack, analysis)
    path = write_workbook(tmp_path / "c.xlsx", sheets, notes, demonstration=True)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == ["说明", "三项检验"]
    for ws in book:
        assert ws["A1"].value == "演示数据，非真实站点 / demonstration data, not real stations"
    said = {row[0]: row[1] for row in book["说明"].iter_rows(min_row=2, max_col=2, values_only=True)}
    assert "477.0 workers" in said["分母"]
    assert "实际开放的概率" in said["假设 3"]
    assert said["来源：streets"] == "streets.parquet；tests；2025-01-01；CC0；小样例"
    ws = book["三项检验"]
    head = [cell.value for cell in ws[3]]
    assert head[:4] == ["层级", "区域代码", "区域", "检验"]
    share = head.index("覆盖率") + 1
    assert ws.cell(4, share).number_format == "0.0%"
    frame = pd.read_excel(path, sheet_name="三项检验", header=2)
    city = frame[(frame["层级"] == "全市") & (frame["检验"] == "网络步行") & (frame["开放时间口径"] == "该时刻开放")]
    assert city["覆盖率"].iloc[0] == pytest.approx(175 / 477)  # riders 135 and cleaners 40 out at noon, of 477
    unread = pd.read_excel(path, sheet_name="开放时间读不出", header=2)
    assert unread["登记的开放时间"].tolist() == ["看公告"]


def test_register_text_is_no_formula(pack, analysis, tmp_path):
    path = write_workbook(tmp_path / "c.xlsx", coverage_sheets(pack, analysis), [], demonstration=False)
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for ws in book for row in ws.iter_rows() for cell in row}
    assert "f" not in kinds
    assert book["三项检验"]["A1"].value.startswith("覆盖率 =")  # no banner where the data are the user's own


@pytest.mark.parametrize("titles", [["a", "a"], ["x" * 32], [""]])
def test_bad_sheet_titles(tmp_path, titles):
    sheets = [Sheet(title, pd.DataFrame({"share": [0.5]})) for title in titles]
    with pytest.raises(InputError, match="1 to 31 characters"):
        write_workbook(tmp_path / "x.xlsx", sheets, [], demonstration=False)


def test_empty_values_stay_empty(tmp_path):
    frame = pd.DataFrame({"share": [np.nan, 0.5], "k": [1, 2], "name": [None, "甲"], "verified_on": [pd.NaT, pd.NaT]})
    path = write_workbook(tmp_path / "x.xlsx", [Sheet("表", frame)], [("a", "b")], demonstration=False)
    values = list(openpyxl.load_workbook(path)["表"].iter_rows(min_row=2, values_only=True))
    assert values == [(None, 1, None, None), (0.5, 2, "甲", None)]


def test_words():
    frame = in_words(pd.DataFrame({"level": ["city", "elsewhere"], "trade": ["all", "courier"], "own": [1, 2]}))
    assert list(frame.columns) == ["层级", "行业", "own"]
    assert frame["层级"].tolist() == ["全市", "elsewhere"]
    assert frame["行业"].tolist() == ["全部", "快递员"]


def test_layers(pack, analysis, tmp_path):
    layers = coverage_layers(pack, analysis)
    assert set(layers) == {"districts", "demand", "stations", "gaps"}
    assert all((layer["origin"] == "demonstration").all() for layer in layers.values())
    assert layers["demand"]["covered"].tolist() == [True] * 5 + [False] * 4
    assert layers["districts"].set_index("district_code").loc["w", "share_network"] == 1.0
    path = write_geojson(tmp_path / "d.geojson", layers["demand"], demonstration=True, attribution=["© someone"])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["notice"].startswith("演示数据")
    assert document["attribution"] == ["© someone"]
    assert "crs" not in document
    assert document["features"][8]["properties"]["nearest_s"] is None
    assert len(gpd.read_file(path)) == 9


def test_charts_hold_the_figures(analysis):
    caption = Caption("by hour", "540 workers", demonstration=False, letters=PLAIN)
    frame = analysis.by_hour.replace({"西区": "west", "东区": "east"})
    figure = heat_map(frame, caption)
    axes = figure.axes[0]
    assert axes.images[0].get_array().shape == (2, 24)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["west", "east"]
    west = analysis.by_hour[(analysis.by_hour["area_code"] == "w")]["share"].to_numpy()
    np.testing.assert_allclose(axes.images[0].get_array()[0], west)
    assert {text.get_text() for text in axes.texts} == {f"{100 * v:.0f}" for v in axes.images[0].get_array().ravel()}
    with pytest.raises(InputError, match="no figures of level 'street'"):
        heat_map(frame, caption, level="street")
    bars = time_chart(analysis.histogram, 900.0, caption).axes[0].patches
    assert sum(bar.get_height() for bar in bars) == pytest.approx(477)  # those out at noon
    with pytest.raises(InputError, match=r"cannot be written as '\.bmp'"):
        save_chart(figure, Path("x.bmp"))


def test_an_english_chart_says_nothing_in_chinese(analysis):
    caption = Caption("by hour", "540 workers", demonstration=True, letters=replace(PLAIN, language="en"))
    frame = analysis.by_hour.replace({"西区": "west", "东区": "east"})
    figures = [
        heat_map(frame, caption),
        lorenz_curve(analysis.curve, analysis.gini, caption),
        time_chart(analysis.histogram, 900.0, caption),
    ]
    said = {text.get_text() for figure in figures for text in figure.findobj(Text)}
    assert {text for text in said if any(ord(sign) > 0x2E80 for sign in text)} == set()
    assert "Share of workers, worst served first" in said
    assert " 15 minutes" in said
    assert any("Demonstration data" in text for text in said)


@needs_font
def test_everything_is_written(pack, analysis, tmp_path):
    written, remarks = write_coverage(pack, analysis, tmp_path / "out")
    assert remarks == []
    names = {path.name for path in written}
    assert names == {
        "coverage.xlsx", "coverage.gpkg", "coverage_gaps.geojson", "coverage_districts.geojson", "coverage_by_hour.png",
        "lorenz.png", "times.png",
    }  # fmt: skip
    assert all(path.stat().st_size > 300 for path in written)
    assert len(gpd.read_file(tmp_path / "out/coverage.gpkg", layer="stations")) == 3
