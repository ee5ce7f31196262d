"""What a planner asks around one plan: why each site, what floors cost, how it holds in other slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import Cancelled, InputError
from geoplan.siting import SitingPlan, SitingProblem
from geoplan.siting.planner import explain, price_of_floors, solve_robust

__all__ = ["floor_price", "reasons_of", "robust_answer"]

Report = Callable[..., None]
Stop = Callable[[], bool]


def reasons_of(problem: SitingProblem, plan: SitingPlan, report: Report, stop: Stop) -> list[dict[str, Any]]:
    """Return why each new site is in a plan of maximal covering.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    plan : SitingPlan
        The plan.
    report, stop : callable
        As for :func:`geoplan_api.jobs.siting.solve_siting`.
    """
    report(step="explaining the sites")
    _end_if(stop)
    return [
        {
            "site": str(reason.site),
            "own": reason.own,
            "marginal": reason.marginal,
            "substitute": None if reason.substitute is None else str(reason.substitute),
            "substitute_loss": reason.substitute_loss,
        }
        for reason in explain(problem, plan, within=None)
    ]


def floor_price(
    problem: SitingProblem, report: Report, stop: Stop, time_limit_s: float, **question: Any
) -> dict[str, Any]:
    """Return what the problem's floors cost: the objective without them, with them, and the difference."""
    if not problem.floors:
        raise InputError("there are no floors to price; give `floors`")
    report(step="pricing the floors")
    _end_if(stop)
    priced = price_of_floors(
        replace(problem, floors=()), problem.floors, time_limit_s=time_limit_s, cancel=stop, **question
    )
    return {
        "without": priced.free.objective,
        "with": priced.kept.objective,
        "price": priced.price,
        "exact": priced.exact,
    }


def robust_answer(
    problem: SitingProblem,
    scenarios: dict[str, npt.NDArray[np.float64]],
    report: Report,
    stop: Stop,
    time_limit_s: float,
    **question: Any,
) -> dict[str, Any]:
    """Return the plan whose worst scenario is best, beside the one that is best on average.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    scenarios : dict
        Name to the demand of each point, shape (n_demand,).
    report, stop, time_limit_s
        As for :func:`geoplan_api.jobs.siting.solve_siting`.
    **question
        ``p`` or ``budget``.
    """
    report(step="searching the plan with the best worst case")
    found = solve_robust(
        problem, np.vstack(list(scenarios.values())), time_limit_s=time_limit_s, cancel=stop, **question
    )
    return {
        "worst_share": found.worst_share,
        "worst_bound": found.worst_bound,
        "shares": dict(zip(scenarios, found.shares.tolist(), strict=True)),
        "sites": [str(name) for name in found.worst.sites],
        "mean_sites": [str(name) for name in found.mean.sites],
        "mean_objective": found.mean.objective,
    }


def _end_if(stop: Stop) -> None:
    if stop():
        raise Cancelled("the owner asked to stop")
