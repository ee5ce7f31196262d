"""Beyond yes and no, as answers: gaps, critical stations, the tests in a slice or for a bundle of facilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from geoplan.coverage import (
    Moment,
    any_time,
    coverage_cube,
    criticality,
    find_gaps,
    instant,
    slices_of,
    uncovered_hours,
)
from geoplan.coverage.gaps import Gaps
from geoplan_api.city.searches import Analyst, CoverageQuestion
from geoplan_api.city.stations import StationSnapshot

__all__ = ["When", "bundle_coverage", "critical_stations", "gaps", "moment_of"]


@dataclass(frozen=True, slots=True)
class When:
    """Regardless of hours, at an instant, or through a slice of a day.

    Parameters
    ----------
    at : datetime or None
        The instant.
    slice_code : str or None
        The slice.
    day : date or None
        Day of the slice.
    """

    at: datetime | None = None
    slice_code: str | None = None
    day: date | None = None


def moment_of(analyst: Analyst, stations: StationSnapshot, when: When) -> Moment:
    """Return the moment that a question is about."""
    register = analyst.city(stations).stations
    if when.slice_code is not None:
        day = when.day or datetime.now(stations.opening.zone).date()
        return slices_of(register, day, (when.slice_code,))[0]
    return any_time(register) if when.at is None else instant(register, when.at)


def bundle_coverage(
    analyst: Analyst, stations: StationSnapshot, question: CoverageQuestion, when: When, facilities: Sequence[str]
) -> dict[str, Any]:
    """Run the three tests for a bundle of facilities, at a moment, among the workers who are out then.

    A bundle is within reach when each of its facilities is, at one station or at several. The answer has the form of
    :meth:`geoplan.coverage.Coverage.to_dict`, with the figures regardless of hours beside those of the moment.
    """
    city, manifest = analyst.city(stations), analyst.pack.manifest
    moment = moment_of(analyst, stations, when)
    moments = (any_time(city.stations), *([] if moment.name == "any" else [moment]))
    trade = question.trade or "all"
    common: dict[str, Any] = {
        "stations": city.stations,
        "demand": city.demand,
        "areas": analyst.areas(),
        "moments": moments,
        "bundles": {"asked": tuple(facilities)},
        "trades": [trade],
    }
    along = coverage_cube(
        {question.profile: analyst.reach(stations, question.profile, question.limit_s)},
        k=question.k,
        limits=[question.limit_s],
        **common,
    )
    around = coverage_cube(
        {"circle": analyst.circle(stations, question.radius_m)}, k=1, limits=[question.radius_m], **common
    )
    tests = {
        "circle": (around.covered[0, :, 0, 0, 0, :, 0], 1, question.radius_m, "m"),
        "network": (along.covered[0, :, 0, 0, 0, :, 0], 1, question.limit_s, "s"),
        "cross": (along.covered[0, :, 0, question.k - 1, 0, :, 0], question.k, question.limit_s, "s"),
    }
    areas = []
    for row, area in enumerate(along.areas.to_dict("records")):
        figures: dict[str, Any] = {}
        for name, (covered, k, limit, unit) in tests.items():
            figures[name] = {
                hours: {
                    "demand": round(float(along.demand[m, row, 0]), 3),
                    "covered": round(float(covered[m, row]), 3),
                    "share": _share(float(covered[m, row]), float(along.demand[m, row, 0])),
                    "k": k,
                    "limit": limit,
                    "unit": unit,
                }
                for m, hours in enumerate(("any", "at")[: len(moments)])
            }
        areas.append({**area, "demand": round(float(along.demand[-1, row, 0]), 3), "tests": figures})
    return {
        "subject": {
            "city": manifest.area or manifest.name_zh,
            "demand_unit": manifest.demand_unit,
            "demand_total": round(float(along.demand[-1, 0, 0]), 3),
            "origin": manifest.origin,
            "profile": question.profile,
            "limit_s": question.limit_s,
            "radius_m": question.radius_m,
            "k": question.k,
            "at": moment.name,
            "trade": question.trade,
            "facilities": list(facilities),
        },
        "stations": {
            "registered": len(stations),
            "operating": int(stations.operating.sum()),
            "open": int((moment.share_open > 0.5).sum()),
        },
        "areas": areas,
        "notes": [*manifest.notes, *along.notes],
    }


def gaps(analyst: Analyst, stations: StationSnapshot, question: CoverageQuestion, when: When) -> Gaps:
    """Find where workers without a station within reach are together."""
    city = analyst.city(stations)
    moment = moment_of(analyst, stations, when)
    hours = uncovered_hours(
        analyst.reach(stations, question.profile, question.limit_s),
        city.demand,
        (moment,),
        limit=question.limit_s,
        trade=question.trade or "all",
    )
    towns = dict(zip(city.towns["town_code"], city.towns["name"], strict=True)) if len(city.towns) else {}
    named = city.streets[city.streets["name"].notna()] if "name" in city.streets else None
    return find_gaps(
        analyst.network(question.profile),
        city.demand,
        hours,
        city.manifest.crs_metric,
        link_s=question.limit_s / 2.0,
        town_names=towns,
        streets=named,
        places=city.places if len(city.places) else None,
    )


def critical_stations(
    analyst: Analyst, stations: StationSnapshot, question: CoverageQuestion, when: When
) -> list[dict[Any, Any]]:
    """Rank stations by the workers who lose coverage if one closes."""
    city = analyst.city(stations)
    frame = criticality(
        analyst.reach(stations, question.profile, question.limit_s),
        city.stations,
        city.demand,
        (moment_of(analyst, stations, when),),
        limit=question.limit_s,
        trade=question.trade or "all",
    )
    known = city.stations.set_index("station_code")
    names, districts = known["name"], known["district_code"]
    rounded = frame.round({"lost": 2, "reached": 2, "sole_share": 4, "redundancy": 3})
    rows: list[dict[Any, Any]] = rounded.astype(object).where(rounded.notna(), None).to_dict("records")
    for row in rows:
        row["name"], row["district_code"] = names[row["station_code"]], districts[row["station_code"]]
    return rows


def _share(part: float, whole: float) -> float | None:
    return round(float(np.clip(part / whole, 0.0, 1.0)), 6) if whole > 0 else None
