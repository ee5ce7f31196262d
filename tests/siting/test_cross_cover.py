"""Cross and backup coverage under rules against brute force, and how good a plan is where no proof is near."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.siting import SitingProblem

from .brute import best, choices, counts, random_instance


@pytest.mark.parametrize("seed", range(40))
def test_under_quotas(seed):
    rng = np.random.default_rng(3000 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=8, sparse_share=0.2)
    group = rng.integers(0, 2, 8)
    times = 2 + seed % 2
    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_group=group, quotas={0: (1, 2), 1: (0, 2)}
    )
    covers = [
        demand[counts(cost, opened, 7) >= times].sum()
        for opened, new in choices(existing, forbidden, 3)
        if 1 <= (group[new] == 0).sum() <= 2 and (group[new] == 1).sum() <= 2
    ]
    plan = problem.solve("mclp", p=3, radius=7, cover_times=times)
    expected = best(covers, True)
    if expected is None:
        assert plan.status == "infeasible"
        return
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(expected)
    assert plan.certificate.agrees


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_backup_of_every_weight(seed, weight):
    cost, demand, existing, forbidden = random_instance(np.random.default_rng(4000 + seed), sparse_share=0.1)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden)
    reached = [counts(cost, opened, 6) for opened, _ in choices(existing, forbidden, 2)]
    expected = best(
        ((1 - weight) * demand[c >= 1].sum() + weight * demand[c >= 2].sum() for c in reached), maximise=True
    )
    plan = problem.solve("bacop2", p=2, radius=6, backup_weight=weight)
    if expected is None:
        assert plan.status == "infeasible"
        return
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(expected)


def test_a_large_question_has_a_plan_and_a_bound_at_once():
    rng = np.random.default_rng(1)
    points, sites = rng.uniform(0, 100, (4000, 2)), rng.uniform(0, 100, (300, 2))
    cost = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    demand = rng.integers(1, 101, 4000).astype(float)
    for more in ({}, {"site_xy_m": sites, "spacing_m": 2.0}):
        plan = SitingProblem.from_matrix(cost, demand, **more).solve(
            "mclp", p=20, radius=8, cover_times=2, time_limit_s=4
        )
        assert plan.certificate.agrees
        assert plan.objective <= plan.bound <= 1.5 * plan.objective  # HiGHS alone: 1.8 and more
