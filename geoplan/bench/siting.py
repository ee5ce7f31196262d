"""Siting measured: instances generated from a seed, each with its proof or honest gap."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from geoplan.siting import SitingProblem

__all__ = ["SitingCase", "run_case", "uniform_problem"]


@dataclass(frozen=True, slots=True)
class SitingCase:
    """One instance of uniform points.

    Parameters
    ----------
    name : str
        How the table calls it.
    n_demand, n_sites, p : int
        Size and number of sites to open.
    side, radius : float
        Side of the square and covering radius, in one unit.
    model : {"mclp", "lscp", "pmedian", "pcenter"}
        The question; p counts for all but lscp, the radius for the covering models.
    """

    name: str
    n_demand: int
    n_sites: int
    p: int
    side: float
    radius: float
    model: str = "mclp"


def uniform_problem(case: SitingCase, seed: int = 1) -> SitingProblem:
    """Return the instance: demand points, then sites, then whole weights 1 to 100, drawn by one generator.

    For the covering models only pairs within the radius are stored.
    """
    rng = np.random.default_rng(seed)
    demand = rng.uniform(0, case.side, (case.n_demand, 2))
    sites = rng.uniform(0, case.side, (case.n_sites, 2))
    weights = rng.integers(1, 101, case.n_demand)
    if case.model in ("mclp", "lscp"):
        return SitingProblem.from_matrix(_within(demand, sites, case.radius), weights)
    cost = np.hypot(demand[:, None, 0] - sites[None, :, 0], demand[:, None, 1] - sites[None, :, 1])
    return SitingProblem.from_matrix(cost, weights)


def _within(demand: npt.NDArray[np.float64], sites: npt.NDArray[np.float64], radius: float) -> sparse.csr_array:
    near = cKDTree(demand).query_ball_point(sites, radius * (1 + 1e-9))
    counts = [len(points) for points in near]
    point = np.concatenate([np.asarray(points, dtype=np.int64) for points in near])
    site = np.repeat(np.arange(len(sites)), counts)
    distance = np.hypot(*(demand[point] - sites[site]).T)
    return sparse.csr_array((distance, (point, site)), shape=(len(demand), len(sites)))


def run_case(
    case: SitingCase, time_limit_s: float, seed: int = 1, cancel: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Solve one case within a time limit and return a plain record.

    Parameters
    ----------
    case : SitingCase
        The case.
    time_limit_s : float
        Seconds of solving.
    seed : int
        Seed of the points.
    cancel : callable, optional
        Asked now and then whether to end with the best so far.

    Returns
    -------
    dict
        ``case, model, n_demand, n_sites, p, status, objective, bound, gap, build_s, solve_s, certificate_agrees,
        reasons``.
    """
    began = time.perf_counter()
    problem = uniform_problem(case, seed)
    built = time.perf_counter() - began
    asked: dict[str, Any] = {} if case.model == "lscp" else {"p": case.p}
    asked |= {"radius": case.radius} if case.model in ("mclp", "lscp") else {}
    plan = problem.solve(case.model, time_limit_s=time_limit_s, cancel=cancel, **asked)
    return {
        "case": case.name,
        "model": case.model,
        "n_demand": case.n_demand,
        "n_sites": case.n_sites,
        "p": case.p,
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "build_s": built,
        "solve_s": plan.solve_s,
        "certificate_agrees": plan.certificate.agrees,
        "reasons": [fault.sentence() for fault in plan.reasons],
    }
