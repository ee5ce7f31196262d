"""Compiled loops of coverage: arrays in, arrays out; callers check the input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["kth_cost"]


Long = npt.NDArray[np.int64]
Int = npt.NDArray[np.int32]
Single = npt.NDArray[np.float32]
Flag = npt.NDArray[np.bool_]


@njit(cache=True, nogil=True)
def kth_cost(indptr: Long, station: Int, cost: Single, is_open: Flag, k: int) -> Single:
    """Return for each demand point the costs of its k nearest open stations, infinite where there are fewer.

    Shapes: indptr (n_demand + 1,), station and cost (nnz,) ascending by cost within a point, is_open (n_stations,);
    result float32 (n_demand, k).
    """
    n = len(indptr) - 1
    out = np.full((n, k), np.inf, np.float32)
    for i in range(n):
        found = 0
        for e in range(indptr[i], indptr[i + 1]):
            if is_open[station[e]]:
                out[i, found] = cost[e]
                found += 1
                if found == k:
                    break
    return out
