"""``geoplan coverage``: is the service circle met, by city, district and town."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console

from geoplan import CityPack
from geoplan.coverage import Coverage, compare, coverage_of
from geoplan.pack import network_of
from geoplan_api.cli.cell import cell_facts, cell_lines
from geoplan_api.cli.common import JsonFlag, PackArgument, parse_instant, read_polygons
from geoplan_api.cli.output import console, demonstration_strip, emit_json, table

__all__ = ["coverage", "coverage_lines"]


def coverage(
    pack: PackArgument,
    at: Annotated[
        str | None, typer.Option(help="An instant, local time: 2026-11-20T12:30 or now. Without it: any time.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    limit_min: Annotated[
        float | None, typer.Option(help="Limit of the network test, minutes.", min=0.1, max=240)
    ] = None,
    radius_m: Annotated[float | None, typer.Option(help="Radius of the circle test, metres.", min=1)] = None,
    k: Annotated[int, typer.Option(help="Stations that cross coverage asks for.", min=1, max=20)] = 2,
    slice_code: Annotated[str | None, typer.Option("--slice", help="A time slice of the day, e.g. 12-15.")] = None,
    trade: Annotated[str, typer.Option(help="One trade of workers, e.g. courier.")] = "all",
    facilities: Annotated[str, typer.Option(help="Facilities needed within reach, e.g. toilet,microwave.")] = "",
    polygon: Annotated[Path | None, typer.Option(help="Further areas to report: a file of polygons.")] = None,
    before: Annotated[Path | None, typer.Option(help="A pack of an earlier state to compare with.")] = None,
    towns: Annotated[bool, typer.Option(help="List the towns too.")] = False,
    json: JsonFlag = False,
) -> None:
    """Run the standard's three tests: circle, network, cross coverage."""
    opened = CityPack.open(pack)
    instant = parse_instant(at, opened.manifest.timezone)
    network = network_of(opened, profile)
    if slice_code is not None or trade != "all" or facilities:
        cell = cell_facts(
            opened,
            network,
            at=instant,
            slice_code=slice_code,
            trade=trade,
            facilities=facilities,
            limit_s=opened.manifest.defaults.limit_s if limit_min is None else limit_min * 60.0,
            k=k,
        )
        if json:
            emit_json(cell)
        else:
            cell_lines(cell, console(), towns=towns)
        return
    result = coverage_of(
        opened,
        network,
        limit_s=None if limit_min is None else limit_min * 60.0,
        radius_m=radius_m,
        k=k,
        at=instant,
        polygon=None if polygon is None else read_polygons(polygon),
    )
    if before is not None:
        earlier = CityPack.open(before)
        limit_s = None if limit_min is None else limit_min * 60.0
        past = coverage_of(earlier, network_of(earlier, profile), limit_s=limit_s, radius_m=radius_m, k=k, at=instant)
        change_lines(compare(past.table, result.table), json)
        return
    if json:
        emit_json(result.to_dict())
        return
    out = console()
    demonstration_strip(opened.manifest.is_demonstration, out)
    coverage_lines(result, out, towns=towns)


def change_lines(changes: pd.DataFrame, as_json: bool) -> None:
    """Print two states side by side."""
    if as_json:
        emit_json(changes.to_dict("records"))
        return
    shown = changes[changes["level"] != "town"].to_dict("records")
    rows = [
        (
            row["area_name"],
            row["test"],
            row["hours"],
            f"{row['share_before']:.1%}",
            f"{row['share_after']:.1%}",
            f"{100 * row['share_change']:+.1f}",
        )
        for row in shown
    ]
    heads = ["", "test", "hours", "before", "after", "points"]
    console().print(table("", heads, rows, left=3))


def coverage_lines(result: Coverage, out: Console, *, towns: bool = False, notes: bool = True) -> None:
    """Print the three tests as a table with what they are a share of, and the assumptions behind them."""
    facts = result.to_dict()
    subject: dict[str, Any] = facts["subject"]
    moments = ["any"] if subject["at"] == "any" else ["any", "at"]
    heads = {"any": "any time", "at": subject["at"][5:16].replace("T", " ")}
    columns = ["", "需求\ndemand"]
    for moment in moments:
        columns += [f"{name}\n{heads[moment]}" for name in ("圆", "网络", f"交叉≥{subject['k']}")]
    rows = []
    for area in facts["areas"]:
        if area["level"] == "town" and not towns:
            continue
        indent = {"city": "", "district": "  "}.get(area["level"], "    ")
        cells = [f"{indent}{area['area_name']}", f"{area['demand']:,.0f}"]
        for moment in moments:
            for test in ("circle", "network", "cross"):
                share = area["tests"][test][moment]["share"]
                cells.append("–" if share is None else f"{share:.1%}")
        rows.append(cells)
    out.print(f"[bold]15分钟服务圈达标了吗？ Is the 15-minute circle met?[/]  {subject['city']}")
    out.print(table("", columns, rows))
    stations = facts["stations"]
    out.print(
        f"[dim]of {subject['demand_total']:,.0f} {subject['demand_unit']} · {subject['profile']} "
        f"{subject['limit_s'] / 60:g} min · circle {subject['radius_m']:g} m · cross ≥ {subject['k']} · "
        f"origin {subject['origin']} · {stations['operating']:,} of {stations['registered']:,} stations operating[/]"
    )
    if "at" in moments:
        out.print(
            f"[dim]{stations['open']:,} open at that instant; {stations['unknown_hours']:,} with unknown hours and "
            f"{stations['unparsed_hours']:,} with hours nobody can parse count as not open[/]"
        )
    far_demand, far_stations = facts["demand"]["off_network"], stations["off_network"]
    if far_demand or far_stations:
        out.print(
            f"[yellow]•[/] {far_demand:,} demand points and {far_stations:,} stations lie too far from any street; "
            "they count as not covered"
        )
    for note in facts["notes"] if notes else []:
        out.print(f"[yellow]•[/] {note}")
