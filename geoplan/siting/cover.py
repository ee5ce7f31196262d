"""Covering as rows: who is reached by which sites, with identical demand rows merged and settled sites taken out.

Every covering model is written as rows with falling gains: opening the first site that reaches a row earns
``gains[0]``, the second ``gains[1]``, and so on. Plain coverage has one gain; backup and expected coverage have more;
gradual coverage has one row per step of the decay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting._inputs import CostMatrix

__all__ = ["CoverRows", "by_columns", "from_reach", "merge", "reach", "select_columns", "settle"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Index = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CoverRows:
    """Rows of a covering model, as the compiled kernels take them.

    Parameters
    ----------
    row_ptr : numpy.ndarray of int64
        Row i is reached by ``row_cols[row_ptr[i]:row_ptr[i + 1]]``; shape (n_rows + 1,).
    row_cols : numpy.ndarray of int32
        Columns (sites), ascending within a row.
    gains : numpy.ndarray of float64
        Gain of the k-th open site that reaches each row, not rising with k; shape (n_levels, n_rows).
    n_columns : int
        Number of sites.
    base : float
        Gain that the settled sites bring.
    """

    row_ptr: Int
    row_cols: Index
    gains: Float
    n_columns: int
    base: float = 0.0

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_ptr) - 1

    @property
    def matrix(self) -> sparse.csr_array:
        """The rows as a SciPy array of ones, shape (n_rows, n_columns)."""
        ones = np.ones(len(self.row_cols), dtype=np.int8)
        return sparse.csr_array((ones, self.row_cols, self.row_ptr), shape=(self.n_rows, self.n_columns))

    @property
    def whole(self) -> bool:
        """Whether every gain is a whole number, so that objectives differ by at least 1."""
        return bool((self.gains == np.round(self.gains)).all()) and self.base == round(self.base)

    def value(self, opened: Mask) -> float:
        """Return the gain of a set of open columns, given as a mask."""
        row = np.repeat(np.arange(self.n_rows), np.diff(self.row_ptr))
        count = np.bincount(row[opened[self.row_cols]], minlength=self.n_rows)
        earned = np.arange(len(self.gains))[:, None] < count[None, :]
        return self.base + float(self.gains[earned].sum())


def reach(cost: CostMatrix, radius: float) -> sparse.csr_array:
    """Return which site covers which demand point: 1 where ``cost <= radius``, as CSR of int8 with sorted columns."""
    if isinstance(cost, np.ndarray):
        within = cost <= radius
        counts = np.count_nonzero(within, axis=1)
        indices = (np.flatnonzero(within) % cost.shape[1]).astype(np.int32)
        indptr = np.concatenate(([0], np.cumsum(counts)))
    else:
        keep = cost.data <= radius
        indptr = np.concatenate(([0], np.cumsum(keep)))[cost.indptr]
        indices = cost.indices[keep].astype(np.int32)
    return sparse.csr_array((np.ones(len(indices), dtype=np.int8), indices, indptr), shape=cost.shape)


def from_reach(matrix: sparse.csr_array, gains: Float) -> CoverRows:
    """Return rows from a reach matrix, shape (n_rows, n_sites), and gains, shape (n_levels, n_rows)."""
    pointers = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32)
    return CoverRows(*pointers, np.asarray(gains, dtype=np.float64), int(matrix.shape[1]))


def by_columns(rows: CoverRows) -> tuple[Int, Index]:
    """Return the same matrix by columns: pointers, shape (n_columns + 1,), and the rows of each column, ascending."""
    counts = np.bincount(rows.row_cols, minlength=rows.n_columns)
    row = np.repeat(np.arange(rows.n_rows, dtype=np.int32), np.diff(rows.row_ptr))
    return np.concatenate(([0], np.cumsum(counts))), row[np.argsort(rows.row_cols, kind="stable")]


def settle(rows: CoverRows, opened: Mask, free: Mask) -> tuple[CoverRows, Int]:
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
    rows : CoverRows
        Rows over the free sites, merged, with every row that can still gain.
    group : numpy.ndarray of int64
        New row of each old row, -1 where it is gone.
    """
    levels, n_rows = rows.gains.shape
    row = np.repeat(np.arange(n_rows), np.diff(rows.row_ptr))
    hit = opened[rows.row_cols]
    base, left = rows.base, rows.gains
    if hit.any():
        already = np.minimum(np.bincount(row[hit], minlength=n_rows), levels)
        earned = np.concatenate((np.zeros((1, n_rows)), np.cumsum(rows.gains, axis=0)))
        base += float(earned[already, np.arange(n_rows)].sum())
        # The gain of the k-th further site is that of level already + k; nothing beyond the last level.
        level = np.minimum(already[None, :] + np.arange(levels)[:, None], levels)
        left = np.concatenate((rows.gains, np.zeros((1, n_rows))))[level, np.arange(n_rows)[None, :]]
    columns = np.flatnonzero(free)
    place = np.full(rows.n_columns, -1, dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    moved = place[rows.row_cols]
    inside = (moved >= 0) & (left[0] > 0)[row]
    counts = np.bincount(row[inside], minlength=n_rows)
    some = np.flatnonzero(counts)
    pointers = np.concatenate(([0], np.cumsum(counts[some])))
    merged, inner = merge(CoverRows(pointers, moved[inside], left[:, some], len(columns), base))
    group = np.full(n_rows, -1, dtype=np.int64)
    group[some] = inner
    return merged, group


def merge(rows: CoverRows) -> tuple[CoverRows, Int]:
    """Merge rows that the same sites reach, adding their gains: the same optimum with fewer rows.

    Rows are grouped by two random 64-bit sums over their columns; two different rows would have to agree in both and
    in their length to be merged wrongly, a chance below 1e-25 for a million rows.

    Returns
    -------
    rows : CoverRows
        The merged rows, in the order of their first members.
    group : numpy.ndarray of int64
        Merged row of each given row. Every given row must reach at least one column.
    """
    if rows.n_rows == 0:
        return rows, np.zeros(0, dtype=np.int64)
    keys = np.random.default_rng(20260101).integers(0, 2**63, size=(2, rows.n_columns), dtype=np.uint64)
    starts = rows.row_ptr[:-1]
    lengths = np.diff(rows.row_ptr)
    sums = [np.add.reduceat(key[rows.row_cols], starts) for key in keys]
    order = np.lexsort((lengths, sums[1], sums[0]))
    differs = [values[order][1:] != values[order][:-1] for values in (*sums, lengths)]
    first = np.concatenate(([True], differs[0] | differs[1] | differs[2]))
    if first.all():
        return replace(rows, gains=np.ascontiguousarray(rows.gains)), np.arange(rows.n_rows)
    begins = np.flatnonzero(first)
    back = np.argsort(order[begins], kind="stable")  # lexsort is stable: the first of a group is its first row
    chosen = order[begins][back]
    rank = np.empty(len(begins), dtype=np.int64)
    rank[back] = np.arange(len(begins))
    group = np.empty(rows.n_rows, dtype=np.int64)
    group[order] = rank[np.cumsum(first) - 1]
    # rows of gains lie one after the other in memory: loops are compiled for one layout only
    gains = np.ascontiguousarray(np.add.reduceat(rows.gains[:, order], begins, axis=1)[:, back])
    pointers = np.concatenate(([0], np.cumsum(lengths[chosen])))
    take = np.repeat(rows.row_ptr[chosen] - pointers[:-1], lengths[chosen]) + np.arange(pointers[-1])
    return CoverRows(pointers, rows.row_cols[take], gains, rows.n_columns, rows.base), group


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
    ones = np.ones(int(indptr[-1]), dtype=np.int8)
    return sparse.csr_array((ones, moved[inside], indptr), shape=(rows.shape[0], len(columns)))
