"""Answers about coverage: the three tests, the cube, gaps and key stations, all of one moment and one demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import areas_by_polygon
from geoplan.coverage.criticality import criticality
from geoplan.coverage.cube import Cube, coverage_cube
from geoplan.coverage.facilities import BUNDLES, facility_masks
from geoplan.coverage.gaps import Gaps, find_gaps
from geoplan.coverage.moments import Moment, any_time, slices_of, week_of
from geoplan.coverage.standard import Coverage, Subject, cover
from geoplan.planning.city import City
from geoplan.planning.moments import moment_of
from geoplan.planning.question import CoverageQuestion, CubeQuestion, given
from geoplan.planning.resolve import area_name, refused
from geoplan.trades import PRESENCE_NOTE, workers_in_slice

__all__ = [
    "CoverageAnswer",
    "CubeAnswer",
    "GapsAnswer",
    "KeyStationsAnswer",
    "coverage",
    "cube",
    "gaps",
    "gaps_of",
    "key_stations",
]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageAnswer:
    """The three tests.

    Parameters
    ----------
    question : CoverageQuestion
        With nothing left unsaid.
    coverage : Coverage
        The figures by area; of all areas, also where one is asked for.
    moment : Moment
        When.
    """

    question: CoverageQuestion
    coverage: Coverage
    moment: Moment

    @property
    def subject(self) -> Subject:
        """What the figures are a share of."""
        return self.coverage.subject

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; of one area alone where one is asked for."""
        return self.of_area().to_dict() | {"question": given(self.question)}

    def of_area(self) -> Coverage:
        """Return the figures of the area asked alone, with its demand as the denominator; of all where none is."""
        found, wanted = self.coverage, self.question.area
        if wanted is None:
            return found
        rows = found.table[found.table["area_code"] == wanted]
        if not len(rows):
            rows = found.table[found.table["level"] == "city"]
        subject = replace(found.subject, demand_total=float(rows["demand"].iloc[-1]))
        return replace(found, table=rows, subject=subject)


@dataclass(frozen=True, slots=True, eq=False)
class GapsAnswer:
    """Where uncovered demand lies together.

    Parameters
    ----------
    question, subject
        As in :class:`CoverageAnswer`.
    gaps : Gaps
        The gaps, largest first, of the area asked.
    """

    question: CoverageQuestion
    subject: Subject
    gaps: Gaps


@dataclass(frozen=True, slots=True, eq=False)
class KeyStationsAnswer:
    """What each station alone carries.

    Parameters
    ----------
    question, subject
        As in :class:`CoverageAnswer`.
    frame : pandas.DataFrame
        ``rank, station_code, name, district_code, lost, reached, sole_share, redundancy``, most critical first.
    """

    question: CoverageQuestion
    subject: Subject
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class CubeAnswer:
    """Every cell at once.

    Parameters
    ----------
    question : CubeQuestion
        With nothing left unsaid.
    cube : Cube
        The figures.
    city : City
        The city.
    """

    question: CubeQuestion
    cube: Cube
    city: City

    def to_dict(self) -> dict[str, Any]:
        """Return ``axes`` (labels), ``demand`` and ``covered`` as nested lists of workers, and the ``subject``."""
        cube, manifest, day = self.cube, self.city.pack.manifest, self.question.day
        assert day is not None
        return {
            "axes": {
                "profile": cube.profiles,
                "moment": cube.moments,
                "bundle": cube.bundles,
                "k": cube.ks,
                "limit_s": cube.limits,
                "area": cube.areas.to_dict("records"),
                "trade": cube.trades,
            },
            "demand": cube.demand.tolist(),
            "covered": cube.covered.tolist(),
            "subject": {
                "city": manifest.area or manifest.name_zh,
                "demand_unit": manifest.demand_unit,
                "origin": manifest.origin,
                "day": day.isoformat(),
                "weekday": day.weekday(),
                "time_rule": "mean",
                "demand_basis": "out",
                "direction": "to_station",
                "data_version": self.city.version,
            },
            "notes": [*manifest.notes, *cube.notes],
        }


def coverage(city: City, question: CoverageQuestion) -> CoverageAnswer:
    """Run the three tests of a resolved question."""
    pack, moment = city.pack, moment_of(city, question)
    assert question.profile is not None
    assert question.limit_s is not None
    assert question.radius_m is not None
    assert question.k is not None
    areas, trade = city.areas(), question.trade or "all"
    if question.polygon is not None:
        areas = (*areas, areas_by_polygon("polygon", question.polygon, pack.demand))
    result = cover(
        city.circle(question.radius_m),
        city.reach(question.profile, question.limit_s),
        pack.stations,
        workers_in_slice(pack.demand, trade, "any"),
        areas,
        limit_s=question.limit_s,
        radius_m=question.radius_m,
        k=question.k,
        moment=moment,
        demand_then=workers_in_slice(pack.demand, trade, moment.slice_code),
        facilities=question.facilities,
        city=pack.manifest.area or pack.manifest.name_zh,
        demand_unit=pack.manifest.demand_unit,
        origin=pack.manifest.origin,
        notes=(*pack.manifest.notes, *presence_notes(city, moment)),
        about=about(city, question),
    )
    return CoverageAnswer(question, result, moment)


