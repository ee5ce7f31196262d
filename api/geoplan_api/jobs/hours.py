"""The hours job: which stations should open longer, and which new ones be built, for the most worker-hours served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoplan.coverage import slices_of
from geoplan.errors import Fault, FaultLog, InputError
from geoplan.hours import slice_hours
from geoplan.pack import CityPack
from geoplan.planning import Option, OptionTable, hours_facts, site_costs, siting_problem, solve_hours, worker_hours
from geoplan.siting import Progress, SitingPlan
from geoplan_api.city.plans import certificate
from geoplan_api.city.searches import Analyst, SiteSearch
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.jobs.question import Slice
from geoplan_api.validation import refusal

__all__ = ["HoursQuestion", "solve_hours_job"]

_DISJOINT: Final = ("06-12", "12-15", "15-18", "18-22", "22-06")  # 04-06 lies in 22-06
_ALL_DAY: Final = "around the clock"


class HoursQuestion(BaseModel):
    """What longer hours and new stations may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: float = Field(gt=0, description="Upper limit of the summed cost of all options chosen")
    hour_cost: float | None = Field(
        default=None, ge=0, description="Cost of one more open hour a day at a station; the pack's where it states one"
    )
    all_day_cost: float | None = Field(
        default=None,
        ge=0,
        description="Cost of opening a station around the clock, unmanned; the pack's where it states one",
    )
    new_sites: bool = Field(
        default=True,
        description="Candidates may be chosen too, open around the clock, at their own cost and `all_day_cost` (a "
        "24-hour smart station at its own alone)",
    )
    slices: list[Slice] = Field(default=list(_DISJOINT), min_length=1, max_length=6, description="Slices that count")
    profile: str | None = Field(default=None, max_length=40, description="Travel profile")
    limit_s: float = Field(default=900.0, gt=0, le=3600, description="Longest way, seconds")
    day: date | None = Field(default=None, description="Day whose hours count; today if not given")
    trade: str | None = Field(default=None, max_length=40, description="Only workers of this trade")
    time_limit_s: float = Field(default=60.0, gt=0, le=3600, description="Longest search, seconds")

    @model_validator(mode="after")
    def _each_hour_once(self) -> HoursQuestion:
        if {"04-06", "22-06"} <= set(self.slices):
            raise refusal(
                "the slices 04-06 and 22-06 overlap: worker-hours would count twice",
                "时段 04-06 与 22-06 有重叠，劳动者·小时会重复计算，请只选一个",
            )
        return self


