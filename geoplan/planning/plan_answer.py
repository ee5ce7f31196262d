"""Answers about new sites: one plan, years, the Pareto frontier, several scenarios, with everything shown beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan.coverage.standard import Subject
from geoplan.network import TravelTimes
from geoplan.planning.city import City
from geoplan.planning.control import Run
from geoplan.planning.explain import SiteReason, explain
from geoplan.planning.floor_price import FloorPrice, price_of_floors
from geoplan.planning.front import ParetoFront, pareto_front
from geoplan.planning.moments import moments_of
from geoplan.planning.problem import parameters, plan_problem, plan_rows
from geoplan.planning.projects import project_list, reach_facts
from geoplan.planning.question import PlanQuestion
from geoplan.planning.resolve import area_name
from geoplan.planning.robust import RobustPlan, solve_robust
from geoplan.planning.rows import DemandRows
from geoplan.planning.years import Phasing, plan_in_years
from geoplan.siting import SitingPlan, SitingProblem

__all__ = ["NEAR_BEST", "PlanAnswer", "plan", "plan_subject", "start_subject"]

NEAR_BEST: Final = 0.005
"""How much worse than the best, as a share, a near-best plan may be."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PlanAnswer:
    """A plan of new sites.

    Parameters
    ----------
    question : PlanQuestion
        With nothing left unsaid.
    subject : Subject
        What the figures are a share of.
    city : City
        The city.
    rows : DemandRows
        The demand as it was counted.
    problem : SitingProblem
        What was solved.
    plan : SitingPlan
        The plan with its certificate: of years, the last year's; of scenarios, the one with the best worst case.
    projects : geopandas.GeoDataFrame
        The project list, in the order in which the sites are worth building.
    served_before, served_after : numpy.ndarray of float64 or None
        Share of each row that counts as covered as things stand, and by the plan, shape (n_rows,).
    reach : dict
        What all sites together reach, candidates, candidates that reach nobody.
    left_out : float
        Demand that no site reaches, left out of a model that serves everybody.
    left_out_by_district : dict of str to float
        Where it is, by code.
    phasing, front, robust, floor_price
        What was asked beside one plan.
    reasons : tuple of SiteReason
        Why each site is there, where asked.
    """

    question: PlanQuestion
    subject: Subject
    city: City
    rows: DemandRows
    problem: SitingProblem
    plan: SitingPlan
    projects: gpd.GeoDataFrame
    served_before: Float
    served_after: Float | None
    reach: dict[str, Any]
    left_out: float = 0.0
    left_out_by_district: dict[str, float] = field(default_factory=dict)
    phasing: Phasing | None = None
    front: ParetoFront | None = None
    robust: RobustPlan | None = None
    floor_price: FloorPrice | None = None
    reasons: tuple[SiteReason, ...] = ()

    @property
    def scenarios(self) -> dict[str, Float]:
        """Weights of the rows in each scenario, by name; empty where there are none."""
        return scenario_weights(self.question, self.rows)


def scenario_weights(question: PlanQuestion, rows: DemandRows) -> dict[str, Float]:
    """Return the weights of the rows in each scenario: rows of other scenarios weigh nothing in it."""
    names = list(question.weights) if question.weights is not None else list(question.robust)
    return {name: np.where(rows.moment == at, rows.weight * len(names), 0.0) for at, name in enumerate(names)}


def plan_subject(city: City, question: PlanQuestion, total: float) -> Subject:
    """Return what the figures of a plan are a share of."""
    manifest, moments = city.pack.manifest, moments_of(city, question)
    first = moments[0]
    assert question.profile is not None
    assert question.limit_s is not None
    return Subject(
        manifest.area or manifest.name_zh,
        manifest.demand_unit,
        total,
        manifest.origin,
        question.profile,
        question.limit_s,
        manifest.defaults.radius_m,
        question.cover_times or 1,
        "+".join(dict.fromkeys(moment.name for moment in moments)),
        day="" if first.day is None else first.day.isoformat(),
        weekday=None if first.day is None else first.day.weekday(),
        time_rule=question.time_rule,
        demand_basis="all" if first.name == "any" else "out",
        trade=question.trade,
        facilities=question.facilities,
        area=question.area,
        area_name=area_name(city.pack, question.area),
        cost_unit=manifest.cost_unit,
        data_version=city.version,
    )


def plan(city: City, question: PlanQuestion, run: Run) -> PlanAnswer:
    """Solve a resolved question of a location model."""
    run.tell(step="searching the streets")
    rows = plan_rows(city, question)
    run.tell(step="building the problem")
    problem, left_out = plan_problem(city, question, rows)
    run.tell(step="solving")
    answer = _solved(city, question, rows, problem, run)
    run.tell(step="writing the project list")
    assert question.profile is not None
    assert question.limit_s is not None
    times = rows.times(city, question.profile, question.limit_s)
    sites, solved = city.sites(), answer.plan
    phases = () if answer.phasing is None else answer.phasing.phases
    by_year = [phase.plan.new_positions for phase in phases]
    before, after = _served(question, problem, solved, times, run)
    return replace(
        answer,
        projects=project_list(rows.pack, sites, times, solved.new_positions, by_year=by_year),
        served_before=before,
        served_after=after,
        reach=reach_facts(rows.pack, sites, times),
        left_out=left_out,
        left_out_by_district=_left_out(rows, problem) if left_out else {},
    )


