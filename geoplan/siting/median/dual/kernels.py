# mypy: disallow-untyped-decorators=False
"""Compiled loops of the p-median's lower bounds: Lagrangean subgradient, reduced costs, separation of Benders cuts.

Near lists as in :mod:`geoplan.siting.median.kernels`. The multiplier ``v[i]`` is what demand point i pays at most; the
sites it pays for are those nearer than ``v[i]``, and ``rho[j]`` is minus what site j collects.
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


@njit(cache=True)
def collect(ptr: Ints, site: Ints, cost: Floats, v: Floats, rho: Floats) -> None:
    """Fill ``rho`` with minus what each site collects from the demand points at multipliers ``v``."""
    rho[:] = 0.0
    for i in range(len(v)):
        for q in range(ptr[i], ptr[i + 1]):
            if cost[q] >= v[i]:
                break
            rho[site[q]] += cost[q] - v[i]


@njit(cache=True)
def _pick(rho: Floats, p: int, price: Floats, budget: float, y: Floats) -> float:
    """Fill ``y`` with the best sites by ``rho``: p whole ones, or what the budget buys, the last in part; their sum."""
    y[:] = 0.0
    total = 0.0
    if p >= 0:
        order = np.argsort(rho)
        for k in range(min(p, len(rho))):
            y[order[k]] = 1.0
            total += rho[order[k]]
        return total
    return buy(np.arange(len(rho)), rho, price, budget, y)


@njit(cache=True)
def subgradient(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, v: Floats, p: int, price: Floats, budget: float, target: float,
    enough: float, step: float, rounds: int, mean: Floats
) -> tuple[float, float]:  # fmt: skip
    """Improve the multipliers ``v`` by deflected subgradient steps; return the best bound and the last step length.

    ``v`` holds the best multipliers on return, ``mean`` a running mean of the sites picked. ``target`` is the objective
    the steps aim at, ``enough`` a bound that ends them; ``step`` falls whenever the bound stalls (Held, Wolfe and
    Crowder 1974; the direction keeps part of the one before it, Camerini, Fratta and Maffioli 1975).
    """
    n, m = len(v), len(price)
    rho, y = np.empty(m), np.empty(m)
    now = v.copy()
    direction = np.zeros(n)
    best = -np.inf
    stall = 0
    for _ in range(rounds):
        collect(ptr, site, cost, now, rho)
        bound = now.sum() + _pick(rho, p, price, budget, y)
        bound -= BOUND_SLACK * (now.sum() + np.abs(rho).sum())
        mean *= 0.9
        mean += 0.1 * y
        if bound > best:
            if bound > best + 1e-6 * abs(best):
                stall = 0
            best = bound
            v[:] = now
            if best > enough:
                break
        else:
            stall += 1
        if stall >= 12:
            step *= 0.6
            stall = 0
            now[:] = v
            direction[:] = 0.0
            continue
        norm = 0.0
        for i in range(n):
            g = 1.0
            for q in range(ptr[i], ptr[i + 1]):
                if cost[q] >= now[i]:
                    break
                g -= y[site[q]]
            if g > 0.0 and now[i] >= far[i]:
                g = 0.0
            direction[i] = g + 0.4 * direction[i]
            norm += direction[i] * direction[i]
        if norm == 0.0 or step < 1e-4:
            break
        length = step * max(target - bound, 1e-7 * abs(target)) / norm
        for i in range(n):
            least = cost[ptr[i]] if ptr[i] < ptr[i + 1] else far[i]
            now[i] = min(max(now[i] + length * direction[i], least), far[i])
    return best, step


@njit(cache=True)
def violated_levels(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, must: Mask, y: Floats, theta: Floats, eps: float, level: Floats
) -> int:  # fmt: skip
    """Fill ``level`` with the level of the most violated cut of each demand point, -1 where none is violated.

    The cut of level D reads ``theta + sum((D - cost) * y over sites nearer than D) >= D``; the best D is the cost at
    which the open shares, nearest first, add up to one (Duran-Mateluna, Ales and Elloumi 2023). Returns their number.
    """
    found = 0
    for i in range(len(far)):
        level[i] = -1.0
        if ptr[i] == ptr[i + 1]:
            continue
        share = 0.0
        value = 0.0
        q = ptr[i]
        while q < ptr[i + 1] and share < 1.0 - 1e-9:
            part = min(y[site[q]], 1.0 - share)
            share += part
            value += part * cost[q]
            q += 1
        top = cost[q - 1]
        if share < 1.0 - 1e-9:
            top = cost[ptr[i + 1] - 1] if must[i] else far[i]
            value += (1.0 - share) * top
        if value > theta[i] + eps * max(1.0, value):
            level[i] = top
            found += 1
    return found


@njit(cache=True)
def cut_entries(
    ptr: Ints, site: Ints, cost: Floats, rows: Ints, levels: Floats, row_ptr: Ints, columns: Ints, values: Floats
) -> None:  # fmt: skip
    """Write the cuts of the given demand points and levels as sparse rows, without theta; ``row_ptr`` is the room."""
    for k in range(len(rows)):
        q = ptr[rows[k]]
        for r in range(row_ptr[k], row_ptr[k + 1]):
            columns[r] = site[q]
            values[r] = levels[k] - cost[q]
            q += 1


@njit(cache=True)
def nearer(ptr: Ints, cost: Floats, rows: Ints, levels: Floats, count: Ints) -> None:
    """Fill ``count`` with how many listed sites are nearer than the level, for each given demand point."""
    for k in range(len(rows)):
        q = ptr[rows[k]]
        while q < ptr[rows[k] + 1] and cost[q] < levels[k]:
            q += 1
        count[k] = q - ptr[rows[k]]
