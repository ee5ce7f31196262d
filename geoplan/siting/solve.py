"""From a question to a plan: one table of model families, one path that checks, solves, certifies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.siting.assignment import served
from geoplan.siting.capacity import solve_capacitated
from geoplan.siting.center import solve_pcenter
from geoplan.siting.certificate import broken_rules, recomputed_objective
from geoplan.siting.control import Control, Progress, relative_gap, uncounted_compilation
from geoplan.siting.counting import in_whole_numbers
from geoplan.siting.covering import solve_backup, solve_mclp, solve_set_cover
from geoplan.siting.exact import proof_tolerance
from geoplan.siting.feasibility import conflicting_rules, unmet_requirements
from geoplan.siting.formulate import solve_formulation
from geoplan.siting.median import solve_pmedian
from geoplan.siting.plan import Certificate, SitingPlan, Status
from geoplan.siting.question import MODELS, Question, check_question

if TYPE_CHECKING:
    from geoplan.siting.presolve import Found
    from geoplan.siting.problem_data import ProblemData

__all__ = ["solve_problem"]


Int = npt.NDArray[np.int64]


class Solver(Protocol):
    """What every model family offers."""

    def __call__(
        self, problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None
    ) -> Found:
        """Return the best new sites with a proven bound."""


SOLVERS: Final[dict[str, Solver]] = {
    "mclp": solve_mclp,
    "lscp": solve_set_cover,
    "pscp": solve_set_cover,
    "bacop1": solve_backup,
    "bacop2": solve_backup,
    "pmedian": solve_pmedian,
    "pcenter": solve_pcenter,
    "cmclp": solve_capacitated,
    "cpmedian": solve_capacitated,
    "cflp": solve_capacitated,
}


def solve_problem(
    problem: ProblemData,
    model: str,
    parameters: Mapping[str, Any],
    *,
    time_limit_s: float | None,
    stop_gap: float,
    seed: int,
    progress: Callable[[Progress], object] | None,
    cancel: Callable[[], bool] | None,
    warm: SitingPlan | None,
) -> SitingPlan:
    """Solve one question; see :meth:`geoplan.siting.SitingProblem.solve`."""
    question = ask(problem, model, parameters)
    control = Control(time_limit_s, progress, cancel, stop_gap, MODELS[model].maximise)
    reasons = unmet_requirements(problem, question)
    if reasons:
        return _no_plan(problem, question, control, "infeasible", None, reasons)
    start = None if warm is None else warm.open_positions
    with uncounted_compilation(control):
        whole, asked, control.per_unit = in_whole_numbers(problem, question)
        found = SOLVERS[model](whole, asked, control, seed, start).divided(control.per_unit)
        answer = _answer(problem, question, control, found)
        if _falls_short(answer) and not control.stop():
            # The fast path has no sound plan and was not stopped: the reference program decides.
            found = solve_formulation(whole, asked, control, seed).divided(control.per_unit)
            answer = _answer(problem, question, control, found)
    return answer


def _answer(problem: ProblemData, question: Question, control: Control, found: Found) -> SitingPlan:
    if found.infeasible:
        return _no_plan(problem, question, control, "infeasible", None, conflicting_rules(problem, question))
    if found.new is None:
        return _no_plan(problem, question, control, "no_solution_found", found.bound, ())
    return _plan(problem, question, control, found)


def _falls_short(answer: SitingPlan) -> bool:
    return answer.status == "no_solution_found" or bool(answer.certificate.violations)


def ask(problem: ProblemData, model: str, parameters: Mapping[str, Any]) -> Question:
    """Return the checked question, with the problem's cost limit as the default radius."""
    known = {field.name for field in fields(Question)}
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise InputError(f"unknown parameters {unknown}; known are {sorted(known - {'model'})}")
    given = dict(parameters)
    spec = MODELS.get(model)
    takes_radius = spec is not None and ("radius" in spec.needs or ("radius" in spec.takes and bool(problem.floors)))
    if takes_radius and given.get("radius") is None and not given.get("decay"):
        given["radius"] = problem.cost_limit
    if given.get("decay"):
        given["decay"] = tuple((float(cost), float(share)) for cost, share in given["decay"])
    question = Question(model, **given)
    check_question(question)
    _check_fit(problem, question)
    return question


