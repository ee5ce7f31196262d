"""The three tests on a street drawn by hand."""

from __future__ import annotations

import json
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from geoplan.coverage import NOWHERE, Reach, areas_by_code, areas_by_polygon, cover, whole_city
from geoplan.errors import InputError

# One straight road; metres along it. A river lies between B and d, crossed far away:
#
#   a(10)      A      b(20)        B   ~river~   d(40)                       e(30)
#    0        500      900       1400            1500                        9000
#
# On foot (seconds): d is near B as the crow flies (100 m) but 1,100 s along streets.
STATION_XY = [[500.0, 0.0], [1400.0, 0.0]]
DEMAND_XY = [[0.0, 0.0], [900.0, 0.0], [1500.0, 0.0], [9000.0, 0.0]]
WORKERS = [10.0, 20.0, 40.0, 30.0]
SECONDS = [[417.0, 333.0, 5000.0, 9000.0], [1167.0, 417.0, 1100.0, 9000.0]]


@pytest.fixture
def stations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "station_code": ["A", "B"],
            "opening_hours": ["24小时", "周一至周五 9:00-11:30,14:00-17:00"],
            "status": ["operating", "operating"],
        }
    )


@pytest.fixture
def run(reach_of):
    def answer(stations: pd.DataFrame, **options: object):
        areas = [
            whole_city(4, "测试市"),
            areas_by_code("district", pd.Series(["x", "x", "y", None]), {"x": "东区", "y": "西区", "z": "空区"}),
        ]
        values = {"limit_s": 900.0, "radius_m": 1000.0, "k": 2} | options
        circle = Reach.in_circle(STATION_XY, DEMAND_XY, 1000.0)
        network = reach_of(SECONDS)
        return cover(circle, network, stations, WORKERS, areas, city="测试市", **values)

    return answer


def test_river_separates_circle_from_network(run, stations):
    result = run(stations)
    assert result.share("circle") == pytest.approx(0.7)  # a, b, d
    assert result.share("network") == pytest.approx(0.3)  # a, b
    assert result.share("cross") == pytest.approx(0.2)  # b alone has two
    assert result.subject.demand_total == 100.0
    assert list(result.covered) == [True, True, False, False]


def test_parts_sum_to_the_city_and_empty_areas_have_no_share(run, stations):
    frame = run(stations).to_frame()
    city = frame[frame["level"] == "city"].set_index(["test", "hours"])[["demand", "covered"]]
    parts = frame[frame["level"] == "district"].groupby(["test", "hours"])[["demand", "covered"]].sum()
    pd.testing.assert_frame_equal(parts.sort_index(), city.sort_index())
    empty = frame[frame["area_code"] == "z"]
    assert len(empty) == 3
    assert empty["share"].isna().all()
    assert frame.loc[frame["area_code"] == NOWHERE, "demand"].iloc[0] == 30.0


@pytest.mark.parametrize(
    ("at", "network"),
    [
        (datetime.fromisoformat("2025-03-05T10:00"), 0.3),  # Wednesday morning: both open
        (datetime.fromisoformat("2025-03-05T12:30"), 0.3),  # A alone still reaches a and b
        (datetime.fromisoformat("2025-03-08T10:00"), 0.3),
    ],
)
def test_at_an_instant_only_open_stations_count(run, stations, at, network):
    result = run(stations, at=at)
    assert result.share("network", hours="at") == pytest.approx(network)
    assert result.share("cross", hours="at") == pytest.approx(0.2 if at.weekday() < 5 and at.hour == 10 else 0.0)
    assert result.share("cross", hours="any") == pytest.approx(0.2)
    assert result.subject.at.endswith("+08:00")


def test_unreadable_hours_are_not_open_and_are_listed(run, stations):
    stations.loc[0, "opening_hours"] = "地铁运营时间"
    result = run(stations, at=datetime.fromisoformat("2025-03-05T12:30"))
    assert result.share("network", hours="at") == 0.0
    assert result.share("network", hours="any") == pytest.approx(0.3)
    assert list(result.unparsed["station_code"]) == ["A"]
    assert result.stations.iloc[0].to_dict() == {
        "registered": 2, "operating": 2, "open": 0, "unknown_hours": 0, "unparsed_hours": 1, "off_network": 0,
    }  # fmt: skip


