"""Compiled search for the nearest street of each point. Arrays in, arrays out.

Callers check the input; kernels do not. Points are treated one by one, so that the answer does not depend on how they
were shared out between threads. Written with single numbers only: compiling whole-array steps takes seconds.
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

_FAN = 16  # children of a box, as graph.boxes builds them

_A = 6378137.0  # WGS-84 semi-major axis, metres
_E2 = 0.0066943799901413165  # WGS-84 squared first eccentricity


@njit(cache=True, nogil=True)
def _cut_off(
    px: float, py: float, qx: float, qy: float, xy: Floats, line: Ints, boxes: Floats, level: Ints, stack: Ints
) -> bool:
    """Tell whether the leg from p to q properly crosses a wall; merely touching one is no crossing.

    Differences are taken from p, so that degrees lose no digits. ``stack`` is work space of 2 * FAN * levels.
    """
    low_x, high_x, low_y, high_y = min(px, qx), max(px, qx), min(py, qy), max(py, qy)
    dx, dy = qx - px, qy - py
    top = 1
    stack[0], stack[1] = 0, len(level) - 2
    while top > 0:
        top -= 1
        b, at = stack[2 * top], stack[2 * top + 1]
        k = level[at] + b
        if boxes[k, 0] > high_x or boxes[k, 2] < low_x or boxes[k, 1] > high_y or boxes[k, 3] < low_y:
            continue
        if at > 0:
            for c in range(b * _FAN, min(b * _FAN + _FAN, level[at] - level[at - 1])):
                stack[2 * top], stack[2 * top + 1] = c, at - 1
                top += 1
            continue
        for s in range(b * _FAN, min(b * _FAN + _FAN, len(xy) - 1)):
            if line[s + 1] != line[s]:
                continue
            ax, ay = xy[s, 0] - px, xy[s, 1] - py
            bx, by = xy[s + 1, 0] - px, xy[s + 1, 1] - py
            if (dx * ay - dy * ax) * (dx * by - dy * bx) >= 0.0:
                continue
            ux, uy = bx - ax, by - ay
            if (uy * ax - ux * ay) * (ux * (dy - ay) - uy * (dx - ax)) < 0.0:
                return True
    return False


@njit(cache=True, nogil=True)
def nearest_segment(
    points: Floats, geographic: bool, max_m: float,
    xy: Floats, shape_edge: Ints, shape_at: Floats, usable: Flags, boxes: Floats, level: Ints,
    wall_xy: Floats, wall_line: Ints, wall_boxes: Floats, wall_level: Ints,
    edge_out: Ints, fraction: Floats, metres: Floats, street: Floats, crossed: Flags,
) -> None:  # fmt: skip
    """Find the nearest usable segment of each point within ``max_m`` metres: branch and bound over the boxes.

    A segment that can only be reached across a wall counts only where there is no other.

    Fills, where there is one: edge, fraction of the edge's length from its first node, metres to it, the position on
    it (n, 2), and whether a wall lies between.
    """
    wall_stack = np.empty(2 * _FAN * len(wall_level), np.int64)
    levels = len(level) - 1
    stack_box = np.empty(_FAN * (levels + 1), np.int64)
    stack_gap = np.empty(_FAN * (levels + 1), np.float64)
    stack_level = np.empty(_FAN * (levels + 1), np.int64)
    degree = math.pi / 180.0
    kx, ky = 1.0, 1.0  # metres per unit of x and y
    for p in range(len(points)):
        x, y = points[p, 0], points[p, 1]
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        if geographic:
            sin = math.sin(y * degree)
            w2 = 1.0 - _E2 * sin * sin
            w = math.sqrt(w2)
            kx, ky = degree * _A / w * math.cos(y * degree), degree * _A * (1.0 - _E2) / (w2 * w)
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
            if at > 0:
                bottom = top
                child = level[at - 1]
                for c in range(b * _FAN, min(b * _FAN + _FAN, level[at] - child)):
                    k = child + c
                    dx = max(max(boxes[k, 0] - x, 0.0), x - boxes[k, 2]) * kx
                    dy = max(max(boxes[k, 1] - y, 0.0), y - boxes[k, 3]) * ky
                    gap = dx * dx + dy * dy
                    if gap > best:
                        continue
                    i = top
                    while i > bottom and stack_gap[i - 1] < gap:  # the nearest child ends on top of the stack
                        stack_box[i], stack_gap[i], stack_level[i] = stack_box[i - 1], stack_gap[i - 1], at - 1
                        i -= 1
                    stack_box[i], stack_gap[i], stack_level[i] = c, gap, at - 1
                    top += 1
                continue
            for s in range(b * _FAN, min(b * _FAN + _FAN, len(xy) - 1)):
                edge = shape_edge[s]
                if shape_edge[s + 1] != edge or not usable[edge]:
                    continue
                ax, ay = (xy[s, 0] - x) * kx, (xy[s, 1] - y) * ky
                ux, uy = (xy[s + 1, 0] - x) * kx - ax, (xy[s + 1, 1] - y) * ky - ay
                long2 = ux * ux + uy * uy
                t = min(max(-(ax * ux + ay * uy) / long2, 0.0), 1.0) if long2 > 0.0 else 0.0
                qx, qy = ax + t * ux, ay + t * uy
                d2 = qx * qx + qy * qy
                if d2 > best or (d2 == best and found and edge >= edge_out[p]):
                    continue
                sx = xy[s, 0] + t * (xy[s + 1, 0] - xy[s, 0])
                sy = xy[s, 1] + t * (xy[s + 1, 1] - xy[s, 1])
                if len(wall_xy) > 0 and _cut_off(x, y, sx, sy, wall_xy, wall_line, wall_boxes, wall_level, wall_stack):
                    if found or d2 >= best_across:
                        continue
                    best_across = d2
                    crossed[p] = True
                else:
                    best, found = d2, True
                    crossed[p] = False
                edge_out[p] = edge
                fraction[p] = shape_at[s] + t * (shape_at[s + 1] - shape_at[s])
                metres[p] = math.sqrt(d2)
                street[p, 0], street[p, 1] = sx, sy
