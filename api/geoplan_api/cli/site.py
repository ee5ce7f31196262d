"""``geoplan site``: where the next stations should go, with proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import typer
from rich.console import Console

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack import network_of
from geoplan.planning import (
    all_sites,
    plan_facts,
    project_list,
    site_times,
    siting_problem,
    write_project_workbook,
    write_projects,
)
from geoplan.siting import MODELS, Progress, SitingPlan
from geoplan.siting.planner import ParetoFront, SiteReason, explain, pareto_front
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json, table
from geoplan_api.cli.sitephases import Years, phasing_facts, year_facts, years_asked, years_planned
from geoplan_api.cli.siterules import rules_of

__all__ = ["plan_lines", "progress_words", "site"]


def site(
    pack: PackArgument,
    new: Annotated[
        int | None, typer.Option(help="Number of new stations; 111 (889 → 1,000) without it.", min=0)
    ] = None,
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "mclp",
    budget: Annotated[float | None, typer.Option(help="Budget instead of a number, in the candidates' cost.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of demand to reach (pscp).", min=0, max=1)] = None,
    cross: Annotated[int, typer.Option(help="Stations that must reach a worker (2: cross coverage).", min=1)] = 1,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    limit_min: Annotated[
        float | None, typer.Option(help="Minutes within which a station covers.", min=0.1, max=240)
    ] = None,
    spacing_m: Annotated[float, typer.Option(help="Least distance between new stations, metres.", min=0)] = 0.0,
    require: Annotated[list[str] | None, typer.Option(help="A candidate that must be chosen; repeatable.")] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="A candidate that must not be chosen; repeatable.")] = None,
    floor: Annotated[
        list[str] | None, typer.Option(help="Least share of a district, e.g. 宜兴市=0.9; repeatable.")
    ] = None,
    quota: Annotated[
        list[str] | None, typer.Option(help="New stations of a district, e.g. 宜兴市=5:20; repeatable.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="New stations by year, e.g. 30,40,41 (mclp).")] = None,
    yearly_budget: Annotated[
        str | None, typer.Option(help="Money by year, e.g. 100,80,60; what is left goes to the next year (mclp).")
    ] = None,
    joint: Annotated[
        bool, typer.Option("--joint", help="The best of all years together, not from the last year back.")
    ] = False,
    pareto: Annotated[bool, typer.Option("--pareto", help="The front of cost and coverage (mclp).")] = False,
    explained: Annotated[bool, typer.Option("--explain", help="Say why each site is there (mclp).")] = False,
    near_best: Annotated[
        bool, typer.Option("--near-best", help="With --explain: is the site in every plan within 0.5 % of the best?")
    ] = False,
    time_limit_s: Annotated[float, typer.Option(help="Stop then with the best plan and its gap.", min=0.1)] = 60.0,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write the project list there (.xlsx, .csv, .geojson).")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Choose new stations so that most workers are within reach, and prove how good that is."""
    if model not in MODELS:
        raise InputError(f"there is no model {model!r}; use one of {', '.join(MODELS)}")
    opened = CityPack.open(pack)
    limit_s = opened.manifest.defaults.limit_s if limit_min is None else limit_min * 60.0
    in_years = years_asked(years, yearly_budget, joint)
    for asked, option in ((in_years is not None, "--years"), (pareto, "--pareto"), (explained, "--explain")):
        if asked and model != "mclp":
            raise InputError(f"{option} goes with --model mclp, not with {model}")
    if pareto and (budget is not None or new is not None or in_years is not None):
        raise InputError("--pareto goes over all budgets; leave --new, --budget and --years out")
    if pareto and cross > 1:
        raise InputError("--pareto counts workers once covered; leave --cross out")
    if in_years is not None and (budget is not None or new is not None):
        raise InputError("--years and --yearly-budget say how many; leave --new and --budget out")
    priced = budget is not None or pareto or (in_years is not None and bool(in_years.budgets))
    with Steps(3, quiet=json) as steps:
        with steps.step("street network"):
            network = network_of(opened, profile)
        with steps.step("travel times of all sites"):
            sites = all_sites(opened)
            times = site_times(opened, network, sites, limit_s)
            problem = siting_problem(
                opened,
                sites,
                times,
                spacing_m=spacing_m,
                **({"site_cost": costs_of(sites)} if priced else {}),
                **rules_of(
                    opened, sites, require=require or (), forbid=forbid or (), floors=floor or (), quotas=quota or ()
                ),
            )
        with steps.step("choosing sites"):
            phases, together = ((), None) if in_years is None else years_planned(problem, in_years, time_limit_s)
            front = pareto_front(problem, time_limit_s=time_limit_s) if pareto else None
            question = question_of(model, new, budget if front is None else 0.0, share, cross, in_years)
            if phases:
                plan = phases[-1].plan
            elif front is not None and front.points:
                plan = front.points[-1].plan
            else:
                plan = problem.solve(
                    model,
                    time_limit_s=time_limit_s,
                    progress=lambda state: steps.note(progress_words(state)),
                    **question,
                )
            within = 0.005 if near_best else None
            reasons = explain(problem, plan, within=within) if explained and plan.found else []
            priced_floor = None
            if floor and model == "mclp" and plan.found and not phases and front is None:
                free = replace(problem, floors=()).solve(model, time_limit_s=time_limit_s, **question)
                priced_floor = floor_facts(free, plan)
    rows_by_year = [phase.plan.new_positions for phase in phases]
    projects = project_list(opened, sites, times, plan.new_positions, by_year=rows_by_year)
    facts = plan_facts(opened, plan, projects, limit_s, network.profile.name)
    facts["years"] = [year_facts(phase) for phase in phases]
    facts["phasing"] = phasing_facts(together)
    facts["floor_price"] = priced_floor
    facts["pareto"] = None if front is None else front_facts(front)
    facts["explained"] = [reason_facts(reason) for reason in reasons]
    written: dict[str, Path] = {}
    if out_dir is not None and plan.found:
        written = write_projects(projects, out_dir)
        written["xlsx"] = write_project_workbook(out_dir / "projects.xlsx", opened, facts, projects)
    if json:
        emit_json(facts | {"files": {name: str(path) for name, path in written.items()}})
    else:
        out = console()
        demonstration_strip(opened.manifest.is_demonstration, out)
        plan_lines(facts, out)
        for path in written.values():
            out.print(f"written: {path}")
    if not plan.found:
        raise typer.Exit(1)


