"""The front of cost and coverage: every budget at which spending more covers more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geoplan.errors import Fault, InputError
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem

__all__ = ["FrontPoint", "ParetoFront", "pareto_front"]


@dataclass(frozen=True, slots=True, eq=False)
class FrontPoint:
    """One plan that no other of the front beats in both cost and coverage.

    Parameters
    ----------
    cost : float
        Summed cost of its new sites.
    covered : float
        Demand covered.
    plan : SitingPlan
        The plan with its certificate.
    """

    cost: float
    covered: float
    plan: SitingPlan


@dataclass(frozen=True, slots=True, eq=False)
class ParetoFront:
    """Plans from the cheapest to the dearest.

    Parameters
    ----------
    points : tuple of FrontPoint
        Costs and coverage both rise.
    proven : bool
        Whether each plan is proven to be the best for its money.
    complete : bool
        Whether no further plan belongs on the front (only without ``budgets``, and proven).
    """

    points: tuple[FrontPoint, ...]
    proven: bool
    complete: bool


def pareto_front(
    problem: SitingProblem,
    *,
    budgets: Sequence[float] | None = None,
    radius: float | None = None,
    most_points: int = 1000,
    time_limit_s: float | None = None,
    progress: Callable[[FrontPoint], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ParetoFront:
    """Return plans of cost against coverage.

    Parameters
    ----------
    problem : SitingProblem
        The problem; costs are its ``site_cost``.
    budgets : sequence of float, optional
        Budgets asked. Without them the whole front is found, from the dearest point down (ε-constraint): most coverage
        for the money, then the least money for that coverage, then less money than that. Costs may then have six
        decimals at most.
    radius : float, optional
        As for :meth:`SitingProblem.solve`.
    most_points : int
        Largest number of points of a whole front.
    time_limit_s : float, optional
        Limit of each solve.
    progress : callable, optional
        Told each point as it is found.
    cancel : callable, optional
        Asked now and then; a true answer ends the walk with the points found so far.

    Returns
    -------
    ParetoFront
        The points, cheapest first.
    """
    say = progress or (lambda _: None)
    if budgets is None:
        points, complete = _whole(problem, radius, most_points, time_limit_s, say, cancel)
    else:
        points, complete = [], False
        for budget in sorted(set(budgets)):
            plan = problem.solve("mclp", budget=budget, radius=radius, time_limit_s=time_limit_s, cancel=cancel)
            if plan.objective is not None:
                points.append(_point(problem, plan, plan.objective))
                say(points[-1])
    kept: list[FrontPoint] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.covered)):
        if not kept or point.covered > kept[-1].covered + 1e-9 * abs(kept[-1].covered):
            kept.append(point)
    proven = bool(kept) and all(point.plan.status == "optimal" for point in points)
    return ParetoFront(tuple(kept), proven, complete and proven)


def _point(problem: SitingProblem, plan: SitingPlan, covered: float, step: float = 1.0) -> FrontPoint:
    return FrontPoint(float(problem.site_cost[plan.new_positions].sum()), covered, _in_money(plan, step))


def _in_money(plan: SitingPlan, step: float) -> SitingPlan:
    """Return a plan whose costs were counted in steps with its money as the problem has it."""
    if step == 1.0:
        return plan
    question, proof = plan.question, plan.certificate
    told = replace(question, budget=None if question.budget is None else question.budget * step)
    if not question.by_cost:
        return replace(plan, question=told)

    def money(value: float | None) -> float | None:
        return None if value is None else value * step

    return replace(
        plan,
        question=told,
        objective=money(plan.objective),
        bound=money(plan.bound),
        certificate=replace(
            proof, objective=money(proof.objective), reported=money(proof.reported), bound=money(proof.bound)
        ),
    )


def _whole(
    problem: SitingProblem,
    radius: float | None,
    most_points: int,
    time_limit_s: float | None,
    say: Callable[[FrontPoint], None],
    cancel: Callable[[], bool] | None,
) -> tuple[list[FrontPoint], bool]:
    """Walk the front from its dear end; returns the points, and whether the walk came to the cheap end."""
    step = _cost_step(problem)
    # Prices counted in steps are whole, which the search for the least money needs.
    counted = replace(problem, site_cost=np.round(problem.site_cost / step))
    control: dict[str, Any] = {"radius": radius, "time_limit_s": time_limit_s, "cancel": cancel}
    total, budget = float(problem.demand.sum()), float(counted.site_cost[problem.candidates].sum())
    points: list[FrontPoint] = []
    while len(points) < most_points:
        best = counted.solve("mclp", budget=budget, **control)
        if best.objective is None:
            return points, best.status == "infeasible"  # the rules themselves cost more than this
        share = best.objective * (1 - 1e-9) / total if total > 0 else 0.0
        cheap = best
        if share > 0:
            least = counted.solve("pscp", share=share, by_cost=True, **control)
            if least.status != "optimal" or best.status != "optimal":
                points.append(_point(problem, best, best.objective, step))
                return points, False
            cheap = least
        points.append(_point(problem, cheap, best.objective, step))
        say(points[-1])
        budget = float(counted.site_cost[cheap.new_positions].sum()) - 1.0
        if budget < 0:
            return points, True
    return points, False


def _cost_step(problem: SitingProblem) -> float:
    """Return the largest power of ten, 1 at most, of which every candidate's cost is a multiple."""
    cost = problem.site_cost[problem.candidates]
    for decimals in range(7):
        steps = cost * 10.0**decimals
        if np.allclose(steps, np.round(steps), rtol=1e-12, atol=1e-6):
            return float(10.0**-decimals)
    raise InputError(
        Fault(
            "site costs have more than six decimals",
            "give the budgets to ask, or rounder costs",
            problem_zh="费用的小数超过六位",
            todo_zh="请取整，或给出要比较的预算",
        )
    )
