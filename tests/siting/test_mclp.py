"""Maximal covering against brute force, with every rule a plan must keep."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from geoplan.errors import InputError
from geoplan.siting import Floor, SitingProblem

from .brute import best, choices, counts, random_instance


def solved(problem, expected, **parameters):
    """Solve and compare with the brute-force optimum; None means that no plan exists."""
    plan = problem.solve("mclp", **parameters)
    if expected is None:
        assert plan.status == "infeasible"
        assert plan.reasons
        return plan
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(expected, abs=1e-9)
    assert plan.bound == pytest.approx(expected, abs=1e-6)
    assert plan.certificate.agrees, plan.certificate
    return plan


@pytest.mark.parametrize("seed", range(120))
def test_every_choice_of_p_sites(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(rng, integer=seed % 2 == 0)
    required = (rng.random(cost.shape[1]) < 0.15) & ~existing & ~forbidden
    p = int(rng.integers(0, 5))
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden, required=required)
    expected = best((demand[counts(cost, s, 4) > 0].sum() for s, _ in choices(existing, forbidden, p, required)), True)
    plan = solved(problem, expected, p=p, radius=4)
    if plan.found:
        assert len(plan.sites) == p
        assert not set(plan.sites) & set(np.flatnonzero(existing))
        covered = np.isfinite(cost) & (cost <= 4)
        np.testing.assert_array_equal(plan.coverage, covered[:, plan.open_positions].any(axis=1))


@pytest.mark.parametrize("seed", range(60))
def test_budget_quotas_exclusive_sets_spacing_and_floors_together(seed):
    rng = np.random.default_rng(1000 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=8)
    n, m = cost.shape
    price = rng.integers(1, 6, m).astype(float)
    district = rng.integers(0, 3, m)
    quotas = {0: (0, 1), 1: (int(rng.integers(0, 2)), 2)}
    pair = rng.choice(m, 2, replace=False)
    xy = rng.random((m, 2)) * 1000
    zone = rng.integers(0, 2, n)
    share, spacing, budget = 0.3, 250.0, 9.0
    twice = Floor("twice", np.ones(n), 0.1, times=2)

    def allowed(opened, chosen):
        count = counts(cost, opened, 4)
        return (
            price[chosen].sum() <= budget
            and (district[chosen] == 0).sum() <= 1
            and quotas[1][0] <= (district[chosen] == 1).sum() <= 2
            and (not set(chosen) & set(pair) or len(set(opened) & set(pair)) <= 1)
            and all(np.hypot(*(xy[a] - xy[b])) >= spacing for i, a in enumerate(chosen) for b in chosen[i + 1 :])
            and demand[(zone == 0) & (count > 0)].sum() >= share * demand[zone == 0].sum() - 1e-9
            and (count >= 2).sum() >= 0.1 * n - 1e-9
        )

    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_cost=price, site_group=district, quotas=quotas,
        exclusive=[pair], site_xy_m=xy, spacing_m=spacing, demand_group=zone,
        coverage_floors={0: share}, floors=[twice],
    )  # fmt: skip
    expected = best(
        (demand[counts(cost, s, 4) > 0].sum() for s, new in choices(existing, forbidden) if allowed(s, new)), True
    )
    solved(problem, expected, budget=budget, radius=4)


@pytest.mark.parametrize("seed", range(40))
def test_gradual_and_expected_coverage(seed):
    rng = np.random.default_rng(2000 + seed)
    cost, demand, existing, forbidden = random_instance(rng)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden)
    decay = ((2, 1.0), (4, 0.6), (7, 0.25))

    def gradual(opened):
        nearest = cost[:, opened].min(axis=1) if opened else np.full(len(cost), np.inf)
        return (demand * np.select([nearest <= c for c, _ in decay], [s for _, s in decay], 0.0)).sum()

    solved(problem, best((gradual(s) for s, _ in choices(existing, forbidden, 2)), True), p=2, decay=decay)
    chance = 0.7
    expected = best(
        ((demand * (1 - 0.3 ** counts(cost, s, 5))).sum() for s, _ in choices(existing, forbidden, 2)), True
    )
    solved(problem, expected, p=2, radius=5, open_probability=chance)


def test_a_stored_zero_is_reachable_and_an_absent_pair_is_not():
    cost = sparse.csr_array((np.array([0.0, 5.0]), (np.array([0, 1]), np.array([0, 1]))), shape=(3, 2))
    plan = SitingProblem.from_matrix(cost, [4, 2, 100]).solve("mclp", p=1, radius=1)
    assert plan.sites.tolist() == [0]
    assert plan.objective == 4
    assert plan.assignment.tolist() == [0, -1, -1]


def test_dense_and_sparse_costs_give_the_same_plan():
    rng = np.random.default_rng(5)
    cost, demand, existing, forbidden = random_instance(rng, n=30, m=10)
    rows, columns = np.nonzero(np.isfinite(cost))
    stored = sparse.coo_array((cost[rows, columns], (rows, columns)), shape=cost.shape)
    plans = [
        SitingProblem.from_matrix(c, demand, existing=existing, forbidden=forbidden).solve("mclp", p=3, radius=4)
        for c in (cost, stored)
    ]
    assert plans[0].objective == plans[1].objective
    np.testing.assert_array_equal(plans[0].assignment, plans[1].assignment)


def test_a_transposed_matrix_is_named():
    with pytest.raises(InputError, match="transposed"):
        SitingProblem.from_matrix(np.ones((3, 5)), np.ones(5))


def test_all_faults_come_together():
    with pytest.raises(InputError) as caught:
        SitingProblem.from_matrix(np.ones((2, 3)), [1, 1], existing=[9], site_cost=[1, -1, 1], capacity=[1])
    assert len(caught.value.faults) == 3


def test_more_sites_than_candidates_is_said():
    plan = SitingProblem.from_matrix(np.ones((2, 3)), [1, 1], forbidden=[0]).solve("mclp", p=3, radius=1)
    assert plan.status == "infeasible"
    assert "only 2 more are possible where 3 are needed" in plan.summary()


def test_contradictory_quotas_are_named_and_the_innocent_budget_is_not():
    problem = SitingProblem.from_matrix(
        np.ones((2, 4)), [1, 1], site_group=["a", "a", "b", "b"], quotas={"a": (2, None), "b": (1, None)}
    )
    plan = problem.solve("mclp", p=2, budget=100, radius=1)
    assert plan.status == "infeasible"
    assert "exactly 2 new sites" in plan.summary()
    assert "in a" in plan.summary()
    assert "in b" in plan.summary()
    assert "budget" not in plan.summary()


def test_a_floor_no_plan_can_reach_is_named():
    cost = np.array([[1.0, np.inf], [np.inf, np.inf]])
    problem = SitingProblem.from_matrix(cost, [1, 1], coverage_floors={"*": 0.9})
    plan = problem.solve("mclp", p=1, radius=1)
    assert plan.status == "infeasible"
    assert "all sites together reach 50.0%" in plan.summary()
