# mypy: disallow-untyped-decorators=False
"""Compiled loops of set covering: reductions, Lagrangean prices of the rows, greedy covers, local search.

Arrays in, arrays out. ``row_ptr``/``row_cols`` list the columns of each row, ``col_ptr``/``col_rows`` the rows of each
column; ``price`` is what a column costs (above 0). ``u`` are the prices of the rows, ``reduced`` the columns' prices
less what their rows pay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoplan.siting.exact import BOUND_SLACK
from geoplan.siting.kernels import next_random

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


@njit(cache=True)
def dominated_columns(
    row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, price: Floats, work: int, gone: Mask
) -> None:  # fmt: skip
    """Mark columns whose rows another column, at most as dear, covers as well; of equals the first stays.

    Who does that stands in the shortest row of the column. ``work`` limits the entries looked at.
    """
    m = len(price)
    mine = np.zeros(len(row_ptr) - 1, np.bool_)
    for j in range(m):
        size = col_ptr[j + 1] - col_ptr[j]
        if size == 0:
            gone[j] = True
        if gone[j] or work < 0:
            continue
        short = col_rows[col_ptr[j]]
        for r in range(col_ptr[j], col_ptr[j + 1]):
            i = col_rows[r]
            mine[i] = True
            if row_ptr[i + 1] - row_ptr[i] < row_ptr[short + 1] - row_ptr[short]:
                short = i
        for q in range(row_ptr[short], row_ptr[short + 1]):
            k = row_cols[q]
            wide = col_ptr[k + 1] - col_ptr[k]
            if k == j or gone[k] or wide < size or price[k] > price[j]:
                continue
            if wide == size and price[k] == price[j] and k > j:
                continue
            common = 0
            for r in range(col_ptr[k], col_ptr[k + 1]):
                if mine[col_rows[r]]:
                    common += 1
                elif common + (col_ptr[k + 1] - r) <= size:
                    break
            work -= wide
            if common == size:
                gone[j] = True
                break
        for r in range(col_ptr[j], col_ptr[j + 1]):
            mine[col_rows[r]] = False


@njit(cache=True)
def reduce_prices(row_ptr: Ints, row_cols: Ints, price: Floats, u: Floats, reduced: Floats) -> float:
    """Fill ``reduced`` for the row prices ``u``; return the bound they prove."""
    reduced[:] = price
    bound = -BOUND_SLACK * float(np.abs(u).sum() + price.sum())
    for i in range(len(u)):
        bound += u[i]
        if u[i] != 0.0:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                reduced[row_cols[q]] -= u[i]
    for j in range(len(price)):
        if reduced[j] < 0.0:
            bound += reduced[j]
    return bound


@njit(cache=True)
def ascend(
    row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, price: Floats, u: Floats, target: float,
    enough: float, step: float, rounds: int, mean: Floats
) -> tuple[float, float]:  # fmt: skip
    """Improve ``u`` by deflected subgradient steps; return the best bound and the last step length.

    ``target`` is the price the steps aim at; ``step`` falls whenever the bound stalls (Held, Wolfe and Crowder 1974);
    the direction keeps part of the one before it (Camerini, Fratta and Maffioli 1975). It ends
    at a bound above ``enough``. ``mean`` becomes a running mean of the columns that the row prices choose.
    """
    n, m = len(u), len(price)
    reduced = np.empty(m)
    now, served, direction = u.copy(), np.empty(n), np.zeros(n)
    best = -np.inf
    stall = 0
    for _ in range(rounds):
        bound = reduce_prices(row_ptr, row_cols, price, now, reduced)
        if bound > best:
            if bound > best + 1e-6 * abs(best):
                stall = 0
            best = bound
            u[:] = now
            if best > enough:
                break
        else:
            stall += 1
        if stall >= 20:
            step *= 0.7
            stall = 0
            now[:] = u
            direction[:] = 0.0
            continue
        served[:] = 0.0
        for j in range(m):
            mean[j] *= 0.95
            if reduced[j] < 0.0:
                mean[j] += 0.05
                for r in range(col_ptr[j], col_ptr[j + 1]):
                    served[col_rows[r]] += 1.0
        norm = 0.0
        for i in range(n):
            slope = 1.0 - served[i]
            if slope < 0.0 and now[i] <= 0.0:
                slope = 0.0
            direction[i] = slope + 0.4 * direction[i]
            norm += direction[i] * direction[i]
        if norm == 0.0 or step < 1e-4:
            break
        length = step * max(target - bound, 1e-6 * abs(target)) / norm
        for i in range(n):
            now[i] = max(now[i] + length * direction[i], 0.0)
    return best, step


@njit(cache=True)
def priced_cover(
    row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, price: Floats, u: Floats, chosen: Mask
) -> float:  # fmt: skip
    """Complete ``chosen`` to a cover, column by column, by price less what its uncovered rows pay; return its price.

    Columns that became needless are taken out again, the dearest first (Caprara, Fischetti and Toth 1999). Every row
    must have a column.
    """
    n, m = len(u), len(price)
    left = price.copy()
    fresh = np.zeros(m, np.int64)
    count = np.zeros(n, np.int64)
    for j in range(m):
        if chosen[j]:
            for r in range(col_ptr[j], col_ptr[j + 1]):
                count[col_rows[r]] += 1
    open_rows = 0
    for i in range(n):
        if count[i] == 0:
            open_rows += 1
            for q in range(row_ptr[i], row_ptr[i + 1]):
                fresh[row_cols[q]] += 1
                left[row_cols[q]] -= u[i]
    while open_rows > 0:
        pick = -1
        best = np.inf
        for j in range(m):
            if fresh[j] > 0 and not chosen[j]:
                score = left[j] / fresh[j] if left[j] > 0.0 else left[j] * fresh[j]
                if score < best:
                    pick, best = j, score
        chosen[pick] = True
        for r in range(col_ptr[pick], col_ptr[pick + 1]):
            i = col_rows[r]
            count[i] += 1
            if count[i] == 1:
                open_rows -= 1
                for q in range(row_ptr[i], row_ptr[i + 1]):
                    fresh[row_cols[q]] -= 1
                    left[row_cols[q]] += u[i]
    total = 0.0
    taken = np.flatnonzero(chosen)
    for j in taken[np.argsort(-price[taken], kind="mergesort")]:
        needed = False
        for r in range(col_ptr[j], col_ptr[j + 1]):
            if count[col_rows[r]] == 1:
                needed = True
                break
        if needed:
            total += price[j]
            continue
        chosen[j] = False
        for r in range(col_ptr[j], col_ptr[j + 1]):
            count[col_rows[r]] -= 1
    return total


@njit(cache=True)
def _put(
    j: int, row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, weight: Ints, count: Ints, score: Ints,
    inside: Mask, open_rows: Ints, place: Ints, n_open: int, allowed: Mask
) -> int:  # fmt: skip
    """Take column j in; return the number of uncovered rows."""
    inside[j] = True
    score[j] = -score[j]
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_rows[r]
        count[i] += 1
        if count[i] == 1:
            n_open -= 1
            open_rows[place[i]] = open_rows[n_open]
            place[open_rows[n_open]] = place[i]
            for q in range(row_ptr[i], row_ptr[i + 1]):
                k = row_cols[q]
                allowed[k] = True
                if k != j:
                    score[k] -= weight[i]
        elif count[i] == 2:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                k = row_cols[q]
                if k != j and inside[k]:
                    score[k] += weight[i]
                    break
    return n_open


@njit(cache=True)
def _take(
    j: int, row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, weight: Ints, count: Ints, score: Ints,
    inside: Mask, open_rows: Ints, place: Ints, n_open: int, allowed: Mask
) -> int:  # fmt: skip
    """Take column j out; return the number of uncovered rows."""
    inside[j] = False
    score[j] = -score[j]
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_rows[r]
        count[i] -= 1
        if count[i] == 0:
            open_rows[n_open] = i
            place[i] = n_open
            n_open += 1
            for q in range(row_ptr[i], row_ptr[i + 1]):
                k = row_cols[q]
                allowed[k] = True
                if k != j:
                    score[k] += weight[i]
        elif count[i] == 1:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                k = row_cols[q]
                if k != j and inside[k]:
                    score[k] -= weight[i]
                    break
    allowed[j] = False
    return n_open


@njit(cache=True)
def _cheapest_out(taken: Ints, price: Floats, score: Ints, stamp: Ints, barred: int) -> int:
    """Position in ``taken`` of the column that loses least weight per price; of equals the one longest in."""
    pick = -1
    best = -np.inf
    for t in range(len(taken)):
        j = taken[t]
        if j == barred:
            continue
        worth = score[j] / price[j]  # of a column inside: minus the weight that it alone covers
        if worth > best or (worth == best and stamp[j] < stamp[taken[pick]]):
            pick, best = t, worth
    return pick


@njit(cache=True)
def weighted_search(
    row_ptr: Ints, row_cols: Ints, col_ptr: Ints, col_rows: Ints, price: Floats, best_cover: Mask,
    work: int, weight: Ints, state: npt.NDArray[np.uint64]
) -> float:  # fmt: skip
    """Improve ``best_cover`` by local search with row weights; return its price.

    A column leaves the cover, rows left uncovered are covered again while the price stays below the best, and the
    weight of the rows still uncovered grows (Gao, Weise and Li 2014 for equal prices).
    ``work`` limits the entries looked at.
    """
    n, m = len(weight), len(price)
    inside = best_cover.copy()
    count, place, open_rows = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    score, stamp = np.zeros(m, np.int64), np.zeros(m, np.int64)
    allowed = np.ones(m, np.bool_)
    for j in range(m):
        if inside[j]:
            for r in range(col_ptr[j], col_ptr[j + 1]):
                count[col_rows[r]] += 1
    for i in range(n):
        if count[i] <= 1:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                j = row_cols[q]
                if count[i] == 1 and inside[j]:
                    score[j] -= weight[i]
    taken = np.empty(m, np.int64)
    n_taken = 0
    total = best = 0.0
    for j in range(m):
        if inside[j]:
            best += price[j]
            taken[n_taken] = j
            n_taken += 1
    total = best
    n_open = 0
    barred = -1
    now = 0
    while work > 0:
        now += 1
        while n_open == 0:
            if total < best - 1e-9:
                best = total
                best_cover[:] = inside
            t = _cheapest_out(taken[:n_taken], price, score, stamp, -1)
            if t < 0:
                return best
            j = taken[t]
            n_taken -= 1
            taken[t] = taken[n_taken]
            total -= price[j]
            stamp[j] = now
            n_open = _take(
                j, row_ptr, row_cols, col_ptr, col_rows, weight, count, score, inside, open_rows, place, n_open,
                allowed,
            )  # fmt: skip
        t = _cheapest_out(taken[:n_taken], price, score, stamp, barred)
        work -= n_taken + 10
        if t >= 0:
            j = taken[t]
            n_taken -= 1
            taken[t] = taken[n_taken]
            total -= price[j]
            stamp[j] = now
            n_open = _take(
                j, row_ptr, row_cols, col_ptr, col_rows, weight, count, score, inside, open_rows, place, n_open,
                allowed,
            )  # fmt: skip
            work -= col_ptr[j + 1] - col_ptr[j]
        while n_open > 0:
            i = open_rows[int(next_random(state) * n_open)]
            pick = -1
            top = -1.0
            for q in range(row_ptr[i], row_ptr[i + 1]):
                k = row_cols[q]
                if not allowed[k] or total + price[k] > best - 1e-9:
                    continue
                worth = score[k] / price[k]
                if worth > top or (worth == top and stamp[k] < stamp[pick]):
                    pick, top = k, worth
            work -= row_ptr[i + 1] - row_ptr[i]
            if pick < 0:
                break
            total += price[pick]
            stamp[pick] = now
            barred = pick
            taken[n_taken] = pick
            n_taken += 1
            work -= (col_ptr[pick + 1] - col_ptr[pick]) * (row_ptr[i + 1] - row_ptr[i]) // 4
            n_open = _put(
                pick, row_ptr, row_cols, col_ptr, col_rows, weight, count, score, inside, open_rows, place, n_open,
                allowed,
            )  # fmt: skip
        for t in range(n_open):
            i = open_rows[t]
            weight[i] += 1
            for q in range(row_ptr[i], row_ptr[i + 1]):
                score[row_cols[q]] += 1
            work -= row_ptr[i + 1] - row_ptr[i]
    return best
