"""The plane in which the demonstration city is drawn, and its random streams.

Only ``+ - * /`` and ``sqrt`` are used on the way from a seed to a coordinate, because IEEE 754 fixes their results on
every machine, which no mathematical library does for ``sin`` or ``exp``: the same seed gives the same city everywhere.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "DEGREE_DIGITS",
    "LAT0",
    "LON0",
    "M_PER_DEG_LAT",
    "M_PER_DEG_LON",
    "smooth",
    "stream",
    "to_lonlat",
    "to_plane",
]

Float = npt.NDArray[np.float64]

LON0: Final = 120.1
LAT0: Final = 31.55
M_PER_DEG_LON: Final = 94956.0  # metres per degree on the WGS-84 ellipsoid at LAT0
M_PER_DEG_LAT: Final = 110863.0
DEGREE_DIGITS: Final = 7  # about 1 cm


def to_plane(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Float:
    """Turn degrees into metres of the drawing plane, shape (n, 2).

    The plane is equirectangular around 31.55° N, within 0.6 % of true distances over Wuxi. It serves to *draw* the
    city; lengths that are handed out are measured on the ellipsoid.
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    return np.stack([(lon - LON0) * M_PER_DEG_LON, (lat - LAT0) * M_PER_DEG_LAT], axis=-1)


def to_lonlat(xy: Float) -> Float:
    """Turn metres of the drawing plane, shape (..., 2), into degrees rounded to :data:`DEGREE_DIGITS`."""
    lon = LON0 + xy[..., 0] / M_PER_DEG_LON
    lat = LAT0 + xy[..., 1] / M_PER_DEG_LAT
    return np.stack([np.round(lon, DEGREE_DIGITS), np.round(lat, DEGREE_DIGITS)], axis=-1)


def stream(seed: int, topic: str, copy: int = 0) -> np.random.Generator:
    """Return the random stream of one topic, so that a change in one topic does not move another."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(topic.encode()), copy]))


def smooth(xy: Float, rounds: int) -> Float:
    """Round the corners of a line by cutting them off again and again (Chaikin 1974); its ends stay."""
    for _ in range(rounds):
        inner = np.stack([0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]], axis=1).reshape(-1, 2)
        xy = np.concatenate([xy[:1], inner[1:-1], xy[-1:]])
    return xy
