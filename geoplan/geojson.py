"""Frames as GeoJSON of plain values, in WGS-84 or, at the edge, in GCJ-02."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from geoplan.crs import wgs84_to_gcj02

__all__ = ["from_geojson", "to_geojson"]


def to_geojson(frame: gpd.GeoDataFrame, crs: str = "wgs84", digits: int = 6) -> dict[str, Any]:
    """Return a frame as a FeatureCollection; missing values are null, positions rounded (6 digits are 0.1 m).

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        In EPSG:4326.
    crs : {"wgs84", "gcj02"}
        System of the positions written.
    digits : int
        Digits after the point.
    """

    def place(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        moved = np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])) if crs == "gcj02" else xy
        return np.round(moved, digits)

    shapes = shapely.transform(frame.geometry.to_numpy(), place)
    columns = frame.drop(columns=frame.geometry.name)
    rows = columns.astype(object).where(columns.notna(), None).to_dict("records")
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": mapping(geometry), "properties": row}
            for geometry, row in zip(shapes, rows, strict=True)
        ],
    }


def from_geojson(collection: dict[str, Any], columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Return a FeatureCollection as a frame in EPSG:4326 with the columns named, also where it is empty."""
    features = collection["features"]
    records = [{name: feature["properties"].get(name) for name in columns} for feature in features]
    frame = pd.DataFrame(records, columns=list(columns))
    return gpd.GeoDataFrame(frame, geometry=[shape(feature["geometry"]) for feature in features], crs="EPSG:4326")
