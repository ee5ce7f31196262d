"""Gaps: uncovered workers who are near one another along streets, ranked, named and outlined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

from geoplan.crs import project
from geoplan.errors import InputError
from geoplan.network.times import TravelTimes

__all__ = ["Gaps", "find_gaps"]

Array = npt.NDArray[np.float64]


class Network(Protocol):
    """What gaps ask of a street network."""

    def travel_times(self, origins: Any, destinations: Any, limit_s: float) -> TravelTimes:
        """Return seconds from origins to destinations within a limit."""
        ...


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps of a city, largest first.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        ``rank, name, worker_hours, points, district_code, town_code, town, street, place, lon, lat, extent_m,
        geometry`` (EPSG:4326 polygon). ``lon, lat`` is the uncovered point nearest to the others' weighted middle;
        missing words are empty text.
    member : numpy.ndarray of int64
        Rank of the gap that each demand point belongs to, 0 for none, shape (n_demand,).
    scattered : float
        Worker-hours of uncovered points too thin or too far apart to form a gap.
    total : float
        All uncovered worker-hours: the gaps' and the scattered ones.
    """

    frame: gpd.GeoDataFrame
    member: npt.NDArray[np.int64]
    scattered: float
    total: float


def find_gaps(
    network: Network,
    demand: gpd.GeoDataFrame,
    worker_hours: npt.ArrayLike,
    crs_metric: str,
    *,
    link_s: float = 450.0,
    least_worker_hours: float = 10.0,
    margin_m: float = 100.0,
    town_names: Mapping[str, str] | None = None,
    streets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
) -> Gaps:
    """Cluster uncovered demand by time along streets (DBSCAN on the sparse matrix of network times).

    Parameters
    ----------
    network : StreetNetwork
        Streets with a travel profile.
    demand : geopandas.GeoDataFrame
        Demand points in EPSG:4326, ``lon, lat`` and, where known, ``district_code, town_code``.
    worker_hours : array_like of float
        Uncovered worker-hours of each point (or workers), shape (n_demand,); points with 0 are covered.
    crs_metric : str
        Projection in metres.
    link_s : float
        Points this near along streets belong together, seconds. Half the coverage limit by default: one station
        between two such points serves both.
    least_worker_hours : float
        A point starts or continues a gap when this much lies within ``link_s`` of it, itself included.
    margin_m : float
        Margin of the outline around its points, metres.
    town_names : mapping of str to str, optional
        Name of each town code.
    streets, places : geopandas.GeoDataFrame, optional
        Lines and points with ``name``, for the nearest street and place.
    """
    hours = np.asarray(worker_hours, np.float64)
    if hours.shape != (len(demand),) or not (np.isfinite(hours) & (hours >= 0)).all():
        raise InputError("worker-hours need one number, 0 or more, for each demand point")
    if not (link_s > 0 and least_worker_hours > 0):
        raise InputError("link_s and least_worker_hours must be above zero")
    rows = np.flatnonzero(hours > 0)
    member = np.zeros(len(demand), np.int64)
    if not len(rows):
        return Gaps(_empty(), member, 0.0, 0.0)
    labels = _clusters(
        network.travel_times(demand.iloc[rows], demand.iloc[rows], link_s), hours[rows], least_worker_hours
    )
    sizes = np.bincount(labels[labels >= 0], hours[rows][labels >= 0], labels.max() + 1)
    order = np.argsort(-sizes, kind="stable")
    rank_of = np.empty(len(order) + 1, np.int64)
    rank_of[order] = np.arange(1, len(order) + 1)
    rank_of[-1] = 0  # label -1: noise
    member[rows] = rank_of[labels]
    total = float(hours.sum())
    if not len(order):
        return Gaps(_empty(), member, total, total)
    xy = project(demand["lon"], demand["lat"], crs_metric)
    records = [_record(rank, np.flatnonzero(member == rank), xy, hours, demand, margin_m) for rank in rank_of[order]]
    frame = pd.DataFrame(records)
    shapes = gpd.GeoSeries(frame.pop("shape"), crs=crs_metric).to_crs("EPSG:4326")
    middles = gpd.GeoSeries(shapely.points(frame.pop("x"), frame.pop("y")), crs=crs_metric)
    names = town_names or {}
    frame["town"] = [names.get(code, "") for code in frame["town_code"]]
    frame["street"] = _nearest_name(middles, streets)
    frame["place"] = _nearest_name(middles, places)
    frame.insert(
        1, "name", [_name(*words) for words in zip(frame["town"], frame["street"], frame["place"], strict=True)]
    )
    return Gaps(gpd.GeoDataFrame(frame, geometry=shapes), member, float(hours[member == 0].sum()), total)


