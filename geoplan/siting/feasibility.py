"""Why no plan exists: the requirement that cannot be met, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault
from geoplan.siting.assignment import reach_count
from geoplan.siting.control import Control
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.exact import ROW_SLACK, SUM_SLACK, may_miss, percents
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import MilpModel, solve_milp
from geoplan.siting.presolve import Settled, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["conflicting_rules", "unmet_requirements"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def unmet_requirements(problem: ProblemData, question: Question) -> tuple[Fault, ...]:
    """Return every requirement that fails on its own, even with all sites open; empty where none does."""
    settled = settle_sites(problem, question)
    faults = list(_unmet_sums(settled))
    usable = np.flatnonzero(settled.opened | problem.candidates)
    faults.extend(_unmet_service(problem, question, usable))
    faults.extend(_unmet_capacity(problem, question, settled))
    faults.extend(_unmet_floors(problem, question, usable))
    return tuple(faults)


def _unmet_sums(settled: Settled) -> list[Fault]:
    """Linear rules over the sites that no choice satisfies."""
    faults = []
    for row in settled.rows:
        least = row.coefficients[row.coefficients < 0].sum()
        most = row.coefficients[row.coefficients > 0].sum()
        text, text_zh = row.requirement.problem, row.requirement.problem_zh
        if most < row.lower - ROW_SLACK:
            faults.append(
                Fault(
                    f"{text}: only {most:g} more are possible where {row.lower:g} are needed",
                    "ask for less or offer more candidates",
                    problem_zh=f"{text_zh}：还需 {row.lower:g}，候选点最多只能提供 {most:g}",
                    todo_zh="请降低要求或增加候选点",
                )
            )
        excess = f"{(least - row.upper) / row.per_unit:,.10g}"
        if least > row.upper + ROW_SLACK:
            faults.append(
                Fault(
                    f"{text}: the required sites alone exceed it by {excess}",
                    "require fewer sites or raise the limit",
                    problem_zh=f"{text_zh}：仅必选站点就超出 {excess}",
                    todo_zh="请减少必选站点或放宽上限",
                )
            )
    return faults


def _unmet_service(problem: ProblemData, question: Question, usable: Int) -> list[Fault]:
    """Demand points that must be served and that no usable site can reach."""
    model = question.model
    if model in ("lscp", "bacop1"):
        limit, times = question.radius, question.cover_times
    elif model in ("pmedian", "pcenter", "cpmedian", "cflp"):
        limit, times = (np.inf if question.distance_cap is None else question.distance_cap), 1
        limit = min(limit, np.finfo(np.float64).max)
    elif model == "pscp":
        return _unmet_share(problem, question, usable)
    else:
        return []
    assert limit is not None
    short = np.flatnonzero(reach_count(problem, usable, limit) < times)
    if not len(short):
        return []
    some = ", ".join(str(point) for point in problem.demand_ids[short[:5]])
    often = "" if times == 1 else f" {times} times"
    often_zh = "没有任何站点可达" if times == 1 else f"不能有 {times} 个站点可达"
    return [
        Fault(
            f"{len(short)} demand points no site can reach{often}: {some}{' …' if len(short) > 5 else ''}",
            "raise the radius, add candidates near them, or ask for partial coverage",
            problem_zh=f"{len(short)} 个需求点{often_zh}：{some}{'…' if len(short) > 5 else ''}",
            todo_zh="请放宽服务半径、在附近增加候选点，或改用部分覆盖",
        )
    ]


def _unmet_capacity(problem: ProblemData, question: Question, settled: Settled) -> list[Fault]:
    """Capacities that do not hold all demand, whichever sites open."""
    if question.model not in ("cpmedian", "cflp") or problem.capacity is None:
        return []
    largest = np.sort(problem.capacity[settled.free])[::-1]
    count = len(largest) if settled.p is None else max(0, settled.p)
    most, need = problem.capacity[settled.opened].sum() + largest[:count].sum(), problem.demand.sum()
    if most >= need * (1 - SUM_SLACK):
        return []
    return [
        Fault(
            f"the sites that may open can serve {most:,.10g} together at most, {need:,.10g} are to be served",
            "open more sites, raise the capacities, or ask for partial coverage",
            problem_zh=f"可开设的站点合计最多只能服务 {most:,.10g}，而需要服务 {need:,.10g}",
            todo_zh="请增加站点、放宽容量，或改用部分覆盖",
        )
    ]


def _unmet_share(problem: ProblemData, question: Question, usable: Int) -> list[Fault]:
    assert question.radius is not None
    assert question.share is not None
    covered = reach_count(problem, usable, question.radius) >= question.cover_times
    texts = _short(problem.demand, covered, question.share)
    if texts is None:
        return []
    asked, reached = texts
    return [
        Fault(
            f"a share of {asked} is asked, all sites together reach {reached}",
            "ask for less, raise the radius or add candidates",
            problem_zh=f"要求覆盖 {asked}，全部站点合计只能覆盖 {reached}",
            todo_zh="请降低要求、放宽半径或增加候选点",
        )
    ]


def _unmet_floors(problem: ProblemData, question: Question, usable: Int) -> list[Fault]:
    faults: list[Fault] = []
    if question.radius is None or not problem.floors:
        return faults
    count = reach_count(problem, usable, question.radius)
    for floor in problem.floors:
        texts = _short(floor.weights, count >= floor.times, floor.share)
        if texts is not None:
            asked, reached = texts
            faults.append(
                Fault(
                    f"{asked} of {floor.label} is asked, all sites together reach {reached}",
                    "ask for less, raise the radius or add candidates",
                    problem_zh=f"{floor.label_zh} 要求 {asked}，全部站点合计只能覆盖 {reached}",
                    todo_zh="请降低要求、放宽半径或增加候选点",
                )
            )
    return faults


def _short(weights: Float, covered: Mask, share: float) -> tuple[str, ...] | None:
    """Return the share asked and the share covered in words, where the one is not met; else None."""
    count, spare = may_miss(weights, share)
    if float(count.values[~covered].sum()) <= spare:
        return None
    return percents(share, float(count.values[covered].sum() / count.values.sum()))


def conflicting_rules(problem: ProblemData, question: Question, limit_s: float = 10.0) -> tuple[Fault, ...]:
    """Return a smallest set of rules that cannot be met together, each one needed for the contradiction.

    Rules are dropped one after another; a rule whose absence leaves the rest contradictory is not part of the reason.
    Where the contradiction does not lie in the rules over sites and floors alone, the model's own demand
    (service, capacity) is named.
    """
    settled = settle_sites(problem, question)
    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floor_rows(problem, settled, question.radius), sites)
    model = blocks.model(maximise=True)
    control = Control(limit_s)
    if not _contradictory(model, control):
        return (_service_conflict(question),)
    needed = list(blocks.requirements)
    for rule in list(needed):
        rest = [other for other in needed if other is not rule]
        if _contradictory(_without(model, blocks, rest), control):
            needed = rest
    names = list(dict.fromkeys(fault.problem for fault, _ in needed))
    names_zh = list(dict.fromkeys(fault.problem_zh for fault, _ in needed))
    return (
        Fault(
            f"these cannot be met together: {'; '.join(names)}",
            "relax one of them",
            problem_zh=f"以下要求不能同时满足：{'；'.join(names_zh)}",
            todo_zh="请放宽其中一项",
        ),
    )


def _service_conflict(question: Question) -> Fault:
    number = f"{question.p} new sites" if question.p is not None else "the given sites and budget"
    return Fault(
        f"no choice of {number} that keeps the rules serves every demand point",
        "open more sites, raise the radius or the capacities, or relax a rule",
        problem_zh="在给定数量、预算与约束下，无法服务全部需求点",
        todo_zh="请增加站点、放宽半径或容量，或放宽约束",
    )


def _contradictory(model: MilpModel, control: Control) -> bool:
    return solve_milp(model, control).status == "infeasible"


def _without(model: MilpModel, blocks: Blocks, kept: list[tuple[Fault, Int]]) -> MilpModel:
    """Return the model with the bounds of every rule that is not kept opened."""
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    for fault, rows in blocks.requirements:
        if not any(fault is other and rows is numbers for other, numbers in kept):
            lower[rows], upper[rows] = -np.inf, np.inf
    return MilpModel(model.cost, model.lower, model.upper, model.integer, model.matrix, lower, upper, model.maximise)
