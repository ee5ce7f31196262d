"""Travel times against the peers: one graph, one machine, one run, the same work, answers compared.

The work: all nodes within a time of each origin. Every peer is asked for as many origins as it can do in about the
time given, and compared by the time an origin takes; what it reached is held against our answer.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from geoplan.network import StreetNetwork
from geoplan.standard import STANDARD

__all__ = ["ReachResult", "ReachRow", "run_reach", "street_like"]

Float = npt.NDArray[np.float64]
Long = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReachRow:
    """What one library did.

    Parameters
    ----------
    name, version : str
        The library.
    prepare_s : float
        Seconds from arrays to a graph that answers.
    origins : int
        Origins it was asked for.
    query_s, query_cpu_s : float
        Seconds for them, by the clock and of all processor cores; on a busy machine the second is the fairer one.
    reached : int
        Pairs of origin and node within the limit.
    agrees : bool
        Whether it reached as many as ours for the same origins, give or take ways that take the limit to the last
        digit of the peer's arithmetic.
    note : str
        What has to be said of the comparison.
    """

    name: str
    version: str
    prepare_s: float
    origins: int
    query_s: float
    query_cpu_s: float
    reached: int
    agrees: bool
    note: str = ""

    @property
    def per_origin_ms(self) -> float:
        """Milliseconds an origin."""
        return 1000.0 * self.query_s / max(self.origins, 1)


@dataclass(frozen=True, slots=True)
class ReachResult:
    """The table of one run.

    Parameters
    ----------
    nodes, edges : int
        Size of the graph.
    limit_s : float
        Bound, seconds.
    first_call_s : float
        Seconds of our very first call in this process: compilation, or loading what was compiled before.
    rows : tuple of ReachRow
        Ours first, then the peers found.
    absent : tuple of str
        Peers that are not installed here.
    """

    nodes: int
    edges: int
    limit_s: float
    first_call_s: float
    rows: tuple[ReachRow, ...]
    absent: tuple[str, ...]

    def ratio(self, name: str) -> float:
        """How many times longer a peer takes for an origin."""
        ours = self.rows[0].per_origin_ms
        return next(row.per_origin_ms for row in self.rows if row.name == name) / ours

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        rows = [
            {
                "name": row.name, "version": row.version, "prepare_s": row.prepare_s, "origins": row.origins,
                "query_s": row.query_s, "query_cpu_s": row.query_cpu_s, "per_origin_ms": row.per_origin_ms,
                "ratio": self.ratio(row.name),
                "reached": row.reached, "agrees": row.agrees, "note": row.note,
            }
            for row in self.rows
        ]  # fmt: skip
        return {
            "nodes": self.nodes, "edges": self.edges, "limit_s": self.limit_s, "first_call_s": self.first_call_s,
            "rows": rows, "absent": list(self.absent),
        }  # fmt: skip


def street_like(nodes: int, seed: int = 0) -> tuple[Float, Long, Float]:
    """Generate a street-like graph: bent blocks of uneven size, three streets in ten missing, 1.42 edges a node.

    Parameters
    ----------
    nodes : int
        About how many nodes.
    seed : int
        Same seed, same graph.

    Returns
    -------
    xy : numpy.ndarray of float64
        Positions in metres, shape (n, 2).
    edges : numpy.ndarray of int64
        Ends, shape (m, 2).
    length_m : numpy.ndarray of float64
        Lengths, from straight to a fifth longer, shape (m,).
    """
    rng = np.random.default_rng(seed)
    side = max(2, round(np.sqrt(nodes)))
    gaps = rng.lognormal(np.log(80.0), 0.4, (2, side))
    x, y = np.meshgrid(np.cumsum(gaps[0]), np.cumsum(gaps[1]))
    xy = np.column_stack([x.ravel(), y.ravel()]) + rng.normal(0.0, 12.0, (side * side, 2))
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    up = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    edges = np.concatenate([across, up])
    edges = edges[rng.random(len(edges)) > 0.29]
    label = csgraph.connected_components(
        sparse.coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(xy), len(xy))), directed=False
    )[1]
    main = label == np.bincount(label).argmax()
    number = np.cumsum(main) - 1
    edges = number[edges[main[edges[:, 0]]]]
    xy = xy[main]
    straight = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return xy, edges, straight * rng.uniform(1.0, 1.2, len(edges))


_Ask = Callable[[Long], int]  # origins -> pairs reached


def _ours(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    net = StreetNetwork.from_edges(xy, edges, seconds)
    every = net.snap(np.arange(net.n_nodes))
    return lambda origins: net.travel_times(origins, every, limit_s).nnz


def _pandana(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    import pandana  # each peer is an optional library: imported where it is asked
    import pandas as pd

    index = pd.RangeIndex(len(xy))
    weights = pd.DataFrame({"s": seconds})
    net = pandana.Network(
        pd.Series(xy[:, 0], index), pd.Series(xy[:, 1], index), pd.Series(edges[:, 0]), pd.Series(edges[:, 1]), weights
    )
    net.precompute(limit_s)
    return lambda origins: len(net.nodes_in_range(origins.tolist(), limit_s))


def _matrix(xy: Float, edges: Long, seconds: Float) -> sparse.csr_array:
    n = len(xy)
    both = np.concatenate([edges, edges[:, ::-1]])
    return sparse.csr_array((np.concatenate([seconds, seconds]), (both[:, 0], both[:, 1])), shape=(n, n))


def _scipy(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    matrix = _matrix(xy, edges, seconds)

    def ask(origins: Long) -> int:
        return sum(int(np.isfinite(csgraph.dijkstra(matrix, indices=o, limit=limit_s)).sum()) for o in origins)

    return ask


def _networkx(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    import networkx as nx

    graph: Any = nx.MultiGraph()
    graph.add_nodes_from(range(len(xy)))
    graph.add_weighted_edges_from(zip(edges[:, 0].tolist(), edges[:, 1].tolist(), seconds.tolist(), strict=True))

    def ask(origins: Long) -> int:
        return sum(len(nx.single_source_dijkstra_path_length(graph, int(o), cutoff=limit_s)) for o in origins)

    return ask


def _igraph(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    import igraph

    graph: Any = igraph.Graph(n=len(xy), edges=edges)
    graph.es["s"] = seconds

    def ask(origins: Long) -> int:
        return sum(int((np.array(graph.distances(int(o), weights="s")) <= limit_s).sum()) for o in origins)

    return ask


def _networkit(xy: Float, edges: Long, seconds: Float, limit_s: float) -> _Ask:
    import networkit

    graph: Any = networkit.Graph(len(xy), weighted=True)
    for (u, v), weight in zip(edges.tolist(), seconds.tolist(), strict=True):
        graph.addEdge(u, v, weight)

    def ask(origins: Long) -> int:
        count = 0
        for o in origins:
            search = networkit.distance.Dijkstra(graph, int(o), storePaths=False)
            search.run()
            count += int((np.asarray(search.getDistances()) <= limit_s).sum())
        return count

    return ask


_PEERS: Final[Mapping[str, tuple[Callable[..., _Ask], str]]] = MappingProxyType(
    {
        "pandana": (_pandana, "prepares a contraction hierarchy and the ranges"),
        "scipy": (_scipy, "dijkstra(limit=...), a row of all nodes for each origin"),
        "igraph": (_igraph, "has no bound: searches the whole graph"),
        "networkit": (_networkit, "has no bound: searches the whole graph"),
        "networkx": (_networkx, "single_source_dijkstra_path_length(cutoff=...), as under OSMnx"),
    }
)


def run_reach(
    nodes: int = 200_000, origins: int = 1000, limit_s: float = STANDARD.limit_s, *, seed: int = 0,
    peer_s: float = 20.0, peers: tuple[str, ...] = tuple(_PEERS),
) -> ReachResult:  # fmt: skip
    """Measure nodes-in-reach against the peers that are installed.

    Parameters
    ----------
    nodes : int
        Size of the generated graph.
    origins : int
        Origins asked of us, and of every peer that can do them in ``peer_s``.
    limit_s : float
        Bound, seconds of walking at 1.2 m/s.
    seed : int
        Seed of graph and origins.
    peer_s : float
        About how many seconds a slow peer's queries may take: it is asked for fewer origins then.
    peers : tuple of str
        Peers to ask.

    Returns
    -------
    ReachResult
        The table.
    """
    xy, edges, length_m = street_like(nodes, seed)
    seconds = length_m / 1.2
    start = time.perf_counter()
    _ours(xy[:2], np.array([[0, 1]]), np.array([1.0]), limit_s)(np.array([0]))
    first_call_s = time.perf_counter() - start

    start = time.perf_counter()
    ask = _ours(xy, edges, seconds, limit_s)
    prepare_s = time.perf_counter() - start
    where = np.random.default_rng(seed + 1).choice(len(xy), size=min(origins, len(xy)), replace=False)
    ask(where)  # both sides are asked once before the clock runs: pages touched, caches warm
    reached, query_s, cpu_s = _timed(ask, where)
    rows = [ReachRow("geoplan", _version("geoplan"), prepare_s, len(where), query_s, cpu_s, reached, True)]
    absent = []
    for name in peers:
        if importlib.util.find_spec(name) is None:
            absent.append(name)
            continue
        build, note = _PEERS[name]
        start = time.perf_counter()
        peer = build(xy, edges, seconds, limit_s)
        prepare_s = time.perf_counter() - start
        start = time.perf_counter()
        peer(where[:2])
        each_s = (time.perf_counter() - start) / 2
        some = where[: max(2, min(len(where), int(peer_s / max(each_s, 1e-6))))]
        count, query_s, cpu_s = _timed(peer, some)
        same = abs(count - ask(some)) <= 1e-3 * count
        rows.append(ReachRow(name, _version(name), prepare_s, len(some), query_s, cpu_s, count, same, note))
    return ReachResult(len(xy), len(edges), limit_s, first_call_s, tuple(rows), tuple(absent))


def _timed(ask: _Ask, origins: Long) -> tuple[int, float, float]:
    """Ask, and return the answer with seconds by the clock and of the processor."""
    start, cpu = time.perf_counter(), time.process_time()
    count = ask(origins)
    return count, time.perf_counter() - start, time.process_time() - cpu


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "source"
