"""Proven bounds of covering problems, and the sites they settle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover import CoverRows
from geoplan.siting.relaxation.kernels import relax

__all__ = ["Relaxation", "first_prices", "relaxed", "settled_by"]

Float = npt.NDArray[np.float64]
Fixed = npt.NDArray[np.int8]

CHECK = 20  # iterations between two evaluations of the bound


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """What the relaxation of a covering problem tells.

    Parameters
    ----------
    bound : float
        No plan earns more than this.
    price : numpy.ndarray of float64
        Dual price of each row, shape (n_rows,).
    score : numpy.ndarray of float64
        Summed prices of the rows that each site reaches, shape (n_columns,).
    worth : float
        Dual price of one unit of budget.
    value : float
        Objective of ``shares`` in the relaxation: the bound cannot fall below the best such value.
    shares : numpy.ndarray of float64
        Fractional opening of each site, shape (n_columns,).
    weight : float
        Primal weight of the iteration, for the next start.
    """

    bound: float
    price: Float
    score: Float
    worth: float
    value: float
    shares: Float
    weight: float


def first_prices(rows: CoverRows) -> Float:
    """Return start prices: the more sites reach a row, the less its cover is worth."""
    return np.asarray(rows.gains[0] * np.minimum(1.0, 2.0 / np.maximum(1, np.diff(rows.row_ptr))))


def relaxed(
    rows: CoverRows,
    cost: Float,
    budget: float,
    *,
    cutoff: float = -np.inf,
    rounds: int = 1500,
    tolerance: float = 0.05,
    fixed: Fixed | None = None,
    price: Float | None = None,
    shares: Float | None = None,
    weight: float = 30.0,
) -> Relaxation:
    """Bound the gain of any set of sites with ``cost @ open <= budget``.

    Parameters
    ----------
    rows : CoverRows
        The covering problem.
    cost : numpy.ndarray of float64
        Cost of each site, shape (n_columns,): 1 where the number of sites is limited.
    budget : float
        Limit of the summed costs.
    cutoff : float
        A bound at or below this settles the question; the iteration then stops.
    rounds : int
        Most iterations.
    tolerance : float
        Stop when bound and relaxation differ by this share of the distance from bound to cutoff.
    fixed : numpy.ndarray of int8, optional
        1 open, 0 closed, -1 undecided; shape (n_columns,).
    price, shares, weight
        Where to start, from an earlier relaxation.

    Returns
    -------
    Relaxation
        The best bound met, with what proves it.
    """
    m = rows.n_columns
    if m == 0 or rows.n_rows == 0:
        nothing = np.zeros(m)
        return Relaxation(rows.base, np.zeros(rows.n_rows), nothing, 0.0, rows.base, nothing, weight)
    start = first_prices(rows) if price is None else price.astype(np.float64)
    spread = (
        np.full(m, min(1.0, budget / max(float(cost.sum()), 1e-300))) if shares is None else shares.astype(np.float64)
    )
    bound, best_price, score, worth, value, best, weight, _ = relax(
        rows.row_ptr,
        rows.row_cols,
        rows.gains,
        cost,
        float(budget),
        np.full(m, -1, dtype=np.int8) if fixed is None else fixed,
        start,
        spread,
        weight,
        rounds,
        CHECK,
        cutoff - rows.base,
        tolerance,
    )
    return Relaxation(bound + rows.base, best_price, score, worth, value + rows.base, best, weight)


def settled_by(relaxation: Relaxation, cost: Float, cutoff: float, fixed: Fixed) -> Fixed:
    """Return ``fixed`` with every site settled whose other state would push the bound below ``cutoff``.

    A site's reduced cost is what the budget it takes is worth elsewhere, less its own score.
    """
    reduced = relaxation.worth * cost - relaxation.score
    undecided = fixed < 0
    out = undecided & (reduced > 0) & (relaxation.bound - reduced < cutoff)
    into = undecided & (reduced < 0) & (relaxation.bound + reduced < cutoff)
    settled = fixed.copy()
    settled[out] = 0
    settled[into] = 1
    return settled
