"""Backup coverage: demand reached by a second open site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault
from geoplan.siting.control import Control
from geoplan.siting.cover import from_reach, reach, select_columns, settle
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.covering.k_cover import rising_plan, solve_cross
from geoplan.siting.covering.maximise import Limits, best_cover
from geoplan.siting.covering.mclp import solve_gains
from geoplan.siting.floors import FloorRows, floor_rows
from geoplan.siting.presolve import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_backup"]

Int = npt.NDArray[np.int64]


def solve_backup(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Backup coverage (Hogan, ReVelle 1986): BACOP1, all covered and most covered twice; BACOP2, both weighed.

    Second coverage counts wherever two open sites reach a point; a point that one site alone can reach never has it.
    """
    assert question.radius is not None
    if question.model == "bacop1":
        return _all_once(problem, question, control, seed)
    if question.backup_weight <= 0.5:
        # a second site then never earns more than the first: a maximal covering of two levels
        shares = np.array([1.0 - question.backup_weight, question.backup_weight])
        rows = from_reach(reach(problem.cost, question.radius), shares[:, None] * problem.demand)
        return solve_gains(problem, question, rows, control, seed, warm)
    if question.backup_weight == 1.0:
        return solve_cross(problem, replace(question, cover_times=2), control, seed, warm)
    return _second_first(problem, question, control, seed)


def _all_once(problem: ProblemData, question: Question, control: Control, seed: int) -> Found:
    """Cover everyone, and most a second time: of first and second covers together the first are known, all of them."""
    assert question.radius is not None
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    rows, _ = settle(from_reach(matrix, np.tile(problem.demand, (2, 1))), settled.opened, settled.free_mask)
    first = float(problem.demand.sum())
    new = matrix @ settled.opened.astype(np.int64) == 0
    floors = floor_rows(problem, settled, question.radius)
    if new.any():
        inner = select_columns(matrix, new, settled.free)
        ones = np.ones(inner.shape[0])
        fault = Fault("every demand point covered", problem_zh="覆盖全部需求点")
        floors = (*floors, FloorRows(fault, inner, ones, ones.astype(np.int64), 0.0))
    limits = Limits(settled.rows, floors, settled.p, settled.price[settled.free], settled.budget)
    shifted = replace(rows, base=rows.base - first)
    answer = best_cover(shifted, limits, control, seed)
    if answer.opened is None:
        return Found(None, None, answer.bound, infeasible=answer.infeasible)
    return Found(opened_by(settled, problem, np.flatnonzero(answer.opened)), answer.objective, answer.bound)


def _second_first(problem: ProblemData, question: Question, control: Control, seed: int) -> Found:
    """Weigh second coverage above first: gains rise, which takes whole columns of a program."""
    assert question.radius is not None
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    shares = np.array([1.0 - question.backup_weight, question.backup_weight])
    rows, _ = settle(from_reach(matrix, shares[:, None] * problem.demand), settled.opened, settled.free_mask)
    floors = floor_rows(problem, settled, question.radius)
    first, second = rows.gains
    # where the second site earns more, both earn their mean: never less in sum, and falling
    mean = 0.5 * (first + second)
    even = replace(rows, gains=np.where(second > first, np.stack((mean, mean)), rows.gains))
    start, bound = rising_plan(even, rows, settled, control, seed) if rows.n_rows else (None, np.inf)

    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    # Once <= 1, twice <= once, once + twice <= open sites that reach the row.
    once = blocks.columns(first)
    # Halves of both would gain where the second cover is worth more than the first: it must be whole.
    twice = blocks.columns(second, integer=True)
    order = blocks.rows(-np.inf, 0.0, rows.n_rows)
    blocks.entries(order, twice, 1.0)
    blocks.entries(order, once, -1.0)
    reached = blocks.rows(-np.inf, 0.0, rows.n_rows)
    blocks.entries(reached, once, 1.0)
    blocks.entries(reached, twice, 1.0)
    blocks.csr_entries(reached, rows.matrix, sites, -1.0)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floors, sites)
    known = None
    if start is not None and not floors:
        control.report(best=rows.value(start), bound=bound)
        count = rows.matrix @ start.astype(np.int64)
        known = np.concatenate((start, count >= 1, count >= 2)).astype(np.float64)
    model = blocks.model(maximise=True, offset=rows.base)
    answer = solve_kept(model, sites, settled.rows, floors, control, known, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    proven = bound if answer.bound is None else min(answer.bound, bound)
    return Found(opened_by(settled, problem, np.flatnonzero(answer.x[sites] > 0.5)), answer.objective, proven)
