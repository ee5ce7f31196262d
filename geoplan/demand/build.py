"""Demand from surfaces: mixed with weights, gathered into cells, and held to control totals exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.crs import metric_crs, project, unproject
from geoplan.demand.apportion import apportion
from geoplan.demand.surface import Surface
from geoplan.demand.totals import Totals
from geoplan.errors import Fault, FaultLog, InputError
from geoplan.sources.rejected import Rejected
from geoplan.trades import PRESENCE_NOTE, TRADES

__all__ = ["Demand", "build_demand"]

WGS84: Final = "EPSG:4326"
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand set and everything that was assumed in making it.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        ``demand_id, lon, lat, district_code, workers, workers_<trade>…, origin, geometry`` (EPSG:4326).
    assumptions : tuple of str
        Printed with every figure made from it.
    faults : tuple of Fault
        Records of the sources and totals that were left out, by row.
    rejected : tuple of Rejected
        The same records, whole; ``Rejected.write`` puts them beside their file.
    """

    frame: gpd.GeoDataFrame
    assumptions: tuple[str, ...]
    faults: tuple[Fault, ...]
    rejected: tuple[Rejected, ...]


def build_demand(
    surfaces: Sequence[tuple[Surface, float]],
    totals: Totals,
    districts: gpd.GeoDataFrame,
    *,
    cell_m: float = 200.0,
    origin: str = "user",
) -> Demand:
    """Mix surfaces and share the control totals out over them.

    Within each district and trade every surface is first scaled to sum to 1, then weighted, so that the weights say
    how much each source counts and not how large its numbers are. A trade that no surface knows in a district follows
    the sum of the other trades there.

    Parameters
    ----------
    surfaces : sequence of (Surface, float)
        Surfaces with their weights, above 0.
    totals : Totals
        Workers by district and trade; the result sums to them exactly.
    districts : geopandas.GeoDataFrame
        Polygons with ``district_code`` in a stated CRS.
    cell_m : float
        Points in one square of this side become one demand point at their weighted middle, metres.
    origin : str
        Written on every record.

    Raises
    ------
    InputError
        A weight is not above 0, there is no surface, or a district with workers has no point of any surface.
    """
    if not surfaces:
        raise InputError("demand needs at least one source; give a raster, hexagons, points of interest or streets")
    bad = [surface.name for surface, weight in surfaces if not (np.isfinite(weight) and weight > 0)]
    if bad or not cell_m > 0:
        raise InputError(f"weights and the cell must be above zero: {', '.join(bad) or f'cell_m = {cell_m:g}'}")
    lonlat = np.vstack([surface.lonlat for surface, _ in surfaces])
    source = np.repeat(np.arange(len(surfaces)), [len(surface) for surface, _ in surfaces])
    district = _district_of(lonlat, districts, totals.codes)
    raw = np.vstack([surface.weights for surface, _ in surfaces])
    weights = np.array([weight for _, weight in surfaces])
    mixed, notes = _mix(raw, source, district, weights, totals)
    inside = (district >= 0) & (mixed.sum(axis=1) > 0)
    cells = _gather(lonlat[inside], mixed[inside], district[inside], cell_m)
    workers = np.zeros_like(cells.weights)
    for d in range(len(totals.codes)):
        rows = np.flatnonzero(cells.district == d)
        for t in range(len(TRADES)):
            if totals.workers[d, t] > 0:
                workers[rows, t] = apportion(float(totals.workers[d, t]), cells.weights[rows, t])
    assumptions = [*totals.assumptions, *(note for surface, _ in surfaces for note in surface.assumptions), *notes]
    if len(surfaces) > 1:
        parts = ", ".join(f"{surface.name} {weight / weights.sum():.0%}" for surface, weight in surfaces)
        assumptions.append(f"sources mixed: {parts}")
    outside = int((district < 0).sum())
    if outside:
        assumptions.append(f"{outside} points of the sources lie in no district with a total and were left out")
    assumptions.append(PRESENCE_NOTE)
    faults = (*totals.faults, *(fault for surface, _ in surfaces for fault in surface.faults))
    rejected = (*totals.rejected, *(rows for surface, _ in surfaces for rows in surface.rejected))
    return Demand(_frame(cells, workers, totals.codes, origin), tuple(assumptions), faults, rejected)


