"""Capacitated models against brute force; properties; published instances."""

from __future__ import annotations

import csv
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from geoplan.bench.instances import read_cap
from geoplan.siting import SitingProblem
from geoplan.siting.capacity import solve as capacity_solve

from .brute import best, choices, random_instance


def split_cost(cost, demand, opened, capacity, limit, covering):
    """Least cost of serving from open sites with demand split, as a plain linear program; None where impossible."""
    n, k = len(cost), len(opened)
    if not k:
        return 0.0 if covering else None
    pairs = cost[:, opened]
    usable = np.isfinite(pairs) & (pairs <= limit)
    price = np.where(usable, -1.0 if covering else np.where(usable, pairs, 0), 0) * demand[:, None]
    serve = np.kron(np.eye(n), np.ones(k))
    load = np.zeros((k, n * k))
    for j in range(k):
        load[j, j::k] = demand
    bounds = [(0, 1 if ok else 0) for ok in usable.ravel()]
    if covering:
        answer = linprog(
            price.ravel(), A_ub=np.vstack((load, serve)), b_ub=[*capacity[opened], *np.ones(n)], bounds=bounds
        )
    else:
        answer = linprog(price.ravel(), A_ub=load, b_ub=capacity[opened], A_eq=serve, b_eq=np.ones(n), bounds=bounds)
    return float(answer.fun) if answer.status == 0 else None


def single_cost(cost, demand, opened, capacity, limit, covering):
    """Least cost when each point has one site, by trying every assignment."""
    options = [
        [j for j in opened if cost[i, j] <= limit and np.isfinite(cost[i, j])] + ([None] if covering else [])
        for i in range(len(cost))
    ]
    values = []
    for sites in product(*options):
        load = np.zeros(len(capacity))
        value = 0.0
        for i, j in enumerate(sites):
            if j is not None:
                load[j] += demand[i]
                value += demand[i] * (-1.0 if covering else cost[i, j])
        if (load <= capacity + 1e-9).all():
            values.append(value)
    return min(values, default=None)


def check(plan, expected):
    if expected is None:
        assert plan.status == "infeasible", plan
        assert plan.reasons
        return
    assert plan.status == "optimal", plan
    assert plan.objective == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert plan.certificate.agrees, plan.certificate


def expected_of(model, values):
    values = [value for value in values if value is not None]
    value = best(values, False)
    return None if value is None else (-value if model == "cmclp" else value)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("model", ["cmclp", "cpmedian", "cflp"])
def test_split_demand(seed, model, monkeypatch):
    if seed % 2:
        monkeypatch.setattr("geoplan.siting.capacity.solve.FEW_PAIRS", 0)
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(rng, n=6, m=6, sparse_share=0.15)
    required = (rng.random(6) < 0.15) & ~existing & ~forbidden
    capacity = rng.integers(4, 25, 6).astype(float)
    price = rng.integers(0, 30, 6).astype(float)
    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, required=required, site_cost=price, capacity=capacity
    )
    if model == "cflp":
        asked, p, limit = {}, None, np.inf
    elif model == "cmclp":
        asked, p, limit = {"p": 2, "radius": 5}, 2, 5
    elif seed % 3 == 0:
        asked, p, limit = {"budget": 40}, None, np.inf
    else:
        asked, p, limit = {"p": 3}, 3, np.inf
    values = []
    for opened, new in choices(existing, forbidden, p, required):
        if price[new].sum() > asked.get("budget", np.inf):
            continue
        value = split_cost(cost, demand, opened, capacity, limit, model == "cmclp")
        values.append(None if value is None else value + (price[new].sum() if model == "cflp" else 0.0))
    check(problem.solve(model, **asked), expected_of(model, values))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("model", ["cmclp", "cpmedian", "cflp"])
def test_single_source(seed, model, monkeypatch):
    if seed % 2:  # as large questions go: by way of demand that may be split
        monkeypatch.setattr(capacity_solve, "FEW_PAIRS", 0)
    rng = np.random.default_rng(500 + seed)
    cost, demand, existing, forbidden = random_instance(rng, n=5, m=4, sparse_share=0.1)
    capacity = rng.integers(4, 18, 4).astype(float)
    price = rng.integers(0, 30, 4).astype(float)
    problem = SitingProblem.from_matrix(
        cost, demand, existing=existing, forbidden=forbidden, site_cost=price, capacity=capacity
    )
    asked = {"cflp": {}, "cmclp": {"p": 2, "radius": 6}, "cpmedian": {"p": 2}}[model]
    values = []
    for opened, new in choices(existing, forbidden, asked.get("p")):
        value = single_cost(cost, demand, opened, capacity, asked.get("radius", np.inf), model == "cmclp")
        values.append(None if value is None else value + (price[new].sum() if model == "cflp" else 0.0))
    plan = problem.solve(model, single_source=True, **asked)
    check(plan, expected_of(model, values))
    if plan.found:
        assert (np.diff(plan.allocation.indptr) <= 1).all()


@given(st.integers(0, 10_000))
def test_more_capacity_is_never_worse(seed):
    rng = np.random.default_rng(seed)
    cost, demand, price = rng.random((15, 6)) * 10, rng.integers(1, 9, 15).astype(float), rng.random(6) * 50
    tight = SitingProblem.from_matrix(cost, demand, site_cost=price, capacity=np.full(6, 30.0)).solve("cflp")
    loose = SitingProblem.from_matrix(cost, demand, site_cost=price, capacity=np.full(6, 45.0)).solve("cflp")
    free = SitingProblem.from_matrix(cost, demand, site_cost=price).solve("cflp")
    assert free.objective <= loose.objective + 1e-6
    assert loose.objective <= tight.objective + 1e-6


def test_too_little_capacity_is_infeasible_and_said():
    plan = SitingProblem.from_matrix(np.ones((3, 2)), [5, 5, 5], capacity=[7, 7]).solve("cflp")
    assert plan.status == "infeasible"
    assert plan.reasons


@pytest.mark.shared
def test_published_optima(shared):
    folder = shared / "benchmarks/cflp_orlib"
    with (folder / "optimal.csv").open(encoding="utf-8") as file:
        optimum = {row["instance"]: float(row["published"]) for row in csv.DictReader(file)}
    assert optimum
    for name, value in optimum.items():
        plan = read_cap(folder / f"{name}.txt.gz").problem.solve("cflp")
        assert plan.status == "optimal", name
        assert plan.objective == pytest.approx(value, abs=2e-3), name
        assert plan.certificate.agrees, name