@dataclass(frozen=True, slots=True)
class _Prices:
    """What longer hours cost, in the unit of the candidates' costs, and which of it the pack assumed."""

    hour: float
    all_day: float
    assumed: tuple[str, ...]


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
        ``question``, ``certificate``, ``subject``, ``costs`` (of an ``hour`` a day and of ``all_day``, and which of
        them the pack ``assumed``), ``worker_hours`` (of a day: ``total``, ``before``, ``after``), ``options``, one for
        each change: ``site``, ``name``, ``slices``, ``cost``; ``projects``, the same as GeoJSON in the order in which
        they are worth doing, with what each adds to those before it; and ``facts``, what the command line writes.
    """
    question = HoursQuestion.model_validate(params)
    manifest = analyst.pack.manifest
    prices = _prices(question, analyst.pack)
    profile = question.profile or manifest.defaults.profile
    report(step="searching the streets")
    search = analyst.site_search(stations, profile, question.limit_s)
    report(step="building the problem")
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
    day = question.day or datetime.now(stations.opening.zone).date()
    options = _options(search, question, prices, day)
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
    table = OptionTable(tuple(options), tuple(question.slices))
    facts = hours_facts(search.city, search.sites, search.times, table, by_slice, found)
    facts |= {"budget": question.budget, "day": day.isoformat(), "profile": profile, "limit_s": question.limit_s}
    return {
        "question": {"kind": "hours", **question.model_dump(mode="json", exclude_defaults=True)},
        "certificate": certificate(found.plan) | _sentences(found.plan),
        "costs": {"hour": prices.hour, "all_day": prices.all_day, "assumed": list(prices.assumed)},
        "worker_hours": facts["worker_hours"],
        "options": [
            {"site": row["site_id"], "name": row["option"], "slices": row["slices"], "cost": row["cost"]}
            for row in facts["options"]
        ],
        "projects": _projects(search, facts["options"]),
        "subject": {
            "city": manifest.area or manifest.name_zh,
            "origin": manifest.origin,
            "profile": profile,
            "limit_s": question.limit_s,
            "demand_unit": f"{manifest.demand_unit.removesuffix('s')}_hours",
            "demand_total": facts["worker_hours"]["total"],
            "cost_unit": manifest.cost_unit,
            "day": day.isoformat(),
        },
        "stopped": found.plan.stopped,
        "facts": facts,
    }


def _prices(question: HoursQuestion, pack: CityPack) -> _Prices:
    """Return what longer hours cost: as asked, or as the pack assumes; raises where neither says."""
    defaults, log = pack.manifest.defaults, FaultLog()
    hour = defaults.hour_cost if question.hour_cost is None else question.hour_cost
    all_day = defaults.all_day_cost if question.all_day_cost is None else question.all_day_cost
    for field, value, words_zh in (("hour_cost", hour, "每天多开一小时"), ("all_day_cost", all_day, "改为全天开放")):
        if value is None:
            log.add(
                f"{field} is not given and the pack states none",
                "give it in the unit of the candidates' costs",
                field=field,
                zh=(f"没有给出{words_zh}的费用，数据包里也没有", "请按候选点费用的单位填写"),
            )
    log.raise_if_any()
    assert hour is not None
    assert all_day is not None
    given = (("hour", question.hour_cost), ("all_day", question.all_day_cost))
    return _Prices(hour, all_day, tuple(name for name, value in given if value is None))


def _projects(search: SiteSearch, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the changes as GeoJSON, each with the worker-hours of a day that it adds to those before it."""
    features: list[dict[str, Any]] = []
    for change in changes:
        site = search.sites.loc[change["site_id"]]
        lonlat = [round(float(site["lon"]), 6), round(float(site["lat"]), 6)]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": lonlat},
                "properties": {
                    "rank": change["rank"],
                    "site_id": change["site_id"],
                    "name": change["name"],
                    "district": change["district"],
                    "district_code": site["district_code"] if isinstance(site["district_code"], str) else None,
                    "new": change["new"],
                    "slices": change["slices"],
                    "all_day": change["option"] == _ALL_DAY,
                    "cost": change["cost"],
                    "worker_hours": round(change["worker_hours_added"], 1),
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


def _options(search: SiteSearch, question: HoursQuestion, prices: _Prices, day: date) -> list[Option]:
    """Return what can be done at each site: as it is, one more slice, around the clock; or built new."""
    sites = search.sites
    hours = [slice_hours(code) for code in question.slices]
    open_in: list[set[str]] = []
    for moment in slices_of(search.city.stations, day, tuple(question.slices)):
        codes = search.city.stations["station_code"].to_numpy()[moment.share_open > 1.0 - 1e-9]
        open_in.append(set(codes.tolist()))
    every = tuple(range(len(question.slices)))
    # a new station's own cost is that of usual hours: around the clock comes on top, unless it is built for that
    added = np.where(sites["station_class"] == "smart24h", 0.0, prices.all_day)
    costs = site_costs(sites) + added if question.new_sites else None
    options = []
    for site, (code, existing) in enumerate(zip(sites.index, sites["existing"].to_numpy(bool), strict=True)):
        if not existing:
            if costs is not None:
                options.append(Option(site, "new", every, float(costs[site])))
            continue
        now = tuple(part for part in every if code in open_in[part])
        missing = tuple(part for part in every if part not in now)
        if now:
            options.append(Option(site, "as it is", now, 0.0, current=True))
        options.extend(
            Option(site, f"open {question.slices[part]}", (part,), prices.hour * hours[part]) for part in missing
        )
        if len(missing) > 1:
            options.append(Option(site, _ALL_DAY, missing, prices.all_day))
    return options
