"""``geoplan site``: where the next stations should go, with proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
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
    scenarios_of,
    site_costs,
    site_times,
    siting_problem,
    write_project_workbook,
    write_projects,
)
from geoplan.report import Caption, chinese_font, front_chart, save_chart
from geoplan.siting import MODELS
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json, table
from geoplan_api.cli.siteaims import HoursAim, averaged, robust_lines, site_hours
from geoplan_api.cli.sitephases import years_asked
from geoplan_api.cli.siteplan import Asked, check, solve, solved_facts
from geoplan_api.cli.siterules import rules_of

__all__ = ["plan_lines", "site"]


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
    hours: Annotated[
        Path | None,
        typer.Option(help="Table of options (site, option, slices, cost): sites and hours together, under --budget."),
    ] = None,
    day: Annotated[str | None, typer.Option(help="Day whose opening hours are today's, for --hours.")] = None,
    scenarios: Annotated[
        str | None,
        typer.Option(help="Time slices (06-12,18-22) or a table (demand_id, a column each): the best worst case."),
    ] = None,
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
    opened = CityPack.open(pack)
    limit_s = opened.manifest.defaults.limit_s if limit_min is None else limit_min * 60.0
    if hours is not None:
        ruled = [require, forbid, floor, quota, years, yearly_budget, scenarios, new, share]
        switched = pareto or explained or joint or spacing_m > 0 or cross > 1
        if switched or any(value is not None for value in ruled):
            raise InputError(
                "--hours goes with --budget, --day, --profile, --limit-min, --time-limit-s and --out alone"
            )
        aim = HoursAim(hours, budget, day, profile, limit_s, time_limit_s)
        if not site_hours(opened, aim, out_dir, json=json):
            raise typer.Exit(1)
        return
    if day is not None:
        raise InputError("--day goes with --hours")
    weights = None if scenarios is None else scenarios_of(scenarios, opened)
    in_years = years_asked(years, yearly_budget, joint)
    asked = Asked(
        model, new, budget, share, cross, in_years, pareto, explained, near_best, floor is not None, weights
    )  # fmt: skip
    check(asked)
    opened = opened if weights is None else averaged(opened, weights)
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
                **({"site_cost": site_costs(sites)} if asked.priced else {}),
                **rules_of(
                    opened, sites, require=require or (), forbid=forbid or (), floors=floor or (), quotas=quota or ()
                ),
            )
        with steps.step("choosing sites"):
            solved = solve(problem, asked, time_limit_s, steps.note)
    plan = solved.plan
    phases = () if solved.phasing is None else solved.phasing.phases
    projects = project_list(
        opened, sites, times, plan.new_positions, by_year=[phase.plan.new_positions for phase in phases]
    )
    facts = plan_facts(opened, plan, projects, limit_s, network.profile.name) | solved_facts(solved, asked, times)
    written = files_of(opened, facts, projects, out_dir) if out_dir is not None and plan.found else {}
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


def files_of(pack: CityPack, facts: dict[str, Any], projects: gpd.GeoDataFrame, folder: Path) -> dict[str, Path]:
    """Write the project list, its workbook, and the chart of a front where a font can draw it; returns the paths."""
    written = write_projects(projects, folder)
    written["xlsx"] = write_project_workbook(folder / "projects.xlsx", pack, facts, projects)
    if facts["pareto"] is not None and chinese_font() is not None:
        subject = (
            f"{facts['area']}；{facts['profile']} {facts['limit_s'] / 60:g} 分钟；共 {facts['demand_total']:,.0f} 人"
        )
        caption = Caption("费用与覆盖", subject, pack.manifest.is_demonstration)
        written["png"] = save_chart(front_chart(pd.DataFrame(facts["pareto"]["points"]), caption), folder / "front.png")
    return written


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
    if facts.get("robust") is not None:
        robust_lines(facts["robust"], out)
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
