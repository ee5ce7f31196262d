"""The near-best job: whether a site of a plan stands in every plan about as good, and what it costs without it."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from geoplan.errors import Fault, InputError
from geoplan.planning import City, PlanQuestion, Run, resolve, without_site
from geoplan.planning.plan_answer import NEAR_BEST, start_subject
from geoplan.planning.problem import parameters, plan_problem, plan_rows
from geoplan_api.asking import FORMS
from geoplan_api.jobs.store import JobStore

__all__ = ["NearBestQuestion", "solve_near_best"]

_SOLVE_S: Final = 10.0


class NearBestQuestion(BaseModel):
    """Which site of which plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: str = Field(max_length=40, description="A finished siting job of the model mclp, not of years together")
    site: str = Field(max_length=100, description="One of its new sites")


def solve_near_best(city: City, jobs: JobStore, params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Look for the best plan without one site.

    Parameters
    ----------
    city : City
        The city as the register has it now.
    jobs : JobStore
        Where the plan is.
    params : dict
        Fields of :class:`NearBestQuestion`.
    run : Run
        Progress, cancellation, plans found before.

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
        raise _refused(
            "there is no finished plan with this id", "run the plan again", "没有这个已算好的方案", "请重新计算方案"
        )
    question = _question(answer)
    if question.model != "mclp" or question.jointly or question.scenarios or question.pareto:
        raise _refused(
            "near-best plans are compared for the model mclp, not for years planned together or several scenarios",
            "",
            "只有“覆盖的人最多”、且各年不是一起优化、也不兼顾多个时段的方案，才能与近优方案比较",
            "",
        )
    if answer["subject"].get("data_version") != city.version:
        raise _refused(
            "the register has changed since this plan was made",
            "run the plan again",
            "方案算好之后，台账有了变化",
            "请重新计算方案",
        )
    if asked.site not in answer["facts"]["sites"]:
        raise _refused(f"the plan has no new site {asked.site!r}", "", f"方案里没有新站点 {asked.site}", "")
    question = resolve(city.pack, question)
    run.check("comparing with plans without it")
    problem, _ = plan_problem(city, question, plan_rows(city, question))
    told = without_site(
        problem,
        asked.site,
        objective=float(answer["certificate"]["objective"]),
        bound=float(answer["certificate"]["bound"]),
        within=NEAR_BEST,
        time_limit_s=_SOLVE_S,
        cancel=run.stop,
        warm=None if run.earlier is None else run.earlier.get(start_subject(city, question)),
        **parameters(question),
    )
    return {
        "site": asked.site,
        "within": NEAR_BEST,
        "always": told.always,
        "loss": told.loss,
        "loss_proven": told.loss_proven,
    }


def _question(answer: dict[str, Any]) -> PlanQuestion:
    """Return the question of a plan as it was answered: also of the day that was today then."""
    form = FORMS["siting"]
    known = {one.name for one in form.declared}
    question: PlanQuestion = form.read({name: value for name, value in answer["question"].items() if name in known})
    return question


def _refused(problem: str, todo: str, problem_zh: str, todo_zh: str) -> InputError:
    return InputError(Fault(problem, todo, problem_zh=problem_zh, todo_zh=todo_zh))
