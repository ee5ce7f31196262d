"""Working days and statutory holidays of China, from the published yearly arrangements."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from chinese_calendar.constants import Holiday, holidays

from geoplan.hours.model import DayKind, Season

__all__ = ["calendar_years", "day_hypotheses", "nth_of_month"]

_Kinds = frozenset[DayKind]
_REST: Final[_Kinds] = frozenset({"restday", "holiday"})
_NAMED: Final[dict[str, DayKind]] = {
    Holiday.new_years_day.value: "new_year",
    Holiday.spring_festival.value: "spring_festival",
    Holiday.tomb_sweeping_day.value: "tomb_sweeping",
    Holiday.labour_day.value: "labour_day",
    Holiday.dragon_boat_festival.value: "dragon_boat",
    Holiday.mid_autumn_festival.value: "mid_autumn",
    Holiday.national_day.value: "national_day",
}
# Between which days a break can lie at all, generously: a solar date or the range of a lunar one, and a week around.
_WINDOWS: Final[dict[DayKind, tuple[tuple[int, int], tuple[int, int]]]] = {
    "new_year": ((12, 25), (1, 8)),
    "spring_festival": ((1, 14), (3, 5)),
    "tomb_sweeping": ((3, 28), (4, 13)),
    "labour_day": ((4, 24), (5, 10)),
    "dragon_boat": ((5, 20), (7, 2)),
    "mid_autumn": ((8, 31), (10, 15)),
    "national_day": ((9, 24), (10, 15)),
}


def calendar_years() -> tuple[int, int]:
    """Return the first and last year whose official arrangement the installed calendar knows."""
    return min(holidays).year, max(holidays).year


def _kinds(day: date) -> tuple[_Kinds, ...]:
    """Return the kinds of a day; two sets where two holidays share a break, none where its year is not known."""
    first, last = calendar_years()
    if not first <= day.year <= last:
        return ()
    if chinese_calendar.is_workday(day):
        return (frozenset({"workday"}),)
    # `holidays` lists the whole break, its weekend days too; other rest days are plain weekends
    if day not in holidays:
        return (frozenset({"restday"}),)
    own = _REST | _named(day)
    # National Day and Mid-autumn may fall into one break: whether its other days belong to both, nobody says
    joint: _Kinds = own.union(*(_named(other) for other in _break(day)))
    return (own,) if joint == own else (own, joint)


def _named(day: date) -> _Kinds:
    kind = _NAMED.get(holidays[day])
    return frozenset() if kind is None else frozenset({kind})


def _break(day: date) -> list[date]:
    """Return the days without a gap around a day that the calendar lists as a holiday's."""
    found = [day]
    for step in (-1, 1):
        other = day + timedelta(days=step)
        while other in holidays:
            found.append(other)
            other += timedelta(days=step)
    return found


@lru_cache(maxsize=4096)
def day_hypotheses(day: date) -> tuple[_Kinds, ...]:
    """Return every set of kinds that a day may have, as far as the installed calendar can say.

    Within the calendar there is one set for the official kind, twice because nobody publishes a calendar of school
    holidays. Beyond it a weekday may be a workday or a holiday, and a weekend day may also be a make-up workday: the
    caller decides only what comes out the same under all of them.
    """
    choices = _kinds(day)
    if not choices:
        named = [
            kind for kind, (start, end) in _WINDOWS.items() if Season(start, end).holds(day.year, day.month, day.day)
        ]
        choices = (frozenset({"workday"}), _REST, *(_REST | {kind} for kind in named), _REST | frozenset(named))
        if day.weekday() >= 5:
            choices = (*choices, frozenset({"restday"}))
    school: _Kinds = frozenset({"school_holiday"})
    return tuple(dict.fromkeys((*choices, *(kinds | school for kinds in choices))))


def nth_of_month(day: date) -> tuple[int, int]:
    """Return which of its weekdays a day is in its month, counted from the start (1…5) and from the end (-1…-5)."""
    month_end = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return (day.day - 1) // 7 + 1, -((month_end.day - day.day) // 7 + 1)
