"""Several objectives in order: each is met as well as it can be without giving up those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.question import MODELS
from geoplan.siting.rules import Floor

__all__ = ["Goal", "OrderedPlan", "solve_in_order"]

EARLIER: Final = ("mclp", "lscp", "pscp", "pcenter")


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """One objective of several.

    Parameters
    ----------
    model : str
        A key of :data:`geoplan.siting.MODELS`. All but the last must be a plain ``mclp`` (also ``cover_times``),
        ``lscp``, ``pscp`` or ``pcenter``, whose worth can be kept as a rule.
    question : mapping
        What the model takes beyond the common ``radius`` and ``p`` or ``budget``: ``cover_times``, ``share``, ….
    weights : numpy.ndarray of float64, optional
        Demand of this goal (a trade, a slice), shape (n_demand,); the problem's own without it.
    """

    model: str
    question: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    weights: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OrderedPlan:
    """The plan of the last goal, and the plan with which each goal was settled.

    Parameters
    ----------
    plans : tuple of SitingPlan
        One for each goal asked before a plan could not be found, each with its own certificate.
    proven : bool
        Whether every goal has a plan proven best under those before it.
    """

    plans: tuple[SitingPlan, ...]
    proven: bool

    @property
    def final(self) -> SitingPlan:
        """The plan that meets all goals in their order."""
        return self.plans[-1]


def solve_in_order(
    problem: SitingProblem,
    goals: Sequence[Goal],
    *,
    tolerance: float = 0.0,
    radius: float | None = None,
    p: int | None = None,
    budget: float | None = None,
    time_limit_s: float | None = None,
) -> OrderedPlan:
    """Optimise objectives in lexicographic order.

    Parameters
    ----------
    problem : SitingProblem
        The problem with its rules.
    goals : sequence of Goal
        The objectives, the most important first.
    tolerance : float
        Share of an earlier objective that later ones may give up, e.g. 0.01.
    radius : float, optional
        Covering radius of every goal; the problem's bound without it.
    p, budget : optional
        New sites or summed cost, of every goal that takes them. After ``lscp`` or ``pscp`` the number (or, by cost,
        the sum) that these found is the limit.
    time_limit_s : float, optional
        Limit of each solve.

    Returns
    -------
    OrderedPlan
        A plan for each goal. A goal without a plan ends the order.

    Raises
    ------
    InputError
        If a goal that is not the last has a model whose worth cannot be kept.
    """
    if not goals:
        raise InputError(
            Fault(
                "goals is empty",
                "give at least one objective",
                problem_zh="没有目标",
                todo_zh="至少给一个目标",
            )
        )
    if not 0 <= tolerance < 1:
        raise InputError(f"tolerance is {tolerance}; give a share from 0 to below 1")
    for goal in goals[:-1]:
        if goal.model not in EARLIER or {"decay", "open_probability", "weighted"} & set(goal.question):
            raise InputError(f"model {goal.model!r} cannot come before another; put it last, or use one of {EARLIER}")
    limits: dict[str, Any] = {"radius": radius, "p": p, "budget": budget, "distance_cap": None}
    rules, plans = problem, []
    for goal in goals:
        asked = rules if goal.weights is None else replace(rules, demand=np.asarray(goal.weights, np.float64))
        taken = {name: value for name, value in limits.items() if value is not None and _takes(goal.model, name, rules)}
        plan = asked.solve(goal.model, time_limit_s=time_limit_s, **(taken | dict(goal.question)))
        plans.append(plan)
        if plan.objective is None:
            break
        rules, limits = _kept(rules, asked, goal, plan, limits, tolerance)
    return OrderedPlan(tuple(plans), len(plans) == len(goals) and all(plan.status == "optimal" for plan in plans))


def _takes(model: str, name: str, rules: SitingProblem) -> bool:
    if name == "p":
        return model not in ("lscp", "pscp")
    if name == "distance_cap":
        return model in ("pmedian", "pcenter", "cpmedian", "cflp")
    if name == "radius":
        return name in MODELS[model].needs or bool(rules.floors)
    return model not in ("lscp", "pscp")


def _kept(
    rules: SitingProblem,
    asked: SitingProblem,
    goal: Goal,
    plan: SitingPlan,
    limits: dict[str, Any],
    tolerance: float,
) -> tuple[SitingProblem, dict[str, Any]]:
    """Return the rules and limits that keep what a goal reached."""
    assert plan.objective is not None
    total = float(asked.demand.sum())
    times = int(goal.question.get("cover_times", 1))
    if goal.model == "pcenter":
        return rules, limits | {"distance_cap": plan.objective * (1 + tolerance)}
    if goal.model == "mclp":
        share = plan.objective * (1 - tolerance) / total if total > 0 else 0.0
    else:
        by_cost = bool(goal.question.get("by_cost"))
        most = plan.objective * (1 + tolerance)
        limits = limits | ({"budget": most, "p": None} if by_cost else {"p": int(most + 1e-9), "budget": None})
        share = float(goal.question.get("share", 1.0))
    name = f"目标 {goal.model} / goal {goal.model}"
    floor = Floor(name, asked.demand, min(1.0, share), times)
    return (replace(rules, floors=(*rules.floors, floor)) if share > 0 else rules), limits
