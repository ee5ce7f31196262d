"""Partial set covering by search over the price: brute force, rules and floors, a published shape, a short clock."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from geoplan.siting import SitingProblem
from geoplan.siting.covering import cheapest_cover

from .brute import best, choices, counts, random_instance


@pytest.fixture
def always_search(monkeypatch):
    monkeypatch.setattr(cheapest_cover, "SMALL_PAIRS", -1)


def check(plan, expected):
    if expected is None:
        assert plan.status == "infeasible"
        return
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(expected, abs=1e-6)
    assert plan.certificate.agrees, plan.certificate


@pytest.mark.parametrize("seed", range(80))
@pytest.mark.usefixtures("always_search")
def test_every_set_of_sites(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(rng, sparse_share=0.3, integer=bool(seed % 2))
    price = rng.integers(1, 6, cost.shape[1]).astype(float)
    required = (rng.random(cost.shape[1]) < 0.1) & ~forbidden
    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, required=required, site_cost=price
    )
    share = (0.5, 0.7, 1.0)[seed % 3]
    reached = [
        new
        for opened, new in choices(existing, forbidden, required=required)
        if demand[counts(cost, opened, 6) >= 1].sum() >= share * demand.sum() - 1e-9
    ]
    check(problem.solve("pscp", radius=6, share=share), best((float(len(new)) for new in reached), False))
    paid = best((float(price[new].sum()) for new in reached), False)
    check(problem.solve("pscp", radius=6, share=share, by_cost=True), paid)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.usefixtures("always_search")
def test_under_rules_and_floors(seed):
    rng = np.random.default_rng(900 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=7, sparse_share=0.2)
    place = rng.random((7, 2)) * 10
    group = rng.integers(0, 2, 7)
    part = np.arange(len(demand)) % 2
    spacing = 3.0 if seed % 2 else 0.0
    floors = {0: 0.8} if seed % 3 == 0 and demand[part == 0].sum() > 0 else None
    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_xy_m=place, spacing_m=spacing,
        site_group=group, quotas={0: (1, 3), 1: (0, 2)},
        demand_group=part if floors else None, coverage_floors=floors,
    )  # fmt: skip

    def keeps(opened, new):
        held = np.bincount(group[new], minlength=2)
        covered = counts(cost, opened, 6) >= 1
        near = any(np.hypot(*(place[a] - place[b])) < spacing for a, b in combinations(new, 2))
        floor = floors is None or demand[covered & (part == 0)].sum() >= 0.8 * demand[part == 0].sum() - 1e-9
        return 1 <= held[0] <= 3 and held[1] <= 2 and not near and floor

    reached = [
        len(new)
        for opened, new in choices(existing, forbidden)
        if demand[counts(cost, opened, 6) >= 1].sum() >= 0.6 * demand.sum() - 1e-9 and keeps(opened, new)
    ]
    check(problem.solve("pscp", radius=6, share=0.6), best([float(size) for size in reached], False))


def uniform(seed, n, m):
    rng = np.random.default_rng(seed)
    points, sites = rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2))
    return np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)), rng.integers(1, 101, n).astype(float)


def test_two_roads_to_one_number():
    """The search and the one program agree where both can prove."""
    cost, demand = uniform(3, 600, 60)
    problem = SitingProblem.from_matrix(cost, demand)
    searched = problem.solve("pscp", radius=14, share=0.8)
    asked = problem.solve("mclp", radius=14, p=int(searched.objective) - 1)
    assert searched.status == asked.status == "optimal"
    assert problem.solve("mclp", radius=14, p=int(searched.objective)).objective >= 0.8 * demand.sum()
    assert asked.objective < 0.8 * demand.sum()


def test_a_short_clock_is_named_and_the_gap_is_small():
    cost, demand = uniform(5, 4000, 400)
    plan = SitingProblem.from_matrix(cost, demand).solve("pscp", radius=6, share=0.9, time_limit_s=3)
    assert plan.status in ("feasible", "optimal")
    assert plan.stopped == ("" if plan.status == "optimal" else "time_limit")
    assert plan.bound <= plan.objective <= 1.1 * plan.bound
    assert plan.certificate.agrees
