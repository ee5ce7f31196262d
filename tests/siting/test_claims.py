"""Claims that were false once: each case, and its kin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.planning import pareto_front
from geoplan.siting import Floor, SitingProblem
from geoplan.siting.exact import counted, counted_money, may_miss, percents

from .brute import best, choices, counts, nearest

# Site 1 covers everybody; 3.8 + 4.1 + 0.9 is not quite 8.8 in floats.
EVERYBODY = [[1, 1, 9], [9, 1, 1], [1, 1, 1]]
FRACTIONS = [3.8, 4.1, 0.9]


def everybody(**rules):
    return SitingProblem.from_matrix(EVERYBODY, FRACTIONS, site_cost=[3.5, 1.2, 3.5], **rules)


@pytest.mark.parametrize("share", [1.0, 0.999999999, 0.95])
@pytest.mark.parametrize(("by_cost", "value"), [(False, 1), (True, 1.2)])
def test_one_site_that_covers_all_is_found_for_a_share(share, by_cost, value):
    plan = everybody().solve("pscp", radius=1, share=share, by_cost=by_cost)
    assert (plan.status, plan.objective, plan.sites.tolist()) == ("optimal", value, [1])
    assert plan.certificate.agrees


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("share", [1.0, 0.9999999])
@pytest.mark.parametrize("model", ["lscp", "pscp"])
def test_floors_near_all_are_kept_and_met(model, share, times):
    problem = everybody(floors=[Floor("all", np.array(FRACTIONS), share, times)])
    plan = problem.solve(model, radius=1, by_cost=True, **({"share": 0.5} if model == "pscp" else {}))
    assert (plan.status, plan.objective) == ("optimal", 1.2 if times == 1 else 8.2)
    assert plan.certificate.agrees


def test_no_point_of_a_proven_front_is_dominated():
    rng = np.random.default_rng(5)
    for _ in range(20):
        cost = rng.integers(0, 8, (7, 6)).astype(float)
        weights, price = rng.integers(1, 60, 7) / 10, rng.integers(1, 40, 6) / 10
        front = pareto_front(SitingProblem.from_matrix(cost, weights, site_cost=price), radius=3)
        assert front.complete
        everything = [
            (price[new].sum(), weights[counts(cost, opened, 3) >= 1].sum())
            for opened, new in choices(np.zeros(6, bool), np.zeros(6, bool))
        ]
        for point in front.points:
            assert not any(
                money <= point.cost + 1e-9 and covered > point.covered + 1e-9 for money, covered in everything
            )
            assert not any(
                money < point.cost - 1e-9 and covered >= point.covered - 1e-9 for money, covered in everything
            )
        assert all(one.cost < other.cost and one.covered < other.covered for one, other in pairwise(front.points))


@pytest.mark.parametrize("model", ["cmclp", "cpmedian", "cflp"])
@pytest.mark.parametrize("times", [1, 2])
def test_capacities_with_a_floor_still_to_be_met(model, times):
    rng = np.random.default_rng(11)
    for _ in range(12):
        cost = rng.integers(0, 10, (6, 5)).astype(float)
        demand = rng.integers(1, 9, 6).astype(float)
        floor = Floor("half", demand, 0.6, times)
        common = {"site_cost": rng.integers(1, 9, 5).astype(float), "capacity": np.full(5, demand.sum())}
        asked = {"p": 3} | ({"radius": 4.0} if model == "cmclp" else {})
        plan = SitingProblem.from_matrix(cost, demand, floors=[floor], **common).solve(
            model, **({"radius": 4.0} | asked)
        )
        values = []
        for opened, new in choices(np.zeros(5, bool), np.zeros(5, bool), 3):
            if demand[counts(cost, opened, 4.0) >= times].sum() < 0.6 * demand.sum() - 1e-9:
                continue
            if model == "cmclp":
                values.append(demand[counts(cost, opened, 4.0) >= 1].sum())
            else:
                way = (demand * nearest(cost, opened)).sum()
                values.append(way + (common["site_cost"][new].sum() if model == "cflp" else 0.0))
        expected = best(values, model == "cmclp")
        assert plan.status == ("infeasible" if expected is None else "optimal")
        if expected is not None:
            assert plan.objective == pytest.approx(expected)
            assert plan.certificate.agrees


@pytest.mark.parametrize("model", ["pmedian", "mclp", "cflp", "pcenter", "bacop2"])
def test_a_budget_met_exactly_buys_what_it_pays_for(model):
    """In floats 0.1 + 0.2 exceeds 0.3, and 0.1 + 0.7 falls short of 0.8."""
    rng = np.random.default_rng(3)
    for _ in range(15):
        cost, demand = rng.integers(1, 30, (7, 6)).astype(float), rng.integers(1, 50, 7) / 10
        price = rng.integers(1, 9, 6) / 10
        budget = float(round(price[rng.permutation(6)[:3]].sum(), 1))
        problem = SitingProblem.from_matrix(cost, demand, site_cost=price)
        asked = {"radius": 9.0} if model in ("mclp", "bacop2") else {}
        exact, roomy = (problem.solve(model, budget=money, **asked) for money in (budget, budget + 1e-7))
        assert (exact.status, roomy.status) == ("optimal", "optimal")
        assert exact.objective == pytest.approx(roomy.objective, rel=1e-12)
        assert exact.certificate.agrees


@pytest.mark.parametrize(
    ("cost", "demand", "existing"),
    [([[0, 0], [0, 0]], [1, 1], None), ([[3, 4], [5, 6]], [0, 0], None), ([[0, 9], [0, 9]], [2.5, 1], [0])],
)
def test_a_median_that_costs_nothing_is_proven(cost, demand, existing):
    plan = SitingProblem.from_matrix(cost, demand, existing=existing).solve("pmedian", p=1)
    assert (plan.status, plan.objective, plan.bound, plan.gap) == ("optimal", 0, 0, 0)
    assert "inf" not in plan.summary() + plan.summary("zh")


def test_a_shortfall_is_never_rounded_away():
    problem = SitingProblem.from_matrix([[1.0], [9.0]], [99_999.0, 1.0])
    plan = problem.solve("pscp", radius=1, share=1.0)
    assert "100.000% is asked, all sites together reach 99.999%" in plan.reasons[0].problem
    assert "99.999%" in plan.reasons[0].problem_zh
    floored = SitingProblem.from_matrix([[1.0], [9.0]], [99_999.0, 1.0], coverage_floors={"*": 1.0})
    assert "99.999%" in floored.solve("mclp", radius=1, p=1).summary()


@pytest.mark.parametrize(
    ("shares", "texts"),
    [
        ((0.5,), ("50.0%",)),
        ((1.0, 0.99999), ("100.000%", "99.999%")),
        ((0.99999,), ("99.999%",)),
        ((0.00001,), ("0.001%",)),
        ((0.8, 0.79996), ("80.000%", "79.996%")),
        ((0.8, 0.8), ("80.0%", "80.0%")),
    ],
)
def test_percentages_tell_shares_apart(shares, texts):
    assert percents(*shares) == texts


@pytest.mark.parametrize("model", ["pmedian", "pcenter", "cpmedian", "cflp"])
def test_a_radius_that_changes_nothing_is_refused(model):
    rules = {"capacity": [9.0, 9.0], "cost_limit": 9.0}
    problem = SitingProblem.from_matrix([[1.0, 5], [5, 1]], [1.0, 1], **rules)
    with pytest.raises(InputError, match="distance_cap"):
        problem.solve(model, p=1, radius=3.0)
    assert problem.solve(model, p=1).question.radius is None
    floored = SitingProblem.from_matrix([[1.0, 5], [5, 1]], [1.0, 1], coverage_floors={"*": 0.5}, **rules)
    assert floored.solve(model, p=1, radius=3.0).status == "optimal"
    assert floored.solve(model, p=1).question.radius == 9.0


def test_decimals_are_counted_and_other_numbers_keep_what_they_are():
    tenths = counted(np.array([0.1, 0.2, 3.0]))
    assert (tenths.values.tolist(), tenths.per_unit, tenths.exact) == ([1, 2, 30], 10, True)
    assert counted(np.array([1e6, 1e-3])).per_unit == 1000
    assert not counted(np.array([1 / 3, 1.0])).exact
    assert not counted(np.array([1e6, 1e-9])).exact


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 1 / 3, 5 / 9, 1.0])
def test_what_may_be_missed_is_what_a_share_leaves(share):
    for weights in (np.full(90, 0.1), np.arange(1.0, 10.0), np.array([1e6, 0.001, 3.0])):
        count, spare = may_miss(weights, share)
        assert count.exact
        assert spare % 1 == 0.5
        assert spare - 0.5 == pytest.approx((1 - share) * count.values.sum(), abs=1)


def test_a_share_computed_from_a_sum_asks_for_that_sum():
    rng = np.random.default_rng(0)
    for _ in range(200):
        weights = rng.integers(1, 10_000, 12) / 100
        covered = rng.random(12) < 0.5
        count, spare = may_miss(weights, float(weights[covered].sum() / weights.sum()))
        assert spare == count.values[~covered].sum() + 0.5


def test_a_budget_is_read_as_it_is_written():
    costs = np.array([0.1, 0.2, 0.7])
    for limit, most in ((0.3, 3), (0.1 + 0.2, 3), (0.1 + 0.7, 8), (0.35, 3), (0.0, 0)):
        assert counted_money(costs, limit)[1] == most


def test_whole_prices_far_apart_are_proven():
    """Found by the hunt: a millionth of a price of 1e6 hundredths is a whole hundredth."""
    floor = Floor("most", np.array([1e5, 1e-3]), 0.9)
    cost = [[0.7, np.inf, 0.7], [0.6, np.inf, 0.0]]
    problem = SitingProblem.from_matrix(cost, [100.0, 10.0], site_cost=[1e4, 1e-2, 1e6], floors=[floor])
    plan = problem.solve("lscp", radius=5, by_cost=True)
    assert (plan.status, plan.objective, plan.bound) == ("optimal", 1e4, 1e4)


def test_no_site_serves_that_is_closed():
    """Found by the hunt: HiGHS gives a closed site a share of a billionth of what an open one has."""
    rng = np.random.default_rng(8)
    for _ in range(30):
        cost = rng.integers(0, 9, (4, 5)).astype(float)
        demand = np.where(rng.random(4) < 0.5, 1e6, 0.003)
        problem = SitingProblem.from_matrix(cost, demand, capacity=np.round(rng.random(5) * demand.sum(), 3))
        plan = problem.solve("cmclp", p=3, radius=5.0)
        assert plan.status == "optimal"
        assert plan.certificate.agrees
