"""The analysis that a planner takes to a meeting: every view of a city's coverage, from one pack and one network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.accessibility import accessibility
from geoplan.coverage.areas import Areas
from geoplan.coverage.city import Network, areas_of, circle_reach, network_reach
from geoplan.coverage.criticality import criticality, hours_criticality
from geoplan.coverage.cube import coverage_cube
from geoplan.coverage.distribution import time_distribution, time_histogram
from geoplan.coverage.equity import gini, lorenz, worst_served
from geoplan.coverage.gaps import Gaps, find_gaps
from geoplan.coverage.moments import Moment, any_time, hours_of, instant, slices_of
from geoplan.coverage.overlap import overlap_pairs
from geoplan.coverage.reach import Reach
from geoplan.coverage.sensitivity import open_chance_interval
from geoplan.coverage.standard import Coverage, cover
from geoplan.coverage.trust import Expected, chance_open, expected_coverage
from geoplan.coverage.uncovered import uncovered_hours
from geoplan.hours.stations import operating_mask
from geoplan.network import Profile, StreetNetwork
from geoplan.pack import CityPack
from geoplan.sources.streets import Streets
from geoplan.trades import PRESENCE, PRESENCE_NOTE, Presence, demand_in_slice, workers_in_slice

__all__ = ["Analysis", "analyse", "reach_at_speed"]

ZONES: Final = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))
"""Zones of E2SFCA as shares of the limit, with the weights of Luo and Qi (2009)."""
NOON: Final = time(12, 30)


@dataclass(frozen=True, slots=True)
class Analysis:
    """Every view of a city's coverage; frames have stable column names.

    Parameters
    ----------
    coverage : Coverage
        The three tests, regardless of hours and at the instant.
    day : date
        The day that hours and worker-hours are of.
    by_hour : pandas.DataFrame
        Network test by hour of the day and area: ``moment, level, area_code, area_name, demand, covered, share``.
    by_slice : pandas.DataFrame
        The cube of slices: profile, moment, bundle, k, limit, area, trade.
    times, histogram : pandas.DataFrame
        Time to the nearest open station at the instant, by area and as counts of workers.
    gaps : Gaps
        Where worker-hours of the day are uncovered.
    critical, more_hours, overlap : pandas.DataFrame
        Stations by what they alone carry, hours by what they would add, pairs that share workers.
    worst, curve : pandas.DataFrame
        Worst-served trades and areas; Lorenz curve of accessibility (E2SFCA, one seat a station).
    gini : float
        Gini coefficient of that curve.
    expected : Expected
        Coverage when stations may be found locked, and whom to inspect first.
    interval : pandas.Series
        Monte Carlo interval of coverage at the instant.
    assumptions : tuple of str
        Everything assumed.
    """

    coverage: Coverage
    day: date
    by_hour: pd.DataFrame
    by_slice: pd.DataFrame
    times: pd.DataFrame
    histogram: pd.DataFrame
    gaps: Gaps
    critical: pd.DataFrame
    more_hours: pd.DataFrame
    overlap: pd.DataFrame
    worst: pd.DataFrame
    curve: pd.DataFrame
    gini: float
    expected: Expected
    interval: pd.Series
    assumptions: tuple[str, ...]


def analyse(
    pack: CityPack,
    network: Network,
    *,
    at: datetime | None = None,
    limit_s: float | None = None,
    radius_m: float | None = None,
    k: int | None = None,
    presence: Presence = PRESENCE,
    progress: Callable[[str], None] | None = None,
) -> Analysis:
    """Run every analysis of coverage on a city pack.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    network : StreetNetwork
        Streets with a travel profile.
    at : datetime, optional
        The instant of the three tests, today at half past twelve without it; its day is that of hours and worker-hours.
    limit_s, radius_m : float, optional
        Limits of the network and the circle test; the pack's defaults where not given.
    k : int
        Stations that cross coverage asks for.
    presence : mapping
        Share of each trade out in each slice of the day.
    progress : callable, optional
        Told the name of each step as it starts.
    """
    say = progress or (lambda _: None)
    limit = pack.manifest.defaults.limit_s if limit_s is None else limit_s
    radius = pack.manifest.defaults.radius_m if radius_m is None else radius_m
    stations, demand = pack.stations, pack.demand
    workers = demand["workers"].to_numpy(np.float64)
    say("search")
    areas = areas_of(pack)
    longest = limit * 4 / 3
    reach = network_reach(pack, network, longest)
    say("tests")
    zone = ZoneInfo(pack.manifest.timezone)
    noon = datetime.combine(datetime.now(zone).date(), NOON, zone)
    now = instant(stations, noon if at is None else at, pack.manifest.timezone)
    day = datetime.fromisoformat(now.name).date()
    k = pack.manifest.defaults.k if k is None else k
    out = workers_in_slice(demand, "all", now.slice_code, presence)
    result = cover(
        circle_reach(pack, radius), reach, stations, workers, areas, limit_s=limit, radius_m=radius, k=k, moment=now,
        demand_then=out,
        city=pack.manifest.area or pack.manifest.name_zh, demand_unit=pack.manifest.demand_unit,
        origin=pack.manifest.origin, notes=pack.manifest.notes,
    )  # fmt: skip
    say("cube")
    whole_day = hours_of(stations, day)
    by_hour = _hourly(reach, pack, areas, whole_day, limit, presence)
    moments = (any_time(stations), *slices_of(stations, day))
    limits = (limit * 2 / 3, limit, longest)
    by_slice = coverage_cube(
        {reach.profile: reach}, stations, demand, areas, moments, k=k, limits=limits, presence=presence
    ).to_frame()
    say("gaps")
    missing = uncovered_hours(reach, demand, whole_day, limit=limit, presence=presence)
    gaps = _gaps(pack, network, missing, limit)
    say("stations")
    chance = chance_open(stations, day)
    zones = [(share * limit, weight) for share, weight in ZONES]
    supply = accessibility(reach, workers, np.ones(len(stations)), zones, operating_mask(stations))
    nearest = reach.kth(1, now.parts[0][0])[:, 0]
    expected = expected_coverage(reach, stations, demand, whole_day, chance, limit=limit, presence=presence)
    said = (
        PRESENCE_NOTE
        if presence is PRESENCE
        else "各时段在岗比例由用户给定 / shares at work by slice as given by the user"
    )
    return Analysis(
        coverage=result,
        day=day,
        by_hour=by_hour,
        by_slice=by_slice,
        times=time_distribution(nearest, out, areas),
        histogram=time_histogram(nearest, out, 60.0, longest),
        gaps=gaps,
        critical=criticality(reach, stations, demand, whole_day, limit=limit, presence=presence),
        more_hours=hours_criticality(reach, stations, demand, whole_day, limit=limit, presence=presence),
        overlap=overlap_pairs(reach, stations, workers, limit),
        worst=worst_served(result.covered, demand_in_slice(demand, "all", now.slice_code, presence), areas),
        curve=lorenz(supply, workers),
        gini=gini(supply, workers),
        expected=expected,
        interval=open_chance_interval(reach, demand, now, chance, limit=limit, draws=200, presence=presence),
        assumptions=tuple(dict.fromkeys((*result.notes, said, *expected.notes))),
    )


def _hourly(
    reach: Reach, pack: CityPack, areas: tuple[Areas, ...], hours: tuple[Moment, ...], limit: float, presence: Presence
) -> pd.DataFrame:
    cube = coverage_cube(
        {reach.profile: reach}, pack.stations, pack.demand, areas, hours, bundles={"any": ()}, trades=["all"], k=1,
        limits=[limit], presence=presence,
    )  # fmt: skip
    columns = ["moment", "level", "area_code", "area_name", "demand", "covered", "share"]
    return cube.to_frame()[columns]


def _gaps(pack: CityPack, network: Network, missing: npt.NDArray[np.float64], limit: float) -> Gaps:
    named = pack.streets if "name" in pack.streets else None
    towns = dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)) if len(pack.towns) else {}
    return find_gaps(
        network, pack.demand, missing, pack.manifest.crs_metric, link_s=limit / 2, span_h=24.0,
        town_names=towns, streets=named, places=pack.places if len(pack.places) else None,
    )  # fmt: skip


def reach_at_speed(pack: CityPack, profile: Profile) -> Callable[[float, float], Reach]:
    """Return the search that sensitivity to walking speed needs: the pack's streets built anew at each speed."""
    streets = Streets.from_frame(pack.streets)

    def search(speed_m_s: float, limit_s: float) -> Reach:
        at_speed = replace(profile, speed_m_s=speed_m_s, access_speed_m_s=speed_m_s)
        return network_reach(pack, StreetNetwork.from_streets(streets, at_speed), limit_s)

    return search
