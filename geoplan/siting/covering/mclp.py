"""MCLP and its kin: open new sites so that most demand is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, reach, settle
from geoplan.siting.covering.k_cover import solve_cross
from geoplan.siting.covering.maximise import Limits, best_cover
from geoplan.siting.floors import floor_rows
from geoplan.siting.presolve import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["gain_rows", "solve_gains", "solve_mclp"]

Int = npt.NDArray[np.int64]


def gain_rows(problem: ProblemData, question: Question) -> CoverRows:
    """Return the rows of a plain, gradual or expected maximal covering over all sites."""
    demand = problem.demand
    if question.decay:
        shares = np.array([share for _, share in question.decay])
        falls = shares - np.append(shares[1:], 0.0)
        steps = [reach(problem.cost, cost) for cost, _ in question.decay]
        gains = np.concatenate([demand * fall for fall in falls])
        return from_reach(sparse.vstack(steps, format="csr"), gains[None, :])
    assert question.radius is not None
    matrix = reach(problem.cost, question.radius)
    if question.open_probability is None:
        return from_reach(matrix, demand[None, :])
    levels = max(1, int(np.diff(matrix.indptr).max(initial=1)))
    missed = (1.0 - question.open_probability) ** np.arange(levels)
    return from_reach(matrix, demand[None, :] * (question.open_probability * missed)[:, None])


def solve_mclp(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Solve maximal covering (Church and ReVelle 1974): plain, gradual, expected, or at least ``cover_times`` fold."""
    if question.cover_times > 1:
        return solve_cross(problem, question, control, seed, warm)
    return solve_gains(problem, question, gain_rows(problem, question), control, seed, warm)


def solve_gains(
    problem: ProblemData, question: Question, rows: CoverRows, control: Control, seed: int, warm: Int | None
) -> Found:
    """Solve a covering problem given as rows over all sites, under the problem's rules."""
    settled = settle_sites(problem, question)
    free_rows, _ = settle(rows, settled.opened, settled.free_mask)
    limits = Limits(
        rules=settled.rows,
        floors=floor_rows(problem, settled, question.radius),
        p=settled.p,
        cost=settled.price[settled.free],
        budget=settled.budget,
    )
    start = None if warm is None else np.isin(settled.free, warm)
    answer = best_cover(free_rows, limits, control, seed, start)
    if answer.opened is None:
        return Found(None, None, answer.bound, infeasible=answer.infeasible)
    return Found(opened_by(settled, problem, np.flatnonzero(answer.opened)), answer.objective, answer.bound)
