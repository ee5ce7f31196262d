"""What whole sites can serve of demand that only a group of them reaches: rows that fractions of sites break.

Let demand D be reached by the sites of a group alone, none of which serves more than c. If D = q c + r with 0 < r <= c,
then q sites serve at most D - r of it, and one more all of it; so served <= D - r (q + 1 - open sites of the group).
It is the mixed-integer rounding of "served is at most D, and at most c for each open site". Groups come from a tree of
sites by the demand they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

__all__ = ["GroupRow", "group_rows"]

MOST_SITES: Final = 2_000  # the tree takes a matrix of all pairs of sites
LEAST_CUT: Final = 1e-6  # share of the group's demand by which a row must cut

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class GroupRow:
    """One row ``served demand of points - rest * open free sites <= upper``."""

    points: Int
    sites: Int
    rest: float
    upper: float


def group_rows(reached: sparse.csr_array, load: Float, capacity: Float, n_free: int) -> list[GroupRow]:
    """Return the rows of a tree of groups.

    Parameters
    ----------
    reached : scipy.sparse.csr_array
        Demand points x sites; an entry where the site may serve the point. The free sites come first.
    load : numpy.ndarray of float64
        Demand of each point.
    capacity : numpy.ndarray of float64
        Of each site; infinite without one.
    n_free : int
        Number of free sites; the others are open.
    """
    m = reached.shape[1]
    if not 2 <= m <= MOST_SITES:
        return []
    weighed = sparse.diags_array(load) @ reached.astype(np.float64)
    shared = (reached.T.astype(np.float64) @ weighed).toarray()
    own = np.maximum(np.diag(shared), 1e-12)
    apart = np.clip(1.0 - shared / np.minimum(own[:, None], own[None, :]), 0.0, 1.0)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    groups: list[Int] = [np.array([site]) for site in range(m)]
    for left, right, *_ in tree:
        groups.append(np.concatenate((groups[int(left)], groups[int(right)])))
    degree = np.diff(reached.indptr)
    columns = reached.tocsc()
    rows = []
    for group in groups:
        part = columns[:, group]
        inside = np.bincount(part.indices, minlength=len(load))
        row = _row(np.flatnonzero((inside == degree) & (degree > 0)), group, load, capacity, n_free)
        if row is not None:
            rows.append(row)
    return rows


def _row(points: Int, group: Int, load: Float, capacity: Float, n_free: int) -> GroupRow | None:
    free, opened = group[group < n_free], group[group >= n_free]
    if not len(points) or not len(free) or not np.isfinite(capacity[group]).all():
        return None
    demand = float(load[points].sum())
    left, most = demand - float(capacity[opened].sum()), float(capacity[free].max())
    if left <= 0.0 or most <= 0.0:
        return None
    sites = int(np.ceil(left / most - 1e-9))
    rest = left - (sites - 1) * most
    if rest >= most * (1 - LEAST_CUT) or rest <= LEAST_CUT * demand:
        return None  # whole sites serve as much as fractions, or the row says nothing
    return GroupRow(points, free, rest, demand - rest * sites)
