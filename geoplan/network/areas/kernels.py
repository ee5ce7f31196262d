"""Compiled loops for service areas: cells beside streets, contours, parts of edges. Arrays in, arrays out.

Callers check the input; kernels do not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["WIDTH", "contour", "cut_shapes", "mark_cells", "reached_parts"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

WIDTH = 1 << 31  # a cell in column i and row j has the key j * WIDTH + i
_PIECE = 4.0  # longest stretch of a segment, in cells, that is given one box of cells


@njit(cache=True, nogil=True)
def mark_cells(
    xy: Floats, shape_edge: Ints, wanted: Flags, x0: float, y0: float, dx: float, dy: float, reach: int
) -> Ints:
    """Keys of lattice cells within ``reach`` cells of wanted edges; a superset, keys may repeat (int64)."""
    out = np.empty(1024, np.int64)
    size = 0
    for s in range(len(xy) - 1):
        edge = shape_edge[s]
        if shape_edge[s + 1] != edge or not wanted[edge]:
            continue
        ax, ay = (xy[s, 0] - x0) / dx, (xy[s, 1] - y0) / dy
        bx, by = (xy[s + 1, 0] - x0) / dx, (xy[s + 1, 1] - y0) / dy
        pieces = math.ceil(max(abs(bx - ax), abs(by - ay)) / _PIECE)
        pieces = max(pieces, 1)
        for p in range(pieces):
            cx, cy = ax + (bx - ax) * p / pieces, ay + (by - ay) * p / pieces
            ex, ey = ax + (bx - ax) * (p + 1) / pieces, ay + (by - ay) * (p + 1) / pieces
            i0, i1 = math.floor(min(cx, ex)) - reach, math.ceil(max(cx, ex)) + reach
            j0, j1 = math.floor(min(cy, ey)) - reach, math.ceil(max(cy, ey)) + reach
            need = (i1 - i0 + 1) * (j1 - j0 + 1)
            if size + need > len(out):
                bigger = np.empty(2 * len(out) + need, np.int64)
                bigger[:size] = out[:size]
                out = bigger
            for j in range(j0, j1 + 1):
                for i in range(i0, i1 + 1):
                    out[size] = np.int64(j) * WIDTH + i
                    size += 1
    return out[:size].copy()


@njit(cache=True, nogil=True, inline="always")
def _between(inside: float, outside: float, level: float, jump: float) -> float:
    """Where the level lies between an inside and an outside value, as a fraction from the inside."""
    if outside - inside > jump:  # the two belong to different streets: no gradient to read, so halfway
        return 0.5
    return min(max((level - inside) / (outside - inside), 0.02), 0.98)


@njit(cache=True, nogil=True)
def _trace(grid: Floats, level: float, jump: float) -> tuple[Floats, Ints]:
    """Draw closed rings around the cells of a padded grid (rows, columns) that hold at most ``level``.

    Marching squares; the inside lies to the left, so outer rings run counterclockwise and holes clockwise; of a saddle
    the two corners inside are kept apart. Returns points (k, 2) in cells and ring pointers.
    """
    rows, columns = grid.shape
    # Crossing 2 * (j * columns + i) lies on the lattice line to the right of (i, j), the odd one above it.
    after = np.full(2 * rows * columns, -1, np.int64)
    crossings = 0
    for j in range(rows - 1):
        for i in range(columns - 1):
            bl, br = grid[j, i] <= level, grid[j, i + 1] <= level
            tl, tr = grid[j + 1, i] <= level, grid[j + 1, i + 1] <= level
            case = (1 if bl else 0) + (2 if br else 0) + (4 if tr else 0) + (8 if tl else 0)
            if case == 0 or case == 15:
                continue
            bottom, left = 2 * (j * columns + i), 2 * (j * columns + i) + 1
            top, right = 2 * ((j + 1) * columns + i), 2 * (j * columns + i + 1) + 1
            if case in (1, 5):
                after[bottom] = left
            if case in (2, 10):
                after[right] = bottom
            if case in (4, 5):
                after[top] = right
            if case in (8, 10):
                after[left] = top
            if case == 3:
                after[right] = left
            elif case == 6:
                after[top] = bottom
            elif case == 12:
                after[left] = right
            elif case == 9:
                after[bottom] = top
            elif case == 11:
                after[right] = top
            elif case == 7:
                after[top] = left
            elif case == 14:
                after[left] = bottom
            elif case == 13:
                after[bottom] = right
            crossings += 2
    points = np.empty((2 * crossings + 2, 2))
    ring = np.empty(crossings + 2, np.int64)
    ring[0] = 0
    n_points, n_rings = 0, 0
    for start in range(len(after)):
        if after[start] < 0:
            continue
        first, at = n_points, start
        while after[at] >= 0:
            i, j = (at // 2) % columns, (at // 2) // columns
            i2, j2 = (i + 1, j) if at % 2 == 0 else (i, j + 1)
            a, b = grid[j, i], grid[j2, i2]
            f = _between(a, b, level, jump) if a <= level else 1.0 - _between(b, a, level, jump)
            points[n_points, 0], points[n_points, 1] = i + f * (i2 - i), j + f * (j2 - j)
            n_points += 1
            following = after[at]
            after[at] = -1
            at = following
        points[n_points] = points[first]
        n_points += 1
        n_rings += 1
        ring[n_rings] = n_points
    return points[:n_points].copy(), ring[: n_rings + 1].copy()


@njit(cache=True, nogil=True)
def contour(
    indptr: Ints, indices: Ints, seconds: Floats, column: Ints, row: Ints, level: float, jump: float
) -> tuple[Floats, Ints, Ints]:
    """Trace rings around the cells that each origin reaches within ``level``.

    Returns points (k, 2) in cells, ring pointers and rings per origin.
    """
    parts = [np.empty((0, 2))]
    sizes = [np.empty(0, np.int64)]
    per_origin = np.zeros(len(indptr) - 1, np.int64)
    for o in range(len(indptr) - 1):
        i0, i1, j0, j1 = 1 << 60, -(1 << 60), 1 << 60, -(1 << 60)
        for k in range(indptr[o], indptr[o + 1]):
            if seconds[k] <= level:
                i, j = column[indices[k]], row[indices[k]]
                i0, i1, j0, j1 = min(i0, i), max(i1, i), min(j0, j), max(j1, j)
        if i1 < i0:
            continue
        grid = np.full((j1 - j0 + 3, i1 - i0 + 3), np.inf)
        for k in range(indptr[o], indptr[o + 1]):
            i, j = column[indices[k]] - i0 + 1, row[indices[k]] - j0 + 1
            if 0 <= i < grid.shape[1] and 0 <= j < grid.shape[0]:
                grid[j, i] = seconds[k]
        points, ring = _trace(grid, level, jump)
        points[:, 0] += i0 - 1
        points[:, 1] += j0 - 1
        parts.append(points)
        sizes.append(ring[1:] - ring[:-1])
        per_origin[o] = len(ring) - 1
    total, rings = 0, 0
    for p in range(len(parts)):
        total += len(parts[p])
        rings += len(sizes[p])
    out, pointer = np.empty((total, 2)), np.zeros(rings + 1, np.int64)
    at, r = 0, 0
    for p in range(len(parts)):
        out[at : at + len(parts[p])] = parts[p]
        at += len(parts[p])
        for size in sizes[p]:
            pointer[r + 1] = pointer[r] + size
            r += 1
    return out, pointer, per_origin


@njit(cache=True, nogil=True)
def reached_parts(
    dist: Floats, wait: Floats, u: Ints, v: Ints, forward: Floats, backward: Floats, limit: float,
    own_edge: Ints, own_at: Floats, own_s: Floats,
) -> tuple[Ints, Floats, Floats]:  # fmt: skip
    """Parts of edges passed within the limit, from the time at the nodes and from the origins' own positions.

    Returns edge, first and last fraction of each part; parts of one edge neither touch nor overlap.
    """
    edge_out = np.empty(1024, np.int64)
    low_out, high_out = np.empty(1024), np.empty(1024)
    size = 0
    order = np.argsort(own_edge)
    next_own = 0
    while next_own < len(order) and own_edge[order[next_own]] < 0:
        next_own += 1
    low, high = np.empty(2 + len(own_edge)), np.empty(2 + len(own_edge))
    for e in range(len(u)):
        n = 0
        left = limit - dist[u[e]] - wait[u[e]]
        if left >= 0.0 and forward[e] < np.inf:
            low[n], high[n] = 0.0, (min(left / forward[e], 1.0) if forward[e] > 0.0 else 1.0)
            n += 1
        left = limit - dist[v[e]] - wait[v[e]]
        if left >= 0.0 and backward[e] < np.inf:
            low[n], high[n] = (max(1.0 - left / backward[e], 0.0) if backward[e] > 0.0 else 0.0), 1.0
            n += 1
        while next_own < len(order) and own_edge[order[next_own]] == e:
            o = order[next_own]
            left = limit - own_s[o]
            if left >= 0.0:
                ahead = left / forward[e] if forward[e] > 0.0 else 1.0
                behind = left / backward[e] if backward[e] > 0.0 else 1.0
                low[n], high[n] = max(own_at[o] - behind, 0.0), min(own_at[o] + ahead, 1.0)
                n += 1
            next_own += 1
        if n == 0:
            continue
        by_low = np.argsort(low[:n])
        at, end = low[by_low[0]], high[by_low[0]]
        for k in range(1, n + 1):
            if k < n and low[by_low[k]] <= end:
                end = max(end, high[by_low[k]])
                continue
            if size == len(edge_out):
                more = np.empty(2 * size, np.int64)
                more[:size] = edge_out
                more_low, more_high = np.empty(2 * size), np.empty(2 * size)
                more_low[:size], more_high[:size] = low_out, high_out
                edge_out, low_out, high_out = more, more_low, more_high
            edge_out[size], low_out[size], high_out[size] = e, at, end
            size += 1
            if k < n:
                at, end = low[by_low[k]], high[by_low[k]]
    return edge_out[:size].copy(), low_out[:size].copy(), high_out[:size].copy()


@njit(cache=True, nogil=True)
def cut_shapes(
    edge: Ints, low: Floats, high: Floats, shape_ptr: Ints, shape_xy: Floats, shape_at: Floats
) -> tuple[Floats, Ints]:
    """Shapes of parts of edges: points (k, 2) and pointers; two points at least for each part."""
    pointer = np.zeros(len(edge) + 1, np.int64)
    room = 0
    for i in range(len(edge)):
        room += shape_ptr[edge[i] + 1] - shape_ptr[edge[i]] + 2
    out = np.empty((room, 2))
    k = 0
    for i in range(len(edge)):
        first, last = shape_ptr[edge[i]], shape_ptr[edge[i] + 1] - 1
        for s in range(first, last):
            a, b = shape_at[s], shape_at[s + 1]
            if b < low[i] or a > high[i] or (s > first and b == low[i]):
                continue
            for end in range(2):
                f = max(a, low[i]) if end == 0 else min(b, high[i])
                if end == 0 and k > pointer[i]:
                    continue
                t = (f - a) / (b - a) if b > a else float(end)
                out[k, 0] = shape_xy[s, 0] + t * (shape_xy[s + 1, 0] - shape_xy[s, 0])
                out[k, 1] = shape_xy[s, 1] + t * (shape_xy[s + 1, 1] - shape_xy[s, 1])
                k += 1
        pointer[i + 1] = k
    return out[:k].copy(), pointer
