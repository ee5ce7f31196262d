"""The end of a p-median proof: what is left after reduced-cost fixing as one compact mixed-integer program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.milp import MilpModel

if TYPE_CHECKING:
    from geoplan.siting.control import Control
    from geoplan.siting.median.model import MedianModel

__all__ = ["Finish", "finish", "finish_s"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


ROWS_A_SECOND: Final = 5_000  # of such a program, in HiGHS's presolve on a busy machine


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """What the last program said.

    Parameters
    ----------
    chosen : numpy.ndarray of bool or None
        Open free sites of its best plan.
    bound : float
        Lower bound on every plan within the region searched; infinite where the region holds no plan.
    """

    chosen: Mask | None
    bound: float


def finish_s(model: MedianModel, reach: Float) -> float:
    """Return the seconds that :func:`finish` takes at least, about: HiGHS's presolve heeds no time limit."""
    near = model.near
    return float((near.cost <= np.repeat(reach, np.diff(near.ptr))).sum()) / ROWS_A_SECOND


def finish(model: MedianModel, reach: Float, control: Control, seed: int, gap: float) -> Finish:
    """Solve what is undecided.

    The model is the one over sorted distances (García, Labbé and Marín 2011): one column per demand point and distinct
    cost D, 1 where no site within D is open.

    Parameters
    ----------
    model : MedianModel
        The model with all decisions so far.
    reach : numpy.ndarray of float64
        Most that each demand point can cost in a plan worth finding, shape (n_demand,); infinite without a limit.
    control : Control
        Deadline, cancellation, progress.
    seed : int
        Seed of HiGHS.
    gap : float
        Absolute gap at which the proof is complete.

    Returns
    -------
    Finish
        The best plan of the region, and its bound.
    """
    program = _compact(model, reach)
    if program is None:
        return Finish(None, np.inf)
    linear = not program.integer.any()
    sites, options = np.arange(model.near.n_sites), {"mip_abs_gap": gap}
    answer = solve_kept(program, sites, model.rows, model.floors, control, seed=seed, relax=linear, options=options)
    if answer.status == "infeasible":
        return Finish(None, np.inf)
    chosen = None if answer.x is None else answer.x[: model.near.n_sites] > 0.5
    return Finish(chosen, -np.inf if answer.bound is None else answer.bound)


def _compact(model: MedianModel, reach: Float) -> MilpModel | None:
    """Return the program, or None where a demand point has no site left."""
    near = model.near
    point = np.repeat(np.arange(len(near.far)), np.diff(near.ptr))
    must = (near.far >= near.penalty) | (near.far > reach)
    keep = near.cost <= reach[point]
    point, site, cost = point[keep], near.site[keep], near.cost[keep]
    count = np.bincount(point, minlength=len(near.far))
    if (must & (count == 0)).any():
        return None
    starts_point = np.append(True, point[1:] != point[:-1])[: len(point)]
    starts = starts_point | np.append(True, cost[1:] != cost[:-1])[: len(point)]
    level_of = np.cumsum(starts) - 1
    heads = np.flatnonzero(starts)
    n_levels = len(heads)
    level_point, level_cost = point[heads], cost[heads]
    level_first = starts_point[heads]
    level_last = np.append(level_first[1:], True)[:n_levels]
    following = np.where(level_last, near.far[level_point], np.append(level_cost[1:], 0.0)[:n_levels])
    closed_end = level_last & must[level_point]
    blocks = Blocks()
    sites = blocks.columns(np.zeros(near.n_sites), upper=(~model.closed).astype(np.float64), integer=True)
    beyond = blocks.columns(np.where(closed_end, 0.0, following - level_cost), upper=(~closed_end).astype(np.float64))
    add_site_rows(blocks, model.rows, sites)
    add_floors(blocks, model.floors, sites)
    step = blocks.rows(level_first.astype(np.float64), np.inf, n_levels)
    blocks.entries(step, beyond, 1.0)
    blocks.entries(step[level_of], sites[site], 1.0)
    later = np.flatnonzero(~level_first)
    blocks.entries(step[later], beyond[later - 1], -1.0)
    offset = float(level_cost[level_first].sum() + near.far[count == 0].sum())
    program = blocks.model(maximise=False, offset=offset)
    program.lower[: near.n_sites] = model.opened
    return program
