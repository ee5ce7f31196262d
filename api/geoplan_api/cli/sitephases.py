"""The years of ``geoplan site``: one after the other from the last back, or all together with their proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoplan.errors import InputError
from geoplan.siting import SitingProblem
from geoplan.siting.planner import JointPhases, Phase, solve_phases, solve_phases_jointly

__all__ = ["Years", "phasing_facts", "year_facts", "years_asked", "years_planned"]


@dataclass(frozen=True, slots=True)
class Years:
    """What is asked: new stations or money of each year, and whether all years are planned together."""

    new: tuple[int, ...] = ()
    budgets: tuple[float, ...] = ()
    joint: bool = False


def years_asked(new: str | None, budgets: str | None, joint: bool) -> Years | None:
    """Read ``--years 30,40,41``, ``--yearly-budget 100,80`` and ``--joint``; None where no years are asked."""
    if new is not None and budgets is not None:
        raise InputError("--years and --yearly-budget exclude each other; give one of them")
    if new is None and budgets is None:
        if joint:
            raise InputError("--joint needs --years or --yearly-budget")
        return None
    numbers = _numbers(new if new is not None else str(budgets), whole=new is not None)
    if new is not None:
        return Years(new=tuple(int(number) for number in numbers), joint=joint)
    return Years(budgets=tuple(numbers), joint=True)


def _numbers(text: str, *, whole: bool) -> list[float]:
    try:
        numbers = [float(int(part)) if whole else float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 <= number < float("inf") for number in numbers):
        raise InputError(f"{text!r} are no yearly numbers; write them like 30,40,41")
    return numbers


def years_planned(
    problem: SitingProblem, asked: Years, time_limit_s: float
) -> tuple[tuple[Phase, ...], JointPhases | None]:
    """Plan the years; no phases where no plan keeps the rules."""
    if not asked.joint:
        return solve_phases(problem, asked.new, time_limit_s=time_limit_s).phases, None
    joint = solve_phases_jointly(
        problem, new_per_year=asked.new or None, yearly_budgets=asked.budgets or None, time_limit_s=time_limit_s
    )
    return (() if joint.phased is None else joint.phased.phases), joint


def year_facts(phase: Phase) -> dict[str, Any]:
    """Return one year of a phased plan."""
    return {
        "total": phase.total,
        "sites": [str(name) for name in phase.plan.sites],
        "objective": phase.plan.objective,
        "alone": phase.alone.objective,
        "price": phase.price,
        "status": phase.plan.status,
    }


def phasing_facts(joint: JointPhases | None) -> dict[str, Any] | None:
    """Return the proof of a joint phasing: the years' covered demand summed, and its bound."""
    if joint is None:
        return None
    return {"status": joint.status, "objective": joint.objective, "bound": joint.bound}
