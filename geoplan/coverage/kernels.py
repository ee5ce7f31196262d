"""Compiled loops of coverage: arrays in, arrays out; callers check the input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["add_marginals", "add_to_cube", "expected_marginals", "kth_cost"]


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


@njit(cache=True, nogil=True)
def add_marginals(
    indptr: Long, station: Int, cost: Single, is_open: Flag, could: Flag, workers: Double, k: int, limit: float,
    loss: Double, gain: Double, reached: Double, stations_seen: Double,
) -> None:  # fmt: skip
    """Add, for each station, what depends on it alone, what it would add, and whom it reaches among how many others.

    ``loss`` of an open station: workers with exactly k open stations within the limit, it being one of them.
    ``gain`` of a closed station that could open: workers with exactly k - 1, it being within the limit.
    ``reached`` of an open station: workers within the limit; ``stations_seen``: the same times their open stations.
    Shapes: workers (n,), loss, gain, reached and stations_seen (n_stations,), added to.
    """
    for i in range(len(indptr) - 1):
        start, stop = indptr[i], indptr[i]
        found = 0
        while stop < indptr[i + 1] and cost[stop] <= limit:
            if is_open[station[stop]]:
                found += 1
            stop += 1
        w = workers[i]
        for e in range(start, stop):
            j = station[e]
            if is_open[j]:
                reached[j] += w
                stations_seen[j] += w * found
                if found == k:
                    loss[j] += w
            elif could[j] and found == k - 1:
                gain[j] += w


@njit(cache=True, nogil=True)
def expected_marginals(
    indptr: Long, station: Int, cost: Single, chance: Double, k: int, limit: float, workers: Double, at_stake: Double
) -> Double:
    """Return the chance that each point has at least k really open stations, and what hangs on each station.

    Stations are independent; ``chance`` (n_stations,) is that of being really open. ``at_stake`` (n_stations,) is
    added the workers times the chance that exactly k - 1 of the *other* stations are open: what the station decides.
    """
    n = len(indptr) - 1
    covered = np.zeros(n)
    exactly = np.empty(k + 1)  # chance of 0 … k - 1 open, and of k or more
    others = np.empty(k + 1)
    for i in range(n):
        stop = indptr[i]
        while stop < indptr[i + 1] and cost[stop] <= limit:
            stop += 1
        _chances(station, chance, indptr[i], stop, -1, exactly)
        covered[i] = exactly[k]
        if workers[i] > 0:
            for e in range(indptr[i], stop):
                if chance[station[e]] > 0:
                    _chances(station, chance, indptr[i], stop, e, others)
                    at_stake[station[e]] += workers[i] * others[k - 1]
    return covered


@njit(cache=True, nogil=True)
def _chances(station: Int, chance: Double, start: int, stop: int, skip: int, out: Double) -> None:
    """Fill ``out`` with the chances that exactly 0, 1 … and at least len(out) - 1 stations are open."""
    k = len(out) - 1
    out[:] = 0.0
    out[0] = 1.0
    for e in range(start, stop):
        if e == skip:
            continue
        p = chance[station[e]]
        if p == 0.0:
            continue
        out[k] += out[k - 1] * p
        for m in range(k - 1, 0, -1):
            out[m] = out[m] * (1.0 - p) + out[m - 1] * p
        out[0] *= 1.0 - p
