"""The slices of the day in which outdoor workers' need differs."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from geoplan.errors import Fault, InputError
from geoplan.hours.model import Hours, Unparsed
from geoplan.hours.state import OPEN, UNKNOWN, State, span_states

__all__ = ["SLICES", "open_share", "slice_hours", "slice_minutes", "slice_state"]

SLICES: Final[dict[str, tuple[int, int]]] = {
    "04-06": (240, 360),
    "06-12": (360, 720),
    "12-15": (720, 900),
    "15-18": (900, 1080),
    "18-22": (1080, 1320),
    "22-06": (1320, 1800),
}
"""Start and end in minutes after midnight; 22-06 ends on the next day, and 04-06 lies within it by definition."""


def slice_minutes(code: str) -> tuple[int, int]:
    """Return start and end of a slice in minutes after midnight; an end after 1440 lies on the next day."""
    if code not in SLICES:
        raise InputError(
            Fault(
                f"time slice {code!r} is not known",
                f"use one of {', '.join(SLICES)}",
                problem_zh=f"没有时段“{code}”",
                todo_zh=f"请用 {'、'.join(SLICES)} 之一",
            )
        )
    return SLICES[code]


def slice_hours(code: str) -> float:
    """Return the length of a slice in hours."""
    start, end = slice_minutes(code)
    return (end - start) / 60.0


def open_share(hours: Hours | Unparsed, day: date, code: str) -> float:
    """Return the share of a slice's minutes in which a place is certainly open, 0…1; 22-06 starts on ``day``."""
    return float(np.mean(span_states(hours, day, *slice_minutes(code)) == OPEN))


def slice_state(hours: Hours | Unparsed, day: date, code: str) -> State:
    """Return ``"open"`` when a place is open through the whole slice, ``"unknown"`` when that is not decidable."""
    states = span_states(hours, day, *slice_minutes(code))
    if np.all(states == OPEN):
        return "open"
    return "unknown" if np.all((states == OPEN) | (states == UNKNOWN)) else "closed"
