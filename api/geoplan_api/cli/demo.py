"""``geoplan demo``: the whole line on the demonstration city, then the map."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from geoplan import CityPack
from geoplan.demo import demo_pack_dir
from geoplan.planning import (
    City,
    CoverageQuestion,
    PlanAnswer,
    PlanQuestion,
    Run,
    answer,
    plan_facts,
    write_project_workbook,
    write_projects,
)
from geoplan_api.cli.coverage import coverage_lines
from geoplan_api.cli.maps import coverage_page, plan_page
from geoplan_api.cli.output import Steps, console, demonstration_strip
from geoplan_api.cli.serve import run_service
from geoplan_api.cli.siteprint import plan_lines, progress_words
from geoplan_api.cli.warming import compile_ahead

__all__ = ["demo"]


def demo(
    serve: Annotated[bool, typer.Option(help="Serve the map afterwards.")] = True,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("out"),
    port: Annotated[int, typer.Option(help="Port of the map.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address of the map.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Seed of the demonstration city.", min=0)] = 0,
    nodes: Annotated[int, typer.Option(help="Street nodes of the city.", min=2_000, max=3_000_000)] = 120_000,
    new: Annotated[
        int | None, typer.Option(help="New stations of the plan; an eighth of those there are without it.", min=0)
    ] = None,
) -> None:
    """Make the demonstration city, test its circle, plan new stations with proof, write files, serve the map."""
    show = console()
    with Steps(7) as steps, compile_ahead() as compiling:
        with steps.step("demonstration city"):
            root = demo_pack_dir(seed=seed, nodes=nodes, progress=lambda part, _: steps.note(part))
        with steps.step("opening and checking the pack"):
            city = City(CityPack.open(root))
            pack, profile = city.pack, city.pack.manifest.defaults.profile
        with steps.step("street network"):
            compiling.join()
            network = city.network(profile)
        with steps.step("coverage: the standard's three tests"):
            noon = dt.datetime(2026, 11, 20, 12, 30, tzinfo=ZoneInfo(pack.manifest.timezone))
            found = answer(city, CoverageQuestion(at=noon))
        with steps.step("choosing new sites"):
            run = Run(tell=lambda **state: steps.note(progress_words(state)))
            plan = answer(city, PlanQuestion(new_sites=new, time_limit_s=30.0), run)
            assert isinstance(plan, PlanAnswer)
        with steps.step("project list and tables"):
            facts = plan_facts(plan)
            workbook = write_project_workbook(out / "projects.xlsx", pack, facts, plan.projects)
            files = [workbook, *write_projects(plan.projects, out).values(), out / "coverage.csv"]
            found.coverage.to_frame().to_csv(files[-1], index=False, encoding="utf-8-sig")
        with steps.step("planner maps"):
            pages = {
                out / "coverage.html": coverage_page(found.coverage, pack, plan),
                out / "plan.html": plan_page(plan),
            }
            for path, page in pages.items():
                path.write_text(page, encoding="utf-8")
            files += pages
    demonstration_strip(pack.manifest.is_demonstration, show)
    show.print(
        f"[bold]{pack.manifest.name_zh}[/] · {pack.total_demand:,.0f} workers · {len(pack.stations):,} stations · "
        f"{network.n_nodes:,} street nodes · {len(pack.candidates):,} candidate sites"
    )
    coverage_lines(found.coverage, show, name=pack.manifest.name_zh, notes=False)
    show.print(f"[dim]assumptions: {pack.root / 'pack.toml'}[/]", soft_wrap=True)
    plan_lines(facts, show, most=8)
    show.print(
        f"[dim]all steps {sum(steps.seconds.values()):.1f} s · files: {', '.join(str(path) for path in files)}[/]"
    )
    if serve:
        run_service(root, host, port)
