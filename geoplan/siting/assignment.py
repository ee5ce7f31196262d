"""Who is served by which open site, and how much of each demand point counts as covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["nearest_open", "served"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


def nearest_open(problem: ProblemData, opened: Int) -> tuple[Int, Float]:
    """Return the nearest open site of each demand point and its cost; -1 and infinity where none is reachable.

    Of equally near sites the first in the problem's order serves.
    """
    n_demand, n_sites = problem.shape
    site = np.full(n_demand, -1, dtype=np.int64)
    nearest = np.full(n_demand, np.inf)
    if not len(opened):
        return site, nearest
    if isinstance(problem.cost, np.ndarray):
        near = problem.cost[:, opened]
        first = near.argmin(axis=1)
        nearest = near[np.arange(n_demand), first].astype(np.float64)
        return np.where(np.isfinite(nearest), opened[first], -1), nearest
    is_open = np.zeros(n_sites, dtype=bool)
    is_open[opened] = True
    kept = np.flatnonzero(is_open[problem.cost.indices])
    row = np.repeat(np.arange(n_demand), np.diff(problem.cost.indptr))[kept]
    order = np.lexsort((problem.cost.indices[kept], problem.cost.data[kept], row))
    first_rows, first_at = np.unique(row[order], return_index=True)
    pick = kept[order[first_at]]
    site[first_rows] = problem.cost.indices[pick]
    nearest[first_rows] = problem.cost.data[pick]
    return site, nearest


def served(
    problem: ProblemData, question: Question, opened: Int, allocation: sparse.csr_array | None
) -> tuple[Int, Float]:
    """Return the serving site of each demand point (-1 where none) and the share of it that counts as covered."""
    if allocation is not None:
        coverage = np.minimum(np.asarray(allocation.sum(axis=1)).ravel(), 1.0)
        main = np.full(problem.shape[0], -1, dtype=np.int64)
        coo = allocation.tocoo()
        row, column = coo.coords
        order = np.lexsort((column, -coo.data, row))
        rows, at = np.unique(row[order], return_index=True)
        main[rows] = column[order[at]]
        return main, coverage
    site, nearest = nearest_open(problem, opened)
    if question.decay:
        reaches = np.array([cost for cost, _ in question.decay])
        shares = np.array([share for _, share in question.decay] + [0.0])
        coverage = shares[np.searchsorted(reaches, nearest, side="left")]
    elif question.radius is not None and question.model not in ("pmedian", "pcenter"):
        count = reach_count(problem, opened, question.radius)
        if question.open_probability is not None:
            coverage = 1.0 - (1.0 - question.open_probability) ** count
        else:
            coverage = (count >= question.cover_times).astype(np.float64)
        site = np.where(nearest <= question.radius, site, -1)
        return site, coverage
    else:
        coverage = (site >= 0).astype(np.float64)
    return np.where(coverage > 0, site, -1), coverage


def reach_count(problem: ProblemData, opened: Int, radius: float) -> Int:
    """Return how many open sites lie within ``radius`` of each demand point."""
    if isinstance(problem.cost, np.ndarray):
        return np.asarray(np.count_nonzero(problem.cost[:, opened] <= radius, axis=1), dtype=np.int64)
    is_open = np.zeros(problem.shape[1], dtype=bool)
    is_open[opened] = True
    hit = is_open[problem.cost.indices] & (problem.cost.data <= radius)
    counts = np.concatenate(([0], np.cumsum(hit)))
    return np.asarray(np.diff(counts[problem.cost.indptr]), dtype=np.int64)
