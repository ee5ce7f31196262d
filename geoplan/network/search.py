"""Searches over the graph: many-to-many within a time, the k nearest, one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from geoplan.network import kernels
from geoplan.network.graph import Arcs, Float, Graph, Int, Long, gathered, grouped, pointers
from geoplan.network.snapping import Snapped, arriving, leaving
from geoplan.network.threads import spread
from geoplan.network.times import TravelTimes

__all__ = ["Nearest", "nearest_sources", "pair_times"]

LIMIT_SLACK_S: Final = 1e-6  # a way that takes the limit exactly is within it, whatever the last bit says


def _twins(graph: Graph, origins: Snapped, destinations: Snapped) -> tuple[Long, Int, Float]:
    """Pairs on one edge with their time straight along it, CSR by origin."""
    on = np.flatnonzero(destinations.edge >= 0)
    order = on[np.argsort(destinations.edge[on], kind="stable")]
    edges = destinations.edge[order]
    first = np.searchsorted(edges, origins.edge, side="left")
    count = np.where(origins.edge >= 0, np.searchsorted(edges, origins.edge, side="right") - first, 0)
    pointer = pointers(count)
    row = np.repeat(np.arange(len(origins)), count)
    place = order[gathered(first, count)]
    edge = origins.edge[row]
    ahead = destinations.fraction[place] - origins.fraction[row]
    seconds = origins.access_s[row] + destinations.access_s[place]
    moves = ahead != 0.0  # nothing times a forbidden direction is nothing, not inf
    pace = np.where(ahead > 0, graph.edge_forward_s[edge], graph.edge_backward_s[edge])
    seconds[moves] += np.abs(ahead[moves]) * pace[moves]
    return pointer, place.astype(np.int32), seconds


def _by_node(n_nodes: int, node: Int, seconds: Float) -> tuple[Long, Int, Float]:
    """Hang places on their nodes: CSR by node from ends of shape (n, 2)."""
    flat = node.ravel()
    held = np.flatnonzero(flat >= 0)
    pointer, order = grouped(flat[held], n_nodes)
    which = held[order]
    return pointer, (which // 2).astype(np.int32), seconds.ravel()[which]


def _search(
    arcs: Arcs,
    starts: tuple[Int, Float],
    stops: tuple[Long, Int, Float],
    twins: tuple[Long, Int, Float],
    n_places: int,
    limit_s: float,
    threads: int,
) -> tuple[Long, Int, npt.NDArray[np.float32]]:
    """Run the bounded search from every start; CSR by start."""
    node, seconds = starts
    pointer, place, twin_s = twins
    # Starts are handed out along the Hilbert curve: what a thread just searched is still in its cache.
    order = np.argsort(node[:, 0], kind="stable")

    def task(part: slice) -> tuple[Long, Int, npt.NDArray[np.float32]]:
        rows = order[part]
        sizes = pointer[rows + 1] - pointer[rows]
        take = gathered(pointer[rows], sizes)
        counts = np.empty(len(rows), np.int64)
        found, times = kernels.reach(
            arcs.indptr, arcs.head, arcs.cost_s, node[rows], seconds[rows], *stops, pointers(sizes), place[take],
            twin_s[take], n_places, limit_s + LIMIT_SLACK_S, counts,
        )  # fmt: skip
        total = int(counts.sum())
        return counts, found[:total], times[:total]

    parts = spread(task, len(node), threads)
    # Rows were found along the curve; each is brought to its own place.
    found_counts = np.concatenate([part[0] for part in parts])
    counts, start = np.empty(len(node), np.int64), np.empty(len(node), np.int64)
    counts[order], start[order] = found_counts, pointers(found_counts)[:-1]
    take = gathered(start, counts)
    return (
        pointers(counts), np.concatenate([part[1] for part in parts])[take],
        np.concatenate([part[2] for part in parts])[take],
    )  # fmt: skip


def pair_times(
    graph: Graph, origins: Snapped, destinations: Snapped, limit_s: float, profile: str, threads: int
) -> TravelTimes:
    """Return the times of all pairs within the limit, exact, sparse.

    The search runs from whichever side has fewer places; from the destinations it runs against the direction of
    travel.

    Parameters
    ----------
    graph : Graph
        The graph.
    origins, destinations : Snapped
        Places connected to it.
    limit_s : float
        Longest time kept, seconds; may be inf.
    profile : str
        Name for the result.
    threads : int
        Threads to share the searches out to; the answer does not depend on it.

    Returns
    -------
    TravelTimes
        Rows are origins, columns destinations.
    """
    out, into = leaving(graph, origins), arriving(graph, destinations)
    if len(origins) <= len(destinations):
        stops = _by_node(graph.n_nodes, *into)
        twins = _twins(graph, origins, destinations)
        indptr, indices, seconds = _search(graph.forward, out, stops, twins, len(destinations), limit_s, threads)
    else:
        stops = _by_node(graph.n_nodes, *out)
        pointer, place, twin_s = _twins(graph, origins, destinations)
        row = np.repeat(np.arange(len(origins), dtype=np.int32), np.diff(pointer))
        back_ptr, order = grouped(place, len(destinations))
        twins = back_ptr, row[order], twin_s[order]
        found = _search(graph.backward, into, stops, twins, len(origins), limit_s, threads)
        indptr, indices, seconds = _transposed(*found, len(origins))
    return TravelTimes(
        origin_ids=origins.ids,
        destination_ids=destinations.ids,
        indptr=indptr,
        indices=indices,
        seconds=seconds,
        limit_s=float(limit_s),
        profile=profile,
        unsnapped_origins=origins.unsnapped,
        unsnapped_destinations=destinations.unsnapped,
    )


def _transposed(
    indptr: Long, indices: Int, seconds: npt.NDArray[np.float32], n_columns: int
) -> tuple[Long, Int, npt.NDArray[np.float32]]:
    matrix = sparse.csr_array((seconds, indices, indptr), shape=(len(indptr) - 1, n_columns)).tocsc()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), np.asarray(matrix.data, np.float32)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The k nearest stations of every place, nearest first.

    Parameters
    ----------
    station_ids, place_ids : numpy.ndarray
        The caller's ids.
    station : numpy.ndarray of int32
        Positions in ``station_ids``, -1 where there are fewer than k within the limit, shape (n_places, k).
    seconds : numpy.ndarray of float32
        Time from the place to the station, inf where there is none, shape (n_places, k).
    limit_s : float
        Bound of the search, seconds.
    profile : str
        Name of the travel profile.
    unsnapped_stations, unsnapped_places : numpy.ndarray of int64
        Positions of those too far from any street to be connected.
    """

    station_ids: npt.NDArray[Any]
    place_ids: npt.NDArray[Any]
    station: Int
    seconds: npt.NDArray[np.float32]
    limit_s: float
    profile: str
    unsnapped_stations: Long
    unsnapped_places: Long

    @property
    def count(self) -> Int:
        """Number of stations found for each place, at most k."""
        return np.asarray((self.station >= 0).sum(axis=1), np.int32)

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy frame: ``place_id``, ``rank`` (1 is nearest), ``station_id``, ``seconds``."""
        place, rank = np.nonzero(self.station >= 0)
        return pd.DataFrame(
            {
                "place_id": self.place_ids[place],
                "rank": rank + 1,
                "station_id": self.station_ids[self.station[place, rank]],
                "seconds": self.seconds[place, rank],
            }
        )


def nearest_sources(
    graph: Graph, stations: Snapped, places: Snapped, k: int, limit_s: float, profile: str, to_stations: bool
) -> Nearest:
    """Find the k nearest stations of every place in one sweep from all stations.

    Parameters
    ----------
    graph : Graph
        The graph.
    stations, places : Snapped
        Places connected to it.
    k : int
        How many stations, at least 1.
    limit_s : float
        Longest time, seconds.
    profile : str
        Name for the result.
    to_stations : bool
        Whether people travel from places to stations (True) or from stations to places.

    Returns
    -------
    Nearest
        Stations and seconds by place; of equally near stations the one that comes first in ``stations`` is first.
    """
    limit = limit_s + LIMIT_SLACK_S
    if to_stations:
        arcs, seeds, stops = graph.backward, arriving(graph, stations), leaving(graph, places)
        pointer, place, twin_s = _twins(graph, places, stations)
        row = np.repeat(np.arange(len(places), dtype=np.int32), np.diff(pointer))
        twin_place, twin_station = row, place
    else:
        arcs, seeds, stops = graph.forward, leaving(graph, stations), arriving(graph, places)
        pointer, place, twin_s = _twins(graph, stations, places)
        twin_place, twin_station = place, np.repeat(np.arange(len(stations), dtype=np.int32), np.diff(pointer))
    n = graph.n_nodes
    count, who, node_s = np.zeros(n, np.int32), np.full((n, k), -1, np.int32), np.full((n, k), np.inf)
    kernels.sweep(arcs.indptr, arcs.head, arcs.cost_s, *seeds, k, limit, count, who, node_s)
    back_ptr, order = grouped(twin_place, len(places))
    station, best = np.full((len(places), k), -1, np.int32), np.full((len(places), k), np.inf)
    kernels.gather_nearest(
        *stops, count, who, node_s, back_ptr, twin_station[order], twin_s[order], k, limit, station, best
    )
    return Nearest(
        stations.ids, places.ids, station, best.astype(np.float32), float(limit_s), profile, stations.unsnapped,
        places.unsnapped,
    )  # fmt: skip
