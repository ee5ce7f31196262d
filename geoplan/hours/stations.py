"""Which stations of a register are open: masks aligned to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.hours.holidays import calendar_years
from geoplan.hours.model import Hours, Unparsed
from geoplan.hours.parse import parse_hours
from geoplan.hours.state import OPEN, UNKNOWN, ZONE, day_states, local_time, span_states

__all__ = ["OpenStations", "open_mask", "open_parts", "operating_mask"]

Mask = npt.NDArray[np.bool_]
Wording = Hours | Unparsed


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


def _parsed(stations: pd.DataFrame) -> list[Wording]:
    if "opening_hours" not in stations:
        return [parse_hours(None)] * len(stations)
    return [parse_hours(text) for text in stations["opening_hours"]]


def _masks(
    stations: pd.DataFrame,
    parsed: list[Wording],
    states: dict[Hours | Unparsed, int],
    at: str,
    years: set[int],
) -> OpenStations:
    """Turn the state of each wording into masks over the register."""
    operating = operating_mask(stations)
    codes = np.array([states[hours] for hours in parsed], np.int8).reshape(len(stations))
    unknown = operating & (codes == UNKNOWN)
    bad = np.array([isinstance(hours, Unparsed) for hours in parsed], np.bool_).reshape(len(stations))
    notes = []
    first, last = calendar_years()
    undecided = int((unknown & ~bad).sum())
    if undecided and not all(first <= year <= last for year in years):
        notes.append(
            f"节假日日历只有 {first}—{last} 年，{undecided} 个按节假日开放的站点在该日无法判断，不算开放 / "
            f"the holiday calendar covers {first}-{last}; {undecided} stations whose hours depend on it "
            "cannot be decided for this date and are counted as not open"
        )
    return OpenStations(operating & (codes == OPEN), unknown, at, _unparsed(stations, parsed, operating), tuple(notes))


def _unparsed(stations: pd.DataFrame, parsed: list[Wording], operating: Mask) -> pd.DataFrame:
    codes = stations.get("station_code", pd.Series(stations.index))
    rows = [
        (code, hours.text, hours.reason, hours.reason_zh)
        for code, hours, works in zip(codes, parsed, operating, strict=True)
        if works and isinstance(hours, Unparsed)
    ]
    return pd.DataFrame(rows, columns=["station_code", "opening_hours", "reason", "reason_zh"])


def open_mask(stations: pd.DataFrame, at: datetime | None = None, zone: str = ZONE) -> OpenStations:
    """Tell which stations are open at an instant.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns ``opening_hours`` and ``status``, where present, are read.
    at : datetime, optional
        The instant; without a zone it is on the city's own clock. None means regardless of hours: every operating
        station counts.
    zone : str
        Time zone of the city, by its IANA name.

    Returns
    -------
    OpenStations
        Aligned to the rows of ``stations``.
    """
    if at is None:
        operating = operating_mask(stations)
        none_unknown = np.zeros(len(stations), np.bool_)
        return OpenStations(operating, none_unknown, "any", _unparsed(stations, _parsed(stations), operating))
    local = local_time(at, zone)
    parsed = _parsed(stations)
    minute = 60 * local.hour + local.minute
    states = {hours: int(day_states(hours, local.date())[minute]) for hours in dict.fromkeys(parsed)}
    return _masks(stations, parsed, states, local.isoformat(timespec="minutes"), {local.year})


def open_parts(stations: pd.DataFrame, day: date, start: int, end: int) -> tuple[tuple[OpenStations, float], ...]:
    """Cut a span of a local day into parts in which the same stations are open.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns ``opening_hours`` and ``status``, where present, are read.
    day : date
        Local date.
    start, end : int
        Minutes after midnight of ``day``; an end after 1440 lies on the next day.

    Returns
    -------
    tuple of (OpenStations, float)
        The parts with their share of the span's minutes; shares sum to 1. Minutes apart from one another that have
        the same stations open are one part.
    """
    parsed = _parsed(stations)
    distinct = list(dict.fromkeys(parsed))
    at = f"{day.isoformat()} {start // 60:02}:{start % 60:02}-{end // 60 % 24:02}:{end % 60:02}"
    if not distinct:
        return ((_masks(stations, parsed, {}, at, {day.year}), 1.0),)
    states = np.stack([span_states(hours, day, start, end) for hours in distinct])
    columns, minutes = np.unique(states, axis=1, return_counts=True)
    years = {day.year, (day + timedelta(days=1)).year}
    return tuple(
        (
            _masks(stations, parsed, dict(zip(distinct, column.tolist(), strict=True)), at, years),
            float(count) / states.shape[1],
        )
        for column, count in zip(columns.T, minutes, strict=True)
    )
