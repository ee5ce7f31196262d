"""The siting job: where the next stations should go, under the planner's conditions, with proof."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoplan.coverage import slices_of
from geoplan.errors import InputError
from geoplan.planning import siting_problem
from geoplan.siting import Progress, SitingPlan, SitingProblem
from geoplan.trades import workers_in_slice
from geoplan_api.analyst import Analyst, SiteSearch
from geoplan_api.jobs.around import floor_price, reasons_of, robust_answer
from geoplan_api.phasing import Phasing, plan_in_years
from geoplan_api.plans import plan_answer
from geoplan_api.stations import StationSnapshot

__all__ = ["Earlier", "SitingQuestion", "Slice", "asked_problem", "parameters", "solve_siting"]

_KEPT: Final = 8  # plans that a worker remembers as starts

Model = Literal[
    "mclp", "lscp", "pscp", "pmedian", "pcenter", "bacop1", "bacop2", "cmclp", "cpmedian", "cflp"
]  # fmt: skip
Slice = Literal["04-06", "06-12", "12-15", "15-18", "18-22", "22-06"]


class SitingQuestion(BaseModel):
    """What a planner asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Model = Field(default="mclp", description="What is best: see `/v1/meta`, models")
    new_sites: int | None = Field(default=None, ge=0, le=5000, description="Number of new sites")
    budget: float | None = Field(default=None, ge=0, description="Upper limit of the summed cost of the new sites")
    share: float | None = Field(default=None, gt=0, le=1, description="Share of demand to reach (partial covering)")
    profile: str | None = Field(default=None, max_length=40, description="Travel profile")
    limit_s: float = Field(default=900.0, gt=0, le=3600, description="Longest way, seconds")
    slice: Slice | None = Field(default=None, description="Only stations open, and workers out, in this slice")
    day: date | None = Field(default=None, description="Day of the slice; today if not given")
    trade: str | None = Field(default=None, max_length=40, description="Only workers of this trade")
    area: str | None = Field(default=None, max_length=40, description="Only demand of this district")
    cover_times: int = Field(default=1, ge=1, le=5, description="Open stations within reach to count as covered")
    spacing_m: float = Field(default=0.0, ge=0, le=5000, description="Least distance between new sites, metres")
    quotas: dict[str, tuple[int, int | None]] = Field(default={}, description="District → least and most new sites")
    floors: dict[str, float] = Field(default={}, description="District (`*` for all) → least share covered")
    veto: list[str] = Field(default=[], max_length=5000, description="Candidates that must not be chosen")
    force: list[str] = Field(default=[], max_length=5000, description="Candidates that must be chosen")
    backup_weight: float | None = Field(default=None, ge=0, le=1, description="Weight of cross coverage (bacop2)")
    weighted: bool | None = Field(default=None, description="Weigh the longest way by demand (pcenter)")
    by_cost: bool | None = Field(default=None, description="Least cost instead of fewest sites (lscp, pscp)")
    capacity_workers: float | None = Field(
        default=None, gt=0, description="Workers that a site can serve (cmclp, cpmedian, cflp)"
    )
    single_source: bool | None = Field(default=None, description="All of a point's workers at one site (capacities)")
    years: list[int] = Field(
        default=[], max_length=20, description="New sites of each year; in all, `new_sites` (mclp)"
    )
    yearly_budgets: list[float] = Field(
        default=[], max_length=20, description="Money of each year instead; what a year leaves goes to the next (mclp)"
    )
    joint: bool = Field(
        default=False, description="Plan all years in one model, with its bound; years by money always are (mclp)"
    )
    year_weights: list[float] = Field(
        default=[], max_length=20, description="What a worker covered is worth in each year, where planned jointly"
    )
    explain: bool = Field(default=False, description="Say why each site is in the plan (mclp)")
    price_floors: bool = Field(default=False, description="Say what the floors cost (mclp)")
    robust: list[Slice] = Field(
        default=[], max_length=6, description="Slices in each of which the plan should hold (mclp)"
    )
    time_limit_s: float = Field(default=60.0, gt=0, le=3600, description="Longest search, seconds")
    stop_gap: float = Field(default=0.0, ge=0, lt=1, description="Gap at which to be content; 0 for the proof")

    @model_validator(mode="after")
    def _of_one_kind(self) -> SitingQuestion:
        if self.model != "mclp" and (self.in_years or self.explain or self.price_floors or self.robust):
            raise ValueError("years, yearly_budgets, explain, price_floors and robust are asked of the model mclp")
        if self.years and self.new_sites not in (None, sum(self.years)):
            raise ValueError("the years' new sites must add up to new_sites")
        if any(new < 0 for new in (*self.years, *self.yearly_budgets)):
            raise ValueError("years and yearly_budgets: give 0 or more a year")
        if self.yearly_budgets and (self.years or self.new_sites is not None or self.budget is not None):
            raise ValueError("yearly_budgets say how much is built; leave years, new_sites and budget out")
        if (self.joint or self.year_weights) and not self.in_years:
            raise ValueError("joint and year_weights need years or yearly_budgets")
        if self.year_weights and not self.jointly:
            raise ValueError("year_weights are for years planned jointly; set joint")
        if self.year_weights and (len(self.year_weights) != self.in_years or min(self.year_weights) <= 0):
            raise ValueError("year_weights: give one number above 0 for each year")
        if self.price_floors and not self.floors:
            raise ValueError("price_floors: give floors")
        return self

    @property
    def in_years(self) -> int:
        """Number of years asked for; 0 for all at once."""
        return len(self.years or self.yearly_budgets)

    @property
    def jointly(self) -> bool:
        """Whether all years are planned in one model."""
        return self.joint or bool(self.yearly_budgets)

    @property
    def subject(self) -> tuple[Any, ...]:
        """What must be equal for one plan to be a good start for another."""
        return (self.model, self.profile, self.limit_s, self.slice, self.day, self.trade, self.area)


