"""The whole cube: area × moment × bundle of facilities × trade × k × limit × profile, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import Areas, require_same_length
from geoplan.coverage.demand import checked_workers
from geoplan.coverage.facilities import BUNDLES, facility_masks
from geoplan.coverage.kernels import add_to_cube
from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import Reach
from geoplan.errors import Fault, InputError
from geoplan.standard import STANDARD
from geoplan.trades import PRESENCE, TRADES, Presence, workers_in_slice

__all__ = ["Cube", "coverage_cube"]

Array = npt.NDArray[np.float64]
Axes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cube:
    """Workers asked about and workers covered, along every axis.

    Parameters
    ----------
    profiles, moments, bundles, trades : tuple of str
        Labels of these axes.
    ks : tuple of int
        How many stations are asked for, 1 … K.
    limits : tuple of float
        Limits in seconds (metres for the profile ``"circle"``), ascending.
    areas : pandas.DataFrame
        ``level, area_code, area_name``, a row an area.
    demand : numpy.ndarray of float64
        Workers asked about, shape (moments, areas, trades).
    covered : numpy.ndarray of float64
        Workers covered, shape (profiles, moments, bundles, ks, limits, areas, trades).
    notes : tuple of str
        What the figures rest on.
    """

    profiles: Axes
    moments: Axes
    bundles: Axes
    trades: Axes
    ks: tuple[int, ...]
    limits: tuple[float, ...]
    areas: pd.DataFrame
    demand: Array
    covered: Array
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        self.demand.flags.writeable = False
        self.covered.flags.writeable = False

    def to_frame(self) -> pd.DataFrame:
        """Return the cube as tidy rows.

        Columns ``profile, moment, bundle, k, limit, level, area_code, area_name, trade, demand, covered, share``;
        ``share`` is missing where nobody is asked about.
        """
        axes = [self.profiles, self.moments, self.bundles, self.ks, self.limits, range(len(self.areas)), self.trades]
        index = pd.MultiIndex.from_product(axes, names=["profile", "moment", "bundle", "k", "limit", "area", "trade"])
        frame = index.to_frame(index=False)
        at = frame.pop("area").to_numpy()
        for place, name in enumerate(("level", "area_code", "area_name")):
            frame.insert(5 + place, name, self.areas[name].to_numpy()[at])
        shape = self.covered.shape
        asked = np.broadcast_to(self.demand[None, :, None, None, None, :, :], shape).ravel()
        covered = self.covered.ravel()
        frame["demand"] = asked
        frame["covered"] = covered
        frame["share"] = np.divide(covered, asked, out=np.full(len(covered), np.nan), where=asked > 0)
        return frame


def coverage_cube(
    reaches: Mapping[str, Reach],
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    areas: Sequence[Areas],
    moments: Sequence[Moment],
    *,
    bundles: Mapping[str, tuple[str, ...]] = BUNDLES,
    trades: Sequence[str] | None = None,
    k: int = 2,
    limits: Sequence[float] = (STANDARD.limit_s * 2 / 3, STANDARD.limit_s, STANDARD.limit_s * 4 / 3),
    presence: Presence = PRESENCE,
) -> Cube:
    """Count covered workers along every axis at once.

    Parameters
    ----------
    reaches : mapping of str to Reach
        One a profile, all with the same unit, each searched to the largest limit.
    stations : pandas.DataFrame
        The register; ``facilities`` is read, hours come with the moments.
    demand : pandas.DataFrame
        ``workers`` and, by trade, ``workers_…``.
    areas : sequence of Areas
        Levels to report.
    moments : sequence of Moment
        When; see :mod:`geoplan.coverage.moments`.
    bundles : mapping of str to tuple of str
        Facilities that must be in reach together.
    trades : sequence of str, optional
        Trades, ``"all"`` among them; by default ``"all"`` and every trade the demand knows.
    k : int
        Cross coverage is counted for 1 … k stations.
    limits : sequence of float
        Limits.
    presence : mapping
        Share of each trade out in each slice.
    """
    if not reaches or not areas or not moments or not bundles or not limits or k < 1:
        raise InputError(
            Fault(
                "a cube needs at least one reach, area, moment, bundle and limit, and k of 1 or more",
                problem_zh="方式、区域、时刻、设施组合和时限各至少要有一个，站点数至少为 1",
            )
        )
    bounds = sorted({float(limit) for limit in limits})
    n = len(demand)
    for name, reach in reaches.items():
        reach.checked(bounds[-1])
        if (reach.n_demand, reach.n_stations) != (n, len(stations)):
            raise InputError(f"the reach of profile {name!r} was made for other stations or demand")
    for level in areas:
        require_same_length(level, n)
    checked_workers(demand)
    wanted = tuple(trades) if trades is not None else ("all", *(t for t in TRADES if f"workers_{t}" in demand))
    masks = facility_masks(stations, [code for codes in bundles.values() for code in codes])
    member, table = _stacked(areas)
    workers = {
        code: np.column_stack([workers_in_slice(demand, trade, code, presence) for trade in wanted])
        for code in dict.fromkeys(moment.slice_code for moment in moments)
    }
    shape = (len(reaches), len(moments), len(bundles), k, len(bounds), len(table), len(wanted))
    covered = np.zeros(shape)
    asked = np.zeros((len(moments), len(table), len(wanted)))
    limit_array = np.array(bounds, np.float32)
    for m, moment in enumerate(moments):
        people = workers[moment.slice_code]
        asked[m] = _sums(member, people, len(table))
        for is_open, share in moment.parts:
            for p, reach in enumerate(reaches.values()):
                single = {code: reach.kth(k, is_open & masks[code]) for code in masks}
                plain = reach.kth(k, is_open)
                for b, codes in enumerate(bundles.values()):
                    kth = np.maximum.reduce([single[code] for code in codes]) if codes else plain
                    add_to_cube(kth, limit_array, member, people * share, covered[p, m, b])
    np.cumsum(covered, axis=4, out=covered)
    notes = tuple(dict.fromkeys(note for moment in moments for note in moment.notes))
    names = tuple(moment.name for moment in moments)
    return Cube(
        tuple(reaches),
        names,
        tuple(bundles),
        wanted,
        tuple(range(1, k + 1)),
        tuple(bounds),
        table,
        asked,
        covered,
        notes,
    )


def _stacked(areas: Sequence[Areas]) -> tuple[npt.NDArray[np.int32], pd.DataFrame]:
    """Give the areas of all levels one numbering."""
    member = np.vstack([level.member for level in areas]).astype(np.int32)
    start = 0
    rows: list[tuple[str, str, str]] = []
    for at, level in enumerate(areas):
        member[at, level.member >= 0] += start
        rows += [(level.level, code, name) for code, name in zip(level.codes, level.names, strict=True)]
        start += len(level.codes)
    return member, pd.DataFrame(rows, columns=["level", "area_code", "area_name"])


def _sums(member: npt.NDArray[np.int32], people: Array, n_areas: int) -> Array:
    total = np.zeros((n_areas, people.shape[1]))
    for row in member:
        inside = row >= 0
        for t in range(people.shape[1]):
            total[:, t] += np.bincount(row[inside], people[inside, t], n_areas)
    return total
