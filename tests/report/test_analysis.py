"""The whole analysis of a small city, checked against figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.coverage import any_time, coverage_of, reach_at_speed, speed_and_limit
from geoplan.network import PROFILES

# workers: 20, 30 … 100 at nodes 0 … 8; nodes are 477.5 m apart, 398 s at 1.2 m/s; 15 minutes are two nodes and a bit
WORKERS = np.arange(2, 11) * 10.0
# out at 12-15: nine tenths of the riders (10, 20 … 90) and eight tenths of ten cleaners at each node
OUT = np.arange(1, 10) * 9.0 + 8.0


def test_three_tests(analysis):
    result = analysis.coverage
    assert WORKERS.sum() == 540
    assert result.subject.demand_total == pytest.approx(OUT.sum()) == pytest.approx(477)
    assert result.subject.demand_basis == "out"
    # at noon on a Wednesday: s0 (node 0) and s1 (node 2) open, s2 (node 7) nobody can tell
    assert result.share("network") == pytest.approx(OUT[:5].sum() / 477)
    assert result.share("network", hours="any") == pytest.approx(1.0)
    assert result.share("cross") == pytest.approx(OUT[:3].sum() / 477)
    assert result.share("network", level="district", code="w") == pytest.approx(1.0)
    assert result.unparsed["station_code"].tolist() == ["s2"]
    assert result.subject.origin == "demonstration"


def test_hours_of_the_day(analysis):
    city = analysis.by_hour[analysis.by_hour["level"] == "city"].set_index("moment")["share"]
    assert len(city) == 24
    assert city["12:00"] > city["20:00"] > 0
    assert city["03:00"] == city["02:00"]


def test_gaps_and_stations(analysis):
    assert analysis.gaps.total == pytest.approx(analysis.gaps.frame["worker_hours"].sum() + analysis.gaps.scattered)
    assert analysis.gaps.frame["street"].unique().tolist() == ["人民路"]
    assert analysis.critical["station_code"].tolist()[:2] == ["s1", "s0"]
    assert analysis.critical["lost"].is_monotonic_decreasing
    assert analysis.critical["lost"].iloc[1] > 0
    assert analysis.critical.set_index("station_code").loc["s2", "reached"] == 0.0  # never certainly open
    assert analysis.more_hours["station_code"].iloc[0] in ("s1", "s2")
    assert analysis.expected.expected < analysis.expected.registered
    assert 0 <= analysis.gini <= 1


def test_assumptions_are_said(analysis):
    text = " ".join(analysis.assumptions)
    assert "人数为假设" in text
    assert "assumption without a published source" in text
    assert "locked stations" in text


def test_the_same_question_gives_the_same_answer(analysis, pack, network):
    alone = coverage_of(pack, network, at=None)
    assert alone.share("circle") == analysis.coverage.share("circle", hours="any")


def test_sensitivity_searches_at_each_speed(pack):
    table = speed_and_limit(
        reach_at_speed(pack, PROFILES["walk"]), pack.demand, any_time(pack.stations), speeds_m_s=[1.0, 1.5],
        limits_s=[600.0, 900.0], ks=[1],
    )  # fmt: skip
    share = table.set_index(["speed_m_s", "limit_s"])["share"]
    # in 600 s at 1.0 m/s one node, at 1.5 m/s also one; in 900 s one (two are 955 s) and two
    assert share[1.0, 600.0] == share[1.5, 600.0] == share[1.0, 900.0] < share[1.5, 900.0] == 1.0
