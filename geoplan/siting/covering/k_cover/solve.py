"""Cross coverage: most demand that at least ``cover_times`` open sites reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, merge, reach, select_columns
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.covering.k_cover.start import rising_plan
from geoplan.siting.floors import floor_rows
from geoplan.siting.presolve import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_cross"]

Int = npt.NDArray[np.int64]


def solve_cross(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Maximise the demand that at least ``cover_times`` open sites reach.

    The gain of the last site needed exceeds that of the ones before it, so this is no covering by falling gains. Were
    the gain of a point spread evenly over the sites it misses, it would be one: that gives a first plan, the direction
    for two walks of simulated annealing, and a bound. HiGHS then takes ``missing * covered <= sum of open sites``.
    """
    del warm
    assert question.radius is not None
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    already = matrix @ settled.opened.astype(np.int64)
    missing = np.maximum(question.cover_times - already, 0)
    inner = select_columns(matrix, np.ones(problem.shape[0], dtype=bool), settled.free)
    able = (missing > 0) & (np.diff(inner.indptr) >= missing) & (problem.demand > 0)
    base = float(problem.demand[missing == 0].sum())
    # one level of gains for each number of sites missed: merged points miss the same and are reached by the same
    weights = np.where(missing[able] == 1 + np.arange(question.cover_times)[:, None], problem.demand[able], 0.0)
    rows, _ = merge(from_reach(inner[able], weights))
    even, true = _gains(rows, even=True), _gains(rows, even=False)
    floors = floor_rows(problem, settled, question.radius)
    start, bound = rising_plan(even, true, settled, control, seed) if rows.n_rows else (None, np.inf)
    if start is not None:
        control.report(best=base + true.value(start), bound=base + bound)

    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    columns = []
    for missed, weight in enumerate(rows.gains, start=1):
        some = np.flatnonzero(weight)
        points = blocks.columns(weight[some], integer=True)
        cover = blocks.rows(-np.inf, 0.0, len(points))
        blocks.entries(cover, points, float(missed))
        blocks.csr_entries(cover, rows.matrix[some], sites, -1.0)
        columns.append((missed, rows.matrix[some]))
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floors, sites)
    model = blocks.model(maximise=True, offset=base)
    first = None
    if start is not None and not floors:
        covered = [(points @ start.astype(np.int64)) >= missed for missed, points in columns]
        first = np.concatenate((start, *covered)).astype(np.float64)
    answer = solve_kept(model, sites, settled.rows, floors, control, first, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    known = base + bound if answer.bound is None else min(answer.bound, base + bound)
    chosen = np.flatnonzero(answer.x[sites] > 0.5)
    return Found(opened_by(settled, problem, chosen), answer.objective, known)


def _gains(rows: CoverRows, *, even: bool) -> CoverRows:
    """Return the rows with what each further open site earns: all with the last one missed, or the same with each."""
    gains = np.zeros_like(rows.gains)
    for missed, weight in enumerate(rows.gains, start=1):
        if even:
            gains[:missed] += weight / missed
        else:
            gains[missed - 1] += weight
    return CoverRows(rows.row_ptr, rows.row_cols, np.ascontiguousarray(gains), rows.n_columns)
