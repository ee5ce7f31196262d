"""A plan as the pages read it: the project list as GeoJSON, with its certificate and what it changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoplan.planning import project_list, siting_problem
from geoplan.siting import MODELS, SitingPlan
from geoplan_api.analyst import Analyst, SiteSearch
from geoplan_api.geojson import to_geojson
from geoplan_api.settings import AnalysisSettings
from geoplan_api.stations import StationSnapshot

__all__ = ["plan_answer", "ready_plan"]


def ready_plan(analyst: Analyst, stations: StationSnapshot, settings: AnalysisSettings) -> dict[str, Any]:
    """Solve the question that the city starts with: the most workers covered by so many new sites."""

    def make() -> dict[str, Any]:
        profile = analyst.pack.manifest.defaults.profile
        search = analyst.site_search(stations, profile, settings.limit_s)
        problem = siting_problem(search.city, search.sites, search.times)
        most = int(problem.candidates.sum())
        plan = problem.solve("mclp", p=min(settings.new_sites, most), time_limit_s=settings.plan_time_limit_s)
        return plan_answer(search, plan, profile=profile, candidates=most, asked={"new_sites": settings.new_sites})

    return analyst.keep(("plan", stations.version), make)


def plan_answer(
    search: SiteSearch, plan: SitingPlan, *, profile: str, candidates: int, asked: dict[str, Any]
) -> dict[str, Any]:
    """Return a plan with everything that must be shown beside it.

    Parameters
    ----------
    search : SiteSearch
        Sites and travel times that the plan was made from.
    plan : SitingPlan
        The plan.
    profile : str
        Travel profile.
    candidates : int
        Sites that a plan could choose from.
    asked : dict
        The question, as the caller put it.

    Returns
    -------
    dict
        ``question``, ``certificate``, ``subject``, ``before``, ``after`` and ``projects`` (GeoJSON).
    """
    manifest = search.city.manifest
    demand = search.city.demand["workers"].to_numpy(np.float64)
    total = float(demand.sum())
    existing = np.flatnonzero(search.sites["existing"].to_numpy(bool))
    covered_before = _covered(search, existing, demand)
    covered_after = _covered(search, plan.open_positions, demand) if plan.found else None
    return {
        "question": {"model": plan.model, "title_zh": MODELS[plan.model].title_zh, **asked},
        "certificate": certificate(plan),
        "subject": {
            "city": manifest.area or manifest.name_zh,
            "demand_unit": manifest.demand_unit,
            "demand_total": total,
            "origin": manifest.origin,
            "profile": profile,
            "limit_s": search.times.limit_s,
            "candidates": candidates,
            "existing": len(existing),
        },
        "before": {"covered": covered_before, "share": _share(covered_before, total)},
        "after": None if covered_after is None else {"covered": covered_after, "share": _share(covered_after, total)},
        "projects": to_geojson(project_list(search.city, search.sites, search.times, plan.new_positions))
        if plan.found
        else {"type": "FeatureCollection", "features": []},
        "stopped": plan.stopped,
    }


def certificate(plan: SitingPlan) -> dict[str, Any]:
    """Return a plan's proof in numbers and in one sentence of each language."""
    zh, en = _sentence(plan)
    return {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "recomputed_objective": plan.certificate.objective,
        "agrees": plan.certificate.agrees,
        "violations": list(plan.certificate.violations),
        "solve_s": round(plan.solve_s, 3),
        "sites": len(plan.sites),
        "sentence_zh": zh,
        "sentence": en,
        "reasons": [{"en": fault.sentence(), "zh": fault.sentence("zh")} for fault in plan.reasons],
    }


def _sentence(plan: SitingPlan) -> tuple[str, str]:
    count = len(plan.sites)
    if plan.status == "optimal":
        return (
            f"已证明最优：在同样的条件下，没有任何其他方案优于这 {count} 个站点。",
            f"Proven optimal: under the same conditions no other choice is better than these {count} sites.",
        )
    if plan.status == "feasible":
        percent = f"{plan.gap * 100:.2f}"
        return (
            f"在限定时间内找到的最好方案（{count} 个站点），与理论上限最多相差 {percent} %，尚未证明最优。",
            f"The best plan found in the time given ({count} sites); at most {percent} % below the proven bound.",
        )
    if plan.status == "infeasible":
        return "条件互相矛盾，没有可行方案。", "The conditions contradict each other: there is no such plan."
    return "在限定时间内没有找到方案。", "No plan was found in the time given."


def _covered(search: SiteSearch, rows: Any, demand: Any) -> float:
    reached = np.zeros(len(demand), bool)
    for row in rows:
        reached[search.times.row(int(row))[0]] = True
    return round(float(demand[reached].sum()), 3)


def _share(part: float, total: float) -> float | None:
    return round(part / total, 6) if total > 0 else None
