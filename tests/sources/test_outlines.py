"""District outlines that do not tell their coordinate system."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoplan import facts
from geoplan.crs import wgs84_to_gcj02
from geoplan.sources.outlines import outlines_crs, outlines_to_wgs84

FARAWAY = gpd.GeoSeries([shapely.box(114.0, 22.5, 114.1, 22.6)], crs=4326)  # in Shenzhen, of which nothing is known
REAL = {
    "wuxi_districts_datav_2021_GCJ02.geojson": "gcj02",
    "wuxi_districts_amap_wgs84.geojson": "wgs84",
    "wuxi_districts_tianditu_wgs84.geojson": "wgs84",
}


def drawn_around(centres: pd.DataFrame) -> gpd.GeoSeries:
    """Districts drawn by somebody else: some other shape, 50 m off."""
    points = gpd.GeoSeries(gpd.points_from_xy(centres["lon"], centres["lat"]), crs=4326).to_crs(4549)
    return points.translate(40.0, -30.0).buffer(7_000.0, quad_segs=3).to_crs(4326)


def in_gcj02(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    xy = shapely.get_coordinates(shapes.to_numpy())
    moved = shapely.set_coordinates(shapes.to_numpy().copy(), np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    return gpd.GeoSeries(moved, crs=4326)


def test_known_districts_prove_the_system():
    known = facts.district_centres()
    true = drawn_around(known)
    shifted = in_gcj02(true)
    before = shifted.to_numpy().copy()
    assert outlines_crs(true, list(known["name"]), ())[0] == "wgs84"
    system, why = outlines_crs(shifted, [name[:-1] for name in known["name"]], ())  # 锡山 for 锡山区
    assert system == "gcj02"
    assert "centroids off: gcj02 50 m" in why
    back = outlines_to_wgs84(shifted, system)
    apart = shapely.get_coordinates(back.to_numpy()) - shapely.get_coordinates(true.to_numpy())
    assert np.abs(apart).max() < 1e-6
    assert shapely.equals_exact(shifted.to_numpy(), before).all()  # the caller's outlines stay as they are


def test_one_district_drawn_otherwise_proves_nothing():
    """The centroid of a lakeside district lies 600 m off where the shore is drawn otherwise, more than GCJ-02 does."""
    known = facts.district_centres()
    shifted = in_gcj02(drawn_around(known))
    assert outlines_crs(shifted[:2], list(known["name"][:2]), ["name"]) == ("wgs84", "")
    assert outlines_crs(shifted[:3], list(known["name"][:3]), ["name"])[0] == "gcj02"


def test_the_shipped_districts_are_schematic_and_say_so():
    shipped = facts.districts()
    assert shipped["source"].str.startswith("schematic, not the true border").all()
    assert shipped.geometry.is_valid.all()
    plane = shipped.to_crs(4549).geometry
    assert plane.union_all().area == pytest.approx(plane.area.sum(), rel=1e-3), "districts do not overlap"
    assert plane.area.sum() == pytest.approx(4627e6, rel=0.01)


def test_elsewhere_the_columns_decide():
    assert outlines_crs(FARAWAY, ["福田区"], ["name"]) == ("wgs84", "")
    system, why = outlines_crs(FARAWAY, ["福田区"], ["adcode", "name", "acroutes"])
    assert system == "gcj02"
    assert "DataV" in why


def test_a_namesake_far_away_proves_nothing():
    assert outlines_crs(FARAWAY, ["梁溪区"], ["name"]) == ("wgs84", "")


def test_outside_china_nothing_is_shifted():
    abroad = gpd.GeoSeries([shapely.box(24.9, 60.1, 25.0, 60.2)], crs=4326)
    assert outlines_crs(abroad, ["A"], ["adcode", "acroutes"])[0] == "wgs84"


@pytest.mark.shared
@pytest.mark.parametrize("file", REAL)
def test_real_outlines(shared, file):
    frame = gpd.read_file(shared / "data/wuxi" / file)
    names = frame["name" if "name" in frame else "district_name"]
    plain = [name for name in frame.columns if name not in {"adcode", "acroutes"}]  # the shapes alone must tell
    assert outlines_crs(frame.geometry, list(names), plain)[0] == REAL[file]
