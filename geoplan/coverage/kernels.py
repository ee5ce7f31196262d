"""Compiled loops of coverage: arrays in, arrays out; callers check the input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["add_to_cube", "kth_cost"]


Long = npt.NDArray[np.int64]
Int = npt.NDArray[np.int32]
Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]
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


@njit(cache=True, nogil=True)
def add_to_cube(kth: Single, limits: Single, member: Int, workers: Double, out: Double) -> None:
    """Add the workers who have k stations within each limit to sums by area and trade.

    A worker is added at the smallest of the ascending limits that suffices; the caller sums over limits afterwards.
    Shapes: kth (n, K), limits (L,), member (levels, n) positions of areas counted through all levels or -1,
    workers (n, T), out (K, L, areas, T), added to.
    """
    n, n_k = kth.shape
    n_levels = member.shape[0]
    n_trades = workers.shape[1]
    for i in range(n):
        for k in range(n_k):
            at = 0
            while at < len(limits) and kth[i, k] > limits[at]:
                at += 1
            if at == len(limits):
                break  # farther stations are farther still
            for level in range(n_levels):
                area = member[level, i]
                if area >= 0:
                    for t in range(n_trades):
                        out[k, at, area, t] += workers[i, t]
