"""The user's tables and outlines as canonical frames: columns found by their wording, positions in WGS-84."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan.crs import in_china
from geoplan.errors import Fault, FaultLog
from geoplan.pack.layers import FAR_M, LAYER_SPECS, WGS84, WORKER_COLUMNS
from geoplan.sources.columns import ColumnMap, map_columns
from geoplan.sources.coordinates import Positions, parse_coordinates, to_wgs84
from geoplan.sources.crsfit import determine_crs
from geoplan.sources.evidence import Reference
from geoplan.sources.money import read_costs
from geoplan.sources.outlines import outlines_crs, outlines_to_wgs84
from geoplan.sources.tables import RawTable, read_table

__all__ = ["Imported", "import_points", "import_polygons"]

# which vocabulary a layer's headers are matched against, and the field that names a record there
KINDS: Final = {
    "stations": ("stations", "station_code", "S"),
    "demand": ("demand", "demand_id", "D"),
    "candidates": ("candidates", "candidate_id", "C"),
    "towns": ("districts", "town_code", "T"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A canonical frame made from one of the user's files.

    Parameters
    ----------
    file : str
        File name, for messages.
    frame : geopandas.GeoDataFrame
        Canonical columns first, the file's other columns after them.
    notes : tuple of str
        What was assumed or set aside.
    faults : tuple of Fault
        What makes the file unusable.
    rejected : pandas.DataFrame
        The file's own rows that are not in the frame, with the reason; nothing is lost.
    rows : numpy.ndarray of int64
        Row of each record in the file, as a spreadsheet counts.
    cost_unit : str
        Unit of the candidates' costs; empty where the file says none.
    """

    file: str
    frame: gpd.GeoDataFrame
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]
    rejected: pd.DataFrame
    rows: npt.NDArray[np.int64]
    cost_unit: str = ""

    def within(self, area: shapely.Geometry, crs: str, reach_m: float, reason: str) -> Imported:
        """Set aside the records farther than ``reach_m`` from an area given in ``crs``; they are written, not lost."""
        near = self.frame.geometry.to_crs(crs).distance(area).to_numpy() <= reach_m
        if near.all():
            return self
        out = pd.DataFrame(self.frame[~near].drop(columns="geometry"))
        out.insert(0, "row", self.rows[~near])
        out["reason"] = reason
        rejected = pd.concat([part for part in (self.rejected, out) if len(part)], ignore_index=True)
        kept = self.frame[near].reset_index(drop=True)
        return replace(self, frame=kept, rows=self.rows[near], rejected=rejected)

    def far_away(self, area: shapely.Geometry, crs: str) -> list[Fault]:
        """Return a fault for every record so far from an area (in ``crs``) that its position must be wrong."""
        distance_m = self.frame.geometry.to_crs(crs).distance(area).to_numpy()
        lon, lat = self.frame["lon"].to_numpy(), self.frame["lat"].to_numpy()
        return [
            Fault(
                f"({lon[i]:.5f}, {lat[i]:.5f}) lies {distance_m[i] / 1000:,.0f} km from the districts",
                "correct the position or remove the record",
                self.file,
                int(self.rows[i]),
                "lon, lat",
            )
            for i in np.flatnonzero(~(distance_m <= FAR_M))
        ]

    def set_aside(self, folder: Path) -> list[str]:
        """Write the rejected rows beside the pack's files; returns a note for each file written."""
        if self.rejected.empty:
            return []
        path = folder / f"rejected_{Path(self.file).stem}.csv"
        self.rejected.to_csv(path, index=False, encoding="utf-8-sig")
        reasons = ", ".join(f"{n} × {reason}" for reason, n in self.rejected["reason"].value_counts().items())
        return [f"{self.file}: {len(self.rejected)} rows stand in {path.name}, not in the pack ({reasons})."]


def import_points(
    path: Path, layer: str, bounds: tuple[float, float, float, float], reference: Reference, source_crs: str = ""
) -> Imported:
    """Read a table or point layer into canonical columns.

    Parameters
    ----------
    path : pathlib.Path
        .csv, .xlsx, .xls, .geojson, .gpkg, .parquet …
    layer : {"stations", "demand", "candidates", "towns"}
        What the records are.
    bounds : tuple of four floats
        West, south, east, north, degrees: where positions may lie; decides the order of swapped pairs.
    reference : Reference
        Streets and districts that an undeclared coordinate system is worked out against.
    source_crs : str
        Coordinate system of the file; empty for what it declares itself or the fit to the reference proves. Where
        neither says, WGS-84 is taken and a note says so.
    """
    kind, key, letter = KINDS[layer]
    table = read_table(path)
    columns = map_columns(table.headers, kind)
    positions = parse_coordinates(table, columns, bounds=bounds)
    log = FaultLog(table.name)
    frame = _canonical(table, columns, key, layer)
    system, notes = _system(positions, reference, frame, source_crs, log)
    lon, lat = to_wgs84(positions, system)
    frame["lon"], frame["lat"] = np.round(lon, 7), np.round(lat, 7)
    for name, what in _counts(frame) if layer == "demand" else ():
        frame[name] = _numbers(frame[name], table, columns, name, what, log)
    unit = ""
    if layer == "candidates":
        unit, said = _money(frame, table, columns, log)
        notes.extend(said)
        notes.extend(_capacities(frame, table))
    kept = positions.known
    _repeated(frame[kept], table.row[kept], columns, key, log)
    reasons = _reasons(positions)
    rejected = table.frame[~kept].copy()
    rejected.insert(0, "row", table.row[~kept])
    rejected["reason"] = [reasons.get(int(row), "no position") for row in table.row[~kept]]
    log.extend(_unusable(positions, table))
    if positions.swapped.any():
        notes.append(
            f"{table.name}: longitude and latitude of {int(positions.swapped.sum())} rows were exchanged and put right."
        )
    frame = _with_ids(frame, key, letter)[kept].reset_index(drop=True)
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=WGS84)
    made = gpd.GeoDataFrame(frame, geometry=points)
    return Imported(table.name, made, tuple(notes), log.faults, rejected, table.row[kept], unit)


