"""A pack from the user's own files: streets from OSM, districts, a register, demand and candidate sites."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geoplan.crs import SOURCE_CRS, metric_crs
from geoplan.errors import FaultLog, InputError
from geoplan.pack.derived import street_candidates, street_demand
from geoplan.pack.imports import Imported, import_points, import_polygons
from geoplan.pack.layers import WORKER_COLUMNS
from geoplan.pack.manifest import FileEntry, Manifest, write_manifest
from geoplan.pack.model import CityPack, locate
from geoplan.sources.evidence import Reference
from geoplan.sources.streets import Streets

__all__ = ["Created", "create_pack"]

MARGIN_M: Final = 3_000.0  # beyond the area: longer than any 15-minute walk, so that border points keep their routes


@dataclass(frozen=True, slots=True)
class Created:
    """A new pack and what was noticed while making it.

    Parameters
    ----------
    pack : CityPack
        The pack, opened from the folder.
    notes : tuple of str
        What a user should know, a sentence each: assumptions made, rows set aside, defects of the street file.
    """

    pack: CityPack
    notes: tuple[str, ...]


def create_pack(
    directory: str | Path,
    *,
    osm: str | Path | Sequence[str | Path],
    districts: str | Path,
    stations: str | Path | None = None,
    demand: str | Path | None = None,
    candidates: str | Path | None = None,
    towns: str | Path | None = None,
    only_districts: tuple[str, ...] = (),
    name_zh: str = "",
    name_en: str = "",
    source_crs: str = "",
    districts_crs: str = "",
    progress: Callable[[str], None] | None = None,
) -> Created:
    """Build a pack folder from the user's files and open it.

    Parameters
    ----------
    directory : str or pathlib.Path
        The folder to make; must not hold a pack yet.
    osm : str or pathlib.Path, or sequence of them
        Streets: .osm.pbf, .osm(.gz|.bz2), raw Overpass .json(.gz), OSMnx .graphml(.gz), .gpkg or .parquet of lines.
        Several OSM extracts are joined.
    districts : str or pathlib.Path
        District polygons with a code and a name.
    stations, demand, candidates : str or pathlib.Path, optional
        Tables or point layers. Without stations the city begins from none; without demand, points along the streets
        weighted by street length stand in; without candidates, street corners on a 400 m grid.
    towns : str or pathlib.Path, optional
        Town polygons or points.
    only_districts : tuple of str
        Names or codes of the districts to keep; all by default.
    name_zh, name_en : str
        Name of the area; taken from the districts where empty.
    source_crs : {"", "wgs84", "cgcs2000", "gcj02", "bd09"}
        Coordinate system of the tables. Empty: what each table declares.
    districts_crs : {"", "wgs84", "cgcs2000", "gcj02", "bd09"}
        Coordinate system of the outlines. Empty: worked out where it can be, else WGS-84.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Created
        The pack and the notes.

    Raises
    ------
    InputError
        With all faults of the files.
    """
    folder = Path(directory)
    if (folder / "pack.toml").exists():
        raise InputError(f"{folder} holds a pack already; remove it or name another folder")
    for crs in (source_crs, districts_crs):
        if crs and crs not in SOURCE_CRS:
            raise InputError(f"there is no coordinate system {crs!r}; use one of {', '.join(SOURCE_CRS)}")
    say = progress or (lambda _: None)
    notes: list[str] = []

    say("reading the districts")
    areas = import_polygons(Path(districts), "districts", districts_crs)
    frame = _selected(areas.frame, only_districts, Path(districts).name)
    west, south, east, north = (float(value) for value in frame.total_bounds)
    crs = metric_crs((west + east) / 2, (south + north) / 2)

    say("reading the streets")
    streets = Streets.read(osm, area=frame.union_all(), margin_m=MARGIN_M)
    if streets.edges.empty:
        raise InputError(
            f"{streets.source}: no street lies within the districts; check that both are of the same place"
        )
    bounds = (west - 0.5, south - 0.5, east + 0.5, north + 0.5)

    say("reading the tables")
    reference = Reference.from_frames(crs_metric=crs, streets=streets.edges, districts=frame)
    paths = {"stations": stations, "demand": demand, "candidates": candidates, "towns": towns}
    tables = {
        name: import_points(Path(path), name, bounds, reference, source_crs)
        for name, path in paths.items()
        if path is not None
    }
    area = frame.to_crs(crs).union_all()
    if only_districts:
        # a file of the whole city beside one of its districts is common: the rest is set aside, not a mistake
        reach = {"stations": MARGIN_M, "demand": 0.0, "candidates": 0.0, "towns": 0.0}
        why = "outside the chosen districts"
        tables = {name: part.within(area, crs, reach[name], why) for name, part in tables.items()}
    _require_positions(tables, area, crs)
    for part in (areas, *tables.values()):
        notes.extend(part.notes)

    layers: dict[str, gpd.GeoDataFrame] = {name: part.frame for name, part in tables.items()}
    say("filling what was not given")
    walkable = streets.edges
    if "stations" not in layers:
        layers["stations"] = _no_stations()
        notes.append("No register was given: there is no station yet, and every plan begins from nothing.")
    unit = "workers"
    if "demand" not in layers:
        layers["demand"] = street_demand(walkable, frame, crs)
        unit = "street_m"
        notes.append(
            "No demand file was given: points along the streets, weighted by metres of street, stand in for it. "
            "Coverage is then a share of street length, not of workers."
        )
    elif not set(WORKER_COLUMNS) & set(layers["demand"].columns):
        layers["demand"], unit, note = _without_workers(layers["demand"])
        notes.append(note)
    if "candidates" not in layers:
        layers["candidates"] = street_candidates(walkable, frame, crs)
        notes.append(
            f"No candidate file was given: {len(layers['candidates']):,} street corners, one in each 400 m square, "
            "stand in for it. They are positions, not premises."
        )
    for name in ("stations", "demand", "candidates"):
        _fill_district(layers[name], frame)

    say("writing the pack")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        # the folder appears whole or not at all
        staged = Path(temporary) / "pack"
        staged.mkdir()
        files = _write(staged, streets, frame, layers, paths | {"districts": districts})
        for part in (areas, *tables.values()):
            notes.extend(part.set_aside(staged))
        names = "、".join(str(name) for name in frame["name"])
        manifest = Manifest(
            name_zh=name_zh or names,
            name_en=name_en or name_zh or names,
            area=f"{name_zh}（{names}）" if name_zh and name_zh != names else names,
            area_en=name_en or names,
            crs_metric=crs,
            origin="user",
            demand_unit=unit,
            cost_unit=tables["candidates"].cost_unit if "candidates" in tables else "",
            attribution=(streets.attribution,) if streets.attribution else (),
            notes=tuple(notes),
            files=MappingProxyType(files),
        )
        write_manifest(manifest, staged)
        say("checking the pack")
        CityPack.open(staged)
        _settle(staged, folder)
    return Created(CityPack.open(folder), tuple(notes))


def _no_stations() -> gpd.GeoDataFrame:
    """Return a register with a header and no row."""
    columns = {name: pd.Series(dtype=object) for name in ("station_code", "name", "opening_hours", "status")}
    columns |= {name: pd.Series(dtype=float) for name in ("lon", "lat")}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs="EPSG:4326"))


def _without_workers(demand: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, str, str]:
    """Weigh demand points that carry no workers: by residents where there are any, else alike."""
    if "residents" in demand.columns and demand["residents"].sum() > 0:
        empty = int((demand["residents"] == 0).sum())
        note = "The demand file counts residents, not workers: coverage is a share of residents."
        note += f" {empty} of {len(demand)} points have none and count 0." if empty else ""
        return demand.assign(workers=demand["residents"]), "residents", note
    lacks = "no resident" if "residents" in demand.columns else "no column of workers"
    note = f"The demand file has {lacks}: every demand point counts 1, and coverage is a share of points."
    return demand, "points", note


def _settle(staged: Path, folder: Path) -> None:
    """Move the finished files into the folder, the manifest last; a folder of the user's own is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == "pack.toml"):
        path.replace(folder / path.name)


