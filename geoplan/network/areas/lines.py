"""The streets reached within a limit, cut where the time runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan.network.areas import kernels
from geoplan.network.graph import Float, Graph
from geoplan.network.kernels import settle
from geoplan.network.search import LIMIT_SLACK_S
from geoplan.network.snapping import Snapped, arriving, leaving
from geoplan.network.threads import spread

__all__ = ["area_lines"]


def area_lines(
    graph: Graph, origins: Snapped, limits_s: Sequence[float], crs: str | None, merged: bool, outward: bool,
    threads: int,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the reached streets; see :meth:`geoplan.network.StreetNetwork.reached_streets`.

    Parameters
    ----------
    graph : Graph
        The graph.
    origins : Snapped
        Origins connected to it.
    limits_s : sequence of float
        Limits, seconds, rising.
    crs : str or None
        Coordinate system of the network.
    merged : bool
        One set for all origins together.
    outward : bool
        Travel from the origins, not to them.
    threads : int
        Threads.

    Returns
    -------
    geopandas.GeoDataFrame
        ``origin_id`` (unless merged), ``limit_s``, ``length_m`` and MultiLineStrings.
    """
    arcs = graph.forward if outward else graph.backward
    forward, backward = graph.edge_forward_s, graph.edge_backward_s
    if not outward:  # against the direction of travel an edge is entered where one otherwise leaves it
        forward, backward = backward, forward
    node, seconds = (leaving if outward else arriving)(graph, origins)
    wait = graph.node_wait_s if outward else np.zeros_like(graph.node_wait_s)
    groups = [np.arange(len(origins))] if merged else list(np.arange(len(origins))[:, None])

    def one(rows: npt.NDArray[np.int64]) -> list[tuple[shapely.Geometry, float]]:
        dist = settle(
            arcs.indptr, arcs.head, arcs.cost_s, node[rows].ravel(), seconds[rows].ravel(), limits_s[-1] + LIMIT_SLACK_S
        )
        own = rows[np.argsort(origins.edge[rows], kind="stable")]
        room = 2 * graph.n_edges + len(own)
        edge, low, high = np.empty(room, np.int64), np.empty(room), np.empty(room)
        found = []
        for limit in limits_s:
            size = kernels.reached_parts(
                dist, wait, graph.edge_u, graph.edge_v, forward, backward, limit + LIMIT_SLACK_S, origins.edge[own],
                origins.fraction[own], origins.access_s[own], edge, low, high,
            )  # fmt: skip
            found.append(_drawn(graph, edge[:size], low[:size], high[:size]))
        return found

    def task(part: slice) -> list[list[tuple[shapely.Geometry, float]]]:
        return [one(rows) for rows in groups[part]]

    results = [row for part in spread(task, len(groups), threads, least=8) for row in part]
    columns: dict[str, npt.NDArray[np.generic]] = {
        "limit_s": np.tile(np.asarray(limits_s, np.float64), len(groups)),
        "length_m": np.array([length for row in results for _, length in row], np.float64),
    }
    if not merged:
        columns = {"origin_id": np.repeat(origins.ids, len(limits_s)), **columns}
    return gpd.GeoDataFrame(columns, geometry=[shape for row in results for shape, _ in row], crs=crs)


def _drawn(graph: Graph, edge: npt.NDArray[np.int64], low: Float, high: Float) -> tuple[shapely.Geometry, float]:
    """Draw parts of edges as one MultiLineString; returns it with its length in metres."""
    some = high > low
    edge, low, high = edge[some], low[some], high[some]
    if len(edge) == 0:
        return shapely.MultiLineString(), 0.0
    points = np.empty((int((np.diff(graph.shape_ptr)[edge] + 2).sum()), 2))
    pointer = np.empty(len(edge) + 1, np.int64)
    kernels.cut_shapes(edge, low, high, graph.shape_ptr, graph.shape_xy, graph.shape_at, points, pointer)
    points = points[: pointer[-1]]
    lines: Any = shapely.linestrings(points, indices=np.repeat(np.arange(len(edge)), np.diff(pointer)))
    return shapely.MultiLineString(list(lines)), float(((high - low) * graph.edge_length_m[edge]).sum())
