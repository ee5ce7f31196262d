"""Objectives in order and the front of cost and coverage, against every subset of small problems."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.planning import Goal, pareto_front, solve_in_order
from geoplan.siting import SitingProblem

N, M, RADIUS = 14, 7, 30.0


def town(seed: int):
    rng = np.random.default_rng(seed)
    demand, sites = rng.uniform(0, 100, (N, 2)), rng.uniform(0, 100, (M, 2))
    cost = np.round(np.hypot(*(demand[:, None] - sites[None]).T).T, 3)
    return cost, rng.integers(1, 20, N).astype(float), rng.integers(1, 6, M).astype(float)


def subsets(size: int | None = None):
    sizes = range(M + 1) if size is None else [size]
    return chain.from_iterable(combinations(range(M), k) for k in sizes)


def covered(cost, weights, chosen, times=1):
    return weights[(cost[:, list(chosen)] <= RADIUS).sum(axis=1) >= times].sum()


def mean_cost(cost, weights, chosen):
    return (weights * cost[:, list(chosen)].min(axis=1)).sum()


@pytest.mark.parametrize("seed", range(25))
def test_cover_then_cover_twice_then_distance(seed):
    cost, weights, _ = town(seed)
    goals = [Goal("mclp"), Goal("mclp", {"cover_times": 2}), Goal("pmedian")]
    answer = solve_in_order(SitingProblem.from_matrix(cost, weights), goals, radius=RADIUS, p=3)
    best = max(
        subsets(3),
        key=lambda s: (covered(cost, weights, s), covered(cost, weights, s, 2), -mean_cost(cost, weights, s)),
    )
    assert answer.proven
    assert [plan.objective for plan in answer.plans] == pytest.approx(
        [covered(cost, weights, best), covered(cost, weights, best, 2), mean_cost(cost, weights, best)]
    )
    assert all(plan.certificate.agrees for plan in answer.plans)


@pytest.mark.parametrize("seed", range(10))
def test_fewest_sites_for_a_share_then_another_weight(seed):
    cost, weights, _ = town(seed)
    riders = np.random.default_rng(seed + 100).integers(0, 9, N).astype(float)
    share = 0.6
    enough = [s for s in subsets() if covered(cost, weights, s) >= share * weights.sum()]
    problem = SitingProblem.from_matrix(cost, weights)
    answer = solve_in_order(problem, [Goal("pscp", {"share": share}), Goal("mclp", weights=riders)], radius=RADIUS)
    if not enough:
        assert answer.final.status == "infeasible"
        assert not answer.proven
        return
    least = min(len(s) for s in enough)
    best = max(covered(cost, riders, s) for s in enough if len(s) == least)
    assert answer.plans[0].objective == least
    assert answer.final.objective == best


def test_a_tolerance_frees_what_it_says():
    cost, weights, _ = town(3)
    problem = SitingProblem.from_matrix(cost, weights)
    goals = [Goal("mclp"), Goal("pmedian")]
    strict, loose = (solve_in_order(problem, goals, radius=RADIUS, p=3, tolerance=share).final for share in (0.0, 0.3))
    most = max(covered(cost, weights, s) for s in subsets(3))
    free = [s for s in subsets(3) if covered(cost, weights, s) >= 0.7 * most * (1 - 1e-9)]
    assert loose.objective == pytest.approx(min(mean_cost(cost, weights, s) for s in free))
    assert loose.objective <= strict.objective


def test_farthest_first_then_nearest_on_the_whole():
    cost, weights, _ = town(4)
    answer = solve_in_order(SitingProblem.from_matrix(cost, weights), [Goal("pcenter"), Goal("pmedian")], p=3)
    far = {s: cost[:, list(s)].min(axis=1).max() for s in subsets(3)}
    best = min(mean_cost(cost, weights, s) for s in far if far[s] == min(far.values()))
    assert answer.final.objective == pytest.approx(best)


def test_what_cannot_be_kept_is_refused():
    problem = SitingProblem.from_matrix(*town(0)[:2])
    with pytest.raises(InputError, match="cannot come before"):
        solve_in_order(problem, [Goal("pmedian"), Goal("mclp")], radius=RADIUS, p=2)
    with pytest.raises(InputError, match="goals is empty"):
        solve_in_order(problem, [])
    with pytest.raises(InputError, match="tolerance"):
        solve_in_order(problem, [Goal("mclp")], tolerance=1.5, radius=RADIUS, p=2)


@pytest.mark.parametrize("seed", range(15))
def test_the_whole_front(seed):
    cost, weights, price = town(seed)
    problem = SitingProblem.from_matrix(cost, weights, site_cost=price)
    front = pareto_front(problem, radius=RADIUS)
    best: dict[float, float] = {}
    for s in subsets():
        spent = float(price[list(s)].sum())
        best[spent] = max(best.get(spent, 0.0), float(covered(cost, weights, s)))
    expected, most = [], -1.0
    for spent in sorted(best):
        if best[spent] > most:
            expected.append((spent, best[spent]))
            most = best[spent]
    assert front.proven
    assert front.complete
    assert [(point.cost, point.covered) for point in front.points] == expected
    asked = pareto_front(problem, radius=RADIUS, budgets=[0.0, 5.0, 9.0])
    assert {(point.cost, point.covered) for point in asked.points} <= set(best.items())
    assert not asked.complete
    for point in asked.points:
        assert point.covered == max(value for spent, value in best.items() if spent <= point.cost)


@pytest.mark.parametrize("seed", range(4))
def test_the_front_of_costs_in_fractions(seed):
    cost, weights, price = town(seed)
    whole = pareto_front(SitingProblem.from_matrix(cost, weights, site_cost=4 * price), radius=RADIUS)
    parts = pareto_front(SitingProblem.from_matrix(cost, weights, site_cost=price / 25), radius=RADIUS)
    assert parts.complete
    assert [100 * point.cost for point in parts.points] == pytest.approx([point.cost for point in whole.points])
    assert [point.covered for point in parts.points] == [point.covered for point in whole.points]


def test_costs_of_endless_decimals_need_budgets():
    cost, weights, price = town(1)
    with pytest.raises(InputError, match="more than six decimals"):
        pareto_front(SitingProblem.from_matrix(cost, weights, site_cost=price / 3), radius=RADIUS)


def test_a_front_that_is_stopped_is_not_complete():
    cost, weights, price = town(1)
    told: list[float] = []
    front = pareto_front(
        SitingProblem.from_matrix(cost, weights, site_cost=price),
        radius=RADIUS,
        progress=lambda point: told.append(point.cost),
        cancel=lambda: len(told) >= 2,
    )
    assert len(told) == 2
    assert not front.complete


def test_the_plans_of_a_front_speak_of_the_problems_money():
    """Costs are counted in steps of a tenth inside; the plans' own objectives and budgets are not."""
    costs = [[1, 9, 9], [9, 1, 9], [9, 9, 1]]
    problem = SitingProblem.from_matrix(costs, [5, 3, 2], site_cost=[1.5, 0.5, 2.0], cost_limit=9)
    front = pareto_front(problem, radius=1.0)
    assert [(point.cost, point.covered) for point in front.points] == [(0, 0), (0.5, 3), (1.5, 5), (2, 8), (4, 10)]
    for point in front.points[1:]:
        assert point.plan.question.by_cost
        assert point.plan.objective == point.plan.certificate.objective == point.cost
        assert point.plan.certificate.agrees
