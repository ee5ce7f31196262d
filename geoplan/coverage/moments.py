"""Moments that coverage is asked for: regardless of hours, an instant, a slice of a day, the hours of a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import InputError
from geoplan.hours.slices import SLICES, slice_minutes
from geoplan.hours.state import ZONE, local_time
from geoplan.hours.stations import open_mask, open_parts

Mask = npt.NDArray[np.bool_]

__all__ = ["Moment", "any_time", "hours_of", "instant", "slice_of_hour", "slices_of", "week_of"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: which stations are open for which part of it, and the slice whose workers are out then.

    Parameters
    ----------
    name : str
        Label in tables: ``"any"``, a slice code, or ISO local time.
    slice_code : str
        Slice whose workers are asked about; ``"any"`` for all workers whenever they are out.
    parts : tuple of (numpy.ndarray of bool, float)
        Masks of open stations with the share of the moment that each holds; shares sum to 1.
    hours : float
        Length, hours: workers times this are worker-hours. 1 for an instant and for ``"any"``, whose figures are
        workers.
    notes : tuple of str
        Statements that belong beside any figure made from this.
    day : date or None
        Local day; None for ``"any"``.
    unknown : numpy.ndarray of bool or None
        Stations of which it cannot be said in some part whether they are open, shape (n_stations,).
    """

    name: str
    slice_code: str
    parts: tuple[tuple[Mask, float], ...]
    hours: float = 1.0
    notes: tuple[str, ...] = ()
    day: date | None = None
    unknown: Mask | None = None

    @property
    def share_open(self) -> npt.NDArray[np.float64]:
        """Share of the moment in which each station is open, shape (n_stations,)."""
        total: npt.NDArray[np.float64] = np.sum([mask * share for mask, share in self.parts], axis=0)
        return total

    def whole(self) -> Moment:
        """Return the moment in which only stations count that are open all through it."""
        return replace(self, parts=((self.share_open > 1.0 - 1e-9, 1.0),))


def slice_of_hour(hour: int) -> str:
    """Return the slice that an hour of the day is counted in; 4 and 5 belong to 04-06, though 22-06 spans them too."""
    if not 0 <= hour < 24:
        raise InputError(f"there is no hour {hour}")
    return next((code for code, (start, end) in SLICES.items() if start <= 60 * hour < end), "22-06")


def any_time(stations: pd.DataFrame) -> Moment:
    """Return the moment that disregards hours: every operating station counts, all workers are asked about."""
    return Moment("any", "any", ((open_mask(stations).open, 1.0),))


def instant(stations: pd.DataFrame, at: datetime, zone: str = ZONE) -> Moment:
    """Return an instant (the city's own clock where it has no zone) with the workers of its slice."""
    local = local_time(at, zone)
    state = open_mask(stations, local, zone)
    return Moment(
        local.isoformat(timespec="minutes"),
        slice_of_hour(local.hour),
        ((state.open, 1.0),),
        1.0,
        state.notes,
        local.date(),
        state.unknown,
    )


def slices_of(stations: pd.DataFrame, day: date, codes: Sequence[str] = tuple(SLICES)) -> tuple[Moment, ...]:
    """Return the slices of a local day, to the minute: a figure is the mean over the slice, a share of worker-hours.

    A station that opens at 8:00 serves two thirds of 06-12. The slice 22-06 starts on ``day`` and ends on the next.
    Slices overlap (04-06 lies in 22-06): do not add them up, take :func:`hours_of` for a whole day.
    """
    return tuple(_span(stations, day, *slice_minutes(code), code, code) for code in codes)


def hours_of(stations: pd.DataFrame, day: date) -> tuple[Moment, ...]:
    """Return the 24 hours of a local day, to the minute; they do not overlap, so worker-hours may be added up."""
    return tuple(
        _span(stations, day, 60 * hour, 60 * hour + 60, f"{hour:02}:00", slice_of_hour(hour)) for hour in range(24)
    )


def _span(stations: pd.DataFrame, day: date, start: int, end: int, name: str, slice_code: str) -> Moment:
    parts = open_parts(stations, day, start, end)
    notes = tuple(dict.fromkeys(note for state, _ in parts for note in state.notes))
    unknown: Mask = np.logical_or.reduce([state.unknown for state, _ in parts])
    masks = tuple((state.open, share) for state, share in parts)
    return Moment(name, slice_code, masks, (end - start) / 60.0, notes, day, unknown)


def week_of(stations: pd.DataFrame, day: date, zone: str = ZONE) -> tuple[Moment, ...]:
    """Return the 168 hours of the week that a day lies in, Monday first; each stands for its half hour."""
    start = datetime.combine(day - timedelta(days=day.weekday()), time(0, 30))
    return tuple(instant(stations, start + timedelta(hours=hour), zone) for hour in range(7 * 24))
