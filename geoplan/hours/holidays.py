"""Working days and statutory holidays of China, from the published yearly arrangements."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays

from geoplan.hours.model import DayKind

__all__ = ["calendar_years", "day_hypotheses", "nth_of_month"]

_Kinds = frozenset[DayKind]


def calendar_years() -> tuple[int, int]:
    """Return the first and last year whose official arrangement the installed calendar knows."""
    return min(holidays).year, max(holidays).year


def _kinds(day: date) -> _Kinds | None:
    """Return the kinds of a day, or None when its year's arrangement is not known."""
    first, last = calendar_years()
    if not first <= day.year <= last:
        return None
    if chinese_calendar.is_workday(day):
        return frozenset({"workday"})
    # `holidays` lists the whole break, its weekend days too; other rest days are plain weekends
    return frozenset({"restday", "holiday"}) if day in holidays else frozenset({"restday"})


def day_hypotheses(day: date) -> tuple[_Kinds, ...]:
    """Return every set of kinds that a day may have, as far as the installed calendar can say.

    Within the calendar there is one set for the official kind, twice because nobody publishes a calendar of school
    holidays. Beyond it a weekday may be a workday or a holiday, and a weekend day may also be a make-up workday: the
    caller decides only what comes out the same under all of them.
    """
    known = _kinds(day)
    choices: list[_Kinds]
    if known is not None:
        choices = [known]
    else:
        choices = [frozenset({"workday"}), frozenset({"restday", "holiday"})]
        if day.weekday() >= 5:
            choices.append(frozenset({"restday"}))
    school: _Kinds = frozenset({"school_holiday"})
    return tuple(choices) + tuple(kinds | school for kinds in choices)


def nth_of_month(day: date) -> tuple[int, int]:
    """Return which of its weekdays a day is in its month, counted from the start (1…5) and from the end (-1…-5)."""
    month_end = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return (day.day - 1) // 7 + 1, -((month_end.day - day.day) // 7 + 1)
