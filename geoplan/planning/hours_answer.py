"""Answers about sites and opening hours together: what to open longer and what to build, under one budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.coverage.standard import Subject
from geoplan.hours.slices import slice_hours
from geoplan.planning.city import City
from geoplan.planning.control import Run
from geoplan.planning.hours import HoursPlan, Option, solve_options
from geoplan.planning.moments import moments_of
from geoplan.planning.options import changes
from geoplan.planning.plan_answer import plan_subject
from geoplan.planning.problem import plan_rows
from geoplan.planning.projects import greedy_order
from geoplan.planning.question import PlanQuestion

__all__ = ["HoursAnswer", "hours_plan"]


@dataclass(frozen=True, slots=True, eq=False)
class HoursAnswer:
    """Chosen changes of sites and hours.

    Parameters
    ----------
    question : PlanQuestion
        With nothing left unsaid.
    subject : Subject
        What the figures are a share of; its demand counts worker-hours of a day.
    city : City
        The city.
    found : HoursPlan
        The plan over options, with its certificate.
    chosen : tuple of Option
        The chosen options in the order in which they are worth doing.
    added_worker_hours : tuple of float
        What each adds to those before it.
    total, before : float
        Worker-hours of a day in all, and served as things stand.
    """

    question: PlanQuestion
    subject: Subject
    city: City
    found: HoursPlan
    chosen: tuple[Option, ...]
    added_worker_hours: tuple[float, ...]
    total: float
    before: float


def hours_plan(city: City, question: PlanQuestion, run: Run) -> HoursAnswer:
    """Solve a resolved question of sites and hours."""
    run.tell(step="searching the streets")
    rows = plan_rows(city, question)
    run.tell(step="building the problem")
    moments = moments_of(city, question)
    length = np.array([slice_hours(code) for code in question.slices])
    weight: npt.NDArray[np.float64] = rows.weight * len(moments) * length[rows.moment]
    offered = changes(city.pack, city.sites(), question, moments, rows)
    asked: dict[str, Any] = {"time_limit_s": run.limit(question.time_limit_s), "cancel": run.stop}
    run.tell(step="solving")
    assert question.budget is not None
    found = solve_options(
        offered.pairs, weight, offered.options, budget=question.budget, progress=run.progress, **asked
    )
    columns = offered.pairs.tocsc()
    current = [at for at, option in enumerate(offered.options) if option.current]
    order, gains, before = greedy_order(
        lambda column: columns.indices[columns.indptr[column] : columns.indptr[column + 1]],
        weight,
        current,
        found.plan.new_positions.tolist(),
    )
    total = float(weight.sum())
    return HoursAnswer(
        question,
        plan_subject(city, question, total),
        city,
        found,
        tuple(offered.options[at] for at in order),
        tuple(gains),
        total,
        before,
    )
