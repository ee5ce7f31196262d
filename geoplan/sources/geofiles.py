"""Features with geometry: GeoJSON as text, GeoPackage and other layers by GDAL."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geoplan.errors import Fault, InputError
from geoplan.sources.textfiles import decode

__all__ = ["read_geojson", "read_layers"]

Records = list[dict[str, Any]]


def read_geojson(path: Path) -> tuple[Records, gpd.GeoSeries, str]:
    """Read a GeoJSON file, values as they stand.

    Parameters
    ----------
    path : Path
        FeatureCollection, single Feature, or a bare list of Features; UTF-8 or GB18030.

    Returns
    -------
    tuple of (list of dict, geopandas.GeoSeries, str)
        Properties and geometry of each feature, and the system the file names (``""``: none; RFC 7946 then means
        WGS-84, but Chinese map portals publish GCJ-02 in the same form, so this proves nothing).

    Raises
    ------
    InputError
        The file is not JSON, holds no features, or a geometry is not readable (all of them named).
    """
    name = path.name
    text, _ = decode(path.read_bytes(), name)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            Fault(
                "the file is not valid JSON",
                "export it again",
                name,
                line,
                problem_zh="不是有效的 JSON",
                todo_zh="请重新导出",
            )
        ) from error
    features = data if isinstance(data, list) else [data]
    declared = ""
    if isinstance(data, dict) and data.get("type") == "FeatureCollection":
        features = data.get("features") or []
        member = data.get("crs")
        if isinstance(member, dict) and isinstance(member.get("properties"), dict):
            declared = str(member["properties"].get("name", ""))
    if not features or not all(isinstance(f, dict) and f.get("type") == "Feature" for f in features):
        raise InputError(
            Fault("the file holds no GeoJSON features", "export a FeatureCollection", name,
                  problem_zh="文件中没有 GeoJSON 要素", todo_zh="请导出 FeatureCollection")
        )  # fmt: skip
    faults: list[Fault] = []
    shapes = []
    for place, feature in enumerate(features):
        try:
            shape = feature.get("geometry")
            shapes.append(None if shape is None else shapely.from_geojson(json.dumps(shape)))
        except (shapely.GEOSException, TypeError):
            shapes.append(None)
            faults.append(
                Fault("the geometry is not readable", "draw it again", name, place + 2, "geometry",
                      problem_zh="几何图形无法读取", todo_zh="请重新绘制")
            )  # fmt: skip
    if faults:
        raise InputError(faults)
    geometry = gpd.GeoSeries(shapes, crs=4326)
    if declared and "CRS84" not in declared:
        geometry = _to_degrees(gpd.GeoSeries(shapes), declared, name)
    records = []
    for feature in features:
        properties = feature.get("properties")
        record = dict(properties) if isinstance(properties, dict) else {}
        if "id" in feature:
            record.setdefault("id", feature["id"])
        records.append(record)
    return records, geometry, declared


def _to_degrees(shapes: gpd.GeoSeries, declared: str, name: str) -> gpd.GeoSeries:
    try:
        crs = CRS.from_user_input(declared)
    except CRSError as error:
        raise InputError(
            Fault(f"the coordinate system {declared!r} is not known", "export the file in WGS-84", name, field="crs",
                  problem_zh=f"不认识坐标系“{declared}”", todo_zh="请以 WGS-84 导出")
        ) from error  # fmt: skip
    return shapes.set_crs(crs, allow_override=True).to_crs(4326)


def read_layers(
    path: Path, layer: str | None
) -> tuple[pd.DataFrame, gpd.GeoSeries | None, str, tuple[str, ...], tuple[Fault, ...]]:
    """Read one layer of a GeoPackage, shapefile or other vector file.

    Parameters
    ----------
    path : Path
        The file.
    layer : str, optional
        Layer to read; by default the only one, or the first of several (the others are named in the faults).

    Returns
    -------
    tuple
        Attributes, geometry in degrees (None where the layer has none), declared system, layers read, faults.

    Raises
    ------
    InputError
        GDAL cannot open the file, or the layer is not in it.
    """
    name = path.name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL remarks on headers it repairs while reading
            layers = [str(row[0]) for row in pyogrio.list_layers(path)]
            chosen = layer or (layers[0] if layers else "")
            if chosen not in layers:
                raise InputError(
                    Fault(f"there is no layer {chosen!r}", f"use one of: {', '.join(layers) or 'none'}", name,
                          problem_zh=f"没有图层“{chosen}”", todo_zh="可用图层：" + "、".join(layers))
                )  # fmt: skip
            frame = pyogrio.read_dataframe(path, layer=chosen)
    except pyogrio.errors.DataSourceError as error:
        raise InputError(
            Fault("the file cannot be opened as a vector layer", "export it again", name,
                  problem_zh="无法作为矢量图层打开", todo_zh="请重新导出")
        ) from error  # fmt: skip
    faults = tuple(
        Fault(f"layer {other!r} was passed over", "choose it by name if it holds records", name,
              problem_zh=f"图层“{other}”已跳过", todo_zh="如需读取请按名称指定")
        for other in layers
        if layer is None and other != chosen
    )  # fmt: skip
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame, None, "", (chosen,), faults
    declared = "" if frame.crs is None else frame.crs.to_string()
    geometry = frame.geometry if frame.crs is None else frame.geometry.to_crs(4326)
    return (
        pd.DataFrame(frame.drop(columns=frame.geometry.name)),
        geometry.reset_index(drop=True),
        declared,
        (chosen,),
        faults,
    )
