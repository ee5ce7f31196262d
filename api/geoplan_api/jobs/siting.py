"""The siting job: where the next stations should go, under the planner's conditions, with proof."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.coverage import slices_of
from geoplan.errors import Fault, FaultLog, InputError
from geoplan.planning import site_costs, siting_problem
from geoplan.siting import Progress, SitingPlan, SitingProblem
from geoplan.siting.rules import EVERYONE
from geoplan.trades import workers_in_slice
from geoplan_api.city.phasing import Phasing, plan_in_years
from geoplan_api.city.plans import plan_answer
from geoplan_api.city.searches import Analyst, SiteSearch
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.jobs.around import floor_price, reasons_of, robust_answer
from geoplan_api.jobs.question import SitingQuestion, parameters

__all__ = ["Earlier", "asked_problem", "solve_siting"]

_KEPT: Final = 8  # plans that a worker remembers as starts


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
        See :func:`geoplan_api.city.plans.plan_answer`; with ``explained``, ``floor_price``, ``robust`` where asked.
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
            raise InputError(
                Fault(
                    f"no demand lies in the district {question.area!r}",
                    problem_zh=f"区县 {question.area} 里没有需求点",
                    todo_zh="请换一个区县，或选全市",
                )
            )
        weights = np.where(inside, weights, 0.0)
    if not weights.sum() > 0:
        raise InputError(
            Fault(
                "nobody is out in what is asked",
                "ask for another area, slice or trade",
                problem_zh="这个范围、时段和行业里没有劳动者",
                todo_zh="请换一个范围、时段或行业",
            )
        )
    asked_of = replace(city, demand=city.demand.assign(workers=weights))
    return SiteSearch(asked_of, sites, search.times), closed


def _problem(search: SiteSearch, closed: list[str], question: SitingQuestion) -> SitingProblem:
    _check_districts(search, question)
    rules: dict[str, Any] = {
        "forbidden": np.array([*closed, *question.veto], object),
        "required": np.array(question.force, object),
        "spacing_m": question.spacing_m,
    }
    if question.priced:
        rules["site_cost"] = site_costs(search.sites)
    if question.capacity_workers is not None:
        rules["capacity"] = np.full(len(search.sites), question.capacity_workers)
    districts = _district_names(search)
    if question.quotas:
        rules |= {
            "site_group": search.sites["district_code"].map(districts).to_numpy(),
            "quotas": {districts[code]: bounds for code, bounds in question.quotas.items()},
        }
    if question.floors:
        rules |= {
            "demand_group": search.city.demand["district_code"].map(districts).to_numpy(),
            "coverage_floors": {districts.get(code, code): share for code, share in question.floors.items()},
        }
    return siting_problem(search.city, search.sites, search.times, **rules)


def _district_names(search: SiteSearch) -> dict[str, str]:
    """Return the names of the districts by their codes: a rule that cannot be kept is told by the name."""
    districts = search.city.districts
    return dict(zip(districts["district_code"].astype(str), districts["name"].astype(str), strict=True))


def _check_districts(search: SiteSearch, question: SitingQuestion) -> None:
    """Raise for rules about districts that the city does not have: they would bind nothing."""
    known, log = {*_district_names(search)}, FaultLog()
    for field, codes, others in (("quotas", question.quotas, set()), ("floors", question.floors, {EVERYONE})):
        for code in codes:
            if code not in known | others:
                log.add(
                    f"there is no district {code!r}",
                    f"use one of {', '.join(sorted(known))}",
                    field=field,
                    zh=(f"没有区县 {code}", f"请用 {'、'.join(sorted(known))} 之一"),
                )
    log.raise_if_any()
