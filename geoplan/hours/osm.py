"""The OSM ``opening_hours`` syntax, as much of it as a register of stations uses.

Read after the specification at https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification. What depends on
the sun, on Easter, on week numbers or on a year without a month is refused rather than approximated.
"""

from __future__ import annotations

import re
from calendar import monthrange
from typing import Final, Literal

from geoplan.hours.model import EVERY_DAY, DayKind, Days, Rule, Season, Span

__all__ = ["NotOsm", "check_day", "last_day", "parse_osm"]


class NotOsm(ValueError):  # noqa: N818 - names what the text is not
    """The text is not opening hours in the part of the OSM syntax that is read here."""


_WEEKDAYS: Final = {name: i for i, name in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))}
_MONTHS: Final = {
    name: i + 1
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_LAST_DAY: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_KINDS: Final[dict[str, DayKind]] = {"ph": "holiday", "sh": "school_holiday"}

_TIME = r"(?:[01]?\d|2[0-9]|[34]\d):[0-5]\d"
_SPANS = re.compile(rf"{_TIME}\s*-\s*{_TIME}(?:\s*,\s*{_TIME}\s*-\s*{_TIME})*")
_ONE_SPAN = re.compile(rf"({_TIME})\s*-\s*({_TIME})")
_DAY = r"(?:mo|tu|we|th|fr|sa|su)"
_NTH = r"\[\s*-?[1-5](?:\s*-\s*[1-5])?(?:\s*,\s*-?[1-5](?:\s*-\s*[1-5])?)*\s*\]"
_DAY_ITEM = rf"(?:{_DAY}\s*-\s*{_DAY}|{_DAY}\s*{_NTH}|{_DAY}|ph|sh)"
_DAYS = re.compile(rf"{_DAY_ITEM}(?:\s*,\s*{_DAY_ITEM})*(?![a-z\[])")
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_YEAR = r"(?:(?:19|20)\d\d\s+)"
_DATE = rf"(?:{_YEAR}?{_MONTH}(?:\s+(?:0?[1-9]|[12]\d|3[01])(?!\d|:))?)"
_DATES_ITEM = rf"{_DATE}(?:\s*-\s*(?:{_DATE}|(?:0?[1-9]|[12]\d|3[01])(?!\d|:)))?"
_DATES = re.compile(rf"{_DATES_ITEM}(?:\s*,\s*{_DATES_ITEM})*(?![a-z])")
_ALWAYS = re.compile(r"24\s*/\s*7")
_STATE = re.compile(r"(?:open|off|closed|unknown)(?![a-z])")
_STATES: Final[dict[str, Literal["open", "closed", "unknown"]]] = {
    "off": "closed",
    "closed": "closed",
    "unknown": "unknown",
}
_ENGLISH = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs|rsday|urday)?\b\.?")
_BETWEEN = re.compile(r"[;,]")
_BLANK = re.compile(r"\s*:?\s*")


def minutes(text: str) -> int:
    """Return minutes after midnight of ``HH:MM``; OSM lets an end run to 48:00."""
    hour, minute = text.split(":")
    total = 60 * int(hour) + int(minute)
    if total > 2880:
        raise NotOsm(f"the time {text} lies beyond 48:00")
    return total


def span(start: int, end: int) -> Span:
    """Return a span of minutes, carried over midnight where it ends before it starts; 23:59 as an end means 24:00."""
    if start >= 1440:
        raise NotOsm("a span starts after 24:00")
    if end in (1439, 2879):
        end += 1
    return (start, end + 1440) if end <= start else (start, end)


def _weekdays(text: str) -> Days:
    days = Days()
    for item in re.findall(_DAY_ITEM, text):
        if item in _KINDS:
            days |= Days(kinds=frozenset({_KINDS[item]}))
        elif "[" in item:
            weekday = _WEEKDAYS[item[:2]]
            days |= Days(nth=frozenset((weekday, n) for n in _ordinals(item[item.index("[") + 1 : item.index("]")])))
        elif "-" in item:
            first, last = (_WEEKDAYS[part.strip()] for part in item.split("-"))
            days |= Days(weekdays=frozenset((first + i) % 7 for i in range((last - first) % 7 + 1)))
        else:
            days |= Days(weekdays=frozenset({_WEEKDAYS[item]}))
    return days


