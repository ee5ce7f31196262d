"""Covering as rows: who is reached by which sites, with identical demand rows merged and settled sites taken out.

Every covering model is written as rows with falling gains: opening the first site that reaches a row earns
``gains[0]``, the second ``gains[1]``, and so on. Plain coverage has one gain; coverage at least twice, backup coverage
and expected coverage have more; gradual coverage has one row per step of the decay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting._inputs import CostMatrix

__all__ = ["CoverRows", "merge_rows", "reach", "select_columns", "settle"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CoverRows:
    """Rows of a covering model.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
        1 where the site (column) reaches the row; shape (n_rows, n_columns), columns ascending within a row.
    gains : numpy.ndarray of float64
        Gain of the k-th open site that reaches each row, not rising with k; shape (n_levels, n_rows).
    base : float
        Gain that the settled sites bring.
    """

    matrix: sparse.csr_array
    gains: Float
    base: float = 0.0

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.matrix.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of sites."""
        return int(self.matrix.shape[1])


def reach(cost: CostMatrix, radius: float) -> sparse.csr_array:
    """Return which site covers which demand point: 1 where ``cost <= radius``, as CSR of int8 with sorted columns."""
    if isinstance(cost, np.ndarray):
        within = cost <= radius
        counts = np.count_nonzero(within, axis=1)
        indices = (np.flatnonzero(within) % cost.shape[1]).astype(np.int32)
        indptr = np.concatenate(([0], np.cumsum(counts)))
    else:
        keep = cost.data <= radius
        kept = np.concatenate(([0], np.cumsum(keep)))
        indptr = kept[cost.indptr]
        indices = cost.indices[keep].astype(np.int32)
    return sparse.csr_array((np.ones(len(indices), dtype=np.int8), indices, indptr), shape=cost.shape)


def settle(rows: CoverRows, opened: Mask, free: Mask) -> CoverRows:
    """Take sites that are surely open, and those that surely are not, out of the rows.

    Parameters
    ----------
    rows : CoverRows
        Rows over all sites.
    opened : numpy.ndarray of bool
        Sites that are open in every plan: their gains go to ``base``, the gains left move up.
    free : numpy.ndarray of bool
        Sites still to be decided; the columns of the answer, in order.

    Returns
    -------
    CoverRows
        Rows over the free sites, merged, with every row that can still gain.
    """
    levels, n_rows = rows.gains.shape
    already = np.minimum(rows.matrix @ opened.astype(np.int64), levels)
    earned = np.concatenate((np.zeros((1, n_rows)), np.cumsum(rows.gains, axis=0)))
    base = rows.base + float(earned[already, np.arange(n_rows)].sum())
    # The gain of the k-th further site is that of level already + k; nothing beyond the last level.
    level = already[None, :] + np.arange(levels)[:, None]
    padded = np.concatenate((rows.gains, np.zeros((1, n_rows))))
    left = padded[np.minimum(level, levels), np.arange(n_rows)[None, :]]
    inner = select_columns(rows.matrix, left[0] > 0, np.flatnonzero(free))
    kept = np.flatnonzero(left[0] > 0)
    some = np.diff(inner.indptr) > 0
    return merge_rows(CoverRows(inner if some.all() else inner[some], left[:, kept[some]], base))


def select_columns(matrix: sparse.csr_array, keep: Mask, columns: Int) -> sparse.csr_array:
    """Return ``matrix[keep][:, columns]`` for ascending columns, without sorting anything again."""
    rows = matrix if keep.all() else matrix[keep]
    if len(columns) == matrix.shape[1]:
        return rows
    place = np.full(matrix.shape[1], -1, dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    moved = place[rows.indices]
    inside = moved >= 0
    indptr = np.concatenate(([0], np.cumsum(inside)))[rows.indptr]
    indices = moved[inside]
    return sparse.csr_array(
        (np.ones(len(indices), dtype=np.int8), indices, indptr), shape=(rows.shape[0], len(columns))
    )


def merge_rows(rows: CoverRows) -> CoverRows:
    """Merge rows that the same sites reach, adding their gains: the same optimum with fewer rows.

    Rows are grouped by two random 64-bit sums over their columns; two different rows would have to agree in both and
    in their length to be merged wrongly, a chance below 1e-25 for a million rows.
    """
    n_rows, n_columns = rows.matrix.shape
    if n_rows == 0:
        return rows
    keys = np.random.default_rng(20260101).integers(0, 2**63, size=(2, n_columns), dtype=np.uint64)
    lengths = np.diff(rows.matrix.indptr)
    filled = np.flatnonzero(lengths)
    sums = np.zeros((2, n_rows), dtype=np.uint64)
    for one, key in zip(sums, keys, strict=True):
        one[filled] = np.add.reduceat(key[rows.matrix.indices], rows.matrix.indptr[filled])
    order = np.lexsort((lengths, sums[1], sums[0]))
    ordered = np.stack((sums[0][order], sums[1][order], lengths[order].astype(np.uint64)))
    first = np.concatenate(([True], (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)))
    starts = np.flatnonzero(first)
    chosen = order[starts]
    back = np.argsort(chosen, kind="stable")
    gains = np.add.reduceat(rows.gains[:, order], starts, axis=1)[:, back]
    return CoverRows(rows.matrix[chosen[back]], gains, rows.base)
