"""Demand as a plan counts it: a row for each point and each part of the time in which the same stations are open.

A time slice is cut where a station opens or closes. Within a part the open stations are the same, so "the worker-time
mean over the slice" is a weighted sum over parts, and a maximal covering of these rows is exactly what coverage says.
Parts in which a point reaches the same open stations are one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from geoplan.coverage.facilities import facility_masks
from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import bundle_kth
from geoplan.errors import Fault, InputError
from geoplan.network import TravelTimes
from geoplan.pack import CityPack
from geoplan.planning.city import City, keep_pairs, within
from geoplan.trades import demand_in_slice

__all__ = ["DemandRows", "demand_rows"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DemandRows:
    """Rows of demand with the sites that each can use.

    Parameters
    ----------
    pack : CityPack
        The pack whose demand is these rows: ``workers`` is a row's weight, its length the number of rows.
    ways : scipy.sparse.csr_array of float32
        Seconds from each row to the sites that are open in it, shape (n_rows, n_sites).
    every : scipy.sparse.csr_array of float32
        The same to all sites, open in that part or not.
    point, moment : numpy.ndarray of int64
        Demand point of each row, and which of the moments it belongs to.
    limit_s : float
        How far ways are known, seconds: beyond the limit of coverage for points that nothing present is near to, where
        the model must serve everybody.
    total : float
        Those who count, over all moments (the mean of the moments where there are several).
    """

    pack: CityPack
    ways: sparse.csr_array
    every: sparse.csr_array
    point: Int
    moment: Int
    limit_s: float
    total: float

    @property
    def weight(self) -> Float:
        """Weight of each row, shape (n_rows,)."""
        weight: Float = self.pack.demand["workers"].to_numpy(np.float64)
        return weight

    def times(self, city: City, profile: str, limit_s: float) -> TravelTimes:
        """Return the ways within a limit as travel times whose origins are sites and whose destinations are rows."""
        by_site = within(self.ways, limit_s).T.tocsr()
        by_site.sort_indices()
        nothing = np.empty(0, np.int64)
        return TravelTimes(
            city.sites().index.to_numpy(),
            self.pack.demand["demand_id"].to_numpy(),
            by_site.indptr.astype(np.int64),
            by_site.indices.astype(np.int32),
            by_site.data.astype(np.float32),
            limit_s,
            profile,
            nothing,
            nothing,
        )


def demand_rows(
    city: City,
    moments: Sequence[Moment],
    *,
    profile: str,
    limit_s: float,
    trade: str = "all",
    area: str | None = None,
    facilities: Sequence[str] = (),
    stations_each: int = 1,
    farthest_s: float | None = None,
    weights: Sequence[Float] | None = None,
) -> DemandRows:
    """Return the rows of a question.

    Parameters
    ----------
    city : City
        The city.
    moments : sequence of Moment
        When; several are scenarios, or the slices of a day.
    profile, limit_s
        How people travel, and how far, seconds.
    trade : str
        Who counts.
    area : str, optional
        District or town whose demand counts.
    facilities : sequence of str
        What a station must have to count; new sites have them. Where several are asked for, each may be at another
        station, as in coverage.
    stations_each : int
        How many stations within reach the model tells apart (with several facilities).
    farthest_s : float, optional
        Points without an open station within the limit may use sites as far as this, seconds.
    weights : sequence of numpy.ndarray, optional
        Demand of each moment instead of those who are out then, shape (n_demand,).

    Raises
    ------
    InputError
        Nobody is out at the time, in the area and of the trade asked.
    """
    pack, sites = city.pack, city.sites()
    ways = city.ways(profile, limit_s)
    existing = sites["existing"].to_numpy(bool)
    inside = _inside(pack, area)
    row_of = {code: row for row, code in enumerate(pack.stations["station_code"])}
    station_of_site = np.array([row_of[code] for code in sites.index[existing]], np.int64)
    has = facility_masks(pack.stations, facilities)
    bound_s = max(limit_s, farthest_s or 0.0)
    if bound_s > limit_s:
        open_each = [is_open[station_of_site] for moment in moments for is_open, _ in moment.parts]
        ways = _farther(city, ways, existing, np.logical_and.reduce(open_each), profile, bound_s)
    serves = np.ones(len(sites), np.bool_)  # new sites have what is asked for; of stations those that do count
    serves[existing] = np.logical_and.reduce([*has.values(), np.ones(len(pack.stations), np.bool_)])[station_of_site]
    useful_ways = ways if serves.all() else keep_pairs(ways, serves[ways.indices])
    frames, points, whens, open_ways = [], [], [], []
    for number, moment in enumerate(moments):
        out = demand_in_slice(pack.demand, trade, moment.slice_code)
        if weights is not None:
            out = out.assign(workers=weights[number])
        people = np.where(inside, out["workers"].to_numpy(np.float64), 0.0)
        counted = np.flatnonzero(people > 0)
        if len(has) > 1:
            point, share, matrix = _bundle_rows(
                city, moment, counted, list(has.values()), profile, bound_s, stations_each, ways, existing
            )
        else:
            usable = np.ones((len(sites), len(moment.parts)), np.bool_)
            for part, (is_open, _) in enumerate(moment.parts):
                usable[existing, part] = is_open[station_of_site]
            shares = np.array([share for _, share in moment.parts])
            point, share, matrix = _rows_of(sparse.csr_array(useful_ways[counted]), counted, usable, shares)
        columns = [name for name in out.columns if name == "workers" or str(name).startswith("workers_")]
        frame = out.iloc[point].reset_index(drop=True)
        frame[columns] = frame[columns].to_numpy(np.float64) * (share / len(moments))[:, None]
        frames.append(frame)
        points.append(point)
        whens.append(np.full(len(point), number, np.int64))
        open_ways.append(matrix)
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    if not frame["workers"].sum() > 0:
        raise InputError(
            Fault(
                "there is no demand in the area, at the time and of the trade asked",
                "ask for another area, slice or trade",
                problem_zh="这个范围、时段和行业里没有劳动者",
                todo_zh="请换一个范围、时段或行业",
            )
        )
    point, when = np.concatenate(points), np.concatenate(whens)
    frame["demand_id"] = _unique(frame["demand_id"])
    return DemandRows(
        replace(pack, demand=frame),
        sparse.csr_array(sparse.vstack(open_ways, format="csr")),
        sparse.csr_array(useful_ways[point]),
        point,
        when,
        bound_s,
        float(frame["workers"].sum()),
    )


def _inside(pack: CityPack, area: str | None) -> Mask:
    if area is None:
        return np.ones(len(pack.demand), np.bool_)
    inside = pack.demand["district_code"] == area
    if "town_code" in pack.demand:
        inside |= pack.demand["town_code"] == area
    mask: Mask = inside.to_numpy(bool)
    return mask


def _farther(
    city: City, ways: sparse.csr_array, existing: Mask, open_always: Mask, profile: str, farthest_s: float
) -> sparse.csr_array:
    """Return the ways with farther ones for points that no station is near to at some time asked.

    A point that has a station within the limit never needs a site beyond it: none could be nearer.
    """
    useful = np.zeros(ways.shape[1], np.bool_)
    useful[np.flatnonzero(existing)[open_always]] = True
    near = sparse.csr_array((useful[ways.indices], ways.indices, ways.indptr), shape=ways.shape).sum(axis=1) > 0
    far = np.flatnonzero(~np.asarray(near).ravel())
    if not len(far):
        return ways
    longer = city.ways_from(far, profile, farthest_s)
    order = np.concatenate([np.flatnonzero(np.asarray(near).ravel()), far])
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return sparse.csr_array(sparse.vstack([ways[order[: len(order) - len(far)]], longer], format="csr")[back])


def _rows_of(ways: sparse.csr_array, points: Int, usable: Mask, shares: Float) -> tuple[Int, Float, sparse.csr_array]:
    """Return the rows of some points: point, share of the time and open ways of each.

    Parameters
    ----------
    ways : scipy.sparse.csr_array
        Points x sites.
    points : numpy.ndarray of int64
        Demand point of each row of ``ways``.
    usable : numpy.ndarray of bool
        Whether a site is open in each part, shape (n_sites, n_parts).
    shares : numpy.ndarray of float64
        Share of the time that each part takes.
    """
    varies = np.flatnonzero(usable.any(axis=1) != usable.all(axis=1))
    # a number for each set of open stations that a point reaches: equal sets, equal numbers
    seen = sparse.csr_array((np.ones(ways.nnz, np.uint64), ways.indices, ways.indptr), shape=ways.shape)
    keys = np.random.default_rng(0).integers(1, 2**63, len(varies), np.uint64)
    sets = np.asarray(seen[:, varies] @ (keys[:, None] * usable[varies].astype(np.uint64)), np.uint64)
    order = np.argsort(sets, axis=1, kind="stable")
    ranked = np.take_along_axis(sets, order, axis=1)
    first = np.ones(ranked.shape, np.bool_)
    first[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    row, place = np.nonzero(first)
    part = order[row, place]
    share = np.add.reduceat(shares[order].ravel(), np.flatnonzero(first.ravel())) if len(row) else np.empty(0)
    open_ways = sparse.csr_array(ways[row])
    rows = np.repeat(np.arange(len(row)), np.diff(open_ways.indptr))
    return points[row], share, keep_pairs(open_ways, usable[open_ways.indices, part[rows]])


def _bundle_rows(
    city: City,
    moment: Moment,
    points: Int,
    has: Sequence[Mask],
    profile: str,
    limit_s: float,
    stations_each: int,
    ways: sparse.csr_array,
    existing: Mask,
) -> tuple[Int, Float, sparse.csr_array]:
    """Return the rows of some points where several facilities are asked for, each of them at any station.

    What present stations do for a row is how far its first, second, … complete bundle is; these times stand in the
    first columns of existing sites, which are open whatever is planned.
    """
    reach = city.reach(profile, limit_s)
    slots = np.flatnonzero(existing)[:stations_each]
    nearest = np.stack(
        [bundle_kth(reach, is_open, has, max(len(slots), 1))[points] for is_open, _ in moment.parts], axis=1
    )
    shares = np.array([share for _, share in moment.parts])
    new_ways = keep_pairs(ways[points], ~existing[ways[points].indices])
    rows_at, share_of, present = list[int](), list[float](), list[npt.NDArray[np.float32]]()
    for at in range(len(points)):
        kinds, inverse = np.unique(nearest[at], axis=0, return_inverse=True)
        rows_at.extend([at] * len(kinds))
        share_of.extend(np.bincount(inverse.ravel(), shares, len(kinds)).tolist())
        present.extend(kinds)
    row = np.array(rows_at, np.int64)
    costs = np.array(present, np.float32).reshape(len(row), -1)[:, : len(slots)]
    near = np.nonzero(costs <= np.float32(limit_s))
    slot_ways = sparse.csr_array((costs[near], (near[0], slots[near[1]])), shape=(len(row), ways.shape[1]))
    return points[row], np.array(share_of), _joined(sparse.csr_array(new_ways[row]), slot_ways)


def _joined(first: sparse.csr_array, second: sparse.csr_array) -> sparse.csr_array:
    """Return the pairs of two matrices that share none; a sum would drop stored zeros."""
    parts = [matrix.tocoo() for matrix in (first, second)]
    data, row, column = (np.concatenate([getattr(part, name) for part in parts]) for name in ("data", "row", "col"))
    order = np.lexsort((column, row))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=first.shape[0]))])
    return sparse.csr_array((data[order], column[order], indptr), shape=first.shape)


def _unique(ids: pd.Series) -> pd.Series:
    """Return ids that differ: the second row of a point is ``id#2``."""
    number = ids.groupby(ids).cumcount()
    named: pd.Series = ids.astype(str).where(number == 0, ids.astype(str) + "#" + (number + 1).astype(str))
    return named
