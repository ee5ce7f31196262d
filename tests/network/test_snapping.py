"""Where places meet the streets: along the edge, on their own side, reported where they meet none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geoplan.errors import InputError
from geoplan.network import Snapped, StreetNetwork, Streets


def street(*lines, crs="EPSG:4326", **columns):
    """Streets from lists of positions; equal ends are one node."""
    number: dict[tuple[float, float], int] = {}
    ends = [(tuple(line[0]), tuple(line[-1])) for line in lines]
    for pair in ends:
        for end in pair:
            number.setdefault(end, len(number))
    frame = gpd.GeoDataFrame(
        {"u": [number[a] for a, _ in ends], "v": [number[b] for _, b in ends], "highway": "residential", **columns},
        geometry=[shapely.LineString(line) for line in lines],
        crs=crs,
    )
    return Streets.from_frame(frame)


@settings(max_examples=40)
@given(data=st.data())
def test_nearest_edge_equals_brute_force(data):
    coordinate = st.floats(-1000, 1000).map(lambda value: round(value, 3))
    n = data.draw(st.integers(2, 20))
    xy = np.array(data.draw(st.lists(st.tuples(coordinate, coordinate), min_size=n, max_size=n)))
    pairs = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=60))
    net = StreetNetwork.from_edges(xy, pairs, np.ones(len(pairs)))
    points = np.array(data.draw(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20)))
    snapped = net.snap(points, max_snap_m=500)
    lines = [shapely.LineString(xy[list(pair)]) for pair in pairs]
    gaps = np.array([[shapely.distance(line, shapely.Point(point)) for line in lines] for point in points])
    near = gaps.min(axis=1) <= 500
    assert np.array_equal(snapped.edge >= 0, near)
    np.testing.assert_allclose(snapped.access_m[near], gaps.min(axis=1)[near], atol=1e-6)
    chosen = net.graph.edge_source[snapped.edge[near]]
    np.testing.assert_allclose(gaps[near, chosen], gaps.min(axis=1)[near], atol=1e-6)
    along = np.hypot(*(snapped.street_xy[near] - points[near]).T)
    np.testing.assert_allclose(along, snapped.access_m[near], atol=1e-6)


def test_far_places_are_reported_not_dropped(draw):
    net = draw("A---B")
    times = net.travel_times([[0.0, 0.0], [0.0, 900.0], [np.nan, 0.0]], [[100.0, 0.0], [0.0, -501.0]], 1e4)
    assert times.unsnapped_origins.tolist() == [1, 2]
    assert times.unsnapped_destinations.tolist() == [1]
    assert times.shape == (3, 2)
    assert net.travel_times([[0.0, 900.0]], [[100.0, 0.0]], 1e4, max_snap_m=1000).seconds.tolist() == [1000.0]


def test_access_leg_is_walked_at_access_speed():
    net = StreetNetwork.from_edges([[0, 0], [1000, 0]], [[0, 1]], [100.0], profile="car")
    times = net.travel_times([[0.0, 60.0]], [[1000.0, 0.0]], 1e4)
    assert times.seconds[0] == pytest.approx(60 / 1.2 + 100.0)


@pytest.mark.parametrize("lat", [-54.8, -1.2, 31.5, 69.6])
def test_degrees_anywhere_are_true_metres(lat):
    geod = Geod(ellps="WGS84")
    lon = 120.3
    east = geod.fwd(lon, lat, 90, 400)[:2]
    north = geod.fwd(lon, lat, 0, 300)[:2]
    net = StreetNetwork.from_streets(street([(lon, lat), east], [(lon, lat), north]))
    assert net.path((lon, lat), tuple(map(float, east))).street_m == pytest.approx(400, rel=1e-6)
    assert net.path(tuple(map(float, east)), tuple(map(float, north))).street_m == pytest.approx(700, rel=1e-6)
    place = geod.fwd(*geod.fwd(lon, lat, 90, 150)[:2], 180, 80)[:2]  # 150 m along, 80 m off the street
    snapped = net.snap([place])
    assert snapped.access_m[0] == pytest.approx(80, rel=1e-4)
    # The two streets are one of 700 m; the place is 250 m from its eastern end.
    assert min(snapped.fraction[0], 1 - snapped.fraction[0]) == pytest.approx(250 / 700, abs=1e-4)


def test_frames_in_any_crs_with_their_ids():
    streets = street([(120.30, 31.50), (120.31, 31.50)])
    net = StreetNetwork.from_streets(streets)
    points = gpd.GeoDataFrame(
        {"station_code": ["S1", "S2"], "name": ["甲", "乙"]},
        geometry=gpd.points_from_xy([120.301, 120.309], [31.5, 31.5]),
        crs="EPSG:4326",
        index=[70, 80],
    )
    plain = net.travel_times(points, points)
    shifted = net.travel_times(points.to_crs("EPSG:4549"), points.to_crs("EPSG:3857"))
    np.testing.assert_allclose(plain.seconds, shifted.seconds, atol=1e-3)
    assert plain.origin_ids.tolist() == ["S1", "S2"]
    assert net.snap(points.geometry).ids.tolist() == [70, 80]
    assert net.snap(points.assign(demand_id=[1, 2])).ids.tolist() == [70, 80]  # two id columns: which? the index
    assert net.snap(points, ids=["x", "y"]).ids.tolist() == ["x", "y"]
    given = net.travel_times(points, points, origin_ids=[5, 6], destination_ids=[7, 8])
    assert given.to_frame()["destination_id"].tolist() == [7, 8, 7, 8]
    snapped = net.snap(points)
    assert isinstance(snapped, Snapped)
    assert net.snap(snapped) is snapped
    assert net.travel_times(snapped, snapped).seconds.tolist() == plain.seconds.tolist()


def test_empty_and_missing_points_stay_in_place():
    net = StreetNetwork.from_streets(street([(120.30, 31.50), (120.31, 31.50)]))
    points = gpd.GeoSeries([shapely.Point(120.3, 31.5), None, shapely.Point()], crs="EPSG:4326")
    assert net.snap(points).unsnapped.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (gpd.GeoSeries([shapely.Point(120.3, 31.5)]), "do not state their coordinate system"),
        (gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4326"), "must be points"),
        (np.zeros((3, 3)), "array of shape (3, 3)"),
        (np.array([0.5, 0.7]), "array of shape (2,)"),
        (np.array([0, 9]), "nodes are numbered 0…1"),
        (np.array([[31.5, 120.3]]), "longitude first"),
    ],
)
def test_unusable_places_are_said(places, said):
    net = StreetNetwork.from_streets(street([(120.30, 31.50), (120.31, 31.50)]))
    with pytest.raises(InputError) as error:
        net.travel_times(places, [[120.3, 31.5]])
    assert said in str(error.value)


def test_ids_of_the_wrong_number_are_said(draw):
    with pytest.raises(InputError, match="3 ids are given for 1 origins"):
        draw("A---B").travel_times([[0.0, 0.0]], [[0.0, 0.0]], origin_ids=[1, 2, 3])


#   A -------- B        y = 31.501     across the river
#   ~~~~~~~~~~~~        y = 31.5005    water
#      x                y = 31.5004    the place: 67 m from A-B, 155 m from C-D
#   C -------- D        y = 31.499
RIVER = gpd.GeoDataFrame(geometry=[shapely.LineString([(120.29, 31.5005), (120.32, 31.5005)])], crs="EPSG:4326")
BANKS = ([(120.30, 31.501), (120.31, 31.501)], [(120.30, 31.499), (120.31, 31.499)])


def test_no_access_leg_across_water():
    place = [[120.305, 31.5004]]
    streets = street(*BANKS)
    open_ = StreetNetwork.from_streets(streets)
    barred = StreetNetwork.from_streets(streets, barriers=RIVER)
    assert open_.snap(place).street_xy[0, 1] == pytest.approx(31.501)
    snapped = barred.snap(place)
    assert snapped.street_xy[0, 1] == pytest.approx(31.499)
    assert not snapped.crosses[0]
    polygon = gpd.GeoSeries([shapely.box(120.29, 31.50045, 120.32, 31.50055)], crs="EPSG:4326")
    assert StreetNetwork.from_streets(streets, barriers=polygon).snap(place).street_xy[0, 1] == pytest.approx(31.499)


def test_where_every_street_lies_across_the_nearest_is_taken_and_said():
    barred = StreetNetwork.from_streets(street(BANKS[0]), barriers=RIVER)
    snapped = barred.snap([[120.305, 31.5004], [120.305, 31.5006]])
    assert snapped.edge.tolist() == [0, 0]
    assert snapped.crosses.tolist() == [True, False]


@settings(max_examples=30)
@given(data=st.data())
def test_walls_equal_brute_force(data):
    value = st.integers(-40, 40).map(lambda v: v * 25.0 + 1.0)
    lines = st.lists(st.tuples(value, value, value, value), min_size=1, max_size=12)
    frame = [[(a, b), (c, d)] for a, b, c, d in data.draw(lines) if (a, b) != (c, d)]
    walls = [[(a + 7, b + 3), (c + 7, d + 3)] for a, b, c, d in data.draw(lines) if (a, b) != (c, d)]
    if not frame or not walls:
        return
    crs = "EPSG:4549"
    origin = np.array([40_500_000.0 - 40_000_000.0, 3_486_000.0])
    shift = [[tuple(np.add(p, origin)) for p in line] for line in frame]
    bars = gpd.GeoSeries([shapely.LineString(np.add(line, origin)) for line in walls], crs=crs)
    streets = street(*shift, crs=crs)
    net = StreetNetwork.from_streets(streets, barriers=bars, min_component_m=0)
    points = np.array(data.draw(st.lists(st.tuples(value, value), min_size=1, max_size=5))) + origin + (3.3, 4.7)
    frame_points = gpd.GeoSeries(gpd.points_from_xy(*points.T), crs=crs)
    snapped = net.snap(frame_points, max_snap_m=5000)
    degree = [np.asarray(s.to_crs("EPSG:4326").array) for s in (bars, frame_points)]
    for k, point in enumerate(degree[1]):
        leg = shapely.LineString([shapely.get_coordinates(point)[0], snapped.street_xy[k]])
        if leg.length == 0:
            continue
        cut = any(leg.crosses(wall) for wall in degree[0])
        assert cut == bool(snapped.crosses[k])


def test_a_closed_motorway_is_a_wall_but_not_its_bridge():
    lines = [*BANKS, [(120.29, 31.5005), (120.32, 31.5005)]]
    place = [[120.305, 31.5004]]
    on_ground = street(*lines, highway=["residential", "residential", "motorway"])
    snapped = StreetNetwork.from_streets(on_ground).snap(place)
    assert snapped.street_xy[0, 1] == pytest.approx(31.499)
    raised = street(*lines, highway=["residential", "residential", "motorway"], bridge=[None, None, "yes"])
    assert StreetNetwork.from_streets(raised).snap(place).street_xy[0, 1] == pytest.approx(31.501)
    by_car = StreetNetwork.from_streets(on_ground, "car").snap(place)
    assert by_car.street_xy[0, 1] == pytest.approx(31.5005)


def test_walls_must_state_their_crs():
    with pytest.raises(InputError, match="barriers do not state"):
        StreetNetwork.from_streets(street(*BANKS), barriers=RIVER.set_crs(None, allow_override=True))


def test_series_index_is_the_id():
    net = StreetNetwork.from_streets(street([(120.30, 31.50), (120.31, 31.50)]))
    points = gpd.GeoSeries([shapely.Point(120.3, 31.5)], crs="EPSG:4326", index=pd.Index(["庙前"], name="站"))
    assert net.travel_times(points, points).to_frame()["origin_id"].tolist() == ["庙前"]
