"""Population rasters (WorldPop, GHSL: GeoTIFF) as points at the middle of their cells."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
from rasterio.windows import Window

from geoplan.errors import Fault, InputError

__all__ = ["RasterCells", "read_raster"]


@dataclass(frozen=True, slots=True)
class RasterCells:
    """Cells of a raster that hold a value above zero.

    Parameters
    ----------
    lonlat : numpy.ndarray of float64
        Middle of each cell, WGS-84 degrees, shape (n, 2).
    value : numpy.ndarray of float64
        Value of each cell, above 0, shape (n,).
    cell_m : float
        Side of a cell, metres, at the middle of the raster.
    faults : tuple of Fault
        Cells that were left out and why.
    """

    lonlat: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]
    cell_m: float
    faults: tuple[Fault, ...]


def read_raster(path: Path, bounds: tuple[float, float, float, float], band: int = 1) -> RasterCells:
    """Read the cells of a raster inside a rectangle.

    Parameters
    ----------
    path : pathlib.Path
        GeoTIFF, or any other raster that GDAL reads.
    bounds : tuple of float
        West, south, east, north, WGS-84 degrees; only this window is read.
    band : int
        Band to read, from 1.

    Raises
    ------
    InputError
        The file is not a raster, does not state its CRS, is turned, or does not touch the rectangle.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            source = rasterio.open(path)
    except RasterioIOError as error:
        fault = Fault("cannot be read as a raster", "give a GeoTIFF such as WorldPop or GHSL publish", path.name)
        raise InputError(fault) from error
    with source:
        _check(source, path.name, band)
        crs = CRS.from_user_input(source.crs.to_wkt())
        forward = Transformer.from_crs(4326, crs, always_xy=True)
        west, south, east, north = forward.transform_bounds(*bounds, densify_pts=21)
        window = _window(source, (west, south, east, north), path.name)
        values = source.read(band, window=window, masked=True)
        grid = source.transform
        faults = []
        negative = int((values.compressed() < 0).sum())
        if negative:
            problem = f"{negative} cells are negative and were left out"
            faults.append(Fault(problem, "state the nodata value", path.name))
        filled = values.filled(0.0).astype(np.float64)
        rows, columns = np.nonzero(np.isfinite(filled) & (filled > 0))
        x = grid.c + grid.a * (columns + window.col_off + 0.5)
        y = grid.f + grid.e * (rows + window.row_off + 0.5)
        lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
        keep = (lon >= bounds[0]) & (lon <= bounds[2]) & (lat >= bounds[1]) & (lat <= bounds[3])
        metres = abs(grid.e) * (111_320.0 if crs.is_geographic else crs.axis_info[0].unit_conversion_factor)
        return RasterCells(
            np.column_stack([lon[keep], lat[keep]]), filled[rows, columns][keep], float(metres), tuple(faults)
        )


def _check(source: rasterio.DatasetReader, name: str, band: int) -> None:
    if source.crs is None:
        raise InputError(Fault("the raster does not state its CRS", "write it into the file, e.g. EPSG:4326", name))
    if source.transform.b or source.transform.d:
        raise InputError(Fault("the raster is turned against its axes", "warp it to north-up", name))
    if not 1 <= band <= source.count:
        raise InputError(Fault(f"there is no band {band}", f"use a band from 1 to {source.count}", name))


def _window(source: rasterio.DatasetReader, bounds: tuple[float, float, float, float], name: str) -> Window:
    """Return the cells that touch a rectangle in the raster's own system, one more on each side."""
    grid = source.transform
    columns = sorted(((bounds[0] - grid.c) / grid.a, (bounds[2] - grid.c) / grid.a))
    rows = sorted(((bounds[1] - grid.f) / grid.e, (bounds[3] - grid.f) / grid.e))
    left, right = max(math.floor(columns[0]) - 1, 0), min(math.ceil(columns[1]) + 1, source.width)
    top, bottom = max(math.floor(rows[0]) - 1, 0), min(math.ceil(rows[1]) + 1, source.height)
    if left >= right or top >= bottom:
        raise InputError(Fault("the raster does not touch the area", "give a raster of the pack's area", name))
    return Window(left, top, right - left, bottom - top)
