"""Compiled searches over nodes and arcs: arrays in, arrays out.

Callers check the input; kernels do not. Every kernel releases the interpreter lock, so that a thread pool runs
them side by side, and treats its origins one by one, so that the answer does not depend on how they were shared out.
Written with single numbers only: compiling whole-array steps takes seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["gather_nearest", "reach", "route", "settle", "sweep"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]

_INF = np.inf


@njit(cache=True, nogil=True)
def _push(heap_s: Floats, heap_node: Ints, size: int, seconds: float, node: int) -> None:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap_s[parent] <= seconds:
            break
        heap_s[i], heap_node[i] = heap_s[parent], heap_node[parent]
        i = parent
    heap_s[i], heap_node[i] = seconds, node


@njit(cache=True, nogil=True)
def _pop(heap_s: Floats, heap_node: Ints, size: int) -> None:
    """Close the gap at the root of a heap that had ``size + 1`` entries; the caller has read the root."""
    seconds, node = heap_s[size], heap_node[size]
    i, child = 0, 1
    while child < size:
        if child + 1 < size and heap_s[child + 1] < heap_s[child]:
            child += 1
        if heap_s[child] >= seconds:
            break
        heap_s[i], heap_node[i] = heap_s[child], heap_node[child]
        i, child = child, 2 * child + 1
    heap_s[i], heap_node[i] = seconds, node


@njit(cache=True, nogil=True)
def _sort(values: Ints, n: int) -> None:
    """Sort the first ``n`` values in place: heapsort, so that no order of the input is slow."""
    for start in range(n // 2 - 1, -n, -1):
        # First build the heap, then take its root to the end, again and again; the stretch [0, end) is the heap.
        end, i = n, start
        if start < 0:
            end, i = n + start, 0
            values[0], values[end] = values[end], values[0]
        value, child = values[i], 2 * i + 1
        while child < end:
            if child + 1 < end and values[child + 1] > values[child]:
                child += 1
            if values[child] <= value:
                break
            values[i] = values[child]
            i, child = child, 2 * child + 1
        values[i] = value


@njit(cache=True, nogil=True)
def reach(
    indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats,
    stop_ptr: Ints, stop_place: Ints, stop_s: Floats, twin_ptr: Ints, twin_place: Ints, twin_s: Floats,
    n_places: int, limit: float, counts: Ints,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Bounded Dijkstra from each origin; collects the places reached.

    ``seed_node``/``seed_s`` (n, 2): where an origin enters the graph (-1: no entry). ``stop_*``: places hanging on
    each node, CSR. ``twin_*``: places on the origin's own edge with their direct time, CSR by origin.
    Fills pairs per origin; returns places (int32, ascending within an origin) and seconds (float32), with room to
    spare at the end.
    """
    n_nodes = len(indptr) - 1
    dist = np.empty(n_nodes, np.float64)
    for i in range(n_nodes):
        dist[i] = _INF
    best = np.empty(n_places, np.float64)
    for i in range(n_places):
        best[i] = _INF
    touched, hit = np.empty(n_nodes, np.int32), np.empty(n_places, np.int32)
    heap_s, heap_node = np.empty(len(head) + 2, np.float64), np.empty(len(head) + 2, np.int32)
    room = 4096
    out_place, out_s = np.empty(room, np.int32), np.empty(room, np.float32)
    total = 0
    for o in range(len(seed_node)):
        size, n_touched, n_hit = 0, 0, 0
        for k in range(2):
            node, seconds = seed_node[o, k], seed_s[o, k]
            if node >= 0 and seconds <= limit and seconds < dist[node]:
                if dist[node] == _INF:
                    touched[n_touched] = node
                    n_touched += 1
                dist[node] = seconds
                _push(heap_s, heap_node, size, seconds, node)
                size += 1
        for k in range(twin_ptr[o], twin_ptr[o + 1]):
            place, seconds = twin_place[k], twin_s[k]
            if seconds <= limit and seconds < best[place]:
                if best[place] == _INF:
                    hit[n_hit] = place
                    n_hit += 1
                best[place] = seconds
        while size > 0:
            now, node = heap_s[0], heap_node[0]
            size -= 1
            _pop(heap_s, heap_node, size)
            if now > dist[node]:
                continue
            for k in range(stop_ptr[node], stop_ptr[node + 1]):
                place, seconds = stop_place[k], now + stop_s[k]
                if seconds <= limit and seconds < best[place]:
                    if best[place] == _INF:
                        hit[n_hit] = place
                        n_hit += 1
                    best[place] = seconds
            for k in range(indptr[node], indptr[node + 1]):
                other, seconds = head[k], now + cost[k]
                if seconds <= limit and seconds < dist[other]:
                    if dist[other] == _INF:
                        touched[n_touched] = other
                        n_touched += 1
                    dist[other] = seconds
                    _push(heap_s, heap_node, size, seconds, other)
                    size += 1
        for k in range(n_touched):
            dist[touched[k]] = _INF
        if total + n_hit > room:
            room = 2 * (total + n_hit)
            more_place, more_s = np.empty(room, np.int32), np.empty(room, np.float32)
            for k in range(total):
                more_place[k], more_s[k] = out_place[k], out_s[k]
            out_place, out_s = more_place, more_s
        if 64 * n_hit > n_places:  # so many that a scan over all is cheaper than a sort
            n_hit = 0
            for place in range(n_places):
                if best[place] < _INF:
                    hit[n_hit] = place
                    n_hit += 1
        else:
            _sort(hit, n_hit)
        for k in range(n_hit):
            place = hit[k]
            out_place[total], out_s[total] = place, best[place]
            best[place] = _INF
            total += 1
        counts[o] = n_hit
    return out_place, out_s


