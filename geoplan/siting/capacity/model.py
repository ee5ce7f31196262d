"""Capacitated location as pairs: which site may serve which demand point, at what cost, within what capacity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.capacity.groups import group_rows
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, floor_columns, solve_kept
from geoplan.siting.exact import SUM_SLACK
from geoplan.siting.floors import FloorRows, floor_rows
from geoplan.siting.milp import MilpAnswer, MilpModel
from geoplan.siting.rules import SiteRow

if TYPE_CHECKING:
    from geoplan.siting.control import Control
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["NOBODY", "AllocationModel", "allocation_model"]

NOBODY: Final = -1  # the site of a relaxation that stands for all sites far away

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
    need : float
        Capacity that the free sites must have together, where all demand must be served; 0 where nothing follows.
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
    need: float
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
        if not self.must:
            self._add_groups(blocks, sites, share, site, point)
        program = blocks.model(maximise=False)
        program.lower[: self.n_free] = opened
        return program, pairs

    def shares(self, columns: Float, pairs: Int) -> Float:
        """Return the shares of a solution of :meth:`program`; sites stand before them, the floors' points after."""
        return columns[self.n_free : self.n_free + len(pairs)]

    def columns(self, chosen: Mask, shares: Float) -> Float:
        """Return the solution of :meth:`program` that opens some sites and serves in such shares."""
        met = (floor_columns(floor, chosen) for floor in self.floors)
        return np.concatenate((chosen, shares, *met)).astype(np.float64)

    def keeps(self, chosen: Mask) -> bool:
        """Return whether a set of open free sites keeps rules and floors; capacities are another matter."""
        return all(row.kept(chosen) for row in self.rows) and all(floor.kept(chosen) for floor in self.floors)

    def solved(self, program: MilpModel, control: Control, start: Float | None = None, **options: Any) -> MilpAnswer:
        """Solve a program of :meth:`program` to a plan that keeps rules and floors as they were given."""
        return solve_kept(program, np.arange(self.n_free), self.rows, self.floors, control, start, **options)

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
        if self.need > 0:
            enough = blocks.rows(self.need * (1 - SUM_SLACK), np.inf, 1)
            blocks.entries(enough, sites, self.capacity[: self.n_free])

    def _add_groups(self, blocks: Blocks, sites: Int, share: Int, site: Int, point: Int) -> None:
        shape = (len(self.load), len(self.sites))
        reached = sparse.csr_array((np.ones(len(site), dtype=bool), (point, site)), shape=shape)
        at = sparse.csr_array((share + 1.0, (point, site)), shape=shape)
        for group in group_rows(reached, self.load, self.capacity, self.n_free):
            row = blocks.rows(-np.inf, group.upper, 1)
            part = sparse.coo_array(at[group.points])
            columns = part.data.astype(np.int64) - 1
            blocks.entries(np.broadcast_to(row, len(columns)), columns, self.load[group.points[part.coords[0]]])
            blocks.entries(np.broadcast_to(row, len(group.sites)), sites[group.sites], -group.rest)

    def near(self, limit: Float) -> AllocationModel:
        """Return a relaxation with the pairs of each demand point that cost at most ``limit``, shape (n_points,).

        In the place of its dearer pairs every point has one at the cost of the cheapest of them, with a site that is
        always open, belongs to nobody and has room for all. So no plan costs more here than in truth, and one that does
        not use that site costs the same.
        """
        within = self.cost <= limit[self.point]
        kept, rest = np.flatnonzero(within), np.flatnonzero(~within)
        rest = rest[np.lexsort((self.cost[rest], self.point[rest]))]
        far = rest[np.unique(self.point[rest], return_index=True)[1]]
        size = np.bincount(self.site_of[kept], minlength=len(self.sites))
        return replace(
            self,
            sites=np.append(self.sites, NOBODY),
            ptr=np.concatenate(([0], np.cumsum(np.append(size, len(far))))),
            point=np.concatenate((self.point[kept], self.point[far])),
            cost=np.concatenate((self.cost[kept], self.cost[far])),
            capacity=np.append(self.capacity, np.inf),
            fixed=np.append(self.fixed, 0.0),
        )

    def allocation(self, shape: tuple[int, int], chosen: Mask, pairs: Int, shares: Float) -> sparse.csr_array:
        """Return the shares as a matrix of demand points and all sites, without what rounding gives to closed sites."""
        shares = np.round(shares) if self.single else np.where(shares > 1e-9, np.minimum(shares, 1.0), 0.0)
        serving = np.append(chosen, np.ones(len(self.sites) - self.n_free, dtype=bool))
        kept = np.flatnonzero((shares > 0) & serving[self.site_of[pairs]])
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
    finite = not covering and bool(np.isfinite(capacity).all())
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
        need=max(0.0, float(load.sum() - capacity[len(settled.free) :].sum())) if finite else 0.0,
        single=question.single_source,
        rows=settled.rows,
        floors=floor_rows(problem, settled, question.radius),
    )
