"""Compiled loops for service areas: cells beside streets, contours, parts of edges. Arrays in, arrays out.

Callers check the input; kernels do not. Written with single numbers only: compiling whole-array steps takes seconds.
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
    xy: Floats, shape_edge: Ints, wanted: Flags, x0: float, y0: float, dx: float, dy: float, reach: float, keys: Ints
) -> int:
    """Fill keys of lattice cells within ``reach`` cells of wanted edges; a superset, keys may repeat.

    Returns how many there are; no more than fit are written, so that a second call has enough room.
    """
    size = 0
    for s in range(len(xy) - 1):
        edge = shape_edge[s]
        if shape_edge[s + 1] != edge or not wanted[edge]:
            continue
        ax, ay = (xy[s, 0] - x0) / dx, (xy[s, 1] - y0) / dy
        bx, by = (xy[s + 1, 0] - x0) / dx, (xy[s + 1, 1] - y0) / dy
        pieces = max(math.ceil(max(abs(bx - ax), abs(by - ay)) / _PIECE), 1)
        for p in range(pieces):
            cx, cy = ax + (bx - ax) * p / pieces, ay + (by - ay) * p / pieces
            ex, ey = ax + (bx - ax) * (p + 1) / pieces, ay + (by - ay) * (p + 1) / pieces
            i0, i1 = math.ceil(min(cx, ex) - reach), math.floor(max(cx, ex) + reach)
            j0, j1 = math.ceil(min(cy, ey) - reach), math.floor(max(cy, ey) + reach)
            ux, uy = ex - cx, ey - cy
            long2 = max(ux * ux + uy * uy, 1e-300)
            for j in range(j0, j1 + 1):
                for i in range(i0, i1 + 1):
                    t = min(max(((i - cx) * ux + (j - cy) * uy) / long2, 0.0), 1.0)
                    gx, gy = cx + t * ux - i, cy + t * uy - j
                    if gx * gx + gy * gy > reach * reach:
                        continue
                    if size < len(keys):
                        keys[size] = j * WIDTH + i
                    size += 1
    return size


@njit(cache=True, nogil=True)
def _between(inside: float, outside: float, level: float, jump: float) -> float:
    """Where the level lies between an inside and an outside value, as a fraction from the inside."""
    if outside - inside > jump:  # the two belong to different streets: no gradient to read, so halfway
        return 0.5
    return min(max((level - inside) / (outside - inside), 0.02), 0.98)


@njit(cache=True, nogil=True)
def _link(grid: Floats, rows: int, columns: int, level: float, after: Ints) -> int:
    """Marching squares: fill the crossing that follows each crossing around the cells that hold at most ``level``.

    Crossing 2 * (j * columns + i) lies on the lattice line to the right of (i, j), the odd one above it. The inside
    lies to the left; of a saddle the two corners inside are kept apart. Returns the number of crossings.
    """
    for k in range(2 * rows * columns):
        after[k] = -1
    crossings = 0
    for j in range(rows - 1):
        for i in range(columns - 1):
            k = j * columns + i
            case = 0
            if grid[k] <= level:
                case += 1
            if grid[k + 1] <= level:
                case += 2
            if grid[k + columns + 1] <= level:
                case += 4
            if grid[k + columns] <= level:
                case += 8
            if case == 0 or case == 15:
                continue
            bottom, left, top, right = 2 * k, 2 * k + 1, 2 * (k + columns), 2 * (k + 1) + 1
            crossings += 1
            if case == 1 or case == 5:
                after[bottom] = left
            if case == 2 or case == 10:
                after[right] = bottom
            if case == 4 or case == 5:
                after[top] = right
            if case == 8 or case == 10:
                after[left] = top
            if case == 5 or case == 10:
                crossings += 1
            elif case == 3:
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
    return crossings


@njit(cache=True, nogil=True)
def contour(
    indptr: Ints, indices: Ints, seconds: Floats, column: Ints, row: Ints, level: float, jump: float, rings_each: Ints
) -> tuple[Floats, Ints, int]:
    """Trace closed rings around the cells that each origin reaches within ``level``.

    Outer rings run counterclockwise, holes clockwise. Fills rings per origin; returns points (k, 2) in cells and
    ring pointers, both with room to spare, and the number of rings.
    """
    points, ring = np.empty((1024, 2), np.float64), np.empty(256, np.int64)
    ring[0] = 0
    n_points, n_rings = 0, 0
    grid, after = np.empty(16, np.float64), np.empty(32, np.int64)
    for o in range(len(indptr) - 1):
        i0, i1, j0, j1 = WIDTH, -WIDTH, WIDTH, -WIDTH
        for k in range(indptr[o], indptr[o + 1]):
            if seconds[k] <= level:
                i, j = column[indices[k]], row[indices[k]]
                i0, i1, j0, j1 = min(i0, i), max(i1, i), min(j0, j), max(j1, j)
        rings_each[o] = 0
        if i1 < i0:
            continue
        columns, rows = i1 - i0 + 3, j1 - j0 + 3
        if rows * columns > len(grid):
            grid, after = np.empty(2 * rows * columns, np.float64), np.empty(4 * rows * columns, np.int64)
        for k in range(rows * columns):
            grid[k] = np.inf
        for k in range(indptr[o], indptr[o + 1]):
            i, j = column[indices[k]] - i0 + 1, row[indices[k]] - j0 + 1
            if 0 <= i < columns and 0 <= j < rows:
                grid[j * columns + i] = seconds[k]
        crossings = _link(grid, rows, columns, level, after)
        need = n_points + 2 * crossings
        if need > len(points):
            more = np.empty((2 * need, 2), np.float64)
            for k in range(n_points):
                more[k, 0], more[k, 1] = points[k, 0], points[k, 1]
            points = more
        if n_rings + crossings + 1 > len(ring):
            longer = np.empty(2 * (n_rings + crossings + 1), np.int64)
            for k in range(n_rings + 1):
                longer[k] = ring[k]
            ring = longer
        for start in range(2 * rows * columns):
            if after[start] < 0:
                continue
            first, at = n_points, start
            while after[at] >= 0:
                k = at // 2
                k2 = k + 1 if at % 2 == 0 else k + columns
                a, b = grid[k], grid[k2]
                f = _between(a, b, level, jump) if a <= level else 1.0 - _between(b, a, level, jump)
                points[n_points, 0] = i0 - 1 + k % columns + (f if at % 2 == 0 else 0.0)
                points[n_points, 1] = j0 - 1 + k // columns + (0.0 if at % 2 == 0 else f)
                n_points += 1
                following = after[at]
                after[at] = -1
                at = following
            points[n_points, 0], points[n_points, 1] = points[first, 0], points[first, 1]
            n_points += 1
            n_rings += 1
            ring[n_rings] = n_points
            rings_each[o] += 1
    return points, ring, n_rings


@njit(cache=True, nogil=True)
def _add(low: Floats, high: Floats, n: int, start: float, stop: float) -> int:
    """Insert a stretch into stretches sorted by their start; returns the new count."""
    i = n
    while i > 0 and low[i - 1] > start:
        low[i], high[i] = low[i - 1], high[i - 1]
        i -= 1
    low[i], high[i] = start, stop
    return n + 1


@njit(cache=True, nogil=True)
def reached_parts(
    dist: Floats, wait: Floats, u: Ints, v: Ints, forward: Floats, backward: Floats, limit: float,
    own_edge: Ints, own_at: Floats, own_s: Floats, edge_out: Ints, low_out: Floats, high_out: Floats,
) -> int:  # fmt: skip
    """Parts of edges passed within the limit, from the time at the nodes and from the origins' own positions.

    ``own_*``: the origins by rising edge, -1 first. Fills edge, first and last fraction of each part; parts of one
    edge neither touch nor overlap. Returns how many there are: at most 2 for each edge and 1 for each origin.
    """
    size, own = 0, 0
    low, high = np.empty(2 + len(own_edge), np.float64), np.empty(2 + len(own_edge), np.float64)
    while own < len(own_edge) and own_edge[own] < 0:
        own += 1
    for e in range(len(u)):
        n = 0
        left = limit - dist[u[e]] - wait[u[e]]
        if left >= 0.0 and forward[e] < np.inf:
            n = _add(low, high, n, 0.0, min(left / forward[e], 1.0) if forward[e] > 0.0 else 1.0)
        left = limit - dist[v[e]] - wait[v[e]]
        if left >= 0.0 and backward[e] < np.inf:
            n = _add(low, high, n, max(1.0 - left / backward[e], 0.0) if backward[e] > 0.0 else 0.0, 1.0)
        while own < len(own_edge) and own_edge[own] == e:
            left = limit - own_s[own]
            if left >= 0.0:
                ahead = left / forward[e] if forward[e] > 0.0 else 1.0
                behind = left / backward[e] if backward[e] > 0.0 else 1.0
                n = _add(low, high, n, max(own_at[own] - behind, 0.0), min(own_at[own] + ahead, 1.0))
            own += 1
        for k in range(n):
            if k > 0 and low[k] <= high_out[size - 1]:
                high_out[size - 1] = max(high_out[size - 1], high[k])
                continue
            edge_out[size], low_out[size], high_out[size] = e, low[k], high[k]
            size += 1
    return size


@njit(cache=True, nogil=True)
def cut_shapes(
    edge: Ints, low: Floats, high: Floats, shape_ptr: Ints, shape_xy: Floats, shape_at: Floats, out: Floats,
    pointer: Ints,
) -> None:  # fmt: skip
    """Fill the shapes of parts of edges: points (k, 2) and pointers; two points at least for each part."""
    k = 0
    pointer[0] = 0
    for i in range(len(edge)):
        for s in range(shape_ptr[edge[i]], shape_ptr[edge[i] + 1] - 1):
            a, b = shape_at[s], shape_at[s + 1]
            if b <= low[i] or a >= high[i]:
                continue
            for end in range(2):
                if end == 0 and k > pointer[i]:
                    continue
                f = max(a, low[i]) if end == 0 else min(b, high[i])
                t = (f - a) / (b - a)
                out[k, 0] = shape_xy[s, 0] + t * (shape_xy[s + 1, 0] - shape_xy[s, 0])
                out[k, 1] = shape_xy[s, 1] + t * (shape_xy[s + 1, 1] - shape_xy[s, 1])
                k += 1
        pointer[i + 1] = k
