"""Moments that coverage is asked for: regardless of hours, an instant, a slice of a day, the hours of a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import InputError
from geoplan.hours.slices import SLICES
from geoplan.hours.state import local_time
from geoplan.hours.stations import OpenStations, open_mask, open_through_slice

__all__ = ["Moment", "any_time", "instant", "slice_of_hour", "slices_of", "week_of"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment, the stations open then, and the slice whose workers are out then.

    Parameters
    ----------
    name : str
        Label in tables: ``"any"``, a slice code, or ISO local time.
    stations : OpenStations
        Which stations count.
    slice_code : str
        Slice whose workers are asked about; ``"any"`` for all workers whenever they are out.
    """

    name: str
    stations: OpenStations
    slice_code: str

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Mask of open stations."""
        return self.stations.open


def slice_of_hour(hour: int) -> str:
    """Return the slice that an hour of the day is counted in; 4 and 5 belong to 04-06, though 22-06 spans them too."""
    if not 0 <= hour < 24:
        raise InputError(f"there is no hour {hour}")
    return next((code for code, (start, end) in SLICES.items() if start <= 60 * hour < end), "22-06")


def any_time(stations: pd.DataFrame) -> Moment:
    """Return the moment that disregards hours: every operating station counts, all workers are asked about."""
    return Moment("any", open_mask(stations), "any")


def instant(stations: pd.DataFrame, at: datetime) -> Moment:
    """Return an instant (local time where it has no zone) with the workers of its slice."""
    local = local_time(at)
    return Moment(local.isoformat(timespec="minutes"), open_mask(stations, local), slice_of_hour(local.hour))


def slices_of(stations: pd.DataFrame, day: date, codes: Sequence[str] = tuple(SLICES)) -> tuple[Moment, ...]:
    """Return the slices of a local day; a station counts in a slice when it is open through the whole of it."""
    return tuple(Moment(code, open_through_slice(stations, day, code), code) for code in codes)


def week_of(stations: pd.DataFrame, day: date) -> tuple[Moment, ...]:
    """Return the 168 hours of the week that a day lies in, Monday first; each stands for its half hour."""
    monday = day - timedelta(days=day.weekday())
    start = datetime.combine(monday, time(0, 30))
    return tuple(instant(stations, start + timedelta(hours=hour)) for hour in range(7 * 24))
