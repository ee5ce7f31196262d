"""The parts of the capacitated search: relaxations with near sites, rows of groups, and their way together."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from geoplan.siting import SitingProblem
from geoplan.siting.capacity import solve as capacity_solve
from geoplan.siting.capacity.groups import group_rows


def test_a_group_by_hand():
    # four points of 5 that sites 0 and 1 (6 each) reach, one of 5 that only site 2 reaches
    reached = sparse.csr_array(np.array([[1, 1, 0]] * 4 + [[0, 0, 1]], dtype=bool))
    rows = group_rows(reached, np.full(5, 5.0), np.full(3, 6.0), 3)
    (alone,) = [row for row in rows if row.sites.tolist() == [2]]
    # one site serves all 5 of it, none serves nothing: served <= 5 - 5 (1 - open)
    assert (alone.points.tolist(), alone.rest, alone.upper) == ([4], 5.0, 0.0)
    (pair,) = [row for row in rows if sorted(row.sites.tolist()) == [0, 1]]
    # 20 = 3 x 6 + 2: four sites would be needed, so two serve at most 20 - 2 (4 - 2) = 16
    assert (pair.points.tolist(), pair.rest, pair.upper) == ([0, 1, 2, 3], 2.0, 12.0)


@pytest.mark.parametrize("seed", range(20))
def test_no_choice_of_whole_sites_breaks_a_row(seed):
    rng = np.random.default_rng(seed)
    n, m, n_free = 10, 6, 5
    reached = rng.random((n, m)) < 0.4
    load, capacity = rng.integers(1, 9, n).astype(float), rng.integers(3, 15, m).astype(float)
    rows = group_rows(sparse.csr_array(reached), load, capacity, n_free)
    for chosen in product([False, True], repeat=n_free):
        opened = np.append(chosen, True)
        for row in rows:
            # at most what the open sites hold together, and what they reach
            part = reached[row.points] & opened
            most = min(load[row.points][part.any(axis=1)].sum(), capacity[part.any(axis=0)].sum())
            assert most - row.rest * opened[row.sites].sum() <= row.upper + 1e-9


def clustered(n, m, seed):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 100, (6, 2))
    places = [centres[rng.integers(0, 6, size)] + rng.normal(0, 5, (size, 2)) for size in (n, m)]
    demand = rng.integers(1, 21, n).astype(float)
    cost = np.hypot(*(places[0][:, None] - places[1][None]).T).T
    return cost, demand, np.round(rng.uniform(0.5, 1.5, m) * demand.sum() / 5), rng.integers(100, 300, m) * 5.0


@pytest.mark.parametrize("seed", range(3))
def test_every_part_leads_to_the_same_optimum(seed, monkeypatch):
    cost, demand, capacity, price = clustered(60, 24, seed)
    problem = SitingProblem.from_matrix(cost, demand, capacity=capacity, site_cost=price)
    whole = problem.solve("cflp")  # small enough for one program
    monkeypatch.setattr(capacity_solve, "FEW_PAIRS", 0)
    parts = problem.solve("cflp")
    assert (whole.status, parts.status) == ("optimal", "optimal")
    assert parts.objective == pytest.approx(whole.objective, rel=1e-6)
    assert parts.certificate.agrees


def test_a_stopped_search_keeps_a_sound_plan(monkeypatch):
    monkeypatch.setattr(capacity_solve, "FEW_PAIRS", 0)
    cost, demand, capacity, price = clustered(150, 40, 1)
    problem = SitingProblem.from_matrix(cost, demand, capacity=capacity, site_cost=price)
    found: list[float] = []

    def told(state):
        if state.best is not None:
            found.append(state.best)

    plan = problem.solve("cflp", progress=told, cancel=lambda: len(found) >= 1)
    assert plan.status in ("feasible", "optimal")
    assert plan.certificate.agrees
    assert plan.bound <= plan.objective * (1 + 1e-9)


def test_capacities_that_cannot_hold_all_demand_are_named():
    problem = SitingProblem.from_matrix(np.ones((3, 3)), [5.0, 5.0, 5.0], capacity=[4.0, 6.0, 8.0], existing=[0])
    plan = problem.solve("cpmedian", p=1)
    assert plan.status == "infeasible"
    assert "can serve 12 together at most, 15 are to be served" in plan.summary()
    assert "合计最多只能服务 12，而需要服务 15" in plan.summary("zh")
    assert problem.solve("cpmedian", p=2).status == "optimal"
