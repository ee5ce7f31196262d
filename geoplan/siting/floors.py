"""Coverage floors over the sites still free: what each still needs, and the rows that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault
from geoplan.siting.cover import reach, select_columns
from geoplan.siting.exact import may_miss, percents

if TYPE_CHECKING:
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.rules import Floor

__all__ = ["FloorRows", "floor_fault", "floor_row", "floor_rows"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class FloorRows:
    """One coverage floor over the free sites: points weighing at most ``spare`` may stay uncovered.

    Parameters
    ----------
    requirement : Fault
        The floor in words.
    matrix : scipy.sparse.csr_array
        1 where the free site reaches the point, shape (n_points, n_free).
    weights : numpy.ndarray of float64
        Weight of each point, above 0; shape (n_points,).
    missing : numpy.ndarray of int64
        How many further sites each point needs to count, shape (n_points,).
    spare : float
        Weight of the points that may stay uncovered; negative where too many cannot be covered at all.
    """

    requirement: Fault
    matrix: sparse.csr_array
    weights: Float
    missing: Int
    spare: float

    @property
    def hard(self) -> Mask:
        """Points heavier than what may stay uncovered: every plan covers them."""
        return self.weights > self.spare

    def covered(self, opened: Mask) -> Mask:
        """Return which points a set of free sites covers as often as they need."""
        return np.asarray(self.matrix @ opened.astype(np.int64) >= self.missing)

    def kept(self, opened: Mask) -> bool:
        """Return whether a set of free sites keeps the floor."""
        return self.kept_by(self.covered(opened))

    def kept_by(self, covered: Mask) -> bool:
        """Return whether covering some of the points keeps the floor."""
        return float(self.weights[~covered].sum()) <= self.spare


def floor_rows(problem: ProblemData, settled: Settled, radius: float | None) -> tuple[FloorRows, ...]:
    """Return the floors that the settled sites do not meet already."""
    if not problem.floors or radius is None:
        return ()
    matrix = reach(problem.cost, radius)
    rows = (floor_row(floor, matrix, settled) for floor in problem.floors)
    return tuple(row for row in rows if row is not None)


def floor_row(floor: Floor, matrix: sparse.csr_array, settled: Settled) -> FloorRows | None:
    """Return one floor over the free sites; None where the settled sites meet it already.

    Parameters
    ----------
    floor : Floor
        The floor.
    matrix : scipy.sparse.csr_array
        Which site reaches which demand point, over all sites.
    settled : Settled
        Which sites are open anyway and which are free.
    """
    count, spare = may_miss(floor.weights, floor.share)
    already = matrix @ settled.opened.astype(np.int64)
    open_points = (already < floor.times) & (count.values > 0)
    weights = count.values[open_points]
    if float(weights.sum()) <= spare:
        return None
    inner = select_columns(matrix, open_points, settled.free)
    missing = floor.times - already[open_points]
    able = np.diff(inner.indptr) >= missing
    return FloorRows(floor_fault(floor), inner[able], weights[able], missing[able], spare - float(weights[~able].sum()))


def floor_fault(floor: Floor) -> Fault:
    """Return a floor in words."""
    often, often_zh = (f" {floor.times} times", f"（{floor.times} 重）") if floor.times > 1 else ("", "")
    (asked,) = percents(floor.share)
    return Fault(
        f"{asked} of {floor.label} covered{often}", problem_zh=f"{floor.label_zh} 覆盖率不低于 {asked}{often_zh}"
    )
