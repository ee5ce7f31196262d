"""Compiled parts of the nearest-station index: choosing the k best stations, and following the way to one of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["choose", "draw", "follow", "legs", "lengths"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int32]
Long = npt.NDArray[np.int64]


@njit(cache=True)
def choose(
    node: Long, start_s: Float, indptr: Long, station: Int, seconds: npt.NDArray[np.float32], direct: Long,
    direct_s: Float, wanted: npt.NDArray[np.bool_], limit_s: float, k: int,
) -> tuple[Long, Float]:  # fmt: skip
    """Return the k nearest wanted stations from two street ends and from those straight along the street.

    Parameters
    ----------
    node, start_s : shape (2,)
        Ends of the street, -1 where there is none, and seconds to them.
    indptr, station, seconds
        Seconds from every node to the stations, CSR.
    direct, direct_s
        Stations on the same street with their seconds straight along it.
    wanted : shape (n_stations,)
        Stations that count.
    limit_s : float
        Longest time.
    k : int
        Most stations.

    Returns
    -------
    rows, seconds
        Ascending by seconds, then by row; each station once; shape (at most k,).
    """
    rows = np.empty(k, np.int64)
    best = np.empty(k, np.float64)
    count = 0
    for source in range(3):
        if source < 2:
            if node[source] < 0:
                continue
            first, last = indptr[node[source]], indptr[node[source] + 1]
        else:
            first, last = 0, len(direct)
        for i in range(first, last):
            if source < 2:
                row, time = np.int64(station[i]), np.float64(seconds[i]) + start_s[source]
            else:
                row, time = direct[i], direct_s[i]
            if time > limit_s or not wanted[row]:
                continue
            at = -1
            for j in range(count):
                if rows[j] == row:
                    at = j
                    break
            if at >= 0:
                if time >= best[at]:
                    continue
            elif count < k:
                at = count
                count += 1
            elif time < best[k - 1] or (time == best[k - 1] and row < rows[k - 1]):
                at = k - 1
            else:
                continue
            while at > 0 and (best[at - 1] > time or (best[at - 1] == time and rows[at - 1] > row)):
                rows[at], best[at] = rows[at - 1], best[at - 1]
                at -= 1
            rows[at], best[at] = row, time
    return rows[:count].copy(), best[:count].copy()


@njit(cache=True)
def _time_to(node: int, row: int, indptr: Long, station: Int, seconds: npt.NDArray[np.float32]) -> float:
    low, high = indptr[node], indptr[node + 1]
    while low < high:
        middle = (low + high) // 2
        if station[middle] < row:
            low = middle + 1
        else:
            high = middle
    if low < indptr[node + 1] and station[low] == row:
        return np.float64(seconds[low])
    return np.inf


@njit(cache=True)
def follow(
    node: int, row: int, most_steps: int, indptr: Long, station: Int, seconds: npt.NDArray[np.float32], in_node: Int,
    in_s: Float, arc_ptr: Long, head: Int, cost_s: Float, arc_edge: Int,
) -> tuple[Int, Int, int]:  # fmt: skip
    """Walk from a node to a station, each step to where the known time falls by what the step costs.

    Parameters
    ----------
    node, row : int
        Start and station.
    most_steps : int
        Bound on the steps; times are known to about 1e-4 s, so streets of no length could lead in a circle.
    indptr, station, seconds
        Seconds from every node to the stations, CSR, stations ascending within a node.
    in_node, in_s : shape (n_stations, 2)
        Nodes from which each station is entered and the seconds from them.
    arc_ptr, head, cost_s, arc_edge
        Arcs by tail node.

    Returns
    -------
    nodes, edges, end
        Nodes passed (the start first), edges between them, and by which end (0 or 1) the station is entered; -1 where
        no way was found within the bound.
    """
    nodes = np.empty(most_steps + 1, np.int32)
    edges = np.empty(most_steps, np.int32)
    nodes[0] = node
    last_edge = -1
    for step in range(most_steps + 1):
        best = np.inf
        end, take = -1, -1
        for side in range(2):
            if in_node[row, side] == node and in_s[row, side] < best:
                best, end = in_s[row, side], side
        for arc in range(arc_ptr[node], arc_ptr[node + 1]):
            if arc_edge[arc] == last_edge:
                continue
            time = cost_s[arc] + _time_to(head[arc], row, indptr, station, seconds)
            if time < best - 1e-4:
                best, take = time, arc
        if take < 0:
            return nodes[: step + 1], edges[:step], end
        if step == most_steps:
            break
        last_edge = arc_edge[take]
        node = head[take]
        edges[step] = last_edge
        nodes[step + 1] = node
    return nodes[:1], edges[:0], -1


@njit(cache=True)
def legs(
    row: int, limit_s: float, node: Long, start_s: Float, direct: Long, direct_s: Float, start_edge: int,
    start: float, stop_edge: int, stop: float, most_steps: int, indptr: Long, station: Int,
    seconds: npt.NDArray[np.float32], in_node: Int, in_s: Float, arc_ptr: Long, head: Int, cost_s: Float,
    arc_edge: Int, edge_u: Int,
) -> tuple[Int, Float, Float]:  # fmt: skip
    """Return the way from a position to a station as parts of edges.

    Parameters
    ----------
    row, limit_s : int, float
        Station, and the time in which it was found.
    node, start_s, direct, direct_s
        As in :func:`choose`.
    start_edge, start, stop_edge, stop : int, float
        Edges of the position and of the station, and the fractions of their lengths.
    most_steps, indptr, station, seconds, in_node, in_s, arc_ptr, head, cost_s, arc_edge
        As in :func:`follow`.
    edge_u : shape (n_edges,)
        First node of each edge.

    Returns
    -------
    edge, entered, left
        Edges in the order of travel with the fractions of the length where each is entered and left; empty where
        :func:`follow` found no way.
    """
    for i in range(len(direct)):
        if direct[i] == row and direct_s[i] <= limit_s + 1e-4:
            edge, entered, left = np.empty(1, np.int32), np.empty(1, np.float64), np.empty(1, np.float64)
            edge[0], entered[0], left[0] = start_edge, start, stop
            return edge, entered, left
    side, least = 0, np.inf
    for i in range(2):
        if node[i] >= 0:
            time = start_s[i] + _time_to(node[i], row, indptr, station, seconds)
            if time < least:
                side, least = i, time
    nodes, edges, end = follow(
        node[side], row, most_steps, indptr, station, seconds, in_node, in_s, arc_ptr, head, cost_s, arc_edge
    )
    if end < 0:
        return np.empty(0, np.int32), np.empty(0, np.float64), np.empty(0, np.float64)
    n = len(edges)
    edge, entered, left = np.empty(n + 2, np.int32), np.empty(n + 2, np.float64), np.empty(n + 2, np.float64)
    edge[0], entered[0], left[0] = start_edge, start, side
    for i in range(n):
        back = 0.0 if edge_u[edges[i]] == nodes[i] else 1.0
        edge[i + 1], entered[i + 1], left[i + 1] = edges[i], back, 1.0 - back
    edge[n + 1], entered[n + 1], left[n + 1] = stop_edge, end, stop
    return edge, entered, left


@njit(cache=True)
def lengths(
    rows: Long, limits_s: Float, node: Long, start_s: Float, direct: Long, direct_s: Float, start_edge: int,
    start: float, stop_edge: Int, stop: Float, most_steps: int, indptr: Long, station: Int,
    seconds: npt.NDArray[np.float32], in_node: Int, in_s: Float, arc_ptr: Long, head: Int, cost_s: Float,
    arc_edge: Int, edge_u: Int, edge_length_m: Float,
) -> Float:  # fmt: skip
    """Return the metres along streets to each of several stations, NaN where :func:`legs` finds no way.

    Parameters
    ----------
    rows, limits_s : shape (n,)
        Stations, and the times in which they were found.
    stop_edge, stop : shape (n_stations,)
        Edge of every station and the fraction of its length.
    edge_length_m : shape (n_edges,)
        Length of each edge.
    node, start_s, direct, direct_s, start_edge, start
        As in :func:`legs`.
    most_steps, indptr, station, seconds, in_node, in_s, arc_ptr, head, cost_s, arc_edge, edge_u
        As in :func:`legs`.

    Returns
    -------
    metres
        Shape (n,).
    """
    metres = np.empty(len(rows), np.float64)
    for place in range(len(rows)):
        row = rows[place]
        edge, entered, left = legs(
            row, limits_s[place], node, start_s, direct, direct_s, start_edge, start, stop_edge[row], stop[row],
            most_steps, indptr, station, seconds, in_node, in_s, arc_ptr, head, cost_s, arc_edge, edge_u,
        )  # fmt: skip
        metres[place] = 0.0 if len(edge) > 0 else np.nan
        for i in range(len(edge)):
            metres[place] += abs(left[i] - entered[i]) * edge_length_m[edge[i]]
    return metres


@njit(cache=True)
def _put(out: Float, count: int, x: float, y: float) -> int:
    """Add a point unless it is the last one again; returns how many there are."""
    if count > 0 and out[count - 1, 0] == x and out[count - 1, 1] == y:
        return count
    out[count, 0], out[count, 1] = x, y
    return count + 1


@njit(cache=True)
def _put_at(out: Float, count: int, edge: int, at: float, shape_ptr: Long, shape_at: Float, shape_xy: Float) -> int:
    """Add the point at a fraction of an edge's length."""
    first, last = shape_ptr[edge], shape_ptr[edge + 1] - 1
    i = first
    while i < last and shape_at[i + 1] <= at:
        i += 1
    if i == last or at <= shape_at[i]:
        return _put(out, count, shape_xy[i, 0], shape_xy[i, 1])
    t = (at - shape_at[i]) / (shape_at[i + 1] - shape_at[i])
    x = shape_xy[i, 0] + t * (shape_xy[i + 1, 0] - shape_xy[i, 0])
    y = shape_xy[i, 1] + t * (shape_xy[i + 1, 1] - shape_xy[i, 1])
    return _put(out, count, x, y)


