"""Capacitated location as pairs: which site may serve which demand point, at what cost, within what capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.floors import FloorRows, floor_rows
from geoplan.siting.milp import MilpModel
from geoplan.siting.rules import SiteRow

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question
    from geoplan.siting.settled import Settled

__all__ = ["AllocationModel", "allocation_model"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AllocationModel:
    """Minimise fixed and service cost; covering models count each unit served as -1.

    Parameters
    ----------
    sites : numpy.ndarray of int64
        Positions of the usable sites: the free ones first, then those open anyway.
    n_free : int
        How many of them are free.
    ptr, point, cost : numpy.ndarray
        Pairs by site: demand points, and the cost of serving all of each.
    load : numpy.ndarray of float64
        Demand of each point.
    capacity, fixed : numpy.ndarray of float64
        Capacity (infinite without one) and fixed cost of each usable site; sites open in every plan cost nothing here.
    must : bool
        Whether all demand must be served.
    single : bool
        Whether each demand point has one site.
    rows : tuple of SiteRow
        Rules over the free sites.
    floors : tuple of FloorRows
        Coverage floors over the free sites.
    """

    sites: Int
    n_free: int
    ptr: Int
    point: Int
    cost: Float
    load: Float
    capacity: Float
    fixed: Float
    must: bool
    single: bool
    rows: tuple[SiteRow, ...]
    floors: tuple[FloorRows, ...]

    @property
    def site_of(self) -> Int:
        """Site of each pair."""
        return np.repeat(np.arange(len(self.sites)), np.diff(self.ptr))

    def program(self, closed: Mask, opened: Mask) -> tuple[MilpModel, Int]:
        """Return the mixed-integer program with some sites decided, and the pairs that its share columns stand for.

        Parameters
        ----------
        closed, opened : numpy.ndarray of bool
            Decided free sites, shape (n_free,).
        """
        shut = np.zeros(len(self.sites), dtype=bool)
        shut[: self.n_free] = closed
        pairs = np.flatnonzero(~shut[self.site_of])
        site, point = self.site_of[pairs], self.point[pairs]
        blocks = Blocks()
        sites = blocks.columns(self.fixed[: self.n_free], upper=(~closed).astype(np.float64), integer=True)
        share = blocks.columns(self.cost[pairs], integer=self.single)
        once = blocks.rows(1.0 if self.must else -np.inf, 1.0, len(self.load))
        blocks.entries(once[point], share, 1.0)
        add_site_rows(blocks, self.rows, sites)
        add_floors(blocks, self.floors, sites)
        optional = np.append(~opened & ~closed, np.zeros(len(self.sites) - self.n_free, dtype=bool))[site]
        linked = np.flatnonzero(optional)
        link = blocks.rows(-np.inf, 0.0, len(linked))
        blocks.entries(link, share[linked], 1.0)
        blocks.entries(link, sites[site[linked]], -1.0)
        self._add_capacities(blocks, sites, share, site, point)
        program = blocks.model(maximise=False)
        program.lower[: self.n_free] = opened
        return program, pairs

    def _add_capacities(self, blocks: Blocks, sites: Int, share: Int, site: Int, point: Int) -> None:
        limited = np.flatnonzero(np.isfinite(self.capacity))
        if not len(limited):
            return
        number = np.full(len(self.sites), -1, dtype=np.int64)
        number[limited] = np.arange(len(limited))
        own = limited < self.n_free
        row = blocks.rows(-np.inf, np.where(own, 0.0, self.capacity[limited]), len(limited))
        inside = np.flatnonzero(number[site] >= 0)
        blocks.entries(row[number[site[inside]]], share[inside], self.load[point[inside]])
        blocks.entries(row[own], sites[limited[own]], -self.capacity[limited[own]])
        if self.must and len(limited) == len(self.sites):
            need = self.load.sum() - self.capacity[self.n_free :].sum()
            enough = blocks.rows(need * (1 - 1e-12), np.inf, 1)
            blocks.entries(enough, sites, self.capacity[: self.n_free])

    def allocation(self, shape: tuple[int, int], pairs: Int, shares: Float) -> sparse.csr_array:
        """Return the shares as a matrix of demand points and all sites, rounding noise removed."""
        shares = np.round(shares) if self.single else np.where(shares > 1e-9, np.minimum(shares, 1.0), 0.0)
        kept = np.flatnonzero(shares > 0)
        point, site = self.point[pairs[kept]], self.sites[self.site_of[pairs[kept]]]
        return sparse.csr_array((shares[kept], (point, site)), shape=shape)


def allocation_model(problem: ProblemData, question: Question, settled: Settled) -> AllocationModel:
    """Return the pairs of a capacitated question over the sites that may serve."""
    covering = question.model == "cmclp"
    limit = question.radius if covering else question.distance_cap
    limit = np.finfo(np.float64).max if limit is None else limit
    sites = np.concatenate((settled.free, np.flatnonzero(settled.opened)))
    cost = problem.cost
    if isinstance(cost, np.ndarray):
        part = cost[:, sites]
        column, point = np.nonzero(limit >= part.T)
        data = part[point, column].astype(np.float64)
    else:
        number = np.full(problem.shape[1], -1, dtype=np.int64)
        number[sites] = np.arange(len(sites))
        row = np.repeat(np.arange(problem.shape[0]), np.diff(cost.indptr))
        keep = np.flatnonzero((number[cost.indices] >= 0) & (cost.data <= limit))
        keep = keep[np.argsort(number[cost.indices[keep]], kind="stable")]
        column, point, data = number[cost.indices[keep]], row[keep], cost.data[keep].astype(np.float64)
    load = problem.demand
    capacity = np.full(len(sites), np.inf) if problem.capacity is None else problem.capacity[sites]
    # More than all demand is as good as all demand, and a smaller number makes a tighter program.
    capacity = np.where(np.isfinite(capacity), np.minimum(capacity, load.sum()), np.inf)
    fixed = problem.site_cost[sites].astype(np.float64) if question.model == "cflp" else np.zeros(len(sites))
    fixed[len(settled.free) :] = 0.0  # what sites open in every plan cost is added at the end
    return AllocationModel(
        sites=sites,
        n_free=len(settled.free),
        ptr=np.concatenate(([0], np.cumsum(np.bincount(column, minlength=len(sites))))),
        point=point.astype(np.int64),
        cost=-load[point] if covering else data * load[point],
        load=load,
        capacity=capacity,
        fixed=fixed,
        must=not covering,
        single=question.single_source,
        rows=settled.rows,
        floors=floor_rows(problem, settled, question.radius),
    )
