"""``geoplan site``: where the next stations should go, with proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from geoplan import CityPack
from geoplan.coverage.standard import Subject
from geoplan.errors import InputError
from geoplan.hours.slices import SLICES
from geoplan.planning import (
    City,
    HoursAnswer,
    PlanAnswer,
    PlanQuestion,
    Run,
    answer,
    declarations,
    hours_facts,
    plan_facts,
    read_scenarios,
    write_hours_workbook,
    write_project_workbook,
    write_projects,
)
from geoplan.planning.question import HOURS
from geoplan.report import Caption, front_chart, lettering, save_chart
from geoplan_api.cli.asking import asks, read_words
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.maps import subject_of
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json
from geoplan_api.cli.siteprint import hours_lines, plan_lines, progress_words
from geoplan_api.cli.stopping import asked_to_stop

__all__ = ["site"]

_ROBUST = next(one for one in declarations(PlanQuestion) if one.name == "robust")
_OWN = [one.name for one in declarations(PlanQuestion) if one.option and one.name != "robust"]


@asks(PlanQuestion, only=_OWN)
def site(
    pack: PackArgument,
    asked: PlanQuestion,
    scenarios: Annotated[
        str | None,
        typer.Option(help="Time slices (06-12,18-22) or a table (demand_id, a column each): the best worst case."),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write the project list there (.xlsx, .csv, .geojson).")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Choose new stations so that most workers are within reach, and prove how good that is."""
    opened = CityPack.open(pack)
    check_folder(out_dir)
    question = in_scenarios(asked, scenarios, opened)
    if question.options and question.model == "mclp":
        question = replace(question, model=HOURS)  # a table of options is a question of sites and hours
    with Steps(1, quiet=json) as steps, asked_to_stop() as stop, steps.step("plan"):
        run = Run(tell=lambda **state: steps.note(progress_words(state)), stop=stop)
        found = answer(City(opened), question, run)
    facts = hours_facts(found) if isinstance(found, HoursAnswer) else plan_facts(found)
    plan = found.found.plan if isinstance(found, HoursAnswer) else found.plan
    written = files_of(opened, found, facts, out_dir) if out_dir is not None and plan.found else {}
    if json:
        emit_json(facts | {"files": {name: str(path) for name, path in written.items()}})
    else:
        out = console()
        demonstration_strip(opened.manifest.is_demonstration, out)
        (hours_lines if isinstance(found, HoursAnswer) else plan_lines)(facts, out)
        for path in written.values():
            out.print(f"written: {path}")
    if not plan.found:
        raise typer.Exit(1)


def in_scenarios(asked: PlanQuestion, text: str | None, pack: CityPack) -> PlanQuestion:
    """Return the question with the scenarios named: slices of the day, or a table of weights."""
    if text is None:
        return asked
    slices = read_words(_ROBUST, text)
    if all(code in SLICES for code in slices):
        return replace(asked, robust=slices)
    if not Path(text).suffix and not Path(text).exists():
        raise InputError(f"{text!r} are neither time slices ({', '.join(SLICES)}) nor a table")
    return replace(asked, weights=read_scenarios(Path(text), pack))


def check_folder(folder: Path | None) -> None:
    """Raise where the folder of the answer cannot be one, before a long search rather than after it."""
    above = folder
    while above is not None and not above.exists() and above != above.parent:
        above = above.parent
    if above is not None and not above.is_dir():
        raise InputError(f"{above} is a file; name a folder with --out")


def files_of(pack: CityPack, found: PlanAnswer | HoursAnswer, facts: dict[str, Any], folder: Path) -> dict[str, Path]:
    """Write the project list, its workbook, and the chart of a front; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(found, HoursAnswer):
        return {"xlsx": write_hours_workbook(folder / "hours.xlsx", pack, facts)}
    written = write_projects(found.projects, folder)
    written["xlsx"] = write_project_workbook(folder / "projects.xlsx", pack, facts, found.projects)
    if facts["pareto"] is not None:
        letters = lettering()
        subject = subject_of(pack, Subject.from_dict(facts["subject"]), letters, tests=False)
        title = letters.said("费用与覆盖", "Cost and coverage")
        caption = Caption(title, subject, pack.manifest.is_demonstration, letters)
        written["png"] = save_chart(front_chart(pd.DataFrame(facts["pareto"]["points"]), caption), folder / "front.png")
    return written
