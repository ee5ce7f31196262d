"""Places given by the caller - frames, arrays, node numbers - and where they meet the streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan.errors import Fault, InputError
from geoplan.network.graph.arrays import Flag, Float, Graph, Int, Long
from geoplan.network.snapping import kernels
from geoplan.network.threads import spread

__all__ = ["ID_COLUMNS", "Places", "Snapped", "arriving", "leaving", "read_places", "snap_places"]

ID_COLUMNS: Final = ("station_code", "demand_id", "candidate_id")
_AT_END: Final = 1e-9  # a fraction this close to 0 or 1 is the node itself


@dataclass(frozen=True, slots=True)
class Places:
    """Places as asked for: ids with positions, or nodes.

    Parameters
    ----------
    ids : numpy.ndarray
        The caller's ids, shape (n,).
    xy : numpy.ndarray of float64
        Positions in the network's own coordinates, NaN where there is none, shape (n, 2).
    node : numpy.ndarray of int32
        Stored node of each place that was named by its node, -1 for the others, shape (n,).
    """

    ids: npt.NDArray[Any]
    xy: Float
    node: Int


@dataclass(frozen=True, slots=True)
class Snapped:
    """Places connected to the streets: a position along an edge, not a node.

    Parameters
    ----------
    ids : numpy.ndarray
        The caller's ids, shape (n,).
    xy : numpy.ndarray of float64
        Positions of the places, in the network's coordinates, shape (n, 2).
    edge : numpy.ndarray of int32
        Edge each place lies nearest to; -1 where it is a node, or not connected, shape (n,).
    fraction : numpy.ndarray of float64
        Position along the edge, 0 at its first node and 1 at its second, shape (n,).
    access_m : numpy.ndarray of float64
        Straight metres from the place to that position; inf where not connected, shape (n,).
    access_s : numpy.ndarray of float64
        The same in seconds at the profile's access speed, shape (n,).
    node : numpy.ndarray of int32
        Stored node of places named by their node, -1 for the others, shape (n,).
    street_xy : numpy.ndarray of float64
        The position on the street, NaN where not connected, shape (n, 2).
    crosses : numpy.ndarray of bool
        Whether the access leg crosses a wall, because no street within the distance can be reached without,
        shape (n,).
    """

    ids: npt.NDArray[Any]
    xy: Float
    edge: Int
    fraction: Float
    access_m: Float
    access_s: Float
    node: Int
    street_xy: Float
    crosses: Flag

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def unsnapped(self) -> Long:
        """Positions of the places that are connected to nothing."""
        return np.flatnonzero((self.edge < 0) & (self.node < 0)).astype(np.int64)

    def take(self, rows: npt.NDArray[np.integer] | slice) -> Snapped:
        """Return the places at ``rows``, in that order."""
        return Snapped(
            self.ids[rows], self.xy[rows], self.edge[rows], self.fraction[rows], self.access_m[rows],
            self.access_s[rows], self.node[rows], self.street_xy[rows], self.crosses[rows],
        )  # fmt: skip


def _frame_positions(frame: gpd.GeoDataFrame | gpd.GeoSeries, crs: str | None, what: str) -> Float:
    geometry = frame.geometry
    if crs is not None:
        if geometry.crs is None:
            raise InputError(
                Fault(f"the {what} do not state their coordinate system", "set it, e.g. frame.set_crs('EPSG:4326')")
            )
        geometry = geometry.to_crs(crs)
    values = np.asarray(geometry.array)
    missing = shapely.is_missing(values) | shapely.is_empty(values)
    wrong = ~missing & (shapely.get_type_id(values) != 0)
    if wrong.any():
        kind = values[np.argmax(wrong)].geom_type
        raise InputError(
            Fault(
                f"the {what} must be points, but {int(wrong.sum())} of {len(values)} are not (the first is a {kind})",
                "take their points, e.g. frame.set_geometry(frame.representative_point())",
            )
        )
    xy = np.full((len(values), 2), np.nan)
    xy[~missing] = shapely.get_coordinates(values[~missing])
    return xy


def _frame_ids(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> npt.NDArray[Any]:
    """Ids of a frame: the one id column of the data contract that it has, else its index."""
    found = [name for name in ID_COLUMNS if isinstance(frame, gpd.GeoDataFrame) and name in frame.columns]
    ids: npt.NDArray[Any] = np.asarray(frame[found[0]] if len(found) == 1 else frame.index)
    return ids


def read_places(graph: Graph, places: Any, crs: str | None, ids: Any = None, what: str = "places") -> Places:
    """Read places in any accepted form.

    Parameters
    ----------
    graph : Graph
        The graph whose nodes an integer array names.
    places : GeoDataFrame, GeoSeries, or array_like
        Points with a stated CRS; a float array (n, 2) in the network's coordinates; or a 1-D integer array of node
        numbers.
    crs : str or None
        Coordinate system of the network; None for a plane.
    ids : array_like, optional
        Ids to report by. Without it: the frame's column ``station_code``, ``demand_id`` or ``candidate_id`` if it has
        exactly one of them, else its index; 0, 1, 2… for arrays.
    what : str
        How messages call the places.

    Returns
    -------
    Places
        Ids with positions or nodes.

    Raises
    ------
    InputError
        If the form is not one of these, or a node number does not exist.
    """
    if isinstance(places, (gpd.GeoDataFrame, gpd.GeoSeries)):
        xy = _frame_positions(places, crs, what)
        node = np.full(len(xy), -1, np.int32)
        own = _frame_ids(places)
    else:
        array = np.asarray(places)
        if array.ndim == 1 and (np.issubdtype(array.dtype, np.integer) or array.size == 0):
            if array.size and (array.min() < 0 or array.max() >= graph.n_nodes):
                raise InputError(
                    f"the {what} name nodes {array.min()}…{array.max()}, but nodes are numbered 0…{graph.n_nodes - 1}"
                )
            node = graph.node_rank[array.astype(np.int64)]
            xy = graph.node_xy[node]
        elif array.ndim == 2 and array.shape[1] == 2 and array.dtype.kind in "fiu":
            xy = np.ascontiguousarray(array, np.float64)
            node = np.full(len(xy), -1, np.int32)
        else:
            raise InputError(
                f"the {what} are an array of shape {array.shape} and type {array.dtype}; give a frame of points, "
                "a float array of shape (n, 2) or an integer array of node numbers"
            )
        own = np.arange(len(xy))
    if crs is not None and len(xy) and bool(np.any(np.abs(xy[:, 1]) > 90.0)):
        row = int(np.argmax(np.abs(xy[:, 1]) > 90.0))
        raise InputError(
            f"position {row} of the {what} has latitude {xy[row, 1]:g}; give longitude first, then latitude, in degrees"
        )
    if ids is not None:
        own = np.asarray(ids)
        if own.shape != (len(xy),):
            raise InputError(f"{len(own)} ids are given for {len(xy)} {what}; give one for each")
    return Places(own, xy, node)


def snap_places(
    graph: Graph, places: Places, geographic: bool, max_snap_m: float, access_speed_m_s: float, threads: int
) -> Snapped:
    """Connect places to the nearest position along a usable edge.

    Parameters
    ----------
    graph : Graph
        The graph.
    places : Places
        Places in the graph's coordinates.
    geographic : bool
        Whether coordinates are degrees.
    max_snap_m : float
        Places farther away stay unconnected, metres.
    access_speed_m_s : float
        Speed of the access leg.
    threads : int
        Threads to share the places out to.

    Returns
    -------
    Snapped
        Positions along edges.
    """
    named = places.node >= 0
    if bool(named.all()):
        n, zero = len(named), np.zeros(len(named))
        edge = np.full(n, -1, np.int32)
        return Snapped(
            places.ids, places.xy, edge, zero, zero, zero, places.node, places.xy, np.zeros(n, np.bool_)
        )  # fmt: skip
    walls = graph.walls
    asked = np.where(named[:, None], np.nan, places.xy)
    n = len(asked)
    edge, fraction, metres = np.full(n, -1, np.int32), np.zeros(n), np.full(n, np.inf)
    street, crossed = np.full((n, 2), np.nan), np.zeros(n, np.bool_)

    def task(part: slice) -> None:
        kernels.nearest_segment(
            asked[part], geographic, max_snap_m, graph.shape_xy, graph.shape_edge, graph.shape_at, graph.edge_snaps,
            graph.boxes, graph.box_level, walls.xy, walls.line, walls.boxes, walls.level,
            edge[part], fraction[part], metres[part], street[part], crossed[part],
        )  # fmt: skip

    spread(task, n, threads, least=1024)
    metres[named] = 0.0
    street[named] = places.xy[named]
    return Snapped(
        places.ids, places.xy, edge, fraction, metres, metres / access_speed_m_s, places.node, street, crossed
    )


def _ends(graph: Graph, snapped: Snapped, to_u: Float, to_v: Float) -> tuple[Int, Float]:
    """Nodes next to each place, shape (n, 2), -1 where there is none, with seconds between node and place."""
    edge = np.maximum(snapped.edge, 0)
    node = np.column_stack([graph.edge_u[edge], graph.edge_v[edge]])
    seconds = np.column_stack([to_u, to_v]) + snapped.access_s[:, None]
    node[~np.isfinite(seconds) | (snapped.edge < 0)[:, None]] = -1
    named = snapped.node >= 0
    node[named, 0] = snapped.node[named]
    seconds[named] = 0.0
    return node, np.ascontiguousarray(seconds)


def _nodes_only(snapped: Snapped) -> tuple[Int, Float] | None:
    """Return the ends of places that are all nodes, or connected to nothing; None where any lies on an edge."""
    if bool((snapped.edge >= 0).any()):
        return None
    node = np.full((len(snapped), 2), -1, np.int32)
    node[:, 0] = snapped.node
    return node, np.zeros((len(snapped), 2))


def _partial(fraction: Float, seconds: Float) -> Float:
    """Seconds over a part of an edge; nothing at all where the part is nothing, even if the edge is not allowed."""
    part: Float = np.multiply(fraction, seconds, where=fraction > _AT_END, out=np.zeros_like(fraction))
    return part


def leaving(graph: Graph, snapped: Snapped) -> tuple[Int, Float]:
    """Return the nodes that each place leads to and the seconds to them, access leg included; shapes (n, 2)."""
    plain = _nodes_only(snapped)
    if plain is not None:
        return plain
    edge = np.maximum(snapped.edge, 0)
    return _ends(
        graph,
        snapped,
        _partial(snapped.fraction, graph.edge_backward_s[edge]),
        _partial(1.0 - snapped.fraction, graph.edge_forward_s[edge]),
    )


def arriving(graph: Graph, snapped: Snapped) -> tuple[Int, Float]:
    """Return the nodes from which each place is entered and the seconds from them; shapes (n, 2)."""
    plain = _nodes_only(snapped)
    if plain is not None:
        return plain
    edge = np.maximum(snapped.edge, 0)
    wait_u = np.where(snapped.fraction > _AT_END, graph.node_wait_s[graph.edge_u[edge]], 0.0)
    wait_v = np.where(snapped.fraction < 1.0 - _AT_END, graph.node_wait_s[graph.edge_v[edge]], 0.0)
    return _ends(
        graph,
        snapped,
        _partial(snapped.fraction, graph.edge_forward_s[edge]) + wait_u,
        _partial(1.0 - snapped.fraction, graph.edge_backward_s[edge]) + wait_v,
    )
