"""MCLP and its kin: open new sites so that most demand is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, reach, settle
from geoplan.siting.cover_milp import cover_milp
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import solve_milp
from geoplan.siting.settled import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem import SitingProblem
    from geoplan.siting.question import Question

__all__ = ["mclp_rows", "solve_mclp"]

Int = npt.NDArray[np.int64]


def mclp_rows(problem: SitingProblem, question: Question) -> CoverRows:
    """Return the rows of a plain, gradual or expected maximal covering over all sites."""
    demand = problem.demand
    if question.decay:
        shares = np.array([share for _, share in question.decay])
        falls = shares - np.append(shares[1:], 0.0)
        steps = [reach(problem.cost, cost) for cost, _ in question.decay]
        return CoverRows(sparse.vstack(steps, format="csr"), np.concatenate([demand * fall for fall in falls])[None, :])
    assert question.radius is not None
    matrix = reach(problem.cost, question.radius)
    if question.open_probability is None:
        return CoverRows(matrix, demand[None, :])
    levels = max(1, int(np.diff(matrix.indptr).max(initial=1)))
    missed = (1.0 - question.open_probability) ** np.arange(levels)
    return CoverRows(matrix, demand[None, :] * (question.open_probability * missed)[:, None])


def solve_mclp(problem: SitingProblem, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Solve a maximal covering model (Church and ReVelle 1974) exactly."""
    del warm
    settled = settle_sites(problem, question)
    rows = settle(mclp_rows(problem, question), settled.opened, settled.free_mask)
    floors = floor_rows(problem, settled, question.radius)
    blocks, _ = cover_milp(rows, settled.rows, floors)
    answer = solve_milp(blocks.model(maximise=True, offset=rows.base), control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    chosen = np.flatnonzero(answer.x[: rows.n_columns] > 0.5)
    return Found(opened_by(settled, problem, chosen), answer.objective, answer.bound)
