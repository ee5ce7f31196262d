"""The one way from a question to its answer: resolve, then inputs, times, rules, solver, facts, sentences."""

from __future__ import annotations

from typing import overload

from geoplan.planning.city import City
from geoplan.planning.control import Run
from geoplan.planning.coverage_answer import CoverageAnswer, CubeAnswer, coverage, cube
from geoplan.planning.hours_answer import HoursAnswer, hours_plan
from geoplan.planning.plan_answer import PlanAnswer, plan
from geoplan.planning.question import HOURS, CoverageQuestion, CubeQuestion, PlanQuestion
from geoplan.planning.resolve import resolve

__all__ = ["answer"]


@overload
def answer(city: City, question: CoverageQuestion, run: Run | None = None) -> CoverageAnswer: ...
@overload
def answer(city: City, question: CubeQuestion, run: Run | None = None) -> CubeAnswer: ...
@overload
def answer(city: City, question: PlanQuestion, run: Run | None = None) -> PlanAnswer | HoursAnswer: ...


def answer(
    city: City, question: CoverageQuestion | CubeQuestion | PlanQuestion, run: Run | None = None
) -> CoverageAnswer | CubeAnswer | PlanAnswer | HoursAnswer:
    """Answer a question about a city.

    Parameters
    ----------
    city : City
        The city; its networks and searches are shared between questions.
    question : CoverageQuestion, CubeQuestion or PlanQuestion
        What is asked; what it does not say is filled in from the pack, then from the standard.
    run : Run, optional
        Progress, cancellation, time.

    Returns
    -------
    CoverageAnswer, CubeAnswer, PlanAnswer or HoursAnswer
        Figures, certificate and subject, the same for every door that asks.

    Raises
    ------
    InputError
        The question does not fit the city, with every fault.
    """
    if isinstance(question, CoverageQuestion):
        return coverage(city, resolve(city.pack, question))
    if isinstance(question, CubeQuestion):
        return cube(city, resolve(city.pack, question))
    control = run or Run()
    asked = resolve(city.pack, question)
    return hours_plan(city, asked, control) if asked.model == HOURS else plan(city, asked, control)