def solve_siting(
    analyst: Analyst,
    stations: StationSnapshot,
    params: dict[str, Any],
    report: Callable[..., None],
    should_stop: Callable[[], bool],
    time_limit_s: float,
    earlier: Earlier | None = None,
) -> dict[str, Any]:
    """Find a plan.

    Parameters
    ----------
    analyst : Analyst
        The city.
    stations : StationSnapshot
        The register.
    params : dict
        Fields of :class:`SitingQuestion`.
    report : callable
        Takes ``step``, ``best``, ``bound`` and ``gap``.
    should_stop : callable
        Asked now and then.
    time_limit_s : float
        What is left of the job's time.
    earlier : Earlier, optional
        Plans found before: the latest on the same subject is where the search begins, so that a veto is answered soon.

    Returns
    -------
    dict
        See :func:`geoplan_api.plans.plan_answer`; with ``explained``, ``floor_price`` and ``robust`` where asked for.
    """
    question = SitingQuestion.model_validate(params)
    search, problem = asked_problem(analyst, stations, question, report)
    report(step="solving")

    def tell(now: Progress) -> None:
        gap = now.gap if np.isfinite(now.gap) else None
        report(step="solving", best=now.best, bound=now.bound, gap=gap)

    subject = (stations.version, *question.subject)
    limit_s, given = min(question.time_limit_s, time_limit_s), parameters(question)
    phasing: Phasing | None = None
    if question.in_years:
        report(step="planning the years")
        phasing = plan_in_years(
            problem,
            new_per_year=question.years,
            yearly_budgets=question.yearly_budgets,
            weights=question.year_weights,
            jointly=question.jointly,
            time_limit_s=limit_s,
            tell=tell,
            stop=should_stop,
        )
    if phasing is None:  # at once; or the years cannot be had, and the whole says why
        plan = problem.solve(
            question.model,
            time_limit_s=limit_s,
            stop_gap=question.stop_gap,
            progress=tell,
            cancel=should_stop,
            warm=None if earlier is None else earlier.get(subject),
            **given,
        )
    else:
        plan = phasing.plan
    if earlier is not None and plan.found:
        earlier.put(subject, plan)
    report(step="writing the project list")
    answer = plan_answer(
        search,
        plan,
        profile=question.profile or analyst.pack.manifest.defaults.profile,
        candidates=int(problem.candidates.sum()),
        asked=question.model_dump(mode="json", exclude_defaults=True),
        phasing=phasing,
    )
    answer["register_version"] = stations.version
    if question.in_years and phasing is None:
        answer["years"] = []
    if plan.stopped == "cancelled" or not plan.found:
        return answer
    size = {name: given[name] for name in ("p", "budget") if name in given}
    if question.explain:
        answer["explained"] = reasons_of(problem, plan, report, should_stop)
        names = search.sites["name"]
        for reason in answer["explained"]:
            reason["substitute_name"] = None if reason["substitute"] is None else str(names[reason["substitute"]])
    if question.price_floors:
        answer["floor_price"] = floor_price(problem, report, should_stop, limit_s, **size)
    if question.robust:
        city = search.city
        scenarios: dict[str, npt.NDArray[np.float64]] = {
            code: np.asarray(workers_in_slice(city.demand, question.trade or "all", code), np.float64)
            for code in question.robust
        }
        answer["robust"] = robust_answer(search, problem, scenarios, report, should_stop, limit_s, **size)
    return answer


