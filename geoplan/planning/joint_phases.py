"""The best phasing over all years together: one model in which every year's network contains the last year's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.planning.phases import Phase, PhasedPlan
from geoplan.siting.control import Control, Progress
from geoplan.siting.cover import CoverRows, settle
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.covering.mclp import gain_rows
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import solve_milp
from geoplan.siting.plan import SitingPlan
from geoplan.siting.presolve import Settled, settle_sites
from geoplan.siting.problem import SitingProblem
from geoplan.siting.question import Question

__all__ = ["JointPhases", "solve_phases_jointly"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class JointPhases:
    """A phased plan with its proof.

    Parameters
    ----------
    phased : PhasedPlan or None
        The years; None where no plan was found.
    status : {"optimal", "feasible", "infeasible", "no_solution_found"}
        Of the whole phasing: ``optimal`` only if no other phasing covers more, all years weighed together.
    objective, bound : float or None
        Weighted sum of the years' covered demand, and what no phasing exceeds.
    """

    phased: PhasedPlan | None
    status: str
    objective: float | None
    bound: float | None


def solve_phases_jointly(
    problem: SitingProblem,
    *,
    new_per_year: Sequence[int] | None = None,
    yearly_budgets: Sequence[float] | None = None,
    weights: Sequence[float] | None = None,
    radius: float | None = None,
    time_limit_s: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> JointPhases:
    """Plan a maximal covering over several years at once.

    Parameters
    ----------
    problem : SitingProblem
        The problem. Upper limits among its rules hold in every year, quotas from below and coverage floors in the last.
    new_per_year : sequence of int, optional
        New sites of each year, exactly.
    yearly_budgets : sequence of float, optional
        Money of each year instead, spent on ``site_cost``; what a year leaves goes to the next.
    weights : sequence of float, optional
        What a worker covered is worth in each year; 1 without it.
    radius : float, optional
        As for :meth:`SitingProblem.solve`.
    time_limit_s : float, optional
        Limit of the joint model; the comparison of each year is limited alike.
    progress, cancel : callable, optional
        As for :meth:`SitingProblem.solve`.

    Returns
    -------
    JointPhases
        The years beside the best plan of each year alone.
    """
    given = new_per_year if yearly_budgets is None else yearly_budgets
    if (new_per_year is None) == (yearly_budgets is None) or not given or min(given) < 0:
        raise InputError(
            Fault(
                "the years have no numbers",
                "give new_per_year or yearly_budgets: one number of 0 or more for each year",
                problem_zh="没有各年的数量或预算",
                todo_zh="请给每年填一个不小于 0 的数",
            )
        )
    worth = np.ones(len(given)) if weights is None else np.asarray(weights, np.float64)
    if len(worth) != len(given) or not (worth > 0).all():
        raise InputError(
            Fault(
                "weights needs one positive number for each year",
                problem_zh="各年的权重不对",
                todo_zh="请给每年填一个大于 0 的数",
            )
        )
    limit = problem.cost_limit if radius is None else radius
    totals = np.cumsum(np.asarray(given, np.float64))
    key = "p" if yearly_budgets is None else "budget"
    asked: list[dict[str, Any]] = [{key: int(total) if key == "p" else float(total)} for total in totals]
    question = Question("mclp", radius=limit, **asked[-1])
    # one plan of the last year checks the question, and gives the walk backwards its start
    alone = [problem.solve("mclp", radius=radius, time_limit_s=time_limit_s, **year) for year in asked]
    if alone[-1].status == "infeasible":
        return JointPhases(None, "infeasible", None, None)
    settled = settle_sites(problem, question)
    rows, _ = settle(gain_rows(problem, question), settled.opened, settled.free_mask)
    blocks, sites = _program(problem, settled, rows, question, totals, worth)
    control = Control(time_limit_s=time_limit_s, progress=progress, cancel=cancel)
    start = _start(problem, settled, rows, asked, alone[-1], radius, len(totals), time_limit_s)
    answer = solve_milp(blocks.model(maximise=True, offset=float(worth.sum()) * rows.base), control, start)
    if answer.x is None:
        return JointPhases(None, answer.status, None, answer.bound)
    phases = []
    for year, total, best in zip(sites, totals, alone, strict=True):
        chosen = np.zeros(problem.shape[1], dtype=bool)
        chosen[settled.free[answer.x[year] > 0.5]] = True
        chosen |= settled.opened & problem.candidates
        plan = problem.with_sites(reject=problem.candidates & ~chosen).solve("mclp", p=int(chosen.sum()), radius=radius)
        price = None if best.objective is None or plan.objective is None else best.objective - plan.objective
        phases.append(Phase(int(total) if key == "p" else len(plan.sites), plan, best, price))
    return JointPhases(PhasedPlan(tuple(phases)), answer.status, answer.objective, answer.bound)


def _program(
    problem: SitingProblem, settled: Settled, rows: CoverRows, question: Question, totals: Float, worth: Float
) -> tuple[Blocks, list[Int]]:
    """Return the program: for each year its sites, then its gains; sites stay open once they are."""
    blocks = Blocks()
    cost = problem.site_cost[settled.free]
    spent = float(problem.site_cost[settled.opened & problem.candidates].sum())
    held = int((settled.opened & problem.candidates).sum())
    sites: list[Int] = []
    for total, value in zip(totals, worth, strict=True):
        open_now = blocks.columns(np.zeros(rows.n_columns), integer=True)
        covered = blocks.rows(-np.inf, 0.0, rows.n_rows)
        blocks.entries(covered, blocks.columns(value * rows.gains[0]), 1.0)
        blocks.entries(np.repeat(covered, np.diff(rows.row_ptr)), open_now[rows.row_cols], -1.0)
        if question.p is not None:
            blocks.entries(blocks.rows(total - held, total - held, 1), open_now, 1.0)
        else:
            blocks.entries(blocks.rows(-np.inf, total - spent, 1), open_now, cost)
        if sites:
            kept = blocks.rows(0.0, np.inf, rows.n_columns)
            blocks.entries(kept, open_now, 1.0)
            blocks.entries(kept, sites[-1], -1.0)
        sites.append(open_now)
    add_site_rows(blocks, settled.rows, sites[-1])
    add_floors(blocks, floor_rows(problem, settled, question.radius), sites[-1])
    return blocks, sites


def _start(
    problem: SitingProblem,
    settled: Settled,
    rows: CoverRows,
    asked: list[dict[str, Any]],
    last: SitingPlan,
    radius: float | None,
    years: int,
    time_limit_s: float | None,
) -> Float | None:
    """Return the columns of the plan that goes from the last year backwards, where there is one and no floors."""
    if last.objective is None or problem.floors:
        return None
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    parts: list[Float] = []
    plan = last
    for year in range(years - 1, -1, -1):
        if year < years - 1:
            kept = np.zeros(problem.shape[1], dtype=bool)
            kept[plan.new_positions] = True
            part = problem.with_sites(reject=problem.candidates & ~kept)
            plan = part.solve("mclp", radius=radius, time_limit_s=time_limit_s, **asked[year])
            if plan.objective is None:
                return None
        opened = np.isin(settled.free, plan.new_positions)
        covered = np.bincount(row[opened[rows.row_cols]], minlength=rows.n_rows) > 0
        parts.insert(0, np.concatenate((opened, covered)).astype(np.float64))
    return np.concatenate(parts)
