"""Objectives in order and the front of cost and coverage, against every set of sites."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.siting import SitingProblem
from geoplan.siting.planner import Objective, pareto_front, solve_in_order

from .brute import choices, counts, nearest, random_instance


@pytest.mark.parametrize("seed", range(40))
def test_the_front_is_every_point_that_no_set_beats(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(rng, m=7)
    price = rng.integers(0, 6, 7).astype(float)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden, site_cost=price)
    front = pareto_front(problem, radius=4)
    known = {(price[new].sum(), demand[counts(cost, s, 4) > 0].sum()) for s, new in choices(existing, forbidden)}
    best = sorted(a for a in known if not any(b != a and b[0] <= a[0] and b[1] >= a[1] for b in known))
    assert [(point.cost, point.covered) for point in front.points] == best
    assert front.complete
    assert all(point.plan.certificate.agrees for point in front.points)


def test_a_front_cut_off_or_on_a_grid_is_not_called_complete():
    problem = SitingProblem.from_matrix(1.0 - np.eye(4), [4, 3, 2, 1], site_cost=[1, 1, 1, 1])
    cut = pareto_front(problem, radius=0, most_solves=2)
    assert [(point.cost, point.covered) for point in cut.points] == [(3, 9), (4, 10)]
    grid = pareto_front(problem, radius=0, budgets=[2.5, 2, 1])
    assert [(point.cost, point.covered) for point in grid.points] == [(1, 4), (2, 7)]
    assert not cut.complete
    assert not grid.complete


@pytest.mark.parametrize(
    ("options", "message"),
    [({"budget": 3}, "leave budget out"), ({"budgets": []}, "at least one number"), ({}, "needs whole site costs")],
)
def test_bad_fronts(options, message):
    problem = SitingProblem.from_matrix(np.ones((2, 2)), [1, 1], site_cost=[0.5, 1])
    with pytest.raises(InputError, match=message):
        pareto_front(problem, radius=1, **options)


@pytest.mark.parametrize("tolerance", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(25))
def test_objectives_in_order(seed, tolerance):
    rng = np.random.default_rng(900 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=7, sparse_share=0.0)
    forbidden[:] = False
    p = min(2, int((~existing).sum()))
    riders = rng.integers(0, 5, len(demand)).astype(float)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing)
    order = [Objective("covered"), Objective("riders twice", "mclp", {"cover_times": 2}, riders),
             Objective("walk", "pmedian")]  # fmt: skip
    answer = solve_in_order(problem, order, tolerance=tolerance, p=p, radius=4)
    left = [s for s, _ in choices(existing, forbidden, p)]
    for value, stage in zip(
        (lambda s: demand[counts(cost, s, 4) > 0].sum(), lambda s: riders[counts(cost, s, 4) > 1].sum()),
        answer.stages,
        strict=False,
    ):
        most = max(map(value, left))
        assert stage.objective == pytest.approx(most)
        left = [s for s in left if value(s) >= most * (1 - tolerance) - 1e-9]
    assert answer.plan.objective == pytest.approx(min((demand * nearest(cost, s)).sum() for s in left))
    assert answer.proven
    assert all(stage.certificate.agrees for stage in answer.stages)


def test_what_cannot_be_kept_must_come_last():
    problem = SitingProblem.from_matrix(np.ones((2, 2)), [1, 1])
    with pytest.raises(InputError, match="'walk' cannot be kept by later ones; put it last"):
        solve_in_order(problem, [Objective("walk", "pmedian"), Objective("covered")], p=1, radius=1)
    with pytest.raises(InputError, match="share one radius"):
        solve_in_order(problem, [Objective("near", "mclp", {"radius": 1})], p=1)
