"""What is left of a set covering problem when rows and columns that others settle are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover import CoverRows, by_columns, merge
from geoplan.siting.covering.kernels import implied_rows
from geoplan.siting.covering.set_cover.kernels import dominated_columns

__all__ = ["Core", "core", "without"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WORK: Final = 400_000_000  # entries looked at for columns that others outdo, in one pass


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """The core of a set covering problem.

    Parameters
    ----------
    rows : CoverRows
        Rows still to be covered, over the core's own columns.
    price : numpy.ndarray of float64
        Price of each core column, above 0; shape (n_core,).
    columns : numpy.ndarray of int64
        The columns they were, ascending.
    opened : numpy.ndarray of int64
        Columns that some cheapest cover has: free of price, or alone in covering a row.
    """

    rows: CoverRows
    price: Float
    columns: Int
    opened: Int


def core(rows: CoverRows, price: Float) -> Core:
    """Return the core: some cheapest cover of the whole is one of the core together with the opened columns.

    A row goes if the columns of another row all cover it; a column goes if another one at most as dear covers all it
    covers, or if the cheapest columns of its rows cost less together; a column alone in a row opens. Each may make
    more of the others possible (Beasley 1987).

    Parameters
    ----------
    rows : CoverRows
        Rows, each reached by at least one column.
    price : numpy.ndarray of float64
        Prices of the columns, not negative; shape (n_columns,).

    Returns
    -------
    Core
        The core.
    """
    alive = np.ones(rows.n_columns, dtype=bool)
    opened = price <= 0
    if opened.any():
        rows, alive = _opened(rows, opened, alive)
    while rows.n_rows:
        before = rows.n_rows, len(rows.row_cols)
        rows, _ = merge(rows)
        implied = np.zeros(rows.n_rows, dtype=bool)
        degree = np.bincount(rows.row_cols, minlength=rows.n_columns)
        implied_rows(rows.row_ptr, rows.row_cols, np.argsort(np.diff(rows.row_ptr), kind="stable"), degree, implied)
        rows = without(rows, ~implied, alive)
        alive &= ~_outdone(rows, price)
        rows = without(rows, np.ones(rows.n_rows, dtype=bool), alive)
        only = rows.row_cols[rows.row_ptr[:-1][np.diff(rows.row_ptr) == 1]]
        if len(only):
            alone = np.zeros(rows.n_columns, dtype=bool)
            alone[only] = True
            opened |= alone
            rows, alive = _opened(rows, alone, alive)
        if (rows.n_rows, len(rows.row_cols)) == before:
            break
    columns = np.unique(rows.row_cols).astype(np.int64)
    place = np.zeros(rows.n_columns, dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    inner = CoverRows(rows.row_ptr, place[rows.row_cols], rows.gains, len(columns))
    return Core(inner, price[columns].astype(np.float64), columns, np.flatnonzero(opened))


def without(rows: CoverRows, row_kept: Mask, column_kept: Mask) -> CoverRows:
    """Return the rows with some left out, and without the entries of some columns."""
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    held = row_kept[row] & column_kept[rows.row_cols]
    width = np.bincount(row[held], minlength=rows.n_rows)[row_kept]
    pointers = np.concatenate(([0], np.cumsum(width))).astype(np.int64)
    return CoverRows(pointers, rows.row_cols[held], rows.gains[:, row_kept], rows.n_columns, rows.base)


def _opened(rows: CoverRows, opened: Mask, alive: Mask) -> tuple[CoverRows, Mask]:
    """Return the rows that open columns leave uncovered, and the columns alive without those."""
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    covered = np.bincount(row[opened[rows.row_cols]], minlength=rows.n_rows) > 0
    alive = alive & ~opened
    return without(rows, ~covered, alive), alive


def _outdone(rows: CoverRows, price: Float) -> Mask:
    """Return columns that another one, or the cheapest ones of their rows together, make needless."""
    col_ptr, col_rows = by_columns(rows)
    gone = np.zeros(rows.n_columns, dtype=bool)
    if rows.n_rows:
        row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
        cheapest = np.minimum.reduceat(price[rows.row_cols], rows.row_ptr[:-1])
        together = np.bincount(rows.row_cols, weights=cheapest[row], minlength=rows.n_columns)
        gone = price > together * (1 + 1e-9)
    dominated_columns(rows.row_ptr, rows.row_cols, col_ptr, col_rows, price.astype(np.float64), WORK, gone)
    return gone
