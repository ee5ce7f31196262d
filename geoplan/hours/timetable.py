"""Opening hours worked out day by day, for a reader that has the clock but neither the words nor the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from geoplan.hours.model import Hours, Unparsed
from geoplan.hours.state import CLOSED, day_states

__all__ = ["Programme", "Timetable", "timetable"]

Programme = tuple[tuple[int, int, int], ...]
"""Spans of a day that are not closed: start and end in minutes after midnight, and ``OPEN`` or ``UNKNOWN``."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """What holds on each day of a span of days.

    Parameters
    ----------
    first : datetime.date
        First day.
    programmes : tuple of Programme
        Distinct days.
    days : tuple of tuple of int
        For each opening hours, the position in ``programmes`` of each day from ``first`` on.
    """

    first: date
    programmes: tuple[Programme, ...]
    days: tuple[tuple[int, ...], ...]


def timetable(hours: Sequence[Hours | Unparsed], first: date, n_days: int) -> Timetable:
    """Work opening hours out for every day of a span.

    Parameters
    ----------
    hours : sequence of Hours or Unparsed
        Opening hours; unparsed ones are unknown at every minute.
    first : datetime.date
        First local day.
    n_days : int
        How many days.

    Returns
    -------
    Timetable
        Holidays, make-up workdays, seasons and nights that run over midnight are in it already.
    """
    position: dict[Programme, int] = {}
    days = tuple(
        tuple(
            position.setdefault(_programme(one, first + timedelta(days=ahead)), len(position))
            for ahead in range(n_days)
        )
        for one in hours
    )
    return Timetable(first, tuple(position), days)


def _programme(hours: Hours | Unparsed, day: date) -> Programme:
    states = day_states(hours, day)
    starts = np.flatnonzero(np.diff(states, prepend=-1))
    ends = [*starts[1:].tolist(), len(states)]
    spans = zip(starts.tolist(), ends, states[starts].tolist(), strict=True)
    return tuple(span for span in spans if span[2] != CLOSED)
