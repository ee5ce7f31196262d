"""The hours job: which stations should open longer, and which new ones be built, for the most worker-hours served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from geoplan.coverage import slices_of
from geoplan.errors import Fault, InputError
from geoplan.hours import slice_hours
from geoplan.planning import RankedOptions, rank_options, site_costs, siting_problem, worker_hours
from geoplan.siting import Progress, SitingPlan
from geoplan.siting.planner import Option, solve_hours
from geoplan_api.analyst import Analyst, SiteSearch
from geoplan_api.jobs.question import Slice
from geoplan_api.plans import certificate
from geoplan_api.stations import StationSnapshot

__all__ = ["HoursQuestion", "solve_hours_job"]

_DISJOINT: Final = ("06-12", "12-15", "15-18", "18-22", "22-06")  # 04-06 lies in 22-06
_ALL_DAY: Final = "around the clock"


class HoursQuestion(BaseModel):
    """What longer hours and new stations may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: float = Field(gt=0, description="Upper limit of the summed cost of all options chosen")
    hour_cost: float = Field(default=0.02, ge=0, description="Cost of one more open hour a day at a station")
    all_day_cost: float = Field(default=0.25, ge=0, description="Cost of opening a station around the clock, unmanned")
    new_sites: bool = Field(default=True, description="Candidates may be chosen too, at their own cost, open all day")
    slices: list[Slice] = Field(default=list(_DISJOINT), min_length=1, max_length=6, description="Slices that count")
    profile: str | None = Field(default=None, max_length=40, description="Travel profile")
    limit_s: float = Field(default=900.0, gt=0, le=3600, description="Longest way, seconds")
    day: date | None = Field(default=None, description="Day whose hours count; today if not given")
    trade: str | None = Field(default=None, max_length=40, description="Only workers of this trade")
    time_limit_s: float = Field(default=60.0, gt=0, le=3600, description="Longest search, seconds")


def solve_hours_job(
    analyst: Analyst,
    stations: StationSnapshot,
    params: dict[str, Any],
    report: Callable[..., None],
    should_stop: Callable[[], bool],
    time_limit_s: float,
) -> dict[str, Any]:
    """Choose options; arguments as in :func:`geoplan_api.jobs.siting.solve_siting`.

    Returns
    -------
    dict
        ``question``, ``certificate``, ``subject``, ``worker_hours`` (of a day: ``total``, ``before``, ``after``),
        ``options``, one for each change: ``site``, ``name``, ``slices``, ``cost``, and ``projects``, the same as
        GeoJSON in the order in which they are worth doing, with what each adds to those before it.
    """
    question = HoursQuestion.model_validate(params)
    profile = question.profile or analyst.pack.manifest.defaults.profile
    report(step="searching the streets")
    search = analyst.site_search(stations, profile, question.limit_s)
    report(step="building the problem")
    hours = np.array([slice_hours(code) for code in question.slices])
    by_slice = worker_hours(search.city, question.slices, question.trade or "all")
    if not by_slice.sum() > 0:
        raise InputError(
            Fault(
                "nobody is out in these slices",
                "ask for other slices or another trade",
                problem_zh="这些时段和行业里没有劳动者在外",
                todo_zh="请换时段或行业",
            )
        )
    options = _options(search, question, hours, stations.opening.zone)
    problem = siting_problem(search.city, search.sites, search.times)

    def tell(now: Progress) -> None:
        report(step="solving", best=now.best, bound=now.bound, gap=now.gap if np.isfinite(now.gap) else None)

    found = solve_hours(
        problem.cost,
        by_slice,
        options,
        radius=question.limit_s,
        budget=question.budget,
        time_limit_s=min(question.time_limit_s, time_limit_s),
        progress=tell,
        cancel=should_stop,
    )
    ranked = rank_options(search.times, by_slice, (one for one in options if one.current), found.chosen)
    return {
        "question": {"kind": "hours", **question.model_dump(mode="json", exclude_defaults=True)},
        "certificate": certificate(found.plan) | _sentences(found.plan),
        "worker_hours": {
            "total": float(by_slice.sum()),
            "before": ranked.before,
            "after": found.plan.objective,
        },
        "options": [
            {
                "site": str(search.sites.index[option.site]),
                "name": option.name,
                "slices": [question.slices[part] for part in option.slices],
                "cost": option.cost,
            }
            for option in found.chosen
        ],
        "projects": _projects(search, question, ranked),
        "subject": {
            "city": search.city.manifest.area or search.city.manifest.name_zh,
            "origin": search.city.manifest.origin,
            "profile": profile,
            "limit_s": question.limit_s,
        },
        "stopped": found.plan.stopped,
    }


def _projects(search: SiteSearch, question: HoursQuestion, ranked: RankedOptions) -> dict[str, Any]:
    """Return the changes as GeoJSON, each with the worker-hours of a day that it adds to those before it."""
    features: list[dict[str, Any]] = []
    for option, added in zip(ranked.options, ranked.added_worker_hours, strict=True):
        site = search.sites.iloc[option.site]
        features.append(
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(float(site["lon"]), 6), round(float(site["lat"]), 6)],
                },
                "properties": {
                    "rank": len(features) + 1,
                    "site_id": str(search.sites.index[option.site]),
                    "name": _text(site["name"]),
                    "district_code": _text(site["district_code"]),
                    "new": not bool(site["existing"]),
                    "slices": [question.slices[part] for part in option.slices],
                    "all_day": option.name == _ALL_DAY,
                    "cost": option.cost,
                    "worker_hours": round(added, 1),
                    "origin": search.city.manifest.origin,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _sentences(plan: SitingPlan) -> dict[str, str]:
    """Return what is proven, of changes rather than of sites; nothing where no plan was found."""
    if plan.status == "optimal":
        return {
            "sentence_zh": "已证明最优：花同样的钱，没有任何其他做法能让劳动者·小时更多。",
            "sentence": "Proven optimal: for the same money nothing else serves more worker-hours.",
        }
    if plan.status == "feasible":
        percent = f"{plan.gap * 100:.2f}"
        return {
            "sentence_zh": f"在限定时间内找到的最好做法，与理论上限最多相差 {percent} %，尚未证明最优。",
            "sentence": f"The best found in the time given; at most {percent} % below the proven bound.",
        }
    return {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _options(search: SiteSearch, question: HoursQuestion, hours: npt.NDArray[np.float64], zone: Any) -> list[Option]:
    """Return what can be done at each site: as it is, one more slice, around the clock; or built new."""
    sites = search.sites
    day = question.day or datetime.now(zone).date()
    open_in: list[set[str]] = []
    for moment in slices_of(search.city.stations, day, tuple(question.slices)):
        codes = search.city.stations["station_code"].to_numpy()[moment.share_open > 1.0 - 1e-9]
        open_in.append(set(codes.tolist()))
    costs = site_costs(sites) if question.new_sites else None
    options = []
    for site, (code, existing) in enumerate(zip(sites.index, sites["existing"].to_numpy(bool), strict=True)):
        every = tuple(range(len(question.slices)))
        if not existing:
            if costs is not None:
                options.append(Option(site, "new", every, float(costs[site])))
            continue
        now = tuple(part for part in every if code in open_in[part])
        missing = tuple(part for part in every if part not in now)
        if now:
            options.append(Option(site, "as it is", now, 0.0, current=True))
        for part in missing:
            name = f"open {question.slices[part]}"
            options.append(Option(site, name, (part,), question.hour_cost * float(hours[part])))
        if len(missing) > 1:
            options.append(Option(site, _ALL_DAY, missing, question.all_day_cost))
    return options
