# mypy: allow-untyped-defs
"""Compiled loops of the covering solver: local search over sites, and the dual bound of the linear relaxation.

Arrays in, arrays out. Rows are demand (merged), columns are sites; ``row_ptr``/``row_cols`` list the columns of each
row, ``col_ptr``/``col_rows`` the rows of each column. ``gains[k, i]`` is what the (k+1)-th open column earns at row i.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geoplan.siting.exact import ROW_SLACK
from geoplan.siting.kernels import charge, fits, holds, next_random


@njit(cache=True)
def _step(gains, k, i):
    """Gain of the (k+1)-th open column at row i."""
    return gains[k, i] if 0 <= k < gains.shape[0] else 0.0


@njit(cache=True)
def worths(row_ptr, row_cols, gains, is_open, count, worth):
    """Fill ``count`` with open columns per row and ``worth`` with what opening (or closing) each column changes."""
    count[:] = 0
    worth[:] = 0.0
    for i in range(len(count)):
        for q in range(row_ptr[i], row_ptr[i + 1]):
            if is_open[row_cols[q]]:
                count[i] += 1
        add = _step(gains, count[i], i)
        loss = _step(gains, count[i] - 1, i)
        for q in range(row_ptr[i], row_ptr[i + 1]):
            j = row_cols[q]
            worth[j] += loss if is_open[j] else add


@njit(cache=True)
def _flip(j, opening, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth):
    """Open or close column j and keep ``count`` and ``worth`` true."""
    is_open[j] = opening
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_rows[r]
        before = count[i]
        after = before + 1 if opening else before - 1
        count[i] = after
        add = _step(gains, after, i) - _step(gains, before, i)
        loss = _step(gains, after - 1, i) - _step(gains, before - 1, i)
        if add == 0.0 and loss == 0.0:
            continue
        for q in range(row_ptr[i], row_ptr[i + 1]):
            k = row_cols[q]
            if k != j:
                worth[k] += loss if is_open[k] else add
    # What opening earned is what closing now loses, and the reverse: worth[j] itself stays.


@njit(cache=True)
def _needed(j, rule_ptr, rule_ids, rule_values, use, lower):
    """Whether opening column j helps a lower limit that does not hold yet."""
    for q in range(rule_ptr[j], rule_ptr[j + 1]):
        if rule_values[q] > 0 and use[rule_ids[q]] < lower[rule_ids[q]] - ROW_SLACK:
            return True
    return False


@njit(cache=True)
def greedy(row_ptr, row_cols, col_ptr, col_rows, gains, price, rule_ptr, rule_ids, rule_values, lower, upper, is_open,
           count, worth, use):  # fmt: skip
    """Open columns one by one, most worth per price first, while the upper limits allow; lower limits come first.

    Returns whether every lower limit holds at the end.
    """
    short = 0
    for r in range(len(lower)):
        if use[r] < lower[r] - ROW_SLACK:
            short += 1
    while True:
        pick = -1
        best = -1.0
        for j in range(len(worth)):
            if is_open[j] or not fits(j, rule_ptr, rule_ids, rule_values, use, upper):
                continue
            wanted = short > 0 and _needed(j, rule_ptr, rule_ids, rule_values, use, lower)
            if short > 0 and not wanted:
                continue
            if short == 0 and worth[j] <= 0.0:
                continue
            ratio = worth[j] / price[j] if price[j] > 0 else worth[j] * 1e12 + 1e-12
            if ratio > best:
                best = ratio
                pick = j
        if pick < 0:
            return short == 0
        _flip(pick, True, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
        for q in range(rule_ptr[pick], rule_ptr[pick + 1]):
            r = rule_ids[q]
            before = use[r] < lower[r] - ROW_SLACK
            use[r] += rule_values[q]
            if before and use[r] >= lower[r] - ROW_SLACK:
                short -= 1


@njit(cache=True)
def _best_swap(out, row_ptr, row_cols, col_ptr, col_rows, gains, rule_ptr, rule_ids, rule_values, lower, upper, is_open,
               count, worth, use, both, eps):  # fmt: skip
    """Column that best takes the place of the open column ``out`` (-1 if none improves), and the change it brings."""
    both[:] = 0.0
    for r in range(col_ptr[out], col_ptr[out + 1]):
        i = col_rows[r]
        extra = _step(gains, count[i] - 1, i) - _step(gains, count[i], i)
        if extra > 0.0:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                both[row_cols[q]] += extra
    floor = worth[out] + eps
    pick = -1
    best = floor
    charge(out, -1.0, rule_ptr, rule_ids, rule_values, use)
    for j in range(len(worth)):
        if not is_open[j] and worth[j] + both[j] > best and fits(j, rule_ptr, rule_ids, rule_values, use, upper):
            charge(j, 1.0, rule_ptr, rule_ids, rule_values, use)
            sound = holds(out, rule_ptr, rule_ids, use, lower)
            charge(j, -1.0, rule_ptr, rule_ids, rule_values, use)
            if sound:
                best = worth[j] + both[j]
                pick = j
    charge(out, 1.0, rule_ptr, rule_ids, rule_values, use)
    return pick, best - worth[out]


@njit(cache=True)
def _wake(j, row_ptr, row_cols, col_ptr, col_rows, is_open, awake):
    """Mark every open column that shares a row with column j as worth another look."""
    for r in range(col_ptr[j], col_ptr[j + 1]):
        i = col_rows[r]
        for q in range(row_ptr[i], row_ptr[i + 1]):
            if is_open[row_cols[q]]:
                awake[row_cols[q]] = True


@njit(cache=True)
def interchange(row_ptr, row_cols, col_ptr, col_rows, gains, rule_ptr, rule_ids, rule_values, lower, upper, is_open,
                count, worth, use, awake, both, eps):  # fmt: skip
    """Swap and add columns while that improves; only columns marked in ``awake`` are looked at. Returns the gain."""
    total = 0.0
    m = len(worth)
    moved = True
    while moved:
        moved = False
        for j in range(m):
            if not is_open[j] and worth[j] > eps and fits(j, rule_ptr, rule_ids, rule_values, use, upper):
                total += worth[j]
                _flip(j, True, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
                charge(j, 1.0, rule_ptr, rule_ids, rule_values, use)
                _wake(j, row_ptr, row_cols, col_ptr, col_rows, is_open, awake)
                moved = True
        cheapest = -1
        for j in range(m):
            if is_open[j] and (cheapest < 0 or worth[j] < worth[cheapest]):
                cheapest = j
        if cheapest >= 0:
            awake[cheapest] = True
        for out in range(m):
            if not (is_open[out] and awake[out]):
                continue
            awake[out] = False
            pick, change = _best_swap(
                out, row_ptr, row_cols, col_ptr, col_rows, gains, rule_ptr, rule_ids, rule_values, lower, upper,
                is_open, count, worth, use, both, eps,
            )  # fmt: skip
            if pick < 0:
                continue
            _flip(out, False, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
            charge(out, -1.0, rule_ptr, rule_ids, rule_values, use)
            _flip(pick, True, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
            charge(pick, 1.0, rule_ptr, rule_ids, rule_values, use)
            awake[pick] = True
            _wake(out, row_ptr, row_cols, col_ptr, col_rows, is_open, awake)
            _wake(pick, row_ptr, row_cols, col_ptr, col_rows, is_open, awake)
            total += change
            moved = True
    return total


@njit(cache=True)
def shaken_search(row_ptr, row_cols, col_ptr, col_rows, gains, rule_ptr, rule_ids, rule_values, lower, upper, best_open,
                  rounds, strength, temperature, state, eps):  # fmt: skip
    """Improve ``best_open`` by iterated local search: shake a few neighbouring columns, repair, keep what is better.

    Each round swaps 1 to ``strength`` open columns for random neighbours (columns that share a row) and runs the
    interchange; a result that is worse by at most ``temperature`` may be kept to walk on from. Returns the gain.
    """
    n_rows, m = len(row_ptr) - 1, len(col_ptr) - 1
    is_open = best_open.copy()
    count = np.zeros(n_rows, np.int32)
    worth = np.zeros(m)
    use = np.zeros(len(upper))
    both = np.zeros(m)
    awake = np.zeros(m, np.bool_)
    for j in range(m):
        if is_open[j]:
            charge(j, 1.0, rule_ptr, rule_ids, rule_values, use)
    worths(row_ptr, row_cols, gains, is_open, count, worth)
    opened = np.flatnonzero(is_open)
    if len(opened) == 0 or len(opened) == m or n_rows == 0:
        return 0.0
    level = 0.0  # of the current set against the best
    best = 0.0
    kept = is_open.copy()
    for _ in range(rounds):
        kept[:] = is_open
        change = 0.0
        for _ in range(1 + int(next_random(state) * strength)):
            opened = np.flatnonzero(is_open)
            out = opened[int(next_random(state) * len(opened))]
            if col_ptr[out] == col_ptr[out + 1]:
                continue
            i = col_rows[col_ptr[out] + int(next_random(state) * (col_ptr[out + 1] - col_ptr[out]))]
            into = row_cols[row_ptr[i] + int(next_random(state) * (row_ptr[i + 1] - row_ptr[i]))]
            if is_open[into]:
                continue
            charge(out, -1.0, rule_ptr, rule_ids, rule_values, use)
            may = fits(into, rule_ptr, rule_ids, rule_values, use, upper)
            charge(into, 1.0, rule_ptr, rule_ids, rule_values, use)
            if not (may and holds(out, rule_ptr, rule_ids, use, lower)):
                charge(into, -1.0, rule_ptr, rule_ids, rule_values, use)
                charge(out, 1.0, rule_ptr, rule_ids, rule_values, use)
                continue
            change -= worth[out]
            _flip(out, False, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
            change += worth[into]
            _flip(into, True, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
            _wake(out, row_ptr, row_cols, col_ptr, col_rows, is_open, awake)
            _wake(into, row_ptr, row_cols, col_ptr, col_rows, is_open, awake)
            awake[into] = False  # not straight back
        change += interchange(
            row_ptr, row_cols, col_ptr, col_rows, gains, rule_ptr, rule_ids, rule_values, lower, upper, is_open, count,
            worth, use, awake, both, eps,
        )  # fmt: skip
        if level + change > best + eps:
            best = level + change
            best_open[:] = is_open
        if change >= -eps or next_random(state) < np.exp(min(0.0, level + change - best) / temperature):
            level += change
            continue
        for j in range(m):
            if is_open[j] and not kept[j]:
                _flip(j, False, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
                charge(j, -1.0, rule_ptr, rule_ids, rule_values, use)
        for j in range(m):
            if kept[j] and not is_open[j]:
                _flip(j, True, row_ptr, row_cols, col_ptr, col_rows, gains, is_open, count, worth)
                charge(j, 1.0, rule_ptr, rule_ids, rule_values, use)
    return best


@njit(cache=True, nogil=True)
def tally(col_ptr, col_rows, gain, chosen, count, id_sum, owner, loss):
    """Fill, for a set of columns, what :func:`anneal` keeps true; returns the gain of the set.

    ``owner`` of a row is -1 where nobody covers it, the one column that does, or -2 for several; ``loss`` of a chosen
    column is what it alone covers. ``count`` and ``id_sum`` (of the covering columns) tell the last owner.
    """
    for j in chosen:
        for r in range(col_ptr[j], col_ptr[j + 1]):
            count[col_rows[r]] += 1
            id_sum[col_rows[r]] += j
    total = 0.0
    for i in range(len(count)):
        owner[i] = -1 if count[i] == 0 else -2
        if count[i] == 1:
            owner[i] = id_sum[i]
            loss[id_sum[i]] += gain[i]
        if count[i] > 0:
            total += gain[i]
    return total


@njit(cache=True, nogil=True)
def anneal(row_ptr, row_cols, col_ptr, col_rows, gain, hot, cold, moves, far, chosen, is_open, count, id_sum, owner,
           loss, level, best_open, state):  # fmt: skip
    """Swap columns at random, better always and worse by chance, while the temperature falls from hot to cold.

    A column is exchanged for one that shares a row with it, or with chance ``far`` for any. ``level`` holds the gain
    of the set and the best so far; ``best_open`` is that best set.
    """
    m = len(col_ptr) - 1
    fall = (cold / hot) ** (1.0 / moves)
    heat = hot
    for _ in range(moves):
        heat *= fall
        k = int(next_random(state) * len(chosen))
        out = chosen[k]
        first, last = col_ptr[out], col_ptr[out + 1]
        if first == last or next_random(state) < far:
            into = int(next_random(state) * m)
        else:
            i = col_rows[first + int(next_random(state) * (last - first))]
            into = row_cols[row_ptr[i] + int(next_random(state) * (row_ptr[i + 1] - row_ptr[i]))]
        if is_open[into]:
            continue
        least = loss[out] + heat * np.log(next_random(state) + 1e-300)
        win = 0.0
        for r in range(col_ptr[into], col_ptr[into + 1]):
            i = col_rows[r]
            if owner[i] == -1 or owner[i] == out:
                win += gain[i]
        if win < least:
            continue
        level[0] += win - loss[out]
        for r in range(first, last):
            i = col_rows[r]
            count[i] -= 1
            id_sum[i] -= out
            if count[i] == 0:
                owner[i] = -1
            elif count[i] == 1:
                owner[i] = id_sum[i]
                loss[id_sum[i]] += gain[i]
        for r in range(col_ptr[into], col_ptr[into + 1]):
            i = col_rows[r]
            count[i] += 1
            id_sum[i] += into
            if count[i] == 1:
                owner[i] = into
            elif count[i] == 2:
                loss[owner[i]] -= gain[i]
                owner[i] = -2
        loss[out] = 0.0
        loss[into] = win
        is_open[out], is_open[into] = False, True
        chosen[k] = into
        if level[0] > level[1] + 1e-9:
            level[1] = level[0]
            best_open[:] = is_open


@njit(cache=True)
def implied_rows(row_ptr, row_cols, order, degree, implied):
    """Mark the rows whose columns hold all columns of another row: whoever covers that one covers them.

    ``order`` lists the rows from the shortest; of equal rows the first stays. ``degree`` counts the rows of each
    column: a row waits in the list of its rarest column, where a longer row looks for it.
    """
    n, m = len(row_ptr) - 1, len(degree)
    first = np.full(m, -1, np.int64)
    after = np.full(n, -1, np.int64)
    mine = np.zeros(m, np.bool_)
    for i in order:
        for q in range(row_ptr[i], row_ptr[i + 1]):
            mine[row_cols[q]] = True
        for q in range(row_ptr[i], row_ptr[i + 1]):
            k = first[row_cols[q]]
            while k >= 0 and not implied[i]:
                inside = True
                for r in range(row_ptr[k], row_ptr[k + 1]):
                    if not mine[row_cols[r]]:
                        inside = False
                        break
                implied[i] = inside
                k = after[k]
            if implied[i]:
                break
        rarest = -1
        for q in range(row_ptr[i], row_ptr[i + 1]):
            j = row_cols[q]
            mine[j] = False
            if rarest < 0 or degree[j] < degree[rarest]:
                rarest = j
        if rarest >= 0 and not implied[i]:
            after[i] = first[rarest]
            first[rarest] = i