def _clusters(times: TravelTimes, weight: Array, least: float) -> npt.NDArray[np.int64]:
    """Return the cluster of each point, -1 for noise."""
    from sklearn.cluster import DBSCAN  # here: it takes a second to load, and most commands never cluster

    # scikit-learn drops stored zeros of a sparse matrix; a point is a neighbour of itself and of points at its place
    seconds = np.maximum(times.seconds, np.float32(1e-3))
    matrix = sparse.csr_matrix((seconds, times.indices, times.indptr), shape=times.shape)
    matrix = matrix.maximum(matrix.T)  # one-way streets: near in one direction is near
    matrix.setdiag(np.float32(1e-3))
    model = DBSCAN(eps=times.limit_s, min_samples=1, metric="precomputed")
    labels: npt.NDArray[np.int64] = model.fit(matrix.tocsr(), sample_weight=weight / least).labels_.astype(np.int64)
    return labels


def _record(
    rank: int, rows: npt.NDArray[np.int64], xy: Array, hours: Array, demand: gpd.GeoDataFrame, margin_m: float
) -> dict[str, Any]:
    points, weight = xy[rows], hours[rows]
    middle = np.average(points, axis=0, weights=weight)
    central = rows[int(np.argmin(np.hypot(*(points - middle).T)))]
    cloud = shapely.multipoints(points)
    shape = shapely.buffer(shapely.concave_hull(cloud, ratio=0.4), margin_m, quad_segs=4)
    span = shapely.bounds(cloud)
    return {
        "rank": int(rank),
        "worker_hours": float(weight.sum()),
        "points": len(rows),
        "district_code": _most(demand, "district_code", rows, weight),
        "town_code": _most(demand, "town_code", rows, weight),
        "lon": float(demand["lon"].iloc[central]),
        "lat": float(demand["lat"].iloc[central]),
        "extent_m": float(np.hypot(span[2] - span[0], span[3] - span[1])),
        "x": xy[central, 0],
        "y": xy[central, 1],
        "shape": shape,
    }


def _most(demand: gpd.GeoDataFrame, column: str, rows: npt.NDArray[np.int64], weight: Array) -> str:
    """Return the code that most of the worker-hours carry, empty where none does."""
    if column not in demand:
        return ""
    sums = pd.Series(weight).groupby(demand[column].iloc[rows].astype(object).to_numpy()).sum()
    return str(sums.idxmax()) if len(sums) else ""


def _nearest_name(points: gpd.GeoSeries, named: gpd.GeoDataFrame | None) -> list[str]:
    if named is None or "name" not in named:
        return [""] * len(points)
    with_name = named[named["name"].notna() & (named["name"].astype("string").str.strip() != "")]
    if with_name.empty:
        return [""] * len(points)
    there = with_name.geometry.to_crs(points.crs)
    at, nearest = there.sindex.nearest(points.to_numpy(), return_all=False)
    words = with_name["name"].astype(str).to_numpy()
    return [words[i] for i in nearest[np.argsort(at)]]


def _name(town: str, street: str, place: str) -> str:
    if street:
        return f"{town}{street}附近"
    return f"{town}（近{place}）" if place else town


def _empty() -> gpd.GeoDataFrame:
    columns = [
        "rank", "name", "worker_hours", "points", "district_code", "town_code", "lon", "lat", "extent_m", "town",
        "street", "place",
    ]  # fmt: skip
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=gpd.GeoSeries([], crs="EPSG:4326"))
