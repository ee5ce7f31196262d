"""``geoplan site``: where the next stations should go, with proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
import typer

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack import network_of
from geoplan.planning import (
    all_sites,
    covered_before,
    plan_facts,
    project_list,
    reach_facts,
    scenarios_of,
    site_costs,
    site_times,
    siting_problem,
    without_unreachable,
    write_project_workbook,
    write_projects,
)
from geoplan.report import Caption, front_chart, lettering, save_chart
from geoplan.report.counted import counted_in
from geoplan.siting import MODELS
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json
from geoplan_api.cli.siteaims import HoursAim, averaged, site_hours
from geoplan_api.cli.sitemodel import (
    MUST_SERVE,
    ModelWords,
    capacities_of,
    check_beside,
    check_folder,
    decay_of,
    objective_words,
    priced_ways,
)
from geoplan_api.cli.sitephases import years_asked
from geoplan_api.cli.siteplan import Asked, check, solve, solved_facts
from geoplan_api.cli.siteprint import plan_lines
from geoplan_api.cli.siterules import rules_of
from geoplan_api.cli.stopping import asked_to_stop

__all__ = ["site"]


def site(
    pack: PackArgument,
    new: Annotated[
        int | None, typer.Option(help="Number of new stations; 111 (889 → 1,000) without it.", min=0)
    ] = None,
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "mclp",
    budget: Annotated[float | None, typer.Option(help="Budget instead of a number, in the candidates' cost.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of demand to reach (pscp).", min=0, max=1)] = None,
    by_cost: Annotated[bool, typer.Option("--by-cost", help="Least cost, not fewest sites (lscp, pscp).")] = False,
    decay: Annotated[
        str | None,
        typer.Option(help="Gradual cover: minutes and shares that count, 8:1,12:0.6,15:0.2 (mclp)."),
    ] = None,
    open_probability: Annotated[
        float | None, typer.Option(help="Chance that a station is open: expected cover (mclp).", min=0, max=1)
    ] = None,
    backup_weight: Annotated[
        float | None, typer.Option(help="Weight of cross cover, 0 to 1; 0.5 without it (bacop2).", min=0, max=1)
    ] = None,
    weighted: Annotated[bool, typer.Option("--weighted", help="Longest way times demand (pcenter).")] = False,
    capacity: Annotated[
        float | None,
        typer.Option(help="Workers a site can serve, where no column 'capacity' says (cmclp, cpmedian, cflp).", min=0),
    ] = None,
    single_source: Annotated[
        bool, typer.Option("--single-source", help="Each demand point at one site (cmclp, cpmedian, cflp).")
    ] = False,
    way_cost: Annotated[
        float | None,
        typer.Option(help="Cost of a worker's minute of way, in the candidates' cost (cflp); 1 without it.", min=0),
    ] = None,
    reachable: Annotated[
        bool,
        typer.Option("--reachable", help="Leave out demand no site reaches; models that serve everybody need it."),
    ] = False,
    cross: Annotated[int, typer.Option(help="Stations that must reach a worker (2: cross coverage).", min=1)] = 1,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    limit_min: Annotated[
        float | None, typer.Option(help="Minutes within which a station covers.", min=0.1, max=240)
    ] = None,
    spacing_m: Annotated[float, typer.Option(help="Least distance between new stations, metres.", min=0)] = 0.0,
    require: Annotated[list[str] | None, typer.Option(help="A candidate that must be chosen; repeatable.")] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="A candidate that must not be chosen; repeatable.")] = None,
    exclusive: Annotated[
        list[str] | None, typer.Option(help="Sites of which at most one may open, e.g. C1,C2; repeatable.")
    ] = None,
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
        ruled = [
            require, forbid, floor, quota, exclusive, years, yearly_budget, scenarios, new, share, decay,
            open_probability, backup_weight, capacity, way_cost,
        ]  # fmt: skip
        switched = pareto or explained or joint or spacing_m > 0 or cross > 1 or reachable or model != "mclp"
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
    words = ModelWords(
        decay_of(decay), open_probability, backup_weight, by_cost or None, single_source or None, weighted or None
    )
    asked = Asked(
        model, new, budget, share, cross, in_years, pareto, explained, near_best, bool(floor), weights, words
    )  # fmt: skip
    check(asked)
    check_beside(model, reachable=reachable, floors=bool(floor), way_cost=way_cost, capacity=capacity)
    check_folder(out_dir)
    if words.decay is not None:
        if limit_min is not None:
            raise InputError("--decay says how far a station counts; leave --limit-min out")
        limit_s = words.decay[-1][0]
    opened = opened if weights is None else averaged(opened, weights)
    left_out = 0.0
    with Steps(3, quiet=json) as steps, asked_to_stop() as stop:
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
                capacity=capacities_of(opened, sites, capacity, model),
                **({"site_cost": site_costs(sites)} if asked.priced else {}),
                **rules_of(
                    opened,
                    sites,
                    require=require or (),
                    forbid=forbid or (),
                    floors=floor or (),
                    quotas=quota or (),
                    exclusive=exclusive or (),
                ),
            )
            if model == "cflp":
                problem = priced_ways(problem, 1.0 if way_cost is None else way_cost)
            if model in MUST_SERVE and not floor:
                problem, left_out = without_unreachable(problem, unreachable=reachable)
        with steps.step("choosing sites"):
            solved = solve(problem, asked, time_limit_s, steps.note, stop)
    plan = solved.plan
    phases = () if solved.phasing is None else solved.phasing.phases
    projects = project_list(
        opened, sites, times, plan.new_positions, by_year=[phase.plan.new_positions for phase in phases]
    )
    before = None if len(projects) else covered_before(opened, sites, times)
    facts = plan_facts(opened, plan, projects, limit_s, network.profile.name, covered_before=before)
    facts |= reach_facts(opened, sites, times)
    facts |= solved_facts(solved, asked, times) | {"left_out": left_out, "stopped": plan.stopped}
    facts["objective_zh"], facts["objective_en"] = objective_words(facts, plan.question)
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
    """Write the project list, its workbook, and the chart of a front; returns the paths."""
    written = write_projects(projects, folder)
    written["xlsx"] = write_project_workbook(folder / "projects.xlsx", pack, facts, projects)
    if facts["pareto"] is not None:
        letters = lettering()
        total = f"{facts['demand_total']:,.0f} {counted_in(facts['demand_unit'], letters.language).of}"
        area = letters.name(facts["area"], pack.manifest.area_en, pack.manifest.name_en)
        way = f"{facts['profile']} {facts['limit_s'] / 60:g}"
        subject = letters.said(f"{area}；{way} 分钟；共 {total}", f"{area}; {way} minutes; {total} in all")
        title = letters.said("费用与覆盖", "Cost and coverage")
        caption = Caption(title, subject, pack.manifest.is_demonstration, letters)
        written["png"] = save_chart(front_chart(pd.DataFrame(facts["pareto"]["points"]), caption), folder / "front.png")
    return written
