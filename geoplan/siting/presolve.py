"""What is left to decide once existing, required and forbidden sites are settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.exact import ROW_SLACK, counted_money
from geoplan.siting.rules import SiteRow
from geoplan.siting.site_rows import site_rows

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["Found", "Settled", "opened_by", "settle_sites"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The decisions left.

    Parameters
    ----------
    opened : numpy.ndarray of bool
        Sites open in every plan (existing and required), over all sites.
    free : numpy.ndarray of int64
        Positions of the sites still to be decided, ascending: column k of a reduced model is site ``free[k]``.
    rows : tuple of SiteRow
        Linear rules over the free sites (sites given as columns), what the settled sites use taken off.
    p : int or None
        Number of free sites to open, where the question fixes it.
    budget : float or None
        Budget left for the free sites, where the question limits it, in the unit of ``price``.
    price : numpy.ndarray of float64
        Cost of every site, whole where costs are decimals; shape (n_sites,).
    """

    opened: Mask
    free: Int
    rows: tuple[SiteRow, ...]
    p: int | None
    budget: float | None
    price: Float

    @property
    def free_mask(self) -> Mask:
        """The free sites as a mask over all sites."""
        mask = np.zeros(len(self.opened), dtype=bool)
        mask[self.free] = True
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a model's solver hands back.

    Parameters
    ----------
    new : numpy.ndarray of int64 or None
        Positions of all new sites, required ones included; None without a plan.
    objective : float or None
        Objective as the solver counts it, for the certificate to compare with.
    bound : float or None
        Proven bound on the objective of any plan.
    infeasible : bool
        Whether it is proven that no plan exists.
    allocation : scipy.sparse.csr_array, optional
        Shares served, for capacitated models.
    """

    new: Int | None
    objective: float | None
    bound: float | None
    infeasible: bool = False
    allocation: sparse.csr_array | None = None

    def divided(self, per_unit: int) -> Found:
        """Return the same with objective and bound in a unit of which one holds ``per_unit`` of these."""
        objective, bound = (None if value is None else value / per_unit for value in (self.objective, self.bound))
        return replace(self, objective=objective, bound=bound)


def settle_sites(problem: ProblemData, question: Question) -> Settled:
    """Return the decisions left: exclusive sets and exhausted quotas close their other sites here already."""
    opened = problem.existing | problem.required
    forced = problem.required & ~problem.existing
    rows = site_rows(problem, question)
    free_mask = problem.candidates & ~opened
    for row in rows:
        if (row.coefficients >= 0).all():
            left = row.upper - row.coefficients[forced[row.sites]].sum()
            free_mask[row.sites[row.coefficients > left + ROW_SLACK]] = False
    free = np.flatnonzero(free_mask)
    column = np.full(problem.shape[1], -1, dtype=np.int64)
    column[free] = np.arange(len(free))
    left_rows = []
    for row in rows:
        used = float(row.coefficients[forced[row.sites]].sum())
        inside = column[row.sites] >= 0
        if inside.any() or row.lower - used > ROW_SLACK or row.upper - used < -ROW_SLACK:
            left_rows.append(
                replace(
                    row,
                    sites=column[row.sites][inside],
                    coefficients=row.coefficients[inside],
                    lower=row.lower - used,
                    upper=row.upper - used,
                )
            )
    p = None if question.p is None else question.p - int(forced.sum())
    money, most = counted_money(problem.site_cost, question.budget)
    budget = None if question.budget is None else most - float(money.values[forced].sum())
    return Settled(opened, free, tuple(left_rows), p, budget, money.values)


def opened_by(settled: Settled, problem: ProblemData, chosen: Int) -> Int:
    """Return the positions of all new sites when the free sites ``chosen`` (columns) open."""
    forced = np.flatnonzero(problem.required & ~problem.existing)
    return np.sort(np.concatenate((forced, settled.free[chosen])))
