"""Coverage as map layers for QGIS and the like: GeoPackage with all layers, GeoJSON with its origin inside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.coverage.analysis import Analysis
from geoplan.pack import CityPack
from geoplan.report.words import BANNER_EN, BANNER_ZH

__all__ = ["coverage_layers", "write_geojson", "write_geopackage"]

WGS84 = "EPSG:4326"


def coverage_layers(pack: CityPack, analysis: Analysis) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of an analysis: ``districts``, ``demand``, ``stations`` and ``gaps``, all EPSG:4326.

    Every record carries ``origin``; shares of a district are those at the instant of the analysis.
    """
    origin = pack.manifest.origin
    coverage = analysis.coverage
    hours = "any" if coverage.subject.at == "any" else "at"
    table = coverage.table
    rows = table[(table["level"] == "district") & (table["hours"] == hours)]
    shares = rows.pivot_table(index="area_code", columns="test", values="share", dropna=False).add_prefix("share_")
    districts = pack.districts[["district_code", "name", "geometry"]].merge(
        shares, left_on="district_code", right_index=True, how="left"
    )
    keys = [name for name in ("demand_id", "district_code", "town_code", "workers") if name in pack.demand]
    demand = pack.demand[[*keys, "geometry"]].copy()
    demand["covered"] = coverage.covered
    demand["nearest_s"] = np.where(np.isfinite(coverage.nearest_s), coverage.nearest_s, np.nan)
    demand["gap_rank"] = analysis.gaps.member
    keep = [n for n in ("station_code", "name", "district_code", "opening_hours", "status") if n in pack.stations]
    stations = pack.stations[[*keep, "geometry"]].merge(
        analysis.critical[["station_code", "lost", "reached", "redundancy", "rank"]], on="station_code", how="left"
    )
    layers = {"districts": districts, "demand": demand, "stations": stations, "gaps": analysis.gaps.frame.copy()}
    return {name: gpd.GeoDataFrame(frame.assign(origin=origin), crs=WGS84) for name, frame in layers.items()}


def write_geopackage(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> Path:
    """Write layers into one GeoPackage (replaced if it is there); returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    for name, frame in layers.items():
        frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    return path


def write_geojson(path: Path, frame: gpd.GeoDataFrame, *, demonstration: bool, attribution: Sequence[str] = ()) -> Path:
    """Write one layer as GeoJSON (RFC 7946, WGS-84) with its attribution and, where it applies, the banner inside.

    Parameters
    ----------
    path : pathlib.Path
        ``.geojson``; replaced if it is there.
    frame : geopandas.GeoDataFrame
        A layer in a stated CRS.
    demonstration : bool
        Whether the records are generated.
    attribution : sequence of str
        Lines that a map of it must carry.
    """
    plain = frame.to_crs(WGS84)
    floats = [n for n in plain.columns if n != plain.geometry.name and pd.api.types.is_float_dtype(plain[n])]
    plain = plain.assign(**{n: plain[n].astype(object).where(plain[n].notna(), None) for n in floats})
    document = json.loads(plain.to_json(drop_id=True))
    document.pop("crs", None)  # RFC 7946 knows only WGS-84
    head = {"type": document.pop("type"), "attribution": list(attribution)}
    if demonstration:
        head["notice"] = f"{BANNER_ZH} / {BANNER_EN}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**head, **document}, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    return path
