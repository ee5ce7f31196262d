"""Cross coverage: most demand that at least ``cover_times`` open sites reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import reach, select_columns
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import solve_milp
from geoplan.siting.settled import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_cross"]

Int = npt.NDArray[np.int64]


def solve_cross(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Maximise the demand that at least ``cover_times`` open sites reach.

    The gain of the last site needed exceeds that of the ones before it, so this is no covering by falling gains; it
    goes to HiGHS as ``missing * covered <= sum of open sites``, with points grouped by what they still miss.
    """
    del warm  # HiGHS starts from its own heuristics
    assert question.radius is not None
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    already = matrix @ settled.opened.astype(np.int64)
    missing = question.cover_times - already
    inner = select_columns(matrix, np.ones(problem.shape[0], dtype=bool), settled.free)
    able = (missing > 0) & (np.diff(inner.indptr) >= missing) & (problem.demand > 0)
    base = float(problem.demand[missing <= 0].sum())
    inner, missing = inner[able], missing[able]
    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    points = blocks.columns(problem.demand[able], integer=True)
    cover = blocks.rows(-np.inf, 0.0, len(points))
    blocks.entries(cover, points, missing.astype(np.float64))
    blocks.csr_entries(cover, inner, sites, -1.0)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floor_rows(problem, settled, question.radius), sites)
    answer = solve_milp(blocks.model(maximise=True, offset=base), control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    chosen = np.flatnonzero(answer.x[sites] > 0.5)
    return Found(opened_by(settled, problem, chosen), answer.objective, answer.bound)