def import_polygons(path: Path, layer: str, source_crs: str = "") -> Imported:
    """Read district outlines into ``district_code``, ``name`` and valid polygons in WGS-84.

    Without ``source_crs`` their system is worked out (:func:`geoplan.sources.outlines.outlines_crs`).
    """
    table = read_table(path)
    columns = map_columns(table.headers, "districts")
    log = FaultLog(table.name)
    notes: list[str] = []
    if table.geometry is None:
        log.add("holds no outlines", "give polygons as .geojson, .gpkg, .shp or .parquet")
        log.raise_if_any()
    frame = _canonical(table, columns, "district_code", layer)
    shapes = gpd.GeoSeries(table.geometry.to_numpy(), crs=WGS84)  # type: ignore[union-attr]
    polygonal = shapes.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    for i in np.flatnonzero(~polygonal)[:20]:
        log.add("the record has no polygon", "remove it or give its outline", row=int(table.row[i]), field="geometry")
    log.raise_if_any()
    if "name" in frame.columns and not source_crs:
        source_crs, why = outlines_crs(shapes, list(frame["name"]), table.headers)
        if source_crs != "wgs84":
            notes.append(f"{table.name}: converted from {source_crs} ({why}); say --districts-crs if that is wrong.")
    shapes = outlines_to_wgs84(shapes, source_crs)
    broken = ~shapes.is_valid.to_numpy()
    if broken.any():
        shapes = shapes.make_valid()
        notes.append(f"{table.name}: {int(broken.sum())} outlines crossed themselves and were repaired.")
    if "name" not in frame.columns:
        frame["name"] = [f"区域{i + 1}" for i in range(len(frame))]
        notes.append(f"{table.name}: no column of names was found; the districts are numbered.")
    result = gpd.GeoDataFrame(_with_ids(frame, "district_code", "A"), geometry=shapes.to_numpy(), crs=WGS84)
    return Imported(table.name, result, tuple(notes), (), pd.DataFrame(), table.row)


def _canonical(table: RawTable, columns: ColumnMap, key: str, layer: str) -> pd.DataFrame:
    """Rename the matched columns, keep the others, and turn empty cells into None."""
    if layer == "towns":
        # towns are read with the districts' words: their own code and name
        wanted = {
            columns.header("town_code") or columns.header("district_code"): "town_code",
            columns.header("name"): "name",
        }
    else:
        wanted = {header: name for name, header in columns.fields.items()}
    frame = table.frame.rename(columns={header: name for header, name in wanted.items() if header is not None})
    coordinate_headers = {pair.lon for pair in columns.coordinates} | {pair.lat for pair in columns.coordinates}
    spare = [name for name in frame.columns if name in coordinate_headers or name in ("lon", "lat", "geometry")]
    frame = frame.drop(columns=spare)
    first = [name for name in (key, *LAYER_SPECS[layer].required, *wanted.values()) if name in frame.columns]
    frame = frame[[*dict.fromkeys(first), *[name for name in frame.columns if name not in first]]]
    return frame.replace("", None)


def _with_ids(frame: pd.DataFrame, key: str, letter: str) -> pd.DataFrame:
    """Give records without an id the next free one of the form S0001."""
    if key not in frame.columns:
        frame.insert(0, key, None)
    ids = frame[key].astype(object).to_numpy().copy()
    taken = {str(value) for value in ids if value is not None}
    width = max(4, len(str(len(ids))))
    number = 0
    for i, value in enumerate(ids):
        if value is None:
            number += 1
            while f"{letter}{number:0{width}d}" in taken:
                number += 1
            ids[i] = f"{letter}{number:0{width}d}"
    frame[key] = ids
    if "name" not in frame.columns:
        frame["name"] = frame[key]
    return frame


