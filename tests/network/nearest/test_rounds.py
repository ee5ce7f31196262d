"""Orders of visiting, beside every order there is."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.network.nearest import visiting_order


def length(seconds: np.ndarray, order) -> float:
    return float(sum(seconds[a, b] for a, b in pairwise(order)))


def test_places_on_a_line_are_visited_along_it():
    #  2 --- 0 --- 3 ------- 1      metres along a street: 0, 10, 20, 50
    at = np.array([10.0, 50.0, 0.0, 20.0])
    order = visiting_order(np.abs(at[:, None] - at[None, :])).tolist()
    assert order in ([2, 0, 3, 1], [1, 3, 0, 2])


def test_a_one_way_ring_is_not_gone_round_against_its_traffic():
    n = 6
    ahead = (np.arange(n)[None, :] - np.arange(n)[:, None]) % n  # one step on costs 1, one step back the whole ring
    order = visiting_order(ahead.astype(float))
    assert length(ahead, order) == n - 1


def test_what_no_way_joins_comes_where_it_costs_one_break():
    seconds = np.array([[0.0, 5.0, np.inf], [5.0, 0.0, np.inf], [np.inf, np.inf, 0.0]])
    order = visiting_order(seconds)
    assert sorted(order.tolist()) == [0, 1, 2]
    assert np.isinf([seconds[a, b] for a, b in pairwise(order)]).sum() == 1


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_places(n):
    assert sorted(visiting_order(np.zeros((n, n))).tolist()) == list(range(n))
    assert visiting_order(np.array([[0.0, 9.0], [1.0, 0.0]])).tolist() == [1, 0]


@given(st.integers(3, 6), st.integers(0, 2**32 - 1))
def test_never_shorter_than_the_shortest_and_no_turn_saves_time(n, seed):
    xy = np.random.default_rng(seed).random((n, 2))
    seconds = np.linalg.norm(xy[:, None] - xy[None, :], axis=2)
    order = visiting_order(seconds)
    assert sorted(order.tolist()) == list(range(n))
    best = min(length(seconds, walk) for walk in permutations(range(n)))
    assert best - 1e-9 <= length(seconds, order) <= 1.5 * best
    for first in range(n - 1):
        for last in range(first + 1, n):
            turned = order.copy()
            turned[first : last + 1] = order[first : last + 1][::-1]
            assert length(seconds, turned) >= length(seconds, order) - 1e-9
