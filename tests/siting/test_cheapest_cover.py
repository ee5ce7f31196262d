"""Set covering alone: reductions, prices of rows, local search and tree against every choice of columns."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from geoplan.siting import SitingProblem
from geoplan.siting.control import Control
from geoplan.siting.cover import by_columns, from_reach
from geoplan.siting.covering.set_cover import cheapest_cover, core
from geoplan.siting.covering.set_cover.kernels import ascend, dominated_columns, priced_cover, weighted_search


def instance(seed, n=12, m=10, share=0.3, dearest=6):
    """Return a random matrix in which every row has a column, and prices."""
    rng = np.random.default_rng(seed)
    covers = rng.random((n, m)) < share
    covers[np.arange(n), rng.integers(0, m, n)] = True
    price = rng.integers(0 if seed % 7 == 0 else 1, dearest + 1, m).astype(float)
    return covers, price + (rng.random(m) if seed % 3 == 0 else 0.0)


def rows_of(covers):
    return from_reach(sparse.csr_array(covers.astype(np.int8)), np.ones((1, len(covers))))


def least(covers, price):
    """Return the price of the cheapest cover, by every choice."""
    m = covers.shape[1]
    sets = (list(chosen) for size in range(m + 1) for chosen in combinations(range(m), size))
    return min(price[chosen].sum() for chosen in sets if covers[:, chosen].any(axis=1).all())


@pytest.mark.parametrize("seed", range(80))
def test_cheapest_cover_is_the_cheapest(seed):
    covers, price = instance(seed)
    answer = cheapest_cover(rows_of(covers), price, Control(maximise=False))
    assert answer.value == pytest.approx(least(covers, price))
    assert answer.bound == pytest.approx(answer.value, rel=1e-8)
    assert covers[:, answer.chosen].any(axis=1).all()
    assert price[answer.chosen].sum() == pytest.approx(answer.value)


@pytest.mark.parametrize("seed", range(40))
def test_bound_below_optimum_below_heuristics(seed):
    covers, price = instance(seed)
    price += 1.0
    optimum, rows = least(covers, price), rows_of(covers)
    columns = by_columns(rows)
    u, shares = np.zeros(rows.n_rows), np.zeros(rows.n_columns)
    bound, _ = ascend(rows.row_ptr, rows.row_cols, *columns, price, u, optimum, np.inf, 1.0, 300, shares)
    assert bound <= optimum + 1e-9
    assert bound >= 0.7 * optimum  # what the linear relaxation of so small a matrix reaches
    chosen = np.zeros(rows.n_columns, dtype=bool)
    value = priced_cover(rows.row_ptr, rows.row_cols, *columns, price, u, chosen)
    assert value == pytest.approx(price[chosen].sum())
    assert value >= optimum - 1e-9
    state, weight = np.array([np.uint64(1)], dtype=np.uint64), np.ones(rows.n_rows, dtype=np.int64)
    found = weighted_search(rows.row_ptr, rows.row_cols, *columns, price, chosen, 50_000, weight, state)
    assert found == pytest.approx(price[chosen].sum())
    assert optimum - 1e-9 <= found <= value + 1e-9
    assert covers[:, chosen].any(axis=1).all()


@pytest.mark.parametrize("seed", range(60))
def test_core_keeps_a_cheapest_cover(seed):
    covers, price = instance(seed)
    small = core(rows_of(covers), price)
    inner = small.rows.matrix.toarray().astype(bool)
    rest = least(inner, small.price) if small.rows.n_rows else 0.0
    assert price[small.opened].sum() + rest == pytest.approx(least(covers, price))
    assert (small.price == price[small.columns]).all()


def test_dominated_columns_by_hand():
    """Columns a = {0, 1}, b = {1}, c = {0, 1} as dear as a, d = {1, 2} dearer; e = {2} cheap: b and c go."""
    covers = np.array([[1, 0, 1, 0, 0], [1, 1, 1, 1, 0], [0, 0, 0, 1, 1]], dtype=bool)
    rows, gone = rows_of(covers), np.zeros(5, dtype=bool)
    dominated_columns(rows.row_ptr, rows.row_cols, *by_columns(rows), np.array([2.0, 2.0, 2.0, 5.0, 1.0]), 1000, gone)
    assert gone.tolist() == [False, True, True, False, False]


def test_larger_covers_are_those_of_highs():
    rng = np.random.default_rng(4)
    covers = rng.random((120, 300)) < 0.04
    covers[np.arange(120), rng.integers(0, 300, 120)] = True
    price = rng.integers(1, 101, 300).astype(float)
    cost = np.where(covers, 1.0, np.inf)
    problem = SitingProblem.from_matrix(cost, np.ones(120), site_cost=price)
    plan = problem.solve("lscp", radius=1.0, by_cost=True)
    # A rule that binds nobody takes the other way, through HiGHS.
    ruled = SitingProblem.from_matrix(
        cost, np.ones(120), site_cost=price, site_group=np.zeros(300), quotas={0: (0, 300)}
    )
    other = ruled.solve("lscp", radius=1.0, by_cost=True)
    assert plan.status == other.status == "optimal"
    assert plan.objective == other.objective
    again = problem.solve("lscp", radius=1.0, by_cost=True, warm=plan)
    assert (again.status, again.objective) == ("optimal", plan.objective)


def test_cancelled_at_once_is_honest():
    covers, price = instance(1)
    answer = cheapest_cover(rows_of(covers), price, Control(cancel=lambda: True, maximise=False))
    assert answer.bound <= least(covers, price) <= answer.value
