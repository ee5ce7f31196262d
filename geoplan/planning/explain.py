"""Why each chosen site is in the plan: whom it serves alone, what replaces it best, and whether it is indispensable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.planning.swaps import Swaps
from geoplan.siting._inputs import positions
from geoplan.siting.cover import reach
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.question import Question

__all__ = ["SiteReason", "WithoutSite", "explain", "without_site"]

_PROVEN: Final = 1e-6  # relative difference of bound and objective up to which a plan is proven


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
        Id of the closed candidate that best takes its place without breaking the number, the budget or another rule
        over the sites; None where there is none.
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


@dataclass(frozen=True, slots=True, eq=False)
class WithoutSite:
    """What is left of a plan's worth without one of its sites.

    Parameters
    ----------
    site : object
        Its id.
    always : bool or None
        Whether it is in every plan within the share of the best; None where the bounds leave it open.
    loss : float or None
        What the best plan found without it covers less; None where it is required, or nothing takes its place.
    loss_proven : bool
        Whether both plans are proven, so that the loss is.
    """

    site: Any
    always: bool | None
    loss: float | None
    loss_proven: bool


def explain(
    problem: SitingProblem,
    plan: SitingPlan,
    *,
    within: float | None = 0.005,
    time_limit_s: float = 10.0,
    cancel: Callable[[], bool] | None = None,
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
    cancel : callable, optional
        Asked now and then; once true, what is not proven yet is left open.

    Returns
    -------
    list of SiteReason
        One per new site, in the plan's order.
    """
    question = plan.question
    plain = question.model == "mclp" and question.cover_times == 1 and question.open_probability is None
    if not plan.found or not plain or question.decay or question.radius is None or plan.objective is None:
        raise InputError(
            Fault(
                "only a plan of plain maximal covering with a radius can be explained",
                problem_zh="只有“覆盖的人最多”的方案才能逐个说明理由",
            )
        )
    matrix = reach(problem.cost, question.radius).tocsc()
    is_open = np.zeros(problem.shape[1], dtype=np.int64)
    is_open[plan.open_positions] = 1
    count = matrix @ is_open
    closed = np.flatnonzero(problem.candidates & (is_open == 0))
    swaps = Swaps(problem, plan)
    reasons = []
    for position in plan.new_positions.tolist():
        points = matrix.indices[matrix.indptr[position] : matrix.indptr[position + 1]]
        alone = np.sort(points[count[points] == 1])
        marginal = float(problem.demand[alone].sum())
        uncovered = np.where(count == 0, problem.demand, 0.0)
        uncovered[alone] = problem.demand[alone]
        gains = np.where(swaps.allowed(position, closed), uncovered @ matrix[:, closed], -np.inf)
        best = int(np.argmax(gains)) if np.isfinite(gains).any() else -1
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
                else without_site(
                    problem,
                    problem.site_ids[position],
                    objective=plan.objective,
                    bound=plan.objective if plan.bound is None else plan.bound,
                    within=within,
                    time_limit_s=time_limit_s,
                    warm=plan,
                    cancel=cancel,
                    **_parameters(question),
                ).always,
            )
        )
    return reasons


def without_site(
    problem: SitingProblem,
    site: Any,
    *,
    objective: float,
    bound: float,
    within: float = 0.005,
    time_limit_s: float | None = 10.0,
    cancel: Callable[[], bool] | None = None,
    warm: SitingPlan | None = None,
    **question: Any,
) -> WithoutSite:
    """Compare a plan of maximal covering with the best plan that does without one of its sites.

    Parameters
    ----------
    problem : SitingProblem
        The problem the plan answers.
    site : object
        Id of the site.
    objective, bound : float
        The plan's objective, and what no plan exceeds.
    within : float
        How much worse than the best, as a share, a near-best plan may be.
    time_limit_s : float, optional
        Limit of the search.
    cancel, warm
        As for :meth:`SitingProblem.solve`.
    **question
        What the plan answers: ``p`` or ``budget``, ``radius``, ``cover_times``, …

    Returns
    -------
    WithoutSite
        Whether every near-best plan has the site, and what the best one found without it covers less.

    Raises
    ------
    InputError
        If the site is none of the problem's.
    """
    log = FaultLog()
    position = positions([site], problem.site_ids, "site", log)
    log.raise_if_any()
    if problem.required[position].all():
        return WithoutSite(site, True, None, False)
    other = problem.with_sites(reject=[site]).solve(
        "mclp", time_limit_s=time_limit_s, cancel=cancel, warm=warm, **question
    )
    if other.status == "infeasible":  # nothing takes its place under the planner's rules
        return WithoutSite(site, True, None, False)
    always: bool | None = None
    if other.objective is not None and other.objective >= bound * (1.0 - within):
        always = False
    elif other.bound is not None and other.bound < objective * (1.0 - within):
        always = True
    loss = None if other.objective is None else max(0.0, objective - other.objective)
    proven = other.status == "optimal" and bound - objective <= _PROVEN * max(1.0, abs(objective))
    return WithoutSite(site, always, loss, loss is not None and proven)


def _parameters(question: Question) -> dict[str, Any]:
    """Return what a question asks beside its model, so that the same can be asked of another problem."""
    asked = {field.name: (getattr(question, field.name), field.default) for field in fields(Question)}
    return {name: value for name, (value, default) in asked.items() if name != "model" and value != default}
