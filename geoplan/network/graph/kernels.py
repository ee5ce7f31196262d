"""Compiled loops that lay a graph out in memory: ordering, chains, boxes. Arrays in, arrays out.

Callers check the input; kernels do not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["FAN", "build_boxes", "group", "hilbert", "join_chains", "measure"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

FAN = 16  # children of a box in the spatial index


@njit(cache=True, nogil=True)
def group(keys: Ints, n: int) -> tuple[Ints, Ints]:
    """Sort by counting: positions of ``keys`` (int, all in 0..n-1) by key, as (pointers (n+1,), order)."""
    start = np.zeros(n + 1, np.int64)
    for key in keys:
        start[key + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    fill = start[:-1].copy()
    order = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        key = keys[i]
        order[fill[key]] = i
        fill[key] += 1
    return start, order


@njit(cache=True, nogil=True)
def hilbert(x: Ints, y: Ints) -> Ints:
    """Position of integer points (0 <= x, y < 2**16) along the Hilbert curve, int64."""
    out = np.empty(len(x), np.int64)
    for i in range(len(x)):
        a, b, key = np.int64(x[i]), np.int64(y[i]), np.int64(0)
        s = np.int64(1 << 15)
        while s > 0:
            rx = np.int64(1) if (a & s) > 0 else np.int64(0)
            ry = np.int64(1) if (b & s) > 0 else np.int64(0)
            key += s * s * ((3 * rx) ^ ry)
            if ry == 0:
                if rx == 1:
                    a, b = 65535 - a, 65535 - b
                a, b = b, a
            s >>= 1
        out[i] = key
    return out


@njit(cache=True, nogil=True)
def measure(pointer: Ints, step: Floats) -> tuple[Floats, Floats]:
    """Length of each shape, and the fraction of it at each point, from the length of the step into each point."""
    at = np.empty(len(step))
    length = np.zeros(len(pointer) - 1)
    for i in range(len(length)):
        total = 0.0
        for k in range(pointer[i], pointer[i + 1]):
            total += step[k]
            at[k] = total
        length[i] = total
        for k in range(pointer[i], pointer[i + 1]):
            at[k] = at[k] / total if total > 0.0 else 0.0
        at[pointer[i + 1] - 1] = 1.0
    return length, at


@njit(cache=True, nogil=True, inline="always")
def _same(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 1e-9 * (abs(a) + abs(b))


@njit(cache=True, nogil=True)
def _joinable(
    u: Ints, v: Ints, forward: Floats, backward: Floats, length: Floats, snaps: Flags, wait: Floats
) -> tuple[Flags, Ints]:
    """Tell which nodes merely continue one street: two different edges, one pace, no wait.

    Also returns the two edge ends at each node (2 * edge + 1 if the node is its v), -1 where there are fewer.
    """
    n = len(wait)
    degree = np.zeros(n, np.int64)
    ends = np.full((n, 2), -1, np.int64)
    for e in range(len(u)):
        for side in range(2):
            node = u[e] if side == 0 else v[e]
            if degree[node] < 2:
                ends[node, degree[node]] = 2 * e + side
            degree[node] += 1
    join = np.zeros(n, np.bool_)
    for node in range(n):
        if degree[node] != 2 or wait[node] != 0.0:
            continue
        a, b = ends[node, 0] // 2, ends[node, 1] // 2
        if a == b or snaps[a] != snaps[b] or length[a] <= 0.0 or length[b] <= 0.0:
            continue
        into_a, from_a = (forward[a], backward[a]) if ends[node, 0] % 2 == 1 else (backward[a], forward[a])
        from_b, into_b = (forward[b], backward[b]) if ends[node, 1] % 2 == 0 else (backward[b], forward[b])
        join[node] = _same(into_a / length[a], from_b / length[b]) and _same(from_a / length[a], into_b / length[b])
    return join, ends


@njit(cache=True, nogil=True)
def join_chains(
    u: Ints,
    v: Ints,
    forward: Floats,
    backward: Floats,
    length: Floats,
    snaps: Flags,
    wait: Floats,
    first: Ints,
    last: Ints,
    xy: Floats,
    at: Floats,
) -> tuple[Any, ...]:
    """Join edges at nodes that merely continue a street into one edge with the whole shape.

    ``first``/``last``: shape points of each edge in ``xy`` and ``at``. Returns u, v, forward, backward, length, snaps,
    the first edge joined, and the shape of each joined edge (pointers, positions, fractions).
    """
    m = len(u)
    join, ends = _joinable(u, v, forward, backward, length, snaps, wait)
    used = np.zeros(m, np.bool_)
    chain = np.empty(m, np.int64)  # 2 * edge + 1 if passed from v to u
    chain_ptr = np.zeros(m + 1, np.int64)
    n_chains, size = 0, 0
    for round_ in range(2):  # first chains with proper ends, then what is left: rings of nothing but joins
        for e in range(m):
            for side in range(2):
                start = u[e] if side == 0 else v[e]
                if used[e] or (round_ == 0 and join[start]):
                    continue
                edge, flip = e, side
                while True:
                    used[edge] = True
                    chain[size] = 2 * edge + flip
                    size += 1
                    node = u[edge] if flip == 1 else v[edge]
                    if not join[node]:
                        break
                    end = ends[node, 0] if ends[node, 0] // 2 != edge else ends[node, 1]
                    if used[end // 2]:
                        break
                    edge, flip = end // 2, end % 2
                n_chains += 1
                chain_ptr[n_chains] = size
    out_u, out_v = np.empty(n_chains, np.int32), np.empty(n_chains, np.int32)
    out_forward, out_backward = np.zeros(n_chains), np.zeros(n_chains)
    out_length, out_snaps = np.zeros(n_chains), np.empty(n_chains, np.bool_)
    out_first = np.empty(n_chains, np.int64)
    ptr = np.zeros(n_chains + 1, np.int64)
    points = 0
    for e in range(m):
        points += last[e] - first[e]
    out_xy, out_at = np.empty((points, 2)), np.empty(points)
    k = 0
    for c in range(n_chains):
        head, tail = chain[chain_ptr[c]], chain[chain_ptr[c + 1] - 1]
        out_u[c] = v[head // 2] if head % 2 == 1 else u[head // 2]
        out_v[c] = u[tail // 2] if tail % 2 == 1 else v[tail // 2]
        out_first[c], out_snaps[c] = head // 2, snaps[head // 2]
        for j in range(chain_ptr[c], chain_ptr[c + 1]):
            edge, flip = chain[j] // 2, chain[j] % 2
            out_forward[c] += backward[edge] if flip == 1 else forward[edge]
            out_backward[c] += forward[edge] if flip == 1 else backward[edge]
            out_length[c] += length[edge]
        done = 0.0
        total = out_length[c]
        for j in range(chain_ptr[c], chain_ptr[c + 1]):
            edge, flip = chain[j] // 2, chain[j] % 2
            n_points = last[edge] - first[edge]
            for i in range(0 if j == chain_ptr[c] else 1, n_points):
                s = last[edge] - 1 - i if flip == 1 else first[edge] + i
                part = 1.0 - at[s] if flip == 1 else at[s]
                out_xy[k] = xy[s]
                out_at[k] = (done + part * length[edge]) / total if total > 0.0 else part
                k += 1
            done += length[edge]
        out_at[k - 1] = 1.0
        ptr[c + 1] = k
    return (
        out_u, out_v, out_forward, out_backward, out_length, out_snaps, out_first, ptr, out_xy[:k].copy(),
        out_at[:k].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def build_boxes(xy: Floats, shape_edge: Ints, usable: Flags) -> tuple[Floats, Ints]:
    """Bounding boxes of runs of FAN segments, then of runs of FAN boxes, up to one.

    Segments lie in storage order, which follows the Hilbert curve, so runs are compact without sorting.
    Returns boxes (b, 4) as min x, min y, max x, max y and the first box of each level (last entry: b).
    """
    slots = max(len(xy) - 1, 1)
    sizes = [(slots + FAN - 1) // FAN]
    while sizes[-1] > 1:
        sizes.append((sizes[-1] + FAN - 1) // FAN)
    level = np.zeros(len(sizes) + 1, np.int64)
    for i in range(len(sizes)):
        level[i + 1] = level[i] + sizes[i]
    boxes = np.empty((level[-1], 4))
    boxes[:, 0:2] = np.inf
    boxes[:, 2:4] = -np.inf
    for s in range(len(xy) - 1):
        edge = shape_edge[s]
        if shape_edge[s + 1] != edge or not usable[edge]:
            continue
        box = boxes[s // FAN]
        for t in (s, s + 1):
            box[0] = min(box[0], xy[t, 0])
            box[1] = min(box[1], xy[t, 1])
            box[2] = max(box[2], xy[t, 0])
            box[3] = max(box[3], xy[t, 1])
    for i in range(1, len(sizes)):
        for b in range(sizes[i - 1]):
            child, box = boxes[level[i - 1] + b], boxes[level[i] + b // FAN]
            box[0] = min(box[0], child[0])
            box[1] = min(box[1], child[1])
            box[2] = max(box[2], child[2])
            box[3] = max(box[3], child[3])
    return boxes, level
