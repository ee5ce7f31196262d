"""Where a web-map tile lies: the XYZ scheme on the spherical Mercator plane (EPSG:3857)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.errors import InputError

__all__ = ["MAX_ZOOM", "TileAddress", "mercator_of", "point_array", "tile_bounds_m", "to_mercator"]

MAX_ZOOM: Final = 18
_EARTH_RADIUS_M: Final = 6378137.0
_HALF_WORLD_M: Final = np.pi * _EARTH_RADIUS_M


@dataclass(frozen=True, slots=True)
class TileAddress:
    """One tile of the XYZ scheme; refuses addresses that do not exist.

    Parameters
    ----------
    z : int
        Zoom, 0 to :data:`MAX_ZOOM`.
    x, y : int
        Column from the west and row from the north, 0 to 2**z - 1.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise InputError(f"tile zoom {self.z} is outside 0 to {MAX_ZOOM}")
        last = (1 << self.z) - 1
        if not (0 <= self.x <= last and 0 <= self.y <= last):
            raise InputError(f"tile {self.z}/{self.x}/{self.y} does not exist; x and y run from 0 to {last}")


def point_array(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return points as an array, also where there is only one."""
    xy = np.column_stack([np.asarray(lon, np.float64).reshape(-1), np.asarray(lat, np.float64).reshape(-1)])
    made: npt.NDArray[np.object_] = np.asarray(shapely.points(xy), object).reshape(-1)
    return made


def tile_bounds_m(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return a tile's west, south, east and north edge in metres of EPSG:3857."""
    address = TileAddress(z, x, y)
    side_m = 2.0 * _HALF_WORLD_M / (1 << address.z)
    west, north = -_HALF_WORLD_M + x * side_m, _HALF_WORLD_M - y * side_m
    return west, north - side_m, west + side_m, north


def _forward(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lat = np.clip(xy[:, 1], -85.0511287798, 85.0511287798)
    return np.column_stack(
        [np.radians(xy[:, 0]) * _EARTH_RADIUS_M, np.log(np.tan(np.pi / 4.0 + np.radians(lat) / 2.0)) * _EARTH_RADIUS_M]
    )


def mercator_of(lon: float, lat: float) -> tuple[float, float]:
    """Return a position in metres of EPSG:3857."""
    x, y = _forward(np.array([[lon, lat]]))[0].tolist()
    return x, y


def to_mercator(geometry: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Project geometries from WGS-84 degrees to metres of EPSG:3857, as an array of the same length."""
    projected: npt.NDArray[np.object_] = np.atleast_1d(shapely.transform(np.asarray(geometry, object), _forward))
    return projected
