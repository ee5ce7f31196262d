"""The standard's three tests side by side: circle, network, cross coverage (全总 双15工程, 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import Areas, require_same_length
from geoplan.coverage.demand import checked_demand
from geoplan.coverage.reach import Reach
from geoplan.errors import InputError
from geoplan.hours.stations import OpenStations, open_mask

__all__ = ["Coverage", "Subject", "cover"]

TESTS = ("circle", "network", "cross")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is a share of, and how it was measured: shown with every number.

    Parameters
    ----------
    city : str
        The area in words.
    demand_unit : str
        What the demand counts, e.g. ``"workers"``.
    demand_total : float
        The denominator, in that unit.
    origin : str
        ``"user"`` or ``"demonstration"``.
    profile : str
        Travel profile of the network test.
    limit_s, radius_m : float
        Limits of the network and the circle test.
    k : int
        Stations that cross coverage asks for.
    at : str
        The instant with its offset, or ``"any"`` when regardless of hours.
    """

    city: str
    demand_unit: str
    demand_total: float
    origin: str
    profile: str
    limit_s: float
    radius_m: float
    k: int
    at: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of demand that pass each test, by area, with all that the figures rest on.

    Parameters
    ----------
    subject : Subject
        What the figures are a share of.
    table : pandas.DataFrame
        Tidy rows ``level, area_code, area_name, test, hours, k, limit, unit, demand, covered, share``; ``hours`` is
        ``"any"`` (every operating station counts) or ``"at"`` (only those open at the instant). ``share`` is missing
        where an area has no demand.
    stations : pandas.DataFrame
        One row: ``registered, operating, open, unknown_hours, unparsed_hours, off_network``.
    unparsed : pandas.DataFrame
        Stations whose hours nobody could read: ``station_code, opening_hours, reason, reason_zh``.
    covered : numpy.ndarray of bool
        Demand points that pass the network test at the instant (or regardless of hours), shape (n_demand,).
    nearest_s : numpy.ndarray of float32
        Seconds to the nearest station that counts, infinite beyond the limit, shape (n_demand,).
    demand_off_network : int
        Demand points that no street is near enough to; they count as not covered by the network tests.
    notes : tuple of str
        Statements that belong beside the figures.
    """

    subject: Subject
    table: pd.DataFrame
    stations: pd.DataFrame
    unparsed: pd.DataFrame
    covered: npt.NDArray[np.bool_]
    nearest_s: npt.NDArray[np.float32]
    demand_off_network: int
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table with the subject repeated on every row, so that no row stands without its question."""
        frame = self.table.copy()
        for name in ("city", "demand_unit", "origin", "profile", "at"):
            frame[name] = getattr(self.subject, name)
        return frame

    def share(self, test: str, *, level: str = "city", code: str | None = None, hours: str | None = None) -> float:
        """Return one share, 0…1; by default of the city, at the instant where there is one."""
        wanted = hours or ("any" if self.subject.at == "any" else "at")
        rows = self.table[
            (self.table["test"] == test) & (self.table["level"] == level) & (self.table["hours"] == wanted)
        ]
        if code is not None:
            rows = rows[rows["area_code"] == code]
        if len(rows) != 1:
            raise InputError(
                f"{len(rows)} figures match test {test!r}, level {level!r}, area {code!r}, hours {wanted!r}"
            )
        return float(rows["share"].iloc[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values that JSON can hold; a missing share is None."""
        subject = {name: getattr(self.subject, name) for name in Subject.__slots__}
        areas = []
        for (level, code, name), rows in self.table.groupby(["level", "area_code", "area_name"], sort=False):
            tests: dict[str, dict[str, Any]] = {}
            for row in rows.to_dict("records"):
                share = None if pd.isna(row["share"]) else row["share"]
                cell = {
                    "covered": row["covered"],
                    "share": share,
                    "k": row["k"],
                    "limit": row["limit"],
                    "unit": row["unit"],
                }
                tests.setdefault(row["test"], {})[row["hours"]] = cell
            demand = float(rows["demand"].iloc[0])
            areas.append({"level": level, "area_code": code, "area_name": name, "demand": demand, "tests": tests})
        return {
            "subject": subject,
            "stations": {name: int(value) for name, value in self.stations.iloc[0].items()},
            "demand": {"points": len(self.covered), "off_network": self.demand_off_network},
            "areas": areas,
            "unparsed_hours": self.unparsed.to_dict("records"),
            "notes": list(self.notes),
        }


def cover(
    circle: Reach,
    network: Reach,
    stations: pd.DataFrame,
    demand: npt.ArrayLike,
    areas: Sequence[Areas],
    *,
    limit_s: float,
    radius_m: float,
    k: int = 2,
    at: datetime | None = None,
    city: str = "",
    demand_unit: str = "workers",
    origin: str = "user",
    notes: Sequence[str] = (),
) -> Coverage:
    """Run the three tests on reaches that are already known.

    Parameters
    ----------
    circle, network : Reach
        Stations of each demand point as the crow flies and along streets.
    stations : pandas.DataFrame
        The register, in the order of the reaches; ``status`` and ``opening_hours`` are read.
    demand : array_like of float
        Workers of each demand point, shape (n_demand,).
    areas : sequence of Areas
        Levels to report; each must hold all demand points.
    limit_s, radius_m : float
        Limits of the network and the circle test.
    k : int
        Stations that cross coverage asks for.
    at : datetime, optional
        The instant (local time where it has no zone); None reports regardless of hours only.
    city, demand_unit, origin : str
        Words for the subject.
    notes : sequence of str
        Assumptions to carry along.
    """
    workers = checked_demand(demand, network.n_demand)
    for level in areas:
        require_same_length(level, len(workers))
    network.checked(limit_s), circle.checked(radius_m)
    states = [("any", open_mask(stations))] + ([("at", open_mask(stations, at))] if at is not None else [])
    parts = []
    first_s = np.empty(0, np.float32)
    for hours, state in states:
        near_m = circle.kth(1, state.open)[:, 0]
        near_s = network.kth(max(k, 1), state.open)
        first_s = near_s[:, 0]
        passed = {"circle": near_m <= radius_m, "network": first_s <= limit_s, "cross": near_s[:, k - 1] <= limit_s}
        parts += [_rows(level, workers, hours, passed, k, limit_s, radius_m) for level in areas]
    table = pd.concat(parts, ignore_index=True)
    subject = Subject(
        city, demand_unit, float(workers.sum()), origin, network.profile, limit_s, radius_m, k, states[-1][1].at
    )
    return Coverage(
        subject,
        table,
        _counts(stations, states[0][1], states[-1][1], network),
        states[-1][1].unparsed,
        first_s <= limit_s,
        np.where(first_s <= limit_s, first_s, np.float32(np.inf)),
        len(network.unsnapped_demand),
        (*notes, *states[-1][1].notes),
    )


def _rows(
    areas: Areas,
    workers: npt.NDArray[np.float64],
    hours: str,
    passed: dict[str, npt.NDArray[np.bool_]],
    k: int,
    limit_s: float,
    radius_m: float,
) -> pd.DataFrame:
    total = areas.sums(workers)
    limits = {"circle": (1, radius_m, "m"), "network": (1, limit_s, "s"), "cross": (k, limit_s, "s")}
    frames = []
    for test in TESTS:
        covered = areas.sums(workers * passed[test])
        share = np.divide(covered, total, out=np.full(len(total), np.nan), where=total > 0)
        stations_needed, limit, unit = limits[test]
        frames.append(
            pd.DataFrame(
                {
                    "level": areas.level,
                    "area_code": areas.codes,
                    "area_name": areas.names,
                    "test": test,
                    "hours": hours,
                    "k": stations_needed,
                    "limit": limit,
                    "unit": unit,
                    "demand": total,
                    "covered": covered,
                    "share": share,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _counts(stations: pd.DataFrame, any_hours: OpenStations, at: OpenStations, network: Reach) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "registered": [len(stations)],
            "operating": [int(any_hours.open.sum())],
            "open": [int(at.open.sum())],
            "unknown_hours": [int(at.unknown.sum())],
            "unparsed_hours": [len(at.unparsed)],
            "off_network": [len(network.unsnapped_stations)],
        }
    )
