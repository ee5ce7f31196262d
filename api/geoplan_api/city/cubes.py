"""The cube of coverage as an answer: every area, slice, bundle of facilities and trade at once, in columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from geoplan.coverage import BUNDLES, any_time, coverage_cube, slices_of, week_of
from geoplan.errors import Fault, InputError
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot

__all__ = ["CubeQuestion", "cube_answer"]


class CubeQuestion(BaseModel):
    """What a cube spans.

    ``moments``: ``day`` is the six slices of ``day`` beside "regardless of hours", ``week`` the 168 hours of its week.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profiles: list[str] = Field(default=[], max_length=4, description="Travel profiles; the pack's default if empty")
    day: date | None = Field(default=None, description="Local date; today if not given")
    moments: Literal["day", "week"] = Field(default="day", description="Slices of the day, or hours of its week")
    bundles: list[str] = Field(default=["any"], min_length=1, max_length=8, description="Names of facility bundles")
    trades: list[str] = Field(default=["all"], min_length=1, max_length=8, description="Trades; `all` for all workers")
    k: int = Field(default=2, ge=1, le=5, description="Cross coverage is counted for 1 … k stations")
    limits_s: list[float] = Field(default=[900.0], min_length=1, max_length=6, description="Limits, seconds")
    levels: list[str] = Field(default=["city", "district"], min_length=1, max_length=4, description="Levels of area")


def cube_answer(analyst: Analyst, stations: StationSnapshot, question: CubeQuestion) -> dict[str, Any]:
    """Compute a cube.

    Parameters
    ----------
    analyst : Analyst
        The city.
    stations : StationSnapshot
        The register.
    question : CubeQuestion
        What it spans.

    Returns
    -------
    dict
        ``axes`` (labels), ``demand`` (moment × area × trade) and ``covered`` (profile × moment × bundle × k × limit ×
        area × trade) as nested lists of workers, and ``subject``.
    """
    unknown = [name for name in question.bundles if name not in BUNDLES]
    if unknown:
        raise InputError(
            Fault(
                f"bundle {unknown[0]!r} is not known",
                f"use some of {', '.join(BUNDLES)}",
                problem_zh=f"没有设施组合“{unknown[0]}”",
                todo_zh=f"请用 {'、'.join(BUNDLES)} 之一",
            )
        )
    manifest = analyst.pack.manifest
    city = analyst.city(stations)
    day = question.day or datetime.now(stations.opening.zone).date()
    register = city.stations
    chosen = week_of(register, day) if question.moments == "week" else slices_of(register, day)
    moments = (any_time(register), *chosen)
    areas = [level for level in analyst.areas() if level.level in question.levels]
    profiles = question.profiles or [manifest.defaults.profile]
    cube = coverage_cube(
        {name: analyst.reach(stations, name, max(question.limits_s)) for name in profiles},
        register,
        analyst.pack.demand,
        areas,
        moments,
        bundles={name: BUNDLES[name] for name in question.bundles},
        trades=question.trades,
        k=question.k,
        limits=question.limits_s,
    )
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
        "demand": np.round(cube.demand, 2).tolist(),
        "covered": np.round(cube.covered, 2).tolist(),
        "subject": {
            "city": manifest.area or manifest.name_zh,
            "demand_unit": manifest.demand_unit,
            "origin": manifest.origin,
            "day": day.isoformat(),
            "stations_version": stations.version,
        },
        "notes": [*manifest.notes, *cube.notes],
    }
