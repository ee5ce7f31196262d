"""What ``geoplan site`` asks, solved: one plan, years, a front or a worst case, with their facts as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import InputError
from geoplan.network import TravelTimes
from geoplan.planning import (
    ParetoFront,
    RobustPlan,
    SiteReason,
    explain,
    pareto_front,
    robust_facts,
    solve_robust,
)
from geoplan.siting import MODELS, Progress, SitingPlan, SitingProblem
from geoplan_api.city.phasing import Phasing, plan_in_years
from geoplan_api.cli.sitemodel import ModelWords
from geoplan_api.cli.sitephases import Years

__all__ = ["Asked", "Solved", "check", "progress_words", "solve", "solved_facts"]

Weights = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of ``geoplan site`` that say which plan is wanted.

    Parameters
    ----------
    model : str
        The model.
    new, budget, share, cross
        As on the command line.
    in_years : Years, optional
        Years.
    pareto, explained, near_best, floored : bool
        The front; reasons, and whether near-best plans are looked at; whether there are coverage floors.
    weights : mapping, optional
        Demand of each scenario.
    words : ModelWords
        What the model takes beside these.
    """

    model: str
    new: int | None
    budget: float | None
    share: float | None
    cross: int
    in_years: Years | None
    pareto: bool
    explained: bool
    near_best: bool
    floored: bool
    weights: Weights | None = None
    words: ModelWords = field(default_factory=ModelWords)

    @property
    def priced(self) -> bool:
        """Whether the candidates' costs are needed."""
        by_cost = self.model == "cflp" or bool(self.words.by_cost)
        yearly = self.in_years is not None and bool(self.in_years.budgets)
        return self.budget is not None or self.pareto or by_cost or yearly

    @property
    def plain(self) -> bool:
        """Whether a worker counts once a station is within reach, wholly and surely."""
        return self.cross == 1 and self.words.decay is None and self.words.open_probability is None


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What came out: the plan, and what was asked beside it."""

    plan: SitingPlan
    phasing: Phasing | None = None
    front: ParetoFront | None = None
    robust: RobustPlan | None = None
    reasons: tuple[SiteReason, ...] = ()
    floor_price: dict[str, Any] | None = None


def check(asked: Asked) -> None:
    """Raise for options that do not go together."""
    if asked.model not in MODELS:
        raise InputError(f"there is no model {asked.model!r}; use one of {', '.join(MODELS)}")
    aims = (
        (asked.in_years is not None, "--years"),
        (asked.pareto, "--pareto"),
        (asked.explained, "--explain"),
        (asked.weights is not None, "--scenarios"),
    )
    for on, option in aims:
        if on and asked.model != "mclp":
            raise InputError(f"{option} goes with --model mclp, not with {asked.model}")
    counted = asked.budget is not None or asked.new is not None
    if asked.pareto and (counted or asked.in_years is not None):
        raise InputError("--pareto goes over all budgets; leave --new, --budget and --years out")
    for on, option in aims:
        if on and not asked.plain:
            raise InputError(f"{option} counts workers once covered; leave --cross, --decay and --open-probability out")
    if asked.in_years is not None and counted:
        raise InputError("--years and --yearly-budget say how many; leave --new and --budget out")
    beside = asked.in_years is not None or asked.pareto or asked.explained or asked.floored
    if asked.weights is not None and beside:
        raise InputError("--scenarios goes without years, the front, reasons and floors")


def solve(
    problem: SitingProblem, asked: Asked, time_limit_s: float, note: Callable[[str], None], stop: Callable[[], bool]
) -> Solved:
    """Solve what is asked.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    asked : Asked
        What is wanted, checked.
    time_limit_s : float
        Limit of each solve.
    note : callable
        Told in words how far the search is.
    stop : callable
        Whether to end with the best so far.
    """
    if asked.in_years is not None:
        phasing = plan_in_years(
            problem,
            new_per_year=asked.in_years.new,
            yearly_budgets=asked.in_years.budgets,
            jointly=asked.in_years.joint,
            time_limit_s=time_limit_s,
            tell=lambda state: note(progress_words(state)),
            stop=stop,
        )
        if phasing is not None:
            return _explained(problem, asked, Solved(phasing.plan, phasing=phasing), stop)
        return Solved(_plain(problem, asked, time_limit_s, note, stop))
    if asked.pareto:
        front = pareto_front(
            problem,
            time_limit_s=time_limit_s,
            progress=lambda point: note(f"cost {point.cost:,g} · covered {point.covered:,.0f}"),
            cancel=stop,
        )
        plan = front.points[-1].plan if front.points else _plain(problem, asked, time_limit_s, note, stop)
        return _explained(problem, asked, Solved(plan, front=front), stop)
    if asked.weights is not None:
        robust = solve_robust(
            problem,
            np.vstack(list(asked.weights.values())),
            time_limit_s=time_limit_s,
            progress=lambda state: note(progress_words(state)),
            cancel=stop,
            **question_of(asked),
        )
        return Solved(robust.worst, robust=robust)
    plan = _plain(problem, asked, time_limit_s, note, stop)
    price = None
    if asked.floored and asked.model == "mclp" and plan.found:
        free = replace(problem, floors=()).solve(
            asked.model, time_limit_s=time_limit_s, cancel=stop, **question_of(asked)
        )
        price = floor_facts(free, plan)
    return _explained(problem, asked, Solved(plan, floor_price=price), stop)


def _plain(
    problem: SitingProblem, asked: Asked, time_limit_s: float, note: Callable[[str], None], stop: Callable[[], bool]
) -> SitingPlan:
    return problem.solve(
        asked.model,
        time_limit_s=time_limit_s,
        progress=lambda state: note(progress_words(state)),
        cancel=stop,
        **question_of(asked),
    )


def _explained(problem: SitingProblem, asked: Asked, solved: Solved, stop: Callable[[], bool]) -> Solved:
    if not asked.explained or not solved.plan.found or solved.plan.model != "mclp":
        return solved  # the last point of a front may be a plan of least money
    within = 0.005 if asked.near_best else None
    return replace(solved, reasons=tuple(explain(problem, solved.plan, within=within, cancel=stop)))


def question_of(asked: Asked) -> dict[str, Any]:
    """Return the parameters that the model takes; those not given are left out."""
    spec = MODELS[asked.model]
    new, budget = asked.new, 0.0 if asked.pareto else asked.budget
    if asked.in_years is not None:
        new = sum(asked.in_years.new) if asked.in_years.new else None
        budget = None if asked.in_years.new else sum(asked.in_years.budgets)
    if new is None and budget is None and any("p" in part.split("|") for part in spec.needs):
        new = 111
    values: dict[str, Any] = {"p": new, "budget": budget, "share": asked.share}
    values["cover_times"] = asked.cross if asked.cross > 1 else None
    return {name: value for name, value in values.items() if value is not None} | asked.words.given()


def solved_facts(solved: Solved, asked: Asked, times: TravelTimes) -> dict[str, Any]:
    """Return what was asked beside the plan as plain values."""
    robust, phasing = solved.robust, solved.phasing
    together = None if phasing is None else phasing.proof()
    return {
        **({} if together is None else together_facts(together)),
        "years": [] if phasing is None else phasing.years(),
        "phasing": None if together is None else {name: together[name] for name in ("status", "objective", "bound")},
        "floor_price": solved.floor_price,
        "pareto": None if solved.front is None else front_facts(solved.front),
        "robust": None if robust is None else robust_facts(robust, times, asked.weights or {}),
        "explained": [reason_facts(reason) for reason in solved.reasons],
    }


def together_facts(proof: dict[str, Any]) -> dict[str, Any]:
    """Return the certificate of years planned together in the place of the last year's, which proves less."""
    kept = ("status", "objective", "bound", "gap", "solve_s", "sentence", "sentence_zh")
    certificate = {"objective_recomputed": proof["recomputed_objective"], "agrees": proof["agrees"], "violations": []}
    return {name: proof[name] for name in kept} | {"certificate": certificate}


