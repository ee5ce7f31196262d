"""HiGHS, fed whole: a mixed-integer model as arrays, solved under a control, with an honest answer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import GeoplanError
from geoplan.siting.control import Control
from geoplan.siting.exact import ROW_SLACK

__all__ = ["FINE", "MilpAnswer", "MilpModel", "load", "solve_milp"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

WIDE: Final = 1e5  # ratio of two coefficients from which on HiGHS works with a finer tolerance
FINE: Final = 1e-9
TOO_WIDE: Final = 1e8  # ratio from which on its presolve loses plans


@dataclass(frozen=True, slots=True, eq=False)
class MilpModel:
    """Optimise ``cost @ x + offset`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds on ``x``.

    Parameters
    ----------
    cost, lower, upper : numpy.ndarray of float64
        Objective coefficients and bounds of the columns, shape (n_columns,).
    integer : numpy.ndarray of bool
        Columns that must be whole.
    matrix : scipy.sparse.csr_array
        Rows, shape (n_rows, n_columns).
    row_lower, row_upper : numpy.ndarray of float64
        Bounds of the rows, shape (n_rows,).
    maximise : bool
        Direction.
    offset : float
        Constant of the objective.
    """

    cost: Float
    lower: Float
    upper: Float
    integer: npt.NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: Float
    row_upper: Float
    maximise: bool
    offset: float = 0.0

    def with_row(self, columns: Int, values: Float, lower: float) -> MilpModel:
        """Return the model with one row more: ``values @ x[columns] >= lower``."""
        row = sparse.csr_array((values, (np.zeros(len(columns), dtype=np.int64), columns)), shape=(1, len(self.cost)))
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, row], format="csr")),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, np.inf),
        )


@dataclass(frozen=True, slots=True, eq=False)
class MilpAnswer:
    """What HiGHS found: status as in a plan, the columns of the best solution, its objective and the proven bound."""

    status: Literal["optimal", "feasible", "infeasible", "no_solution_found"]
    x: Float | None
    objective: float | None
    bound: float | None
    row_dual: Float | None = None


def solve_milp(
    model: MilpModel,
    control: Control,
    start: Float | None = None,
    *,
    seed: int = 0,
    time_limit_s: float = math.inf,
    relax: bool = False,
    options: dict[str, Any] | None = None,
) -> MilpAnswer:
    """Solve a model to the proof, or until the control says stop.

    Parameters
    ----------
    model : MilpModel
        The model.
    control : Control
        Deadline, cancellation and progress.
    start : numpy.ndarray, optional
        Columns of a known solution.
    seed : int
        Seed of HiGHS.
    time_limit_s : float
        A limit of this call beside the control's.
    relax : bool
        Solve the linear relaxation; the answer then carries the rows' dual values.
    options : dict, optional
        Further HiGHS options.

    Returns
    -------
    MilpAnswer
        With ``"optimal"`` only at a gap of zero as HiGHS counts it (1e-9 relative).
    """
    if not len(model.cost):
        return _empty(model)
    solver = _prepare(model, control, seed, time_limit_s, relax, options)
    if start is not None and len(start) == len(model.cost):  # a program with carries has more columns
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    _listen(solver, control, relax)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit and time_limit_s == math.inf:
        control.expire()
    return _answer(solver, model, relax)


def _empty(model: MilpModel) -> MilpAnswer:
    """Answer a model without columns, which HiGHS does not: the rows alone decide."""
    if (model.row_lower > ROW_SLACK).any() or (model.row_upper < -ROW_SLACK).any():
        return MilpAnswer("infeasible", None, None, None)
    nothing = np.zeros(0)
    return MilpAnswer("optimal", nothing, model.offset, model.offset, np.zeros(len(model.row_lower)))


def _prepare(
    model: MilpModel,
    control: Control,
    seed: int,
    time_limit_s: float,
    relax: bool,
    options: dict[str, Any] | None,
) -> Any:
    solver = load(model, relax=relax)
    settings: dict[str, Any] = {
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-9,
        "random_seed": seed,
        "threads": 1,
        "parallel": "off",
    }
    apart = _range(model.matrix)
    if apart > WIDE:
        # Its own tolerance of a millionth is more than the least coefficient: optima were missed, plans let through.
        settings |= {"mip_feasibility_tolerance": FINE, "primal_feasibility_tolerance": FINE}
    if apart > TOO_WIDE:
        settings["presolve"] = "off"
    limit = min(control.remaining_s, time_limit_s)
    if math.isfinite(limit):
        settings["time_limit"] = max(limit, 0.01)
    for name, value in (settings | (options or {})).items():
        if solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise GeoplanError(f"HiGHS does not take option {name}={value}")
    return solver


def load(model: MilpModel, *, relax: bool) -> Any:
    """Return HiGHS with a program in it, or with its linear relaxation."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    integrality = np.where(model.integer & (not relax), 1, 0).astype(np.int32)
    matrix = model.matrix
    solver.passModel(
        len(model.cost),
        matrix.shape[0],
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize if model.maximise else highspy.ObjSense.kMinimize),
        model.offset,
        model.cost,
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
        integrality,
    )
    return solver


def _range(matrix: sparse.csr_array) -> float:
    """Return how many times the largest coefficient of a program is the least one."""
    size = np.abs(matrix.data)
    size = size[size > 0]
    return float(size.max() / size.min()) if len(size) else 1.0


def _listen(solver: Any, control: Control, relax: bool) -> None:
    """Let the control see HiGHS's progress and interrupt it."""

    def interrupt(event: Any) -> None:
        if control.stop():
            event.interrupt()

    def watch(event: Any) -> None:
        data = event.data_out
        best = data.mip_primal_bound
        control.report(best if math.isfinite(best) else None, data.mip_dual_bound)

    if relax:
        solver.cbSimplexInterrupt += interrupt
    else:
        solver.cbMipInterrupt += interrupt
        solver.cbMipLogging += watch


def _answer(solver: Any, model: MilpModel, relax: bool) -> MilpAnswer:
    status = solver.getModelStatus()
    info = solver.getInfo()
    kinds = highspy.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return MilpAnswer("infeasible", None, None, None)
    if relax:
        if status != kinds.kOptimal:
            return MilpAnswer("no_solution_found", None, None, None)
        solution = solver.getSolution()
        return MilpAnswer(
            "optimal",
            np.array(solution.col_value),
            info.objective_function_value,
            info.objective_function_value,
            np.array(solution.row_dual),
        )
    # Without whole columns HiGHS runs no branch and bound, and leaves its bound at 0: an optimum is then its own bound.
    bound = info.mip_dual_bound if model.integer.any() else info.objective_function_value
    known = bound if math.isfinite(bound) and (model.integer.any() or status == kinds.kOptimal) else None
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return MilpAnswer("no_solution_found", None, None, known)
    x = np.array(solver.getSolution().col_value)
    found: Literal["optimal", "feasible"] = "optimal" if status == kinds.kOptimal else "feasible"
    if model.integer.all() and len(x):
        x = np.round(x)
    return MilpAnswer(found, x, info.objective_function_value, known)
