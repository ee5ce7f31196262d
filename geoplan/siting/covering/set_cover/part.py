"""A part of a set covering problem during the search: what is left of rows and columns, and what is settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover import CoverRows, by_columns
from geoplan.siting.covering.set_cover.core import without
from geoplan.siting.covering.set_cover.kernels import ascend, priced_cover, reduce_prices

__all__ = ["Part"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows still to be covered, over the columns still undecided.

    Parameters
    ----------
    rows : CoverRows
        The rows, over the part's own columns.
    price : numpy.ndarray of float64
        Prices of the columns, shape (n_part,).
    at : numpy.ndarray of int64
        The columns of the core that they are, ascending.
    inside : numpy.ndarray of bool
        Columns of the core that are settled as open, shape (n_core,).
    settled : float
        What those cost.
    u : numpy.ndarray of float64
        Prices of the rows, shape (n_rows,).
    """

    rows: CoverRows
    price: Float
    at: Int
    inside: Mask
    settled: float
    u: Float

    def improved(self, target: float, enough: float, step: float, steps: int) -> tuple[Part, float, float, Float]:
        """Return the part with better row prices, the bound on all its covers, the step length, and chosen shares.

        Parameters
        ----------
        target, enough : float
            Price of a cover to aim at, and a bound that ends the steps; both with what is settled.
        step : float
            Length of the first step.
        steps : int
            Most steps.
        """
        u, shares, rows = self.u.copy(), np.zeros(len(self.at)), self.rows
        bound, step = ascend(
            rows.row_ptr, rows.row_cols, *by_columns(rows), self.price, u, max(target - self.settled, 1e-9),
            enough - self.settled, step, steps, shares,
        )  # fmt: skip
        return Part(rows, self.price, self.at, self.inside, self.settled, u), bound + self.settled, step, shares

    def cover(self) -> Mask:
        """Return a cover as a mask over the core: what is settled, completed by the prices of the rows."""
        rows, chosen = self.rows, np.zeros(len(self.at), dtype=bool)
        priced_cover(rows.row_ptr, rows.row_cols, *by_columns(rows), self.price, self.u, chosen)
        whole = self.inside.copy()
        whole[self.at[chosen]] = True
        return whole

    def narrowed(self, cutoff: float) -> Part | None:
        """Return the part without columns that reduced prices settle; None where no cover costs at most the cutoff."""
        reduced = np.empty(len(self.at))
        bound = reduce_prices(self.rows.row_ptr, self.rows.row_cols, self.price, self.u, reduced)
        spare = cutoff - bound - self.settled
        if spare < 0:
            return None
        opened, kept = -reduced > spare, np.abs(reduced) <= spare
        return self if kept.all() else self.decided(opened, ~kept & ~opened)

    def decided(self, opened: Mask, closed: Mask) -> Part | None:
        """Return the part with columns opened and closed; None where a row has no column left."""
        rows = self.rows
        row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
        uncovered = np.bincount(row[opened[rows.row_cols]], minlength=rows.n_rows) == 0
        left = without(rows, uncovered, ~opened & ~closed)
        if (np.diff(left.row_ptr) == 0).any():
            return None
        inner, columns = _renumbered(left)
        inside = self.inside.copy()
        inside[self.at[opened]] = True
        settled = self.settled + float(self.price[opened].sum())
        return Part(inner, self.price[columns], self.at[columns], inside, settled, self.u[uncovered])


def _renumbered(rows: CoverRows) -> tuple[CoverRows, Int]:
    """Return the rows over the columns that stand in them, and which those are, ascending."""
    columns = np.flatnonzero(np.bincount(rows.row_cols, minlength=rows.n_columns))
    place = np.zeros(rows.n_columns, dtype=np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    return CoverRows(rows.row_ptr, place[rows.row_cols], rows.gains, len(columns)), columns
