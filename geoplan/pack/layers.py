"""Reading the layers of a pack: files that QGIS and Excel open, into frames with checked columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.errors
import shapely
from pyarrow import ArrowException

from geoplan.errors import FaultLog

__all__ = ["LAYER_SPECS", "TRADE_COLUMNS", "WORKER_COLUMNS", "LayerSpec", "read_layer"]

WGS84: Final = "EPSG:4326"
TRADE_COLUMNS: Final = (
    "workers_food_rider",
    "workers_courier",
    "workers_ride_hail",
    "workers_sanitation",
    "workers_traffic_police",
    "workers_construction",
    "workers_other",
)
WORKER_COLUMNS: Final = ("workers", *TRADE_COLUMNS)
FAR_M: Final = 50_000.0  # a record farther than this from every district is a mistake, not a neighbour


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """What a layer must hold.

    Parameters
    ----------
    key : str
        Column that names a record; must be present, filled and unique. Empty for layers without one.
    required : tuple of str
        Columns that must be present.
    geometry : {"point", "line", "polygon", "any"}
        Kind of geometry.
    text : tuple of str
        Columns kept as text (codes with leading zeros among them).
    """

    key: str
    required: tuple[str, ...]
    geometry: str
    text: tuple[str, ...] = ()


_CODES: Final = ("district_code", "town_code")
LAYER_SPECS: Final[dict[str, LayerSpec]] = {
    "streets": LayerSpec("", ("u", "v", "highway"), "line", ("highway", "name")),
    "districts": LayerSpec("district_code", ("name",), "polygon", ("district_code",)),
    "towns": LayerSpec("town_code", ("name",), "any", _CODES),
    "stations": LayerSpec(
        "station_code", ("name",), "point", ("station_code", *_CODES, "opening_hours", "public_phone", "contact_phone")
    ),
    "demand": LayerSpec("demand_id", (), "point", ("demand_id", *_CODES)),
    "candidates": LayerSpec("candidate_id", (), "point", ("candidate_id", *_CODES)),
    "key_areas": LayerSpec("area_code", ("name",), "polygon", ("area_code",)),
    "water": LayerSpec("", (), "any"),
    "places": LayerSpec("", ("name",), "any"),
}


def read_layer(path: Path, layer: str, log: FaultLog) -> gpd.GeoDataFrame:
    """Read one layer and check its columns, ids, geometry and numbers.

    Parameters
    ----------
    path : pathlib.Path
        A .parquet, .gpkg, .geojson, .csv or .xlsx file.
    layer : str
        Name in :data:`LAYER_SPECS`.
    log : FaultLog
        Takes the faults; rows are counted as a spreadsheet does.

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:4326 with a plain 0..n-1 index. Empty where the file is unusable (the log says why).
    """
    spec = LAYER_SPECS[layer]
    frame = _read(path, spec, log)
    if frame is None:
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=WGS84))
    missing = [name for name in (spec.key, *spec.required) if name and name not in frame.columns]
    for name in missing:
        log.add("the column is missing", f"add it; the file has {', '.join(map(str, frame.columns[:12]))}", field=name)
    if missing:
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=WGS84))
    if frame.empty and layer == "stations":
        return frame  # a city may begin from no station at all
    if frame.empty:
        log.add("the file holds no record", "give at least one")
        return frame
    if spec.key:
        _check_key(frame, spec.key, log)
    _check_geometry(frame, spec, log)
    if layer == "demand":
        _check_workers(frame, log)
    return frame


def _read(path: Path, spec: LayerSpec, log: FaultLog) -> gpd.GeoDataFrame | None:
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = _read_parquet(path)
        elif suffix == ".csv":
            frame = pd.read_csv(path, encoding="utf-8-sig", dtype=dict.fromkeys(spec.text, str), keep_default_na=True)
        elif suffix == ".xlsx":
            frame = pd.read_excel(path, dtype=dict.fromkeys(spec.text, str))
        elif suffix in {".gpkg", ".geojson", ".json", ".shp", ".fgb"}:
            frame = gpd.read_file(path)
        else:
            log.add(
                f"files of kind {suffix or 'without ending'!r} are not read",
                "use .parquet, .gpkg, .geojson, .csv or .xlsx",
            )
            return None
    except (OSError, ValueError, ArrowException, pyogrio.errors.DataSourceError, pd.errors.ParserError) as error:
        reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        log.add(
            f"cannot be read as {suffix[1:]}: {reason}",
            "save the file again; it may be incomplete or of another format",
        )
        return None
    for name in frame.columns:
        # one kind of missing text, None, whatever the file's format made of an empty cell
        if pd.api.types.is_string_dtype(frame[name].dtype):
            texts = frame[name].to_numpy(dtype=object, copy=True)
            texts[frame[name].isna().to_numpy()] = None
            frame[name] = pd.Series(texts, index=frame.index, dtype=object)
        elif name in spec.text:
            frame[name] = pd.Series(_texts(frame[name]), index=frame.index, dtype=object)
    return _with_geometry(frame, spec, log)


def _texts(cells: Iterable[object]) -> list[str | None]:
    return [None if cell is None or cell is pd.NA or cell != cell else str(cell) for cell in cells]


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = gpd.read_parquet(path)
    except ValueError as error:
        if "geo metadata" not in str(error).lower():
            raise
        frame = pd.read_parquet(path)
    return frame


def _with_geometry(frame: pd.DataFrame, spec: LayerSpec, log: FaultLog) -> gpd.GeoDataFrame | None:
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        if frame.crs is None:
            log.add("no coordinate system is stated", "write it with its CRS, best EPSG:4326")
            return None
        geographic: Any = frame.to_crs(WGS84).reset_index(drop=True)
        name = geographic.active_geometry_name
        frame = geographic if name == "geometry" else geographic.rename_geometry("geometry")
        if spec.geometry == "point" and (frame.geom_type == "Point").all():
            frame["lon"], frame["lat"] = frame.geometry.x, frame.geometry.y
        return frame
    missing = [name for name in ("lon", "lat") if name not in frame.columns]
    for name in missing:
        log.add("the column is missing", "give positions as WGS-84 degrees in lon and lat", field=name)
    if missing:
        return None
    frame = frame.reset_index(drop=True)
    for name in ("lon", "lat"):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        for i in np.flatnonzero(numbers.isna().to_numpy())[:50]:
            log.add(f"'{frame[name].iloc[i]}' is not a number", "give WGS-84 degrees", row=int(i) + 2, field=name)
        frame[name] = numbers.astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NaN positions were reported above
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=WGS84)
    return gpd.GeoDataFrame(frame, geometry=points)


def _check_key(frame: gpd.GeoDataFrame, key: str, log: FaultLog) -> None:
    empty = frame[key].isna() | (frame[key].astype(str).str.strip() == "")
    for i in np.flatnonzero(empty.to_numpy())[:50]:
        log.add("is empty", "give every record its id", row=int(i) + 2, field=key)
    twice = frame[key].duplicated(keep="first") & ~empty
    for i in np.flatnonzero(twice.to_numpy())[:50]:
        log.add(f"{frame[key].iloc[i]!r} appears twice", "ids must be unique", row=int(i) + 2, field=key)


def _check_geometry(frame: gpd.GeoDataFrame, spec: LayerSpec, log: FaultLog) -> None:
    kinds = {"point": {"Point"}, "line": {"LineString"}, "polygon": {"Polygon", "MultiPolygon"}}.get(spec.geometry)
    geometry = frame.geometry
    bad = geometry.isna() | geometry.is_empty
    if kinds is not None:
        bad |= ~geometry.geom_type.isin(kinds)
    for i in np.flatnonzero(bad.to_numpy())[:50]:
        log.add(
            f"the geometry is not a {spec.geometry}", "correct or remove the record", row=int(i) + 2, field="geometry"
        )
    if spec.geometry == "polygon":
        for i in np.flatnonzero(~geometry.is_valid.to_numpy() & ~bad.to_numpy())[:50]:
            reason = shapely.is_valid_reason(geometry.iloc[i])
            log.add(f"the polygon is not valid ({reason})", "repair it", row=int(i) + 2, field="geometry")
    if spec.geometry == "point":
        lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
        outside = (np.abs(lon) > 180) | (np.abs(lat) > 90)
        for i in np.flatnonzero(outside)[:50]:
            swapped = abs(lon[i]) <= 90 and abs(lat[i]) <= 180
            todo = "lon and lat look swapped: exchange them" if swapped else "give WGS-84 degrees"
            log.add(f"({lon[i]:g}, {lat[i]:g}) is not a position on earth", todo, row=int(i) + 2, field="lon, lat")


def _check_workers(frame: gpd.GeoDataFrame, log: FaultLog) -> None:
    for name in WORKER_COLUMNS:
        if name not in frame.columns:
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = (numbers.isna() | ~np.isfinite(numbers.fillna(0.0)) | (numbers < 0)).to_numpy()
        for i in np.flatnonzero(bad)[:50]:
            log.add(
                f"'{frame[name].iloc[i]}' is not a number of workers", "give a number ≥ 0", row=int(i) + 2, field=name
            )
        frame[name] = numbers.astype(np.float64)
