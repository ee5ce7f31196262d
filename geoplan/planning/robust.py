"""Plans that hold over several demand scenarios: good on average, and never far from what each scenario allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.siting.certificate import times_reached
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.rules import Floor

__all__ = ["RobustPlan", "solve_robust"]


@dataclass(frozen=True, slots=True, eq=False)
class RobustPlan:
    """The plan with the best worst scenario.

    Parameters
    ----------
    mean, worst : SitingPlan
        Best plan of the mean demand; plan with the largest least share, found by bisection over coverage floors.
    shares : numpy.ndarray of float64
        Share of each scenario's demand that ``worst`` covers.
    worst_share, worst_bound : float
        Its least share, and a share that no plan reaches in every scenario.
    """

    mean: SitingPlan
    worst: SitingPlan
    shares: npt.NDArray[np.float64]
    worst_share: float
    worst_bound: float


def solve_robust(
    problem: SitingProblem, scenarios: npt.NDArray[np.float64], *, tolerance: float = 1e-3, **question: Any
) -> RobustPlan:
    """Maximise covered demand over scenarios, on average and in the worst case.

    Parameters
    ----------
    problem : SitingProblem
        The problem; its own demand is replaced.
    scenarios : numpy.ndarray of float64
        Demand of each scenario, shape (n_scenarios, n_demand).
    tolerance : float
        Width of the bracket of the worst share at which to stop.
    **question
        ``p`` or ``budget``, ``radius``, ``time_limit_s`` (of each solve).

    Returns
    -------
    RobustPlan
        Both plans with the shares reached.
    """
    if scenarios.ndim != 2 or scenarios.shape[1] != problem.shape[0] or not (scenarios.sum(axis=1) > 0).all():
        raise InputError(
            Fault(
                f"scenarios have shape {scenarios.shape}, or one without demand",
                f"give one row of {problem.shape[0]} weights each, not all of them 0",
                problem_zh="情景的需求不完整，或有的情景没有人",
                todo_zh=f"请给每个情景 {problem.shape[0]} 个需求点的人数，不能全为 0",
            )
        )
    average = replace(problem, demand=scenarios.mean(axis=0))
    mean = average.solve("mclp", **question)
    if not mean.found:
        raise InputError(mean.reasons or _undecided(mean))
    worst, shares = mean, _shares(problem, mean, scenarios)
    low, high = float(shares.min()), _ceiling(problem, scenarios, **question)
    while high - low > tolerance:
        share = 0.5 * (low + high)
        floors = tuple(Floor(f"scenario {k + 1}", weights, share) for k, weights in enumerate(scenarios))
        plan = replace(average, floors=(*problem.floors, *floors)).solve("mclp", **question)
        if plan.found:
            worst, shares = plan, _shares(problem, plan, scenarios)
            low = max(low, float(shares.min()))
        elif plan.status == "infeasible":
            high = share
        else:
            break  # not decided in the time given: the bracket stays as wide as it is
    return RobustPlan(mean, worst, shares, low, max(low, high))


def _undecided(plan: SitingPlan) -> Fault:
    return Fault(
        plan.summary().rstrip("."),
        "give it more time",
        problem_zh=plan.summary("zh").rstrip("。"),
        todo_zh="请放宽求解时间",
    )


def _ceiling(problem: SitingProblem, scenarios: npt.NDArray[np.float64], **question: Any) -> float:
    """Return a share that no plan exceeds in every scenario: none does better in one than that one's own best plan.

    Where the plan that is best on average comes as close, the search for a better worst case is over before it begins.
    """
    shares = [1.0]
    for weights in scenarios:
        alone = replace(problem, demand=weights).solve("mclp", **question)
        if alone.bound is not None:
            shares.append(alone.bound / float(weights.sum()))
    return min(shares)


def _shares(problem: SitingProblem, plan: SitingPlan, scenarios: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    covered = times_reached(problem, plan.open_positions, plan.question.radius) >= 1
    return np.asarray(scenarios[:, covered].sum(axis=1) / scenarios.sum(axis=1))
