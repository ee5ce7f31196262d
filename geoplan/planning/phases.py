"""Phased plans: each year's network contains the last year's, and what that costs against planning each year afresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.errors import Fault, InputError
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem

__all__ = ["Phase", "PhasedPlan", "solve_phases"]


@dataclass(frozen=True, slots=True, eq=False)
class Phase:
    """One year.

    Parameters
    ----------
    total : int
        New sites open by the end of the year.
    plan : SitingPlan
        The year's network within the phased plan.
    alone : SitingPlan
        The best network of that size, planned for this year only.
    price : float or None
        Objective lost to the phasing; None where a plan is missing.
    """

    total: int
    plan: SitingPlan
    alone: SitingPlan
    price: float | None


@dataclass(frozen=True, slots=True, eq=False)
class PhasedPlan:
    """The years of a phased plan, first to last."""

    phases: tuple[Phase, ...]


def solve_phases(
    problem: SitingProblem,
    new_per_year: Sequence[int],
    *,
    radius: float | None = None,
    time_limit_s: float | None = None,
) -> PhasedPlan:
    """Plan a maximal covering in yearly steps, the last year's network first.

    The final network is the best of its size; each earlier year opens the best part of the next year's network. So the
    last year has no price, and every year contains the one before.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    new_per_year : sequence of int
        New sites of each year.
    radius : float, optional
        As for :meth:`SitingProblem.solve`.
    time_limit_s : float, optional
        Limit of each solve.

    Returns
    -------
    PhasedPlan
        Each year's plan beside the best plan of the same size.
    """
    if not new_per_year or min(new_per_year) < 0:
        raise InputError(
            Fault(
                "new_per_year needs at least one year, with 0 or more new sites each",
                problem_zh="没有各年的新增站点数",
                todo_zh="至少填一年，每年不小于 0",
            )
        )
    totals = np.cumsum(np.array(new_per_year, dtype=np.int64)).tolist()
    alone = [problem.solve("mclp", p=total, radius=radius, time_limit_s=time_limit_s) for total in totals]
    plan = alone[-1]
    years = [plan]
    for total in reversed(totals[:-1]):
        kept = np.zeros(problem.shape[1], dtype=bool)
        kept[plan.new_positions] = True
        part = problem.with_sites(reject=problem.candidates & ~kept)
        plan = part.solve("mclp", p=total, radius=radius, time_limit_s=time_limit_s)
        years.insert(0, plan)
    phases = []
    for total, year, best in zip(totals, years, alone, strict=True):
        known = year.objective is not None and best.objective is not None
        phases.append(Phase(total, year, best, best.objective - year.objective if known else None))  # type: ignore[operator]
    return PhasedPlan(tuple(phases))
