"""How far a register can be trusted: expected coverage when stations may be found locked, and whom to visit first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.criticality import station_codes
from geoplan.coverage.kernels import expected_marginals
from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import Reach
from geoplan.errors import FaultLog
from geoplan.trades import PRESENCE, Presence, workers_in_slice

__all__ = ["CHANCE_BY_AGE", "CHANCE_NOTE", "NEVER_VERIFIED", "Expected", "chance_open", "expected_coverage"]

Array = npt.NDArray[np.float64]

CHANCE_BY_AGE: Final[tuple[tuple[int, float], ...]] = ((90, 0.98), (180, 0.95), (365, 0.90), (730, 0.80))
"""Days since the last verification, and the chance that a station is really open when its hours say so."""
OLDER: Final = 0.70
NEVER_VERIFIED: Final = 0.60
CHANCE_NOTE: Final = (
    "Chance that a station is really open when its register says so, by the age of its last verification: 98 % up to "
    "90 days, 95 % up to half a year, 90 % up to a year, 80 % up to two years, 70 % older, 60 % never verified. An "
    "assumption: complaints of locked stations are published, their share is not."
)


def chance_open(
    stations: pd.DataFrame, day: date, by_age: Sequence[tuple[int, float]] = CHANCE_BY_AGE, older: float = OLDER,
    never: float = NEVER_VERIFIED,
) -> Array:  # fmt: skip
    """Return the chance that each station is really open when its hours say so.

    Parameters
    ----------
    stations : pandas.DataFrame
        Column ``verified_on`` (ISO dates); a missing column or cell is a station never verified.
    day : date
        The day of the question; a station verified since then counts as just verified.
    by_age : sequence of (int, float)
        Upper bounds of the age in days, ascending, with their chances.
    older, never : float
        Chances beyond the last bound and of stations never verified.

    Raises
    ------
    InputError
        A date is not a date; every row is named.
    """
    chance = np.full(len(stations), never)
    if "verified_on" not in stations:
        return chance
    log = FaultLog()
    for i, cell in enumerate(stations["verified_on"]):
        if pd.isna(cell) or not str(cell).strip():
            continue
        try:
            age = (day - date.fromisoformat(str(cell).strip()[:10])).days
        except ValueError:
            log.add(f"{cell!r} is not a date", "write it as YYYY-MM-DD", row=i + 2, field="verified_on")
            continue
        chance[i] = next((p for bound, p in by_age if age <= bound), older)
    log.raise_if_any()
    return chance


@dataclass(frozen=True, slots=True)
class Expected:
    """Coverage as expected when stations may be found locked, beside coverage as registered.

    Parameters
    ----------
    registered, expected : float
        Shares of worker-hours (workers where the moment is ``"any"``), 0…1.
    demand : float
        The denominator.
    inspection : pandas.DataFrame
        Whom to visit first: ``rank, station_code, verified_on, chance, hinges, at_stake``. ``hinges`` are the
        worker-hours whose coverage this station decides, ``at_stake`` those times the chance that it is not open.
    notes : tuple of str
        The assumption.
    """

    registered: float
    expected: float
    demand: float
    inspection: pd.DataFrame
    notes: tuple[str, ...]


def expected_coverage(
    reach: Reach,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    moments: Sequence[Moment],
    chance: npt.ArrayLike,
    *,
    limit: float,
    k: int = 1,
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> Expected:
    """Return expected coverage, exactly, and the list of stations to inspect.

    Stations are taken to be really open independently of one another; the chance of at least k among those in reach
    is computed exactly (no sampling).

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    stations, demand : pandas.DataFrame
        Register and demand, in the order of the reach.
    moments : sequence of Moment
        Moments that do not overlap.
    chance : array_like of float
        Chance of being really open when the hours say so, shape (n_stations,).
    limit : float
        Limit, in the unit of the reach.
    k : int
        Stations that a worker needs.
    trade : str
        Trade asked about.
    presence : mapping
        Share of each trade out in each slice.
    """
    bound = reach.checked(limit)
    really = np.asarray(chance, np.float64)
    hinges = np.zeros(reach.n_stations)
    asked = registered = expected = 0.0
    for moment in moments:
        people = workers_in_slice(demand, trade, moment.slice_code, presence)
        for is_open, share in moment.parts:
            weight = people * (share * moment.hours)
            asked += float(weight.sum())
            registered += float(weight[reach.covered(k, bound, is_open)].sum())
            covered = expected_marginals(
                reach.indptr, reach.station, reach.cost, really * is_open, k, bound, weight, hinges
            )
            expected += float((weight * covered).sum())
    frame = pd.DataFrame(
        {
            "station_code": station_codes(stations),
            "verified_on": stations.get("verified_on", pd.Series([None] * len(stations))).to_numpy(object),
            "chance": really,
            "hinges": hinges,
            "at_stake": hinges * (1.0 - really),
        }
    )
    frame = frame.sort_values(["at_stake", "hinges"], ascending=False, kind="stable").reset_index(drop=True)
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    whole = asked if asked > 0 else np.nan
    return Expected(registered / whole, expected / whole, asked, frame, (CHANCE_NOTE,))