def about(city: City, question: CoverageQuestion) -> dict[str, Any]:
    """Return what a subject says beside the figures' own measure."""
    return {
        "time_rule": question.time_rule,
        "trade": question.trade,
        "area": question.area,
        "area_name": area_name(city.pack, question.area),
        "cost_unit": city.pack.manifest.cost_unit,
        "data_version": city.version,
    }


def presence_notes(city: City, moment: Moment) -> tuple[str, ...]:
    """Return the assumption behind "out at that time", where it was made."""
    return (PRESENCE_NOTE,) if moment.slice_code != "any" and city.pack.trades else ()


def gaps(city: City, question: CoverageQuestion) -> GapsAnswer:
    """Cluster the demand that a resolved question finds uncovered, along the streets."""
    found = coverage(city, question)
    pack, moment = city.pack, found.moment
    missing = uncovered(found)
    assert question.profile is not None
    assert question.limit_s is not None
    if question.area not in (None, "city"):
        inside = (pack.demand["district_code"] == question.area) | (pack.demand["town_code"] == question.area)
        missing = np.where(inside.to_numpy(bool), missing, 0.0)
    return GapsAnswer(question, found.subject, gaps_of(city, question.profile, missing, question.limit_s, moment.hours))


def uncovered(found: CoverageAnswer) -> npt.NDArray[np.float64]:
    """Return the uncovered worker-hours of each demand point; workers at an instant or regardless of hours."""
    missing: npt.NDArray[np.float64] = found.coverage.demand * (1.0 - found.coverage.covered_share) * found.moment.hours
    return missing


def gaps_of(city: City, profile: str, worker_hours: npt.NDArray[np.float64], limit_s: float, hours: float) -> Gaps:
    """Join uncovered demand into gaps; one rule for every question, whatever span of time it is about.

    Parameters
    ----------
    city : City
        Streets, towns and places.
    profile : str
        Travel profile.
    worker_hours : numpy.ndarray of float64
        Uncovered worker-hours of each demand point, shape (n_demand,).
    limit_s : float
        Limit of the network test: points within half of it belong together.
    hours : float
        Length of the time asked about: what is a gap grows with it.
    """
    pack = city.pack
    return find_gaps(
        city.network(profile),
        pack.demand,
        worker_hours,
        pack.manifest.crs_metric,
        link_s=limit_s / 2.0,
        span_h=hours,
        town_names=dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)) if len(pack.towns) else {},
        streets=pack.streets[pack.streets["name"].notna()] if "name" in pack.streets else None,
        places=pack.places if len(pack.places) else None,
    )


def key_stations(city: City, question: CoverageQuestion) -> KeyStationsAnswer:
    """Rank stations by the demand that loses coverage if one closes."""
    if len(question.facilities) > 1:
        raise refused(
            "key stations are asked for one facility at a time", "name one facility", "关键站点一次只能按一种设施计算"
        )
    pack, found = city.pack, coverage(city, question)
    assert question.profile is not None
    assert question.limit_s is not None
    useful = np.logical_and.reduce(
        [*facility_masks(pack.stations, question.facilities).values(), np.ones(len(pack.stations), np.bool_)]
    )
    moment = replace(found.moment, parts=tuple((mask & useful, share) for mask, share in found.moment.parts))
    demand = pack.demand
    if question.area not in (None, "city"):
        outside = ~((demand["district_code"] == question.area) | (demand["town_code"] == question.area))
        counted = [name for name in demand.columns if name == "workers" or str(name).startswith("workers_")]
        demand = demand.assign(**{name: demand[name].mask(outside, 0.0) for name in counted})
    frame = criticality(
        city.reach(question.profile, question.limit_s),
        pack.stations,
        demand,
        (moment,),
        limit=question.limit_s,
        trade=question.trade or "all",
    )
    known = pack.stations.set_index("station_code")
    frame["name"] = frame["station_code"].map(known["name"])
    frame["district_code"] = frame["station_code"].map(known["district_code"])
    return KeyStationsAnswer(question, found.subject, frame)


def cube(city: City, question: CubeQuestion) -> CubeAnswer:
    """Count every cell of a resolved question."""
    stations = city.pack.stations
    assert question.day is not None
    assert question.k is not None
    chosen = (
        week_of(stations, question.day, city.zone) if question.moments == "week" else slices_of(stations, question.day)
    )
    found = coverage_cube(
        {name: city.reach(name, max(question.limits_s)) for name in question.profiles},
        stations,
        city.pack.demand,
        [level for level in city.areas() if level.level in question.levels],
        (any_time(stations), *chosen),
        bundles={name: BUNDLES[name] for name in question.bundles},
        trades=question.trades,
        k=question.k,
        limits=question.limits_s,
    )
    return CubeAnswer(question, found, city)
