"""Gaps: uncovered workers who are near one another along streets, ranked, named and outlined.

Two steps, both on network time. DBSCAN separates where uncovered workers are dense from where they are scattered; it
may chain a whole town into one region, so a region too wide for one station is cut into catchments around its busiest
points.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

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

LEAST_WORKER_HOURS: Final = 10.0
LEAST_A_DAY: Final = 100.0

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


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
    span_h: float = 1.0,
    least_worker_hours: float | None = None,
    widest_m: float = 2000.0,
    margin_m: float = 100.0,
    town_names: Mapping[str, str] | None = None,
    streets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
) -> Gaps:
    """Cluster uncovered demand by time along streets.

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
    span_h : float
        Length of the time asked about, hours.
    least_worker_hours : float, optional
        A point starts or continues a gap when this much lies within ``link_s`` of it, itself included; 10 without it,
        and as much more as a longer time asks (100 for a whole day).
    widest_m : float
        A region wider than this is cut into catchments: points go to the nearest of its busiest points, which are
        chosen one after the other by the worker-hours within ``link_s`` that no earlier one has.
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
    least = max(LEAST_WORKER_HOURS, LEAST_A_DAY * span_h / 24.0) if least_worker_hours is None else least_worker_hours
    if not (link_s > 0 and least > 0):
        raise InputError("link_s and least_worker_hours must be above zero")
    rows = np.flatnonzero(hours > 0)
    member = np.zeros(len(demand), np.int64)
    if not len(rows):
        return Gaps(_empty(), member, 0.0, 0.0)
    near = _near(network.travel_times(demand.iloc[rows], demand.iloc[rows], link_s))
    xy = project(demand["lon"], demand["lat"], crs_metric)
    labels = _regions(near, link_s, hours[rows], least)
    labels = _cut(labels, near, xy[rows], hours[rows], least, widest_m)
    sizes = np.bincount(labels[labels >= 0], hours[rows][labels >= 0], labels.max() + 1)
    order = np.argsort(-sizes, kind="stable")
    rank_of = np.empty(len(order) + 1, np.int64)
    rank_of[order] = np.arange(1, len(order) + 1)
    rank_of[-1] = 0  # label -1: scattered
    member[rows] = rank_of[labels]
    total = float(hours.sum())
    if not len(order):
        return Gaps(_empty(), member, total, total)
    by_rank = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    lonlat = demand[["lon", "lat"]].to_numpy(np.float64)
    records = [_record(rank, by_rank[rank], xy, hours, lonlat, margin_m) for rank in range(1, len(order) + 1)]
    frame = pd.DataFrame(records)
    for place, column in enumerate(("district_code", "town_code")):
        frame.insert(2 + place, column, _most(demand, column, member, hours))
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


def _near(times: TravelTimes) -> sparse.csr_matrix:
    """Return the times between points as a symmetric matrix that holds every point's own place."""
    # scikit-learn drops stored zeros of a sparse matrix; a point is a neighbour of itself and of points at its place
    seconds = np.maximum(times.seconds, np.float32(1e-3))
    matrix = sparse.csr_matrix((seconds, times.indices, times.indptr), shape=times.shape)
    own = sparse.identity(times.shape[0], np.float32, format="csr") * np.float32(1e-3)
    return matrix.maximum(matrix.T).maximum(own).tocsr()  # one-way streets: near in one direction is near


def _regions(near: sparse.csr_matrix, link_s: float, weight: Array, least: float) -> Labels:
    """Return the dense region of each point, -1 where uncovered workers are scattered."""
    from sklearn.cluster import DBSCAN  # here: it takes a second to load, and most commands never cluster

    model = DBSCAN(eps=link_s, min_samples=1, metric="precomputed")
    labels: Labels = model.fit(near, sample_weight=weight / least).labels_.astype(np.int64)
    return labels


