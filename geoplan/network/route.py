"""One way from a place to another: seconds, metres and the line to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geoplan.network import kernels
from geoplan.network.graph import Float, Graph, Int
from geoplan.network.search import LIMIT_SLACK_S
from geoplan.network.snapping import Snapped, arriving, leaving

__all__ = ["Route", "find_route"]


@dataclass(frozen=True, slots=True)
class Route:
    """The fastest way between two places.

    Parameters
    ----------
    seconds : float
        Travel time, access legs included, seconds.
    street_m : float
        Metres along streets.
    access_m : float
        Metres between the places and the streets, both ends together.
    xy : numpy.ndarray of float64
        Points from origin to destination, access legs included, in the network's coordinates, shape (k, 2).
    node : numpy.ndarray of int64
        The source's ids of the nodes passed, in order.
    edge : numpy.ndarray of int32
        Edges used, whole or in part, in order.
    """

    seconds: float
    street_m: float
    access_m: float
    xy: Float
    node: np.ndarray[tuple[int], np.dtype[np.int64]]
    edge: Int

    @property
    def length_m(self) -> float:
        """Metres in all, access legs included."""
        return self.street_m + self.access_m

    @property
    def geometry(self) -> shapely.LineString:
        """The way as a line; a way without length is a line of two equal points."""
        return shapely.LineString(self.xy if len(self.xy) > 1 else np.repeat(self.xy, 2, axis=0))


def _part(graph: Graph, edge: int, start: float, stop: float) -> Float:
    """Points along an edge between two fractions, in the direction of travel."""
    low, high = min(start, stop), max(start, stop)
    span = slice(graph.shape_ptr[edge], graph.shape_ptr[edge + 1])
    at, xy = graph.shape_at[span], graph.shape_xy[span]
    inner = (at > low) & (at < high)
    ends = np.column_stack([np.interp([low, high], at, xy[:, 0]), np.interp([low, high], at, xy[:, 1])])
    points: Float = np.vstack([ends[:1], xy[inner], ends[1:]])
    return points if start <= stop else points[::-1]


def find_route(graph: Graph, origin: Snapped, destination: Snapped, limit_s: float) -> Route | None:
    """Find the fastest way from one place to one other; None where there is none within the limit.

    Parameters
    ----------
    graph : Graph
        The graph.
    origin, destination : Snapped
        One place each.
    limit_s : float
        Longest time, seconds; may be inf.

    Returns
    -------
    Route or None
        The way.
    """
    if len(origin.unsnapped) or len(destination.unsnapped):
        return None
    out_node, out_s = leaving(graph, origin)
    in_node, in_s = arriving(graph, destination)
    arcs = graph.forward
    came, before = np.full(graph.n_nodes, -1, np.int64), np.full(graph.n_nodes, -1, np.int32)
    seconds, last = kernels.route(
        arcs.indptr, arcs.head, arcs.cost_s, out_node[0], out_s[0], in_node[0], in_s[0], limit_s + LIMIT_SLACK_S, came,
        before,
    )  # fmt: skip
    chain = [last] if last >= 0 else []
    while chain and before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    nodes = np.array(chain[::-1], np.int32)
    arc = came[nodes[1:]]
    edge_o, edge_d = int(origin.edge[0]), int(destination.edge[0])
    start, stop = float(origin.fraction[0]), float(destination.fraction[0])
    access_m = float(origin.access_m[0] + destination.access_m[0])
    direct = _direct_s(graph, origin, destination)
    if np.isfinite(direct) and direct <= min(seconds, limit_s + LIMIT_SLACK_S):
        legs = [_part(graph, edge_o, start, stop)]
        seconds, street_m = direct, abs(stop - start) * float(graph.edge_length_m[edge_o])
        nodes, edges = np.zeros(0, np.int32), np.array([edge_o], np.int32)
    elif np.isfinite(seconds):
        legs, pieces, street_m = [], [], 0.0
        if edge_o >= 0:
            end = _end_used(graph, edge_o, int(nodes[0]), out_node[0], out_s[0])
            legs.append(_part(graph, edge_o, start, end))
            street_m += abs(end - start) * float(graph.edge_length_m[edge_o])
            pieces.append(edge_o)
        for step, edge in zip(nodes[:-1], arcs.edge[arc], strict=True):
            forth = int(graph.edge_u[edge]) == int(step)
            legs.append(_part(graph, int(edge), 0.0 if forth else 1.0, 1.0 if forth else 0.0))
            street_m += float(graph.edge_length_m[edge])
            pieces.append(int(edge))
        if edge_d >= 0:
            end = _end_used(graph, edge_d, int(nodes[-1]), in_node[0], in_s[0])
            legs.append(_part(graph, edge_d, end, stop))
            street_m += abs(end - stop) * float(graph.edge_length_m[edge_d])
            pieces.append(edge_d)
        edges = np.array(pieces, np.int32)
    else:
        return None
    xy = np.vstack([origin.xy[:1], *legs, destination.xy[:1]])
    fresh = np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]
    return Route(float(seconds), float(street_m), access_m, xy[fresh], graph.node_id[nodes], edges)


def _direct_s(graph: Graph, origin: Snapped, destination: Snapped) -> float:
    """Seconds straight along the edge that both places lie on; inf where they do not or may not."""
    edge = int(origin.edge[0])
    if edge < 0 or edge != int(destination.edge[0]):
        return float("inf")
    ahead = float(destination.fraction[0] - origin.fraction[0])
    access = float(origin.access_s[0] + destination.access_s[0])
    if ahead == 0.0:
        return access
    pace = graph.edge_forward_s[edge] if ahead > 0 else graph.edge_backward_s[edge]
    return access + abs(ahead) * float(pace)


def _end_used(graph: Graph, edge: int, node: int, ends: Int, seconds: Float) -> float:
    """Fraction of the end of an edge by which a way enters or leaves it: 0 for its u, 1 for its v."""
    if graph.edge_u[edge] == graph.edge_v[edge]:
        return 0.0 if seconds[0] <= seconds[1] or ends[1] < 0 else 1.0
    return 0.0 if int(graph.edge_u[edge]) == node else 1.0
