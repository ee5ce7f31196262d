"""Open now, open until, next open: decided by the server on the city's own clock, for all stations at once.

Stations share few wordings of hours, so the week ahead is worked out once a day for each wording and looked up after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geoplan.hours import Hours, Unparsed, day_states, timetable
from geoplan.hours.state import OPEN, UNKNOWN

__all__ = ["DAYS_AHEAD", "DAYS_SENT", "OpeningTable", "Openness", "open_spans", "openness_at", "timetable_at"]

DAYS_AHEAD = 8
DAYS_SENT = 62  # a phone that was offline for two months still knows; after that it says that it does not
_MINUTES = 1440


@dataclass(frozen=True, slots=True, eq=False)
class Openness:
    """State of every wording at one minute.

    Parameters
    ----------
    is_open : tuple of bool or None
        None where it cannot be decided.
    open_until, next_open : tuple of str or None
        Local time as ISO 8601 with its offset; None where there is none within a week (a 24-hour place never closes).
    changes_at : datetime
        The next minute at which anything above may differ.
    """

    is_open: tuple[bool | None, ...]
    open_until: tuple[str | None, ...]
    next_open: tuple[str | None, ...]
    changes_at: datetime


@dataclass(frozen=True, eq=False)
class OpeningTable:
    """The wordings of a register's hours, parsed, and which wording each station has.

    Parameters
    ----------
    hours : tuple of Hours or Unparsed
        Distinct wordings.
    index : numpy.ndarray of int32
        Position in ``hours`` of each station, shape (n_stations,).
    zone : zoneinfo.ZoneInfo
        The city's clock.
    """

    hours: tuple[Hours | Unparsed, ...]
    index: npt.NDArray[np.int32]
    zone: ZoneInfo


@lru_cache(maxsize=4096)
def _states(hours: Hours | Unparsed, day: date) -> npt.NDArray[np.int8]:
    """States of a wording over the days ahead, minute by minute, shape (DAYS_AHEAD * 1440,)."""
    states = np.concatenate([day_states(hours, day + timedelta(days=i)) for i in range(DAYS_AHEAD)]).astype(np.int8)
    states.flags.writeable = False
    return states


def _first(mask: npt.NDArray[np.bool_]) -> int | None:
    position = int(np.argmax(mask)) if mask.size else 0
    return position if mask.size and mask[position] else None


def openness_at(table: OpeningTable, instant: datetime) -> Openness:
    """Return what is open at an instant, how long, and when what is closed opens next."""
    return _at_minute(table, instant.astimezone(table.zone).replace(second=0, microsecond=0))


@lru_cache(maxsize=64)
def _at_minute(table: OpeningTable, local: datetime) -> Openness:
    midnight = local.replace(hour=0, minute=0)
    minute = local.hour * 60 + local.minute

    def text(offset: int | None) -> str | None:
        return None if offset is None else (local + timedelta(minutes=offset)).isoformat(timespec="minutes")

    is_open: list[bool | None] = []
    until: list[str | None] = []
    following: list[str | None] = []
    soonest = _MINUTES - minute  # midnight at the latest: the week ahead moves on
    for hours in table.hours:
        ahead = _states(hours, midnight.date())[minute:]
        now = int(ahead[0])
        change = _first(ahead != now)
        if change is not None:
            soonest = min(soonest, change)
        is_open.append(None if now == UNKNOWN else now == OPEN)
        until.append(text(change) if now == OPEN else None)
        following.append(None if now == OPEN else text(_first(ahead == OPEN)))
    return Openness(tuple(is_open), tuple(until), tuple(following), local + timedelta(minutes=max(soonest, 1)))


def timetable_at(table: OpeningTable, now: datetime) -> dict[str, Any]:
    """Return every wording worked out from yesterday on, for a phone that evaluates data instead of words.

    Returns
    -------
    dict
        ``zone``; ``from``, the first day; ``offsets``, pairs of an instant in seconds since 1970 and the minutes east
        of UTC that hold from it; ``programmes``, distinct days as lists of [start, end, state] in minutes after
        midnight, state 1 open and 2 unknown, closed where no span is; ``days``, for each wording the number of the
        programme of each day. Beyond the last day nothing is known.
    """
    return _timetable(table, now.astimezone(table.zone).date())


@lru_cache(maxsize=4)
def _timetable(table: OpeningTable, today: date) -> dict[str, Any]:
    made = timetable(table.hours, today - timedelta(days=1), DAYS_SENT)
    midnight = datetime.combine(made.first, time(), table.zone)
    offsets: list[tuple[int, int]] = []
    for hour in range(24 * (DAYS_SENT + 1)):
        instant = midnight.astimezone(UTC) + timedelta(hours=hour)
        east = instant.astimezone(table.zone).utcoffset() or timedelta()
        minutes = round(east.total_seconds() / 60)
        if not offsets or offsets[-1][1] != minutes:
            offsets.append((int(instant.timestamp()), minutes))
    return {
        "zone": table.zone.key,
        "from": made.first.isoformat(),
        "offsets": offsets,
        "programmes": made.programmes,
        "days": made.days,
    }


def open_spans(table: OpeningTable, row: int, now: datetime) -> list[dict[str, Any]]:
    """Return the open spans of one station for seven days from today.

    Returns
    -------
    list of dict
        ``date``, ``weekday`` (Monday is 1) and ``spans``, pairs of ``HH:MM``; a span that runs to midnight ends at
        ``24:00``. Empty where the hours were not understood.
    """
    hours = table.hours[int(table.index[row])]
    if isinstance(hours, Unparsed):
        return []
    today = now.astimezone(table.zone).date()
    days = []
    for ahead in range(7):
        day = today + timedelta(days=ahead)
        is_open = np.concatenate([[0], day_states(hours, day) == OPEN, [0]]).astype(np.int8)
        edges = np.flatnonzero(np.diff(is_open)).reshape(-1, 2)
        spans = [[f"{a // 60:02d}:{a % 60:02d}", f"{b // 60:02d}:{b % 60:02d}"] for a, b in edges.tolist()]
        days.append({"date": day.isoformat(), "weekday": day.isoweekday(), "spans": spans})
    return days
