"""Totals shared out exactly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.demand import apportion
from geoplan.errors import InputError

weights = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60).filter(lambda w: sum(w) > 1e-3)
totals = st.one_of(st.integers(0, 10**7).map(float), st.floats(1e-3, 1e7), st.integers(1, 8).map(lambda n: n / 1024))


@given(totals, weights, st.randoms(use_true_random=False))
def test_parts_sum_exactly_in_any_order(total, share, random):
    parts = apportion(total, share)
    assert parts.sum() == total
    assert math.fsum(parts) == total
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert sum(shuffled) == total
    assert (parts >= 0).all()
    assert (parts[np.array(share) == 0] == 0).all()


@given(st.integers(1, 10**6).map(float), weights)
def test_parts_are_near_their_proportion(total, share):
    ideal = np.array(share) / math.fsum(share) * total
    assert np.abs(apportion(total, share) - ideal).max() <= 2**-10 + 1e-9 * total


def test_by_hand():
    assert apportion(10.0, [1, 1, 2]).tolist() == [2.5, 2.5, 5.0]
    thirds = apportion(1.0, [1, 1, 1])  # 1024 units: 342, 341, 341
    assert (thirds * 1024).tolist() == [342, 341, 341]
    assert apportion(0.0, [0, 0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("total", "share"), [(1.0, [0.0]), (-1.0, [1.0]), (1.0, [-1.0]), (float("nan"), [1.0])])
def test_what_cannot_be_shared_is_refused(total, share):
    with pytest.raises(InputError):
        apportion(total, share)