def _solved(city: City, question: PlanQuestion, rows: DemandRows, problem: SitingProblem, run: Run) -> PlanAnswer:
    """Return the answer with what the solvers found; the rest is filled in from it."""
    limit_s, asked = run.limit(question.time_limit_s), parameters(question)
    phasing = front = robust = price = None
    if question.in_years:
        run.check("planning the years")
        phasing = plan_in_years(
            problem,
            new_per_year=question.years,
            yearly_budgets=question.yearly_budgets,
            weights=question.year_weights,
            jointly=question.jointly,
            time_limit_s=limit_s,
            tell=run.progress,
            stop=run.stop,
        )
        found = phasing.plan if phasing is not None else _plain(question, city, problem, run, asked)
    elif question.pareto:
        front = pareto_front(
            problem,
            time_limit_s=limit_s,
            progress=lambda point: run.tell(step="solving", best=point.covered, cost=point.cost),
            cancel=run.stop,
        )
        found = front.points[-1].plan if front.points else _plain(question, city, problem, run, asked | {"budget": 0.0})
    elif question.scenarios:
        run.check("searching the plan with the best worst case")
        weights = np.vstack(list(scenario_weights(question, rows).values()))
        robust = solve_robust(problem, weights, time_limit_s=limit_s, progress=run.progress, cancel=run.stop, **asked)
        found = robust.worst
    else:
        found = _plain(question, city, problem, run, asked)
        if question.price_floors and found.found and found.stopped != "cancelled":
            run.check("pricing the floors")
            size = {name: asked[name] for name in ("p", "budget") if name in asked}
            bare = replace(problem, floors=())
            price = price_of_floors(bare, problem.floors, kept=found, time_limit_s=limit_s, cancel=run.stop, **size)
    reasons: tuple[SiteReason, ...] = ()
    if question.explain and found.found and found.model == "mclp" and found.stopped != "cancelled":
        run.check("explaining the sites")
        reasons = tuple(explain(problem, found, within=NEAR_BEST if question.near_best else None, cancel=run.stop))
    return PlanAnswer(
        question, plan_subject(city, question, rows.total), city, rows, problem, found,
        projects=gpd.GeoDataFrame(), served_before=np.empty(0), served_after=None, reach={},
        phasing=phasing, front=front, robust=robust, floor_price=price, reasons=reasons,
    )  # fmt: skip


def start_subject(city: City, question: PlanQuestion) -> tuple[Any, ...]:
    """Return what must be equal for one plan to be a good start for another."""
    return (
        city.version, question.model, question.profile, question.limit_s, question.at, question.slice, question.day,
        question.time_rule, question.trade, question.area, question.facilities,
    )  # fmt: skip


def _plain(question: PlanQuestion, city: City, problem: SitingProblem, run: Run, asked: dict[str, Any]) -> SitingPlan:
    """Solve one plan, from the latest on the same subject where there is one: a veto is then answered soon."""
    subject = start_subject(city, question)
    found = problem.solve(
        question.model,
        time_limit_s=run.limit(question.time_limit_s),
        stop_gap=question.stop_gap,
        progress=run.progress,
        cancel=run.stop,
        warm=None if run.earlier is None else run.earlier.get(subject),
        **asked,
    )
    if run.earlier is not None and found.found:
        run.earlier.put(subject, found)
    return found


def _served(
    question: PlanQuestion, problem: SitingProblem, found: SitingPlan, times: TravelTimes, run: Run
) -> tuple[Float, Float | None]:
    """Return the share of each row that counts, as things stand and by the plan.

    A row counts once an open station is within reach, as in coverage. Within capacities it counts as far as it is
    served; what the present stations can serve is a plan without new sites.
    """
    existing = np.flatnonzero(problem.existing)
    if question.model != "cmclp":
        return _reached(times, existing), _reached(times, found.open_positions) if found.found else None
    bare = replace(problem, required=np.zeros_like(problem.required), quotas=(), floors=())
    now = bare.solve(
        "cmclp", p=0, time_limit_s=run.limit(question.time_limit_s), single_source=bool(question.single_source)
    )
    return now.coverage, found.coverage if found.found else None


def _reached(times: TravelTimes, sites: npt.NDArray[np.int64]) -> Float:
    reached = np.zeros(times.shape[1])
    for site in sites:
        reached[times.row(int(site))[0]] = 1.0
    return reached


def _left_out(rows: DemandRows, problem: SitingProblem) -> dict[str, float]:
    """Return the demand that the problem leaves out, by code of its district."""
    demand = rows.pack.demand
    left = ~demand["demand_id"].isin(problem.demand_ids)
    summed = demand[left].groupby(demand["district_code"].fillna("").astype(str))["workers"].sum()
    return {str(code): float(value) for code, value in summed.items()}
