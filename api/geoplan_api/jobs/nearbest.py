"""The near-best job: whether a site of a plan stands in every plan about as good, and what it costs without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from geoplan.errors import InputError
from geoplan_api.analyst import Analyst
from geoplan_api.jobs.siting import Earlier, SitingQuestion, asked_problem, parameters
from geoplan_api.jobs.store import JobStore
from geoplan_api.stations import StationSnapshot

__all__ = ["NearBestQuestion", "solve_near_best"]

_WITHIN: Final = 0.005
_SOLVE_S: Final = 10.0


class NearBestQuestion(BaseModel):
    """Which site of which plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: str = Field(max_length=40, description="A finished siting job of the model mclp, not of years together")
    site: str = Field(max_length=100, description="One of its new sites")


def solve_near_best(
    analyst: Analyst,
    stations: StationSnapshot,
    jobs: JobStore,
    params: dict[str, Any],
    report: Callable[..., None],
    should_stop: Callable[[], bool],
    earlier: Earlier,
) -> dict[str, Any]:
    """Look for the best plan without one site; arguments as in :func:`geoplan_api.jobs.siting.solve_siting`.

    Returns
    -------
    dict
        ``site``; ``within``, the share by which a near-best plan may be worse; ``always``, whether every near-best plan
        has the site (None where the bounds leave it open); ``loss``, what the best plan found without it covers less,
        and ``loss_proven``.
    """
    asked = NearBestQuestion.model_validate(params)
    job, answer = jobs.get(asked.job_id), jobs.answer(asked.job_id)
    if job is None or job.kind != "siting" or answer is None or answer["after"] is None:
        raise InputError("there is no finished plan with this id; run the plan again")
    question = SitingQuestion.model_validate(job.params)
    if question.model != "mclp" or question.jointly:
        raise InputError("near-best plans are compared for the model mclp, not for years planned together")
    if answer.get("register_version") != stations.version:
        raise InputError("the register has changed since this plan was made; run the plan again")
    if asked.site not in answer["facts"]["sites"]:
        raise InputError(f"the plan has no new site {asked.site!r}")
    objective, bound = float(answer["certificate"]["objective"]), float(answer["certificate"]["bound"])
    report(step="comparing with plans without it")
    _, problem = asked_problem(analyst, stations, question, report)
    unsaid = {"site": asked.site, "within": _WITHIN, "loss": None, "loss_proven": False}
    if asked.site in question.force:
        return {**unsaid, "always": True}
    other = problem.with_sites(reject=[asked.site]).solve(
        "mclp",
        time_limit_s=_SOLVE_S,
        cancel=should_stop,
        warm=earlier.get((stations.version, *question.subject)),
        **parameters(question),
    )
    if other.status == "infeasible":  # nothing takes its place under the planner's rules
        return {**unsaid, "always": True}
    always: bool | None = None
    if other.objective is not None and other.objective >= bound * (1.0 - _WITHIN):
        always = False
    elif other.bound is not None and other.bound < objective * (1.0 - _WITHIN):
        always = True
    return {
        **unsaid,
        "always": always,
        "loss": None if other.objective is None else max(0.0, objective - other.objective),
        "loss_proven": other.status == "optimal" and answer["certificate"]["status"] == "optimal",
    }
