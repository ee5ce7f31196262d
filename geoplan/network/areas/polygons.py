"""Service areas as polygons: contours of the time at a lattice of points beside the streets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan.crs import ellipsoid_length_m
from geoplan.network.areas import kernels
from geoplan.network.areas.lattice import Lattice, edges_within, lattice_beside
from geoplan.network.graph import Float, Graph, Long
from geoplan.network.search import pair_times
from geoplan.network.snapping import Snapped
from geoplan.network.threads import spread
from geoplan.network.times import TravelTimes

__all__ = ["area_polygons"]


def area_polygons(
    graph: Graph, origins: Snapped, limits_s: Sequence[float], *, geographic: bool, crs: str | None, profile: str,
    access_speed_m_s: float, cell_m: float, offset_m: float, simplify_m: float, merged: bool, rings: bool,
    outward: bool, threads: int,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Make the service areas; see :meth:`geoplan.network.StreetNetwork.service_area`.

    Parameters
    ----------
    graph : Graph
        The graph.
    origins : Snapped
        Origins connected to it.
    limits_s : sequence of float
        Limits, seconds, rising.
    geographic, crs, profile, access_speed_m_s
        Facts of the network.
    cell_m, offset_m, simplify_m : float
        Distance between lattice points, farthest from a street, largest shift by simplification, metres.
    merged : bool
        One area for all origins together.
    rings : bool
        Each limit without the one before.
    outward : bool
        Travel from the origins, not to them.
    threads : int
        Threads.

    Returns
    -------
    geopandas.GeoDataFrame
        ``origin_id`` (unless merged), ``limit_s``, ``area_m2`` and geometry.
    """
    slack_s = 2.0 * cell_m / access_speed_m_s  # times just beyond the limit place the outline between points
    reach_s = limits_s[-1] + slack_s
    wanted = edges_within(graph, origins, reach_s, outward)
    lattice = lattice_beside(graph, wanted, geographic, cell_m, offset_m, access_speed_m_s, threads)
    if outward:
        times = pair_times(graph, origins, lattice.snapped, reach_s, profile, threads)
    else:
        times = _turned(pair_times(graph, lattice.snapped, origins, reach_s, profile, threads))
    # Copies, since a read-only array is another type to the compiler, and merged times are not read-only.
    indptr, indices, seconds = times.indptr.copy(), times.indices.copy(), times.seconds.astype(np.float64)
    if merged:
        indptr, indices, seconds = _earliest(indices, seconds, len(lattice.column))
    layers = [_layer(lattice, indptr, indices, seconds, limit, slack_s, simplify_m, threads) for limit in limits_s]
    area = [_area_m2(layer, geographic) for layer in layers]
    if rings:
        inner = [np.full(len(layers[0]), shapely.Polygon()), *layers[:-1]]
        layers = [shapely.difference(outer, hole) for outer, hole in zip(layers, inner, strict=True)]
        area = [area[0], *(b - a for a, b in pairwise(area))]
    n = len(layers[0])
    columns = {
        "limit_s": np.tile(np.asarray(limits_s, np.float64), n),
        "area_m2": np.column_stack(area).ravel(),
    }
    if not merged:
        columns = {"origin_id": np.repeat(origins.ids, len(limits_s)), **columns}
    geometry = np.column_stack(layers).ravel()
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def _turned(times: TravelTimes) -> TravelTimes:
    matrix = times.to_csr().tocsc()
    return TravelTimes(
        times.destination_ids, times.origin_ids, matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32),
        np.asarray(matrix.data, np.float32), times.limit_s, times.profile, times.unsnapped_destinations,
        times.unsnapped_origins,
    )  # fmt: skip


def _earliest(indices: npt.NDArray[np.int32], seconds: Float, n: int) -> tuple[Long, npt.NDArray[np.int32], Float]:
    best = np.full(n, np.inf)
    np.minimum.at(best, indices, seconds)
    found = np.flatnonzero(np.isfinite(best))
    return np.array([0, len(found)]), found.astype(np.int32), best[found]


