"""What every planner map stands on: the city's frames and the words that must be printed on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan_maps.tiles.base import street_class

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["DEMONSTRATION_TEXT", "Scene", "backdrop_lines", "cells"]

DEMONSTRATION_TEXT: Final = "演示数据，非真实站点 · Demonstration data, not real stations"
_MAIN_CLASSES: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_STREET_TOLERANCE_DEG: Final = 0.00015  # about 15 m: below a pixel at the zooms at which a whole city is looked at


@dataclass(frozen=True, slots=True)
class Scene:
    """The city under a planner map.

    Parameters
    ----------
    title : str
        Heading, in Chinese.
    streets : geopandas.GeoDataFrame
        Lines in WGS-84 degrees with ``highway``.
    districts : geopandas.GeoDataFrame
        Polygons with ``name``.
    water : geopandas.GeoDataFrame or None
        Lakes, canals and rivers.
    attribution : str
        What the data's licence asks to be printed, for example ``"© OpenStreetMap contributors, ODbL"``.
    demonstration : bool
        Whether the demonstration banner is shown.
    review_number : str
        审图号, printed where given and never invented.
    demand_unit : str
        What the demand counts, as in a pack's manifest: the words of a map follow it.
    """

    title: str
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    water: gpd.GeoDataFrame | None = None
    attribution: str = ""
    demonstration: bool = False
    review_number: str = ""
    demand_unit: str = "workers"


def backdrop_lines(streets: gpd.GeoDataFrame) -> dict[str, shapely.MultiLineString]:
    """Return the main streets of each drawing class, joined and simplified to about 15 m, in WGS-84 degrees.

    Minor streets are left out: a single file for a mail cannot carry a city's every alley. A network without main
    streets is drawn whole.
    """
    classes = street_class(streets["highway"])["class"].to_numpy()
    shapes = streets.geometry.to_numpy()
    wanted = [name for name in _MAIN_CLASSES if (classes == name).any()] or list(np.unique(classes))
    drawn: dict[str, shapely.MultiLineString] = {}
    for name in wanted:
        parts = shapely.get_parts(shapes[classes == name])
        joined = shapely.line_merge(shapely.MultiLineString(list(parts)))
        # line by line and without the topology check, which on one large collection costs most of the page's time
        lines = shapely.simplify(shapely.get_parts(joined), _STREET_TOLERANCE_DEG, preserve_topology=False)
        drawn[name] = shapely.MultiLineString(list(lines))
    return drawn


def cells(
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    workers: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    cell_m: float = 400.0,
) -> npt.NDArray[np.float64]:
    """Join demand points into cells.

    Parameters
    ----------
    lon, lat : numpy.ndarray of float64
        WGS-84 degrees, shape (n,).
    workers : numpy.ndarray of float64
        Weight of each point.
    values : numpy.ndarray of float64
        One column a measure, shape (n, k), for example 0 and 1 for covered; averaged by workers.
    cell_m : float
        Edge of a cell, metres on the ground at the middle latitude.

    Returns
    -------
    numpy.ndarray of float64
        Shape (cells, 3 + k): longitude and latitude of the weighted centre, workers, measures.
    """
    if not len(lon):
        return np.empty((0, 3 + values.shape[1]))
    step_lat = cell_m / 111_320.0
    step_lon = step_lat / np.cos(np.radians(lat.mean()))
    key = np.column_stack([np.floor(lon / step_lon), np.floor(lat / step_lat)]).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.reshape(-1)
    n = int(group.max()) + 1
    weight = np.where(workers > 0.0, workers, 1e-9)
    total = np.bincount(group, weight, n)
    means = [np.bincount(group, column * weight, n) / total for column in (lon, lat, *values.T)]
    return np.column_stack([means[0], means[1], np.bincount(group, workers, n), *means[2:]])