def _cut(labels: Labels, near: sparse.csr_matrix, xy: Array, weight: Array, least: float, widest_m: float) -> Labels:
    """Cut regions wider than ``widest_m`` into catchments; points that no catchment reaches become scattered."""
    out = np.full(len(labels), -1, np.int64)
    following = 0
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(labels.max() + 2))
    for start, stop in pairwise(edges):
        rows = order[start:stop]
        width = np.hypot(*np.ptp(xy[rows], axis=0))
        if width <= widest_m:
            out[rows] = following
            following += 1
            continue
        part = near[rows][:, rows]
        owner = _catchments(part, weight[rows], least)
        out[rows] = np.where(owner >= 0, owner + following, -1)
        following += int(owner.max()) + 1
    return out


def _catchments(near: sparse.csr_matrix, weight: Array, least: float) -> Labels:
    """Choose busy points one after the other and give every point to the nearest of them; -1 where none is near."""
    left = weight.copy()
    queue = [(-float(score), i) for i, score in enumerate(near.astype(bool).astype(np.float64) @ weight)]
    heapq.heapify(queue)
    chosen: list[int] = []
    while queue:
        _, i = heapq.heappop(queue)
        neighbours = near.indices[near.indptr[i] : near.indptr[i + 1]]
        score = float(left[neighbours].sum())
        if score < least:
            continue  # scores only fall: this point will never be chosen
        if queue and score < -queue[0][0]:
            heapq.heappush(queue, (-score, i))
            continue
        chosen.append(i)
        left[neighbours] = 0.0
    reached = near[chosen].tocsc()
    owner = np.full(len(weight), -1, np.int64)
    for point in range(len(weight)):
        span = slice(reached.indptr[point], reached.indptr[point + 1])
        if span.stop > span.start:
            owner[point] = reached.indices[span][np.argmin(reached.data[span])]
    # a chosen point may lose its neighbours to later ones: number the owners that are left
    kept, numbers = np.unique(owner[owner >= 0], return_inverse=True)
    owner[owner >= 0] = numbers
    assert len(kept) or not len(chosen)
    return owner


def _record(rank: int, rows: Labels, xy: Array, hours: Array, lonlat: Array, margin_m: float) -> dict[str, Any]:
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
        "lon": float(lonlat[central, 0]),
        "lat": float(lonlat[central, 1]),
        "extent_m": float(np.hypot(span[2] - span[0], span[3] - span[1])),
        "x": xy[central, 0],
        "y": xy[central, 1],
        "shape": shape,
    }


def _most(demand: gpd.GeoDataFrame, column: str, member: Labels, hours: Array) -> list[str]:
    """Return for each gap the code that most of its worker-hours carry, empty where none does."""
    n = int(member.max())
    if column not in demand:
        return [""] * n
    frame = pd.DataFrame({"gap": member, "code": demand[column].astype(object).to_numpy(), "hours": hours})
    sums = frame[frame["gap"] > 0].groupby(["gap", "code"])["hours"].sum().reset_index()
    best = sums.sort_values(["gap", "hours"], kind="stable").drop_duplicates("gap", keep="last")
    codes = best.set_index("gap")["code"].astype(str)
    return [codes.get(rank, "") for rank in range(1, n + 1)]


def _nearest_name(points: gpd.GeoSeries, named: gpd.GeoDataFrame | None) -> list[str]:
    if named is None or "name" not in named:
        return [""] * len(points)
    with_name = named[named["name"].notna() & (named["name"].astype("string").str.strip() != "")]
    if with_name.empty:
        return [""] * len(points)
    # lines far from every point need not be projected
    west, south, east, north = points.to_crs(with_name.crs).total_bounds
    reach = 0.1  # degrees, about 10 km
    around = with_name.cx[west - reach : east + reach, south - reach : north + reach]
    there = (around if len(around) else with_name).geometry.to_crs(points.crs)
    at, nearest = there.sindex.nearest(points.to_numpy(), return_all=False)
    words = (around if len(around) else with_name)["name"].astype(str).to_numpy()
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
