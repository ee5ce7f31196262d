"""The street network of one profile: built once, asked many times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.network.areas import area_lines, area_polygons, default_cell_m
from geoplan.network.arguments import as_limit, as_limits, as_places, as_profile
from geoplan.network.components import Components, components_of
from geoplan.network.graph import Graph, graph_from_edges, graph_from_streets
from geoplan.network.profile import Profile
from geoplan.network.route import Route, find_route
from geoplan.network.search import Nearest, nearest_sources, pair_times
from geoplan.network.snapping import Snapped, read_places, snap_places
from geoplan.network.store import graph_arrays, graph_of, open_arrays, save_arrays
from geoplan.network.threads import workers
from geoplan.network.times import TravelTimes
from geoplan.sources.streets import Streets
from geoplan.standard import STANDARD

__all__ = ["StreetNetwork"]

_WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class StreetNetwork:
    """Streets as one profile travels them: compressed read-only arrays, exact bounded search, no preparation.

    Make one with :meth:`from_osm`, :meth:`from_streets`, :meth:`from_edges` or :meth:`open`.

    Parameters
    ----------
    graph : Graph
        The arrays.
    profile : Profile
        Who travels.
    crs : str or None
        Coordinate system of the positions: EPSG:4326 for streets, None for a plain plane in metres.
    counts : mapping of str to int
        What was used and what was left out when the network was built.
    notes : tuple of Fault
        Remarks that a person should read.
    source, attribution : str
        Where the streets come from, and the credit that maps must carry.
    """

    graph: Graph
    profile: Profile
    crs: str | None
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Fault, ...] = ()
    source: str = ""
    attribution: str = ""

    @classmethod
    def from_osm(
        cls, path: str | Path, profile: str | Profile | Mapping[str, Any] = "walk", area: Any = None,
        margin_m: float = 2000.0, min_component_m: float = 1000.0,
        barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    ) -> StreetNetwork:  # fmt: skip
        """Read a street file of any known kind and build its network.

        Parameters
        ----------
        path : str or Path
            See :meth:`geoplan.sources.streets.Streets.read`.
        profile : str, Profile or mapping
            Who travels.
        area, margin_m
            Part of the file to keep; see :meth:`geoplan.sources.streets.Streets.read`.
        min_component_m, barriers
            See :meth:`from_streets`.

        Returns
        -------
        StreetNetwork
            The network.
        """
        streets = Streets.read(path, area, margin_m)
        return cls.from_streets(streets, profile, min_component_m=min_component_m, barriers=barriers)

    @classmethod
    def from_streets(
        cls, streets: Streets, profile: str | Profile | Mapping[str, Any] = "walk", *, min_component_m: float = 1000.0,
        barriers: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    ) -> StreetNetwork:  # fmt: skip
        """Build the network of a profile.

        Parameters
        ----------
        streets : Streets
            Streets of any source.
        profile : str, Profile or mapping
            Who travels: a built-in name, a profile, or a table of ``pack.toml``.
        min_component_m : float
            Parts of the network that are shorter than this and than 1 % of it are left out, so that a place beside
            a stray piece of path is connected to the street that leads somewhere, metres. 0 keeps everything.
        barriers : GeoDataFrame or GeoSeries, optional
            Lines and polygons that nobody crosses but by a street - water, railways - with a stated CRS: a place is
            connected to the nearest street on its own side. Motorways closed to the profile are barriers anyway.

        Returns
        -------
        StreetNetwork
            The network.

        Raises
        ------
        InputError
            If the profile may use none of the streets.
        """
        who = as_profile(profile)
        graph, counts, notes = graph_from_streets(streets.edges, who, min_component_m, barriers, streets.source)
        counts = {**streets.report.counts, **counts}
        return cls(
            graph, who, _WGS84, MappingProxyType(counts), streets.report.notes + notes, streets.source,
            streets.attribution,
        )  # fmt: skip

    @classmethod
    def from_edges(
        cls, xy: npt.ArrayLike, edges: npt.ArrayLike, seconds: npt.ArrayLike, *, length_m: npt.ArrayLike | None = None,
        directed: bool = False, profile: str | Profile | Mapping[str, Any] = "walk", crs: str | None = None,
    ) -> StreetNetwork:  # fmt: skip
        """Build a network from plain arrays.

        Parameters
        ----------
        xy : array_like of float, shape (n, 2)
            Node positions: metres in a plane, or lon, lat degrees with ``crs="EPSG:4326"``.
        edges : array_like of int, shape (m, 2)
            Node numbers of each edge. Loops, parallel edges and edges of no length are welcome.
        seconds : array_like of float, shape (m,) or (m, 2)
            Time to pass each edge, or the time forward and the time backward; inf closes a direction.
        length_m : array_like of float, shape (m,), optional
            Length of each edge, metres; the straight distance if not given.
        directed : bool
            Whether ``seconds`` of shape (m,) hold only from the first node to the second.
        profile : str, Profile or mapping
            Gives the speed of access legs and the largest distance to the street; times are those given.
        crs : str, optional
            Coordinate system of ``xy``, to which frames of points are brought.

        Returns
        -------
        StreetNetwork
            The network; nodes are numbered as in ``xy``.

        Raises
        ------
        InputError
            If a shape, a node number or a time is not usable.
        """
        who = as_profile(profile)
        graph = graph_from_edges(xy, edges, seconds, length_m, directed, geographic=crs == _WGS84)
        counts = {"nodes": graph.n_nodes, "edges": graph.n_edges}
        return cls(graph, who, crs, MappingProxyType(counts))

    def __repr__(self) -> str:
        return f"StreetNetwork({self.n_nodes} nodes, {self.n_edges} edges, profile {self.profile.name!r})"

    @property
    def geographic(self) -> bool:
        """Whether positions are degrees of longitude and latitude."""
        return self.crs == _WGS84

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return self.graph.n_nodes

    @property
    def n_edges(self) -> int:
        """Number of edges; joined chains count once."""
        return self.graph.n_edges

    @property
    def node_xy(self) -> npt.NDArray[np.float64]:
        """Positions of the nodes in the caller's numbering, shape (n, 2)."""
        return self.graph.node_xy[self.graph.node_rank]

    @property
    def node_ids(self) -> npt.NDArray[np.int64]:
        """The source's node ids in the caller's numbering, shape (n,)."""
        return self.graph.node_id[self.graph.node_rank]

    @property
    def components(self) -> Components:
        """Parts of the network that no street joins, the longest first."""
        return components_of(self.graph)

    def snap(
        self, points: Any, *, ids: Any = None, max_snap_m: float | None = None, what: str = "points",
        threads: int | None = None,
    ) -> Snapped:  # fmt: skip
        """Connect points to positions along the nearest usable edges.

        Parameters
        ----------
        points : GeoDataFrame, GeoSeries, array_like or Snapped
            Points with a stated CRS; a float array (n, 2), lon, lat degrees for streets, the plane's x, y for plain
            edges; or a 1-D integer array of node numbers. What is connected already is handed back as it is.
        ids : array_like, optional
            Ids to report by. Without it: the frame's one column of ``station_code``, ``demand_id`` and
            ``candidate_id``, else its index; 0, 1, 2… for arrays.
        max_snap_m : float, optional
            Points farther from every usable street stay unconnected; the profile's if not given.
        what : str
            How messages call the points.
        threads : int, optional
            Threads to use; all cores that this process may use if not given.

        Returns
        -------
        Snapped
            Edge, position along it, access leg; ``unsnapped`` lists those connected to nothing.
        """
        if isinstance(points, Snapped):
            return points
        places = read_places(self.graph, points, self.crs, ids, what)
        limit = self.profile.max_snap_m if max_snap_m is None else float(max_snap_m)
        return snap_places(self.graph, places, self.geographic, limit, self.profile.access_speed_m_s, workers(threads))

    def travel_times(
        self, origins: Any, destinations: Any, limit_s: float = STANDARD.limit_s, *, max_snap_m: float | None = None,
        origin_ids: Any = None, destination_ids: Any = None, threads: int | None = None,
    ) -> TravelTimes:  # fmt: skip
        """Return the travel time of every pair within the limit, exact and sparse.

        Parameters
        ----------
        origins, destinations
            Places as :meth:`snap` takes them.
        limit_s : float
            Longest time kept, seconds; inf for all.
        max_snap_m : float, optional
            See :meth:`snap`.
        origin_ids, destination_ids : array_like, optional
            Ids to report by.
        threads : int, optional
            Threads to use; all cores that this process may use if not given. The answer does not depend on it.

        Returns
        -------
        TravelTimes
            Rows are origins, columns destinations; places connected to nothing are listed in it.
        """
        start = self.snap(origins, ids=origin_ids, max_snap_m=max_snap_m, what="origins", threads=threads)
        stop = self.snap(destinations, ids=destination_ids, max_snap_m=max_snap_m, what="destinations", threads=threads)
        return pair_times(self.graph, start, stop, as_limit(limit_s), self.profile.name, workers(threads))

    def travel_times_blocks(
        self, origins: Any, destinations: Any, limit_s: float = STANDARD.limit_s, *, block: int = 1024,
        max_snap_m: float | None = None, threads: int | None = None,
    ) -> Iterator[TravelTimes]:  # fmt: skip
        """Yield the travel times of ``block`` origins at a time, for results that do not fit in memory.

        Parameters
        ----------
        origins, destinations, limit_s, max_snap_m, threads
            See :meth:`travel_times`.
        block : int
            Origins in one result.

        Yields
        ------
        TravelTimes
            One block of rows; ``unsnapped_origins`` counts within the block.
        """
        start = self.snap(origins, max_snap_m=max_snap_m, what="origins")
        stop = self.snap(destinations, max_snap_m=max_snap_m, what="destinations")
        for first in range(0, len(start), max(1, block)):
            part = start.take(slice(first, first + max(1, block)))
            yield pair_times(self.graph, part, stop, as_limit(limit_s), self.profile.name, workers(threads))

    def nearest(
        self, stations: Any, places: Any, k: int = 2, limit_s: float = STANDARD.limit_s, *, to_stations: bool = True,
        max_snap_m: float | None = None,
    ) -> Nearest:  # fmt: skip
        """Find the k nearest stations of every place in one sweep.

        Parameters
        ----------
        stations, places
            Places as :meth:`snap` takes them.
        k : int
            How many stations; 2 answers whether coverage is crossed.
        limit_s : float
            Longest time, seconds; inf for all.
        to_stations : bool
            Whether people travel from the places to the stations; matters where streets are one-way.
        max_snap_m : float, optional
            See :meth:`snap`.

        Returns
        -------
        Nearest
            Stations and seconds of every place, nearest first.
        """
        if k < 1:
            raise InputError(f"k is {k}; give 1 or more")
        sources = self.snap(stations, max_snap_m=max_snap_m, what="stations")
        targets = self.snap(places, max_snap_m=max_snap_m, what="places")
        return nearest_sources(self.graph, sources, targets, int(k), as_limit(limit_s), self.profile.name, to_stations)

    def path(
        self, origin: Any, destination: Any, limit_s: float = float("inf"), *, max_snap_m: float | None = None
    ) -> Route | None:
        """Find the fastest way between two places.

        Parameters
        ----------
        origin, destination
            One place each: a pair (x, y), a node number, or one place as :meth:`snap` takes it.
        limit_s : float
            Longest time, seconds.
        max_snap_m : float, optional
            See :meth:`snap`.

        Returns
        -------
        Route or None
            The way; None where there is none within the limit.
        """
        ends = [
            self.snap(as_places(place), max_snap_m=max_snap_m, what=what)
            for place, what in ((origin, "origin"), (destination, "destination"))
        ]
        for end, what in zip(ends, ("origin", "destination"), strict=True):
            if len(end) != 1:
                raise InputError(f"the {what} of a path is one place, but {len(end)} are given")
        return find_route(self.graph, ends[0], ends[1], as_limit(limit_s))

    def service_area(
        self, origins: Any, limit_s: float | Sequence[float] = STANDARD.limit_s, *, merged: bool = False,
        rings: bool = False, outward: bool = True, cell_m: float | None = None, offset_m: float | None = None,
        simplify_m: float | None = None, max_snap_m: float | None = None, threads: int | None = None,
    ) -> gpd.GeoDataFrame:  # fmt: skip
        """Return the areas reached within one or several limits, made from the reached streets.

        A point belongs to the area where its own travel time, walked along streets and over the access leg from
        its nearest street, is within the limit; so no area lies across water that no street crosses.

        Parameters
        ----------
        origins
            Places as :meth:`snap` takes them.
        limit_s : float or sequence of float
            Limits, seconds.
        merged : bool
            One area for all origins together instead of one for each.
        rings : bool
            With several limits: each area without the one of the limit before.
        outward : bool
            Travel from the origins; False: to them.
        cell_m : float, optional
            Distance between the points at which time is taken, metres; outlines are right to about one such
            distance. 25 m, or a quarter of the middle edge in a small plane.
        offset_m : float, optional
            How far beside a street the area may lie, metres; twice ``cell_m`` if not given.
        simplify_m : float, optional
            Largest shift of an outline by simplification, metres; half of ``cell_m`` if not given, 0 for none.
        max_snap_m, threads
            See :meth:`snap`.

        Returns
        -------
        geopandas.GeoDataFrame
            A row for each origin and limit, in order: ``origin_id`` (unless merged), ``limit_s``, ``area_m2`` and a
            valid Polygon or MultiPolygon; an empty one where an origin is connected to nothing.
        """
        cell = default_cell_m(self.graph, self.geographic) if cell_m is None else float(cell_m)
        offset = 2.0 * cell if offset_m is None else float(offset_m)
        simplify = cell / 2.0 if simplify_m is None else float(simplify_m)
        if not (cell > 0 and offset > 0 and simplify >= 0):
            raise InputError(
                f"cell_m {cell:g}, offset_m {offset:g} and simplify_m {simplify:g} must be positive metres"
            )
        return area_polygons(
            self.graph, self.snap(origins, max_snap_m=max_snap_m, what="origins", threads=threads), as_limits(limit_s),
            geographic=self.geographic, crs=self.crs, profile=self.profile.name,
            access_speed_m_s=self.profile.access_speed_m_s, cell_m=cell, offset_m=offset, simplify_m=simplify,
            merged=merged, rings=rings, outward=outward, threads=workers(threads),
        )  # fmt: skip

    def reached_streets(
        self, origins: Any, limit_s: float | Sequence[float] = STANDARD.limit_s, *, merged: bool = False,
        outward: bool = True, max_snap_m: float | None = None, threads: int | None = None,
    ) -> gpd.GeoDataFrame:  # fmt: skip
        """Return the streets reached within one or several limits, cut where the time runs out.

        Parameters
        ----------
        origins, limit_s, merged, outward, max_snap_m, threads
            See :meth:`service_area`.

        Returns
        -------
        geopandas.GeoDataFrame
            A row for each origin and limit, in order: ``origin_id`` (unless merged), ``limit_s``, ``length_m`` and
            a MultiLineString.
        """
        places = self.snap(origins, max_snap_m=max_snap_m, what="origins", threads=threads)
        return area_lines(self.graph, places, as_limits(limit_s), self.crs, merged, outward, workers(threads))

    def save(self, path: str | Path) -> Path:
        """Save the network in one file that opens memory-mapped; returns the path."""
        notes = [{name: getattr(note, name) for name in Fault.__slots__} for note in self.notes]
        facts = {
            "profile": self.profile.to_table(), "crs": self.crs, "counts": dict(self.counts), "notes": notes,
            "source": self.source, "attribution": self.attribution,
        }  # fmt: skip
        target = Path(path)
        save_arrays(target, graph_arrays(self.graph), facts)
        return target

    @classmethod
    def open(cls, path: str | Path) -> StreetNetwork:
        """Open a saved network; arrays stay in the file, mapped, and are shared between processes.

        Raises
        ------
        InputError
            If the file is absent, damaged, cut, or not a saved network.
        """
        arrays, facts = open_arrays(Path(path))
        graph = graph_of(arrays, Path(path).name)
        profile = Profile.from_table(facts["profile"])
        notes = tuple(Fault(**note) for note in facts["notes"])
        return cls(
            graph, profile, facts["crs"], MappingProxyType(facts["counts"]), notes, facts["source"],
            facts["attribution"],
        )  # fmt: skip
