"""Compiled Lagrangean bound of capacitated location: who serves whom is priced, capacities are kept.

Pairs are listed by site in ``ptr``/``point``/``cost`` (cost of serving the whole point); ``load`` is the demand of each
point, ``v`` its multiplier. At given multipliers every site fills its capacity with the points that pay it most.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def fill_sites(ptr, point, cost, load, capacity, v, share, worth):
    """Fill ``share`` with what each site would serve when open, and ``worth`` with what that costs (never above 0)."""
    for j in range(len(capacity)):
        start, stop = ptr[j], ptr[j + 1]
        worth[j] = 0.0
        rate = np.empty(stop - start)
        for q in range(start, stop):
            share[q] = 0.0
            i = point[q]
            reduced = cost[q] - v[i]
            rate[q - start] = reduced / load[i] if load[i] > 0.0 else reduced * 1e12
        left = capacity[j]
        for k in np.argsort(rate):
            q = start + k
            reduced = cost[q] - v[point[q]]
            if reduced >= 0.0:
                break
            part = 1.0 if load[point[q]] <= left else left / load[point[q]]
            share[q] = part
            worth[j] += part * reduced
            left -= part * load[point[q]]
            if left <= 0.0:
                break


@njit(cache=True)
def choose_sites(rho, free, capacity, p, price, budget, need, y):
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
        for j in order[:p]:
            y[j] = 1.0
            total += rho[j]
        return total
    if budget < np.inf:
        order = order[np.argsort(rho[order] / np.maximum(price[order], 1e-9))]
        money = budget
        for j in order:
            if rho[j] >= 0.0 or money <= 0.0:
                break
            y[j] = 1.0 if price[j] <= money else money / price[j]
            money -= y[j] * price[j]
            total += y[j] * rho[j]
        return total
    order = order[np.argsort(rho[order] / np.maximum(capacity[order], 1e-9))]
    for j in order:
        if rho[j] < 0.0:
            y[j] = 1.0
        elif left > 0.0 and capacity[j] > 0.0:
            y[j] = min(1.0, left / capacity[j])
        total += y[j] * rho[j]
        left -= y[j] * capacity[j]
    return total


@njit(cache=True)
def ascend(ptr, point, cost, load, fixed, free, capacity, p, price, budget, need, v, top, target, step, rounds, y, rho):
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
        if norm == 0.0 or step < 1e-4:
            break
        length = step * max(target - bound, 1e-7 * abs(target)) / norm
        for i in range(n):
            now[i] = min(now[i] + length * direction[i], top)
    return best, step
