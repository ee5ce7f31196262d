"""Coverage floors over the sites still free: what each still needs, and the rows that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault
from geoplan.siting.cover import reach, select_columns

if TYPE_CHECKING:
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData

__all__ = ["FloorRows", "floor_rows", "weight_needed"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FloorRows:
    """One coverage floor over the free sites: points weighing at least ``need`` must be covered.

    Parameters
    ----------
    requirement : Fault
        The floor in words.
    matrix : scipy.sparse.csr_array
        1 where the free site reaches the point, shape (n_points, n_free).
    weights : numpy.ndarray of float64
        Weight of each point, shape (n_points,).
    missing : numpy.ndarray of int64
        How many further sites each point needs to count, shape (n_points,).
    need : float
        Weight still to be covered.
    """

    requirement: Fault
    matrix: sparse.csr_array
    weights: Float
    missing: Int
    need: float


def floor_rows(problem: ProblemData, settled: Settled, radius: float | None) -> tuple[FloorRows, ...]:
    """Return the floors that the settled sites do not meet already."""
    if not problem.floors or radius is None:
        return ()
    matrix = reach(problem.cost, radius)
    already = matrix @ settled.opened.astype(np.int64)
    rows = []
    for floor in problem.floors:
        met = already >= floor.times
        need = weight_needed(floor.weights, floor.share) - floor.weights[met].sum()
        if need <= 0:
            continue
        open_points = ~met & (floor.weights > 0)
        inner = select_columns(matrix, open_points, settled.free)
        missing = floor.times - already[open_points]
        able = np.diff(inner.indptr) >= missing
        often, often_zh = (f" {floor.times} times", f"（{floor.times} 重）") if floor.times > 1 else ("", "")
        text = Fault(
            f"{floor.share:.1%} of {floor.label} covered{often}",
            problem_zh=f"{floor.label_zh} 覆盖率不低于 {floor.share:.1%}{often_zh}",
        )
        rows.append(FloorRows(text, inner[able], floor.weights[open_points][able], missing[able], float(need)))
    return tuple(rows)


def weight_needed(weights: Float, share: float) -> float:
    """Return the weight that a share asks to be covered, with room for a solver's rounding.

    A share is often exactly what a plan covers. Whole weights leave half a unit of room and lose nothing by it; others
    a ten-millionth.
    """
    weight = share * float(weights.sum())
    if (weights == np.round(weights)).all():
        return float(np.ceil(weight * (1 - 1e-9))) - 0.5
    return weight * (1 - 1e-7)
