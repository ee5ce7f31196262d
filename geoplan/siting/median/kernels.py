# mypy: disallow-untyped-decorators=False
"""Compiled local search of the p-median: greedy, interchange and shaking, over near lists.

Arrays in, arrays out. ``ptr``/``site``/``cost`` list the free sites of each demand point nearest first;
``col_ptr``/``col_row``/``col_cost`` hold the same pairs by site. ``first``/``second`` are the nearest and second
nearest open sites of a demand point (-1: the site that is open anyway, at cost ``far``), ``d1``/``d2`` their costs.
``gain[j]`` is what opening j saves; ``loss[j]`` what closing j costs. Rules over the sites (number, budget, quotas,
exclusive sets, spacing) are linear rows, by site in ``rule_ptr``/``rule_id``/``rule_value``, with their present sums
in ``use``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoplan.siting.exact import ROW_SLACK
from geoplan.siting.kernels import charge, fits, holds, next_random

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


@njit(cache=True)
def _next_open(i: int, skip: int, ptr: Ints, site: Ints, cost: Floats, far: Floats, is_open: Mask) -> tuple[int, float]:
    """Nearest open site of demand point i other than ``skip``, and its cost."""
    for q in range(ptr[i], ptr[i + 1]):
        if is_open[site[q]] and site[q] != skip:
            return site[q], cost[q]
    return -1, far[i]


@njit(cache=True)
def assign(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, is_open: Mask, first: Ints, second: Ints, d1: Floats,
    d2: Floats, gain: Floats, loss: Floats
) -> float:  # fmt: skip
    """Fill first, second, d1, d2, gain and loss for a set of open sites; return the objective."""
    gain[:] = 0.0
    loss[:] = 0.0
    total = 0.0
    for i in range(len(far)):
        first[i], d1[i] = _next_open(i, -1, ptr, site, cost, far, is_open)
        second[i], d2[i] = -1, far[i]
        if first[i] >= 0:
            second[i], d2[i] = _next_open(i, first[i], ptr, site, cost, far, is_open)
            loss[first[i]] += d2[i] - d1[i]
        for q in range(ptr[i], ptr[i + 1]):
            if cost[q] >= d1[i]:
                break
            gain[site[q]] += d1[i] - cost[q]
        total += d1[i]
    return total


@njit(cache=True)
def _open(
    j: int, ptr: Ints, site: Ints, cost: Floats, col_ptr: Ints, col_row: Ints, col_cost: Floats, is_open: Mask,
    first: Ints, second: Ints, d1: Floats, d2: Floats, gain: Floats, loss: Floats
) -> None:  # fmt: skip
    """Open site j."""
    is_open[j] = True
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i, c = col_row[r], col_cost[r]
        if c < d1[i]:
            for q in range(ptr[i], ptr[i + 1]):
                if cost[q] >= d1[i]:
                    break
                gain[site[q]] -= d1[i] - max(cost[q], c)
            if first[i] >= 0:
                loss[first[i]] -= d2[i] - d1[i]
            second[i], d2[i] = first[i], d1[i]
            first[i], d1[i] = j, c
            loss[j] += d2[i] - c
        elif c < d2[i]:
            if first[i] >= 0:
                loss[first[i]] -= d2[i] - c
            second[i], d2[i] = j, c


@njit(cache=True)
def _close(
    j: int, ptr: Ints, site: Ints, cost: Floats, far: Floats, col_ptr: Ints, col_row: Ints, is_open: Mask,
    first: Ints, second: Ints, d1: Floats, d2: Floats, gain: Floats, loss: Floats
) -> None:  # fmt: skip
    """Close site j."""
    is_open[j] = False
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_row[r]
        if first[i] == j:
            for q in range(ptr[i], ptr[i + 1]):
                if cost[q] >= d2[i]:
                    break
                gain[site[q]] += d2[i] - max(cost[q], d1[i])
            first[i], d1[i] = second[i], d2[i]
            second[i], d2[i] = -1, far[i]
            if first[i] >= 0:
                second[i], d2[i] = _next_open(i, first[i], ptr, site, cost, far, is_open)
                loss[first[i]] += d2[i] - d1[i]
        elif second[i] == j:
            before = d2[i]
            second[i], d2[i] = _next_open(i, first[i], ptr, site, cost, far, is_open)
            loss[first[i]] += d2[i] - before
    loss[j] = 0.0


@njit(cache=True)
def greedy(
    ptr: Ints, site: Ints, cost: Floats, col_ptr: Ints, col_row: Ints, col_cost: Floats, rule_ptr: Ints,
    rule_id: Ints, rule_value: Floats, lower: Floats, upper: Floats, price: Floats, use: Floats, is_open: Mask,
    first: Ints, second: Ints, d1: Floats, d2: Floats, gain: Floats, loss: Floats
) -> bool:  # fmt: skip
    """Open sites one by one, most saved per price first; sites that a lower limit still needs come before others."""
    m = len(gain)
    while True:
        pick, pick_needed, best = -1, 0, 0.0
        for j in range(m):
            if is_open[j] or not fits(j, rule_ptr, rule_id, rule_value, use, upper):
                continue
            needed = 0
            for q in range(rule_ptr[j], rule_ptr[j + 1]):
                if rule_value[q] > 0 and use[rule_id[q]] < lower[rule_id[q]] - ROW_SLACK:
                    needed += 1
            if needed == 0 and gain[j] <= 0.0:
                continue
            worth = gain[j] / max(price[j], 1e-9)
            if pick < 0 or needed > pick_needed or (needed == pick_needed and worth > best):
                pick, pick_needed, best = j, needed, worth
        if pick < 0:
            break
        charge(pick, 1.0, rule_ptr, rule_id, rule_value, use)
        _open(pick, ptr, site, cost, col_ptr, col_row, col_cost, is_open, first, second, d1, d2, gain, loss)
    return not (use < lower - ROW_SLACK).any()


@njit(cache=True)
def _best_swap(
    out: int, ptr: Ints, site: Ints, cost: Floats, col_ptr: Ints, col_row: Ints, rule_ptr: Ints, rule_id: Ints,
    rule_value: Floats, lower: Floats, upper: Floats, use: Floats, is_open: Mask, first: Ints, d1: Floats, d2: Floats,
    gain: Floats, loss: Floats, both: Floats, eps: float
) -> tuple[int, float]:  # fmt: skip
    """Site that best takes the place of the open site ``out`` (-1 if none improves), and what that saves.

    Resende and Werneck (2004): saved = gain of the site that comes - loss of the one that goes + what both share.
    """
    both[:] = 0.0
    for r in range(col_ptr[out], col_ptr[out + 1]):
        i = col_row[r]
        if first[i] != out:
            continue
        for q in range(ptr[i], ptr[i + 1]):
            if cost[q] >= d2[i]:
                break
            both[site[q]] += d2[i] - max(cost[q], d1[i])
    pick = -1
    best = loss[out] + eps
    charge(out, -1.0, rule_ptr, rule_id, rule_value, use)
    for j in range(len(gain)):
        if gain[j] + both[j] > best and not is_open[j] and fits(j, rule_ptr, rule_id, rule_value, use, upper):
            charge(j, 1.0, rule_ptr, rule_id, rule_value, use)
            if holds(out, rule_ptr, rule_id, use, lower):
                pick = j
                best = gain[j] + both[j]
            charge(j, -1.0, rule_ptr, rule_id, rule_value, use)
    charge(out, 1.0, rule_ptr, rule_id, rule_value, use)
    return pick, best - loss[out]


@njit(cache=True)
def _wake(j: int, col_ptr: Ints, col_row: Ints, first: Ints, second: Ints, awake: Mask) -> None:
    """Mark the open sites around site j as worth another look."""
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_row[r]
        if first[i] == j or second[i] == j:
            if first[i] >= 0:
                awake[first[i]] = True
            if second[i] >= 0:
                awake[second[i]] = True


@njit(cache=True)
def interchange(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, col_ptr: Ints, col_row: Ints, col_cost: Floats, rule_ptr: Ints,
    rule_id: Ints, rule_value: Floats, lower: Floats, upper: Floats, use: Floats, is_open: Mask, first: Ints,
    second: Ints, d1: Floats, d2: Floats, gain: Floats, loss: Floats, awake: Mask, both: Floats, eps: float
) -> float:  # fmt: skip
    """Add and swap sites while that saves more than ``eps``; only sites in ``awake`` are swapped. Return the saving."""
    total = 0.0
    m = len(gain)
    moved = True
    while moved:
        moved = False
        for j in range(m):
            if not is_open[j] and gain[j] > eps and fits(j, rule_ptr, rule_id, rule_value, use, upper):
                total += gain[j]
                charge(j, 1.0, rule_ptr, rule_id, rule_value, use)
                _open(j, ptr, site, cost, col_ptr, col_row, col_cost, is_open, first, second, d1, d2, gain, loss)
                _wake(j, col_ptr, col_row, first, second, awake)
                moved = True
        cheapest = -1
        for j in range(m):
            if is_open[j] and (cheapest < 0 or loss[j] < loss[cheapest]):
                cheapest = j
        if cheapest >= 0:
            awake[cheapest] = True
        for out in range(m):
            if not (is_open[out] and awake[out]):
                continue
            awake[out] = False
            pick, saved = _best_swap(
                out, ptr, site, cost, col_ptr, col_row, rule_ptr, rule_id, rule_value, lower, upper, use, is_open,
                first, d1, d2, gain, loss, both, eps,
            )  # fmt: skip
            if pick < 0:
                continue
            _wake(out, col_ptr, col_row, first, second, awake)
            charge(out, -1.0, rule_ptr, rule_id, rule_value, use)
            _close(out, ptr, site, cost, far, col_ptr, col_row, is_open, first, second, d1, d2, gain, loss)
            charge(pick, 1.0, rule_ptr, rule_id, rule_value, use)
            _open(pick, ptr, site, cost, col_ptr, col_row, col_cost, is_open, first, second, d1, d2, gain, loss)
            _wake(pick, col_ptr, col_row, first, second, awake)
            awake[pick] = True
            total += saved
            moved = True
    return total


@njit(cache=True)
def shaken_search(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, col_ptr: Ints, col_row: Ints, col_cost: Floats, rule_ptr: Ints,
    rule_id: Ints, rule_value: Floats, lower: Floats, upper: Floats, best_open: Mask, rounds: int, strength: int,
    state: npt.NDArray[np.uint64], eps: float
) -> float:  # fmt: skip
    """Improve ``best_open`` by iterated local search: swap a few sites for neighbours, repair, keep what is not worse.

    Returns what was saved.
    """
    n, m = len(far), len(col_ptr) - 1
    is_open = best_open.copy()
    first, second = np.empty(n, np.int32), np.empty(n, np.int32)
    d1, d2 = np.empty(n), np.empty(n)
    gain, loss, both = np.empty(m), np.empty(m), np.empty(m)
    awake = np.zeros(m, np.bool_)
    use = np.zeros(len(upper))
    for j in range(m):
        if is_open[j]:
            charge(j, 1.0, rule_ptr, rule_id, rule_value, use)
    assign(ptr, site, cost, far, is_open, first, second, d1, d2, gain, loss)
    level = best = 0.0
    kept = is_open.copy()
    for _ in range(rounds):
        kept[:] = is_open
        change = 0.0
        for _ in range(1 + int(next_random(state) * strength)):
            opened = np.flatnonzero(is_open)
            if len(opened) == 0:
                break
            out = opened[int(next_random(state) * len(opened))]
            if col_ptr[out] == col_ptr[out + 1]:
                continue
            i = col_row[col_ptr[out] + int(next_random(state) * (col_ptr[out + 1] - col_ptr[out]))]
            into = site[ptr[i] + int(next_random(state) * (ptr[i + 1] - ptr[i]))]
            if is_open[into]:
                continue
            charge(out, -1.0, rule_ptr, rule_id, rule_value, use)
            may = fits(into, rule_ptr, rule_id, rule_value, use, upper)
            charge(into, 1.0, rule_ptr, rule_id, rule_value, use)
            if not (may and holds(out, rule_ptr, rule_id, use, lower)):
                charge(into, -1.0, rule_ptr, rule_id, rule_value, use)
                charge(out, 1.0, rule_ptr, rule_id, rule_value, use)
                continue
            _wake(out, col_ptr, col_row, first, second, awake)
            change -= loss[out]
            _close(out, ptr, site, cost, far, col_ptr, col_row, is_open, first, second, d1, d2, gain, loss)
            change += gain[into]
            _open(into, ptr, site, cost, col_ptr, col_row, col_cost, is_open, first, second, d1, d2, gain, loss)
            _wake(into, col_ptr, col_row, first, second, awake)
        change += interchange(
            ptr, site, cost, far, col_ptr, col_row, col_cost, rule_ptr, rule_id, rule_value, lower, upper, use,
            is_open, first, second, d1, d2, gain, loss, awake, both, eps,
        )  # fmt: skip
        if level + change > best + eps:
            best = level + change
            best_open[:] = is_open
        if change >= -eps:
            level += change
            continue
        for j in range(m):
            if is_open[j] and not kept[j]:
                charge(j, -1.0, rule_ptr, rule_id, rule_value, use)
                _close(j, ptr, site, cost, far, col_ptr, col_row, is_open, first, second, d1, d2, gain, loss)
        for j in range(m):
            if kept[j] and not is_open[j]:
                charge(j, 1.0, rule_ptr, rule_id, rule_value, use)
                _open(j, ptr, site, cost, col_ptr, col_row, col_cost, is_open, first, second, d1, d2, gain, loss)
    return best


@njit(cache=True)
def restrict(
    ptr: Ints, site: Ints, cost: Floats, far: Floats, closed: Mask, opened: Mask, new_ptr: Ints, new_site: Ints,
    new_cost: Floats, new_far: Floats
) -> int:  # fmt: skip
    """Copy the lists without closed sites; an opened site ends its lists and bounds ``far``. Return the pairs kept."""
    kept = 0
    for i in range(len(far)):
        new_ptr[i] = kept
        limit = far[i]
        for q in range(ptr[i], ptr[i + 1]):
            if opened[site[q]]:
                limit = min(limit, cost[q])
                break
        new_far[i] = limit
        for q in range(ptr[i], ptr[i + 1]):
            if cost[q] >= limit:
                break
            if not closed[site[q]]:
                new_site[kept] = site[q]
                new_cost[kept] = cost[q]
                kept += 1
    new_ptr[len(far)] = kept
    return kept
