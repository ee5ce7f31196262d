"""Set covering: fewest (or cheapest) new sites that cover everyone, or a share of the demand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import from_reach, merge, reach, settle
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.covering.set_cover import cheapest_cover
from geoplan.siting.covering.share import cheapest_share
from geoplan.siting.exact import may_miss, whole_bound
from geoplan.siting.floors import FloorRows, floor_row, floor_rows
from geoplan.siting.presolve import Found, Settled, opened_by, settle_sites
from geoplan.siting.rules import EVERYONE, Floor

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_set_cover"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

SMALL_PAIRS = 3_000  # stored pairs up to which HiGHS is asked for a share at once


def solve_set_cover(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Minimise the number or the cost of new sites under full cover (LSCP) or a share of the demand (PSCP)."""
    settled = settle_sites(problem, question)
    price = problem.site_cost if question.by_cost else np.ones(problem.shape[1])
    assert question.radius is not None
    matrix = reach(problem.cost, question.radius)
    floors = floor_rows(problem, settled, question.radius)
    asked = _asked(problem, question, matrix, settled)
    rules = (*floors, asked) if asked is not None else floors
    if question.cover_times == 1 and asked is not None and not settled.rows and not problem.floors and asked.hard.all():
        return _cover_plain(problem, settled, asked, price, control, seed, warm)
    if question.cover_times == 1 and asked is not None and not asked.hard.all() and (price == np.round(price)).all():
        found = _cover_share_by_search(problem, question, settled, matrix, asked, price, control, seed)
        if found is not None:
            return found
    forced = problem.required & ~problem.existing
    blocks = Blocks()
    sites = blocks.columns(price[settled.free], integer=True)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, rules if asked is None else (*floors, _merged(asked)), sites)
    model = blocks.model(maximise=False, offset=float(price[forced].sum()))
    answer = solve_kept(model, sites, settled.rows, rules, control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    bound = answer.bound
    if bound is not None and (price == np.round(price)).all():
        bound = whole_bound(bound)  # whole prices sum up to a whole objective
    return Found(opened_by(settled, problem, np.flatnonzero(answer.x[sites] > 0.5)), answer.objective, bound)


def _asked(problem: ProblemData, question: Question, matrix: sparse.csr_array, settled: Settled) -> FloorRows | None:
    """Return the cover that is asked as a floor: every point, or the points of a share of the demand."""
    if question.model == "lscp":
        everyone = Floor(EVERYONE, np.ones(problem.shape[0]), 1.0, question.cover_times)
        return floor_row(everyone, matrix, settled)
    assert question.share is not None
    return floor_row(Floor(EVERYONE, problem.demand, question.share, question.cover_times), matrix, settled)


def _merged(asked: FloorRows) -> FloorRows:
    """Return a floor whose points that the same sites reach are one."""
    if (asked.missing > 1).any() or not len(asked.weights):
        return asked
    rows, _ = merge(from_reach(asked.matrix, asked.weights[None, :]))
    return replace(asked, matrix=rows.matrix, weights=rows.gains[0], missing=np.ones(rows.n_rows, dtype=np.int64))


def _cover_plain(
    problem: ProblemData,
    settled: Settled,
    asked: FloorRows,
    price: Float,
    control: Control,
    seed: int,
    warm: Int | None,
) -> Found:
    """Cover all that is asked where nothing but cover counts."""
    if asked.spare < 0:
        return Found(None, None, None, infeasible=True)
    start = None if warm is None else np.isin(settled.free, warm)
    base = float(price[problem.required & ~problem.existing].sum())
    rows = from_reach(asked.matrix, np.ones((1, asked.matrix.shape[0])))
    answer = cheapest_cover(rows, price[settled.free], control, seed, warm=start, base=base)
    if answer.chosen is None:
        return Found(None, None, answer.bound)
    return Found(opened_by(settled, problem, np.flatnonzero(answer.chosen)), answer.value, answer.bound)


def _cover_share_by_search(
    problem: ProblemData,
    question: Question,
    settled: Settled,
    matrix: sparse.csr_array,
    asked: FloorRows,
    price: Float,
    control: Control,
    seed: int,
) -> Found | None:
    """Cover a share by asking what each price can cover; None where the program itself is small, or no plan is met."""
    assert question.share is not None
    count, spare = may_miss(problem.demand, question.share)
    rows, _ = settle(from_reach(matrix, count.values[None, :]), settled.opened, settled.free_mask)
    if len(rows.row_cols) <= SMALL_PAIRS:
        return None
    floors = floor_rows(problem, settled, question.radius)
    offset = float(price[problem.required & ~problem.existing].sum())
    need = float(count.values.sum()) - spare
    answer = cheapest_share(rows, price[settled.free], need, settled.rows, floors, control, seed, offset)
    if answer.chosen is None or answer.price is None or not asked.kept(answer.chosen):
        return None
    new = opened_by(settled, problem, np.flatnonzero(answer.chosen))
    return Found(new, answer.price + offset, answer.bound + offset)
