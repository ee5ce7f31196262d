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


@njit(cache=True, nogil=True)
def nearest_segment(
    points: Floats,
    geographic: bool,
    max_m: float,
    xy: Floats,
    shape_edge: Ints,
    shape_at: Floats,
    usable: Flags,
    boxes: Floats,
    level: Ints,
) -> tuple[Ints, Floats, Floats, Floats]:
    """Nearest usable segment of each point within ``max_m`` metres: branch and bound over the boxes.

    Returns edge (int32, -1 where none), fraction of the edge's length from its first node, metres to it, and the
    position on it (n, 2).
    """
    n = len(points)
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
        best = max_m * max_m * (1.0 + 1e-12)
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
                    if d2 < best or (d2 == best and (not found or edge < edge_out[p])):
                        best, found = d2, True
                        edge_out[p] = edge
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
    return edge_out, fraction, metres, street
