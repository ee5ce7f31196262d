"""A tree of dual prices that bounds every plan of a question: written with HiGHS, checked without it.

The reference program is split at columns that must be whole; every leaf holds row prices whose weak dual bound no plan
of that leaf passes, or a ray that shows it holds none. :mod:`geoplan.siting.verify` needs sums and products for that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault, InputError
from geoplan.siting.counting import in_whole_numbers
from geoplan.siting.exact import least_step, proof_tolerance
from geoplan.siting.formulate import formulate, whole_objective
from geoplan.siting.milp import FINE, load
from geoplan.siting.verify import LEAF, Proof, proven_bound, write_certificate

if TYPE_CHECKING:
    from geoplan.siting.plan import SitingPlan
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["certify", "prove"]

Float = npt.NDArray[np.float64]

WHOLE: Final = 1e-6  # how far a column may lie from a whole number in a relaxation
MOST_NODES: Final = 20_000


@dataclass(slots=True)
class _Node:
    """A node of the tree while it grows."""

    branch: int
    zero: int
    one: int
    price: Float | None
    ray: bool


def prove(
    problem: ProblemData, question: Question, objective: float, *, time_limit_s: float = 60.0, seed: int = 0
) -> Proof:
    """Return prices that bound every plan of a question, as near to an objective as the time allows.

    Parameters
    ----------
    problem, question
        The question, counted in whole numbers where it can be.
    objective : float
        Objective of the plan that is to be proven, in the same unit.
    time_limit_s : float
        After that what is left keeps the prices of its parent.
    seed : int
        Seed of HiGHS.

    Returns
    -------
    Proof
        The tree; :func:`~geoplan.siting.verify.proven_bound` says what it proves.
    """
    model = formulate(problem, question).model
    sign = -1.0 if model.maximise else 1.0
    whole = whole_objective(problem, question)
    enough = sign * objective - (least_step(abs(objective)) if whole else 0.1 * proof_tolerance(objective))
    solver: Any = load(model, relax=True)
    settings = {"presolve": "off", "random_seed": seed, "threads": 1, "dual_feasibility_tolerance": FINE}
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    nodes: list[_Node] = []
    until = time.perf_counter() + time_limit_s
    binary = model.integer & (model.upper <= 1.0)  # not the carries of wide sums

    def grow(lower: Float, upper: Float, inherited: Float | None) -> int:
        number = len(nodes)
        node = _Node(LEAF, -1, -1, inherited, ray=False)
        nodes.append(node)
        if time.perf_counter() > until or number > MOST_NODES:
            return number
        x = _relaxed(solver, lower, upper, node, sign)
        if x is None or sign * float(model.cost @ x) + sign * model.offset > enough:
            return number
        apart = np.where(binary & (lower < upper), np.abs(x - np.round(x)), 0.0)
        if apart.max(initial=0.0) <= WHOLE:
            return number
        node.branch = int(np.argmax(apart))
        shut, opened = upper.copy(), lower.copy()
        shut[node.branch], opened[node.branch] = 0.0, 1.0
        node.zero = grow(lower, shut, node.price)
        node.one = grow(opened, upper, node.price)
        return number

    grow(model.lower, model.upper, None)
    return _packed(nodes, len(model.row_lower))


def certify(path: str | Path, problem: ProblemData, plan: SitingPlan, *, time_limit_s: float = 60.0) -> str:
    """Write the certificate of a plan; where prices do not prove its bound in time, it says whose word the bound is.

    Parameters
    ----------
    path : str or pathlib.Path
        The zip file.
    problem : ProblemData
        The problem, as it was given.
    plan : SitingPlan
        A plan of it.
    time_limit_s : float
        Longest search for prices.

    Returns
    -------
    str
        ``"checked"``, or the program that the certificate names for the bound.

    Raises
    ------
    InputError
        If there is no plan.
    """
    if plan.objective is None:
        raise InputError(Fault("there is no plan to certify", problem_zh="没有可以出具证书的方案"))
    whole, question, per_unit = in_whole_numbers(problem, plan.question)
    proof = prove(whole, question, plan.objective * per_unit, time_limit_s=time_limit_s)
    model = formulate(whole, question).model
    proven = proven_bound(model, proof, whole=whole_objective(whole, question)) / per_unit
    sign = -1.0 if model.maximise else 1.0
    checked = plan.bound is not None and sign * (plan.bound - proven) <= proof_tolerance(plan.objective)
    by = "checked" if checked else f"HiGHS {version('highspy')}"
    write_certificate(path, problem, plan, proof, by)
    return by


def _relaxed(solver: Any, lower: Float, upper: Float, node: _Node, sign: float) -> Float | None:
    """Solve a node's relaxation and keep its prices; return its columns, None where it holds no plan."""
    columns = np.arange(len(lower), dtype=np.int32)
    solver.changeColsBounds(len(columns), columns, lower, upper)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        _, has_ray, ray = solver.getDualRay()
        if has_ray:
            node.price, node.ray = np.array(ray), True
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    node.price = sign * np.array(solution.row_dual)
    return np.array(solution.col_value)


def _packed(nodes: list[_Node], n_rows: int) -> Proof:
    leaves = [node for node in nodes if node.branch == LEAF]
    number = {id(node): at for at, node in enumerate(leaves)}
    rows = [np.zeros(n_rows) if node.price is None else node.price for node in leaves]
    return Proof(
        branch=np.array([node.branch for node in nodes], dtype=np.int64),
        zero=np.array([node.zero for node in nodes], dtype=np.int64),
        one=np.array([node.one for node in nodes], dtype=np.int64),
        leaf=np.array([number.get(id(node), -1) for node in nodes], dtype=np.int64),
        prices=sparse.csr_array(np.array(rows)),
        ray=np.array([node.ray for node in leaves], dtype=bool),
    )
