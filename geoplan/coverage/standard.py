"""The standard's three tests side by side: circle, network, cross coverage (全总 双15工程, 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import Areas, require_same_length
from geoplan.coverage.demand import checked_demand
from geoplan.coverage.facilities import facility_masks
from geoplan.coverage.moments import Moment, any_time, instant
from geoplan.coverage.reach import Reach, bundle_kth
from geoplan.errors import InputError
from geoplan.hours.stations import open_mask, operating_mask
from geoplan.standard import STANDARD

__all__ = ["Coverage", "Subject", "cover"]

TESTS: Final = ("circle", "network", "cross")
OPEN_SHARE: Final = 0.5  # a station counts as open in a slice, where stations are counted, if it is for more than half


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is a share of, and how it was measured: shown with every number, of coverage and of plans.

    Parameters
    ----------
    city : str
        The area in words.
    demand_unit : str
        What the demand counts, e.g. ``"workers"``.
    demand_total : float
        The denominator, in that unit: those who are out at the time asked; all where none is.
    origin : str
        ``"user"`` or ``"demonstration"``.
    profile : str
        Travel profile of the network test.
    limit_s, radius_m : float
        Limits of the network and the circle test.
    k : int
        Stations that cross coverage asks for.
    at : str
        The instant with its offset, the code of a slice, or ``"any"`` when regardless of hours.
    day : str
        Local day, ISO 8601; empty regardless of hours.
    weekday : int or None
        Monday is 0.
    time_rule : str
        ``"mean"``: the worker-time mean over a slice; ``"whole"``: only stations open all through it count.
    demand_basis : str
        ``"out"``: those out at the time asked; ``"all"``: all of them.
    direction : str
        People travel ``"to_station"``.
    trade : str or None
        Trade that is counted; None for all.
    facilities : tuple of str
        Facilities that must be within reach.
    area : str or None
        Code of the district that is counted; None for the whole area.
    area_name : str
        Its name.
    cost_unit : str
        Unit of money of the pack; empty where it states none.
    data_version : str
        Changes with the data.
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
    day: str = ""
    weekday: int | None = None
    time_rule: str = "mean"
    demand_basis: str = "all"
    direction: str = "to_station"
    trade: str | None = None
    facilities: tuple[str, ...] = ()
    area: str | None = None
    area_name: str = ""
    cost_unit: str = ""
    data_version: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"facilities": list(self.facilities)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the subject that :meth:`to_dict` wrote; one of an earlier version is filled up with the standard."""
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        base: dict[str, Any] = {"city": "", "demand_unit": "workers", "demand_total": 0.0, "origin": "user", "k": 1}
        base |= {name: getattr(STANDARD, name) for name in ("profile", "limit_s", "radius_m")}
        base["at"] = "any"
        return cls(**(base | known | {"facilities": tuple(values.get("facilities") or ())}))


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
        Demand points that pass the network test at the moment asked (all through a slice), shape (n_demand,).
    covered_share : numpy.ndarray of float64
        Share of the moment in which they pass it: 0 or 1 at an instant, between them in a slice.
    demand : numpy.ndarray of float64
        Those who count at the moment, shape (n_demand,).
    nearest_s : numpy.ndarray of float32
        Seconds to the nearest station that counts at any time of the moment, infinite beyond the limit.
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
    covered_share: npt.NDArray[np.float64]
    demand: npt.NDArray[np.float64]
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
        areas = []
        for (level, code, name), rows in self.table.groupby(["level", "area_code", "area_name"], sort=False):
            tests: dict[str, dict[str, Any]] = {}
            for row in rows.to_dict("records"):
                share = None if pd.isna(row["share"]) else row["share"]
                cell = {
                    "demand": row["demand"],
                    "covered": row["covered"],
                    "share": share,
                    "k": row["k"],
                    "limit": row["limit"],
                    "unit": row["unit"],
                }
                tests.setdefault(row["test"], {})[row["hours"]] = cell
            demand = float(rows["demand"].iloc[-1])
            areas.append({"level": level, "area_code": code, "area_name": name, "demand": demand, "tests": tests})
        return {
            "subject": self.subject.to_dict(),
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
    k: int = STANDARD.k,
    at: datetime | None = None,
    moment: Moment | None = None,
    demand_then: npt.ArrayLike | None = None,
    facilities: Sequence[str] = (),
    city: str = "",
    demand_unit: str = "workers",
    origin: str = "user",
    notes: Sequence[str] = (),
    about: Mapping[str, Any] | None = None,
) -> Coverage:
    """Run the three tests on reaches that are already known.

    Parameters
    ----------
    circle, network : Reach
        Stations of each demand point as the crow flies and along streets.
    stations : pandas.DataFrame
        The register, in the order of the reaches; ``status``, ``opening_hours`` and, where asked for, ``facilities``
        are read.
    demand : array_like of float
        Workers of each demand point regardless of hours, shape (n_demand,).
    areas : sequence of Areas
        Levels to report; each must hold all demand points.
    limit_s, radius_m : float
        Limits of the network and the circle test.
    k : int
        Stations that cross coverage asks for.
    at : datetime, optional
        The instant (local time where it has no zone); None reports regardless of hours only.
    moment : Moment, optional
        The moment instead: an instant, or a slice whose figures are means over its time.
    demand_then : array_like of float, optional
        Those who are out at the moment; all of them without it.
    facilities : sequence of str
        Facilities that must each be within reach, at one station or at several.
    city, demand_unit, origin : str
        Words for the subject.
    notes : sequence of str
        Assumptions to carry along.
    about : mapping, optional
        Further fields of the subject.
    """
    workers = checked_demand(demand, network.n_demand)
    then = workers if demand_then is None else checked_demand(demand_then, network.n_demand)
    for level in areas:
        require_same_length(level, len(workers))
    network.checked(limit_s), circle.checked(radius_m)
    always = any_time(stations)
    asked = moment if moment is not None else (instant(stations, at) if at is not None else always)
    has = list(facility_masks(stations, facilities).values())
    tested = [("any", always, workers)] + ([] if asked.name == "any" else [("at", asked, then)])
    parts = []
    shares: dict[str, npt.NDArray[np.float64]] = {}
    first_s = np.empty(0, np.float32)
    for hours, when, counted in tested:
        shares = {test: np.zeros(len(counted)) for test in TESTS}
        first_s = np.full(len(counted), np.inf, np.float32)
        for is_open, share in when.parts:
            near_m = bundle_kth(circle, is_open, has, 1)[:, 0]
            near_s = bundle_kth(network, is_open, has, max(k, 1))
            first_s = np.minimum(first_s, near_s[:, 0])
            shares["circle"] += share * (near_m <= np.float32(radius_m))
            shares["network"] += share * (near_s[:, 0] <= np.float32(limit_s))
            shares["cross"] += share * (near_s[:, k - 1] <= np.float32(limit_s))
        shares = {test: np.minimum(covered, 1.0) for test, covered in shares.items()}
        parts += [_rows(level, counted, hours, shares, k, limit_s, radius_m) for level in areas]
    total = float(then.sum() if asked.name != "any" else workers.sum())
    subject = Subject(
        city,
        demand_unit,
        total,
        origin,
        network.profile,
        limit_s,
        radius_m,
        k,
        asked.name,
        day="" if asked.day is None else asked.day.isoformat(),
        weekday=None if asked.day is None else asked.day.weekday(),
        demand_basis="all" if asked.name == "any" or demand_then is None else "out",
        facilities=tuple(facilities),
        **(about or {}),
    )
    unparsed = open_mask(stations).unparsed
    through = shares["network"]
    return Coverage(
        subject,
        pd.concat(parts, ignore_index=True),
        _counts(stations, asked, unparsed, network),
        unparsed,
        through > 1.0 - 1e-9,
        through,
        then if asked.name != "any" else workers,
        np.where(first_s <= np.float32(limit_s), first_s, np.float32(np.inf)),
        len(network.unsnapped_demand),
        (*notes, *asked.notes),
    )


def _rows(
    areas: Areas,
    workers: npt.NDArray[np.float64],
    hours: str,
    shares: Mapping[str, npt.NDArray[np.float64]],
    k: int,
    limit_s: float,
    radius_m: float,
) -> pd.DataFrame:
    total = areas.sums(workers)
    limits = {"circle": (1, radius_m, "m"), "network": (1, limit_s, "s"), "cross": (k, limit_s, "s")}
    frames = []
    for test in TESTS:
        covered = areas.sums(workers * shares[test])
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


def _counts(stations: pd.DataFrame, moment: Moment, unparsed: pd.DataFrame, network: Reach) -> pd.DataFrame:
    unknown = np.zeros(len(stations), np.bool_) if moment.unknown is None else moment.unknown
    codes = stations.get("station_code", pd.Series(stations.index))
    readable = ~codes.isin(unparsed["station_code"]).to_numpy(bool)
    return pd.DataFrame(
        {
            "registered": [len(stations)],
            "operating": [int(operating_mask(stations).sum())],
            "open": [int((moment.share_open > OPEN_SHARE).sum())],
            "unknown_hours": [int((unknown & readable).sum())],
            "unparsed_hours": [len(unparsed)],
            "off_network": [len(network.unsnapped_stations)],
        }
    )
