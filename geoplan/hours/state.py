"""Whether a place is open: at each minute of a day, at an instant, through a slice of the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geoplan.hours.holidays import day_hypotheses, nth_of_month
from geoplan.hours.model import MINUTES_A_DAY, DayKind, Days, Hours, Rule, Unparsed

__all__ = [
    "CLOSED",
    "OPEN",
    "UNKNOWN",
    "ZONE",
    "State",
    "day_states",
    "is_open",
    "local_time",
    "span_states",
    "state_at",
]

State = Literal["open", "closed", "unknown"]
CLOSED: Final = 0
OPEN: Final = 1
UNKNOWN: Final = 2
ZONE: Final = "Asia/Shanghai"

_CODE: Final[dict[State, int]] = {"closed": CLOSED, "open": OPEN, "unknown": UNKNOWN}
_NAME: Final[tuple[State, ...]] = ("closed", "open", "unknown")
_Minutes = npt.NDArray[np.int8]


def local_time(instant: datetime, zone: str = ZONE) -> datetime:
    """Return an instant as the clock of the city shows it; a datetime without a zone is taken to be local already."""
    return instant.replace(tzinfo=ZoneInfo(zone)) if instant.tzinfo is None else instant.astimezone(ZoneInfo(zone))


def _names(days: Days, day: date, kinds: frozenset[DayKind]) -> bool:
    if day.weekday() in days.weekdays or kinds & days.kinds:
        return True
    return any((day.weekday(), n) in days.nth for n in nth_of_month(day))


def _speaks(rule: Rule, day: date, kinds: frozenset[DayKind]) -> bool:
    in_season = not rule.seasons or any(season.holds(day.year, day.month, day.day) for season in rule.seasons)
    return in_season and _names(rule.days, day, kinds)


def _own(hours: Hours, day: date, kinds: frozenset[DayKind]) -> _Minutes:
    """States of the 48 hours from a day's midnight, as far as that day's own rules say."""
    states = np.zeros(2 * MINUTES_A_DAY, np.int8)
    for rule in hours.rules:
        if not _speaks(rule, day, kinds):
            continue
        closes_part = rule.state == "closed" and rule.spans
        if not rule.adds and not closes_part:
            states[:] = CLOSED
        for start, end in rule.spans or ((0, MINUTES_A_DAY),):
            states[start:end] = _CODE[rule.state]
    return states


@lru_cache(maxsize=65536)
def _own_under_all(hours: Hours, day: date) -> _Minutes:
    """Like :func:`_own`, UNKNOWN where the kinds that the day may have disagree."""
    under = [_own(hours, day, kinds) for kinds in day_hypotheses(day)]
    states = under[0].copy()
    for other in under[1:]:
        states[other != states] = UNKNOWN
    states.flags.writeable = False
    return states


def day_states(hours: Hours | Unparsed, day: date) -> _Minutes:
    """Return the state at every minute of a local day.

    Parameters
    ----------
    hours : Hours or Unparsed
        Opening hours; unparsed ones are unknown at every minute.
    day : date
        Local date.

    Returns
    -------
    numpy.ndarray of int8
        ``CLOSED``, ``OPEN`` or ``UNKNOWN``, shape (1440,).
    """
    if isinstance(hours, Unparsed):
        return np.full(MINUTES_A_DAY, UNKNOWN, np.int8)
    today = _own_under_all(hours, day)[:MINUTES_A_DAY]
    before = _own_under_all(hours, day - timedelta(days=1))[MINUTES_A_DAY:]
    states = np.maximum(today, before)
    states[(today == OPEN) | (before == OPEN)] = OPEN
    return states


def span_states(hours: Hours | Unparsed, day: date, start: int, end: int) -> _Minutes:
    """Return the state at every minute from ``start`` to ``end``, minutes after midnight of ``day``, 0…2880."""
    states = day_states(hours, day)
    if end > MINUTES_A_DAY:
        states = np.concatenate([states, day_states(hours, day + timedelta(days=1))])
    return states[start:end]


def state_at(hours: Hours | Unparsed, instant: datetime, zone: str = ZONE) -> State:
    """Return the state at an instant: ``"open"``, ``"closed"``, or ``"unknown"`` where it cannot be decided."""
    local = local_time(instant, zone)
    return _NAME[int(day_states(hours, local.date())[60 * local.hour + local.minute])]


def is_open(hours: Hours | Unparsed, instant: datetime, zone: str = ZONE) -> bool:
    """Tell whether a place is certainly open at an instant; unknown counts as not open."""
    return state_at(hours, instant, zone) == "open"
