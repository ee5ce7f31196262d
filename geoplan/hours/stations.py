"""Which stations of a register are open: masks aligned to its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.hours.holidays import calendar_years
from geoplan.hours.model import Hours, Unparsed
from geoplan.hours.parse import parse_hours
from geoplan.hours.slices import slice_state
from geoplan.hours.state import State, local_time, state_at

__all__ = ["OpenStations", "open_mask", "open_through_slice", "operating_mask"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OpenStations:
    """Which stations count as open, and which of the others might be.

    Parameters
    ----------
    open : numpy.ndarray of bool
        Operating and certainly open, one a station, in the order of the register.
    unknown : numpy.ndarray of bool
        Operating, but open or not cannot be said: hours not given, not understood, or beyond the holiday calendar.
    at : str
        The instant or slice, ISO 8601 with its offset; ``"any"`` regardless of hours.
    unparsed : pandas.DataFrame
        Operating stations whose hours were not understood: ``station_code, opening_hours, reason, reason_zh``.
    notes : tuple of str
        Statements that belong beside any figure made from this.
    """

    open: Mask
    unknown: Mask
    at: str
    unparsed: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.open.flags.writeable = False
        self.unknown.flags.writeable = False


def operating_mask(stations: pd.DataFrame) -> Mask:
    """Tell which stations are in operation: ``status`` is ``operating``, or not stated at all."""
    if "status" not in stations:
        return np.ones(len(stations), np.bool_)
    status = stations["status"].astype("string").str.strip()
    return np.asarray((status.isna() | (status == "") | (status == "operating")).to_numpy(bool))


def _parsed(stations: pd.DataFrame) -> list[Hours | Unparsed]:
    if "opening_hours" not in stations:
        return [parse_hours(None)] * len(stations)
    return [parse_hours(text) for text in stations["opening_hours"]]


def _masks(
    stations: pd.DataFrame, state: Callable[[Hours | Unparsed], State], at: str, years: set[int]
) -> OpenStations:
    operating = operating_mask(stations)
    parsed = _parsed(stations)
    states = {hours: state(hours) for hours in dict.fromkeys(parsed)}
    named = np.array([states[hours] for hours in parsed], dtype="U7").reshape(len(stations))
    unknown = operating & (named == "unknown")
    bad = np.array([isinstance(hours, Unparsed) for hours in parsed], np.bool_).reshape(len(stations))
    notes = []
    first, last = calendar_years()
    undecided = int((unknown & ~bad).sum())
    if undecided and not all(first <= year <= last for year in years):
        notes.append(
            f"the holiday calendar covers {first}-{last}; {undecided} stations whose hours depend on it "
            "cannot be decided for this date and are counted as not open"
        )
    return OpenStations(
        operating & (named == "open"), unknown, at, _unparsed(stations, parsed, operating), tuple(notes)
    )


def _unparsed(stations: pd.DataFrame, parsed: list[Hours | Unparsed], operating: Mask) -> pd.DataFrame:
    codes = stations.get("station_code", pd.Series(stations.index))
    rows = [
        (code, hours.text, hours.reason, hours.reason_zh)
        for code, hours, works in zip(codes, parsed, operating, strict=True)
        if works and isinstance(hours, Unparsed)
    ]
    return pd.DataFrame(rows, columns=["station_code", "opening_hours", "reason", "reason_zh"])


def open_mask(stations: pd.DataFrame, at: datetime | None = None) -> OpenStations:
    """Tell which stations are open at an instant.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns ``opening_hours`` and ``status``, where present, are read.
    at : datetime, optional
        The instant; without a zone it is the city's local time (UTC+8). None means regardless of hours: every
        operating station counts.

    Returns
    -------
    OpenStations
        Aligned to the rows of ``stations``.
    """
    if at is None:
        operating = operating_mask(stations)
        none_unknown = np.zeros(len(stations), np.bool_)
        return OpenStations(operating, none_unknown, "any", _unparsed(stations, _parsed(stations), operating))
    local = local_time(at)
    return _masks(stations, lambda hours: state_at(hours, local), local.isoformat(timespec="minutes"), {local.year})


def open_through_slice(stations: pd.DataFrame, day: date, code: str) -> OpenStations:
    """Tell which stations are open through a whole slice of a local day (22-06 starts on ``day``)."""
    return _masks(stations, lambda hours: slice_state(hours, day, code), f"{day.isoformat()} {code}", {day.year})
