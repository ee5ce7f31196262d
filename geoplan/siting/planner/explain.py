"""Why each chosen site is in the plan: whom it serves alone, what replaces it best, and whether it is indispensable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import InputError
from geoplan.siting.cover import reach
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem

__all__ = ["SiteReason", "explain"]


@dataclass(frozen=True, slots=True, eq=False)
class SiteReason:
    """What one new site does for a plan of maximal covering.

    Parameters
    ----------
    site : object
        Its id.
    own : float
        Demand within its reach.
    marginal : float
        Demand that no other open site reaches: what the plan loses without it and without a substitute.
    covers_alone : numpy.ndarray
        Ids of the demand points that only this site reaches.
    substitute : object or None
        Id of the closed candidate that best takes its place; None where there is none.
    substitute_loss : float
        Objective lost by that swap (0 or more for a locally best plan).
    in_every_near_best : bool or None
        Whether it is in every plan within ``within`` of the best; None where that was not asked or not proven.
    """

    site: Any
    own: float
    marginal: float
    covers_alone: npt.NDArray[np.generic]
    substitute: Any
    substitute_loss: float
    in_every_near_best: bool | None


def explain(
    problem: SitingProblem, plan: SitingPlan, *, within: float | None = 0.005, time_limit_s: float = 10.0
) -> list[SiteReason]:
    """Explain each new site of a plan of plain maximal covering.

    Parameters
    ----------
    problem : SitingProblem
        The problem the plan answers.
    plan : SitingPlan
        The plan.
    within : float or None
        A site is indispensable if every plan without it is worse than the best by more than this share; it is found by
        rejecting the site and bounding again. None to leave that out.
    time_limit_s : float
        Limit of each of these solves.

    Returns
    -------
    list of SiteReason
        One per new site, in the plan's order.
    """
    question = plan.question
    if not plan.found or question.model != "mclp" or question.radius is None or plan.objective is None:
        raise InputError("only a plan of plain maximal covering with a radius can be explained")
    matrix = reach(problem.cost, question.radius).tocsc()
    is_open = np.zeros(problem.shape[1], dtype=np.int64)
    is_open[plan.open_positions] = 1
    count = matrix @ is_open
    closed = np.flatnonzero(problem.candidates & (is_open == 0))
    reasons = []
    for position in plan.new_positions.tolist():
        points = matrix.indices[matrix.indptr[position] : matrix.indptr[position + 1]]
        alone = np.sort(points[count[points] == 1])
        marginal = float(problem.demand[alone].sum())
        uncovered = np.where(count == 0, problem.demand, 0.0)
        uncovered[alone] = problem.demand[alone]
        gains = uncovered @ matrix[:, closed]
        best = int(np.argmax(gains)) if len(closed) else -1
        reasons.append(
            SiteReason(
                site=problem.site_ids[position],
                own=float(problem.demand[points].sum()),
                marginal=marginal,
                covers_alone=problem.demand_ids[alone],
                substitute=None if best < 0 else problem.site_ids[closed[best]],
                substitute_loss=marginal if best < 0 else marginal - float(gains[best]),
                in_every_near_best=None
                if within is None
                else _indispensable(problem, plan, position, within, time_limit_s),
            )
        )
    return reasons


def _indispensable(
    problem: SitingProblem, plan: SitingPlan, position: int, within: float, time_limit_s: float
) -> bool | None:
    """Whether no plan without the site comes within the share of the best; None where the bound leaves it open."""
    assert plan.objective is not None
    if problem.required[position]:
        return True
    question = plan.question
    other = problem.with_sites(reject=problem.site_ids[[position]]).solve(
        "mclp", p=question.p, budget=question.budget, radius=question.radius, warm=plan, time_limit_s=time_limit_s
    )
    if other.status == "infeasible":
        return True
    level = plan.objective * (1.0 - within)
    if other.objective is not None and other.objective >= level:
        return False
    return True if other.bound is not None and other.bound < level else None
