"""Backup coverage: demand reached by a second open site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import from_reach, reach, select_columns
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.covering.mclp import solve_gains
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import solve_milp
from geoplan.siting.settled import Found, opened_by, settle_sites

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
    if question.model == "bacop2" and question.backup_weight <= 0.5:
        # a second site then never earns more than the first: a maximal covering of two levels
        shares = np.array([1.0 - question.backup_weight, question.backup_weight])
        rows = from_reach(reach(problem.cost, question.radius), shares[:, None] * problem.demand)
        return solve_gains(problem, question, rows, control, seed, warm)
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    already = matrix @ settled.opened.astype(np.int64)
    inner = select_columns(matrix, np.ones(problem.shape[0], dtype=bool), settled.free)
    both = question.model == "bacop1"
    first, second = (0.0, 1.0) if both else (1.0 - question.backup_weight, question.backup_weight)
    demand = problem.demand
    base = float(first * demand[already >= 1].sum() + second * demand[already >= 2].sum())
    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    # Points not reached yet: once <= 1, twice <= once, once + twice <= open sites that reach them.
    new = np.flatnonzero(already == 0)
    once = blocks.columns(first * demand[new])
    # Where the second cover is worth more than the first, halves of both would gain: they must be whole.
    twice = blocks.columns(second * demand[new], integer=second > first)
    order = blocks.rows(-np.inf, 0.0, len(new))
    blocks.entries(order, twice, 1.0)
    blocks.entries(order, once, -1.0)
    reached = blocks.rows(-np.inf, 0.0, len(new))
    blocks.entries(reached, once, 1.0)
    blocks.entries(reached, twice, 1.0)
    blocks.csr_entries(reached, inner[new], sites, -1.0)
    if both:
        full = blocks.rows(1.0, np.inf, len(new))
        blocks.csr_entries(full, inner[new], sites, 1.0)
    half = np.flatnonzero(already == 1)
    again = blocks.columns(second * demand[half])
    backed = blocks.rows(-np.inf, 0.0, len(half))
    blocks.entries(backed, again, 1.0)
    blocks.csr_entries(backed, inner[half], sites, -1.0)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floor_rows(problem, settled, question.radius), sites)
    answer = solve_milp(blocks.model(maximise=True, offset=base), control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    return Found(opened_by(settled, problem, np.flatnonzero(answer.x[sites] > 0.5)), answer.objective, answer.bound)
