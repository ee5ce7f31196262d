"""Coverage floors on a question too large for a program alone: a plan, and a bound no weaker than without floors."""

from __future__ import annotations

import numpy as np

from geoplan.siting import SitingProblem


def test_floors_that_the_best_plan_breaks():
    rng = np.random.default_rng(1)
    points, sites = rng.uniform(0, 100, (4000, 2)), rng.uniform(0, 100, (300, 2))
    cost = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    demand = rng.integers(1, 101, 4000).astype(float)
    quarter = (points[:, 0] > 50).astype(int) + 2 * (points[:, 1] > 50)
    free = SitingProblem.from_matrix(cost, demand).solve("mclp", p=20, radius=8)
    covered = (cost[:, free.open_positions] <= 8).any(axis=1)
    shares = np.bincount(quarter, demand * covered) / np.bincount(quarter, demand)
    floor = float(np.round(shares.min() + 0.08, 3))
    plan = SitingProblem.from_matrix(
        cost, demand, demand_group=quarter, coverage_floors=dict.fromkeys(range(4), floor)
    ).solve("mclp", p=20, radius=8, time_limit_s=10)
    assert plan.status in ("optimal", "feasible")
    assert plan.certificate.agrees
    assert plan.objective <= plan.bound <= free.objective + 1e-6
    assert plan.objective >= 0.9 * free.objective


def test_everyone_once_and_most_twice():
    rng = np.random.default_rng(2)
    points, sites = rng.uniform(0, 100, (2000, 2)), rng.uniform(0, 100, (200, 2))
    cost = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    plan = SitingProblem.from_matrix(cost, np.ones(2000)).solve("bacop1", p=30, radius=20, time_limit_s=10)
    assert plan.status in ("optimal", "feasible")
    assert (cost[:, plan.open_positions] <= 20).any(axis=1).all()
    assert plan.bound <= 1.02 * plan.objective
