"""Still maps are written whole, say what must be said, and refuse what they cannot write."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geoplan_maps.embed import embed_snippet
from geoplan_maps.planner_map import Scene
from geoplan_maps.static_map import static_criticality, static_gaps, static_map
from PIL import Image

from geoplan.errors import InputError
from geoplan.report.fonts import chinese_font


@pytest.fixture
def parts() -> dict:
    streets = gpd.GeoDataFrame(
        {"highway": ["primary"]}, geometry=[shapely.LineString([(120.1, 31.5), (120.3, 31.5)])], crs=4326
    )
    districts = gpd.GeoDataFrame({"name": ["梁溪区"]}, geometry=[shapely.box(120.0, 31.4, 120.4, 31.7)], crs=4326)
    return {
        "scene": Scene("无锡市覆盖图", streets, districts, None, "© OpenStreetMap contributors, ODbL 1.0", True),
        "stations": pd.DataFrame({"lon": [120.2], "lat": [31.5]}),
        "demand": pd.DataFrame({"lon": [120.15, 120.35], "lat": [31.5, 31.6], "workers": [30.0, 10.0]}),
        "covered": [1, 0],
        "sites": pd.DataFrame({"lon": [120.3], "lat": [31.6]}),
        "figures": [("15 分钟步行", "75 %")],
    }


@pytest.mark.skipif(chinese_font() is None, reason="no font here can draw Chinese")
def test_png_and_svg_are_written(parts: dict, tmp_path: Path) -> None:
    scene = parts.pop("scene")
    png = static_map(scene, tmp_path / "map.png", **parts, dpi=60)
    with Image.open(png) as image:
        assert image.size == (600, 480)
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    assert (200, 16, 46) in colours, "a station is drawn in the union's red"
    text = static_map(scene, tmp_path / "map.svg", **parts).read_text("utf-8")
    for words in ("演示数据", "OpenStreetMap contributors, ODbL", "规划新增站点", "75 %", "梁溪区"):
        assert words in text
    again = static_map(scene, tmp_path / "again.svg", **parts).read_text("utf-8")
    assert again == text, "the same map is the same file"


@pytest.mark.skipif(chinese_font() is None, reason="no font here can draw Chinese")
def test_gaps_are_numbered_from_the_largest_and_named_beside_the_map(parts: dict, tmp_path: Path) -> None:
    shapes = [shapely.Point(120.1, 31.5), shapely.box(120.3, 31.55, 120.35, 31.6)]
    gaps = gpd.GeoDataFrame({"name": ["小巷", "大街"], "workers": [20.0, 400.0]}, geometry=shapes, crs=4326)
    given = {"stations": parts["stations"], "gaps": gaps, "figures": [("未覆盖", "9 %")]}
    text = static_gaps(parts["scene"], tmp_path / "gaps.svg", **given).read_text("utf-8")
    for words in ("演示数据", "未覆盖 9 %", "1  大街  400 人", "2  小巷  20 人", "空白区（圆越大"):
        assert words in text
    with Image.open(static_gaps(parts["scene"], tmp_path / "gaps.png", **given, dpi=60)) as image:
        assert image.size == (720, 480)


@pytest.mark.skipif(chinese_font() is None, reason="no font here can draw Chinese")
def test_key_stations_are_those_whose_closing_costs_cover(parts: dict, tmp_path: Path) -> None:
    stations = pd.DataFrame({"name": ["甲站", "乙站", "丙站"], "lon": [120.1, 120.2, 120.3], "lat": [31.5, 31.5, 31.6]})
    text = static_criticality(
        parts["scene"], tmp_path / "key.svg", stations=stations, lost_workers=[0.0, 7.0, 90.0]
    ).read_text("utf-8")
    assert "1  丙站  90 人" in text
    assert "2  乙站  7 人" in text
    assert "甲站" not in text, "others are near: nobody loses cover"
    with pytest.raises(InputError, match="lost_workers has 1 values"):
        static_criticality(parts["scene"], tmp_path / "key.svg", stations=stations, lost_workers=[1.0])


@pytest.mark.skipif(chinese_font() is None, reason="no font here can draw Chinese")
def test_where_metres_of_street_stand_in_no_side_text_counts_people(parts: dict, tmp_path: Path) -> None:
    scene = dataclasses.replace(parts["scene"], demand_unit="street_m")
    stations = parts["stations"].assign(name="甲站")
    gaps = gpd.GeoDataFrame({"name": ["大街"], "workers": [400.0]}, geometry=[shapely.Point(120.1, 31.5)], crs=4326)
    given = {name: value for name, value in parts.items() if name != "scene"}
    drawn = [
        static_map(scene, tmp_path / "map.svg", **given),
        static_gaps(scene, tmp_path / "gaps.svg", stations=stations, gaps=gaps),
        static_criticality(scene, tmp_path / "key.svg", stations=stations, lost_workers=[90.0]),
    ]
    whole, holes, key = (path.read_text("utf-8") for path in drawn)
    assert "已覆盖的道路" in whole
    assert "1  大街  400 米道路" in holes
    assert "空白区，按未覆盖道路米数" in holes
    assert "1  甲站  90 米道路" in key
    assert "关键站点，按失去覆盖的道路米数" in key
    for text in (whole, holes, key):
        assert "人" not in text
        assert "劳动者" not in text


def test_without_a_font_the_legend_is_english_and_chinese_of_the_caller_is_refused(
    parts: dict, tmp_path: Path, no_chinese_font: None
) -> None:
    scene = parts.pop("scene")
    with pytest.raises(InputError, match="no font on this machine can draw Chinese"):
        static_map(scene, tmp_path / "map.svg", **parts)
    assert list(tmp_path.iterdir()) == []
    english = dataclasses.replace(scene, title="Wuxi")
    text = static_map(english, tmp_path / "map.svg", **parts | {"figures": [("walking", "75 %")]}).read_text("utf-8")
    for words in ("Demonstration data", "OpenStreetMap contributors, ODbL", "proposed station", "walking 75 %"):
        assert words in text
    with pytest.raises(InputError, match="no font on this machine can draw Chinese"):
        static_map(
            dataclasses.replace(english, review_number="苏S(0)0号"), tmp_path / "m.png", **parts | {"figures": []}
        )


def test_other_kinds_and_lengths_are_refused(parts: dict, tmp_path: Path) -> None:
    scene = parts.pop("scene")
    with pytest.raises(InputError, match=r"\.png or \.svg"):
        static_map(scene, tmp_path / "map.gif", **parts)
    with pytest.raises(InputError, match="covered has 1 values"):
        static_map(scene, tmp_path / "map.png", **{**parts, "covered": [1]})


def test_the_embed_snippet_is_one_frame_and_cannot_be_broken_out_of() -> None:
    snippet = embed_snippet('https://map.example.org/#s="><script>', title='"站点"')
    assert snippet.count("<") == 2
    assert "<script" not in snippet
    with pytest.raises(InputError, match="not a web address"):
        embed_snippet("javascript:alert(1)")
    with pytest.raises(InputError, match="height"):
        embed_snippet("https://map.example.org", height_px=10)
