"""The compressed graph: read-only arrays that the compiled search runs on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from geoplan.network.graph import kernels

__all__ = ["Arcs", "Graph", "Walls", "build_graph", "build_walls", "components"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int32]
Long = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Directed arcs by tail node, CSR.

    Parameters
    ----------
    indptr : numpy.ndarray of int64
        First arc of each node, shape (n_nodes + 1,).
    head : numpy.ndarray of int32
        Node at the other end, shape (n_arcs,).
    cost_s : numpy.ndarray of float64
        Seconds to pass the arc, the wait at its tail included, shape (n_arcs,).
    edge : numpy.ndarray of int32
        Edge that the arc runs along, shape (n_arcs,).
    """

    indptr: Long
    head: Int
    cost_s: Float
    edge: Int


@dataclass(frozen=True, slots=True)
class Walls:
    """Lines that no access leg may cross - shores, closed motorways - with a spatial index.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Points of the lines, one line after the other, shape (k, 2).
    line : numpy.ndarray of int32
        Line of each point, shape (k,).
    boxes : numpy.ndarray of float64
        Spatial index, shape (b, 4).
    level : numpy.ndarray of int64
        First box of each level.
    """

    xy: Float
    line: Int
    boxes: Float
    level: Long


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, edges with their shape, arcs for the search in both directions, and a spatial index over segments.

    Nodes and edges are stored along a Hilbert curve, so that what is near on the ground is near in memory.

    Parameters
    ----------
    node_xy : numpy.ndarray of float64
        Position of each node: lon, lat degrees where the network is geographic, else metres; shape (n, 2).
    node_id : numpy.ndarray of int64
        The source's id of each node, shape (n,).
    node_rank : numpy.ndarray of int32
        Where the node that the caller counts as number i is stored, shape (n,).
    node_component : numpy.ndarray of int32
        Connected component of each node; component 0 is the longest, shape (n,).
    node_wait_s : numpy.ndarray of float64
        Mean wait when leaving each node, seconds, shape (n,).
    edge_u, edge_v : numpy.ndarray of int32
        Ends of each edge, shape (m,).
    edge_forward_s, edge_backward_s : numpy.ndarray of float64
        Seconds from u to v and from v to u, inf where not allowed, shape (m,).
    edge_length_m : numpy.ndarray of float64
        Length of each edge, metres, shape (m,).
    edge_snaps : numpy.ndarray of bool
        Whether places may be connected along the edge, shape (m,).
    edge_source : numpy.ndarray of int32
        Row of the streets frame (or of the caller's edges) an edge comes from, the first of them where several were
        joined, shape (m,).
    shape_ptr : numpy.ndarray of int64
        First shape point of each edge, shape (m + 1,).
    shape_xy : numpy.ndarray of float64
        Shape points from u to v, ends included, shape (k, 2).
    shape_at : numpy.ndarray of float64
        Fraction of the edge's length at each shape point, shape (k,).
    shape_edge : numpy.ndarray of int32
        Edge of each shape point, shape (k,).
    boxes : numpy.ndarray of float64
        Spatial index, shape (b, 4); see :func:`geoplan.network.graph.kernels.build_boxes`.
    box_level : numpy.ndarray of int64
        First box of each level.
    walls : Walls
        What no access leg may cross.
    forward, backward : Arcs
        Arcs along and against the direction of travel; one object where the graph is symmetric.
    """

    node_xy: Float
    node_id: Long
    node_rank: Int
    node_component: Int
    node_wait_s: Float
    edge_u: Int
    edge_v: Int
    edge_forward_s: Float
    edge_backward_s: Float
    edge_length_m: Float
    edge_snaps: Flag
    edge_source: Int
    shape_ptr: Long
    shape_xy: Float
    shape_at: Float
    shape_edge: Int
    boxes: Float
    box_level: Long
    walls: Walls
    forward: Arcs
    backward: Arcs

    def __post_init__(self) -> None:
        for part in (self, self.walls, self.forward, self.backward):
            for entry in fields(part):
                value = getattr(part, entry.name)
                if isinstance(value, np.ndarray):
                    value.flags.writeable = False

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_u)

    @property
    def symmetric(self) -> bool:
        """Whether every way takes as long in the other direction."""
        return self.forward is self.backward


def hilbert_order(xy: Float) -> Long:
    """Return the order of points along a Hilbert curve over their bounding box."""
    if len(xy) == 0:
        return np.zeros(0, np.int64)
    low = xy.min(axis=0)
    span = np.maximum(xy.max(axis=0) - low, 1e-300)
    cell = ((xy - low) / span.max() * 65535.0).astype(np.int64)
    order: Long = np.argsort(kernels.hilbert(cell[:, 0], cell[:, 1]), kind="stable")
    return order


def _arcs(n: int, tail: Int, head: Int, cost_s: Float, edge: Int) -> Arcs:
    # Within a node arcs stand by head, then cost, then edge: one fixed order whatever the input's order was.
    order = np.lexsort((edge, cost_s, head, tail))
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=n), out=indptr[1:])
    return Arcs(indptr, head[order], cost_s[order], edge[order])


def components(n: int, u: Int, v: Int, length_m: Float) -> Int:
    """Return the weakly connected component of each node; 0 has the most street, ties fall to the first node."""
    matrix = sparse.coo_array((np.ones(len(u), np.int8), (u, v)), shape=(n, n))
    count, label = csgraph.connected_components(matrix, directed=False)
    total = np.bincount(label[u], weights=length_m, minlength=count)
    rank = np.empty(count, np.int32)
    rank[np.lexsort((np.arange(count), -total))] = np.arange(count, dtype=np.int32)
    component: Int = rank[label]
    return component


def build_walls(xy: Float, line: npt.NDArray[np.integer]) -> Walls:
    """Index lines given as points (k, 2) and the line number of each point, rising from 0."""
    if len(xy) == 0:
        return Walls(np.zeros((0, 2)), np.zeros(0, np.int32), np.zeros((0, 4)), np.zeros(1, np.int64))
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    rank = np.empty(len(first), np.int64)
    rank[hilbert_order(xy[first])] = np.arange(len(first))
    order = np.argsort(rank[np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(line)]))], kind="stable")
    number = line[order].astype(np.int32)
    points = np.ascontiguousarray(xy[order])
    boxes, level = kernels.build_boxes(points, number, np.ones(int(number.max()) + 1, np.bool_))
    return Walls(points, number, boxes, level)


def build_graph(
    node_xy: Float,
    node_id: Long,
    u: Int,
    v: Int,
    forward_s: Float,
    backward_s: Float,
    length_m: Float,
    shape_ptr: Long,
    shape_xy: Float,
    shape_at: Float,
    *,
    source: npt.NDArray[np.integer] | None = None,
    snaps: Flag | None = None,
    wait_s: Float | None = None,
    walls: Walls | None = None,
) -> Graph:
    """Order nodes and edges in memory, make the arcs and the spatial index.

    Parameters
    ----------
    node_xy, node_id : numpy.ndarray
        Nodes in the caller's order, shapes (n, 2) and (n,).
    u, v, forward_s, backward_s, length_m : numpy.ndarray
        Edges, shape (m,); a direction that is not allowed takes inf seconds.
    shape_ptr, shape_xy, shape_at : numpy.ndarray
        Shape of each edge from u to v with the fraction of its length at each point.
    source, snaps, wait_s : numpy.ndarray, optional
        Row an edge comes from; whether places connect to it; wait when leaving each node.
    walls : Walls, optional
        What no access leg may cross.

    Returns
    -------
    Graph
        The frozen graph.
    """
    n, m = len(node_id), len(u)
    node_order = hilbert_order(node_xy)
    rank = np.empty(n, np.int32)
    rank[node_order] = np.arange(n, dtype=np.int32)
    edge_order = hilbert_order((node_xy[u] + node_xy[v]) / 2.0)
    u, v = rank[u][edge_order], rank[v][edge_order]
    forward_s, backward_s, length_m = forward_s[edge_order], backward_s[edge_order], length_m[edge_order]
    points = np.diff(shape_ptr)[edge_order]
    new_ptr = np.zeros(m + 1, np.int64)
    np.cumsum(points, out=new_ptr[1:])
    take = np.repeat(shape_ptr[:-1][edge_order] - new_ptr[:-1], points) + np.arange(new_ptr[-1])
    shape_xy, shape_at = np.ascontiguousarray(shape_xy[take]), shape_at[take]
    shape_edge = np.repeat(np.arange(m, dtype=np.int32), points)
    edge_snaps = np.ones(m, np.bool_) if snaps is None else snaps[edge_order]
    edge_snaps &= np.isfinite(forward_s) | np.isfinite(backward_s)
    wait = np.zeros(n) if wait_s is None else wait_s[node_order]
    boxes, level = kernels.build_boxes(shape_xy, shape_edge, edge_snaps)

    edge = np.arange(m, dtype=np.int32)
    proper = u != v  # a loop never shortens a way; places on it are still connected to its node
    along, against = proper & np.isfinite(forward_s), proper & np.isfinite(backward_s)
    tail = np.concatenate([u[along], v[against]])
    head = np.concatenate([v[along], u[against]])
    cost = np.concatenate([forward_s[along], backward_s[against]]) + wait[tail]
    which = np.concatenate([edge[along], edge[against]])
    forward = _arcs(n, tail, head, cost, which)
    if bool(np.array_equal(forward_s, backward_s)) and not wait.any():
        backward = forward
    else:
        backward = _arcs(n, head, tail, cost, which)
    return Graph(
        node_xy=np.ascontiguousarray(node_xy[node_order]),
        node_id=node_id[node_order],
        node_rank=rank,
        node_component=components(n, u, v, length_m),
        node_wait_s=wait,
        edge_u=u,
        edge_v=v,
        edge_forward_s=forward_s,
        edge_backward_s=backward_s,
        edge_length_m=length_m,
        edge_snaps=edge_snaps,
        edge_source=(np.arange(m) if source is None else source)[edge_order].astype(np.int32),
        shape_ptr=new_ptr,
        shape_xy=shape_xy,
        shape_at=shape_at,
        shape_edge=shape_edge,
        boxes=boxes,
        box_level=level,
        walls=build_walls(np.zeros((0, 2)), np.zeros(0, np.int32)) if walls is None else walls,
        forward=forward,
        backward=backward,
    )