def floor_facts(free: SitingPlan, kept: SitingPlan) -> dict[str, Any]:
    """Return what the floors cost: covered demand without them and with them."""
    price = None if free.objective is None or kept.objective is None else free.objective - kept.objective
    exact = free.status == "optimal" and kept.status == "optimal"
    return {"without": free.objective, "with": kept.objective, "price": price, "exact": exact}


def front_facts(front: ParetoFront) -> dict[str, Any]:
    """Return the front of cost and coverage."""
    points = [
        {
            "cost": point.cost,
            "covered": point.covered,
            "new": len(point.plan.sites),
            "sites": [str(name) for name in point.plan.sites],
            "status": point.plan.status,
            "bound": point.covered if point.plan.status == "optimal" else point.plan.bound,
            "agrees": point.plan.certificate.agrees,
        }
        for point in front.points
    ]
    return {"complete": front.complete, "points": points}


def reason_facts(reason: SiteReason) -> dict[str, Any]:
    """Return why a site is in the plan."""
    return {
        "site": str(reason.site),
        "own": reason.own,
        "marginal": reason.marginal,
        "substitute": None if reason.substitute is None else str(reason.substitute),
        "substitute_loss": reason.substitute_loss,
        "in_every_near_best": reason.in_every_near_best,
    }


def progress_words(state: Progress) -> str:
    """Return best, bound and gap in a few words."""
    best = "–" if state.best is None else f"{state.best:,.0f}"
    bound = "–" if state.bound is None else f"{state.bound:,.0f}"
    gap = "–" if not np.isfinite(state.gap) else f"{state.gap:.3%}"
    return f"best {best} · bound {bound} · gap {gap}"
