"""A lattice of points beside the streets, each connected to its street like any other place.

A service area is where these points are reached within the limit: the same search, the same snapping, the same
access leg as for people, so that area and travel times cannot contradict each other, and no area lies where no
street leads, be it behind water or inside a convex hull.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geoplan.crs import ellipsoid_length_m
from geoplan.network.areas import kernels
from geoplan.network.graph import Flag, Graph, Long
from geoplan.network.kernels import settle
from geoplan.network.search import LIMIT_SLACK_S
from geoplan.network.snapping import Places, Snapped, arriving, leaving, snap_places

__all__ = ["Lattice", "default_cell_m", "edges_within", "lattice_beside"]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Points of a regular lattice, connected to the streets.

    Parameters
    ----------
    column, row : numpy.ndarray of int64
        Position of each point in the lattice.
    snapped : Snapped
        The points, connected.
    origin, step : tuple of float
        Coordinates of column 0, row 0, and the distance between columns and rows, in the network's units.
    cell_m : float
        Distance between neighbours, metres.
    """

    column: Long
    row: Long
    snapped: Snapped
    origin: tuple[float, float]
    step: tuple[float, float]
    cell_m: float


def default_cell_m(graph: Graph, geographic: bool) -> float:
    """25 m; less in a small plane, where edges may be short: a quarter of the middle edge."""
    positive = graph.edge_length_m[graph.edge_length_m > 0]
    if geographic or len(positive) == 0:
        return 25.0
    return min(25.0, float(np.median(positive)) / 4.0)


def edges_within(graph: Graph, origins: Snapped, limit_s: float, outward: bool) -> Flag:
    """Tell which edges any of the origins reaches, at least in part, within the limit."""
    node, seconds = (leaving if outward else arriving)(graph, origins)
    arcs = graph.forward if outward else graph.backward
    dist = settle(arcs.indptr, arcs.head, arcs.cost_s, node.ravel(), seconds.ravel(), limit_s + LIMIT_SLACK_S)
    wanted: Flag = np.isfinite(dist[graph.edge_u]) | np.isfinite(dist[graph.edge_v])
    wanted[origins.edge[origins.edge >= 0]] = True
    return wanted


def lattice_beside(
    graph: Graph, wanted: Flag, geographic: bool, cell_m: float, offset_m: float, access_speed_m_s: float, threads: int
) -> Lattice:
    """Make the lattice points within ``offset_m`` of the wanted edges.

    Parameters
    ----------
    graph : Graph
        The graph.
    wanted : numpy.ndarray of bool
        Edges to cover.
    geographic : bool
        Whether coordinates are degrees.
    cell_m, offset_m : float
        Distance between points, and how far from a street they may lie, metres.
    access_speed_m_s : float
        Speed off the street.
    threads : int
        Threads to share the points out to.

    Returns
    -------
    Lattice
        Points whose nearest usable street lies within the offset, no wall between.
    """
    low, high = graph.node_xy.min(axis=0), graph.node_xy.max(axis=0)
    if geographic:
        middle = float(low[1] + high[1]) / 2.0
        per_x = float(ellipsoid_length_m(0.0, middle, 1e-3, middle)) * 1e3
        per_y = float(ellipsoid_length_m(0.0, middle - 5e-4, 0.0, middle + 5e-4)) * 1e3
    else:
        per_x = per_y = 1.0
    step = cell_m / per_x, cell_m / per_y
    margin = math.ceil(offset_m / cell_m) + 2
    origin = float(low[0]) - margin * step[0], float(low[1]) - margin * step[1]
    # Farther from the middle latitude a degree of longitude is shorter: more columns for the same metres.
    stretch = 1.0
    if geographic:
        edge_lat = max(abs(float(low[1])), abs(float(high[1])))
        stretch = math.cos(math.radians(middle)) / max(math.cos(math.radians(min(edge_lat, 89.0))), 1e-2)
    reach = 1.001 * offset_m / cell_m * max(stretch, 1.0)
    room = np.empty(0, np.int64)
    for _ in range(2):  # first to count, then to fill
        size = kernels.mark_cells(graph.shape_xy, graph.shape_edge, wanted, *origin, *step, reach, room)
        if size > len(room):
            room = np.empty(size, np.int64)
    room.sort()
    keys = room[np.r_[True, room[1:] != room[:-1]]] if len(room) else room
    column, row = keys % kernels.WIDTH, keys // kernels.WIDTH
    xy = np.column_stack([origin[0] + column * step[0], origin[1] + row * step[1]])
    places = Places(np.arange(len(xy)), xy, np.full(len(xy), -1, np.int32))
    snapped = snap_places(graph, places, geographic, offset_m, access_speed_m_s, threads)
    good = np.flatnonzero((snapped.edge >= 0) & ~snapped.crosses)
    return Lattice(column[good], row[good], snapped.take(good), origin, step, cell_m)
