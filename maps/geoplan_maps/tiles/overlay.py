"""The layers a planner lays over the base: stations, demand, gaps, candidate sites, a plan, service areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan_maps.tiles.grid import MAX_ZOOM, point_array
from geoplan_maps.tiles.layer import TileLayer, tile_layer

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "candidate_layer",
    "demand_layer",
    "gap_layer",
    "plan_layer",
    "service_area_layer",
    "station_layer",
]

_MIN_CELL_M: Final = 300.0  # metres of EPSG:3857: 256 m on the ground at Wuxi's latitude
_STATION: Final = ("station_code", "name", "station_class", "status", "access", "opening_hours", "facilities", "h24")
_CANDIDATE: Final = ("candidate_id", "name", "host_type", "district_code", "cost")
_PLAN: Final = ("rank", "candidate_id", "name", "host_type", "gain_workers", "district_code", "phase", "change")


def station_layer(stations: pd.DataFrame) -> TileLayer:
    """Build layer ``stations`` from the register's frame (``lon``, ``lat`` in WGS-84 degrees)."""
    return tile_layer("stations", _points(stations), _present(stations, _STATION))


def demand_layer(demand: pd.DataFrame) -> TileLayer:
    """Build layer ``demand``: one point a cell, never finer than about 250 m, so that no small count identifies people.

    Parameters
    ----------
    demand : pandas.DataFrame
        Columns ``lon``, ``lat`` (WGS-84 degrees) and ``workers``; every other numeric or boolean column is carried:
        put coverage there, for example ``covered`` or one ``covered_1215`` a slice (0 or 1), and a cell shows the
        share of its workers.

    Returns
    -------
    TileLayer
        Layer with ``workers`` summed and all other numbers averaged by workers within a cell, ``points`` the number
        of points joined.
    """
    taken = [
        name
        for name, dtype in demand.dtypes.items()
        if name not in ("lon", "lat", "geometry")
        and (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype))
    ]
    columns = pd.DataFrame({name: demand[name].to_numpy(np.float64) for name in taken})
    if "district_code" in demand:
        columns["district_code"] = demand["district_code"].astype(str).to_numpy()
    return tile_layer(
        "demand",
        _points(demand),
        columns,
        merge="cells",
        merge_below=MAX_ZOOM + 1,
        weight="workers",
        cells_per_tile=48,
        min_cell_m=_MIN_CELL_M,
    )


def gap_layer(gaps: gpd.GeoDataFrame) -> TileLayer:
    """Build layer ``gaps`` from polygons or points with any columns (rank, name, workers …)."""
    columns = pd.DataFrame(gaps.drop(columns=gaps.geometry.name))
    return tile_layer("gaps", gaps.geometry.to_numpy(), columns.reset_index(drop=True))


def candidate_layer(candidates: pd.DataFrame) -> TileLayer:
    """Build layer ``candidates`` from candidate sites (``lon``, ``lat`` in WGS-84 degrees), drawn from zoom 11."""
    return tile_layer("candidates", _points(candidates), _present(candidates, _CANDIDATE), min_zoom=11)


def plan_layer(sites: pd.DataFrame) -> TileLayer:
    """Build layer ``plan`` from a plan's site table (``lon``, ``lat`` in WGS-84 degrees, ``rank``, gains)."""
    return tile_layer("plan", _points(sites), _present(sites, _PLAN))


def service_area_layer(areas: gpd.GeoDataFrame) -> TileLayer:
    """Build layer ``service_areas`` from polygons with any columns (station_code, limit_s …)."""
    columns = pd.DataFrame(areas.drop(columns=areas.geometry.name))
    return tile_layer("service_areas", areas.geometry.to_numpy(), columns.reset_index(drop=True))


def _points(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    return point_array(frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64))


def _present(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: frame[name].to_numpy() for name in names if name in frame})