@dataclass(frozen=True, slots=True)
class _Cells:
    lonlat: Array
    weights: Array
    district: npt.NDArray[np.int64]


def _district_of(lonlat: Array, districts: gpd.GeoDataFrame, codes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the position of each point's district among the codes, -1 outside; a border point takes the first."""
    if districts.crs is None:
        raise InputError(Fault("the districts do not state their CRS", "state it, e.g. EPSG:4326", field="crs"))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lonlat[:, 0], lonlat[:, 1], crs=WGS84))
    shapes = districts[["district_code", "geometry"]].to_crs(WGS84)
    joined = gpd.sjoin(points, shapes, predicate="intersects", how="left")
    first = joined[~joined.index.duplicated(keep="first")]["district_code"].sort_index()
    found: npt.NDArray[np.int64] = pd.Index(codes).get_indexer(first.astype(object).to_numpy()).astype(np.int64)
    return found


def _mix(
    raw: Array, source: npt.NDArray[np.int64], district: npt.NDArray[np.int64], weights: Array, totals: Totals
) -> tuple[Array, list[str]]:
    """Scale each source to its weight within each district and trade."""
    mixed = np.zeros_like(raw)
    notes: list[str] = []
    log = FaultLog()
    for d, code in enumerate(totals.codes):
        rows = district == d
        for t, trade in enumerate(TRADES):
            if totals.workers[d, t] <= 0:
                continue
            column = raw[:, t] * rows
            if not column.any():
                column = raw.sum(axis=1) * rows
                if column.any():
                    notes.append(f"{trade} in {code}: no source says where; placed like the other trades")
            if not column.any():
                log.add(
                    f"district {code} has {totals.workers[d].sum():g} workers, but no source has a point there",
                    "add a source that covers it, or leave the district out of the totals",
                )
                break
            sums = np.bincount(source, column, len(weights))
            scale = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)
            mixed[:, t] += column * scale[source]
    log.raise_if_any()
    return mixed, notes


def _gather(lonlat: Array, weights: Array, district: npt.NDArray[np.int64], cell_m: float) -> _Cells:
    """Merge the points of one square and district into one, at their weighted middle."""
    west, south = lonlat.min(axis=0)
    east, north = lonlat.max(axis=0)
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    xy = project(lonlat[:, 0], lonlat[:, 1], crs)
    square = np.floor(xy / cell_m).astype(np.int64)
    keys = np.column_stack([district, square[:, 1], square[:, 0]])
    _, index, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    inverse = inverse.ravel().astype(np.int64)
    n = len(index)
    mass = weights.sum(axis=1)
    total = np.bincount(inverse, mass, n)
    middle = np.column_stack([np.bincount(inverse, mass * xy[:, axis], n) / total for axis in (0, 1)])
    columns = [np.bincount(inverse, weights[:, t], n).astype(np.float64) for t in range(weights.shape[1])]
    summed = np.column_stack(columns)
    return _Cells(unproject(middle, crs), summed, district[index])


def _frame(cells: _Cells, workers: Array, codes: tuple[str, ...], origin: str) -> gpd.GeoDataFrame:
    kept = workers.sum(axis=1) > 0
    lonlat, workers = np.round(cells.lonlat[kept], 7), workers[kept]
    frame = pd.DataFrame(
        {
            "demand_id": [f"D{i + 1:06d}" for i in range(len(workers))],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "district_code": np.array(codes, dtype=object)[cells.district[kept]],
            "workers": workers.sum(axis=1),
        }
    )
    for t, trade in enumerate(TRADES):
        if workers[:, t].any():
            frame[f"workers_{trade}"] = workers[:, t]
    frame["origin"] = origin
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lonlat[:, 0], lonlat[:, 1], crs=WGS84))
