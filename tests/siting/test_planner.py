"""The planner's questions against brute force on small instances."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.planning import (
    Option,
    explain,
    price_of_floors,
    solve_hours,
    solve_phases,
    solve_robust,
    without_site,
)
from geoplan.siting import Floor, SitingProblem


def instance(seed, n=14, m=7):
    rng = np.random.default_rng(seed)
    return rng, rng.integers(0, 11, (n, m)).astype(float), rng.integers(1, 9, n).astype(float)


@pytest.mark.parametrize("seed", range(8))
def test_a_floor_costs_what_it_takes_from_elsewhere(seed):
    _, cost, demand = instance(seed)
    zone = (np.arange(len(demand)) < 4) * demand
    problem = SitingProblem.from_matrix(cost, demand)
    answer = price_of_floors(problem, [Floor("zone", zone, 0.7)], p=2, radius=3)
    sets = [(cost[:, s] <= 3).any(axis=1) for s in combinations(range(7), 2)]
    free = max(demand[c].sum() for c in sets)
    kept = [demand[c].sum() for c in sets if zone[c].sum() >= 0.7 * zone.sum() - 1e-9]
    assert answer.price == (pytest.approx(free - max(kept)) if kept else None)
    assert answer.exact == bool(kept)


@pytest.mark.parametrize("seed", range(8))
def test_reasons_of_each_site(seed):
    _, cost, demand = instance(seed)
    problem = SitingProblem.from_matrix(cost, demand)
    plan = problem.solve("mclp", p=2, radius=3)
    near = cost <= 3

    def value(sites):
        return demand[near[:, sites].any(axis=1)].sum()

    for reason in explain(problem, plan, within=0.005):
        others = [s for s in plan.sites if s != reason.site]
        assert reason.own == demand[near[:, reason.site]].sum()
        assert reason.marginal == plan.objective - value(others)
        swaps = [value([*others, s]) for s in range(7) if s not in plan.sites]
        assert reason.substitute_loss == pytest.approx(plan.objective - max(swaps))
        without = max(value(list(s)) for s in combinations(set(range(7)) - {int(reason.site)}, 2))
        assert reason.in_every_near_best == (without < 0.995 * plan.objective)


@pytest.mark.parametrize("seed", range(12))
def test_a_substitute_keeps_the_rules(seed):
    rng, cost, demand = instance(seed)
    price, xy, group = rng.integers(1, 9, 7).astype(float), rng.uniform(0, 10, (7, 2)), rng.integers(0, 2, 7)
    rules = {"site_xy_m": xy, "spacing_m": 3.0, "site_group": group, "quotas": {0: (1, 2)}, "exclusive": [[0, 1]]}
    problem = SitingProblem.from_matrix(cost, demand, site_cost=price, **rules)
    plan = problem.solve("mclp", budget=12.0, radius=3)
    near = cost <= 3

    def sound(sites):
        far = all(np.hypot(*(xy[a] - xy[b])) >= 3.0 for a, b in combinations(sites, 2))
        return far and price[sites].sum() <= 12 and 1 <= (group[sites] == 0).sum() <= 2 and not {0, 1} <= set(sites)

    for reason in explain(problem, plan, within=None):
        others = [int(s) for s in plan.sites if s != reason.site]
        swaps = [[*others, s] for s in range(7) if s not in plan.sites and sound([*others, s])]
        assert (reason.substitute is None) == (not swaps)
        best = max((demand[near[:, sites].any(axis=1)].sum() for sites in swaps), default=None)
        assert reason.substitute_loss == pytest.approx(reason.marginal if best is None else plan.objective - best)
        assert reason.substitute_loss >= 0


def test_only_plain_cover_is_explained():
    _, cost, demand = instance(1)
    problem = SitingProblem.from_matrix(cost, demand)
    for extra in ({"cover_times": 2}, {"open_probability": 0.5}):
        with pytest.raises(InputError, match="plain maximal covering"):
            explain(problem, problem.solve("mclp", p=2, radius=3, **extra))


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_without_one_of_its_sites(seed):
    _, cost, demand = instance(seed)
    problem = SitingProblem.from_matrix(cost, demand)
    plan = problem.solve("mclp", p=2, radius=3)
    near = cost <= 3
    for site in plan.sites.tolist():
        told = without_site(problem, site, objective=plan.objective, bound=plan.bound, p=2, radius=3)
        best = max(demand[near[:, list(s)].any(axis=1)].sum() for s in combinations(set(range(7)) - {site}, 2))
        assert told.loss == pytest.approx(plan.objective - best)
        assert told.loss_proven
        assert told.always == (best < 0.995 * plan.objective)
        # a bound that leaves room for a better plan leaves the question open, never answers it wrongly
        loose = without_site(problem, site, objective=plan.objective, bound=2 * plan.objective, p=2, radius=3)
        assert loose.always in (None, True)
        assert not loose.loss_proven
        required = problem.with_sites(force=[site])
        forced = without_site(required, site, objective=plan.objective, bound=plan.bound, p=2, radius=3)
        assert (forced.always, forced.loss) == (True, None)
    with pytest.raises(InputError, match="unknown sites"):
        without_site(problem, 99, objective=1.0, bound=1.0, p=2, radius=3)


def test_every_year_contains_the_last_and_the_final_year_has_no_price():
    _, cost, demand = instance(3, n=25, m=9)
    phased = solve_phases(SitingProblem.from_matrix(cost, demand), [1, 2, 1], radius=2)
    years = [set(phase.plan.sites.tolist()) for phase in phased.phases]
    assert years[0] < years[1] < years[2]
    assert [phase.total for phase in phased.phases] == [1, 3, 4]
    assert phased.phases[-1].price == 0
    assert all(phase.price >= 0 for phase in phased.phases)


@pytest.mark.parametrize("seed", range(6))
def test_sites_and_hours_together(seed):
    rng, cost, _ = instance(seed, n=8, m=3)
    hours = rng.integers(0, 5, (8, 2)).astype(float)
    options = [Option(0, "as it is", (0,), 0.0, current=True)]
    options += [Option(s, name, slices, price) for s in range(3)
                for name, slices, price in (("day", (0,), 2.0), ("all", (0, 1), 3.0))]  # fmt: skip
    answer = solve_hours(cost, hours, options, radius=4, budget=5.0)

    def value(chosen):
        covered = np.zeros_like(hours, dtype=bool)
        for option in chosen:
            for part in option.slices:
                covered[:, part] |= cost[:, option.site] <= 4
        return hours[covered].sum()

    best = 0.0
    for pick in product(range(3), repeat=3):
        chosen = [options[0], *(options[1 + 2 * s + k - 1] for s, k in enumerate(pick) if k)]
        if sum(option.cost for option in chosen) <= 5.0:
            best = max(best, value(chosen))
    assert answer.plan.status == "optimal"
    assert answer.plan.objective == best
    assert value([options[0], *answer.chosen]) == best


@pytest.mark.parametrize("seed", range(6))
def test_the_worst_scenario_is_as_good_as_it_can_be(seed):
    rng, cost, demand = instance(seed)
    scenarios = rng.integers(1, 9, (3, len(demand))).astype(float)
    answer = solve_robust(SitingProblem.from_matrix(cost, demand), scenarios, p=2, radius=3)
    shares = []
    for chosen in combinations(range(7), 2):
        covered = (cost[:, chosen] <= 3).any(axis=1)
        shares.append((scenarios[:, covered].sum(axis=1) / scenarios.sum(axis=1)).min())
    assert answer.worst_share <= max(shares) + 1e-9 <= answer.worst_bound + 1e-6
    assert answer.worst_share >= max(shares) - 2e-3