@njit(cache=True)
def draw(
    leg_edge: Int, leg_from: Float, leg_to: Float, shape_ptr: Long, shape_at: Float, shape_xy: Float, start_xy: Float,
    end_xy: Float,
) -> Float:  # fmt: skip
    """Return the points of a way along edges, no point twice in a row.

    Parameters
    ----------
    leg_edge : shape (n_legs,)
        Edges in the order of travel.
    leg_from, leg_to : shape (n_legs,)
        Fractions of the edge's length where it is entered and left.
    shape_ptr, shape_at, shape_xy
        Points of the edges with their fractions.
    start_xy, end_xy : shape (2,)
        Where the way begins and ends, off the street.

    Returns
    -------
    xy
        Shape (k, 2).
    """
    most = 2
    for leg in range(len(leg_edge)):
        most += 2 + shape_ptr[leg_edge[leg] + 1] - shape_ptr[leg_edge[leg]]
    out = np.empty((most, 2), np.float64)
    count = _put(out, 0, start_xy[0], start_xy[1])
    for leg in range(len(leg_edge)):
        edge, start, stop = leg_edge[leg], leg_from[leg], leg_to[leg]
        first, beyond = shape_ptr[edge], shape_ptr[edge + 1]
        count = _put_at(out, count, edge, start, shape_ptr, shape_at, shape_xy)
        if start <= stop:
            for i in range(first, beyond):
                if start < shape_at[i] < stop:
                    count = _put(out, count, shape_xy[i, 0], shape_xy[i, 1])
        else:
            for i in range(beyond - 1, first - 1, -1):
                if stop < shape_at[i] < start:
                    count = _put(out, count, shape_xy[i, 0], shape_xy[i, 1])
        count = _put_at(out, count, edge, stop, shape_ptr, shape_at, shape_xy)
    count = _put(out, count, end_xy[0], end_xy[1])
    return out[:count].copy()
