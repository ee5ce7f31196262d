"""The best phasing over all years, against every nested choice of small problems."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.planning import solve_phases, solve_phases_jointly
from geoplan.siting import SitingProblem

N, M, RADIUS = 16, 6, 28.0


def town(seed: int):
    rng = np.random.default_rng(seed)
    demand, sites = rng.uniform(0, 100, (N, 2)), rng.uniform(0, 100, (M, 2))
    cost = np.hypot(*(demand[:, None] - sites[None]).T).T
    return cost, rng.integers(1, 20, N).astype(float), rng.integers(1, 5, M).astype(float)


def covered(cost, weights, chosen):
    return float(weights[(cost[:, sorted(chosen)] <= RADIUS).any(axis=1)].sum())


def subsets():
    return [set(s) for s in chain.from_iterable(combinations(range(M), k) for k in range(M + 1))]


@pytest.mark.parametrize("seed", range(20))
def test_counts_against_every_nesting(seed):
    cost, weights, _ = town(seed)
    worth = (3.0, 1.0)
    best = max(
        worth[0] * covered(cost, weights, one) + worth[1] * covered(cost, weights, two)
        for one in subsets() if len(one) == 1
        for two in subsets() if len(two) == 3 and one < two
    )  # fmt: skip
    problem = SitingProblem.from_matrix(cost, weights)
    joint = solve_phases_jointly(problem, new_per_year=[1, 2], weights=worth, radius=RADIUS)
    first, last = joint.phased.phases
    assert joint.status == "optimal"
    assert joint.objective == pytest.approx(best)
    assert joint.bound == pytest.approx(best)
    assert set(first.plan.sites) < set(last.plan.sites)
    assert worth[0] * first.plan.objective + worth[1] * last.plan.objective == pytest.approx(best)
    assert first.price >= 0
    assert last.price >= 0
    backwards = solve_phases(problem, [1, 2], radius=RADIUS).phases
    assert joint.objective >= sum(w * phase.plan.objective for w, phase in zip(worth, backwards, strict=True)) - 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_budgets_that_a_year_may_leave_to_the_next(seed):
    cost, weights, price = town(seed)
    budgets = (3.0, 4.0)
    spent = {frozenset(s): sum(price[j] for j in s) for s in subsets()}
    best = max(
        covered(cost, weights, one) + covered(cost, weights, two)
        for one in subsets() if spent[frozenset(one)] <= budgets[0]
        for two in subsets() if one <= two and spent[frozenset(two)] <= sum(budgets)
    )  # fmt: skip
    problem = SitingProblem.from_matrix(cost, weights, site_cost=price)
    joint = solve_phases_jointly(problem, yearly_budgets=budgets, radius=RADIUS)
    assert joint.objective == pytest.approx(best)
    for phase, limit in zip(joint.phased.phases, np.cumsum(budgets), strict=True):
        assert price[phase.plan.new_positions].sum() <= limit
        assert phase.total == len(phase.plan.sites)
        assert phase.plan.certificate.agrees


def test_existing_and_required_sites():
    cost, weights, _ = town(2)
    existing, required = np.eye(M, dtype=bool)[0], np.eye(M, dtype=bool)[4]
    problem = SitingProblem.from_matrix(cost, weights, existing=existing, required=required)
    joint = solve_phases_jointly(problem, new_per_year=[1, 1], radius=RADIUS)
    years = [set(phase.plan.sites) for phase in joint.phased.phases]
    assert years[0] == {4}  # a site that is required is there from the first year
    best = max(covered(cost, weights, {0, 4, j}) for j in (1, 2, 3, 5))
    assert joint.phased.phases[1].plan.objective == best


def test_questions_that_are_none():
    problem = SitingProblem.from_matrix(*town(0)[:2])
    for wrong in ({}, {"new_per_year": []}, {"new_per_year": [1, -1]}, {"new_per_year": [1], "yearly_budgets": [1.0]}):
        with pytest.raises(InputError, match="one number of 0 or more"):
            solve_phases_jointly(problem, radius=RADIUS, **wrong)
    with pytest.raises(InputError, match="weights"):
        solve_phases_jointly(problem, radius=RADIUS, new_per_year=[1, 1], weights=[1.0])
    assert solve_phases_jointly(problem, radius=RADIUS, new_per_year=[1, M]).status == "infeasible"
