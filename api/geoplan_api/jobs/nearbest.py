"""The near-best job: whether a site of a plan stands in every plan about as good, and what it costs without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from geoplan.errors import Fault, InputError
from geoplan.planning import without_site
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.jobs.question import SitingQuestion, parameters
from geoplan_api.jobs.siting import Earlier, asked_problem
from geoplan_api.jobs.store import JobStore

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
        raise InputError(
            Fault(
                "there is no finished plan with this id",
                "run the plan again",
                problem_zh="没有这个已算好的方案",
                todo_zh="请重新计算方案",
            )
        )
    question = SitingQuestion.model_validate(job.params)
    if question.model != "mclp" or question.jointly:
        raise InputError(
            Fault(
                "near-best plans are compared for the model mclp, not for years planned together",
                problem_zh="只有“覆盖的人最多”、且各年不是一起优化的方案，才能与近优方案比较",
            )
        )
    if answer.get("register_version") != stations.version:
        raise InputError(
            Fault(
                "the register has changed since this plan was made",
                "run the plan again",
                problem_zh="方案算好之后，台账有了变化",
                todo_zh="请重新计算方案",
            )
        )
    if asked.site not in answer["facts"]["sites"]:
        raise InputError(
            Fault(
                f"the plan has no new site {asked.site!r}",
                problem_zh=f"方案里没有新站点 {asked.site}",
            )
        )
    report(step="comparing with plans without it")
    _, problem = asked_problem(analyst, stations, question, report)
    told = without_site(
        problem,
        asked.site,
        objective=float(answer["certificate"]["objective"]),
        bound=float(answer["certificate"]["bound"]),
        within=_WITHIN,
        time_limit_s=_SOLVE_S,
        cancel=should_stop,
        warm=earlier.get((stations.version, *question.subject)),
        **parameters(question),
    )
    return {
        "site": asked.site,
        "within": _WITHIN,
        "always": told.always,
        "loss": told.loss,
        "loss_proven": told.loss_proven,
    }
