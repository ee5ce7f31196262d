"""Travel times, the three tests and small plans against SciPy and Shapely alone."""

from __future__ import annotations

from datetime import date, datetime
from itertools import combinations

import numpy as np
import pytest

from geoplan.planning import CoverageQuestion, PlanQuestion, answer
from geoplan.trades import PRESENCE
from tests.parity import oracle
from tests.parity.awkward import demand

SATURDAY, FRIDAY = date(2026, 11, 21), date(2026, 11, 20)
LIMIT_S, RADIUS_M = 600.0, 500.0  # the pack's own, not the standard's
PEOPLE = demand()


def workers(slice_code: str | None, trade: str | None = None) -> np.ndarray:
    """Those who are out in a slice; all where none is asked."""
    trades = ("food_rider", "sanitation") if trade is None else (trade,)
    shares = {name: 1.0 if slice_code is None else PRESENCE[name][slice_code] for name in trades}
    return sum(shares[name] * PEOPLE[f"workers_{name}"].to_numpy() for name in trades)


@pytest.fixture(scope="module")
def walk() -> tuple[np.ndarray, np.ndarray]:
    return oracle.times()


@pytest.mark.parametrize(("profile", "speed_m_s", "obeys_oneway"), [("walk", 1.2, False), ("e_bike", 15 / 3.6, True)])
def test_travel_times_from_the_worker_to_the_station(city, profile, speed_m_s, obeys_oneway):
    stations, _ = oracle.times(speed_m_s, obeys_oneway=obeys_oneway)
    reach = city.reach(profile, 3600.0)
    for point in range(reach.n_demand):
        row = slice(reach.indptr[point], reach.indptr[point + 1])
        found = dict(zip(reach.station[row].tolist(), reach.cost[row].tolist(), strict=True))
        for station, seconds in enumerate(stations[point]):
            if seconds <= 3599.0:
                assert found[station] == pytest.approx(seconds, abs=0.05), (point, station)


QUESTIONS = [
    ({}, None, False),
    ({"at": datetime.fromisoformat("2026-11-20T12:30")}, range(750, 751), False),
    ({"at": datetime.fromisoformat("2026-11-21T09:00")}, range(540, 541), True),
    ({"slice": "06-12", "day": SATURDAY}, range(360, 720), True),
    ({"slice": "12-15", "day": FRIDAY}, range(720, 900), False),
    ({"slice": "06-12", "day": FRIDAY, "trade": "sanitation"}, range(360, 720), False),
    ({"slice": "18-22", "day": SATURDAY, "facilities": ("water",)}, range(1080, 1320), True),
    ({"slice": "06-12", "day": FRIDAY, "facilities": ("toilet", "microwave")}, range(360, 720), False),
]


def slice_of(asked: dict) -> str | None:
    at = asked.get("at")
    if at is not None:
        return next(code for code, (start, end) in oracle.SLICES.items() if start <= 60 * at.hour + at.minute < end)
    return asked.get("slice")


@pytest.mark.parametrize(("asked", "minutes", "saturday"), QUESTIONS)
def test_the_three_tests(city, walk, asked, minutes, saturday):
    found = answer(city, CoverageQuestion(**asked)).to_dict()
    people = workers(slice_of(asked), asked.get("trade"))
    common = {"minutes": minutes, "saturday": saturday, "facilities": asked.get("facilities", ())}
    expected = {
        "network": oracle.covered_share(walk[0], LIMIT_S, **common),
        "cross": oracle.covered_share(walk[0], LIMIT_S, k=2, **common),
        "circle": oracle.covered_share(oracle.circle_m(), RADIUS_M, **common),
    }
    hours = "any" if not asked else "at"
    area_of = PEOPLE["district_code"].fillna("-").to_numpy()
    for area in found["areas"]:
        inside = np.ones(len(people), bool) if area["level"] == "city" else area_of == area["area_code"]
        if area["level"] != "city" and area["area_code"] not in ("A", "B"):
            inside = area_of == "-"
        for test, share in expected.items():
            cell = area["tests"][test][hours]
            assert cell["demand"] == pytest.approx(people[inside].sum(), rel=1e-12)
            assert cell["covered"] == pytest.approx((people * share)[inside].sum(), rel=1e-9, abs=1e-9)
    assert found["subject"]["demand_total"] == pytest.approx(people.sum(), rel=1e-12)


@pytest.mark.parametrize(("asked", "minutes", "saturday"), QUESTIONS)
@pytest.mark.parametrize("area", [None, "乙区"])
def test_the_best_two_sites(city, walk, asked, minutes, saturday, area):
    """Every pair of candidates is tried, minute by minute."""
    found = answer(city, PlanQuestion(**asked, new_sites=2, area=area))
    people = workers(slice_of(asked), asked.get("trade"))
    if area is not None:
        people = np.where(PEOPLE["district_code"] == "B", people, 0.0)
    common = {"minutes": minutes, "saturday": saturday, "facilities": asked.get("facilities", ())}

    def worth(sites: tuple[int, ...]) -> float:
        new = walk[1][:, list(sites)]
        return float(people @ oracle.covered_share(walk[0], LIMIT_S, new=new, **common))

    best = max(worth(pair) for pair in combinations(range(len(oracle.CANDIDATES)), 2))
    before = float(people @ oracle.covered_share(walk[0], LIMIT_S, **common))
    assert found.plan.status == "optimal"
    assert found.plan.objective == pytest.approx(best, rel=1e-9)
    assert float(found.rows.weight @ found.served_before) == pytest.approx(before, rel=1e-9, abs=1e-9)
    assert worth(tuple(int(str(site)[1:]) for site in found.plan.sites)) == pytest.approx(best, rel=1e-9)


def test_plans_ride_to_the_station_too(city):
    """By e-bike, one way matters: a plan counts the ways that coverage counts."""
    stations, new = oracle.times(15 / 3.6, obeys_oneway=True)
    people, limit_s = workers(None), 120.0
    found = answer(city, PlanQuestion(profile="e_bike", limit_s=limit_s, new_sites=1))
    common = {"minutes": None, "saturday": False}
    each = [people @ oracle.covered_share(stations, limit_s, new=new[:, [site]], **common) for site in range(7)]
    assert found.plan.objective == pytest.approx(max(each), rel=1e-9)
    other_way = answer(city, CoverageQuestion(profile="e_bike", limit_s=limit_s)).to_dict()["areas"][0]["tests"]
    assert float(found.rows.weight @ found.served_before) == other_way["network"]["any"]["covered"]
