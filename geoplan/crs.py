"""Coordinate reference systems of Chinese map practice, and the metric projection of a place.

Positions are stored in WGS-84 (CGCS2000 agrees with it to centimetres), computed in metres, and turned into
GCJ-02 (Amap, Tencent, WeChat) or BD-09 (Baidu) only at the edge. In Wuxi the GCJ-02 shift is about 500 m, half a
service radius, so a wrong guess is worse than none.

The GCJ-02 transform has no published specification; the formula used here is the one that reproduces the
coordinate-convert service of Amap on its documented test pairs (see ``tests/test_crs.py``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from geoplan.errors import InputError

__all__ = [
    "SOURCE_CRS",
    "SourceCrs",
    "bd09_to_wgs84",
    "convert",
    "ellipsoid_length_m",
    "gcj02_to_wgs84",
    "in_china",
    "metric_crs",
    "project",
    "unproject",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

Float = npt.NDArray[np.float64]
SourceCrs = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
SOURCE_CRS: Final[tuple[SourceCrs, ...]] = ("wgs84", "cgcs2000", "gcj02", "bd09")

_A: Final = 6378245.0  # semi-major axis of the Krasovsky 1940 ellipsoid, metres
_EE: Final = 0.00669342162296594323  # its squared first eccentricity
_X_PI: Final = np.pi * 3000.0 / 180.0

_WGS84_A: Final = 6378137.0
_WGS84_E2: Final = 0.0066943799901413165


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell where the GCJ-02 shift applies: the rectangle of map services, 72.004–137.8347° E, 0.8293–55.8271° N."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside: npt.NDArray[np.bool_] = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return inside


def _offset(lon: Float, lat: Float) -> tuple[Float, Float]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    rad = np.radians(lat)
    magic = 1.0 - _EE * np.sin(rad) ** 2
    d_lat = d_lat * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(rad) * np.pi)
    return d_lon, d_lat


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float, Float]:
    """Turn WGS-84 degrees into GCJ-02 degrees; positions outside China come back unchanged."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    d_lon, d_lat = _offset(lon, lat)
    inside = in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float, Float]:
    """Turn GCJ-02 degrees into WGS-84 degrees by fixed-point iteration (error below 1e-9 degrees)."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    w_lon, w_lat = lon.copy(), lat.copy()
    for _ in range(12):  # the map contracts by about 1e-3 a step
        g_lon, g_lat = wgs84_to_gcj02(w_lon, w_lat)
        w_lon, w_lat = w_lon + (lon - g_lon), w_lat + (lat - g_lat)
    return w_lon, w_lat


def _gcj02_to_bd09(lon: Float, lat: Float) -> tuple[Float, Float]:
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float, Float]:
    """Turn WGS-84 degrees into BD-09 degrees (Baidu); positions outside China come back unchanged."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    inside = in_china(lon, lat)
    b_lon, b_lat = _gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    return np.where(inside, b_lon, lon), np.where(inside, b_lat, lat)


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float, Float]:
    """Turn BD-09 degrees into WGS-84 degrees by fixed-point iteration (error below 1e-9 degrees)."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    w_lon, w_lat = lon.copy(), lat.copy()
    for _ in range(20):
        b_lon, b_lat = wgs84_to_bd09(w_lon, w_lat)
        w_lon, w_lat = w_lon + (lon - b_lon), w_lat + (lat - b_lat)
    return w_lon, w_lat


def convert(lon: npt.ArrayLike, lat: npt.ArrayLike, source: str, target: str = "wgs84") -> tuple[Float, Float]:
    """Turn degrees of one system into another.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees.
    source, target : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        CGCS2000 is treated as WGS-84: they differ by centimetres.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude, float64, in the shape of the input.
    """
    for name in (source, target):
        if name not in SOURCE_CRS:
            raise InputError(f"coordinate system {name!r} is not known; use one of {', '.join(SOURCE_CRS)}")
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if source == "gcj02":
        lon, lat = gcj02_to_wgs84(lon, lat)
    elif source == "bd09":
        lon, lat = bd09_to_wgs84(lon, lat)
    if target == "gcj02":
        return wgs84_to_gcj02(lon, lat)
    if target == "bd09":
        return wgs84_to_bd09(lon, lat)
    return lon, lat


def metric_crs(lon: float, lat: float) -> str:
    """Name the projection in metres to compute in around a position.

    In China the CGCS2000 3-degree Gauss–Krüger zone (EPSG:4549 for Wuxi), elsewhere the UTM zone.
    """
    if 73.5 <= lon <= 136.5 and 16.0 <= lat <= 54.0:
        return f"EPSG:{4534 + round((lon - 75.0) / 3.0)}"
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    """Make a transformer once: looking a system up takes a hundred times as long as transforming a point."""
    return Transformer.from_crs(CRS.from_user_input(source), CRS.from_user_input(target), always_xy=True)


def project(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: str) -> Float:
    """Project WGS-84 degrees to ``crs``; returns metres as an array of shape (n, 2)."""
    x, y = _transformer("EPSG:4326", crs).transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return np.column_stack([np.atleast_1d(x), np.atleast_1d(y)])


def unproject(xy: npt.ArrayLike, crs: str) -> Float:
    """Turn metres of ``crs``, shape (n, 2), into WGS-84 degrees, shape (n, 2) as lon, lat."""
    xy = np.asarray(xy, np.float64)
    lon, lat = _transformer(crs, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def ellipsoid_length_m(lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike) -> Float:
    """Return lengths of short segments on the WGS-84 ellipsoid, in metres.

    Uses the radii of curvature at the middle latitude; for segments below 10 km the error is below 1e-6 of the
    length, and no projection scale enters.
    """
    lon1, lat1 = np.asarray(lon1, np.float64), np.asarray(lat1, np.float64)
    lon2, lat2 = np.asarray(lon2, np.float64), np.asarray(lat2, np.float64)
    mid = np.radians((lat1 + lat2) / 2.0)
    w2 = 1.0 - _WGS84_E2 * np.sin(mid) ** 2
    meridian = _WGS84_A * (1.0 - _WGS84_E2) / (w2 * np.sqrt(w2))
    normal = _WGS84_A / np.sqrt(w2)
    length: Float = np.hypot(np.radians(lat2 - lat1) * meridian, np.radians(lon2 - lon1) * normal * np.cos(mid))
    return length
