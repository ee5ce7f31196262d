"""Which stations each demand point reaches, nearest first: along streets, or as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geoplan.coverage.kernels import kth_cost
from geoplan.errors import InputError
from geoplan.network.times import TravelTimes

__all__ = ["Reach", "bundle_kth"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reach:
    """The stations within reach of each demand point, nearest first.

    Parameters
    ----------
    indptr : numpy.ndarray of int64
        Row pointers by demand point, shape (n_demand + 1,).
    station : numpy.ndarray of int32
        Positions of stations in the register, shape (nnz,).
    cost : numpy.ndarray of float32
        Seconds or metres, ascending within a point, shape (nnz,).
    n_stations : int
        Number of stations in the register.
    limit : float
        Bound within which pairs are complete; a question beyond it is refused.
    unit : {"s", "m"}
        Unit of ``cost`` and ``limit``.
    profile : str
        Travel profile, or ``"circle"``.
    unsnapped_demand, unsnapped_stations : numpy.ndarray of int64
        Positions of points that no street is near enough to; they reach nothing and are reached by nobody.
    """

    indptr: npt.NDArray[np.int64]
    station: npt.NDArray[np.int32]
    cost: npt.NDArray[np.float32]
    n_stations: int
    limit: float
    unit: Literal["s", "m"]
    profile: str
    unsnapped_demand: npt.NDArray[np.int64]
    unsnapped_stations: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.indptr, self.station, self.cost):
            array.flags.writeable = False

    @property
    def n_demand(self) -> int:
        """Number of demand points."""
        return len(self.indptr) - 1

    @classmethod
    def from_times(cls, times: TravelTimes, origins: Literal["stations", "demand"] = "stations") -> Self:
        """Turn travel times around, so that each demand point has its stations.

        Parameters
        ----------
        times : TravelTimes
            Between stations and demand.
        origins : {"stations", "demand"}
            Which of them the rows are. Workers travel to stations: with one-way streets the rows must be demand.
        """
        rows = np.repeat(np.arange(times.shape[0], dtype=np.int32), np.diff(times.indptr))
        from_stations = origins == "stations"
        n_stations, n_demand = times.shape if from_stations else times.shape[::-1]
        demand, station = (times.indices, rows) if from_stations else (rows, times.indices)
        off_stations, off_demand = times.unsnapped_origins, times.unsnapped_destinations
        return cls(
            *_by_demand(demand, station, times.seconds, n_demand),
            n_stations,
            float(times.limit_s),
            "s",
            times.profile,
            off_demand if from_stations else off_stations,
            off_stations if from_stations else off_demand,
        )

    @classmethod
    def in_circle(cls, station_xy: npt.ArrayLike, demand_xy: npt.ArrayLike, radius_m: float) -> Self:
        """Find the stations within a radius as the crow flies.

        Parameters
        ----------
        station_xy, demand_xy : array_like of float
            Positions in a projection in metres, shapes (n_stations, 2) and (n_demand, 2).
        radius_m : float
            Radius, metres; a station at exactly the radius is within it.
        """
        stations = np.asarray(station_xy, np.float64).reshape(-1, 2)
        demand = np.asarray(demand_xy, np.float64).reshape(-1, 2)
        nothing = np.empty(0, np.int64)
        if len(stations) and len(demand):
            pairs = cKDTree(demand).sparse_distance_matrix(cKDTree(stations), radius_m, output_type="ndarray")
            columns, rows, metres = pairs["i"], pairs["j"], pairs["v"]
        else:
            columns, rows, metres = nothing, nothing, np.empty(0)
        arrays = _by_demand(columns, rows, metres, len(demand))
        return cls(*arrays, len(stations), float(radius_m), "m", "circle", nothing, nothing)

    def kth(self, k: int = 1, is_open: Mask | None = None) -> npt.NDArray[np.float32]:
        """Return the costs of the k nearest open stations of each demand point.

        Parameters
        ----------
        k : int
            How many stations, at least 1.
        is_open : numpy.ndarray of bool, optional
            Stations that count, shape (n_stations,); all by default.

        Returns
        -------
        numpy.ndarray of float32
            Shape (n_demand, k); infinite where fewer than k stations lie within ``limit``.
        """
        if k < 1:
            raise InputError(f"k = {k}: cross coverage asks for at least one station")
        mask = np.ones(self.n_stations, np.bool_) if is_open is None else np.ascontiguousarray(is_open, np.bool_)
        if mask.shape != (self.n_stations,):
            raise InputError(f"the mask of open stations has shape {mask.shape}; {(self.n_stations,)} is needed")
        result: npt.NDArray[np.float32] = kth_cost(self.indptr, self.station, self.cost, mask, k)
        return result

    def covered(self, k: int = 1, limit: float | None = None, is_open: Mask | None = None) -> Mask:
        """Tell which demand points have at least k open stations within a limit (default: the whole reach)."""
        bound = self.limit if limit is None else self.checked(limit)
        within: Mask = self.kth(k, is_open)[:, k - 1] <= bound
        return within

    def checked(self, limit: float) -> float:
        """Return a limit as the costs are stored (float32), refused when it lies beyond what was searched."""
        if not 0 < limit <= self.limit * (1 + 1e-9):
            raise InputError(
                f"a limit of {limit:g} {self.unit} was asked for, but the search went to {self.limit:g} {self.unit}; "
                "search again with the larger limit"
            )
        return float(np.float32(limit))


def _by_demand(
    demand: npt.NDArray[np.integer], station: npt.NDArray[np.integer], cost: npt.NDArray[np.floating], n_demand: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Sort pairs by demand point, then cost, then station, and count them into row pointers."""
    order = np.lexsort((station, cost, demand))
    indptr = np.zeros(n_demand + 1, np.int64)
    np.cumsum(np.bincount(demand, minlength=n_demand), out=indptr[1:])
    return indptr, station[order].astype(np.int32), cost[order].astype(np.float32)


def bundle_kth(
    reach: Reach, is_open: npt.NDArray[np.bool_], has: Sequence[npt.NDArray[np.bool_]], k: int
) -> npt.NDArray[np.float32]:
    """Return the costs at which 1 … k open stations of every facility of a bundle are in reach, shape (n_demand, k).

    Each facility may be at a different station: the dearest of them counts.
    """
    costs = [reach.kth(k, is_open & mask) for mask in has] or [reach.kth(k, is_open)]
    dearest: npt.NDArray[np.float32] = np.maximum.reduce(costs)
    return dearest