def _ordinals(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([1-5])\s*-\s*([1-5])\s*", part)
        found.extend(range(int(match[1]), int(match[2]) + 1) if match else [int(part)])
    return found


def _seasons(text: str) -> tuple[Season, ...]:
    seasons: list[Season] = []
    for item in re.findall(_DATES_ITEM, text):
        first, _, last = item.partition("-")
        year, month, day = _date(first)
        end_year, end_month, end_day = _date(last) if last.strip() else (year, month, day)
        if bool(year) != bool(seasons[0].years if seasons else year) or (end_year and not year):
            raise NotOsm("a year stands at some dates and not at others")
        start, end = (month, day or 1), (end_month or month, end_day or last_day(end_year or year, end_month or month))
        if year and not end_year:
            if end < start and not (day and end_day):
                raise NotOsm("the months of a year end before they start")
            end_year = year + (end < start)
        check_day(year, *start)
        check_day(end_year, *end)
        if year and (end_year, *end) < (year, *start):
            raise NotOsm("the dates end before they start")
        seasons.append(Season(start, end, (year, end_year) if year else None))
    return tuple(seasons)


def _date(text: str) -> tuple[int, int, int]:
    """Return year, month and day of ``2026 Feb 10``; 0 for each that is not named."""
    match = re.fullmatch(r"(\d{4}(?!\d))?\s*([a-z]{3})?\s*(\d{1,2})?", text.strip())
    assert match is not None  # the patterns of dates let nothing else pass
    return int(match[1] or 0), _MONTHS[match[2]] if match[2] else 0, int(match[3] or 0)


def last_day(year: int, month: int) -> int:
    """Return the last day of a month; of February without a year, the 29th."""
    return monthrange(year, month)[1] if year else _LAST_DAY[month - 1]


def check_day(year: int, month: int, day: int) -> None:
    """Refuse a day that its month does not have; ``year`` is 0 where none is named."""
    if day > last_day(year, month):
        raise NotOsm(f"there is no day {day} in month {month}{f' of {year}' if year else ''}")


def _take(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    """Match at a position; return the text matched and the position after it and after the blanks that follow."""
    match = pattern.match(text, at)
    if match is None:
        return "", at
    blanks = _BLANK.match(text, match.end())
    return match[0], blanks.end() if blanks else match.end()


def _rule(text: str, at: int, adds: bool) -> tuple[Rule, int]:
    always, at = _take(_ALWAYS, text, at)
    dates, at = _take(_DATES, text, at)
    days, at = _take(_DAYS, text, at)
    times, at = _take(_SPANS, text, at)
    word, at = _take(_STATE, text, at)
    if always and (dates or days or times):
        raise NotOsm("24/7 stands beside other selectors")
    if not (always or dates or days or times or word):
        raise NotOsm(f"{text[at:]!r} is not in the part of the OSM syntax that is read")
    spans = tuple(span(minutes(a), minutes(b)) for a, b in _ONE_SPAN.findall(times))
    rule = Rule(_weekdays(days) if days else EVERY_DAY, spans, _seasons(dates), _STATES.get(word, "open"), adds)
    return rule, at


def parse_osm(text: str) -> tuple[Rule, ...]:
    """Read opening hours in the OSM syntax.

    Parameters
    ----------
    text : str
        For example ``Mo-Fr 08:30-12:00,13:00-17:30; PH off``; case does not matter.

    Returns
    -------
    tuple of Rule
        In the order of the text.

    Raises
    ------
    NotOsm
        When any part of the text is not understood.
    """
    text, at, adds = _ENGLISH.sub(lambda day: day[1][:2], text.strip().rstrip("; ").lower()), 0, False
    rules = []
    while True:
        rule, at = _rule(text, at, adds)
        rules.append(rule)
        if at == len(text):
            return tuple(rules)
        mark, at = _take(_BETWEEN, text, at)
        if not mark:
            raise NotOsm(f"{text[at:]!r} is not in the part of the OSM syntax that is read")
        adds = mark == ","
