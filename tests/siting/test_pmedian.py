"""The p-median against brute force, with every rule; properties; published instances."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geoplan.bench.instances import read_pmed
from geoplan.bench.points import read_stores
from geoplan.siting import SitingProblem

from .brute import best, choices, counts, nearest, random_instance


def cost_of(cost, demand, opened, cap=np.inf):
    """Objective from its definition; None where a demand point is not served."""
    near = nearest(cost, opened)
    return None if np.isinf(near).any() or (near > cap).any() else float((demand * near).sum())


def check(plan, expected):
    if expected is None:
        assert plan.status == "infeasible"
        assert plan.reasons
        return
    assert plan.status == "optimal", plan
    assert plan.objective == pytest.approx(expected, rel=2e-7, abs=1e-9)
    assert plan.bound <= plan.objective * (1 + 1e-9) + 1e-9
    assert plan.certificate.agrees, plan.certificate


def least(values):
    return best([value for value in values if value is not None], False)


@pytest.mark.parametrize("seed", range(150))
def test_every_choice_of_p_sites(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(
        rng, integer=seed % 2 == 0, sparse_share=[0, 0.15, 0.3][seed % 3]
    )
    required = (rng.random(cost.shape[1]) < 0.15) & ~existing & ~forbidden
    p = int(rng.integers(0, 5))
    cap = 8.0 if seed % 4 == 0 else None
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden, required=required)
    expected = least(
        cost_of(cost, demand, s, np.inf if cap is None else cap) for s, _ in choices(existing, forbidden, p, required)
    )
    check(problem.solve("pmedian", p=p, distance_cap=cap), expected)


@pytest.mark.parametrize("seed", range(60))
def test_budget_quotas_exclusive_sets_spacing_and_floors_together(seed):
    rng = np.random.default_rng(1000 + seed)
    cost, demand, existing, forbidden = random_instance(rng, m=8, sparse_share=0.1)
    n, m = cost.shape
    price = rng.integers(1, 6, m).astype(float)
    district = rng.integers(0, 3, m)
    quotas = {0: (0, 1), 1: (int(rng.integers(0, 2)), 2)}
    pair = rng.choice(m, 2, replace=False)
    xy = rng.random((m, 2)) * 1000
    zone = rng.integers(0, 2, n)
    share, spacing, budget = 0.5, 250.0, 11.0

    def allowed(opened, chosen):
        count = counts(cost, opened, 4)
        return (
            price[chosen].sum() <= budget
            and (district[chosen] == 0).sum() <= 1
            and quotas[1][0] <= (district[chosen] == 1).sum() <= 2
            and (not set(chosen) & set(pair) or len(set(opened) & set(pair)) <= 1)
            and all(np.hypot(*(xy[a] - xy[b])) >= spacing for i, a in enumerate(chosen) for b in chosen[i + 1 :])
            and demand[(zone == 0) & (count > 0)].sum() >= share * demand[zone == 0].sum() - 1e-9
        )

    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_cost=price, site_group=district, quotas=quotas,
        exclusive=[pair], site_xy_m=xy, spacing_m=spacing, demand_group=zone, coverage_floors={0: share},
    )  # fmt: skip
    expected = least(cost_of(cost, demand, s) for s, new in choices(existing, forbidden) if allowed(s, new))
    check(problem.solve("pmedian", budget=budget, radius=4), expected)


@pytest.mark.parametrize("seed", range(40))
def test_a_budget_alone(seed):
    rng = np.random.default_rng(3000 + seed)
    cost, demand, existing, forbidden = random_instance(rng, n=12, m=9, sparse_share=0.1, integer=False)
    price = rng.integers(0, 5, 9).astype(float)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden, site_cost=price)
    expected = least(cost_of(cost, demand, s) for s, new in choices(existing, forbidden) if price[new].sum() <= 7)
    check(problem.solve("pmedian", budget=7), expected)


def clustered(seed, n=60, m=40):
    rng = np.random.default_rng(seed)
    points, sites = rng.normal(0, 1, (n, 2)) + 4 * rng.integers(0, 3, (n, 1)), rng.random((m, 2)) * 10
    return np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)), rng.integers(1, 9, n).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_cut_lists_prove_the_same_as_whole_ones(seed, monkeypatch):
    cost, demand = clustered(seed)
    problem = SitingProblem.from_matrix(cost, demand)
    whole = problem.solve("pmedian", p=4)
    monkeypatch.setattr("geoplan.siting.median.solve.WHOLE_PAIRS", 0)
    monkeypatch.setattr("geoplan.siting.median.solve.LIST_FACTOR", 0)
    monkeypatch.setattr("geoplan.siting.median.solve.LEAST_LIST", 3)
    cut = problem.solve("pmedian", p=4)
    assert whole.status == cut.status == "optimal"
    assert cut.objective == pytest.approx(whole.objective, rel=2e-7)


def test_dense_and_sparse_costs_give_the_same_plan_and_twice_the_same():
    cost, demand = clustered(9)
    rows, columns = np.nonzero(np.isfinite(cost))
    stored = sparse.coo_array((cost[rows, columns], (rows, columns)), shape=cost.shape)
    plans = [SitingProblem.from_matrix(c, demand).solve("pmedian", p=5, seed=3) for c in (cost, stored, cost)]
    assert plans[0].sites.tolist() == plans[1].sites.tolist() == plans[2].sites.tolist()


@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from([0.01, 3.0, 1e4]))
def test_scaling_weights_or_costs_changes_nothing_and_more_sites_are_never_worse(seed, p, factor):
    cost, demand = clustered(seed, 25, 12)
    plan = SitingProblem.from_matrix(cost, demand).solve("pmedian", p=p)
    heavier = SitingProblem.from_matrix(cost, demand * factor).solve("pmedian", p=p)
    longer = SitingProblem.from_matrix(cost * factor, demand).solve("pmedian", p=p)
    more = SitingProblem.from_matrix(cost, demand).solve("pmedian", p=p + 1)
    forbidden = SitingProblem.from_matrix(cost, demand, forbidden=plan.sites[:1]).solve("pmedian", p=p)
    assert plan.status == "optimal"
    assert heavier.objective == pytest.approx(plan.objective * factor, rel=3e-7)
    assert longer.objective == pytest.approx(plan.objective * factor, rel=3e-7)
    assert more.objective <= plan.objective * (1 + 3e-7)
    assert forbidden.objective >= plan.objective * (1 - 3e-7)


def test_cancelling_gives_the_best_plan_so_far_with_an_honest_bound():
    cost, demand = clustered(1, 400, 300)
    seen = []
    plan = SitingProblem.from_matrix(cost, demand).solve(
        "pmedian", p=30, progress=seen.append, cancel=lambda: len(seen) > 2
    )
    assert seen
    if plan.status != "optimal":
        assert plan.stopped == "cancelled"
    proven = SitingProblem.from_matrix(cost, demand).solve("pmedian", p=30)
    assert proven.status == "optimal"
    assert plan.objective >= proven.objective * (1 - 2e-7)
    assert plan.bound is None or plan.bound <= proven.objective * (1 + 2e-7)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed17", "pmed25", "pmed39"])
def test_published_optimum(shared, name):
    folder = shared / "benchmarks/pmedian_orlib"
    with (folder / "optimal.csv").open(encoding="utf-8") as file:
        optimum = {row["instance"]: float(row["published"]) for row in csv.DictReader(file)}
    instance = read_pmed(folder / f"{name}.txt")
    plan = instance.problem.solve("pmedian", p=instance.p)
    assert (plan.status, plan.objective) == ("optimal", optimum[name])
    assert plan.certificate.agrees


@pytest.mark.shared
def test_san_francisco(shared):
    folder = shared / "benchmarks/spopt_locate"
    instance = read_stores(folder / "SF_cost_matrix_205x16.csv", folder / "SF_demand_205_centroid_uniform_weight.csv")
    plan = instance.problem.solve("pmedian", p=4)
    assert plan.status == "optimal"
    assert plan.objective / instance.problem.demand.sum() == pytest.approx(2982.1268579890657, rel=1e-9)


def test_a_program_too_large_for_the_time_is_not_begun(monkeypatch):
    """HiGHS's presolve heeds no time limit: where it would not end in time, branching goes on instead."""
    from geoplan.siting.median import solve as steps

    rng = np.random.default_rng(5)
    cost = rng.random((120, 60)) * 100
    problem = SitingProblem.from_matrix(cost, rng.random(120) + 0.5)
    free = problem.solve("pmedian", p=6)
    for name in ("FEW_NODES", "MANY_NODES"):
        monkeypatch.setattr(steps, name, 1)
    monkeypatch.setattr(steps, "finish_s", lambda *_: 1e9)
    monkeypatch.setattr(steps, "finish", lambda *_: pytest.fail("the program was begun"))
    plan = problem.solve("pmedian", p=6, time_limit_s=60)
    assert (plan.status, plan.objective) == ("optimal", pytest.approx(free.objective))
