"""The p-center against brute force, with every rule; properties; published instances."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geoplan.bench.instances import read_pmed
from geoplan.siting import SitingProblem

from .brute import best, choices, counts, nearest, random_instance


def worst(cost, demand, opened, weighted=False, cap=np.inf):
    """Objective from its definition; None where a demand point is not served."""
    near = nearest(cost, opened)
    if np.isinf(near).any() or (near > cap).any():
        return None
    return float((near * demand if weighted else near).max())


def check(plan, expected):
    if expected is None:
        assert plan.status == "infeasible"
        assert plan.reasons
        return
    assert plan.status == "optimal", plan
    assert plan.objective == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert plan.bound == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert plan.certificate.agrees, plan.certificate


def least(values):
    return best([value for value in values if value is not None], False)


@pytest.mark.parametrize("seed", range(120))
def test_every_choice_of_p_sites(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(
        rng, integer=seed % 2 == 0, sparse_share=[0, 0.15, 0.3][seed % 3]
    )
    required = (rng.random(cost.shape[1]) < 0.15) & ~existing & ~forbidden
    p, weighted, cap = int(rng.integers(0, 5)), seed % 5 == 0, 8.0 if seed % 4 == 0 else None
    if seed % 7 == 0:
        rows, columns = np.nonzero(np.isfinite(cost))
        given_cost = sparse.coo_array((cost[rows, columns], (rows, columns)), shape=cost.shape)
    else:
        given_cost = cost
    problem = SitingProblem.from_matrix(given_cost, demand, existing=existing, forbidden=forbidden, required=required)
    expected = least(
        worst(cost, demand, s, weighted, np.inf if cap is None else cap)
        for s, _ in choices(existing, forbidden, p, required)
    )
    check(problem.solve("pcenter", p=p, weighted=weighted, distance_cap=cap), expected)


@pytest.mark.parametrize("seed", range(40))
def test_budget_quotas_exclusive_sets_spacing_and_floors_together(seed):
    rng = np.random.default_rng(1000 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=8, sparse_share=0.1)
    m = cost.shape[1]
    price = rng.integers(1, 6, m).astype(float)
    district = rng.integers(0, 3, m)
    pair = rng.choice(m, 2, replace=False)
    xy = rng.random((m, 2)) * 1000

    def allowed(opened, chosen):
        return (
            price[chosen].sum() <= 11
            and 1 <= (district[chosen] == 1).sum() <= 2
            and (not set(chosen) & set(pair) or len(set(opened) & set(pair)) <= 1)
            and all(np.hypot(*(xy[a] - xy[b])) >= 250 for i, a in enumerate(chosen) for b in chosen[i + 1 :])
            and demand[counts(cost, opened, 3) > 0].sum() >= 0.6 * demand.sum() - 1e-9
        )

    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_cost=price, site_group=district,
        quotas={1: (1, 2)}, exclusive=[pair], site_xy_m=xy, spacing_m=250.0, coverage_floors={"*": 0.6},
    )  # fmt: skip
    expected = least(worst(cost, demand, s) for s, new in choices(existing, forbidden) if allowed(s, new))
    check(problem.solve("pcenter", budget=11, radius=3), expected)


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_more_sites_are_never_worse_and_a_forbidden_site_never_helps(seed, p):
    rng = np.random.default_rng(seed)
    cost = rng.random((25, 10)) * 10
    plan = SitingProblem.from_matrix(cost, np.ones(25)).solve("pcenter", p=p)
    more = SitingProblem.from_matrix(cost, np.ones(25)).solve("pcenter", p=p + 1)
    without = SitingProblem.from_matrix(cost, np.ones(25), forbidden=plan.sites[:1]).solve("pcenter", p=p)
    doubled = SitingProblem.from_matrix(cost * 2, np.ones(25)).solve("pcenter", p=p)
    assert more.objective <= plan.objective <= without.objective
    assert doubled.objective == pytest.approx(2 * plan.objective)


def test_a_time_limit_of_nothing_is_honest():
    cost = np.random.default_rng(1).random((200, 80))
    plan = SitingProblem.from_matrix(cost, np.ones(200)).solve("pcenter", p=5, time_limit_s=0.0)
    assert plan.status in ("no_solution_found", "feasible")
    assert plan.status == "no_solution_found" or plan.bound <= plan.objective


@pytest.mark.shared
@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed9", "pmed15"])
def test_published_optimum(shared, name):
    folder = shared / "benchmarks"
    with (folder / "pcenter_orlib/optimal.csv").open(encoding="utf-8") as file:
        optimum = {row["instance"]: float(row["published"]) for row in csv.DictReader(file)}
    instance = read_pmed(folder / f"pmedian_orlib/{name}.txt")
    plan = instance.problem.solve("pcenter", p=instance.p)
    assert (plan.status, plan.objective) == ("optimal", optimum[name])
    assert plan.certificate.agrees


def test_uniform_points_have_a_small_gap_soon():
    rng = np.random.default_rng(1)
    points, sites = rng.uniform(0, 100, (1500, 2)), rng.uniform(0, 100, (300, 2))
    cost = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    plan = SitingProblem.from_matrix(cost, np.ones(1500)).solve("pcenter", p=20, time_limit_s=6)
    assert plan.certificate.agrees
    assert plan.bound <= plan.objective <= 1.12 * plan.bound  # the covering programs alone: 1.2 and more after a minute
    assert plan.stopped == ("" if plan.status == "optimal" else "time_limit")
