"""Compiled search for the nearest street of each point. Arrays in, arrays out.

Callers check the input; kernels do not. Points are treated one by one, so that the answer does not depend on how they
were shared out between threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["nearest_segment"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

FAN = 16  # children of a box, as the index was built

_A = 6378137.0  # WGS-84 semi-major axis, metres
_E2 = 0.0066943799901413165  # WGS-84 squared first eccentricity


@njit(cache=True, nogil=True, inline="always")
def _scale(y: float, geographic: bool) -> tuple[float, float]:
    """Metres per unit of x and of y at ordinate y (degrees where geographic)."""
    if not geographic:
        return 1.0, 1.0
    sin = math.sin(math.radians(y))
    w2 = 1.0 - _E2 * sin * sin
    w = math.sqrt(w2)
    degree = math.pi / 180.0
    return degree * _A / w * math.cos(math.radians(y)), degree * _A * (1.0 - _E2) / (w2 * w)


@njit(cache=True, nogil=True, inline="always")
def _box_gap2(boxes: Floats, b: int, x: float, y: float, kx: float, ky: float) -> float:
    dx = max(max(boxes[b, 0] - x, 0.0), x - boxes[b, 2]) * kx
    dy = max(max(boxes[b, 1] - y, 0.0), y - boxes[b, 3]) * ky
    return float(dx * dx + dy * dy)


@njit(cache=True, nogil=True, inline="always")
def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@njit(cache=True, nogil=True)
def _crosses(
    px: float, py: float, qx: float, qy: float, xy: Floats, line: Ints, boxes: Floats, level: Ints, stack: Ints
) -> bool:
    """Tell whether the leg from p to q properly crosses a wall; merely touching one is no crossing.

    Differences are taken from p, so that degrees lose no digits. ``stack`` is work space of (FAN * levels, 2).
    """
    low_x, high_x, low_y, high_y = min(px, qx), max(px, qx), min(py, qy), max(py, qy)
    top = 1
    stack[0, 0], stack[0, 1] = 0, len(level) - 2
    while top > 0:
        top -= 1
        b, at = stack[top, 0], stack[top, 1]
        box = boxes[level[at] + b]
        if box[0] > high_x or box[2] < low_x or box[1] > high_y or box[3] < low_y:
            continue
        if at > 0:
            for c in range(b * FAN, min(b * FAN + FAN, level[at] - level[at - 1])):
                stack[top, 0], stack[top, 1] = c, at - 1
                top += 1
            continue
        for s in range(b * FAN, min(b * FAN + FAN, len(xy) - 1)):
            if line[s + 1] != line[s]:
                continue
            ax, ay, bx, by = xy[s, 0] - px, xy[s, 1] - py, xy[s + 1, 0] - px, xy[s + 1, 1] - py
            dx, dy = qx - px, qy - py
            ends = _side(0.0, 0.0, dx, dy, ax, ay) * _side(0.0, 0.0, dx, dy, bx, by)
            if ends < 0.0 and _side(ax, ay, bx, by, 0.0, 0.0) * _side(ax, ay, bx, by, dx, dy) < 0.0:
                return True
    return False


@njit(cache=True, nogil=True)
def nearest_segment(
    points: Floats, geographic: bool, max_m: float,
    xy: Floats, shape_edge: Ints, shape_at: Floats, usable: Flags, boxes: Floats, level: Ints,
    wall_xy: Floats, wall_line: Ints, wall_boxes: Floats, wall_level: Ints,
) -> tuple[Ints, Floats, Floats, Floats, Flags]:  # fmt: skip
    """Find the nearest usable segment of each point within ``max_m`` metres: branch and bound over the boxes.

    A segment that can only be reached across a wall counts only where there is no other.

    Returns edge (int32, -1 where none), fraction of the edge's length from its first node, metres to it, the
    position on it (n, 2), and whether a wall lies between.
    """
    n = len(points)
    crossed = np.zeros(n, np.bool_)
    wall_stack = np.empty((FAN * len(wall_level), 2), np.int64)
    street = np.full((n, 2), np.nan)
    edge_out = np.full(n, -1, np.int32)
    fraction = np.zeros(n)
    metres = np.full(n, np.inf)
    levels = len(level) - 1
    stack_box = np.empty(FAN * (levels + 1), np.int64)
    stack_gap = np.empty(FAN * (levels + 1))
    stack_level = np.empty(FAN * (levels + 1), np.int64)
    for p in range(n):
        x, y = points[p, 0], points[p, 1]
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        kx, ky = _scale(y, geographic)
        best = max_m * max_m * (1.0 + 1e-12)  # nearest that no wall cuts off; bounds the search
        best_across = best
        found = False
        top = 1
        stack_box[0], stack_gap[0], stack_level[0] = 0, 0.0, levels - 1
        while top > 0:
            top -= 1
            if stack_gap[top] > best:
                continue
            b, at = stack_box[top], stack_level[top]
            if at == 0:
                for s in range(b * FAN, min(b * FAN + FAN, len(xy) - 1)):
                    edge = shape_edge[s]
                    if shape_edge[s + 1] != edge or not usable[edge]:
                        continue
                    ax, ay = (xy[s, 0] - x) * kx, (xy[s, 1] - y) * ky
                    ux, uy = (xy[s + 1, 0] - x) * kx - ax, (xy[s + 1, 1] - y) * ky - ay
                    long2 = ux * ux + uy * uy
                    t = -(ax * ux + ay * uy) / long2 if long2 > 0.0 else 0.0
                    t = min(max(t, 0.0), 1.0)
                    qx, qy = ax + t * ux, ay + t * uy
                    d2 = qx * qx + qy * qy
                    if d2 > best or (d2 == best and found and edge >= edge_out[p]):
                        continue
                    cut = False
                    if len(wall_xy) > 0:
                        sx = xy[s, 0] + t * (xy[s + 1, 0] - xy[s, 0])
                        sy = xy[s, 1] + t * (xy[s + 1, 1] - xy[s, 1])
                        cut = _crosses(x, y, sx, sy, wall_xy, wall_line, wall_boxes, wall_level, wall_stack)
                    take = not cut or (not found and d2 < best_across)
                    if cut:
                        best_across = min(best_across, d2)
                    else:
                        best, found = d2, True
                    if take:
                        edge_out[p], crossed[p] = edge, cut
                        fraction[p] = shape_at[s] + t * (shape_at[s + 1] - shape_at[s])
                        metres[p] = math.sqrt(d2)
                        street[p, 0] = xy[s, 0] + t * (xy[s + 1, 0] - xy[s, 0])
                        street[p, 1] = xy[s, 1] + t * (xy[s + 1, 1] - xy[s, 1])
                continue
            bottom = top
            first = b * FAN
            count = level[at] - level[at - 1]
            for c in range(first, min(first + FAN, count)):
                gap = _box_gap2(boxes, level[at - 1] + c, x, y, kx, ky)
                if not gap <= best:  # also drops empty boxes, whose gap is not a number
                    continue
                i = top
                while i > bottom and stack_gap[i - 1] < gap:  # nearest child ends on top of the stack
                    stack_box[i], stack_gap[i], stack_level[i] = stack_box[i - 1], stack_gap[i - 1], at - 1
                    i -= 1
                stack_box[i], stack_gap[i], stack_level[i] = c, gap, at - 1
                top += 1
    return edge_out, fraction, metres, street, crossed
