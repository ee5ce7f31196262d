"""A plan as the pages read it: the project list as GeoJSON, with its certificate and what it changes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from geoplan.cells import inert
from geoplan.pack import CityPack
from geoplan.planning import (
    plan_facts,
    project_list,
    siting_problem,
    suggested_new_sites,
    write_hours_workbook,
    write_project_workbook,
)
from geoplan.siting import MODELS, SitingPlan
from geoplan_api.city.comparison import projects_of
from geoplan_api.city.phasing import Phasing
from geoplan_api.city.searches import Analyst, SiteSearch
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.geojson import from_geojson, to_geojson
from geoplan_api.settings import AnalysisSettings

__all__ = ["first_new_sites", "plan_answer", "project_list_file", "ready_plan"]


def first_new_sites(pack: CityPack, stations: StationSnapshot, settings: AnalysisSettings) -> int:
    """Return the number of new sites that the ready plan and the empty form ask for."""
    standing = int(stations.frame["status"].isin(["operating", "suspended"]).sum())
    return settings.new_sites or suggested_new_sites(standing, len(pack.candidates))


def ready_plan(analyst: Analyst, stations: StationSnapshot, settings: AnalysisSettings) -> dict[str, Any]:
    """Solve the question that the city starts with: the most workers covered by so many new sites."""

    def make() -> dict[str, Any]:
        profile = analyst.pack.manifest.defaults.profile
        search = analyst.site_search(stations, profile, settings.limit_s)
        problem = siting_problem(search.city, search.sites, search.times)
        most = int(problem.candidates.sum())
        wanted = first_new_sites(analyst.pack, stations, settings)
        plan = problem.solve("mclp", p=min(wanted, most), time_limit_s=settings.plan_time_limit_s)
        return plan_answer(search, plan, profile=profile, candidates=most, asked={"new_sites": wanted})

    return analyst.keep(("plan", stations.version), make)


def plan_answer(
    search: SiteSearch,
    plan: SitingPlan,
    *,
    profile: str,
    candidates: int,
    asked: dict[str, Any],
    phasing: Phasing | None = None,
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
    phasing : Phasing, optional
        The years of the plan, whose last network it is.

    Returns
    -------
    dict
        ``question``, ``certificate``, ``subject``, ``before``, ``after``, ``areas`` (share covered of each district
        before and after), ``projects`` (GeoJSON; ``gain_by_trade`` says who each site newly covers; year by year where
        there are years), ``years`` and ``facts``, what the command line writes. The certificate of years planned
        together is that of all years.
    """
    manifest = search.city.manifest
    demand = search.city.demand["workers"].to_numpy(np.float64)
    total = float(demand.sum())
    existing = np.flatnonzero(search.sites["existing"].to_numpy(bool))
    before = _reached(search, existing)
    after = _reached(search, plan.open_positions) if plan.found else None
    covered_before = round(float(demand[before].sum()), 3)
    covered_after = None if after is None else round(float(demand[after].sum()), 3)
    by_year = [] if phasing is None else [phase.plan.new_positions for phase in phasing.phases]
    listed = project_list(search.city, search.sites, search.times, plan.new_positions, by_year=by_year)
    projects = to_geojson(listed) if plan.found else _EMPTY
    facts = plan_facts(search.city, plan, listed, search.times.limit_s, profile)
    proof = certificate(plan)
    if phasing is not None:
        facts["years"] = phasing.years()
        if (together := phasing.proof()) is not None:
            proof |= together
            facts |= {name: together[name] for name in ("status", "objective", "bound", "gap", "solve_s")}
            facts |= {"sentence": together["sentence"], "sentence_zh": together["sentence_zh"]}
    return {
        "question": {"model": plan.model, "title_zh": MODELS[plan.model].title_zh, **asked},
        "certificate": proof,
        "subject": {
            "city": manifest.area or manifest.name_zh,
            "demand_unit": manifest.demand_unit,
            "demand_total": total,
            "cost_unit": manifest.cost_unit,
            "origin": manifest.origin,
            "profile": profile,
            "limit_s": search.times.limit_s,
            "candidates": candidates,
            "existing": len(existing),
        },
        "before": {"covered": covered_before, "share": _share(covered_before, total)},
        "after": None if covered_after is None else {"covered": covered_after, "share": _share(covered_after, total)},
        "areas": [] if after is None else _districts(search, demand, before, after),
        "projects": _with_trades(search, projects, before),
        **({} if phasing is None else {"years": facts["years"]}),
        "stopped": plan.stopped,
        "facts": {name: value for name, value in facts.items() if name != "projects"},
    }