class Earlier:
    """The latest plans by their subject, a few of them."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Hashable, SitingPlan] = OrderedDict()

    def get(self, subject: Hashable) -> SitingPlan | None:
        """Return the latest plan on a subject, or nothing."""
        return self._plans.get(subject)

    def put(self, subject: Hashable, plan: SitingPlan) -> None:
        """Keep a plan as the latest on its subject."""
        self._plans[subject] = plan
        self._plans.move_to_end(subject)
        while len(self._plans) > _KEPT:
            self._plans.popitem(last=False)


def asked_problem(
    analyst: Analyst, stations: StationSnapshot, question: SitingQuestion, report: Callable[..., None]
) -> tuple[SiteSearch, SitingProblem]:
    """Return the sites, the demand and the rules that a question is about; arguments as in :func:`solve_siting`."""
    report(step="searching the streets")
    profile = question.profile or analyst.pack.manifest.defaults.profile
    search, closed = _as_asked(analyst, stations, analyst.site_search(stations, profile, question.limit_s), question)
    report(step="building the problem")
    return search, _problem(search, closed, question)


def _as_asked(
    analyst: Analyst, stations: StationSnapshot, search: SiteSearch, question: SitingQuestion
) -> tuple[SiteSearch, list[str]]:
    """Return the sites and the demand that the question is about, and the stations that do not count."""
    city = search.city
    weights = analyst.demand(question.trade)
    sites, closed = search.sites, []
    if question.slice is not None:
        weights = np.asarray(workers_in_slice(city.demand, question.trade or "all", question.slice), np.float64)
        day = question.day or datetime.now(stations.opening.zone).date()
        (moment,) = slices_of(city.stations, day, (question.slice,))
        is_open = set(city.stations["station_code"].to_numpy()[moment.share_open > 1.0 - 1e-9])
        existing = sites["existing"].to_numpy(bool)
        counts = existing & np.array([code in is_open for code in sites.index], bool)
        closed = [str(code) for code in sites.index[existing & ~counts]]
        sites = sites.assign(existing=counts)
    if question.area is not None:
        inside = (city.demand["district_code"] == question.area).to_numpy(bool)
        if not inside.any():
            raise InputError(f"no demand lies in the district {question.area!r}")
        weights = np.where(inside, weights, 0.0)
    asked_of = replace(city, demand=city.demand.assign(workers=weights))
    return SiteSearch(asked_of, sites, search.times), closed


def _problem(search: SiteSearch, closed: list[str], question: SitingQuestion) -> SitingProblem:
    rules: dict[str, Any] = {
        "forbidden": np.array([*closed, *question.veto], object),
        "required": np.array(question.force, object),
        "spacing_m": question.spacing_m,
    }
    if "cost" in search.city.candidates.columns:
        cost = search.city.candidates.set_index("candidate_id")["cost"].reindex(search.sites.index).fillna(1.0)
        rules["site_cost"] = cost.to_numpy(np.float64)
    if question.capacity_workers is not None:
        rules["capacity"] = np.full(len(search.sites), question.capacity_workers)
    if question.quotas:
        rules |= {"site_group": search.sites["district_code"].to_numpy(), "quotas": question.quotas}
    if question.floors:
        groups = search.city.demand["district_code"].to_numpy()
        rules |= {"demand_group": groups, "coverage_floors": question.floors}
    return siting_problem(search.city, search.sites, search.times, **rules)


def parameters(question: SitingQuestion) -> dict[str, Any]:
    """Return what the model takes; a question that does not fit its model is refused by the library."""
    given: dict[str, Any] = {
        "p": sum(question.years) if question.years else question.new_sites,
        "budget": sum(question.yearly_budgets) if question.yearly_budgets else question.budget,
        "share": question.share,
        "cover_times": question.cover_times if question.cover_times > 1 else None,
        "backup_weight": question.backup_weight,
        "weighted": question.weighted,
        "by_cost": question.by_cost,
        "single_source": question.single_source,
    }
    return {name: value for name, value in given.items() if value is not None}