def test_closed_down_stations_never_count(run, stations):
    stations.loc[0, "status"] = "suspended"
    assert run(stations).share("network") == pytest.approx(0.2)


def test_json_has_no_nan(run, stations):
    result = run(stations, at=datetime.fromisoformat("2025-03-05T10:00"))
    text = json.dumps(result.to_dict(), allow_nan=False, ensure_ascii=False)
    assert json.loads(text)["areas"][0]["tests"]["circle"]["any"]["share"] == pytest.approx(0.7)


@pytest.mark.parametrize("bad", [[1.0, -1.0, 1.0, 1.0], [1.0, float("nan"), 1.0, 1.0]])
def test_negative_or_missing_demand_names_its_row(reach_of, stations, bad):
    circle, network = Reach.in_circle(STATION_XY, DEMAND_XY, 1000.0), reach_of(SECONDS)
    with pytest.raises(InputError, match="row 3, field 'workers'"):
        cover(circle, network, stations, bad, [whole_city(4, "")], limit_s=900.0, radius_m=1000.0)


def test_a_limit_beyond_the_search_is_refused(run, stations):
    with pytest.raises(InputError, match="search went to 1200 s"):
        run(stations, limit_s=1500.0)


def test_polygons_that_overlap_name_every_point():
    demand = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(2.5, 1), Point(9, 9)], crs="EPSG:4326")
    areas = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[box(0, 0, 3, 3), box(2, 0, 5, 3)], crs="EPSG:4326")
    with pytest.raises(InputError, match="row 3: the point lies in '甲' and '乙'"):
        areas_by_polygon("key_area", areas, demand)
    apart = areas_by_polygon("key_area", areas.iloc[:1], demand)
    assert list(apart.member) == [0, 0, -1]
    assert list(apart.sums([1, 2, 4])) == [3.0]


def test_a_crs_that_is_not_stated_is_refused():
    demand = gpd.GeoDataFrame(geometry=[Point(1, 1)])
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 3, 3)])
    with pytest.raises(InputError) as caught:
        areas_by_polygon("polygon", areas, demand)
    assert len(caught.value.faults) == 2


@given(st.integers(1, 6), st.integers(1, 12), st.integers(1, 4), st.randoms(use_true_random=False), st.floats(10, 1000))
def test_kth_nearest_is_brute_force_and_monotone(reach_of, n_stations, n_demand, k, random, limit):
    dense = np.array(
        [[random.choice([random.uniform(0, 1200), 1e9]) for _ in range(n_demand)] for _ in range(n_stations)]
    )
    is_open = np.array([random.random() < 0.7 for _ in range(n_stations)])
    reach = reach_of(dense)
    padded = np.vstack([np.where(dense <= 1200, dense, np.inf)[is_open], np.full((k, n_demand), np.inf)])
    expected = np.sort(padded, axis=0)[:k].T.astype(np.float32)
    np.testing.assert_array_equal(reach.kth(k, is_open), expected)
    assert np.all(reach.covered(k, limit, is_open) <= reach.covered(1, limit, is_open))
    assert np.all(reach.covered(k, limit, is_open) <= reach.covered(k, limit))


@given(st.integers(0, 8), st.integers(0, 8), st.randoms(use_true_random=False))
def test_circle_is_brute_force(n_stations, n_demand, random):
    stations = np.array([[random.randint(0, 20), random.randint(0, 20)] for _ in range(n_stations)]).reshape(-1, 2)
    demand = np.array([[random.randint(0, 20), random.randint(0, 20)] for _ in range(n_demand)]).reshape(-1, 2)
    metres = np.hypot(*(demand[:, None, :] - stations[None, :, :]).transpose(2, 0, 1))
    reach = Reach.in_circle(stations, demand, 5.0)
    np.testing.assert_array_equal(reach.covered(2), (metres <= 5.0).sum(axis=1) >= 2)


def test_rows_of_stations_or_of_demand_say_the_same(times_of):
    by_station = Reach.from_times(times_of(SECONDS))
    by_demand = Reach.from_times(times_of(np.transpose(SECONDS)), origins="demand")
    for name in ("indptr", "station", "cost"):
        np.testing.assert_array_equal(getattr(by_station, name), getattr(by_demand, name))
    assert (by_demand.n_demand, by_demand.n_stations) == (4, 2)