def _layer(
    lattice: Lattice, indptr: Long, indices: npt.NDArray[np.int32], seconds: Float, limit_s: float, slack_s: float,
    simplify_m: float, threads: int,
) -> npt.NDArray[np.object_]:  # fmt: skip
    """Areas of all origins for one limit, in the network's coordinates."""

    def task(part: slice) -> tuple[Float, Long, Long]:
        pointer = indptr[part.start : part.stop + 1]
        each = np.empty(len(pointer) - 1, np.int64)
        points, ring, n_rings = kernels.contour(
            pointer, indices, seconds, lattice.column, lattice.row, limit_s, slack_s, each
        )
        return points[: ring[n_rings]], ring[: n_rings + 1], each

    parts = spread(task, len(indptr) - 1, threads, least=8)
    areas = np.concatenate([_assembled(*part) for part in parts])
    # Simplified in cells, where both axes have one unit; the result is kept only where it stays valid.
    if simplify_m > 0:

        def simplified(part: slice) -> npt.NDArray[np.object_]:
            simple = shapely.simplify(areas[part], simplify_m / lattice.cell_m, preserve_topology=True)
            kept: npt.NDArray[np.object_] = np.where(shapely.is_valid(simple), simple, areas[part])
            return kept

        areas = np.concatenate(spread(simplified, len(areas), threads, least=8))
    (x0, y0), (dx, dy) = lattice.origin, lattice.step
    placed: npt.NDArray[np.object_] = shapely.transform(areas, lambda xy: xy * (dx, dy) + (x0, y0))
    return placed


def _assembled(points: Float, pointer: Long, rings_each: Long) -> npt.NDArray[np.object_]:
    """Make one area for each origin from its rings: counterclockwise ones are outlines, clockwise ones holes."""
    if len(points) == 0:
        return np.full(len(rings_each), shapely.Polygon(), dtype=object)
    rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(pointer) - 1), np.diff(pointer)))
    outline = shapely.is_ccw(rings)
    assert isinstance(rings, np.ndarray)
    assert isinstance(outline, np.ndarray)
    owner = np.repeat(np.arange(len(rings_each)), rings_each)
    areas = np.full(len(rings_each), shapely.Polygon(), dtype=object)
    for origin in np.flatnonzero(rings_each):
        mine = owner == origin if len(rings_each) < 2 else slice(*np.searchsorted(owner, [origin, origin + 1]))
        areas[origin] = _with_holes(rings[mine], outline[mine])
    return areas


def _with_holes(rings: npt.NDArray[np.object_], outline: npt.NDArray[np.bool_]) -> shapely.Geometry:
    shells, holes = rings[outline], rings[~outline]
    if len(shells) == 1:
        return shapely.Polygon(shells[0], holes)
    plain = shapely.polygons(shells)
    assert isinstance(plain, np.ndarray)
    order = np.argsort(shapely.area(plain))  # a hole belongs to the smallest outline around it
    inside: list[list[shapely.LinearRing]] = [[] for _ in shells]
    for hole in holes:
        corner = shapely.get_point(hole, 0)
        home = next(i for i in order if shapely.contains_properly(plain[i], corner))
        inside[home].append(hole)
    return shapely.multipolygons([shapely.Polygon(shell, own) for shell, own in zip(shells, inside, strict=True)])


def _area_m2(areas: npt.NDArray[np.object_], geographic: bool) -> Float:
    plain: Float = shapely.area(areas)
    if not geographic:
        return plain
    bounds = shapely.bounds(areas)
    lat = np.nan_to_num((bounds[:, 1] + bounds[:, 3]) / 2.0)
    zero = np.zeros_like(lat)
    per_x = ellipsoid_length_m(zero, lat, zero + 1e-3, lat) * 1e3
    per_y = ellipsoid_length_m(zero, lat - 5e-4, zero, lat + 5e-4) * 1e3
    return plain * per_x * per_y
