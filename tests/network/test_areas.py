"""Service areas: from the reached streets, partial edges included, never across what no street crosses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan.errors import InputError
from geoplan.network import StreetNetwork, Streets


def grid(side: int = 12, step: float = 100.0, gap: range = range(0)) -> StreetNetwork:
    """Square streets, 1 m/s; the streets of the rows in ``gap`` are under water."""
    node = np.arange(side * side).reshape(side, side)
    edges = np.r_[np.c_[node[:, :-1].ravel(), node[:, 1:].ravel()], np.c_[node[:-1].ravel(), node[1:].ravel()]]
    wet = np.isin(edges // side, list(gap)).any(axis=1)
    xy = np.c_[node.ravel() % side, node.ravel() // side] * step
    edges = edges[~wet]
    return StreetNetwork.from_edges(xy, edges, np.full(len(edges), step), profile={"access_speed_m_s": 1.0})


def test_a_single_street_is_reached_to_the_metre(draw):
    #  2,000 m of street, the origin in the middle: 600 s is 600 m to either side, in the middle of an edge
    net = draw("A-------------------B")
    area = net.service_area([[1000.0, 0.0]], 600, cell_m=10, offset_m=30)
    shape = area.geometry.iloc[0]
    assert shape.is_valid
    west, south, east, north = shape.bounds
    assert (west, east) == pytest.approx((400, 1600), abs=10)
    assert (south, north) == pytest.approx((-30, 30), abs=10)
    line = net.reached_streets([[1000.0, 0.0]], 600)
    assert line["length_m"].iloc[0] == pytest.approx(1200, abs=1e-3)
    assert line.geometry.iloc[0].bounds == pytest.approx((400, 0, 1600, 0))


def test_every_point_inside_is_reached_and_every_reached_point_is_inside():
    net = grid()
    origin = [[523.0, 418.0]]
    area = net.service_area(origin, 400, cell_m=10, offset_m=20, simplify_m=0).geometry.iloc[0]
    points = np.random.default_rng(1).uniform(0, 1100, (4000, 2))
    times = net.travel_times(origin, points, 1e4, max_snap_m=20)
    seconds = np.full(len(points), np.inf)
    seconds[times.indices] = times.seconds
    inside = shapely.contains_xy(area, *points.T)
    # Within two cells of the outline a point may fall either way.
    clear = shapely.distance(area.boundary, shapely.points(points)) > 15
    assert clear.sum() > 2500
    assert np.array_equal(inside[clear], (seconds <= 400)[clear])


def test_no_area_on_the_far_bank_of_water_that_no_street_crosses():
    # rows 0..4 and 8..11 of streets, a lake of 400 m between them, no bridge
    net = grid(gap=range(5, 8))
    area = net.service_area([[500.0, 400.0]], 900)
    shape = area.geometry.iloc[0]
    far, lake = shapely.box(0, 800, 1100, 1100), shapely.box(0, 480, 1100, 720)
    assert shape.intersection(far).area == 0
    assert shape.intersection(lake).area == 0
    assert shape.contains(shapely.Point(500, 200))


def test_no_area_in_water_given_as_a_barrier():
    lines = [[(120.30, 31.50), (120.32, 31.50)]]
    frame = gpd.GeoDataFrame(
        {"u": [1], "v": [2], "highway": ["residential"]}, geometry=[shapely.LineString(lines[0])], crs="EPSG:4326"
    )
    lake = gpd.GeoSeries([shapely.box(120.29, 31.5001, 120.33, 31.51)], crs="EPSG:4326")
    place = [[120.31, 31.50]]
    dry = StreetNetwork.from_streets(Streets.from_frame(frame), barriers=lake).service_area(
        place, 300, cell_m=5, offset_m=40
    )
    wet = StreetNetwork.from_streets(Streets.from_frame(frame)).service_area(place, 300, cell_m=5, offset_m=40)
    half = shapely.box(120.29, 31.50015, 120.33, 31.51)
    assert wet.geometry.iloc[0].intersection(half).area > 0
    assert dry.geometry.iloc[0].intersection(half).area == 0


def test_rings_of_several_limits():
    net = grid()
    areas = net.service_area([[500.0, 500.0]], [450, 150, 300])
    assert areas["limit_s"].tolist() == [150, 300, 450]
    small, middle, large = areas.geometry
    assert middle.contains(small)
    assert large.contains(middle)
    rings = net.service_area([[500.0, 500.0]], [150, 300, 450], rings=True)
    assert rings.geometry.is_valid.all()
    assert rings["area_m2"].sum() == pytest.approx(areas["area_m2"].iloc[-1])
    assert rings.geometry.iloc[0].intersection(rings.geometry.iloc[1]).area == pytest.approx(0, abs=1e-6)
    assert areas["area_m2"].iloc[0] == pytest.approx(small.area)


def test_merged_is_the_union():
    net = grid()
    origins = [[100.0, 100.0], [500.0, 900.0], [1000.0, 300.0]]
    single = net.service_area(origins, 250, simplify_m=0)
    merged = net.service_area(origins, 250, merged=True, simplify_m=0)
    assert len(merged) == 1
    assert "origin_id" not in merged
    union = single.union_all()
    assert merged.geometry.iloc[0].symmetric_difference(union).area < 0.02 * union.area
    lines = net.reached_streets(origins, 250)
    assert net.reached_streets(origins, 250, merged=True)["length_m"].iloc[0] <= lines["length_m"].sum() + 1e-6


def test_holes_and_parts_are_valid():
    rng = np.random.default_rng(8)
    net = grid(side=25, step=120)
    areas = net.service_area(rng.uniform(0, 2900, (40, 2)), [200, 500, 900], cell_m=15, offset_m=30)
    assert areas.geometry.is_valid.all()
    assert areas.geometry.interiors.map(len).max() > 3  # blocks deeper than the offset stay open
    assert (areas["area_m2"] > 0).all()


def test_direction_of_one_way_streets(draw):
    net = draw("A>>>>>>>>>B")
    out = net.reached_streets([[500.0, 0.0]], 200).geometry.iloc[0].bounds
    into = net.reached_streets([[500.0, 0.0]], 200, outward=False).geometry.iloc[0].bounds
    assert (out[0], out[2]) == pytest.approx((500, 700))
    assert (into[0], into[2]) == pytest.approx((300, 500))
    area = net.service_area([[500.0, 0.0]], 200, cell_m=10, outward=False).geometry.iloc[0].bounds
    assert (area[0], area[2]) == pytest.approx((300, 500), abs=21)


def test_line_set_reaches_into_edges_from_both_ends():
    # a ring of 400 m: 150 s from a corner reach 150 m both ways; 250 s reach all of it, counted once
    net = StreetNetwork.from_edges(
        [[0, 0], [100, 0], [100, 100], [0, 100]], [[0, 1], [1, 2], [2, 3], [3, 0]], [100.0] * 4
    )
    lines = net.reached_streets(np.array([0]), [150, 250])
    assert lines["length_m"].tolist() == pytest.approx([300, 400])
    assert lines.geometry.length.tolist() == pytest.approx([300, 400])
    two = net.reached_streets([[20.0, 0.0], [60.0, 0.0]], 50, merged=True)
    assert two["length_m"].iloc[0] == pytest.approx(20 + 30 + 90 - 10 + 10, abs=1)


def test_unconnected_origins_keep_their_row():
    net = grid()
    origins = gpd.GeoDataFrame(
        {"station_code": ["far", "near"]}, geometry=gpd.points_from_xy([9e5, 500.0], [0.0, 500.0])
    )
    areas = net.service_area(origins, [100, 200])
    assert areas["origin_id"].tolist() == ["far", "far", "near", "near"]
    assert areas.geometry.is_empty.tolist() == [True, True, False, False]
    lines = net.reached_streets(origins, 100)
    assert lines.geometry.is_empty.tolist() == [True, False]
    assert net.service_area(np.zeros((0, 2)), 100).empty


def test_simplification_moves_outlines_no_farther_than_it_says():
    net = grid()
    raw = net.service_area([[512.0, 431.0]], 400, simplify_m=0).geometry.iloc[0]
    for bound in (5.0, 20.0):
        simple = net.service_area([[512.0, 431.0]], 400, simplify_m=bound).geometry.iloc[0]
        assert raw.boundary.hausdorff_distance(simple.boundary) <= bound * 1.5
        assert len(shapely.get_coordinates(simple)) < len(shapely.get_coordinates(raw))


@pytest.mark.parametrize("limit", [float("inf"), -1.0, float("nan"), []])
def test_impossible_limits_are_said(limit, draw):
    with pytest.raises(InputError, match="limit_s is"):
        draw("A---B").service_area([[0.0, 0.0]], limit)


def test_impossible_sizes_are_said(draw):
    with pytest.raises(InputError, match="cell_m -1, offset_m -2"):
        draw("A---B").service_area([[0.0, 0.0]], 100, cell_m=-1)


def test_same_areas_under_any_threads():
    net = grid()
    origins = np.random.default_rng(3).uniform(0, 1100, (30, 2))
    one, many = (net.service_area(origins, [200, 400], threads=threads) for threads in (1, 4))
    assert one.geometry.to_wkb().equals(many.geometry.to_wkb())
