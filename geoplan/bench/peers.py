"""The peers of the siting bench: spopt with HiGHS, and the plain sparse program of each model given to HiGHS whole."""

from __future__ import annotations

import importlib.util
import math
import time
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover_milp import Blocks
from geoplan.siting.milp import solve_milp

__all__ = ["PeerRun", "have_spopt", "plain_highs", "spopt_highs", "worth"]

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PeerRun:
    """What a peer says of a question.

    Parameters
    ----------
    claim : str
        Its own word for the outcome.
    opened : numpy.ndarray of int64 or None
        Columns it opens; None where it found none.
    bound : float or None
        Bound it proves, where it tells one.
    seconds : float
        Building and solving, wall clock.
    """

    claim: str
    opened: npt.NDArray[np.int64] | None
    bound: float | None
    seconds: float


def have_spopt() -> bool:
    """Tell whether spopt and pulp are installed (extra ``bench``)."""
    return all(importlib.util.find_spec(name) is not None for name in ("spopt", "pulp"))


def worth(model: str, cost: Float, demand: Float, opened: npt.NDArray[np.int64], radius: float) -> float:
    """Return the objective of a set of open columns, by NumPy from the dense costs alone.

    Parameters
    ----------
    model : {"mclp", "lscp", "pmedian", "pcenter"}
        The question.
    cost : numpy.ndarray of float64
        Dense costs, shape (n_demand, n_sites); infinite where unreachable.
    demand : numpy.ndarray of float64
        Weights, shape (n_demand,).
    opened : numpy.ndarray of int64
        Columns.
    radius : float
        Covering radius of mclp and lscp.
    """
    nearest = cost[:, opened].min(axis=1) if len(opened) else np.full(len(cost), np.inf)
    if model == "mclp":
        return float(demand[nearest <= radius].sum())
    if model == "lscp":
        return float(len(opened)) if (nearest <= radius).all() else math.inf
    return float((demand * nearest).sum()) if model == "pmedian" else float(nearest.max())


def plain_highs(model: str, cost: Float, demand: Float, p: int | None, radius: float, limit_s: float) -> PeerRun:
    """Solve the textbook program of a model with HiGHS; identical demand rows are merged, nothing else is done."""
    began = time.perf_counter()
    blocks = Blocks()
    sites = blocks.columns(np.full(cost.shape[1], 1.0 if model == "lscp" else 0.0), integer=True)
    if p is not None:
        blocks.entries(blocks.rows(float(p), float(p), 1), sites, 1.0)
    if model in ("mclp", "lscp"):
        reach, weight = _merged(cost <= radius, demand)
        covered = blocks.rows(-np.inf, 0.0, len(weight)) if model == "mclp" else blocks.rows(1.0, np.inf, len(weight))
        blocks.csr_entries(covered, reach, sites, -1.0 if model == "mclp" else 1.0)
        if model == "mclp":
            blocks.entries(covered, blocks.columns(weight), 1.0)
    else:
        _assign(blocks, model, cost, demand, sites)
    maximise = model == "mclp"
    control = Control(time_limit_s=limit_s, maximise=maximise)
    answer = solve_milp(blocks.model(maximise=maximise), control)
    opened = None if answer.x is None else np.flatnonzero(answer.x[sites] > 0.5)
    return PeerRun(answer.status, opened, answer.bound, time.perf_counter() - began)


def _merged(within: npt.NDArray[np.bool_], demand: Float) -> tuple[sparse.csr_array, Float]:
    """Return different rows of a reach matrix with their summed weights."""
    packed = np.packbits(within, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    weight: Float = np.bincount(group.ravel(), weights=demand).astype(np.float64)
    return sparse.csr_array(within[first].astype(np.int8)), weight


def _assign(blocks: Blocks, model: str, cost: Float, demand: Float, sites: npt.NDArray[np.int64]) -> None:
    """Add the assignment of every demand point to one open site, at its cost or under a common greatest cost."""
    n, m = cost.shape
    point, site = (part.ravel() for part in np.indices((n, m)))
    each = cost.ravel()
    share = blocks.columns(each * demand[point] if model == "pmedian" else np.zeros(n * m))
    blocks.entries(blocks.rows(1.0, 1.0, n)[point], share, 1.0)
    link = blocks.rows(-np.inf, 0.0, n * m)
    blocks.entries(link, share, 1.0)
    blocks.entries(link, sites[site], -1.0)
    if model == "pcenter":
        largest = blocks.columns(np.ones(1), np.inf)
        below = blocks.rows(-np.inf, 0.0, n)
        blocks.entries(below[point], share, each)
        blocks.entries(below, largest, -1.0)


def spopt_highs(model: str, cost: Float, demand: Float, p: int | None, radius: float, limit_s: float) -> PeerRun:
    """Let spopt build and solve a model with HiGHS through pulp; its own status stands as its claim."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # spopt calls what its own pulp gives up: not ours to mend
        return _spopt(model, cost, demand, p, radius, limit_s)


def _spopt(model: str, cost: Float, demand: Float, p: int | None, radius: float, limit_s: float) -> PeerRun:
    import pulp
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

    began = time.perf_counter()
    solver = pulp.HiGHS(msg=False, timeLimit=limit_s)
    if model == "mclp":
        problem = MCLP.from_cost_matrix(cost, demand, radius, p_facilities=p)
    elif model == "lscp":
        problem = LSCP.from_cost_matrix(cost, radius)
    elif model == "pmedian":
        problem = PMedian.from_cost_matrix(cost, demand, p_facilities=p)
    else:
        problem = PCenter.from_cost_matrix(cost, p_facilities=p)
    try:
        problem = problem.solve(solver, results=False)
    except RuntimeError as error:  # spopt raises where pulp reports no optimum
        return PeerRun(str(error), None, None, time.perf_counter() - began)
    values = [variable.value() for variable in problem.fac_vars]
    opened = np.flatnonzero([value is not None and value > 0.5 for value in values])
    claim = str(pulp.LpStatus[problem.problem.status])
    return PeerRun(claim, opened if len(opened) else None, None, time.perf_counter() - began)
