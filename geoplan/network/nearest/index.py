"""The nearest stations of a position: what every street corner reaches is known beforehand, so an answer is a look-up.

A walk from anywhere begins along its own street to one of that street's two ends. So the times from all corners to all
stations within a limit, found once by the network's search, answer every position exactly: the least over both ends, or
straight along the street for a station on the same one. The way itself is read from the same times: from a corner, the
next corner is the one to which the time left falls by what the street between them takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.errors import InputError
from geoplan.network import Snapped, StreetNetwork
from geoplan.network.nearest import kernels
from geoplan.network.snapping import Places, arriving, snap_places

__all__ = ["Found", "NearestIndex", "Way"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int32]
Long = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_MOST_STEPS = 4096


@dataclass(frozen=True, slots=True)
class Found:
    """Stations reached from one position, nearest first.

    Parameters
    ----------
    rows : numpy.ndarray of int64
        Positions among the index's stations, shape (n,).
    seconds : numpy.ndarray of float64
        Travel time, access legs included, shape (n,).
    origin : Snapped
        The position, connected to its street.
    ends : tuple of numpy.ndarray
        Ends of that street, -1 where one is not reached, and the seconds to them, shapes (2,).
    along : tuple of numpy.ndarray
        Stations on that street and the seconds straight along it.
    """

    rows: Long
    seconds: Float
    origin: Snapped
    ends: tuple[Long, Float]
    along: tuple[Long, Float]

    @property
    def on_street(self) -> bool:
        """Whether a street is near enough to the position at all."""
        return int(self.origin.edge[0]) >= 0


@dataclass(frozen=True, slots=True)
class Way:
    """The way from a position to a station.

    Parameters
    ----------
    seconds : float
        Travel time, access legs included.
    length_m : float
        Metres, access legs included.
    xy : numpy.ndarray of float64
        Points from the position to the station, in the network's coordinates, shape (k, 2).
    """

    seconds: float
    length_m: float
    xy: Float


@dataclass(frozen=True, slots=True)
class NearestIndex:
    """Times from every street corner to the stations within a limit.

    Parameters
    ----------
    network : StreetNetwork
        The streets of one profile.
    stations : Snapped
        The stations, connected to them.
    limit_s : float
        Bound of the times, seconds.
    indptr, station, seconds : numpy.ndarray
        CSR by stored node: stations ascending, and seconds to them.
    in_node, in_s : numpy.ndarray
        Nodes from which each station is entered and the seconds from them, shape (n_stations, 2).
    edges, on_edge : numpy.ndarray
        Edges that stations lie on, ascending, and the station of each, shape (n_stations,).
    """

    network: StreetNetwork
    stations: Snapped
    limit_s: float
    indptr: Long
    station: Int
    seconds: npt.NDArray[np.float32]
    in_node: Int
    in_s: Float
    edges: Int
    on_edge: Long

    def __len__(self) -> int:
        return len(self.stations)

    @classmethod
    def build(
        cls, network: StreetNetwork, stations: npt.ArrayLike, limit_s: float, *, max_snap_m: float | None = None
    ) -> NearestIndex:
        """Search from every corner to the stations.

        Parameters
        ----------
        network : StreetNetwork
            The streets.
        stations : array_like of float
            Positions in the network's coordinates (degrees for streets), shape (n, 2).
        limit_s : float
            Longest time answered, seconds.
        max_snap_m : float, optional
            Stations farther from every street are reached by nobody; the profile's default without it.

        Returns
        -------
        NearestIndex
            About 12 bytes a pair of corner and reachable station.
        """
        snapped = network.snap(np.asarray(stations, np.float64).reshape(-1, 2), max_snap_m=max_snap_m, what="stations")
        corner = np.empty(network.n_nodes, np.int64)
        corner[network.graph.node_rank] = np.arange(network.n_nodes)  # the caller's number of each stored node
        times = network.travel_times(corner, snapped, limit_s)
        in_node, in_s = arriving(network.graph, snapped)
        order = np.argsort(snapped.edge, kind="stable").astype(np.int64)
        return cls(
            network, snapped, float(limit_s), times.indptr, times.indices, times.seconds, in_node, in_s,
            np.ascontiguousarray(snapped.edge[order]), order,
        )  # fmt: skip

    def find(
        self, x: float, y: float, k: int, *, limit_s: float | None = None, wanted: Mask | None = None,
        max_snap_m: float | None = None,
    ) -> Found:  # fmt: skip
        """Find the nearest stations of a position.

        Parameters
        ----------
        x, y : float
            Position in the network's coordinates (longitude, latitude for streets).
        k : int
            Most stations returned, at least 1.
        limit_s : float, optional
            Longest time, at most the index's own.
        wanted : numpy.ndarray of bool, optional
            Stations that count, shape (n_stations,); all by default.
        max_snap_m : float, optional
            Farthest street that the position is connected to; the profile's default without it.

        Returns
        -------
        Found
            The stations; none where no street is near.
        """
        bound = self.limit_s if limit_s is None else float(limit_s)
        if not 0 < bound <= self.limit_s * (1 + 1e-9):
            raise InputError(
                f"a limit of {bound:g} s was asked for, but the index knows times up to {self.limit_s:g} s"
            )
        if k < 1:
            raise InputError(f"k is {k}; give 1 or more")
        mask = np.ones(len(self), np.bool_) if wanted is None else np.ascontiguousarray(wanted, np.bool_)
        if mask.shape != (len(self),):
            raise InputError(f"wanted has shape {mask.shape}; {(len(self),)} is needed")
        origin = self._snapped(x, y, max_snap_m)
        node, start_s = self._ends(origin)
        direct, direct_s = self._along(origin)
        rows, seconds = kernels.choose(
            node, start_s, self.indptr, self.station, self.seconds, direct, direct_s, mask, bound, int(k)
        )
        return Found(rows, seconds, origin, (node, start_s), (direct, direct_s))

    def way(self, found: Found, place: int) -> Way:
        """Return the way to one of the stations found.

        Parameters
        ----------
        found : Found
            From :meth:`find`.
        place : int
            Which of them, 0 for the nearest.
        """
        graph, row, origin = self.network.graph, int(found.rows[place]), found.origin
        arcs = graph.forward
        edge, entered, left = kernels.legs(
            row, float(found.seconds[place]), found.ends[0], found.ends[1], found.along[0], found.along[1],
            int(origin.edge[0]), float(origin.fraction[0]), int(self.stations.edge[row]),
            float(self.stations.fraction[row]),
            _MOST_STEPS, self.indptr, self.station, self.seconds, self.in_node, self.in_s, arcs.indptr, arcs.head,
            arcs.cost_s, arcs.edge, graph.edge_u,
        )  # fmt: skip
        if not len(edge):
            return self._searched(found, place)
        street_m = float((np.abs(left - entered) * graph.edge_length_m[edge]).sum())
        xy = kernels.draw(
            edge, entered, left, graph.shape_ptr, graph.shape_at, graph.shape_xy, origin.xy[0], self.stations.xy[row]
        )
        access_m = float(origin.access_m[0] + self.stations.access_m[row])
        return Way(float(found.seconds[place]), street_m + access_m, xy)

    def lengths_m(self, found: Found) -> Float:
        """Return the metres of the ways to all stations found, access legs included, without drawing them.

        Parameters
        ----------
        found : Found
            From :meth:`find`.

        Returns
        -------
        numpy.ndarray of float64
            Shape (n,).
        """
        graph, origin = self.network.graph, found.origin
        arcs = graph.forward
        if not found.on_street:
            return np.empty(0)
        street_m = kernels.lengths(
            found.rows, found.seconds, found.ends[0], found.ends[1], found.along[0], found.along[1],
            int(origin.edge[0]), float(origin.fraction[0]), self.stations.edge, self.stations.fraction,
            _MOST_STEPS, self.indptr, self.station, self.seconds, self.in_node, self.in_s, arcs.indptr, arcs.head,
            arcs.cost_s, arcs.edge, graph.edge_u, graph.edge_length_m,
        )  # fmt: skip
        metres: Float = street_m + origin.access_m[0] + self.stations.access_m[found.rows]
        for place in np.flatnonzero(np.isnan(metres)).tolist():
            metres[place] = self._searched(found, place).length_m
        return metres

    def _searched(self, found: Found, place: int) -> Way:
        """Search for the way, where streets of no length kept it from being read off the times."""
        row, seconds, origin = int(found.rows[place]), float(found.seconds[place]), found.origin
        route = self.network.path(origin, self.stations.take(slice(row, row + 1)), seconds + 1.0)
        assert route is not None, "a station that was found has a way"
        return Way(seconds, route.length_m, route.xy)

    def _snapped(self, x: float, y: float, max_snap_m: float | None) -> Snapped:
        """Connect a position as :meth:`StreetNetwork.snap` does, with no frame or id to read first."""
        network = self.network
        limit_m = network.profile.max_snap_m if max_snap_m is None else float(max_snap_m)
        place = Places(np.zeros(1, np.int64), np.array([[x, y]], np.float64), np.full(1, -1, np.int32))
        return snap_places(network.graph, place, network.geographic, limit_m, network.profile.access_speed_m_s, 1)

    def _ends(self, origin: Snapped) -> tuple[Long, Float]:
        """Return the ends of the position's street and the seconds to them; -1 where an end is not reached."""
        edge = int(origin.edge[0])
        if edge < 0:
            return np.full(2, -1, np.int64), np.full(2, np.inf)
        graph, fraction, access = self.network.graph, float(origin.fraction[0]), float(origin.access_s[0])
        to_u = fraction * float(graph.edge_backward_s[edge]) if fraction > 0.0 else 0.0
        to_v = (1.0 - fraction) * float(graph.edge_forward_s[edge]) if fraction < 1.0 else 0.0
        node = np.array([graph.edge_u[edge], graph.edge_v[edge]], np.int64)
        seconds = np.array([to_u + access, to_v + access])
        node[~np.isfinite(seconds)] = -1
        return node, seconds

    def _along(self, origin: Snapped) -> tuple[Long, Float]:
        """Return the stations on the position's own edge and the seconds straight along it."""
        edge = int(origin.edge[0])
        first, last = np.searchsorted(self.edges, edge, "left"), np.searchsorted(self.edges, edge, "right")
        if edge < 0 or first == last:
            return np.empty(0, np.int64), np.empty(0)
        rows = self.on_edge[first:last]
        ahead = self.stations.fraction[rows] - origin.fraction[0]
        graph = self.network.graph
        pace = np.where(ahead > 0, graph.edge_forward_s[edge], graph.edge_backward_s[edge])
        moving = np.zeros(len(rows))
        np.multiply(np.abs(ahead), pace, where=ahead != 0.0, out=moving)
        return rows, moving + origin.access_s[0] + self.stations.access_s[rows]
