"""``geoplan site``: where the next stations should go, with proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from geoplan import CityPack
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
from geoplan.siting import Progress
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json, table

__all__ = ["plan_lines", "progress_words", "site"]


def site(
    pack: PackArgument,
    new: Annotated[int, typer.Option(help="Number of new stations.", min=0)] = 111,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    limit_min: Annotated[
        float | None, typer.Option(help="Minutes within which a station covers a worker.", min=0.1, max=240)
    ] = None,
    spacing_m: Annotated[float, typer.Option(help="Least distance between new stations, metres.", min=0)] = 0.0,
    time_limit_s: Annotated[
        float, typer.Option(help="Stop after so many seconds with the best plan and its gap.", min=0.1)
    ] = 60.0,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write the project list there (.xlsx, .csv, .geojson).")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Choose new stations so that most workers are within reach, and prove how good that is."""
    opened = CityPack.open(pack)
    limit_s = opened.manifest.defaults.limit_s if limit_min is None else limit_min * 60.0
    with Steps(3, quiet=json) as steps:
        with steps.step("street network"):
            network = network_of(opened, profile)
        with steps.step("travel times of all sites"):
            sites = all_sites(opened)
            times = site_times(opened, network, sites, limit_s)
        with steps.step("choosing sites"):
            plan = siting_problem(opened, sites, times, spacing_m=spacing_m).solve(
                "mclp", p=new, time_limit_s=time_limit_s, progress=lambda state: steps.note(progress_words(state))
            )
    projects = project_list(opened, sites, times, plan.new_positions)
    facts = plan_facts(opened, plan, projects, limit_s, network.profile.name)
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
