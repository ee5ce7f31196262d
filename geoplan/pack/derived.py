"""Stand-ins for what the user did not give, made from the streets alone and marked ``origin = "derived"``."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan.crs import unproject

__all__ = ["street_candidates", "street_demand"]

SPACING_M: Final = 50.0  # a demand sample every so many metres of street
DEMAND_CELL_M: Final = 200.0
CANDIDATE_CELL_M: Final = 400.0
Array = npt.NDArray[Any]
NOT_WALKED: Final = frozenset({"motorway", "motorway_link", "trunk_link"})


def street_demand(streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Sample the streets and sum their metres by 200 m square.

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        Edges with ``highway``, EPSG:4326.
    districts : geopandas.GeoDataFrame
        The area; samples outside are dropped.
    crs : str
        Metric projection.

    Returns
    -------
    geopandas.GeoDataFrame
        ``demand_id``, ``lon``, ``lat``, ``workers`` (metres of street), ``origin``; a point a square, at the sample
        nearest to the square's mean.
    """
    lines = streets.loc[~streets["highway"].isin(NOT_WALKED)].geometry.to_crs(crs).to_numpy()
    length_m = shapely.length(lines)
    count = np.maximum(np.ceil(length_m / SPACING_M).astype(np.int64), 1)
    line = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(lines[line], (nth + 0.5) / count[line], normalized=True)
    xy = shapely.get_coordinates(points)
    weight = (length_m / count)[line]
    area = shapely.union_all(districts.geometry.to_crs(crs).to_numpy())
    shapely.prepare(area)
    inside = shapely.contains_xy(area, xy[:, 0], xy[:, 1])
    xy, weight = xy[inside], weight[inside]
    chosen, total = _one_a_cell(xy, weight, DEMAND_CELL_M)
    return _points(xy[chosen], crs, "demand_id", "D", workers=np.round(total, 3))


def street_candidates(streets: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Take the busiest street corner of each 400 m square as a candidate position.

    Returns
    -------
    geopandas.GeoDataFrame
        ``candidate_id``, ``name`` (the street's), ``lon``, ``lat``, ``origin``.
    """
    walked = streets.loc[~streets["highway"].isin(NOT_WALKED)]
    lines = walked.geometry.to_crs(crs).to_numpy()
    ends = np.concatenate([walked["u"].to_numpy(), walked["v"].to_numpy()])
    xy = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, 0)), shapely.get_coordinates(shapely.get_point(lines, -1))]
    )
    names = walked["name"].to_numpy() if "name" in walked.columns else np.full(len(walked), None)
    names = np.concatenate([names, names])
    _, first, degree = np.unique(ends, return_index=True, return_counts=True)
    area = shapely.union_all(districts.geometry.to_crs(crs).to_numpy())
    shapely.prepare(area)
    inside = shapely.contains_xy(area, xy[first, 0], xy[first, 1])
    first, degree = first[inside], degree[inside]
    chosen, _ = _one_a_cell(xy[first], degree.astype(np.float64), CANDIDATE_CELL_M, busiest=True)
    frame = _points(xy[first][chosen], crs, "candidate_id", "C")
    given = names[first][chosen]
    frame.insert(
        1, "name", [f"{name}路口" if isinstance(name, str) and name else f"路口{i + 1}" for i, name in enumerate(given)]
    )
    return frame


def _one_a_cell(xy: Array, weight: Array, cell_m: float, *, busiest: bool = False) -> tuple[Array, Array]:
    """Return one position of each occupied square and the weight summed there."""
    cell = np.floor(xy / cell_m).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    group = group.ravel()
    total = np.bincount(group, weights=weight)
    if busiest:
        rank = -weight
    else:
        mean = np.column_stack([np.bincount(group, weights=weight * xy[:, k]) / total for k in (0, 1)])
        rank = np.hypot(*(xy - mean[group]).T)
    order = np.lexsort((rank, group))
    chosen = order[np.unique(group[order], return_index=True)[1]]
    return chosen, total


def _points(xy: Array, crs: str, key: str, letter: str, **columns: Array) -> gpd.GeoDataFrame:
    degrees = np.round(unproject(xy, crs), 7)
    ids = [f"{letter}{i + 1:06d}" for i in range(len(xy))]
    frame = pd.DataFrame({key: ids, "lon": degrees[:, 0], "lat": degrees[:, 1], **columns, "origin": "derived"})
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326"))
