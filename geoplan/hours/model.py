"""What opening hours mean: rules by season and day, and the state of a place at every minute of a day.

One structure serves the OSM syntax and the wordings of Chinese registers. Rules are read in order, a later rule
replaces an earlier one on the days that it names (the OSM rule, https://wiki.openstreetmap.org/wiki/Key:opening_hours).
A question that cannot be decided, because no holiday calendar reaches that year, has the answer "unknown".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

__all__ = [
    "EVERY_DAY",
    "HOLIDAYS_ZH",
    "DayKind",
    "Days",
    "Hours",
    "Rule",
    "Season",
    "Span",
    "Unparsed",
]

DayKind = Literal[
    "workday", "restday", "holiday", "school_holiday",
    "new_year", "spring_festival", "tomb_sweeping", "labour_day", "dragon_boat", "mid_autumn", "national_day",
]  # fmt: skip
HOLIDAYS_ZH: Final[Mapping[DayKind, str]] = MappingProxyType(
    {
        "new_year": "元旦", "spring_festival": "春节", "tomb_sweeping": "清明节", "labour_day": "劳动节",
        "dragon_boat": "端午节", "mid_autumn": "中秋节", "national_day": "国庆节",
    }
)  # fmt: skip
"""The statutory holidays by name; each stands for the days of its break."""
Span = tuple[int, int]
"""Minutes after local midnight, start and end; an end after 1440 lies on the next day."""

MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Season:
    """Days of the year from ``start`` to ``end``, both included; may run over New Year.

    Parameters
    ----------
    start, end : tuple of int
        (month, day).
    years : tuple of int, optional
        Years of ``start`` and of ``end``; without them the season comes every year.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    years: tuple[int, int] | None = None

    def holds(self, year: int, month: int, day: int) -> bool:
        """Tell whether a day lies in the season."""
        here = (month, day)
        if self.years is not None:
            return (self.years[0], *self.start) <= (year, *here) <= (self.years[1], *self.end)
        if self.start <= self.end:
            return self.start <= here <= self.end
        return here >= self.start or here <= self.end


@dataclass(frozen=True, slots=True)
class Days:
    """A choice of days: those of the weekdays, of the n-th weekdays of a month, and of the calendar kinds named.

    Parameters
    ----------
    weekdays : frozenset of int
        Monday is 0.
    nth : frozenset of tuple of int
        (weekday, n): the n-th such weekday of the month, negative n from its end.
    kinds : frozenset of DayKind
        ``"workday"`` and ``"restday"`` follow the official calendar with its make-up workdays, ``"holiday"`` is a day
        of a statutory holiday's break, the names of holidays are days of that holiday's.
    """

    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    kinds: frozenset[DayKind] = frozenset()

    def __or__(self, other: Days) -> Days:
        return Days(self.weekdays | other.weekdays, self.nth | other.nth, self.kinds | other.kinds)


EVERY_DAY: Final = Days(weekdays=frozenset(range(7)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds on some days.

    Parameters
    ----------
    days : Days
        Days on which the rule speaks.
    spans : tuple of Span
        Times of the day; empty means the whole day.
    seasons : tuple of Season
        Seasons in which the rule speaks; empty means all year.
    state : {"open", "closed", "unknown"}
        State within ``spans``.
    adds : bool
        True when the rule adds to what earlier rules say of the day instead of replacing it.
    """

    days: Days
    spans: tuple[Span, ...] = ()
    seasons: tuple[Season, ...] = ()
    state: Literal["open", "closed", "unknown"] = "open"
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours that were understood.

    Parameters
    ----------
    text : str
        The register's own words.
    rules : tuple of Rule
        What they mean, in order.
    notes : tuple of str
        Readings that a person should know of, where a wording could be taken in more than one way.
    """

    text: str
    rules: tuple[Rule, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Opening hours that were not understood; the text is kept and nothing is assumed.

    Parameters
    ----------
    text : str
        The register's own words.
    reason : str
        Why, in English, one clause.
    reason_zh : str
        The same in Chinese.
    """

    text: str
    reason: str
    reason_zh: str
