"""``geoplan pack``: make, check and fetch city packs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoplan import CityPack
from geoplan.coverage import check_pack_inputs
from geoplan.demand import build_pack_demand
from geoplan.pack.create import create_pack
from geoplan.pack.describe import describe
from geoplan_api.cli.output import console, demonstration_strip, emit_json, error_console, table

__all__ = ["app"]

app = typer.Typer(
    help="Make, check and fetch city packs: one folder with everything known about a city.", no_args_is_help=True
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def check(directory: Annotated[Path, typer.Argument(help="The pack folder.")], json: JsonFlag = False) -> None:
    """Say what is in a pack and what is wrong with it."""
    opened = CityPack.open(directory)
    remarks = check_pack_inputs(opened)
    show(opened, json, tuple(fault.sentence() for fault in remarks.faults))


@app.command()
def demand(
    directory: Annotated[Path, typer.Argument(help="A pack whose pack.toml has a [demand_recipe].")],
    json: JsonFlag = False,
) -> None:
    """Build the demand of a pack from the recipe in its pack.toml: rasters, hexagons, places, streets, counts."""
    built = build_pack_demand(directory)
    workers, left_out = float(built.frame["workers"].sum()), [fault.sentence() for fault in built.faults]
    if json:
        facts = {"points": len(built.frame), "workers": workers}
        emit_json(facts | {"assumptions": list(built.assumptions), "left_out": left_out})
        return
    out = console()
    out.print(f"{len(built.frame):,} demand points, {workers:,.0f} workers")
    for line in (*built.assumptions, *left_out):
        out.print(f"[yellow]•[/] {line}", markup=True)


@app.command()
def fetch(
    place: Annotated[str, typer.Argument(help='Name of a place, e.g. "无锡市".')],
    out: Annotated[Path, typer.Option(help="The .parquet or .gpkg to write; give it to 'pack init --osm'.")] = Path(
        "streets.parquet"
    ),
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps the server's answers.")] = None,
    json: JsonFlag = False,
) -> None:
    """Download the streets of a place from OpenStreetMap (needs the internet once)."""
    from geoplan.sources.fetch import fetch_streets  # brings OSMnx, which no other verb needs

    streets = fetch_streets(place, cache or out.parent / f"{out.stem}-answers")
    streets.write(out)
    facts = {"place": place, "edges": len(streets), "file": str(out), "attribution": streets.attribution}
    facts |= {"notes": [note.sentence() for note in streets.report.notes]}
    if json:
        emit_json(facts)
    else:
        console().print(f"written: {out} ({len(streets):,} street edges, {streets.attribution})")


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="The folder to make.")],
    osm: Annotated[
        list[Path],
        typer.Option(
            help="Streets: .osm.pbf, .osm(.gz|.bz2), Overpass .json(.gz), .graphml(.gz), lines; repeat it for OSM "
            "extracts that meet."
        ),
    ],
    districts: Annotated[Path, typer.Option(help="District polygons: .geojson, .gpkg, .shp, .parquet.")],
    stations: Annotated[
        Path | None, typer.Option(help="The register: .xlsx, .xls, .csv, .geojson, .gpkg; no station yet without it.")
    ] = None,
    demand: Annotated[
        Path | None, typer.Option(help="Demand points with workers; metres of street without it.")
    ] = None,
    candidates: Annotated[Path | None, typer.Option(help="Candidate sites; street corners without it.")] = None,
    towns: Annotated[Path | None, typer.Option(help="Towns and streets: points or polygons.")] = None,
    district: Annotated[
        list[str] | None, typer.Option(help="Keep only this district (name or code); repeatable.")
    ] = None,
    name_zh: Annotated[str, typer.Option(help="Name of the area in Chinese.")] = "",
    name_en: Annotated[str, typer.Option(help="Name of the area in English.")] = "",
    crs: Annotated[str, typer.Option(help="System of the tables: wgs84, gcj02, bd09; as declared without it.")] = "",
    districts_crs: Annotated[
        str, typer.Option(help="System of the outlines: wgs84, gcj02, bd09; worked out without it.")
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Build a pack from your own files."""
    progress = error_console()
    created = create_pack(
        directory,
        osm=osm,
        districts=districts,
        stations=stations,
        demand=demand,
        candidates=candidates,
        towns=towns,
        only_districts=tuple(district or ()),
        name_zh=name_zh,
        name_en=name_en,
        source_crs=crs,
        districts_crs=districts_crs,
        progress=None if json else lambda step: progress.print(f"  [dim]{step} …[/]"),
    )
    show(created.pack, json)


def show(pack: CityPack, as_json: bool, remarks: tuple[str, ...] = ()) -> None:
    """Print what a pack holds, and remarks on its records that do not stop the work."""
    summary = describe(pack) | {"remarks": list(remarks)}
    if as_json:
        emit_json(summary)
        return
    out = console()
    demonstration_strip(pack.manifest.is_demonstration, out)
    out.print(
        f"[bold]{summary['name_zh']} · {summary['name_en']}[/]  {summary['area']}  [dim]{summary['crs_metric']}[/]"
    )
    rows = [
        (layer["layer"], f"{layer['records']:,}", layer["path"], layer["source"], layer["date"], layer["licence"])
        for layer in summary["layers"]
    ]
    grid = table("", ["layer", "records", "file", "source", "date", "licence"], rows)
    for column in grid.columns[2:]:
        column.justify = "left"
    out.print(grid)
    out.print(f"demand: {summary['total_demand']:,.0f} {summary['demand_unit']}")
    for note in summary["notes"]:
        out.print(f"[yellow]•[/] {note}")
    for line in remarks[:20]:
        out.print(f"[dark_orange]![/] {line}")
    if len(remarks) > 20:
        out.print(f"[dark_orange]![/] … and {len(remarks) - 20} more (--json lists all)")
    out.print("[green]The pack is sound.[/]" if not remarks else f"The pack opens, with {len(remarks)} remarks.")
