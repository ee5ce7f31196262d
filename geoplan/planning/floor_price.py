"""What a coverage floor costs: the demand that is lost elsewhere to keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.rules import Floor

__all__ = ["FloorPrice", "price_of_floors"]


@dataclass(frozen=True, slots=True, eq=False)
class FloorPrice:
    """The plan with floors beside the plan without.

    Parameters
    ----------
    free, kept : SitingPlan
        Best plan without the floors, and with them.
    price : float or None
        Objective lost to the floors; None where no plan keeps them. At most exact to the two plans' gaps.
    exact : bool
        Whether both plans are proven, so that the price is.
    """

    free: SitingPlan
    kept: SitingPlan
    price: float | None
    exact: bool


def price_of_floors(
    problem: SitingProblem, floors: Sequence[Floor], *, kept: SitingPlan | None = None, **question: Any
) -> FloorPrice:
    """Solve a maximal covering without and with coverage floors and return the difference.

    Parameters
    ----------
    problem : SitingProblem
        The problem; floors it has already stay in both plans.
    floors : sequence of Floor
        Floors to price: a district's or a trade's weights and the share that must be covered.
    kept : SitingPlan, optional
        The plan that keeps the floors, where it is known.
    **question
        As for :meth:`SitingProblem.solve`: ``p`` or ``budget``, ``radius``, ``time_limit_s``, …

    Returns
    -------
    FloorPrice
        Both plans and the price.
    """
    free = problem.solve("mclp", **question)
    if kept is None:
        kept = replace(problem, floors=(*problem.floors, *floors)).solve("mclp", **question)
    if free.objective is None or kept.objective is None:
        return FloorPrice(free, kept, None, False)
    exact = free.status == "optimal" and kept.status == "optimal"
    return FloorPrice(free, kept, free.objective - kept.objective, exact)
