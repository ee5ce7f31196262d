"""Set covering: fewest (or cheapest) new sites that cover everyone, or a share of the demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import from_reach, merge, reach, select_columns, settle
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.covering.set_cover import cheapest_cover
from geoplan.siting.covering.share import cheapest_share
from geoplan.siting.floors import floor_rows, weight_needed
from geoplan.siting.milp import solve_milp
from geoplan.siting.presolve import Found, Settled, opened_by, settle_sites

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
    forced = problem.required & ~problem.existing
    plain = not settled.rows and not problem.floors and question.cover_times == 1
    if question.model == "lscp" and plain:
        return _cover_plain(problem, question, settled, price, control, seed, warm)
    if question.model == "pscp" and question.cover_times == 1 and (price == np.round(price)).all():
        found = _cover_share_by_search(problem, question, settled, price, control, seed)
        if found is not None:
            return found
    blocks = Blocks()
    sites = blocks.columns(price[settled.free], integer=True)
    if question.model == "lscp":
        _cover_all(blocks, sites, problem, question, settled)
    else:
        _cover_share(blocks, sites, problem, question, settled)
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floor_rows(problem, settled, question.radius), sites)
    answer = solve_milp(blocks.model(maximise=False, offset=float(price[forced].sum())), control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    bound = answer.bound
    if bound is not None and (price == np.round(price)).all():
        bound = float(np.ceil(bound - 1e-6))  # whole prices sum up to a whole objective
    return Found(opened_by(settled, problem, np.flatnonzero(answer.x[sites] > 0.5)), answer.objective, bound)


def _missing(problem: ProblemData, question: Question, settled: Settled) -> tuple[sparse.csr_array, Int]:
    assert question.radius is not None
    matrix = reach(problem.cost, question.radius)
    already = matrix @ settled.opened.astype(np.int64)
    return matrix, np.asarray(question.cover_times - already, dtype=np.int64)


def _cover_plain(
    problem: ProblemData,
    question: Question,
    settled: Settled,
    price: Float,
    control: Control,
    seed: int,
    warm: Int | None,
) -> Found:
    """Cover everyone where nothing but cover counts."""
    matrix, missing = _missing(problem, question, settled)
    inner = select_columns(matrix, missing > 0, settled.free)
    if (np.diff(inner.indptr) == 0).any():
        return Found(None, None, None, infeasible=True)
    start = None if warm is None else np.isin(settled.free, warm)
    base = float(price[problem.required & ~problem.existing].sum())
    rows = from_reach(inner, np.ones((1, inner.shape[0])))
    answer = cheapest_cover(rows, price[settled.free], control, seed, warm=start, base=base)
    if answer.chosen is None:
        return Found(None, None, answer.bound)
    new = opened_by(settled, problem, np.flatnonzero(answer.chosen))
    return Found(new, answer.value, answer.bound)


def _cover_all(blocks: Blocks, sites: Int, problem: ProblemData, question: Question, settled: Settled) -> None:
    """Add a row per demand point: the open sites that reach it are at least what it still misses."""
    matrix, missing = _missing(problem, question, settled)
    open_points = missing > 0
    cover = blocks.rows(missing[open_points].astype(np.float64), np.inf, int(open_points.sum()))
    blocks.csr_entries(cover, select_columns(matrix, open_points, settled.free), sites, 1.0)


def _cover_share(blocks: Blocks, sites: Int, problem: ProblemData, question: Question, settled: Settled) -> None:
    """Add a column per demand point and the row that asks for the share of their weights."""
    assert question.share is not None
    matrix, missing = _missing(problem, question, settled)
    met = float(problem.demand[missing <= 0].sum())
    need = weight_needed(problem.demand, question.share) - met
    if need <= 0:
        return
    inner = select_columns(matrix, np.ones(problem.shape[0], dtype=bool), settled.free)
    able = (missing > 0) & (np.diff(inner.indptr) >= missing) & (problem.demand > 0)
    inner, weights = inner[able], problem.demand[able]
    missing = missing[able]
    if question.cover_times == 1 and len(weights):
        rows, _ = merge(from_reach(inner, weights[None, :]))
        inner, weights, missing = rows.matrix, rows.gains[0], np.ones(rows.n_rows, dtype=np.int64)
    points = blocks.columns(np.zeros(len(weights)), integer=bool((missing > 1).any()))
    cover = blocks.rows(-np.inf, 0.0, len(points))
    blocks.entries(cover, points, missing.astype(np.float64))
    blocks.csr_entries(cover, inner, sites, -1.0)
    blocks.entries(blocks.rows(need, np.inf, 1), points, weights)


def _cover_share_by_search(
    problem: ProblemData, question: Question, settled: Settled, price: Float, control: Control, seed: int
) -> Found | None:
    """Cover a share by asking what each price can cover; None where the program itself is small, or no plan is met."""
    assert question.radius is not None
    assert question.share is not None
    matrix = reach(problem.cost, question.radius)
    rows, _ = settle(from_reach(matrix, problem.demand[None, :]), settled.opened, settled.free_mask)
    need = weight_needed(problem.demand, question.share)
    if len(rows.row_cols) <= SMALL_PAIRS or rows.base >= need:
        return None
    floors = floor_rows(problem, settled, question.radius)
    offset = float(price[problem.required & ~problem.existing].sum())
    answer = cheapest_share(rows, price[settled.free], need, settled.rows, floors, control, seed, offset)
    if answer.chosen is None or answer.price is None:
        return None
    new = opened_by(settled, problem, np.flatnonzero(answer.chosen))
    return Found(new, answer.price + offset, answer.bound + offset)
