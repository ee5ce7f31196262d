"""Population hexagons (Kontur: GeoPackage; any table of H3 cells) as points at the middle of their cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyogrio.errors import DataLayerError, DataSourceError

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.sources.rejected import Rejected, reject

__all__ = ["Hexagons", "read_hexagons"]

_CELL_NAMES = ("h3", "h3_index", "h3index", "hex_id", "h3_address", "cell")
_VALUE_NAMES = ("population", "pop", "value", "people", "count", "人口")


@dataclass(frozen=True, slots=True)
class Hexagons:
    """Hexagons with a value above zero.

    Parameters
    ----------
    lonlat : numpy.ndarray of float64
        Middle of each hexagon, WGS-84 degrees, shape (n, 2).
    value : numpy.ndarray of float64
        Value of each hexagon, shape (n,).
    faults : tuple of Fault
        Rows that were left out and why.
    rejected : Rejected
        The same rows, whole.
    """

    lonlat: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]
    faults: tuple[Fault, ...]
    rejected: Rejected


def read_hexagons(
    path: Path, bounds: tuple[float, float, float, float], *, value: str = "", cell: str = ""
) -> Hexagons:
    """Read hexagons whose middle lies inside a rectangle.

    Parameters
    ----------
    path : pathlib.Path
        GeoPackage or other vector file with polygons in a stated CRS, or a CSV with H3 cells.
    bounds : tuple of float
        West, south, east, north, WGS-84 degrees.
    value, cell : str
        Columns of the value and of the H3 cell, where they are not called ``population`` and ``h3``.

    Raises
    ------
    InputError
        The file cannot be read, has no such columns, or neither H3 cells nor a stated CRS.
    """
    frame = _read(path)
    value_column = value or _first(frame, _VALUE_NAMES)
    if value_column not in frame.columns:
        wanted = value or " or ".join(_VALUE_NAMES[:3])
        raise InputError(Fault(f"there is no column {wanted}", "name the column of the population", path.name))
    cell_column = cell or _first(frame, _CELL_NAMES)
    log = FaultLog(path.name)
    if cell_column in frame.columns:
        lonlat = _cell_middles(frame[cell_column], log)
    else:
        lonlat = _shape_middles(frame, path.name)
    values = pd.to_numeric(frame[value_column], errors="coerce").to_numpy(np.float64)
    bad = ~(np.isfinite(values) & (values >= 0))
    for i in np.flatnonzero(bad):
        log.add(
            "the value is negative or missing", "correct it or leave the row out", row=int(i) + 2, field=value_column
        )
    west, south, east, north = bounds
    with np.errstate(invalid="ignore"):
        inside = (lonlat[:, 0] >= west) & (lonlat[:, 0] <= east) & (lonlat[:, 1] >= south) & (lonlat[:, 1] <= north)
    keep = inside & ~bad & (values > 0)
    return Hexagons(lonlat[keep], values[keep], log.faults, reject(path, frame, log.faults))


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    lower = {str(column).lower(): str(column) for column in frame.columns}
    return next((lower[name] for name in names if name in lower), "")


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() in {".csv", ".gz"}:
            return pd.read_csv(path, dtype=dict.fromkeys(_CELL_NAMES, str))
        frame: pd.DataFrame = gpd.read_file(path, engine="pyogrio")
        return frame
    except (OSError, DataSourceError, DataLayerError, UnicodeDecodeError, pd.errors.ParserError) as error:
        fault = Fault("cannot be read as hexagons", "give a GeoPackage such as Kontur's or a CSV", path.name)
        raise InputError(fault) from error


def _cell_middles(cells: pd.Series, log: FaultLog) -> npt.NDArray[np.float64]:
    lonlat = np.full((len(cells), 2), np.nan)
    for i, cell in enumerate(cells.astype("string").fillna("")):
        if h3.is_valid_cell(cell):
            lat, lon = h3.cell_to_latlng(cell)
            lonlat[i] = lon, lat
        else:
            log.add(f"{cell!r} is not an H3 cell", "correct it or leave the row out", row=i + 2, field=str(cells.name))
    return lonlat


def _shape_middles(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(Fault("the row has no H3 cell and no polygon", "give a column h3 or polygons", name))
    if frame.crs is None:
        raise InputError(Fault("the polygons do not state their CRS", "state it, e.g. EPSG:3857", name, field="crs"))
    # the middle is taken in the plane of an equal-area projection, then turned into degrees
    middles = frame.geometry.to_crs("EPSG:6933").centroid.to_crs("EPSG:4326")
    return np.column_stack([middles.x, middles.y])
