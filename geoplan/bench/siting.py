"""Siting measured: maximal covering of published sizes, generated from a seed, each with its proof or honest gap."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from geoplan.siting import SitingProblem

__all__ = ["CASES", "SitingCase", "run_case", "run_siting", "uniform_problem"]


@dataclass(frozen=True, slots=True)
class SitingCase:
    """One maximal covering instance of uniform points.

    Parameters
    ----------
    name : str
        How the table calls it.
    n_demand, n_sites, p : int
        Size and number of sites to open.
    side, radius : float
        Side of the square and covering radius, in one unit.
    time_limit_s : float
        Seconds given.
    """

    name: str
    n_demand: int
    n_sites: int
    p: int
    side: float
    radius: float
    time_limit_s: float


def _uniform100(n_demand: int, n_sites: int, time_limit_s: float) -> SitingCase:
    p = n_sites // 20
    radius = float(np.sqrt(0.7e4 / (np.pi * p)))
    return SitingCase(f"uniform100 {n_demand} x {n_sites}", n_demand, n_sites, p, 100.0, radius, time_limit_s)


CASES = (
    SitingCase("20 km 20000 x 1000", 20_000, 1_000, 60, 20_000.0, 1_000.0, 60.0),
    _uniform100(10_000, 500, 60.0),
    _uniform100(50_000, 1_000, 60.0),
    _uniform100(100_000, 2_000, 60.0),
    _uniform100(1_000_000, 200, 120.0),
)


def uniform_problem(case: SitingCase, seed: int = 1) -> SitingProblem:
    """Return the instance: demand points, then sites, then whole weights 1 to 100, drawn by one generator.

    Only pairs within the radius are stored.
    """
    rng = np.random.default_rng(seed)
    demand = rng.uniform(0, case.side, (case.n_demand, 2))
    sites = rng.uniform(0, case.side, (case.n_sites, 2))
    weights = rng.integers(1, 101, case.n_demand)
    return SitingProblem.from_matrix(_within(demand, sites, case.radius), weights)


def _within(demand: npt.NDArray[np.float64], sites: npt.NDArray[np.float64], radius: float) -> sparse.csr_array:
    near = cKDTree(demand).query_ball_point(sites, radius * (1 + 1e-9))
    counts = [len(points) for points in near]
    point = np.concatenate([np.asarray(points, dtype=np.int64) for points in near])
    site = np.repeat(np.arange(len(sites)), counts)
    distance = np.hypot(*(demand[point] - sites[site]).T)
    return sparse.csr_array((distance, (point, site)), shape=(len(demand), len(sites)))


def run_siting(names: tuple[str, ...] | None = None, time_limit_s: float | None = None) -> list[dict[str, Any]]:
    """Solve the cases and return one plain record each.

    Parameters
    ----------
    names : tuple of str, optional
        Cases to run; all by default.
    time_limit_s : float, optional
        Limit for every case instead of its own.

    Returns
    -------
    list of dict
        ``case, n_demand, n_sites, p, status, objective, bound, gap, build_s, solve_s, certificate_agrees``.
    """
    return [run_case(case, time_limit_s or case.time_limit_s) for case in CASES if names is None or case.name in names]


def run_case(case: SitingCase, time_limit_s: float, seed: int = 1) -> dict[str, Any]:
    """Solve one case and return a plain record; see :func:`run_siting`."""
    began = time.perf_counter()
    problem = uniform_problem(case, seed)
    built = time.perf_counter() - began
    plan = problem.solve("mclp", p=case.p, radius=case.radius, time_limit_s=time_limit_s)
    return {
        "case": case.name,
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
    }
