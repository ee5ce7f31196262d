"""The check of a plan by code that shares nothing with the solvers: raw costs in, objective and broken rules out.

Everything here is written a second time, in the plainest way: no merged rows, no reduced matrices, no kernels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.exact import ALLOCATION_SLACK, SUM_SLACK, counted_money, may_miss, percents

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["broken_rules", "recomputed_objective"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


def recomputed_objective(
    problem: ProblemData, question: Question, opened: Int, allocation: sparse.csr_array | None
) -> float:
    """Return the objective of a set of open sites, from the raw costs.

    Parameters
    ----------
    problem : ProblemData
        The problem, as it was given.
    question : Question
        Model and parameters.
    opened : numpy.ndarray of int64
        Columns of all open sites, existing ones included.
    allocation : scipy.sparse.csr_array, optional
        Shares served, for capacitated models.

    Returns
    -------
    float
        The model's objective; infinite where a demand point that must be served is not.
    """
    model = question.model
    new = [site for site in opened.tolist() if not problem.existing[site]]
    if model in ("lscp", "pscp"):
        return float(sum(problem.site_cost[site] for site in new)) if question.by_cost else float(len(new))
    if model in ("cmclp", "cpmedian", "cflp"):
        return _allocated_objective(problem, question, new, allocation)
    if model == "mclp":
        return _mclp_objective(problem, question, opened)
    nearest = nearest_cost(problem, opened)
    if model == "pmedian":
        served = np.where(problem.demand > 0, problem.demand * np.where(np.isfinite(nearest), nearest, 0.0), 0.0)
        return float(served.sum()) if np.isfinite(nearest).all() else np.inf
    if model == "pcenter":
        return float((nearest * problem.demand if question.weighted else nearest).max())
    once = times_reached(problem, opened, question.radius)
    if model == "bacop1":
        return float(problem.demand[once >= 2].sum())
    backup = question.backup_weight
    return float((1 - backup) * problem.demand[once >= 1].sum() + backup * problem.demand[once >= 2].sum())


def _mclp_objective(problem: ProblemData, question: Question, opened: Int) -> float:
    demand = problem.demand
    if question.decay:
        nearest = nearest_cost(problem, opened)
        total = 0.0
        for cost, weight in zip(nearest, demand, strict=True):
            total += weight * next((share for reach, share in question.decay if cost <= reach), 0.0)
        return float(total)
    count = times_reached(problem, opened, question.radius)
    if question.open_probability is not None:
        return float((demand * (1.0 - (1.0 - question.open_probability) ** count)).sum())
    return float(demand[count >= question.cover_times].sum())


def _allocated_objective(
    problem: ProblemData, question: Question, new: list[int], allocation: sparse.csr_array | None
) -> float:
    if allocation is None:
        return np.nan
    total = 0.0
    for point, site, share, cost in _allocated(problem, allocation):
        del site
        total += problem.demand[point] * share * (1.0 if question.model == "cmclp" else cost)
    if question.model == "cflp":
        total += sum(float(problem.site_cost[site]) for site in new)
    return float(total)


def _allocated(problem: ProblemData, allocation: sparse.csr_array) -> Iterator[tuple[int, int, float, float]]:
    """Yield (demand point, site, share, raw cost) of every stored share."""
    coo = allocation.tocoo()
    for point, site, share in zip(*coo.coords, coo.data, strict=True):
        yield int(point), int(site), float(share), raw_cost(problem, int(point), int(site))


def raw_cost(problem: ProblemData, point: int, site: int) -> float:
    """Return the cost of one pair; infinite where it is not stored."""
    if isinstance(problem.cost, np.ndarray):
        return float(problem.cost[point, site])
    start, stop = problem.cost.indptr[point], problem.cost.indptr[point + 1]
    for k in range(start, stop):
        if problem.cost.indices[k] == site:
            return float(problem.cost.data[k])
    return np.inf


def _site_costs(problem: ProblemData, opened: Int) -> Iterator[tuple[Int, npt.NDArray[np.floating]]]:
    """Yield, for every open site, the demand points it can reach and what each costs."""
    if isinstance(problem.cost, np.ndarray):
        for site in opened.tolist():
            column = problem.cost[:, site]
            points = np.flatnonzero(np.isfinite(column))
            yield points, column[points]
        return
    is_open = np.zeros(problem.shape[1], dtype=bool)
    is_open[opened] = True
    kept = is_open[problem.cost.indices]
    point_of = np.repeat(np.arange(problem.shape[0]), np.diff(problem.cost.indptr))[kept]
    site_of, cost_of = problem.cost.indices[kept], problem.cost.data[kept]
    order = np.argsort(site_of, kind="stable")
    bounds = np.searchsorted(site_of[order], opened, side="left"), np.searchsorted(site_of[order], opened, side="right")
    for start, stop in zip(*bounds, strict=True):
        yield point_of[order[start:stop]], cost_of[order[start:stop]]


def nearest_cost(problem: ProblemData, opened: Int) -> Float:
    """Return the least cost from each demand point to an open site; infinite where none is reachable."""
    nearest = np.full(problem.shape[0], np.inf)
    for points, costs in _site_costs(problem, opened):
        nearest[points] = np.minimum(nearest[points], costs)
    return nearest


def times_reached(problem: ProblemData, opened: Int, radius: float | None) -> Int:
    """Return how many open sites lie within ``radius`` of each demand point."""
    count = np.zeros(problem.shape[0], dtype=np.int64)
    if radius is None:
        return count
    for points, costs in _site_costs(problem, opened):
        count[points[costs <= radius]] += 1
    return count


def broken_rules(
    problem: ProblemData, question: Question, opened: Int, allocation: sparse.csr_array | None
) -> tuple[str, ...]:
    """Return every rule of the problem that a set of open sites breaks, in words; empty for a sound plan."""
    is_open = np.zeros(problem.shape[1], dtype=bool)
    is_open[opened] = True
    new = is_open & ~problem.existing
    broken = []
    if (problem.existing & ~is_open).any():
        broken.append("an existing site is closed")
    if (problem.required & ~is_open).any():
        broken.append("a required site is closed")
    if (problem.forbidden & is_open).any():
        broken.append("a forbidden site is open")
    if question.p is not None and int(new.sum()) != question.p:
        broken.append(f"{int(new.sum())} new sites instead of {question.p}")
    if question.budget is not None and _spent_too_much(problem, question.budget, new):
        broken.append("the budget is exceeded")
    for quota in problem.quotas:
        count = int(new[quota.sites].sum())
        if count < quota.least or (quota.most is not None and count > quota.most):
            broken.append(f"{count} new sites in {quota.name}")
    broken.extend(
        f"{int(is_open[group].sum())} open sites of an exclusive set"
        for group in problem.exclusive
        if new[group].any() and int(is_open[group].sum()) > 1
    )
    broken.extend(_broken_spacing(problem, new))
    broken.extend(_broken_floors(problem, question, opened))
    broken.extend(_broken_service(problem, question, opened, allocation))
    return tuple(broken)


def _spent_too_much(problem: ProblemData, budget: float, new: npt.NDArray[np.bool_]) -> bool:
    money, most = counted_money(problem.site_cost, budget)
    return math.fsum(money.values[new]) > most


def _falls_short(weights: Float, covered: npt.NDArray[np.bool_], share: float) -> bool:
    count, spare = may_miss(weights, share)
    return math.fsum(count.values[~covered]) > spare


def _broken_spacing(problem: ProblemData, new: npt.NDArray[np.bool_]) -> Iterator[str]:
    if problem.spacing_m <= 0 or problem.site_xy_m is None:
        return
    for one, other in combinations(np.flatnonzero(new).tolist(), 2):
        dx, dy = problem.site_xy_m[one] - problem.site_xy_m[other]
        if (dx * dx + dy * dy) ** 0.5 < problem.spacing_m * (1 - SUM_SLACK):
            yield f"new sites {problem.site_ids[one]} and {problem.site_ids[other]} are too close"


def _broken_floors(problem: ProblemData, question: Question, opened: Int) -> Iterator[str]:
    if not problem.floors:
        return
    count = times_reached(problem, opened, question.radius)
    for floor in problem.floors:
        met = count >= floor.times
        if _falls_short(floor.weights, met, floor.share):
            reached, whole = floor.weights[met].sum(), floor.weights.sum()
            asked, reached_share = percents(floor.share, reached / whole)
            yield f"{reached_share} of {whole:,.10g} covered in {floor.name}, {asked} is asked"


def _broken_service(
    problem: ProblemData, question: Question, opened: Int, allocation: sparse.csr_array | None
) -> Iterator[str]:
    model = question.model
    if model in ("lscp", "bacop1"):
        least = question.cover_times
        short = int((times_reached(problem, opened, question.radius) < least).sum())
        if short:
            yield f"{short} demand points are not covered"
    if model == "pscp":
        reached = times_reached(problem, opened, question.radius) >= question.cover_times
        if question.share is None or _falls_short(problem.demand, reached, question.share):
            yield "the share of demand is not reached"
    if model in ("pmedian", "pcenter"):
        cap = np.inf if question.distance_cap is None else question.distance_cap
        far = int((~(nearest_cost(problem, opened) <= cap) | ~np.isfinite(nearest_cost(problem, opened))).sum())
        if far:
            yield f"{far} demand points are not served"
    if model in ("cmclp", "cpmedian", "cflp"):
        yield from _broken_allocation(problem, question, opened, allocation)


def _broken_allocation(
    problem: ProblemData, question: Question, opened: Int, allocation: sparse.csr_array | None
) -> Iterator[str]:
    if allocation is None:
        yield "there is no allocation"
        return
    limit = question.radius if question.model == "cmclp" else question.distance_cap
    load = np.zeros(problem.shape[1])
    served = np.zeros(problem.shape[0])
    parts = np.zeros(problem.shape[0], dtype=np.int64)
    is_open = set(opened.tolist())
    for point, site, share, cost in _allocated(problem, allocation):
        load[site] += share * problem.demand[point]
        served[point] += share
        parts[point] += 1
        if site not in is_open or not np.isfinite(cost) or (limit is not None and cost > limit):
            yield f"demand point {problem.demand_ids[point]} is served by a site that cannot serve it"
    if problem.capacity is not None and (load > problem.capacity * (1 + ALLOCATION_SLACK) + ALLOCATION_SLACK).any():
        yield "a capacity is exceeded"
    over, under = served > 1 + ALLOCATION_SLACK, served < 1 - ALLOCATION_SLACK
    if over.any() or (question.model != "cmclp" and under.any()):
        yield "a demand point is not served exactly once"
    if question.single_source and (parts > 1).any():
        yield "a demand point is served by several sites"
