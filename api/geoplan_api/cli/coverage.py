"""``geoplan coverage``: is the service circle met, by city, district and town."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from geoplan import CityPack
from geoplan.coverage import Coverage, compare
from geoplan.planning import City, CoverageQuestion, answer
from geoplan.report import subject_words, when_words
from geoplan_api.cli.asking import asks
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import bullets, console, demonstration_strip, emit_json, figures_table

__all__ = ["coverage", "coverage_lines"]


@asks(CoverageQuestion)
def coverage(
    pack: PackArgument,
    asked: CoverageQuestion,
    before: Annotated[Path | None, typer.Option(help="A pack of an earlier state to compare with.")] = None,
    towns: Annotated[bool, typer.Option(help="List the towns too.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="As wide as the table needs, whatever the terminal.")] = False,
    json: JsonFlag = False,
) -> None:
    """Run the standard's three tests: circle, network, cross coverage."""
    opened = CityPack.open(pack)
    found = answer(City(opened), asked)
    if before is not None:
        past = answer(City(CityPack.open(before)), asked)
        changes = compare(past.coverage.table, found.coverage.table)
        if json:
            emit_json(changes.to_dict("records"))
        else:
            console(wide=wide).print(change_table(changes, towns=towns))
        return
    if json:
        emit_json(found.to_dict())
        return
    out = console(wide=wide)
    demonstration_strip(opened.manifest.is_demonstration, out)
    coverage_lines(found.coverage, out, facts=found.to_dict(), name=opened.manifest.name_zh, towns=towns)


def change_table(changes: pd.DataFrame, *, towns: bool) -> Table:
    """Return two states side by side."""
    shown = changes if towns else changes[changes["level"] != "town"]
    rows = [
        (
            f"{row['share_before']:.1%}",
            f"{row['share_after']:.1%}",
            f"{100 * row['share_change']:+.1f}",
            row["test"],
            row["hours"],
            row["area_name"],
        )
        for row in shown.to_dict("records")
    ]
    return figures_table(["before", "after", "points", "test", "hours", ""], rows, names=3)


def coverage_lines(
    result: Coverage,
    out: Console,
    *,
    facts: dict[str, Any] | None = None,
    name: str = "",
    towns: bool = False,
    notes: bool = True,
) -> None:
    """Print the three tests as a table with what they are a share of, and the assumptions behind them.

    Figures stand first, so that none is lost on a narrow terminal; names come last and wrap.
    """
    told = result.to_dict() if facts is None else facts
    subject = result.subject
    moments = ["any"] if subject.at == "any" else ["at", "any"]
    heads = {"any": "不计\n时间\nany\ntime", "at": "该时\nthen"}
    columns = []
    for moment in moments:
        columns += [f"{test}\n{heads[moment]}" for test in ("网络", "圆", f"交叉≥{subject.k}")]
    rows = []
    for area in told["areas"]:
        if area["level"] == "town" and not towns:
            continue
        cells = []
        for moment in moments:
            for test in ("network", "circle", "cross"):
                share = area["tests"][test][moment]["share"]
                cells.append("–" if share is None else f"{share:.1%}")
        indent = {"city": "", "district": " "}.get(area["level"], "  ")
        called = "全市 all" if area["level"] == "city" else area["area_name"]
        rows.append([*cells, f"{area['demand']:,.0f}", f"{indent}{called}"])
    asked_zh, asked = "15分钟服务圈达标了吗？", "Is the service circle met?"
    out.print(f"[bold]{asked_zh} {asked}[/]  {name or subject.city}")
    out.print(f"[bold]{when_words(subject, 'zh')} · {when_words(subject, 'en')}[/]")
    out.print(figures_table([*columns, "需求\ndemand", "区域\narea"], rows, names=1))
    stations = told["stations"]
    out.print(
        f"[dim]{subject_words(subject, 'zh')}\n{subject_words(subject, 'en')}\n"
        f"origin {subject.origin} · data {subject.data_version or '–'} · "
        f"{stations['operating']:,} of {stations['registered']:,} stations operating[/]"
    )
    if "at" in moments:
        out.print(
            f"[dim]{stations['open']:,} open then; {stations['unknown_hours']:,} with unknown hours and "
            f"{stations['unparsed_hours']:,} with hours nobody can read count as not open[/]"
        )
    far_demand, far_stations = told["demand"]["off_network"], stations["off_network"]
    if far_demand or far_stations:
        far = f"{far_demand:,} demand points and {far_stations:,} stations lie too far from any street"
        out.print(bullets([f"{far}; they count as not covered"]))
    if notes and told["notes"]:
        out.print(bullets(told["notes"], style="dim"))
