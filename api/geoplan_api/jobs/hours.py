"""The hours job: which stations should open longer, and which new ones be built, for the most worker-hours served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from geoplan.coverage import slices_of
from geoplan.hours import slice_hours
from geoplan.planning import siting_problem
from geoplan.siting import Progress
from geoplan.siting.planner import Option, solve_hours
from geoplan.trades import workers_in_slice
from geoplan_api.analyst import Analyst, SiteSearch
from geoplan_api.jobs.siting import Slice
from geoplan_api.plans import certificate
from geoplan_api.stations import StationSnapshot

__all__ = ["HoursQuestion", "solve_hours_job"]

_DISJOINT: Final = ("06-12", "12-15", "15-18", "18-22", "22-06")  # 04-06 lies in 22-06


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
        ``question``, ``certificate``, ``worker_hours`` (of a day: ``total``, ``before``, ``after``) and ``options``,
        one for each change: ``site``, ``name``, ``slices``, ``cost``.
    """
    question = HoursQuestion.model_validate(params)
    profile = question.profile or analyst.pack.manifest.defaults.profile
    report(step="searching the streets")
    search = analyst.site_search(stations, profile, question.limit_s)
    report(step="building the problem")
    hours = np.array([slice_hours(code) for code in question.slices])
    demand = search.city.demand
    workers = [workers_in_slice(demand, question.trade or "all", code) for code in question.slices]
    worker_hours = np.column_stack(workers).astype(np.float64) * hours
    options = _options(search, question, hours, stations.opening.zone)
    problem = siting_problem(search.city, search.sites, search.times)

    def tell(now: Progress) -> None:
        report(step="solving", best=now.best, bound=now.bound, gap=now.gap if np.isfinite(now.gap) else None)

    found = solve_hours(
        problem.cost,
        worker_hours,
        options,
        radius=question.limit_s,
        budget=question.budget,
        time_limit_s=min(question.time_limit_s, time_limit_s),
        progress=tell,
        cancel=should_stop,
    )
    before = np.zeros(worker_hours.shape, bool)
    for option in options:
        if option.current:
            for part in option.slices:
                before[search.times.row(option.site)[0], part] = True
    return {
        "question": {"kind": "hours", **question.model_dump(mode="json", exclude_defaults=True)},
        "certificate": certificate(found.plan),
        "worker_hours": {
            "total": float(worker_hours.sum()),
            "before": float(worker_hours[before].sum()),
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
        "stopped": found.plan.stopped,
    }


def _options(search: SiteSearch, question: HoursQuestion, hours: npt.NDArray[np.float64], zone: Any) -> list[Option]:
    """Return what can be done at each site: as it is, one more slice, around the clock; or built new."""
    sites = search.sites
    day = question.day or datetime.now(zone).date()
    open_in: list[set[str]] = []
    for moment in slices_of(search.city.stations, day, tuple(question.slices)):
        codes = search.city.stations["station_code"].to_numpy()[moment.share_open > 1.0 - 1e-9]
        open_in.append(set(codes.tolist()))
    costs = search.city.candidates.set_index("candidate_id")["cost"] if "cost" in search.city.candidates else None
    options = []
    for site, (code, existing) in enumerate(zip(sites.index, sites["existing"].to_numpy(bool), strict=True)):
        every = tuple(range(len(question.slices)))
        if not existing:
            if question.new_sites:
                cost = 1.0 if costs is None else float(np.nan_to_num(costs.get(code, 1.0), nan=1.0))
                options.append(Option(site, "new", every, cost))
            continue
        now = tuple(part for part in every if code in open_in[part])
        missing = tuple(part for part in every if part not in now)
        if now:
            options.append(Option(site, "as it is", now, 0.0, current=True))
        for part in missing:
            name = f"open {question.slices[part]}"
            options.append(Option(site, name, (part,), question.hour_cost * float(hours[part])))
        if len(missing) > 1:
            options.append(Option(site, "around the clock", missing, question.all_day_cost))
    return options
