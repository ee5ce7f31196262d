"""Set covering: fewest (or cheapest) new sites that cover everyone, or a share of the demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, merge, reach, select_columns
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.covering.kernels import implied_rows
from geoplan.siting.floors import floor_rows, weight_needed
from geoplan.siting.milp import solve_milp
from geoplan.siting.settled import Found, Settled, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_backup", "solve_set_cover"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


def solve_set_cover(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Minimise the number or the cost of new sites under full cover (LSCP) or a share of the demand (PSCP)."""
    del warm
    settled = settle_sites(problem, question)
    price = problem.site_cost if question.by_cost else np.ones(problem.shape[1])
    forced = problem.required & ~problem.existing
    blocks = Blocks()
    sites = blocks.columns(price[settled.free], integer=True)
    if question.model == "lscp":
        plain = not settled.rows and not problem.floors and question.cover_times == 1
        _cover_all(blocks, sites, problem, question, settled, price if plain else None)
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


def _cover_all(
    blocks: Blocks, sites: Int, problem: ProblemData, question: Question, settled: Settled, price: Float | None
) -> None:
    """Add a row per demand point: the open sites that reach it are at least what it still misses.

    Where nothing but cover counts (``price`` given), the rows are reduced to their core first.
    """
    matrix, missing = _missing(problem, question, settled)
    open_points = missing > 0
    inner = select_columns(matrix, open_points, settled.free)
    missing = missing[open_points]
    if price is not None and inner.shape[0]:
        rows, gone = _core(from_reach(inner, np.ones((1, inner.shape[0]))), price[settled.free])
        inner, missing = rows.matrix, np.ones(rows.n_rows, dtype=np.int64)
        blocks.uppers[0] = np.where(gone, 0.0, 1.0)
    cover = blocks.rows(missing.astype(np.float64), np.inf, len(missing))
    blocks.csr_entries(cover, inner, sites, 1.0)


def _core(rows: CoverRows, price: Float) -> tuple[CoverRows, npt.NDArray[np.bool_]]:
    """Return the rows that are left when rows and columns that others make needless are gone, and those columns.

    A row goes if the sites of another row all cover it; a site goes if one at most as dear covers all it covers. Each
    may make more of the other needless (Beasley 1987).
    """
    gone = np.zeros(rows.n_columns, dtype=bool)
    while True:
        rows, _ = merge(rows)
        width = np.diff(rows.row_ptr)
        implied = np.zeros(rows.n_rows, dtype=bool)
        degree = np.bincount(rows.row_cols, minlength=rows.n_columns)
        implied_rows(rows.row_ptr, rows.row_cols, np.argsort(width, kind="stable"), degree, implied)
        rows = _without(rows, ~implied, np.ones(rows.n_columns, dtype=bool))
        needless = _dominated(rows, price) & ~gone
        if not needless.any():
            return rows, gone
        gone |= needless
        rows = _without(rows, np.ones(rows.n_rows, dtype=bool), ~gone)


def _without(rows: CoverRows, row_kept: npt.NDArray[np.bool_], column_kept: npt.NDArray[np.bool_]) -> CoverRows:
    """Return the rows with some left out, and without the entries of some columns."""
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    held = row_kept[row] & column_kept[rows.row_cols]
    width = np.bincount(row[held], minlength=rows.n_rows)[row_kept]
    pointers = np.concatenate(([0], np.cumsum(width))).astype(np.int64)
    return CoverRows(pointers, rows.row_cols[held], rows.gains[:, row_kept], rows.n_columns, rows.base)


def _dominated(rows: CoverRows, price: Float) -> npt.NDArray[np.bool_]:
    """Return columns whose rows another column, at most as dear, covers as well; of equals the first stays."""
    matrix = rows.matrix.astype(np.int32)
    common = (matrix.T @ matrix).tocoo()
    size = np.bincount(rows.row_cols, minlength=rows.n_columns)
    one, other = common.coords
    inside = (common.data == size[one]) & (one != other) & (price[other] <= price[one])
    equal = (size[one] == size[other]) & (price[one] == price[other])
    gone: npt.NDArray[np.bool_] = size == 0
    gone[one[inside & (~equal | (other < one))]] = True
    return gone


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


def solve_backup(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Backup coverage (Hogan, ReVelle 1986): BACOP1, all covered and most covered twice; BACOP2, both weighed.

    Second coverage counts wherever two open sites reach a point; a point that one site alone can reach never has it.
    """
    del warm
    assert question.radius is not None
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
