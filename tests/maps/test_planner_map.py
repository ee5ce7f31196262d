"""A planner map is one file: no address is loaded, every point and figure is in it, and text cannot break out."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geoplan_maps.planner_map import Scene, coverage_map, criticality_map, gaps_map, plan_map
from geoplan_maps.planner_map.scene import backdrop_lines, cells

from geoplan.errors import InputError


@pytest.fixture(scope="module")
def scene() -> Scene:
    streets = gpd.GeoDataFrame(
        {"highway": ["primary", "residential"]},
        geometry=[
            shapely.LineString([(120.1, 31.5), (120.3, 31.5)]),
            shapely.LineString([(120.2, 31.5), (120.2, 31.6)]),
        ],
        crs="EPSG:4326",
    )
    districts = gpd.GeoDataFrame(
        {"name": ["梁溪</script>"]}, geometry=[shapely.box(120.0, 31.4, 120.4, 31.7)], crs=4326
    )
    water = gpd.GeoDataFrame(
        {"kind": ["lake", "canal"]},
        geometry=[shapely.box(120.0, 31.4, 120.1, 31.5), shapely.LineString([(120.1, 31.4), (120.4, 31.7)])],
        crs=4326,
    )
    return Scene("覆盖 {{ 7 * 7 }} 图", streets, districts, water, "© OpenStreetMap contributors, ODbL", True, "")


@pytest.fixture(scope="module")
def stations() -> pd.DataFrame:
    return pd.DataFrame({"name": ["云亭驿站", '"引号"'], "lon": [120.2, 120.25], "lat": [31.5, 31.55]})


@pytest.fixture(scope="module")
def demand() -> pd.DataFrame:
    return pd.DataFrame({"lon": [120.15, 120.35], "lat": [31.5, 31.6], "workers": [30.0, 10.0]})


def pages(scene: Scene, stations: pd.DataFrame, demand: pd.DataFrame) -> dict[str, str]:
    sites = pd.DataFrame({"lon": [120.3], "lat": [31.6], "rank": [1], "name": ["邮政"], "gain_workers": [10.0]})
    gaps = gpd.GeoDataFrame(
        {"workers": [10.0], "name": ["堰桥"]}, geometry=[shapely.box(120.34, 31.59, 120.36, 31.61)], crs=4326
    )
    return {
        "coverage": coverage_map(
            scene, stations=stations, demand=demand, covered=[True, False], figures=[("网络", "75 %")], sites=sites
        ),
        "plan": plan_map(
            scene,
            stations=stations,
            demand=demand,
            covered_before=[1, 0],
            covered_after=[1, 1],
            sites=sites,
        ),
        "gaps": gaps_map(scene, stations=stations, gaps=gaps),
        "criticality": criticality_map(scene, stations=stations, lost_workers=[0.0, 12.0]),
    }


def test_no_page_loads_anything(scene: Scene, stations: pd.DataFrame, demand: pd.DataFrame) -> None:
    for name, page in pages(scene, stations, demand).items():
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=[^>]*>", page)
        assert loaded == [], name
        assert "@import" not in page, name
        assert not re.search(r"url\((?!['\"]?(?:data:|#))", page), name
        assert "a JS library for interactive maps. https://leafletjs.com" in page, "Leaflet is inside"


def test_banner_attribution_and_escaping(scene: Scene, stations: pd.DataFrame, demand: pd.DataFrame) -> None:
    for page in pages(scene, stations, demand).values():
        assert "演示数据，非真实站点" in page
        assert "OpenStreetMap contributors, ODbL" in page
        assert "49 图" not in page, "a title is text, not a template"
        assert "梁溪</script>" not in page
        assert "梁溪\\u003c/script>" in page


def test_figures_and_points_are_in_the_page(scene: Scene, stations: pd.DataFrame, demand: pd.DataFrame) -> None:
    page = pages(scene, stations, demand)
    assert "75 %" in page["coverage"]
    assert '"劳动者 30 人\\n已覆盖 100%"' in page["coverage"]
    assert "第 1 位 邮政\\n新增覆盖 10 人" in page["plan"]
    assert "第 1 号空白区 堰桥\\n未覆盖劳动者 10 人" in page["gaps"]
    assert "若关闭，12 名劳动者失去覆盖" in page["criticality"]


def test_cells_average_by_workers() -> None:
    lon, lat = np.array([120.0001, 120.0002, 120.2]), np.array([31.5001, 31.5001, 31.5])
    joined = cells(lon, lat, np.array([3.0, 1.0, 5.0]), np.array([[1.0], [0.0], [1.0]]))
    assert joined[:, 2].tolist() == [4.0, 5.0]
    assert joined[:, 3].tolist() == [0.75, 1.0]
    assert cells(np.array([]), np.array([]), np.array([]), np.empty((0, 1))).shape == (0, 4)


def test_a_network_without_main_streets_is_drawn_whole(scene: Scene) -> None:
    assert set(backdrop_lines(scene.streets)) == {"primary"}
    assert set(backdrop_lines(scene.streets.iloc[1:])) == {"minor"}


def test_values_must_match_their_points(scene: Scene, stations: pd.DataFrame, demand: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="covered has 1 values but there are 2 demand points"):
        coverage_map(scene, stations=stations, demand=demand, covered=[True])
    with pytest.raises(InputError, match="lost_workers has 1 values but there are 2 stations"):
        criticality_map(scene, stations=stations, lost_workers=[1.0])
    with pytest.raises(InputError, match="demand has no column workers"):
        coverage_map(scene, stations=stations, demand=demand.drop(columns="workers"), covered=[True, False])