def _check_fit(problem: ProblemData, question: Question) -> None:
    spec = MODELS[question.model]
    if question.radius is not None and "radius" not in spec.needs and not problem.floors:
        raise InputError(
            Fault(
                f"model {question.model!r} serves everybody at any distance, so a radius changes nothing",
                "give distance_cap=… to limit how far a site serves, or coverage floors that the radius counts for",
                field="radius",
                problem_zh=f"模型 {question.model} 服务全部需求点，服务半径不起作用",
                todo_zh="请用 distance_cap 限定最远距离，或给出按该半径计算的最低覆盖率",
            )
        )
    furthest = max([question.radius or 0.0, question.distance_cap or 0.0, *(cost for cost, _ in question.decay)])
    if problem.cost_limit is not None and furthest > problem.cost_limit:
        raise InputError(
            Fault(
                f"a radius of {furthest:g} lies beyond {problem.cost_limit:g}, the limit of the search that made the"
                " costs",
                "search again with a larger limit",
                problem_zh=f"半径 {furthest:g} 超出了出行搜索的上限 {problem.cost_limit:g}",
                todo_zh="请用更大的上限重新搜索",
            )
        )
    if problem.floors and question.radius is None:
        raise InputError(
            Fault(
                "coverage floors need a radius",
                "give radius=…",
                problem_zh="最低覆盖率要求需要服务半径",
                todo_zh="请给出半径",
            )
        )
    if question.model in ("cmclp", "cpmedian") and problem.capacity is None:
        raise InputError(
            Fault(
                f"model {question.model!r} needs capacities",
                "give capacity=… when building the problem",
                problem_zh=f"模型 {question.model} 需要站点的容量",
                todo_zh="请给出每个站点能服务的人数",
            )
        )


def _plan(problem: ProblemData, question: Question, control: Control, found: Found) -> SitingPlan:
    assert found.new is not None
    opened = np.sort(np.concatenate((np.flatnonzero(problem.existing), found.new))).astype(np.int64)
    objective = recomputed_objective(problem, question, opened, found.allocation)
    violations = broken_rules(problem, question, opened, found.allocation)
    tolerance = proof_tolerance(objective)
    # How much better the bound is than the plan, in the direction of the objective.
    room = math.inf if found.bound is None else (found.bound - objective) * (1.0 if control.maximise else -1.0)
    if room < -tolerance:
        violations = (*violations, f"the bound {found.bound} is worse than the objective {objective}")
    bound = objective if abs(room) <= tolerance else found.bound
    status: Status = "optimal" if abs(room) <= tolerance and not violations else "feasible"
    gap = relative_gap(objective, bound)
    assignment, coverage = served(problem, question, opened, found.allocation)
    return SitingPlan(
        question=question,
        status=status,
        objective=objective,
        bound=bound,
        gap=gap,
        certificate=Certificate(objective, found.objective, bound, gap, status, violations),
        solve_s=control.elapsed_s,
        stopped="" if status == "optimal" else control.stopped,
        sites=problem.site_ids[found.new],
        new_positions=found.new.astype(np.int64),
        open_positions=opened,
        assignment=assignment,
        coverage=coverage,
        allocation=found.allocation,
    )


def _no_plan(
    problem: ProblemData,
    question: Question,
    control: Control,
    status: Status,
    bound: float | None,
    reasons: tuple[Fault, ...],
) -> SitingPlan:
    nowhere = np.zeros(0, dtype=np.int64)
    return SitingPlan(
        question=question,
        status=status,
        objective=None,
        bound=bound,
        gap=math.inf,
        certificate=Certificate(None, None, bound, math.inf, status, ()),
        solve_s=control.elapsed_s,
        stopped=control.stopped,
        sites=problem.site_ids[nowhere],
        new_positions=nowhere,
        open_positions=np.flatnonzero(problem.existing).astype(np.int64),
        assignment=np.full(problem.shape[0], -1, dtype=np.int64),
        coverage=np.zeros(problem.shape[0]),
        reasons=reasons,
    )
