"""Annealing finds what exhaustive search finds, twice the same, and stops when told."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
from scipy import sparse

from geoplan.siting import SitingProblem
from geoplan.siting.cover import from_reach
from geoplan.siting.covering import maximise
from geoplan.siting.covering.annealing import annealed


def cover_rows(seed: int, n_rows: int = 60, n_columns: int = 14):
    rng = np.random.default_rng(seed)
    matrix = rng.random((n_rows, n_columns)) < 0.15
    weights = rng.integers(1, 50, n_rows).astype(float)
    return from_reach(sparse.csr_array(matrix.astype(np.int8)), weights[None, :])


def mask(columns, n: int = 14):
    chosen = np.zeros(n, dtype=bool)
    chosen[list(columns)] = True
    return chosen


def test_finds_the_best_of_all_sets():
    """Annealing proves nothing: of eight small problems one may be missed, and none ends below its start."""
    hits = 0
    for seed in range(8):
        rows, start = cover_rows(seed), mask(range(4))
        best = max(rows.value(mask(columns)) for columns in combinations(range(14), 4))
        found = annealed(rows, start, seed, lambda: False, looks=5e5)
        assert found.sum() == 4
        assert rows.value(start) <= rows.value(found) <= best
        hits += rows.value(found) == best
    assert hits >= 7


def test_same_seed_same_walk_and_never_worse():
    rows = cover_rows(3, 4000, 80)
    start = mask(range(20), 80)
    one, two = (annealed(rows, start, 7, lambda: False, looks=5e6) for _ in range(2))
    assert (one == two).all()
    assert rows.value(one) > rows.value(start)
    assert (start == mask(range(20), 80)).all()
    assert (annealed(rows, start, 7, lambda: True) == start).all()  # cancelled before the first step


def test_a_walk_short_of_time_cools_faster():
    rows = cover_rows(5, 20_000, 200)
    began = time.perf_counter()
    found = annealed(rows, mask(range(30), 200), 0, lambda: False, seconds=0.3)
    assert time.perf_counter() - began < 30  # the whole walk takes minutes
    assert rows.value(found) > rows.value(mask(range(30), 200))


def test_nothing_to_exchange():
    rows = cover_rows(1)
    for still in (mask(range(14)), mask(())):
        assert (annealed(rows, still, 0, lambda: False) == still).all()


def test_the_solver_anneals_where_the_tree_stays_open(monkeypatch):
    """With no time for the trees between and no small programs, the annealed plan comes out, with a sound bound."""
    monkeypatch.setattr(maximise, "SMALL_PAIRS", 0)
    monkeypatch.setattr(maximise, "TREE_SHARE", 0.0)
    walked = []

    def walk(rows, opened, seed, stop, looks, seconds):
        walked.append(seconds)
        return annealed(rows, opened, seed, stop, looks=looks, seconds=min(seconds, 0.5))

    monkeypatch.setattr(maximise, "annealed", walk)
    # every demand point lies between two sites: half of each covers all, which no plan of whole sites does
    rng = np.random.default_rng(11)
    cost = np.full((400, 60), np.inf)
    for row in cost:
        row[rng.choice(60, 2, replace=False)] = 1.0
    problem = SitingProblem.from_matrix(cost, rng.integers(1, 101, 400))
    plan = problem.solve("mclp", p=30, radius=1.0, time_limit_s=5)
    assert walked
    assert 0 < walked[0] < 5
    assert plan.certificate.agrees
    assert plan.bound >= plan.objective
