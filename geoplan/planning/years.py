"""A plan in years: one after the other from the last back, or all years together with their proof."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoplan.errors import Cancelled
from geoplan.planning.joint_phases import JointPhases, solve_phases_jointly
from geoplan.planning.phases import Phase, solve_phases
from geoplan.planning.sentences import certificate_sentence
from geoplan.siting import Progress, SitingPlan, SitingProblem

__all__ = ["Phasing", "plan_in_years"]

_AGREE = 1e-6  # relative difference up to which the recomputed sum is the solver's


@dataclass(frozen=True, slots=True, eq=False)
class Phasing:
    """The years of a plan.

    Parameters
    ----------
    phases : tuple of Phase
        First year to last.
    together : JointPhases or None
        The proof of all years planned together; None where they were planned from the last year back.
    weights : tuple of float
        What a worker covered is worth in each year.
    seconds : float
        Time that all of it took.
    """

    phases: tuple[Phase, ...]
    together: JointPhases | None
    weights: tuple[float, ...]
    seconds: float

    @property
    def plan(self) -> SitingPlan:
        """The last year's network."""
        return self.phases[-1].plan

    def years(self) -> list[dict[str, Any]]:
        """Return each year: new sites in all, which, what they cover, and what the phasing costs that year."""
        return [
            {
                "total": phase.total,
                "sites": [str(name) for name in phase.plan.sites],
                "objective": phase.plan.objective,
                "alone": phase.alone.objective,
                "price": phase.price,
                "status": phase.plan.status,
            }
            for phase in self.phases
        ]

    def proof(self) -> dict[str, Any] | None:
        """Return the certificate of the years planned together: it speaks of all years, not of the last network.

        The objective is the years' covered demand, each year's times its weight, summed; it is recomputed from the
        certificates of the yearly networks.
        """
        found = self.together
        if found is None or found.objective is None or found.bound is None:
            return None
        yearly = [phase.plan.certificate for phase in self.phases]
        recomputed = float(np.dot(self.weights, [one.objective or 0.0 for one in yearly]))
        agrees = all(one.agrees for one in yearly) and abs(recomputed - found.objective) <= _AGREE * max(
            1.0, abs(recomputed)
        )
        gap = max(0.0, found.bound - found.objective) / max(abs(found.objective), 1e-12)
        zh, en = certificate_sentence(found.status, gap, of="years", count=len(self.phases))
        return {
            "status": found.status,
            "objective": found.objective,
            "bound": found.bound,
            "gap": gap,
            "recomputed_objective": recomputed,
            "agrees": agrees,
            "solve_s": round(self.seconds, 3),
            "sentence_zh": zh,
            "sentence": en,
        }


def plan_in_years(
    problem: SitingProblem,
    *,
    new_per_year: Sequence[int] = (),
    yearly_budgets: Sequence[float] = (),
    weights: Sequence[float] = (),
    jointly: bool,
    time_limit_s: float,
    tell: Callable[[Progress], object],
    stop: Callable[[], bool],
) -> Phasing | None:
    """Plan the years of a maximal covering.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    new_per_year : sequence of int
        New sites of each year; or
    yearly_budgets : sequence of float
        money of each year, in the candidates' cost. Money is always planned jointly.
    weights : sequence of float
        What a worker covered is worth in each year, where planned jointly; 1 without it.
    jointly : bool
        All years in one model; otherwise the last year's network first, and each earlier year the best part of it.
    time_limit_s : float
        Limit of each solve, seconds.
    tell, stop : callable
        Progress of the joint model, and whether to stop.

    Returns
    -------
    Phasing or None
        None where no phasing was found.
    """
    if stop():
        raise Cancelled("the owner asked to stop")
    worth = tuple(weights) or (1.0,) * len(yearly_budgets or new_per_year)
    began = time.perf_counter()
    if not (jointly or yearly_budgets):
        phases = solve_phases(problem, new_per_year, time_limit_s=time_limit_s).phases
        return Phasing(phases, None, worth, time.perf_counter() - began) if phases[-1].plan.found else None
    found = solve_phases_jointly(
        problem,
        new_per_year=new_per_year or None,
        yearly_budgets=yearly_budgets or None,
        weights=weights or None,
        time_limit_s=time_limit_s,
        progress=tell,
        cancel=stop,
    )
    if found.phased is None:
        return None
    return Phasing(found.phased.phases, found, worth, time.perf_counter() - began)
