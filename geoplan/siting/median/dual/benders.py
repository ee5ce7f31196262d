"""Linear relaxation of the p-median by Benders cuts, with every rule kept.

Duran-Mateluna, Ales and Elloumi 2023: one column per site and one per demand point; for a demand point and a level D,
``theta + sum((D - cost) * y over sites nearer than D) >= D``. The best level for given shares is known in closed form,
so a round costs one pass over the near lists. Lagrangean multipliers are levels too and make the first cuts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.median.dual.kernels import cut_entries, nearer, violated_levels

if TYPE_CHECKING:
    from geoplan.siting.control import Control
    from geoplan.siting.median.model import MedianModel

__all__ = ["Relaxation", "relax"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

TOLERANCE = 1e-6  # relative violation that makes a cut worth adding


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """Where the cut loop ended.

    Parameters
    ----------
    bound : float
        Proven lower bound; infinite where the relaxation has no solution.
    shares : numpy.ndarray of float64
        Share to which each free site is open, shape (n_sites,).
    reduced : numpy.ndarray of float64
        Reduced cost of each free site.
    multipliers : numpy.ndarray of float64
        Levels weighed by the prices of their cuts, shape (n_demand,): Lagrangean multipliers that, being a mean under a
        concave function, bound at least as well as the cuts do where number or budget is the only rule.
    """

    bound: float
    shares: Float
    reduced: Float
    multipliers: Float


def relax(model: MedianModel, levels: Float, control: Control, cutoff: float, rounds: int = 60) -> Relaxation | None:
    """Solve the linear relaxation by cuts.

    Parameters
    ----------
    model : MedianModel
        The model.
    levels : numpy.ndarray of float64
        Levels of the first cuts: Lagrangean multipliers, shape (n_demand,).
    control : Control
        Deadline and cancellation.
    cutoff : float
        The loop ends once the bound passes this.
    rounds : int
        Most rounds of cuts.

    Returns
    -------
    Relaxation or None
        The relaxation; None where not even the first program was solved in time.
    """
    near = model.near
    must = near.far >= near.penalty
    constant = float(near.far[np.diff(near.ptr) == 0].sum())
    served = np.flatnonzero(np.diff(near.ptr))
    last = near.cost[near.ptr[served + 1] - 1]
    first = np.where(must[served], np.minimum(levels[served], last), np.minimum(levels[served], near.far[served]))
    solver = _master(model, served, must)
    cut_point, cut_level = [served], [first]
    _add_cuts(solver, model, served, np.arange(len(served)), first)
    solver.cbSimplexInterrupt += lambda event: event.interrupt() if control.stop() else None
    theta_at = near.n_sites
    level = np.empty(len(near.far))
    theta = np.zeros(len(near.far))
    found = None
    for _ in range(rounds):
        if np.isfinite(control.remaining_s):
            solver.setOptionValue("time_limit", solver.getRunTime() + max(control.remaining_s, 0.01))
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Relaxation(np.inf, np.zeros(near.n_sites), np.zeros(near.n_sites), levels)
        if status != highspy.HighsModelStatus.kOptimal:
            return found
        solution = solver.getSolution()
        values = np.array(solution.col_value)
        bound = solver.getInfo().objective_function_value + constant
        points = np.concatenate(cut_point)
        prices = np.maximum(np.array(solution.row_dual)[-len(points) :], 0.0) if len(points) else np.zeros(0)
        priced = np.bincount(points, prices * np.concatenate(cut_level), minlength=len(near.far))
        multipliers = np.where(np.diff(near.ptr) == 0, near.far, priced)
        found = Relaxation(bound, values[:theta_at], np.array(solution.col_dual)[:theta_at], multipliers)
        control.report(bound=bound)
        if bound > cutoff or control.stop():
            return found
        theta[served] = values[theta_at : theta_at + len(served)]
        shares = np.clip(values[:theta_at], 0.0, 1.0)
        lists = (near.ptr, near.site, near.cost)
        if not violated_levels(*lists, near.far, must, shares, theta, TOLERANCE, level):
            return found
        chosen = np.flatnonzero(level[served] >= 0)
        cut_point.append(served[chosen])
        cut_level.append(level[served[chosen]])
        _add_cuts(solver, model, served, chosen, cut_level[-1])
    return found


def _master(model: MedianModel, served: Int, must: Mask) -> Any:
    near = model.near
    blocks = Blocks()
    sites = blocks.columns(np.zeros(near.n_sites), upper=(~model.closed).astype(np.float64))
    blocks.columns(np.ones(len(served)), upper=np.inf)
    add_site_rows(blocks, model.rows, sites)
    add_floors(blocks, model.floors, sites)
    strict = served[must[served]]
    cover = blocks.rows(1.0, np.inf, len(strict))
    counts = near.ptr[strict + 1] - near.ptr[strict]
    inside = np.repeat(near.ptr[strict], counts) + _ramps(counts)
    blocks.entries(np.repeat(cover, counts), sites[near.site[inside]], 1.0)
    program = blocks.model(maximise=False)
    program.lower[: near.n_sites] = model.opened
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for name, value in {"threads": 1, "parallel": "off", "solver": "simplex"}.items():
        solver.setOptionValue(name, value)
    matrix = program.matrix
    solver.passModel(
        len(program.cost),
        matrix.shape[0],
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
        np.zeros(len(program.cost), dtype=np.int32),
    )
    return solver


def _ramps(counts: Int) -> Int:
    """Return 0..counts[0]-1, 0..counts[1]-1, … in one array."""
    starts = np.concatenate(([0], np.cumsum(counts)))[:-1]
    return np.asarray(np.arange(int(counts.sum())) - np.repeat(starts, counts), dtype=np.int64)


def _add_cuts(solver: Any, model: MedianModel, served: Int, chosen: Int, levels: Float) -> None:
    """Add the cuts of the demand points ``served[chosen]`` at the given levels."""
    near = model.near
    points = served[chosen]
    count = np.empty(len(points), dtype=np.int64)
    nearer(near.ptr, near.cost, points, levels, count)
    room = np.concatenate(([0], np.cumsum(count)))
    columns, values = np.empty(room[-1], dtype=np.int32), np.empty(room[-1])
    cut_entries(near.ptr, near.site, near.cost, points, levels, room, columns, values)
    theta = near.n_sites + chosen
    rows = sparse.csr_array((values, columns, room), shape=(len(points), near.n_sites + len(served)))
    own = sparse.csr_array(
        (np.ones(len(points)), theta, np.arange(len(points) + 1)), shape=(len(points), near.n_sites + len(served))
    )
    both = sparse.csr_array(rows + own)
    solver.addRows(
        len(points),
        levels,
        np.full(len(points), highspy.kHighsInf),
        both.nnz,
        both.indptr[:-1].astype(np.int32),
        both.indices.astype(np.int32),
        both.data,
    )
