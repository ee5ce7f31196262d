# mypy: disallow-untyped-decorators=False
"""Compiled Lagrangean bound of capacitated location: who serves whom is priced, capacities are kept.

Pairs are listed by site in ``ptr``/``point``/``cost`` (cost of serving the whole point); ``load`` is the demand of each
point, ``v`` its multiplier. At given multipliers every site fills its capacity with the points that pay it most.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoplan.siting.exact import BOUND_SLACK
from geoplan.siting.kernels import buy

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]

LEAST_NORM = 1e-9  # of the squared direction: what is shorter is the rest of earlier ones


@njit(cache=True)
def fill_sites(
    ptr: Ints, point: Ints, cost: Floats, load: Floats, capacity: Floats, v: Floats, share: Floats, worth: Floats
) -> None:  # fmt: skip
    """Fill ``share`` with what each site would serve when open, and ``worth`` with what that costs (never above 0)."""
    longest = 0
    for j in range(len(capacity)):
        longest = max(longest, ptr[j + 1] - ptr[j])
    rate, pair = np.empty(longest), np.empty(longest, np.int64)
    for j in range(len(capacity)):
        worth[j] = 0.0
        paying = 0
        asked = 0.0
        for q in range(ptr[j], ptr[j + 1]):
            share[q] = 0.0
            i = point[q]
            reduced = cost[q] - v[i]
            if reduced < 0.0:  # few pay; only they are sorted, and only where they do not all fit
                rate[paying] = reduced / load[i] if load[i] > 0.0 else reduced * 1e12
                pair[paying] = q
                asked += load[i]
                paying += 1
        left = capacity[j]
        if asked <= left:
            for k in range(paying):
                share[pair[k]] = 1.0
                worth[j] += cost[pair[k]] - v[point[pair[k]]]
            continue
        for k in np.argsort(rate[:paying]):
            q = pair[k]
            reduced = cost[q] - v[point[q]]
            part = 1.0 if load[point[q]] <= left else left / load[point[q]]
            share[q] = part
            worth[j] += part * reduced
            left -= part * load[point[q]]
            if left <= 0.0:
                break


@njit(cache=True)
def choose_sites(
    rho: Floats, free: Mask, capacity: Floats, p: int, price: Floats, budget: float, need: float, y: Floats
) -> float:  # fmt: skip
    """Fill ``y`` with the cheapest relaxed choice of free sites by ``rho``; return its cost.

    One rule is kept: the number p where it is given (p >= 0), else the budget where it is finite, else the capacity
    ``need`` that all open sites must have together (sites in part).
    """
    total = 0.0
    y[:] = 0.0
    left = need
    for j in range(len(rho)):
        if not free[j]:
            y[j] = 1.0
            total += rho[j]
            left -= capacity[j]
    order = np.flatnonzero(free)
    if p >= 0:
        order = order[np.argsort(rho[order])]
        for k in order[:p]:
            y[k] = 1.0
            total += rho[k]
        return total
    if budget < np.inf:
        return total + buy(order, rho, price, budget, y)
    order = order[np.argsort(rho[order] / np.maximum(capacity[order], 1e-9))]
    for k in order:
        if rho[k] < 0.0:
            y[k] = 1.0
        elif left > 0.0 and capacity[k] > 0.0:
            y[k] = min(1.0, left / capacity[k])
        total += y[k] * rho[k]
        left -= y[k] * capacity[k]
    return total


@njit(cache=True)
def ascend(
    ptr: Ints, point: Ints, cost: Floats, load: Floats, fixed: Floats, free: Mask, capacity: Floats, p: int,
    price: Floats, budget: float, need: float, v: Floats, top: float, target: float, step: float, rounds: int,
    y: Floats, rho: Floats
) -> tuple[float, float]:  # fmt: skip
    """Improve ``v`` by subgradient steps; return the best bound and the last step length.

    On return ``v``, ``rho`` and ``y`` belong to the best bound. No multiplier passes ``top``.
    """
    n, m = len(load), len(capacity)
    share, worth = np.empty(len(point)), np.empty(m)
    now, now_y = v.copy(), np.empty(m)
    direction = np.zeros(n)
    served = np.empty(n)
    best = -np.inf
    stall = 0
    for _ in range(rounds):
        fill_sites(ptr, point, cost, load, capacity, now, share, worth)
        worth += fixed
        bound = now.sum() + choose_sites(worth, free, capacity, p, price, budget, need, now_y)
        bound -= BOUND_SLACK * (np.abs(now).sum() + np.abs(worth).sum())
        if bound > best:
            best = bound
            stall = 0
            v[:] = now
            y[:] = now_y
            rho[:] = worth
        else:
            stall += 1
        if stall >= 10:
            step *= 0.6
            stall = 0
            now[:] = v
            direction[:] = 0.0
            continue
        served[:] = 0.0
        for j in range(m):
            if now_y[j] > 0.0:
                for q in range(ptr[j], ptr[j + 1]):
                    served[point[q]] += now_y[j] * share[q]
        norm = 0.0
        for i in range(n):
            g = 1.0 - served[i]
            if g > 0.0 and now[i] >= top:
                g = 0.0
            direction[i] = g + 0.4 * direction[i]
            norm += direction[i] * direction[i]
        if norm < LEAST_NORM or step < 1e-4:
            break
        length = step * max(target - bound, 1e-7 * abs(target)) / norm
        for i in range(n):
            now[i] = min(now[i] + length * direction[i], top)
    return best, step
