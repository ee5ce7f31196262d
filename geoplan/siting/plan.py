"""The answer to a siting question: chosen sites, with their proof."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault
from geoplan.siting.control import StopReason
from geoplan.siting.exact import percents, proof_tolerance
from geoplan.siting.question import Question

__all__ = ["Certificate", "SitingPlan", "Status"]

Status = Literal["optimal", "feasible", "infeasible", "no_solution_found"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What independent code found when it recomputed a plan from the raw costs.

    Parameters
    ----------
    objective : float or None
        Objective recomputed from the raw cost matrix; None without a plan.
    reported : float or None
        Objective the solver reported.
    bound, gap, status
        As in the plan.
    violations : tuple of str
        Rules of the problem that the plan breaks; empty for a sound plan.
    """

    objective: float | None
    reported: float | None
    bound: float | None
    gap: float
    status: Status
    violations: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the plan keeps every rule and its objective is what the solver reported."""
        if self.violations:
            return False
        if self.objective is None or self.reported is None:
            return self.objective is self.reported
        return abs(self.objective - self.reported) <= proof_tolerance(self.objective)


@dataclass(frozen=True, slots=True, eq=False)
class SitingPlan:
    """Chosen sites with objective, bound, gap and status.

    ``status`` is ``"optimal"`` only where the bound meets the objective (:data:`geoplan.siting.exact.PROOF_GAP`);
    ``"feasible"`` is a plan with an open gap; ``"infeasible"`` comes with ``reasons``;
    ``"no_solution_found"`` means that neither a plan nor a proof was reached in the time given.

    Parameters
    ----------
    question : Question
        What was asked.
    status : str
        ``optimal``, ``feasible``, ``infeasible`` or ``no_solution_found``.
    objective, bound : float or None
        Objective of the plan and proven bound on any plan's objective, in the model's unit.
    gap : float
        ``|bound - objective| / |objective|``.
    certificate : Certificate
        Recomputation by independent code.
    solve_s : float
        Wall-clock seconds.
    stopped : str
        ``"time_limit"``, ``"cancelled"`` or ``"gap"`` where the solve ended before the proof; else empty.
    sites : numpy.ndarray
        Ids of the NEW sites, in the order of the problem's sites. Existing sites are not repeated here.
    new_positions, open_positions : numpy.ndarray of int64
        Columns of the cost matrix: the new sites, and all open sites (existing and new).
    assignment : numpy.ndarray of int64
        Column of the site that serves each demand point (the nearest open one), -1 where none does; shape (n_demand,).
    coverage : numpy.ndarray of float64
        Share of each demand point's weight that counts as covered, shape (n_demand,). Without a radius: 1 where served.
    allocation : scipy.sparse.csr_array, optional
        Capacitated models: share of each demand point (row) served by each site (column).
    reasons : tuple of Fault
        Why no plan exists, in English and Chinese.
    """

    question: Question
    status: Status
    objective: float | None
    bound: float | None
    gap: float
    certificate: Certificate
    solve_s: float
    stopped: StopReason
    sites: npt.NDArray[np.generic]
    new_positions: npt.NDArray[np.int64]
    open_positions: npt.NDArray[np.int64]
    assignment: npt.NDArray[np.int64]
    coverage: npt.NDArray[np.float64]
    allocation: sparse.csr_array | None = None
    reasons: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.sites, self.new_positions, self.open_positions, self.assignment, self.coverage):
            array.flags.writeable = False

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.question.model

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.status in ("optimal", "feasible")

    def summary(self, language: str = "en") -> str:
        """Return status, objective, bound and gap as one sentence in ``language`` (``"en"`` or ``"zh"``)."""
        if self.status == "infeasible":
            why = "".join(fault.sentence(language) for fault in self.reasons)
            return f"无可行方案：{why}" if language == "zh" else f"No plan can exist: {why}"
        if self.status == "no_solution_found":
            return "在给定时间内未找到方案。" if language == "zh" else "No plan was found in the time given."
        sites, value = len(self.sites), _figure(self.objective)
        if self.status == "optimal":
            proof, proof_zh = "proven optimal", "已证明最优"
        elif math.isfinite(self.gap):
            (gap,) = percents(self.gap, least_decimals=2)
            proof, proof_zh = f"at most {gap} from the best possible", f"与最优值的差距至多 {gap}"
        else:
            proof, proof_zh = f"proven bound {_figure(self.bound)}", f"已证明的界 {_figure(self.bound)}"
        if language == "zh":
            return f"新增 {sites} 处，目标值 {value}，{proof_zh}。"
        return f"{sites} new sites, objective {value}, {proof}."


def _figure(value: float | None) -> str:
    """Return a figure in full, without powers of ten where a person reads it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1e9 else f"{value:,.10g}"