@njit(cache=True, nogil=True)
def settle(indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats, limit: float) -> Floats:
    """Earliest time at every node from several entries at once, inf beyond the limit; float64 (n_nodes,)."""
    dist = np.empty(len(indptr) - 1, np.float64)
    for i in range(len(dist)):
        dist[i] = _INF
    heap_s = np.empty(len(head) + len(seed_node), np.float64)
    heap_node = np.empty(len(head) + len(seed_node), np.int32)
    size = 0
    for k in range(len(seed_node)):
        if seed_node[k] >= 0 and seed_s[k] <= limit and seed_s[k] < dist[seed_node[k]]:
            dist[seed_node[k]] = seed_s[k]
            _push(heap_s, heap_node, size, seed_s[k], seed_node[k])
            size += 1
    while size > 0:
        now, node = heap_s[0], heap_node[0]
        size -= 1
        _pop(heap_s, heap_node, size)
        if now > dist[node]:
            continue
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and seconds < dist[other]:
                dist[other] = seconds
                _push(heap_s, heap_node, size, seconds, other)
                size += 1
    return dist


@njit(cache=True, nogil=True)
def _push_tie(heap_s: Floats, heap_label: Ints, size: int, seconds: float, label: int) -> None:
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap_s[parent] < seconds or (heap_s[parent] == seconds and heap_label[parent] <= label):
            break
        heap_s[i], heap_label[i] = heap_s[parent], heap_label[parent]
        i = parent
    heap_s[i], heap_label[i] = seconds, label


@njit(cache=True, nogil=True)
def _pop_tie(heap_s: Floats, heap_label: Ints, size: int) -> None:
    seconds, label = heap_s[size], heap_label[size]
    i, child = 0, 1
    while child < size:
        right = child + 1
        if right < size and (
            heap_s[right] < heap_s[child] or (heap_s[right] == heap_s[child] and heap_label[right] < heap_label[child])
        ):
            child = right
        if heap_s[child] > seconds or (heap_s[child] == seconds and heap_label[child] >= label):
            break
        heap_s[i], heap_label[i] = heap_s[child], heap_label[child]
        i, child = child, 2 * child + 1
    heap_s[i], heap_label[i] = seconds, label


