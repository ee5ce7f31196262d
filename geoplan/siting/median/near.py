"""Near lists: for each demand point the free sites that beat the sites open anyway, nearest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.median.kernels import restrict

if TYPE_CHECKING:
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData

__all__ = ["NearLists", "near_lists", "renumbered", "restricted"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BLOCK_PAIRS = 4_000_000  # pairs sorted at a time, which bounds the memory of the sorting


@dataclass(frozen=True, slots=True, eq=False)
class NearLists:
    """Weighted costs of the sites still free, sorted for each demand point.

    A list may be cut after its nearest sites. ``far`` then is the cost of the last listed one: no site left out is
    cheaper, so what is solved over cut lists is a relaxation, and its bounds hold.

    Parameters
    ----------
    ptr : numpy.ndarray of int64
        List i is ``ptr[i]:ptr[i + 1]``; shape (n_demand + 1,).
    site : numpy.ndarray of int32
        Columns of the free sites, nearest first.
    cost : numpy.ndarray of float64
        Weight x cost of each pair, not falling within a list.
    far : numpy.ndarray of float64
        Cost of a demand point when no listed site is open, shape (n_demand,).
    n_sites : int
        Number of free sites.
    complete : bool
        Whether no list is cut.
    penalty : float
        ``far`` of demand points that nothing else serves: more than any plan that serves all of them costs.
    """

    ptr: Int
    site: npt.NDArray[np.int32]
    cost: Float
    far: Float
    n_sites: int
    complete: bool
    penalty: float

    @property
    def whole(self) -> bool:
        """Whether every cost is a whole number, so that bounds may be rounded up."""
        served = self.far[self.far < self.penalty]
        return bool((self.cost == np.floor(self.cost)).all() and (served == np.floor(served)).all())

    def columns(self) -> tuple[Int, npt.NDArray[np.int32], Float]:
        """Return the same pairs by site: pointers, demand points and costs."""
        row = np.repeat(np.arange(len(self.far), dtype=np.int32), np.diff(self.ptr))
        order = np.argsort(self.site, kind="stable")
        counts = np.bincount(self.site, minlength=self.n_sites)
        return np.concatenate(([0], np.cumsum(counts))), row[order], self.cost[order]


def near_lists(problem: ProblemData, settled: Settled, cap: float | None, length: int) -> NearLists:
    """Return the lists of the ``length`` nearest free sites of each demand point.

    Parameters
    ----------
    problem : ProblemData
        Costs and weights.
    settled : Settled
        Which sites are open anyway and which are free.
    cap : float, optional
        Largest cost at which a site may serve.
    length : int
        Longest list; longer ones are cut.

    Returns
    -------
    NearLists
        The lists; pairs not cheaper than a site open anyway are left out.
    """
    limit = np.finfo(np.float64).max if cap is None else cap
    opened = np.flatnonzero(settled.opened)
    dense = isinstance(problem.cost, np.ndarray)
    step = max(1, BLOCK_PAIRS // problem.shape[1]) if dense else max(1, problem.shape[0])
    sites, costs, counts, fars, cut = [], [], [], [], False
    for start in range(0, problem.shape[0], step):
        rows = slice(start, min(start + step, problem.shape[0]))
        block = _dense_block if dense else _sparse_block
        site, cost, count, far, cut_here = block(problem, settled.free, opened, rows, limit, length)
        weight = problem.demand[rows]
        sites.append(site)
        costs.append(cost * np.repeat(weight, count))
        fars.append(np.where(np.isinf(far), np.inf, np.where(np.isinf(far), 0.0, far) * weight))
        counts.append(count)
        cut = cut or cut_here
    ptr = np.concatenate(([0], np.cumsum(np.concatenate(counts))))
    cost, far = np.concatenate(costs), np.concatenate(fars)
    worst = np.where(np.isinf(far), 0.0, far)
    listed = np.flatnonzero(np.diff(ptr))
    worst[listed] = np.maximum(worst[listed], cost[ptr[listed + 1] - 1])
    penalty = float(np.ceil(worst.sum())) + 1.0
    far[np.isinf(far)] = penalty
    return NearLists(ptr, np.concatenate(sites), cost, far, len(settled.free), not cut, penalty)


Block = tuple[npt.NDArray[np.int32], Float, Int, Float, bool]


def _dense_block(problem: ProblemData, free: Int, opened: Int, rows: slice, limit: float, length: int) -> Block:
    assert isinstance(problem.cost, np.ndarray)
    whole = problem.cost[rows]
    base = whole[:, opened].min(axis=1, initial=np.inf).astype(np.float64)
    base[base > limit] = np.inf
    costs = whole if len(free) == whole.shape[1] else whole[:, free]
    if length < len(free):
        site = np.sort(np.argpartition(costs, length - 1, axis=1)[:, :length], axis=1)
        costs = np.take_along_axis(costs, site, axis=1)
        order = np.argsort(costs, axis=1, kind="stable")
        site = np.take_along_axis(site, order, axis=1)
    else:
        site = order = np.argsort(costs, axis=1, kind="stable")
    costs = np.take_along_axis(costs, order, axis=1).astype(np.float64)
    keep = (costs < base[:, None]) & (costs <= limit)
    count = keep.sum(axis=1)
    far = base
    if length < len(free):
        cut = count == length
        far = np.where(cut, costs[:, -1], base)
        return site[keep].astype(np.int32), costs[keep], count, far, bool(cut.any())
    return site[keep].astype(np.int32), costs[keep], count, far, False


def _sparse_block(problem: ProblemData, free: Int, opened: Int, rows: slice, limit: float, length: int) -> Block:
    assert not isinstance(problem.cost, np.ndarray)
    del rows  # sparse costs are sorted in one go
    n_demand, n_sites = problem.shape
    row = np.repeat(np.arange(n_demand), np.diff(problem.cost.indptr))
    column, data = problem.cost.indices, problem.cost.data.astype(np.float64)
    kind = np.full(n_sites, -2, dtype=np.int64)
    kind[opened] = -1
    kind[free] = np.arange(len(free))
    at = kind[column]
    base = np.full(n_demand, np.inf)
    settled = (at == -1) & (data <= limit)
    np.minimum.at(base, row[settled], data[settled])
    keep = (at >= 0) & (data <= limit) & (data < base[row])
    row, at, data = row[keep], at[keep], data[keep]
    order = np.lexsort((at, data, row))
    row, at, data = row[order], at[order], data[order]
    count = np.bincount(row, minlength=n_demand)
    first = np.concatenate(([0], np.cumsum(count)))
    cut = count > length
    far = base.copy()
    far[cut] = data[first[:-1][cut] + length - 1]
    keep = np.arange(len(row)) - first[row] < length
    return at[keep].astype(np.int32), data[keep], np.minimum(count, length), far, bool(cut.any())


def restricted(near: NearLists, closed: Mask, opened: Mask) -> NearLists:
    """Return the lists without sites that are decided: closed ones leave, an open one ends the lists it stands in.

    Parameters
    ----------
    near : NearLists
        The lists.
    closed, opened : numpy.ndarray of bool
        Free sites found to be closed, and open, in every plan worth looking for; shape (n_sites,).

    Returns
    -------
    NearLists
        Lists over the same columns.
    """
    ptr, far = np.empty_like(near.ptr), np.empty_like(near.far)
    site, cost = np.empty_like(near.site), np.empty_like(near.cost)
    kept = restrict(near.ptr, near.site, near.cost, near.far, closed, opened, ptr, site, cost, far)
    return NearLists(ptr, site[:kept].copy(), cost[:kept].copy(), far, near.n_sites, near.complete, near.penalty)


def renumbered(near: NearLists, columns: Int) -> NearLists:
    """Return lists that hold only the given sites, with these sites numbered from 0.

    Parameters
    ----------
    near : NearLists
        Lists in which no other site stands.
    columns : numpy.ndarray of int64
        The sites, ascending.

    Returns
    -------
    NearLists
        Lists over ``len(columns)`` sites.
    """
    number = np.zeros(near.n_sites, dtype=np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    return replace(near, site=number[near.site], n_sites=len(columns))