def costs_of(sites: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return what each site costs; a candidate without a cost cannot be weighed against a budget."""
    costs = pd.to_numeric(sites["cost"], errors="coerce").to_numpy(np.float64)
    missing = np.isnan(costs) & ~sites["existing"].to_numpy(bool)
    if missing.any():
        raise InputError(
            f"candidate {sites.index[missing][0]!r} has no cost; a budget needs the cost of every candidate"
        )
    return np.asarray(np.nan_to_num(costs), np.float64)


def question_of(
    model: str, new: int | None, budget: float | None, share: float | None, cross: int, in_years: Years | None
) -> dict[str, Any]:
    """Return the parameters that the model takes; those not given are left out."""
    spec = MODELS[model]
    known = {name for part in (*spec.needs, *spec.takes) for name in part.split("|")}
    asked: dict[str, Any] = {"budget": budget, "share": share, "cover_times": cross if cross > 1 else None}
    asked["p"] = new
    if in_years is not None:
        asked |= {"p": sum(in_years.new)} if in_years.new else {"budget": sum(in_years.budgets)}
        budget = asked["budget"]
    if "p" in known and asked["p"] is None and budget is None and any("p" in part.split("|") for part in spec.needs):
        asked["p"] = 111
    return {name: value for name, value in asked.items() if value is not None and (name != "p" or "p" in known)}


def floor_facts(free: SitingPlan, kept: SitingPlan) -> dict[str, Any]:
    """Return what the floors cost: covered demand without them and with them."""
    price = None if free.objective is None or kept.objective is None else free.objective - kept.objective
    exact = free.status == "optimal" and kept.status == "optimal"
    return {"without": free.objective, "with": kept.objective, "price": price, "exact": exact}


def front_facts(front: ParetoFront) -> dict[str, Any]:
    """Return the front of cost and coverage."""
    points = [
        {
            "cost": point.cost,
            "covered": point.covered,
            "new": len(point.plan.sites),
            "sites": [str(name) for name in point.plan.sites],
            "status": point.plan.status,
            "bound": point.plan.bound,
            "agrees": point.plan.certificate.agrees,
        }
        for point in front.points
    ]
    return {"complete": front.complete, "points": points}


def reason_facts(reason: SiteReason) -> dict[str, Any]:
    """Return why a site is in the plan."""
    return {
        "site": str(reason.site),
        "own": reason.own,
        "marginal": reason.marginal,
        "substitute": None if reason.substitute is None else str(reason.substitute),
        "substitute_loss": reason.substitute_loss,
        "in_every_near_best": reason.in_every_near_best,
    }


def progress_words(state: Progress) -> str:
    """Return best, bound and gap in a few words."""
    best = "–" if state.best is None else f"{state.best:,.0f}"
    bound = "–" if state.bound is None else f"{state.bound:,.0f}"
    gap = "–" if not np.isfinite(state.gap) else f"{state.gap:.3%}"
    return f"best {best} · bound {bound} · gap {gap}"


def plan_lines(facts: dict[str, Any], out: Console, *, most: int = 20) -> None:
    """Print a plan: the answer, its certificate, the first lines of the project list."""
    unit = facts["demand_unit"]
    out.print(f"[bold]{facts['sentence_zh']}[/]\n{facts['sentence']}")
    if facts["covered_after"] is None:
        return
    out.print(
        f"covered before {facts['covered_before']:,.0f} ({facts['share_before']:.1%}) → "
        f"after {facts['covered_after']:,.0f} ({facts['share_after']:.1%}) of {facts['demand_total']:,.0f} {unit} · "
        f"{facts['profile']} {facts['limit_s'] / 60:g} min · {facts['area']} · origin {facts['origin']}"
    )
    certificate = facts["certificate"]
    agrees = "agrees" if certificate["agrees"] else "DOES NOT AGREE"
    out.print(
        f"certificate: recomputed {certificate['objective_recomputed']:,.3f} ({agrees}) · "
        f"bound {facts['bound']:,.3f} · gap {facts['gap']:.4%} · {facts['status']} · {facts['solve_s']:.2f} s"
    )
    rows = [
        (
            project["rank"],
            project["name"] or project["site_id"],
            project["district"] or "",
            project["town"] or "",
            project["host_type"] or "",
            f"{project['workers_newly_covered']:,.1f}",
            f"{project['share_covered']:.2%}",
        )
        for project in facts["projects"][:most]
    ]
    grid = table("", ["#", "站点 site", "区县", "镇街", "依托类型 host", f"新增覆盖 {unit}", "累计 share"], rows)
    for column in grid.columns[1:5]:
        column.justify = "left"
    out.print(grid)
    if len(facts["projects"]) > most:
        out.print(f"[dim]… and {len(facts['projects']) - most} more[/]")
    front = facts.get("pareto")
    if front is not None:
        every = "every non-dominated point, proven" if front["complete"] else "not proven to be every point"
        points = [(f"{p['cost']:,g}", p["new"], f"{p['covered']:,.0f}", p["status"]) for p in front["points"]]
        out.print(table(every, ["费用 cost", "新增 new", f"覆盖 {unit}", "状态 status"], points))
    for i, year in enumerate(facts.get("years", []), start=1):
        if year["objective"] is None:
            out.print(f"第 {i} 年 year {i}: {year['total']} new in all, no plan keeps the rules ({year['status']})")
            continue
        price = "–" if year["price"] is None else f"{year['price']:,.0f}"
        covered = f"{year['total']} new in all, covered {year['objective']:,.0f}"
        out.print(f"第 {i} 年 year {i}: {covered}, price of phasing {price}")
    phasing = facts.get("phasing")
    if phasing is not None and phasing["objective"] is not None:
        out.print(
            f"all years together: covered {phasing['objective']:,.0f} in sum, bound {phasing['bound']:,.0f}, "
            f"{phasing['status']}"
        )
    floors = facts.get("floor_price")
    if floors is not None and floors["price"] is not None:
        sure = "proven" if floors["exact"] else "not proven"
        out.print(f"保底代价 price of the floors: {floors['price']:,.0f} {unit} fewer covered in all ({sure})")
    good = {True: "; in every plan within 0.5 %", False: "; not in every plan within 0.5 %", None: ""}
    for reason in facts.get("explained", [])[:most]:
        out.print(
            f"{reason['site']}: reaches {reason['own']:,.0f}, alone {reason['marginal']:,.0f}; best substitute "
            f"{reason['substitute'] or '–'} loses {reason['substitute_loss']:,.0f}{good[reason['in_every_near_best']]}"
        )
