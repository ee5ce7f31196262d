"""When a question is about: one moment, or several."""

from __future__ import annotations

from geoplan.coverage.moments import Moment, any_time, instant, slices_of
from geoplan.planning.city import City
from geoplan.planning.question import HOURS, CoverageQuestion, PlanQuestion

__all__ = ["moment_of", "moments_of"]


def moment_of(city: City, question: CoverageQuestion | PlanQuestion) -> Moment:
    """Return the moment of a resolved question: regardless of hours, an instant, or a slice of a day."""
    stations = city.pack.stations
    if question.slice is not None:
        assert question.day is not None
        (moment,) = slices_of(stations, question.day, (question.slice,))
    elif question.at is not None:
        moment = instant(stations, question.at, city.zone)
    else:
        return any_time(stations)
    return moment.whole() if question.time_rule == "whole" else moment


def moments_of(city: City, question: PlanQuestion) -> tuple[Moment, ...]:
    """Return every moment that a plan is about: its scenarios, the slices of its day, or the one moment asked."""
    codes = question.slices if question.model == HOURS else question.robust
    if codes:
        assert question.day is not None
        moments = slices_of(city.pack.stations, question.day, codes)
        return tuple(moment.whole() for moment in moments) if question.time_rule == "whole" else moments
    return (moment_of(city, question),) * (1 if question.weights is None else len(question.weights))