def project_list_file(answer: dict[str, Any], form: str, pack: CityPack) -> tuple[bytes, str]:
    """Return a plan's project list as a file: ``xlsx`` with its certificate, ``csv`` that opens in Excel, ``geojson``.

    A plan that should hold in every slice gives its own list, and its shares a sheet of their own.

    Parameters
    ----------
    answer : dict
        Result of a siting or an hours job, with at least one project.
    form : {"xlsx", "csv", "geojson"}
        Form of the file.
    pack : CityPack
        The city.

    Returns
    -------
    tuple of bytes and str
        The file and its media type.
    """
    if form == "geojson":
        return orjson.dumps(projects_of(answer)), "application/geo+json"
    listed = projects_of(answer)
    names = [name for name in listed["features"][0]["properties"] if name != "gain_by_trade"]
    projects = from_geojson(listed, names)
    if form == "csv":
        if "slices" in projects:
            projects["slices"] = projects["slices"].map(";".join)
        text = projects.drop(columns="geometry").map(inert).to_csv(index=False)
        return ("\ufeff" + text).encode(), "text/csv; charset=utf-8"
    with TemporaryDirectory(prefix="geoplan-projects-") as folder:
        path = Path(folder, "projects.xlsx")
        if answer["question"].get("kind") == "hours":
            write_hours_workbook(path, pack, answer["facts"])
        else:
            facts = answer["facts"] if answer.get("robust") is None else answer["robust"].get("facts", answer["facts"])
            write_project_workbook(path, pack, facts, projects)
        return path.read_bytes(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_EMPTY: Final[dict[str, Any]] = {"type": "FeatureCollection", "features": []}


def _districts(
    search: SiteSearch, demand: npt.NDArray[np.float64], before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Return the share covered of each district, before and after."""
    if "district_code" not in search.city.demand:
        return []
    codes = search.city.demand["district_code"].fillna("").astype(str).to_numpy()
    shares = []
    for code in sorted(set(codes) - {""}):
        inside = codes == code
        total = float(demand[inside].sum())
        shares.append(
            {
                "level": "district",
                "area_code": code,
                "before": _share(float(demand[inside & before].sum()), total),
                "after": _share(float(demand[inside & after].sum()), total),
            }
        )
    return shares


def _with_trades(search: SiteSearch, projects: dict[str, Any], before: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Add to each project who it newly covers, counted in the order of the list."""
    trades = [name for name in search.city.trades if name]
    reached = before.copy()
    for feature in projects["features"]:
        properties = feature["properties"]
        row = search.times.row(int(search.sites.index.get_loc(properties["site_id"])))[0]
        new = row[~reached[row]]
        reached[new] = True
        properties["gain_by_trade"] = {
            trade: round(float(search.city.demand[f"workers_{trade}"].to_numpy(np.float64)[new].sum()), 1)
            for trade in trades
        }
    return projects


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


def _reached(search: SiteSearch, rows: Any) -> npt.NDArray[np.bool_]:
    reached = np.zeros(len(search.city.demand), bool)
    for row in rows:
        reached[search.times.row(int(row))[0]] = True
    return reached


def _share(part: float, total: float) -> float | None:
    return round(part / total, 6) if total > 0 else None