@njit(cache=True, nogil=True)
def sweep(
    indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats, k_most: int, limit: float,
    count: Ints, source: Ints, node_s: Floats,
) -> None:  # fmt: skip
    """Find the ``k_most`` nearest different sources of every node, in one search from all of them.

    ``seed_*`` (n, 2): where each source enters the graph. Fills count (n_nodes,), source and seconds (n_nodes,
    k_most), nearest first; of two sources equally near the one with the lower number comes first.
    """
    n_nodes = len(indptr) - 1
    room = 4096 + 2 * len(seed_node)
    heap_s = np.empty(room, np.float64)
    heap_label = np.empty(room, np.int64)  # source * n_nodes + node: ties fall to the lower source
    size = 0
    for i in range(len(seed_node)):
        for side in range(2):
            if seed_node[i, side] >= 0 and seed_s[i, side] <= limit:
                _push_tie(heap_s, heap_label, size, seed_s[i, side], np.int64(i) * n_nodes + seed_node[i, side])
                size += 1
    while size > 0:
        now, label = heap_s[0], heap_label[0]
        size -= 1
        _pop_tie(heap_s, heap_label, size)
        who, node = label // n_nodes, label % n_nodes
        have = count[node]
        known = have == k_most
        for k in range(have):
            known = known or source[node, k] == who
        if known:
            continue
        source[node, have], node_s[node, have] = who, now
        count[node] = have + 1
        need = size + indptr[node + 1] - indptr[node]
        if need > room:
            room = 2 * need
            more_s, more_label = np.empty(room, np.float64), np.empty(room, np.int64)
            for k in range(size):
                more_s[k], more_label[k] = heap_s[k], heap_label[k]
            heap_s, heap_label = more_s, more_label
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and count[other] < k_most:
                _push_tie(heap_s, heap_label, size, seconds, who * n_nodes + other)
                size += 1


@njit(cache=True, nogil=True)
def _keep(station: Ints, seconds: Floats, row: int, have: int, who: int, value: float, k_most: int) -> int:
    """Insert a station into a row sorted by (seconds, station), each station once; returns the new count."""
    at = 0
    while at < have and (seconds[row, at] < value or (seconds[row, at] == value and station[row, at] <= who)):
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
    for i in range(min(end, k_most - 1), at, -1):
        station[row, i], seconds[row, i] = station[row, i - 1], seconds[row, i - 1]
    station[row, at], seconds[row, at] = who, value
    return grown


@njit(cache=True, nogil=True)
def gather_nearest(
    end_node: Ints, end_s: Floats, count: Ints, source: Ints, node_s: Floats,
    twin_ptr: Ints, twin_station: Ints, twin_s: Floats, k_most: int, limit: float, station: Ints, seconds: Floats,
) -> None:  # fmt: skip
    """Merge the nearest stations of a place's two nodes with the stations on its own edge.

    Fills station and seconds (n, k_most), nearest first; the caller has set them to -1 and inf.
    """
    for p in range(len(end_node)):
        have = 0
        for t in range(twin_ptr[p], twin_ptr[p + 1]):
            if twin_s[t] <= limit:
                have = _keep(station, seconds, p, have, twin_station[t], twin_s[t], k_most)
        for e in range(2):
            node = end_node[p, e]
            for j in range(count[node] if node >= 0 else 0):
                value = node_s[node, j] + end_s[p, e]
                if value <= limit:
                    have = _keep(station, seconds, p, have, source[node, j], value, k_most)


@njit(cache=True, nogil=True)
def route(
    indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats, stop_node: Ints, stop_s: Floats,
    limit: float, came: Ints, before: Ints,
) -> tuple[float, int]:  # fmt: skip
    """Find the cheapest way from any seed to any stop; returns its seconds and last node (inf, -1 where none).

    Fills, from -1, the arc by which each node was entered and the node before it. Stops as soon as nothing left in
    the heap can be better.
    """
    dist = np.empty(len(indptr) - 1, np.float64)
    for i in range(len(dist)):
        dist[i] = _INF
    heap_s = np.empty(len(head) + len(seed_node), np.float64)
    heap_node = np.empty(len(head) + len(seed_node), np.int32)
    size = 0
    for k in range(len(seed_node)):
        if seed_node[k] >= 0 and seed_s[k] <= limit and seed_s[k] < dist[seed_node[k]]:
            dist[seed_node[k]] = seed_s[k]
            _push(heap_s, heap_node, size, seed_s[k], seed_node[k])
            size += 1
    best, last = _INF, -1
    while size > 0:
        now, node = heap_s[0], heap_node[0]
        if now >= best:
            break
        size -= 1
        _pop(heap_s, heap_node, size)
        if now > dist[node]:
            continue
        for k in range(len(stop_node)):
            if stop_node[k] == node and now + stop_s[k] < best and now + stop_s[k] <= limit:
                best, last = now + stop_s[k], node
        for k in range(indptr[node], indptr[node + 1]):
            other, seconds = head[k], now + cost[k]
            if seconds <= limit and seconds < dist[other]:
                dist[other], came[other], before[other] = seconds, k, node
                _push(heap_s, heap_node, size, seconds, other)
                size += 1
    return best, last
