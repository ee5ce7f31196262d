"""Tiles decode to what was put in, cells keep the sum of workers, and addresses that do not exist are refused."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from geoplan_maps.tiles import base_layers, demand_layer, encode_tile, tile_bounds_m, tile_json, tile_layer
from geoplan_maps.tiles.base import metro_lines, street_class
from geoplan_maps.tiles.encode import EXTENT
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import InputError

LON, LAT = 120.30, 31.57


def address(z: int, lon: float = LON, lat: float = LAT) -> tuple[int, int, int]:
    n = 2**z
    phi = np.radians(lat)
    y = (1.0 - np.log(np.tan(phi) + 1.0 / np.cos(phi)) / np.pi) / 2.0 * n
    return z, int((lon + 180.0) / 360.0 * n), int(y)


def decode(data: bytes) -> dict:
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    #   a──b──c   primary 解放路, b–c a bridge
    #      │
    #      d      residential
    a, b, c, d = (LON - 0.004, LAT), (LON, LAT), (LON + 0.004, LAT), (LON, LAT - 0.004)
    return gpd.GeoDataFrame(
        {
            "highway": ["primary", "primary", "residential"],
            "name": ["解放路", "解放路", None],
            "bridge": [None, "yes", None],
        },
        geometry=[shapely.LineString([a, b]), shapely.LineString([b, c]), shapely.LineString([b, d])],
        crs="EPSG:4326",
    )


def test_a_point_lands_on_its_tile_unit() -> None:
    z, x, y = address(14)
    west, south, east, north = tile_bounds_m(z, x, y)
    radius = 6378137.0
    lon = np.degrees((west + (east - west) * 0.25) / radius)
    lat = np.degrees(2.0 * np.arctan(np.exp((north - (north - south) * 0.75) / radius)) - np.pi / 2.0)
    tile = decode(encode_tile([tile_layer("p", [shapely.Point(lon, lat)], {"n": [7]})], z, x, y))
    feature = tile["p"]["features"][0]
    assert feature["geometry"]["coordinates"] == [EXTENT // 4, EXTENT * 3 // 4]
    assert feature["properties"] == {"n": 7}


def test_minor_streets_start_at_their_zoom(streets: gpd.GeoDataFrame) -> None:
    layers = base_layers(streets)
    classes = {
        z: {
            feature["properties"]["class"]
            for feature in decode(encode_tile(layers, *address(z)))["streets"]["features"]
        }
        for z in (12, 13)
    }
    assert classes == {12: {"primary"}, 13: {"primary", "minor"}}


def test_streets_of_one_class_become_one_feature_and_bridges_another(streets: gpd.GeoDataFrame) -> None:
    tile = decode(encode_tile(base_layers(streets), *address(14)))
    found = sorted((f["properties"]["class"], f["properties"]["bridge"]) for f in tile["streets"]["features"])
    assert found == [("minor", 0), ("primary", 0), ("primary", 1)]
    names = [f["properties"]["name"] for f in tile["street_names"]["features"]]
    assert names == ["解放路"], "both halves are one labelled line, the unnamed street none"


def test_lines_and_areas_are_cut_at_the_buffer() -> None:
    z, x, y = address(15)
    long_line = shapely.LineString([(LON - 1.0, LAT), (LON + 1.0, LAT)])
    big_area = shapely.box(LON - 1.0, LAT - 1.0, LON + 1.0, LAT + 1.0)
    tile = decode(encode_tile([tile_layer("l", [long_line]), tile_layer("a", [big_area])], z, x, y))
    line = np.array(tile["l"]["features"][0]["geometry"]["coordinates"])
    area = np.array(tile["a"]["features"][0]["geometry"]["coordinates"][0])
    assert line[:, 0].min() == area[:, 0].min() == -80
    assert line[:, 0].max() == area[:, 0].max() == EXTENT + 80
    assert tile["a"]["features"][0]["geometry"]["type"] == "Polygon"


def test_a_polygon_too_small_for_the_zoom_is_dropped_not_broken() -> None:
    speck = shapely.box(LON, LAT, LON + 1e-6, LAT + 1e-6)
    assert encode_tile([tile_layer("a", [speck])], *address(8)) == b""


def test_missing_properties_and_geometries_are_left_out() -> None:
    layer = tile_layer("p", [shapely.Point(LON, LAT), None, shapely.Point()], {"a": [None, 1, 2], "b": ["x", "y", "z"]})
    features = decode(encode_tile([layer], *address(12)))["p"]["features"]
    assert [feature["properties"] for feature in features] == [{"b": "x"}]


@given(
    st.lists(
        st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.integers(0, 50), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    st.integers(9, 15),
)
def test_cells_of_all_tiles_together_keep_every_worker_once(
    points: list[tuple[float, float, int, bool]], z: int
) -> None:
    demand = pd.DataFrame(
        {
            "lon": [LON + p[0] for p in points],
            "lat": [LAT + p[1] for p in points],
            "workers": [float(p[2]) for p in points],
            "covered": [p[3] for p in points],
        }
    )
    layer = demand_layer(demand)
    _, x0, y1 = address(z, LON - 0.06, LAT - 0.06)
    _, x1, y0 = address(z, LON + 0.06, LAT + 0.06)
    workers = covered = 0.0
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            data = encode_tile([layer], z, x, y)
            for feature in decode(data)["demand"]["features"] if data else []:
                px, py = feature["geometry"]["coordinates"]
                # MapLibre draws a point only in the tile that owns it; a point rounded onto the far edge is the
                # neighbour's zero.
                if 0 <= px < EXTENT and 0 <= py < EXTENT:
                    workers += feature["properties"]["workers"]
                    covered += feature["properties"]["workers"] * feature["properties"]["covered"]
    assert workers == pytest.approx(demand["workers"].sum(), abs=0.1)
    expected = demand["workers"][demand["covered"]].sum()
    assert covered == pytest.approx(expected, abs=0.002 * len(points) * 50)


def test_a_class_is_read_from_links_and_lists() -> None:
    classes = street_class(
        pd.Series(["primary_link", "['secondary', 'tertiary']", "bridleway", None], index=[3, 1, 2, 0])
    )
    assert classes["class"].tolist() == ["primary", "secondary", "minor", "minor"]
    assert classes.index.tolist() == [3, 1, 2, 0]


def test_a_metro_line_is_drawn_in_the_order_of_its_way_not_of_its_table() -> None:
    places = pd.DataFrame(
        {
            "kind": ["metro", "metro", "metro", "town"],
            "lon": [120.0, 120.2, 120.1, 120.15],
            "lat": [31.5, 31.5, 31.5, 31.5],
            "lines": ["1号线", "1号线", "1号线;2号线", None],
        }
    )
    lines = metro_lines(places)
    assert list(lines) == ["1号线"], "one stop makes no line 2"
    assert lines["1号线"].length == pytest.approx(0.2)


@pytest.mark.parametrize("bad", [(-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_a_tile_that_does_not_exist_is_refused(bad: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="tile"):
        encode_tile([], *bad)


def test_properties_must_match_geometries() -> None:
    with pytest.raises(InputError, match="2 rows of properties"):
        tile_layer("p", [shapely.Point(0, 0)], {"a": [1, 2]})


def test_tile_json_names_every_layer(streets: gpd.GeoDataFrame) -> None:
    layers = base_layers(streets)
    document = tile_json("base", "http://x/{z}/{x}/{y}", layers, bounds=(120.0, 31.0, 121.0, 32.0), attribution="© OSM")
    assert [entry["id"] for entry in document["vector_layers"]] == ["streets", "street_names"]
    assert document["attribution"] == "© OSM"
    assert document["vector_layers"][0]["fields"] == {"class": "String", "bridge": "Number"}


def test_where_the_whole_city_is_in_view_roads_are_thinned_and_small_water_is_left_out() -> None:
    # 60 × 60 dual carriageways 25 m apart, cut at every crossing: 14,000 pieces on one tile
    side = np.linspace(-0.12, 0.12, 60)
    pieces = [
        shapely.LineString([(LON + a + gap, LAT + b0), (LON + a + gap, LAT + b1)])
        for a in side
        for gap in (0.0, 0.00026)
        for b0, b1 in pairwise(side)
    ]
    ponds = [shapely.Point(LON + a, LAT + a).buffer(0.0005) for a in side]
    streets = gpd.GeoDataFrame({"highway": ["primary"] * len(pieces)}, geometry=pieces, crs="EPSG:4326")
    water = gpd.GeoDataFrame({"kind": ["lake"] * len(ponds)}, geometry=ponds, crs="EPSG:4326")
    layers = base_layers(streets, water=water)
    for z in (9, 10):
        data = encode_tile(layers, *address(z))
        assert len(data) <= 15_000, z
        tile = decode(data)
        assert set(tile) == {"streets"}
        line = shapely.geometry.shape(tile["streets"]["features"][0]["geometry"])
        assert not shapely.is_empty(line)
    assert "water" in decode(encode_tile(layers, *address(13)))
