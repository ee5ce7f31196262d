"""Compiled searches over nodes and arcs: arrays in, arrays out.

Callers check the input; kernels do not. Every kernel releases the interpreter lock, so that a thread pool runs
them side by side, and treats its origins one by one, so that the answer does not depend on how they were shared out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["gather_nearest", "reach", "route", "scatter_rows", "settle", "sweep"]

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


@njit(cache=True, nogil=True, inline="always")
def _push(heap_s: Floats, heap_node: Ints, size: int, seconds: float, node: int) -> int:
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
def _pop(heap_s: Floats, heap_node: Ints, size: int) -> int:
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
def _grow(array: Any, size: int) -> Any:
    bigger = np.empty(max(2 * len(array), size), array.dtype)
    bigger[: len(array)] = array
    return bigger


@njit(cache=True, nogil=True)
def reach(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    stop_ptr: Ints,
    stop_place: Ints,
    stop_s: Floats,
    twin_ptr: Ints,
    twin_place: Ints,
    twin_s: Floats,
    n_places: int,
    limit: float,
) -> tuple[Ints, Ints, Floats]:
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
def scatter_rows(order: Ints, indptr: Ints, places: Ints, seconds: Floats, out_place: Ints, out_s: Floats) -> None:
    """Write rows that were found in ``order`` to their own positions of a CSR result."""
    at = 0
    for row in order:
        for k in range(indptr[row], indptr[row + 1]):
            out_place[k], out_s[k] = places[at], seconds[at]
            at += 1


@njit(cache=True, nogil=True)
def settle(indptr: Ints, head: Ints, cost: Floats, seed_node: Ints, seed_s: Floats, limit: float) -> Floats:
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


@njit(cache=True, nogil=True, inline="always")
def _push_tie(heap_s: Floats, heap_label: Ints, size: int, seconds: float, label: int) -> int:
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
def _pop_tie(heap_s: Floats, heap_label: Ints, size: int) -> int:
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
def sweep(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    seed_source: Ints,
    k_most: int,
    limit: float,
) -> tuple[Ints, Ints, Floats]:
    """Find the ``k_most`` nearest different sources of every node, in one search from all of them.

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
def _keep(station: Ints, seconds: Floats, row: int, have: int, who: int, value: float, k_most: int) -> int:
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
def gather_nearest(
    end_node: Ints,
    end_s: Floats,
    count: Ints,
    source: Ints,
    node_s: Floats,
    twin_ptr: Ints,
    twin_station: Ints,
    twin_s: Floats,
    k_most: int,
    limit: float,
) -> tuple[Ints, Floats]:
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


@njit(cache=True, nogil=True)
def route(
    indptr: Ints,
    head: Ints,
    cost: Floats,
    seed_node: Ints,
    seed_s: Floats,
    stop_node: Ints,
    stop_s: Floats,
    limit: float,
) -> tuple[float, Ints, Ints]:
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
