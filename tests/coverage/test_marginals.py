"""Criticality, hours, trust and sensitivity against closing and opening stations one by one."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.coverage import (
    Moment,
    any_time,
    chance_open,
    criticality,
    expected_coverage,
    hours_criticality,
    hours_of,
    open_chance_interval,
    overlap_pairs,
    speed_and_limit,
    stations_in_reach,
    uncovered_hours,
)
from geoplan.errors import InputError

DAY = date(2025, 3, 5)
LIMIT = 900.0
STATIONS = pd.DataFrame(
    {
        "station_code": ["A", "B", "C"],
        "opening_hours": ["24小时", "8:00-20:00", "10:00-18:00"],
        "verified_on": ["2025-03-01", "2023-01-01", None],
    }
)
#  A reaches p0 p1, B reaches p1 p2, C reaches p2
TIMES = [[100.0, 200.0, 9e9, 9e9], [9e9, 300.0, 400.0, 9e9], [9e9, 9e9, 500.0, 9e9]]
DEMAND = pd.DataFrame({"workers": [10.0, 20.0, 40.0, 30.0]})


def covered(reach, is_open, k=1):
    return float(DEMAND["workers"].to_numpy()[: reach.n_demand][reach.covered(k, LIMIT, is_open)].sum())


def test_by_hand(reach_of):
    table = criticality(reach_of(TIMES), STATIONS, DEMAND, [any_time(STATIONS)], limit=LIMIT).set_index("station_code")
    assert table["lost"].to_dict() == {"A": 10.0, "B": 0.0, "C": 0.0}  # p1 has B too, p2 has C too
    assert table["reached"].to_dict() == {"A": 30.0, "B": 60.0, "C": 40.0}
    assert table.loc["A", "sole_share"] == pytest.approx(1 / 3)
    assert table.loc["A", "redundancy"] == pytest.approx((10 * 1 + 20 * 2) / 30)
    assert table.index.tolist() == ["A", "B", "C"]
    assert table["rank"].tolist() == [1, 2, 3]


def test_a_day_in_worker_hours(reach_of):
    table = criticality(reach_of(TIMES), STATIONS, DEMAND, hours_of(STATIONS, DAY), limit=LIMIT)
    table = table.set_index("station_code")
    # A alone: p0 all day, p1 the 12 hours that B is closed; B alone: p2 for 2 + 2 hours, C never alone
    assert table["lost"].to_dict() == {"A": 10 * 24 + 20 * 12, "B": 40 * 4.0, "C": 0.0}
    gains = hours_criticality(reach_of(TIMES), STATIONS, DEMAND, hours_of(STATIONS, DAY), limit=LIMIT)
    assert (gains["station_code"] != "A").all()  # always open
    by_hour = gains.set_index(["station_code", "moment"])["gain"]
    assert by_hour["C", "19:00"] == 0.0  # B covers p2 then
    assert by_hour["C", "20:00"] == 40.0
    assert by_hour["B", "20:00"] == 40.0  # p1 has A
    missing = uncovered_hours(reach_of(TIMES), DEMAND, hours_of(STATIONS, DAY), limit=LIMIT)
    assert missing.tolist() == [0.0, 0.0, 40 * 12.0, 30 * 24.0]


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 5), st.integers(1, 3))
def test_closing_and_opening_each_station(reach_of, random, n, k):
    table = [[random.choice([random.uniform(1, 1200), 9e9]) for _ in range(4)] for _ in range(n)]
    reach = reach_of(table)
    is_open = np.array([random.random() < 0.6 for _ in range(n)])
    stations = pd.DataFrame({"station_code": range(n)})
    moment = Moment("x", "any", ((is_open, 1.0),))
    base = covered(reach, is_open, k)
    lost = criticality(reach, stations, DEMAND, [moment], limit=LIMIT, k=k).set_index("station_code")["lost"]
    gain = hours_criticality(reach, stations, DEMAND, [moment], limit=LIMIT, k=k).set_index("station_code")["gain"]
    for j in range(n):
        changed = is_open.copy()
        changed[j] = not changed[j]
        if is_open[j]:
            assert lost[j] == pytest.approx(base - covered(reach, changed, k))
            assert j not in gain.index
        else:
            assert gain[j] == pytest.approx(covered(reach, changed, k) - base)
            assert lost[j] == 0.0


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.integers(1, 5), st.integers(1, 3))
def test_expected_coverage_is_the_mean_over_all_outcomes(reach_of, random, n, k):
    table = [[random.choice([random.uniform(1, 1200), 9e9]) for _ in range(4)] for _ in range(n)]
    reach = reach_of(table)
    chance = np.array([random.choice([0.0, 1.0, random.random()]) for _ in range(n)])
    stations = pd.DataFrame({"station_code": range(n)})
    mean, hinge = 0.0, np.zeros(n)
    for outcome in product([False, True], repeat=n):
        really = np.array(outcome)
        p = np.prod(np.where(really, chance, 1 - chance))
        mean += p * covered(reach, really, k)
        for j in range(n):
            if chance[j] > 0 and really[j]:
                off = really.copy()
                off[j] = False
                hinge[j] += p / chance[j] * (covered(reach, really, k) - covered(reach, off, k))
    result = expected_coverage(reach, stations, DEMAND, [any_time(stations)], chance, limit=LIMIT, k=k)
    assert result.expected == pytest.approx(mean / 100)
    assert result.demand == 100
    listed = result.inspection.set_index("station_code")
    np.testing.assert_allclose(listed["hinges"].loc[list(range(n))], hinge, atol=1e-9)
    np.testing.assert_allclose(listed["at_stake"], listed["hinges"] * (1 - listed["chance"]))
    assert listed["at_stake"].is_monotonic_decreasing


def test_chance_by_age_of_verification():
    assert chance_open(STATIONS, DAY).tolist() == [0.98, 0.70, 0.60]
    assert chance_open(STATIONS[["station_code"]], DAY).tolist() == [0.60] * 3
    bad = STATIONS.assign(verified_on=["2025-13-01", "last year", "2026-01-01"])
    with pytest.raises(InputError) as caught:
        chance_open(bad, DAY)
    assert [fault.row for fault in caught.value.faults] == [2, 3]
    assert chance_open(STATIONS, date(2020, 1, 1)).tolist() == [0.98, 0.98, 0.60]  # verified since


def test_monte_carlo_agrees_with_the_exact_figure(reach_of):
    moment, reach = any_time(STATIONS), reach_of(TIMES)
    chance = chance_open(STATIONS, DAY)
    exact = expected_coverage(reach, STATIONS, DEMAND, [moment], chance, limit=LIMIT)
    drawn = open_chance_interval(reach, DEMAND, moment, chance, limit=LIMIT, draws=2000, seed=1)
    assert exact.registered == drawn["registered"] == pytest.approx(0.7)
    assert drawn["mean"] == pytest.approx(exact.expected, abs=0.01)
    assert drawn["lowest"] <= drawn["p05"] <= drawn["p50"] <= drawn["p95"] <= drawn["highest"]
    again = open_chance_interval(reach, DEMAND, moment, chance, limit=LIMIT, draws=2000, seed=1)
    pd.testing.assert_series_equal(again, drawn)
    with pytest.raises(InputError, match="between 0 and 1"):
        open_chance_interval(reach, DEMAND, moment, 1.5, limit=LIMIT)


def test_a_faster_walk_and_a_longer_limit_never_cover_less(reach_of):
    base = np.array(TIMES)

    def reach_at(speed_m_s, limit_s):
        return reach_of(base * 1.2 / speed_m_s, limit_s)

    table = speed_and_limit(reach_at, DEMAND, any_time(STATIONS), speeds_m_s=[0.3, 1.2], limits_s=[150, 600])
    shares = table.set_index(["speed_m_s", "limit_s", "k"])["share"]
    assert shares[0.3, 150, 1] == 0.0
    assert shares[0.3, 600, 1] == pytest.approx(0.1)  # p0 in 400 s
    assert shares[1.2, 150, 1] == pytest.approx(0.1)
    assert shares[1.2, 600, 1] == pytest.approx(0.7)
    assert shares[1.2, 600, 2] == pytest.approx(0.6)


def test_overlap(reach_of):
    reach = reach_of(TIMES)
    assert stations_in_reach(reach, LIMIT).tolist() == [1, 2, 2, 0]
    pairs = overlap_pairs(reach, STATIONS, DEMAND["workers"], LIMIT)
    assert pairs.to_dict("records") == [
        {"station_a": "B", "station_b": "C", "shared": 40.0, "share_of_smaller": 1.0},
        {"station_a": "A", "station_b": "B", "shared": 20.0, "share_of_smaller": pytest.approx(2 / 3)},
    ]
    assert len(overlap_pairs(reach, STATIONS, DEMAND["workers"], LIMIT, least_share=0.9)) == 1


def test_who_is_out_when_is_a_setting(reach_of):
    demand = pd.DataFrame({"workers": [10.0] * 4, "workers_courier": [10.0] * 4})
    nobody = {"courier": dict.fromkeys(["04-06", "06-12", "12-15", "15-18", "18-22", "22-06"], 0.0)}
    hours, reach = hours_of(STATIONS, DAY), reach_of(TIMES)
    assert uncovered_hours(reach, demand, hours, limit=LIMIT).sum() > 0
    assert uncovered_hours(reach, demand, hours, limit=LIMIT, presence=nobody).sum() == 0
    noon_only = {"courier": nobody["courier"] | {"12-15": 1.0}}
    table = criticality(reach, STATIONS, demand, hours, limit=LIMIT, presence=noon_only).set_index("station_code")
    assert table.loc["A", "lost"] == 10 * 3.0