def _selected(districts: gpd.GeoDataFrame, wanted: tuple[str, ...], file: str) -> gpd.GeoDataFrame:
    if not wanted:
        return districts
    log = FaultLog(file)
    known = set(districts["district_code"]) | set(districts["name"])
    for name in wanted:
        if name not in known:
            log.add(f"there is no district {name!r}", f"use one of {', '.join(districts['name'])}")
    log.raise_if_any()
    keep = districts["district_code"].isin(wanted) | districts["name"].isin(wanted)
    return districts[keep].reset_index(drop=True)


def _require_positions(tables: dict[str, Imported], area: shapely.Geometry, crs: str) -> None:
    log = FaultLog()
    for part in tables.values():
        log.extend(part.faults)
        log.extend(part.far_away(area, crs))
        if part.frame.empty and not part.faults:
            log.add("no record has a position", "give WGS-84 degrees in lon and lat", file=part.file)
    log.raise_if_any()


def _fill_district(frame: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> None:
    """Give every record the code of the district it lies in; a register's own wording is kept beside it."""
    known = set(districts["district_code"])
    if "district_code" in frame.columns and not frame["district_code"].dropna().isin(known).all():
        frame.rename(columns={"district_code": "district_as_given"}, inplace=True)  # noqa: PD002 - a frame of our own
    if "district_code" not in frame.columns:
        frame["district_code"] = locate(frame, districts, "district_code")


def _write(
    folder: Path,
    streets: Streets,
    districts: gpd.GeoDataFrame,
    layers: dict[str, gpd.GeoDataFrame],
    given: dict[str, str | Path | None],
) -> dict[str, FileEntry]:
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    files: dict[str, FileEntry] = {}
    streets.write(folder / "streets.parquet")
    files["streets"] = FileEntry(
        "streets.parquet",
        streets.source,
        today,
        "ODbL 1.0" if streets.attribution else "",
        tuple(note.sentence() for note in streets.report.notes),
    )
    districts.to_file(folder / "districts.gpkg", layer="districts")
    files["districts"] = FileEntry("districts.gpkg", Path(str(given["districts"])).name, today)
    for name, frame in layers.items():
        path = f"{name}.csv"
        table = pd.DataFrame(frame.drop(columns="geometry"))
        table.to_csv(folder / path, index=False, encoding="utf-8-sig")
        origin = given.get(name)
        derived = "none given" if name == "stations" else "derived from the streets by geoplan"
        source = Path(str(origin)).name if origin is not None else derived
        files[name] = FileEntry(path, source, today)
    return files
