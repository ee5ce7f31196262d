"""What a planner asks around one plan: why each site, what floors cost, how it holds in other slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import Cancelled, Fault, InputError
from geoplan.planning import explain, plan_facts, price_of_floors, project_list, robust_facts, solve_robust
from geoplan.siting import SitingPlan, SitingProblem
from geoplan_api.city.searches import SiteSearch
from geoplan.geojson import to_geojson

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
        raise InputError(
            Fault(
                "there are no floors to price",
                "give `floors`",
                problem_zh="没有最低覆盖率要求，无从计算它的代价",
                todo_zh="请先给出各区县的最低覆盖率",
            )
        )
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
    search: SiteSearch,
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
    search : SiteSearch
        Sites and travel times of the problem.
    problem : SitingProblem
        The problem.
    scenarios : dict
        Name to the demand of each point, shape (n_demand,).
    report, stop, time_limit_s
        As for :func:`geoplan_api.jobs.siting.solve_siting`.
    **question
        ``p`` or ``budget``.

    Returns
    -------
    dict
        ``worst_share`` and the ``worst_bound`` that no plan exceeds; of each scenario its ``shares`` now
        (``shares_before``), by this plan (``shares``) and by the one that is best on average (``mean_shares``); the new
        sites of both, and this plan's project list as GeoJSON (``projects``), by what each site covers on average.
    """
    report(step="searching the plan with the best worst case")
    weights = np.vstack(list(scenarios.values()))
    totals = weights.sum(axis=1)
    if not (totals > 0).all():
        empty = [name for name, total in zip(scenarios, totals, strict=True) if not total > 0]
        raise InputError(
            Fault(
                f"there is nobody out in the slice {empty[0]}",
                "leave it out",
                problem_zh=f"{empty[0]} 时没有劳动者在外",
                todo_zh="请去掉这个时段",
            )
        )
    average = replace(search.city, demand=search.city.demand.assign(workers=weights.mean(axis=0)))
    found = solve_robust(problem, weights, time_limit_s=time_limit_s, cancel=stop, **question)
    told = robust_facts(found, search.times, scenarios)
    rows = told["scenarios"]
    listed = project_list(average, search.sites, search.times, found.worst.new_positions)
    facts = plan_facts(average, found.worst, listed, search.times.limit_s, search.times.profile) | {"robust": told}
    return {
        **{name: value for name, value in told.items() if name != "scenarios"},
        "shares_before": {row["name"]: row["before"] for row in rows},
        "shares": {row["name"]: row["plan"] for row in rows},
        "mean_shares": {row["name"]: row["mean_plan"] for row in rows},
        "projects": to_geojson(listed),
        "sites": [str(name) for name in found.worst.sites],
        "facts": {name: value for name, value in facts.items() if name != "projects"},
    }


def _end_if(stop: Stop) -> None:
    if stop():
        raise Cancelled("the owner asked to stop")