def _counts(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the columns that demand is counted in and what they count: workers, residents where there are none."""
    found = [(name, "workers") for name in WORKER_COLUMNS if name in frame.columns]
    return found or [(name, "residents") for name in ("residents",) if name in frame.columns]


def _numbers(
    cells: pd.Series[str], table: RawTable, columns: ColumnMap, name: str, what: str, log: FaultLog
) -> pd.Series[float]:
    numbers = pd.to_numeric(
        cells.str.replace(",", "", regex=False) if cells.dtype == object else cells, errors="coerce"
    )
    bad = numbers.isna() | (numbers < 0)
    for i in np.flatnonzero(bad.to_numpy())[:50]:
        header = columns.header(name) or name
        log.add(
            f"{cells.iloc[i]!r} is not a number of {what}", "give a number ≥ 0", row=int(table.row[i]), field=header
        )
    return numbers.astype(np.float64)


def _repeated(frame: pd.DataFrame, rows: npt.NDArray[np.int64], columns: ColumnMap, key: str, log: FaultLog) -> None:
    if key not in frame.columns:
        return
    again = (frame[key].duplicated() & frame[key].notna()).to_numpy(bool)
    for row, name in zip(rows[again], frame[key][again], strict=True):
        log.add(f"{name!r} appears twice", "ids must be unique", row=int(row), field=columns.header(key) or key)


def _money(frame: pd.DataFrame, table: RawTable, columns: ColumnMap, log: FaultLog) -> tuple[str, list[str]]:
    """Make the costs numbers of one unit; returns the unit, empty where nothing says, and what should be known."""
    if "cost" not in frame.columns:
        return "", []
    header, cells = columns.header("cost") or "cost", frame["cost"]
    costs = read_costs(list(cells), header)
    for i in np.flatnonzero(costs.values < 0)[:50]:
        log.add(f"{cells.iloc[i]!r} is not a cost", "give a number ≥ 0", row=int(table.row[i]), field=header)
    for i in costs.unitless[:50]:
        log.add(
            f"{cells.iloc[i]!r} has no unit where other costs have one",
            "write the unit in every cell, or once in the header",
            row=int(table.row[i]),
            field=header,
        )
    frame["cost"] = costs.values
    notes = [f"{table.name}: costs are in {costs.unit}; budgets are, too."] if costs.unit else []
    return costs.unit, notes + _left_empty(table, cells, costs.unclear, "costs")


def _capacities(frame: pd.DataFrame, table: RawTable) -> list[str]:
    """Make the capacities numbers; returns which were none."""
    if "capacity" not in frame.columns:
        return []
    cells = frame["capacity"]
    filled = cells.notna().to_numpy(bool)
    texts = cells.fillna("").astype(str).str.replace(r"[\s,，人名]|/天|/日", "", regex=True)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    unclear = np.flatnonzero(filled & ~(numbers >= 0))
    frame["capacity"] = np.where(numbers >= 0, numbers, np.nan)
    return _left_empty(table, cells, unclear, "capacities")


def _left_empty(table: RawTable, cells: pd.Series[str], rows: npt.NDArray[np.int64], what: str) -> list[str]:
    if not len(rows):
        return []
    some = ", ".join(f"{cells.iloc[i]!r} in row {int(table.row[i])}" for i in rows[:5])
    return [
        f"{table.name}: {len(rows)} {what} are no numbers ({some}{' …' if len(rows) > 5 else ''}); they are left empty."
    ]


def _system(
    positions: Positions, reference: Reference, frame: pd.DataFrame, chosen: str, log: FaultLog
) -> tuple[str, list[str]]:
    """Return the coordinate system to read positions in, with a note where it was worked out or assumed."""
    known = positions.known
    if not in_china(positions.lon[known], positions.lat[known]).any():
        return chosen or positions.declared_crs or "wgs84", []  # the systems differ in China only

    def texts(*names: str) -> list[str] | None:
        name = next((name for name in names if name in frame.columns), None)
        return None if name is None else [str(cell or "") for cell in frame[name]]

    verdict = determine_crs(
        positions,
        reference,
        district_of=texts("district", "district_code"),
        address_of=texts("address"),
        name_of=texts("name"),
        chosen=chosen,
    )
    if verdict.crs:
        return verdict.crs, [f"{log.file}: {verdict.reason}."] if verdict.basis == "proven" else []
    if verdict.basis == "ambiguous":
        note = (
            f"{log.file}: the coordinate system is not stated and cannot be told from the positions; "
            "taken as WGS-84 (say --crs gcj02 or bd09 if it is not)."
        )
        return "wgs84", [note]
    log.add(
        verdict.reason, "say which system the file is in with --crs", zh=(verdict.reason_zh, "请用 --crs 指明坐标系")
    )
    return "wgs84", []


def _reasons(positions: Positions) -> dict[int, str]:
    return {fault.row: fault.problem for fault in positions.faults if fault.row is not None}


def _unusable(positions: Positions, table: RawTable) -> list[Fault]:
    """Return the faults of rows whose position is written but cannot be used: these stop the pack."""
    unusable = {int(row) for row in table.row[~positions.known & ~positions.absent]}
    return [fault for fault in positions.faults if fault.row in unusable]
