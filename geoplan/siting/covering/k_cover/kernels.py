# mypy: allow-untyped-defs
"""Compiled annealing of covers whose gains need not fall: a row may earn nothing until its last site is open."""

from __future__ import annotations

import numpy as np
from numba import njit

from geoplan.siting.kernels import charge, fits, holds, next_random


@njit(cache=True, nogil=True)
def count_open(col_ptr, col_rows, gains, chosen, count):
    """Fill ``count`` with how many chosen columns reach each row; return what they earn."""
    count[:] = 0
    value = 0.0
    for j in chosen:
        for r in range(col_ptr[j], col_ptr[j + 1]):
            i = col_rows[r]
            if count[i] < gains.shape[0]:
                value += gains[count[i], i]
            count[i] += 1
    return value


@njit(cache=True, nogil=True)
def anneal_levels(row_ptr, row_cols, col_ptr, col_rows, gains, guide, rule_ptr, rule_ids, rule_values, lower, upper,
                  hot, cold, lean, moves, far, chosen, is_open, count, use, level, best_open, state):  # fmt: skip
    """Swap columns at random, better always and worse by chance, while the temperature falls from hot to cold.

    A swap is judged by ``(1 - lean) * gains + lean * guide``: the guide says which way an open site points while the
    gains are still silent. A swap that breaks a rule is passed over. ``level`` holds the true gain of the set and of
    the best so far, ``best_open`` that set.
    """
    m = len(col_ptr) - 1
    levels = gains.shape[0]
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
        charge(out, -1.0, rule_ptr, rule_ids, rule_values, use)
        if not fits(into, rule_ptr, rule_ids, rule_values, use, upper):
            charge(out, 1.0, rule_ptr, rule_ids, rule_values, use)
            continue
        charge(into, 1.0, rule_ptr, rule_ids, rule_values, use)
        if not holds(out, rule_ptr, rule_ids, use, lower):
            charge(into, -1.0, rule_ptr, rule_ids, rule_values, use)
            charge(out, 1.0, rule_ptr, rule_ids, rule_values, use)
            continue
        change, guided = 0.0, 0.0
        for r in range(first, last):
            i = col_rows[r]
            count[i] -= 1
            if count[i] < levels:
                change -= gains[count[i], i]
                guided -= guide[count[i], i]
        for r in range(col_ptr[into], col_ptr[into + 1]):
            i = col_rows[r]
            if count[i] < levels:
                change += gains[count[i], i]
                guided += guide[count[i], i]
            count[i] += 1
        judged = (1.0 - lean) * change + lean * guided
        if judged >= heat * np.log(next_random(state) + 1e-300):
            level[0] += change
            is_open[out], is_open[into] = False, True
            chosen[k] = into
            if level[0] > level[1] + 1e-9:
                level[1] = level[0]
                best_open[:] = is_open
            continue
        charge(into, -1.0, rule_ptr, rule_ids, rule_values, use)
        charge(out, 1.0, rule_ptr, rule_ids, rule_values, use)
        for r in range(col_ptr[into], col_ptr[into + 1]):
            count[col_rows[r]] -= 1
        for r in range(first, last):
            count[col_rows[r]] += 1
