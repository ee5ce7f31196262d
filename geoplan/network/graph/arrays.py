"""The compressed graph: read-only arrays that the compiled search runs on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from geoplan.network.graph.boxes import Walls, build_boxes
from geoplan.network.graph.chains import Edges
from geoplan.network.graph.ordering import hilbert_order, pointers

__all__ = ["Arcs", "Graph", "build_graph", "components"]

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
        Spatial index, shape (b, 4); see :func:`geoplan.network.graph.boxes.build_boxes`.
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


def _arcs(n: int, tail: Int, head: Int, cost_s: Float, edge: Int) -> Arcs:
    # Within a node arcs stand by head, then cost, then edge: one fixed order whatever the input's order was.
    order = np.lexsort((edge, cost_s, head, tail))
    return Arcs(pointers(np.bincount(tail, minlength=n)), head[order], cost_s[order], edge[order])


def components(n: int, u: Int, v: Int, length_m: Float) -> Int:
    """Return the weakly connected component of each node; 0 has the most street, ties fall to the first node."""
    matrix = sparse.coo_array((np.ones(len(u)), (u, v)), shape=(n, n))
    count, label = csgraph.connected_components(matrix, directed=False)
    total = np.bincount(label[u], weights=length_m, minlength=count)
    rank = np.empty(count, np.int32)
    rank[np.lexsort((np.arange(count), -total))] = np.arange(count, dtype=np.int32)
    component: Int = rank[label]
    return component


def build_graph(node_xy: Float, node_id: Long, edges: Edges, wait_s: Float, walls: Walls) -> Graph:
    """Order nodes and edges in memory, make the arcs and the spatial index.

    Parameters
    ----------
    node_xy, node_id : numpy.ndarray
        Nodes in the caller's order, shapes (n, 2) and (n,).
    edges : Edges
        Edges with their shapes; ends are positions in ``node_id``.
    wait_s : numpy.ndarray of float64
        Wait when leaving each node, shape (n,).
    walls : Walls
        What no access leg may cross.

    Returns
    -------
    Graph
        The frozen graph.
    """
    n = len(node_id)
    node_order = hilbert_order(node_xy)
    rank = np.empty(n, np.int32)
    rank[node_order] = np.arange(n, dtype=np.int32)
    ordered = edges.take(hilbert_order((node_xy[edges.u] + node_xy[edges.v]) / 2.0))
    u, v, forward_s, backward_s = rank[ordered.u], rank[ordered.v], ordered.forward_s, ordered.backward_s
    m = len(u)
    shape_edge = np.repeat(np.arange(m, dtype=np.int32), np.diff(ordered.shape_ptr))
    passable = np.isfinite(forward_s) | np.isfinite(backward_s)
    snaps = ordered.snaps & passable
    boxes, level = build_boxes(ordered.shape_xy, (shape_edge[1:] == shape_edge[:-1]) & snaps[shape_edge[1:]])

    wait = wait_s[node_order]
    edge = np.arange(m, dtype=np.int32)
    proper = u != v  # a loop never shortens a way; places on it are still connected to its node
    along, against = proper & np.isfinite(forward_s), proper & np.isfinite(backward_s)
    tail = np.concatenate([u[along], v[against]])
    head = np.concatenate([v[along], u[against]])
    cost = np.concatenate([forward_s[along], backward_s[against]]) + wait[tail]
    which = np.concatenate([edge[along], edge[against]])
    forward = _arcs(n, tail, head, cost, which)
    symmetric = bool(np.array_equal(forward_s, backward_s)) and not wait.any()
    return Graph(
        node_xy=np.ascontiguousarray(node_xy[node_order]),
        node_id=node_id[node_order],
        node_rank=rank,
        node_component=components(n, u[passable], v[passable], ordered.length_m[passable]),
        node_wait_s=wait,
        edge_u=u,
        edge_v=v,
        edge_forward_s=forward_s,
        edge_backward_s=backward_s,
        edge_length_m=ordered.length_m,
        edge_snaps=snaps,
        edge_source=ordered.source.astype(np.int32),
        shape_ptr=ordered.shape_ptr,
        shape_xy=ordered.shape_xy,
        shape_at=ordered.shape_at,
        shape_edge=shape_edge,
        boxes=boxes,
        box_level=level,
        walls=walls,
        forward=forward,
        backward=forward if symmetric else _arcs(n, head, tail, cost, which),
    )
