"""Reaches and times written as dense tables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from geoplan.coverage import Reach
from geoplan.network.times import TravelTimes


def _times(table: object, limit_s: float = 1200.0) -> TravelTimes:
    dense = np.asarray(table, np.float64)
    keep = dense <= limit_s
    indptr = np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(np.int64)
    nothing = np.empty(0, np.int64)
    return TravelTimes(
        np.arange(dense.shape[0]), np.arange(dense.shape[1]), indptr, np.nonzero(keep)[1].astype(np.int32),
        dense[keep].astype(np.float32), limit_s, "walk", nothing, nothing,
    )  # fmt: skip


@pytest.fixture(scope="session")
def times_of() -> Callable[..., TravelTimes]:
    """Times from a dense table; pairs beyond the limit are left out, as the search leaves them out."""
    return _times


@pytest.fixture(scope="session")
def reach_of() -> Callable[..., Reach]:
    """The same as a reach."""
    return lambda table, limit_s=1200.0: Reach.from_times(_times(table, limit_s))
