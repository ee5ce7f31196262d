"""Compiled loops over nodes, edges and segments: arrays in, arrays out.

Callers check the input; kernels do not. Every kernel releases the interpreter lock, so that a thread pool runs
them side by side, and each treats its origins or points one by one, so that the answer does not depend on how they
were shared out.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "FAN",
    "build_boxes",
    "gather_nearest",
    "group",
    "hilbert",
    "join_chains",
    "measure",
    "nearest_segment",
    "reach",
    "route",
    "scatter_rows",
    "settle",
    "sweep",
]

FAN = 16  # children of a box in the spatial index

_A = 6378137.0  # WGS-84 semi-major axis, metres
_E2 = 0.0066943799901413165  # WGS-84 squared first eccentricity


@njit(cache=True, nogil=True)
def group(keys, n):
    """Counting sort: positions of ``keys`` (int, all in 0..n-1) by key, as (pointers (n+1,), order)."""
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
def hilbert(x, y):
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
def measure(pointer, step):
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
def _same(a, b):
    return a == b or abs(a - b) <= 1e-9 * (abs(a) + abs(b))


@njit(cache=True, nogil=True)
def _joinable(u, v, forward, backward, length, snaps, wait):
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
def join_chains(u, v, forward, backward, length, snaps, wait, first, last, xy, at):
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
def build_boxes(xy, shape_edge, usable):
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


@njit(cache=True, nogil=True, inline="always")
def _scale(y, geographic):
    """Metres per unit of x and of y at ordinate y (degrees where geographic)."""
    if not geographic:
        return 1.0, 1.0
    sin = math.sin(math.radians(y))
    w2 = 1.0 - _E2 * sin * sin
    w = math.sqrt(w2)
    degree = math.pi / 180.0
    return degree * _A / w * math.cos(math.radians(y)), degree * _A * (1.0 - _E2) / (w2 * w)


@njit(cache=True, nogil=True, inline="always")
def _box_gap2(boxes, b, x, y, kx, ky):
    dx = max(max(boxes[b, 0] - x, 0.0), x - boxes[b, 2]) * kx
    dy = max(max(boxes[b, 1] - y, 0.0), y - boxes[b, 3]) * ky
    return dx * dx + dy * dy


@njit(cache=True, nogil=True)
def nearest_segment(points, geographic, max_m, xy, shape_edge, shape_at, usable, boxes, level):
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


@njit(cache=True, nogil=True, inline="always")
def _push(heap_s, heap_node, size, seconds, node):
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap_s[parent] <= seconds:
            break
        heap_s[i], heap_node[i] = heap_s[parent], heap_node[parent]
        i = parent
    heap_s[i], heap_node[i] = seconds, node
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def _pop(heap_s, heap_node, size):
    """Remove the root; the caller has read it. Returns the new size."""
    size -= 1
    seconds, node = heap_s[size], heap_node[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap_s[child + 1] < heap_s[child]:
            child += 1
        if heap_s[child] >= seconds:
            break
        heap_s[i], heap_node[i] = heap_s[child], heap_node[child]
        i = child
    heap_s[i], heap_node[i] = seconds, node
    return size


@njit(cache=True, nogil=True)
def _grow(array, size):
    bigger = np.empty(max(2 * len(array), size), array.dtype)
    bigger[: len(array)] = array
    return bigger


@njit(cache=True, nogil=True)
def reach(
    indptr, head, cost, seed_node, seed_s, stop_ptr, stop_place, stop_s, twin_ptr, twin_place, twin_s, n_places, limit
):
    """Bounded Dijkstra from each origin; collects the places reached.

    ``seed_node``/``seed_s`` (n, 2): where an origin enters the graph (-1: no entry). ``stop_*``: places hanging on
    each node, CSR. ``twin_*``: places on the origin's own edge with their direct time, CSR by origin.
    Returns pairs per origin (int64), places (int32, ascending within an origin), seconds (float32).
    """
    n_nodes = len(indptr) - 1
    dist = np.full(n_nodes, np.inf)
    touched = np.empty(n_nodes, np.int32)
    best = np.full(n_places, np.inf)
    hit = np.empty(n_places, np.int32)
    heap_s = np.empty(len(head) + 2)
    heap_node = np.empty(len(head) + 2, np.int32)
    counts = np.zeros(len(seed_node), np.int64)
    out_place = np.empty(4096, np.int32)
    out_s = np.empty(4096, np.float32)
    total = 0
    for o in range(len(seed_node)):
        size, n_touched, n_hit = 0, 0, 0
        for k in range(2):
            node, seconds = seed_node[o, k], seed_s[o, k]
            if node >= 0 and seconds <= limit and seconds < dist[node]:
                if dist[node] == np.inf:
                    touched[n_touched] = node
                    n_touched += 1
                dist[node] = seconds
                size = _push(heap_s, heap_node, size, seconds, node)
        for k in range(twin_ptr[o], twin_ptr[o + 1]):
            place, seconds = twin_place[k], twin_s[k]
            if seconds <= limit and seconds < best[place]:
                if best[place] == np.inf:
                    hit[n_hit] = place
                    n_hit += 1
                best[place] = seconds
        while size > 0:
            now, node = heap_s[0], heap_node[0]
            size = _pop(heap_s, heap_node, size)
            if now > dist[node]:
                continue
            for k in range(stop_ptr[node], stop_ptr[node + 1]):
                place, seconds = stop_place[k], now + stop_s[k]
                if seconds <= limit and seconds < best[place]:
                    if best[place] == np.inf:
                        hit[n_hit] = place
                        n_hit += 1
                    best[place] = seconds
            for k in range(indptr[node], indptr[node + 1]):
                other, seconds = head[k], now + cost[k]
                if seconds <= limit and seconds < dist[other]:
                    if dist[other] == np.inf:
                        touched[n_touched] = other
                        n_touched += 1
                    dist[other] = seconds
                    size = _push(heap_s, heap_node, size, seconds, other)
        for k in range(n_touched):
            dist[touched[k]] = np.inf
        if total + n_hit > len(out_place):
            out_place, out_s = _grow(out_place, total + n_hit), _grow(out_s, total + n_hit)
        if 16 * n_hit > n_places:  # so many that a scan is cheaper than a sort
            for place in range(n_places):
                if best[place] < np.inf:
                    out_place[total], out_s[total] = place, best[place]
                    best[place] = np.inf
                    total += 1
        else:
            row = np.sort(hit[:n_hit])
            for place in row:
                out_place[total], out_s[total] = place, best[place]
                best[place] = np.inf
                total += 1
        counts[o] = n_hit
    return counts, out_place[:total].copy(), out_s[:total].copy()


@njit(cache=True, nogil=True)
def scatter_rows(order, indptr, places, seconds, out_place, out_s):
    """Write rows that were found in ``order`` to their own positions of a CSR result."""
    at = 0
    for row in order:
        for k in range(indptr[row], indptr[row + 1]):
            out_place[k], out_s[k] = places[at], seconds[at]
            at += 1


@njit(cache=True, nogil=True)
def settle(indptr, head, cost, seed_node, seed_s, limit):
    """Earliest time at every node from several entries at once, inf beyond the limit; float64 (n_nodes,)."""
    dist = np.full(len(indptr) - 1, np.inf)
    heap_s = np.empty(len(head) + len(seed_node))
    heap_node = np.empty(len(head) + len(seed_node), np.int32)
    size = 0
    for k in range(len(seed_node)):
        if seed_node[k] >= 0 and seed_s[k] <= limit and seed_s[k] < dist[seed_node[k]]:
            dist[seed_node[k]] = seed_s[k]
            size = _push(heap_s, heap_node, size, seed_s[k], seed_node[k])
    while size > 0:
        now, node = heap_s[0], heap_node[0]
        size = _pop(heap_s, heap_node, size)
        if now > dist[node]:
            continue
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and seconds < dist[other]:
                dist[other] = seconds
                size = _push(heap_s, heap_node, size, seconds, other)
    return dist


@njit(cache=True, nogil=True)
def sweep(indptr, head, cost, seed_node, seed_s, seed_source, k_most, limit):
    """The ``k_most`` nearest different sources of every node, in one search from all of them.

    Returns count (n_nodes,), source (n_nodes, k_most) and seconds (n_nodes, k_most), nearest first; of two sources
    equally near the one with the lower number comes first.
    """
    n_nodes = len(indptr) - 1
    count = np.zeros(n_nodes, np.int32)
    source = np.full((n_nodes, k_most), -1, np.int32)
    seconds_out = np.full((n_nodes, k_most), np.inf)
    heap_s = np.empty(1024 + len(seed_node))
    heap_label = np.empty(1024 + len(seed_node), np.int64)  # source * n_nodes + node: ties fall to the lower source
    size = 0
    for i in range(len(seed_node)):
        if seed_node[i] >= 0 and seed_s[i] <= limit:
            size = _push_tie(heap_s, heap_label, size, seed_s[i], np.int64(seed_source[i]) * n_nodes + seed_node[i])
    while size > 0:
        now, label = heap_s[0], heap_label[0]
        size = _pop_tie(heap_s, heap_label, size)
        who, node = label // n_nodes, label % n_nodes
        have = count[node]
        if have == k_most:
            continue
        known = False
        for k in range(have):
            known = known or source[node, k] == who
        if known:
            continue
        source[node, have] = who
        seconds_out[node, have] = now
        count[node] = have + 1
        if size + indptr[node + 1] - indptr[node] > len(heap_s):
            need = size + indptr[node + 1] - indptr[node]
            heap_s, heap_label = _grow(heap_s, need), _grow(heap_label, need)
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and count[other] < k_most:
                size = _push_tie(heap_s, heap_label, size, seconds, who * n_nodes + other)
    return count, source, seconds_out


@njit(cache=True, nogil=True, inline="always")
def _keep(station, seconds, row, have, who, value, k_most):
    """Insert a station into a row sorted by (seconds, station), each station once. Returns the new count."""
    at = 0
    while at < have and (seconds[row, at] < value or (seconds[row, at] == value and station[row, at] < who)):
        if station[row, at] == who:
            return have
        at += 1
    if at == k_most:
        return have
    end = have  # an older, slower entry of the same station is overwritten, else the row grows
    for i in range(at, have):
        if station[row, i] == who:
            end = i
            break
    grown = have if end < have else min(have + 1, k_most)
    i = min(end, k_most - 1)
    while i > at:
        station[row, i], seconds[row, i] = station[row, i - 1], seconds[row, i - 1]
        i -= 1
    station[row, at], seconds[row, at] = who, value
    return grown


@njit(cache=True, nogil=True)
def gather_nearest(end_node, end_s, count, source, node_s, twin_ptr, twin_station, twin_s, k_most, limit):
    """Merge the nearest stations of a place's two nodes with the stations on its own edge.

    Returns station (n, k) int32, -1 where none, and seconds (n, k), inf where none.
    """
    n = len(end_node)
    station = np.full((n, k_most), -1, np.int32)
    seconds = np.full((n, k_most), np.inf)
    for p in range(n):
        have = 0
        for t in range(twin_ptr[p], twin_ptr[p + 1]):
            if twin_s[t] <= limit:
                have = _keep(station, seconds, p, have, twin_station[t], twin_s[t], k_most)
        for e in range(2):
            node = end_node[p, e]
            if node < 0:
                continue
            for j in range(count[node]):
                value = node_s[node, j] + end_s[p, e]
                if value <= limit:
                    have = _keep(station, seconds, p, have, source[node, j], value, k_most)
    return station, seconds


@njit(cache=True, nogil=True, inline="always")
def _push_tie(heap_s, heap_label, size, seconds, label):
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap_s[parent] < seconds or (heap_s[parent] == seconds and heap_label[parent] <= label):
            break
        heap_s[i], heap_label[i] = heap_s[parent], heap_label[parent]
        i = parent
    heap_s[i], heap_label[i] = seconds, label
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def _pop_tie(heap_s, heap_label, size):
    size -= 1
    seconds, label = heap_s[size], heap_label[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            heap_s[right] < heap_s[child] or (heap_s[right] == heap_s[child] and heap_label[right] < heap_label[child])
        ):
            child = right
        if heap_s[child] > seconds or (heap_s[child] == seconds and heap_label[child] >= label):
            break
        heap_s[i], heap_label[i] = heap_s[child], heap_label[child]
        i = child
    heap_s[i], heap_label[i] = seconds, label
    return size


@njit(cache=True, nogil=True)
def route(indptr, head, cost, seed_node, seed_s, stop_node, stop_s, limit):
    """Cheapest way from any seed to any stop: (seconds, nodes in order int32, arcs in order int64).

    Seconds is inf, and the arrays empty, where no stop lies within the limit. Stops as soon as nothing left in the
    heap can be better.
    """
    n_nodes = len(indptr) - 1
    dist = np.full(n_nodes, np.inf)
    came = np.full(n_nodes, -1, np.int64)  # arc by which the node was entered
    before = np.full(n_nodes, -1, np.int32)
    heap_s = np.empty(len(head) + len(seed_node))
    heap_node = np.empty(len(head) + len(seed_node), np.int32)
    size = 0
    for k in range(len(seed_node)):
        if seed_node[k] >= 0 and seed_s[k] <= limit and seed_s[k] < dist[seed_node[k]]:
            dist[seed_node[k]] = seed_s[k]
            size = _push(heap_s, heap_node, size, seed_s[k], seed_node[k])
    best, last = np.inf, -1
    while size > 0:
        now, node = heap_s[0], heap_node[0]
        size = _pop(heap_s, heap_node, size)
        if now >= best:
            break
        if now > dist[node]:
            continue
        for k in range(len(stop_node)):
            if stop_node[k] == node and now + stop_s[k] < best and now + stop_s[k] <= limit:
                best, last = now + stop_s[k], node
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and seconds < dist[other]:
                dist[other], came[other], before[other] = seconds, k, node
                size = _push(heap_s, heap_node, size, seconds, other)
    steps = 0
    node = last
    while node >= 0 and before[node] >= 0:
        node = before[node]
        steps += 1
    nodes = np.empty(steps + 1 if last >= 0 else 0, np.int32)
    arcs = np.empty(steps, np.int64)
    node = last
    for i in range(steps, 0, -1):
        nodes[i], arcs[i - 1] = node, came[node]
        node = before[node]
    if last >= 0:
        nodes[0] = node
    return best, nodes, arcs
