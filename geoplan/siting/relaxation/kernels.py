# mypy: allow-untyped-defs
"""Compiled loops of the linear relaxation of covering: a restarted, reflected Halpern primal-dual iteration.

The relaxation, with the covered share of every row eliminated, is the saddle point

    min over 0 <= price, max over y in Y of  sum_i h_i(price_i) + price @ (A y),

where ``A`` is the row-site matrix, ``h_i(v) = sum_k max(gains[k, i] - v, 0)`` and ``Y`` holds the site shares
``0 <= y <= 1`` (decided sites at 0 or 1) with ``cost @ y <= budget``. Any price vector gives a proven bound by solving
the maximum over ``Y`` exactly, which is a fractional knapsack; no accuracy of the iteration enters the proof.

The iteration follows the restarted Halpern variant of the primal-dual hybrid gradient method (Lu, Yang 2024;
Applegate et al. 2021 for the restarts and the primal weight).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geoplan.siting.exact import BOUND_SLACK


@njit(cache=True)
def project(v, cost, budget, fixed, y, threshold):
    """Put into ``y`` the nearest point of ``Y`` to ``v``; return the budget's multiplier, the next call's start."""
    m = len(v)
    low = 0.0
    high = 1e300
    t = max(threshold, 0.0)
    for _ in range(100):
        spent = 0.0
        slope = 0.0
        for j in range(m):
            if fixed[j] >= 0:
                spent += cost[j] * fixed[j]
                continue
            x = v[j] - t * cost[j]
            if x >= 1.0:
                spent += cost[j]
            elif x > 0.0:
                spent += cost[j] * x
                slope += cost[j] * cost[j]
        excess = spent - budget
        if abs(excess) <= 1e-10 * max(1.0, budget) or (excess < 0.0 and t == 0.0):
            break
        if excess > 0.0:
            low = t
        else:
            high = t
        step = t + excess / slope if slope > 0.0 else -1.0
        if not low < step < high:
            if low == 0.0 and excess < 0.0:
                step = 0.0 if high < 1e-9 else 0.5 * high
            else:
                step = 0.5 * (low + high) if high < 1e299 else 2.0 * low + 1.0
        if step == t:
            break
        t = step
    for j in range(m):
        y[j] = fixed[j] if fixed[j] >= 0 else min(max(v[j] - t * cost[j], 0.0), 1.0)
    return t


@njit(cache=True)
def scores(row_ptr, row_cols, price, score):
    """Fill ``score`` with the summed prices of the rows that each site reaches."""
    score[:] = 0.0
    for i in range(len(price)):
        value = price[i]
        if value > 0.0:
            for q in range(row_ptr[i], row_ptr[i + 1]):
                score[row_cols[q]] += value


@njit(cache=True)
def _cover(row_ptr, row_cols, y, cover):
    """Fill ``cover`` with the summed shares of the sites that reach each row."""
    for i in range(len(cover)):
        total = 0.0
        for q in range(row_ptr[i], row_ptr[i + 1]):
            total += y[row_cols[q]]
        cover[i] = total


@njit(cache=True)
def dual_value(gains, price, score, cost, budget, fixed):
    """Return the bound that ``price`` proves, and the worth of one unit of budget at which it is reached."""
    bound = BOUND_SLACK * (gains.sum() + price.sum() + score.sum())
    for k in range(gains.shape[0]):
        for i in range(gains.shape[1]):
            if gains[k, i] > price[i]:
                bound += gains[k, i] - price[i]
    m = len(score)
    left = budget
    ratio = np.empty(m)
    for j in range(m):
        if fixed[j] >= 0:
            ratio[j] = -1.0
            if fixed[j] == 1:
                bound += score[j]
                left -= cost[j]
        else:
            ratio[j] = score[j] / cost[j] if cost[j] > 0.0 else 1e300
    order = np.argsort(-ratio)
    last = np.inf
    worth = 0.0
    for q in range(m):
        j = order[q]
        if ratio[j] <= 0.0:
            break
        if cost[j] <= left + 1e-9:
            bound += score[j]
            left -= cost[j]
            last = ratio[j]
            continue
        left = max(left, 0.0)
        bound += ratio[j] * left
        # Any worth between the last site taken and the first one left proves the same bound; the middle fixes most.
        worth = ratio[j] if left > 1e-9 else 0.5 * (ratio[j] + min(last, 2.0 * ratio[j] + 1.0))
        break
    return bound, worth


@njit(cache=True)
def _primal_value(gains, cover):
    """Objective of the relaxation at given row covers."""
    value = 0.0
    for i in range(gains.shape[1]):
        x = cover[i]
        for k in range(gains.shape[0]):
            if x <= 0.0:
                break
            value += gains[k, i] * min(1.0, x)
            x -= 1.0
    return value


@njit(cache=True)
def _prox(gains, i, v, step):
    """Return the price that minimises ``h_i(price) + (price - v)^2 / (2 step)``, not below 0."""
    if gains.shape[0] == 1:
        return min(max(v + step, 0.0), gains[0, i])
    for k in range(gains.shape[0]):
        gain = gains[k, i]
        if v >= gain:
            break
        if v + step >= gain:
            v = gain
            break
        v += step
    return max(v, 0.0)


@njit(cache=True)
def _sweep(row_ptr, row_cols, gains, step, weight, share, y_next, price, price0, price_next, cover, cover0, cover_next,
           score):  # fmt: skip
    """One pass over the rows: cover by ``y_next``, price step, Halpern average, scores of the new prices."""
    score[:] = 0.0
    for i in range(len(price)):
        start, stop = row_ptr[i], row_ptr[i + 1]
        total = 0.0
        for q in range(start, stop):
            total += y_next[row_cols[q]]
        t = weight * step[i]
        stepped = _prox(gains, i, price[i] - t * (2.0 * total - cover[i]), t)
        price_next[i] = stepped
        cover_next[i] = total
        averaged = share * (2.0 * stepped - price[i]) + (1.0 - share) * price0[i]
        price[i] = averaged
        cover[i] = share * (2.0 * total - cover[i]) + (1.0 - share) * cover0[i]
        if averaged != 0.0:
            for q in range(start, stop):
                score[row_cols[q]] += averaged


@njit(cache=True)
def _steps(row_ptr, row_cols, fixed):
    """Step lengths of the two sides: one over the undecided sites of each row, one over the longest site."""
    n_rows = len(row_ptr) - 1
    step = np.empty(n_rows)
    lengths = np.zeros(len(fixed))
    for i in range(n_rows):
        undecided = 0
        for q in range(row_ptr[i], row_ptr[i + 1]):
            if fixed[row_cols[q]] < 0:
                undecided += 1
                lengths[row_cols[q]] += 1.0
        step[i] = 1.0 / max(1, undecided)
    return step, 1.0 / max(1.0, lengths.max())


@njit(cache=True)
def relax(row_ptr, row_cols, gains, cost, budget, fixed, price, y, weight, rounds, check, cutoff, tolerance):
    """Run the iteration from ``price`` and ``y``; stop early once the question is settled.

    Stops when the bound falls to ``cutoff`` or below, or when bound and relaxation differ by at most ``tolerance``
    times the distance of the bound to the cutoff (or 1e-9 of the bound). Both arrays are overwritten.

    Returns (bound, its prices, its scores, its worth of budget, relaxation value, its shares, weight, rounds run).
    """
    n_rows, m = gains.shape[1], len(y)
    step, stride = _steps(row_ptr, row_cols, fixed)
    score, proven_score, v, y_next = np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m)
    cover, cover_next, price_next = np.zeros(n_rows), np.zeros(n_rows), np.zeros(n_rows)
    project(y.copy(), cost, budget, fixed, y, 0.0)
    _cover(row_ptr, row_cols, y, cover)
    scores(row_ptr, row_cols, price, score)
    price0, y0, cover0 = price.copy(), y.copy(), cover.copy()
    bound, best_price, best_score, worth = np.inf, price.copy(), score.copy(), 0.0
    value, best_y = -np.inf, y.copy()
    k, since, first, before = 0, 0, -1.0, np.inf
    done = 0
    threshold = 0.0
    old_price, old_y = price.copy(), y.copy()
    while done < rounds:
        done += 1
        since += 1
        looking = done % check == 0 or done == rounds or since == 1
        if looking:
            old_price[:] = price
            old_y[:] = y
        for j in range(m):
            v[j] = y[j] + stride / weight * score[j]
        threshold = project(v, cost, budget, fixed, y_next, threshold)
        share = (k + 1.0) / (k + 2.0)
        _sweep(
            row_ptr, row_cols, gains, step, weight, share, y_next, price, price0, price_next, cover, cover0, cover_next,
            score,
        )  # fmt: skip
        for j in range(m):
            y[j] = share * (2.0 * y_next[j] - y[j]) + (1.0 - share) * y0[j]
        k += 1
        if not looking:
            continue
        moved = ((price_next - old_price) ** 2 / step).sum() / weight + ((y_next - old_y) ** 2).sum() * weight / stride
        if since == 1:
            first, before = moved, np.inf
            continue
        scores(row_ptr, row_cols, price_next, proven_score)
        proven, at = dual_value(gains, price_next, proven_score, cost, budget, fixed)
        if proven < bound:
            bound, worth = proven, at
            best_price[:] = price_next
            best_score[:] = proven_score
        reached = _primal_value(gains, cover_next)
        if reached > value:
            value = reached
            best_y[:] = y_next
        if bound <= cutoff or bound - value <= max(tolerance * (bound - cutoff), 1e-9 * abs(bound)):
            break
        if moved <= 0.04 * first or (moved <= 0.64 * first and moved > before) or since >= 0.36 * done:
            price[:] = price_next
            y[:] = y_next
            cover[:] = cover_next
            scores(row_ptr, row_cols, price, score)
            far_price = ((price - price0) ** 2 / step).sum()
            far_y = ((y - y0) ** 2).sum() / stride
            if far_price > 1e-20 and far_y > 1e-20:
                weight = np.sqrt(weight * np.sqrt(far_price / far_y))
            price0[:] = price
            y0[:] = y
            cover0[:] = cover
            k, since = 0, 0
        before = moved
    return bound, best_price, best_score, worth, value, best_y, weight, done
