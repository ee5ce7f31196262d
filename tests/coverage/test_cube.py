"""The cube against one cell at a time, and its parts."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.coverage import areas_by_code, whole_city
from geoplan.coverage.cube import coverage_cube
from geoplan.coverage.distribution import time_distribution, time_histogram, weighted_quantile
from geoplan.coverage.facilities import facility_masks
from geoplan.coverage.moments import any_time, instant, slice_of_hour, slices_of, week_of
from geoplan.coverage.reach import bundle_kth
from geoplan.errors import InputError
from geoplan.trades import PRESENCE

WEDNESDAY = date(2025, 3, 5)


STATIONS = pd.DataFrame(
    {
        "opening_hours": ["24小时", "8:00-20:00", "9:00-11:30,14:00-17:00"],
        "facilities": ["water;toilet", "microwave; charging", None],
    }
)
#                     p0     p1     p2     p3
TIMES = np.array([[100.0, 500.0, 1000.0, 9999.0], [700.0, 100.0, 800.0, 9999.0], [50.0, 9999.0, 9999.0, 1200.0]])
DEMAND = pd.DataFrame(
    {
        "workers": [10.0, 20.0, 40.0, 30.0],
        "workers_food_rider": [10.0, 10.0, 0.0, 30.0],
        "workers_sanitation": [0.0, 10.0, 40.0, 0.0],
    }
)
AREAS = [whole_city(4, "城"), areas_by_code("district", pd.Series(["x", "x", "y", "y"]), {"x": "东", "y": "西"})]


def cell(frame: pd.DataFrame, **wanted: object) -> float:
    rows = frame
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return float(rows["share"].iloc[0])


def test_by_hand(reach_of):
    moments = (any_time(STATIONS), *slices_of(STATIONS, WEDNESDAY))
    bundles = {"any": (), "toilet": ("toilet",), "toilet+hot": ("toilet", "microwave")}
    cube = coverage_cube(
        {"walk": reach_of(TIMES)}, STATIONS, DEMAND, AREAS, moments, bundles=bundles, limits=[600, 900]
    )
    frame = cube.to_frame()
    city = {"level": "city", "profile": "walk", "trade": "all"}
    assert cell(frame, **city, moment="any", bundle="any", k=1, limit=900) == pytest.approx(0.7)
    assert cell(frame, **city, moment="any", bundle="any", k=2, limit=900) == pytest.approx(0.3)  # p0, p1
    assert cell(frame, **city, moment="any", bundle="any", k=1, limit=600) == pytest.approx(0.3)
    assert cell(frame, **city, moment="any", bundle="toilet", k=1, limit=900) == pytest.approx(0.3)
    # p0: toilet in 100 s, hot meal in 700 s; p1: 500 s and 100 s
    assert cell(frame, **city, moment="any", bundle="toilet+hot", k=1, limit=600) == pytest.approx(0.2)
    assert cell(frame, **city, moment="any", bundle="toilet+hot", k=1, limit=900) == pytest.approx(0.3)
    # 06-12: the second station opens at 8; p2 (sanitation) is covered for 4 of 6 hours, p0 and p1 all the time
    share = PRESENCE["food_rider"]["06-12"], PRESENCE["sanitation"]["06-12"]
    asked = 50 * share[0] + 50 * share[1]
    covered = 20 * share[0] + 10 * share[1] + 40 * share[1] * 4 / 6
    assert cell(frame, **city, moment="06-12", bundle="any", k=1, limit=900) == pytest.approx(covered / asked)
    sweepers = {"level": "district", "area_code": "y", "trade": "sanitation", "profile": "walk"}
    assert cell(frame, **sweepers, moment="06-12", bundle="any", k=1, limit=900) == pytest.approx(4 / 6)
    assert cell(frame, **sweepers, moment="22-06", bundle="any", k=1, limit=900) == 0.0
    assert len(frame) == 7 * 3 * 2 * 2 * 3 * 3


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.integers(1, 3), st.integers(1, 6), st.integers(1, 8))
def test_every_cell_is_its_own_question(reach_of, random, k, n_stations, n_demand):
    table = np.array(
        [[random.choice([random.uniform(1, 1200), 9e9]) for _ in range(n_demand)] for _ in range(n_stations)]
    )
    hours = [random.choice(["24小时", "8:00-20:00", "22:00-6:00", "看公告"]) for _ in range(n_stations)]
    has = [random.choice(["toilet", "toilet;microwave", ""]) for _ in range(n_stations)]
    stations = pd.DataFrame({"opening_hours": hours, "facilities": has})
    demand = pd.DataFrame({"workers": [random.randint(0, 9) for _ in range(n_demand)]})
    codes = pd.Series([random.choice("ab") for _ in range(n_demand)])
    areas = [whole_city(n_demand, ""), areas_by_code("district", codes, {"a": "a", "b": "b"})]
    at = instant(stations, datetime.combine(WEDNESDAY, datetime.min.time()).replace(hour=random.randint(0, 23)))
    bundles = {"any": (), "both": ("toilet", "microwave")}
    reach = reach_of(table)
    cube = coverage_cube({"walk": reach}, stations, demand, areas, [at], bundles=bundles, k=k, limits=[300, 1200])
    is_open = at.parts[0][0]
    masks = facility_masks(stations, ["toilet", "microwave"])
    for b, needs in enumerate(bundles.values()):
        kth = bundle_kth(reach, is_open, [masks[code] for code in needs], k)
        for level, offset in ((areas[0], 0), (areas[1], 1)):
            for i in range(k):
                for j, limit in enumerate((300, 1200)):
                    expected = level.sums(demand["workers"] * (kth[:, i] <= limit))
                    got = cube.covered[0, 0, b, i, j, offset : offset + len(level.codes), 0]
                    np.testing.assert_allclose(got, expected)


def test_more_stations_limits_and_time_never_cover_less(reach_of):
    moments = slices_of(STATIONS, WEDNESDAY)
    cube = coverage_cube({"walk": reach_of(TIMES)}, STATIONS, DEMAND, AREAS, moments, limits=[300, 600, 900, 1200])
    assert (np.diff(cube.covered, axis=4) >= 0).all()  # a longer limit
    assert (np.diff(cube.covered, axis=3) <= 0).all()  # one station more is asked for
    assert (cube.covered <= cube.demand[None, :, None, None, None] + 1e-9).all()


def test_a_week():
    week = week_of(STATIONS, WEDNESDAY)
    assert len(week) == 168
    assert week[0].name == "2025-03-03T00:30+08:00"
    assert [moment.slice_code for moment in week[:7]] == ["22-06"] * 4 + ["04-06"] * 2 + ["06-12"]
    assert slice_of_hour(23) == "22-06"
    assert week[9].share_open.tolist() == [1.0, 1.0, 1.0]


def test_a_wrong_facility_or_limit_is_refused(reach_of):
    reach = {"walk": reach_of(TIMES)}
    with pytest.raises(InputError, match="facility 'tiolet' is not known"):
        coverage_cube(reach, STATIONS, DEMAND, AREAS, [any_time(STATIONS)], bundles={"x": ("tiolet",)})
    with pytest.raises(InputError, match="search went to 1200 s"):
        coverage_cube(reach, STATIONS, DEMAND, AREAS, [any_time(STATIONS)], limits=[1800])
    bad = DEMAND.assign(workers_sanitation=[0.0, -1.0, np.nan, 0.0])
    with pytest.raises(InputError) as caught:
        coverage_cube(reach, STATIONS, bad, AREAS, [any_time(STATIONS)])
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (3, "workers_sanitation"),
        (4, "workers_sanitation"),
    ]


def test_distribution_of_times(reach_of):
    nearest = reach_of(TIMES).kth(1)[:, 0]
    frame = time_distribution(nearest, DEMAND["workers"], AREAS).set_index("area_code")
    assert frame.loc["city", "reached_share"] == 1.0
    # 50 s: 10 workers, 100 s: 20, 800 s: 40, 1200 s: 30
    assert frame.loc["city", "mean"] == pytest.approx((500 + 2000 + 32000 + 36000) / 100)
    assert frame.loc["city", "median"] == 800
    assert frame.loc["city", "p90"] == 1200
    beyond = time_distribution(np.where(nearest > 900, np.inf, nearest), DEMAND["workers"], AREAS).set_index(
        "area_code"
    )
    assert np.isnan(beyond.loc["city", "p90"])
    assert beyond.loc["city", "reached_share"] == pytest.approx(0.7)
    steps = time_histogram(nearest, DEMAND["workers"], 300, 900)
    assert steps["workers"].tolist() == [30, 0, 40, 30]
    assert steps["end"].tolist() == [300, 600, 900, np.inf]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(1, 5)), min_size=1, max_size=20), st.sampled_from([0.1, 0.5, 0.9])
)
def test_weighted_quantile_is_the_quantile_of_the_people(pairs, q):
    values, weights = zip(*pairs, strict=True)
    people = np.sort(np.repeat(values, weights))
    expected = people[int(np.ceil(round(q * len(people), 9))) - 1]
    assert weighted_quantile(values, weights, q) == expected
