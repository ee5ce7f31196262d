"""Where stations and candidate sites lie: beside streets, where work is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from geoplan.demo import kernels
from geoplan.demo.ground import Ground
from geoplan.demo.people import Frontage, nearest_town, sites_along
from geoplan.demo.plane import stream
from geoplan.demo.sampling import spread

__all__ = ["Sites", "choose_candidates", "choose_stations", "nearest_name"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Text = npt.NDArray[np.object_]

_POOL_PER_SITE: Final = 30
# how strongly each district has built so far, by name: the county-level cities' outlying towns lag (assumption)
_BUILT: Final = {
    "梁溪区": 1.25,
    "滨湖区": 1.1,
    "新吴区": 1.1,
    "锡山区": 1.0,
    "惠山区": 1.0,
    "江阴市": 0.8,
    "宜兴市": 0.7,
}


@dataclass(frozen=True, slots=True)
class Sites:
    """Places beside streets.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Metres of the drawing plane, shape (n, 2).
    piece : numpy.ndarray of int64
        Street piece of the frontage, shape (n,).
    district : numpy.ndarray of int8
        Position in ``ground.districts``.
    town : numpy.ndarray of int64
        Position in ``ground.towns``, -1 for none.
    """

    xy: Float
    piece: Int
    district: npt.NDArray[np.int8]
    town: Int


def _pool(ground: Ground, front: Frontage, weight: Float, n: int, rng: np.random.Generator) -> Sites:
    pieces = np.repeat(np.arange(len(weight)), spread(weight, n, rng.random()))
    xy = sites_along(ground, front, pieces, rng, (6.0, 22.0))
    district = front.district[pieces]
    return Sites(xy, pieces, district, nearest_town(ground, xy, district))


def _take(sites: Sites, rows: Int) -> Sites:
    return Sites(sites.xy[rows], sites.piece[rows], sites.district[rows], sites.town[rows])


def _weight(ground: Ground, front: Frontage, power: float) -> Float:
    """Return the attraction of street pieces for a station: work, larger streets, not inside estates, on land."""
    built = np.array([_BUILT.get(str(name).split("（")[0], 1.0) for name in ground.districts["name"]] + [0.0])
    street = np.array([0.3, 1.0, 1.4, 1.5, 0.9, 0.0, 0.0])[front.rank]
    return np.asarray(front.work * street * built[front.district] ** power)


def choose_stations(ground: Ground, front: Frontage, n: int, seed: int, copy: int) -> Sites:
    """Choose station sites as unions have: first in every town's centre, then where work is, at some distance apart.

    The order is sequential Poisson sampling (Ohlsson 1998): rank by a uniform draw over the weight.
    """
    rng = stream(seed, "station sites", copy)
    pool = _pool(ground, front, _weight(ground, front, 1.0), n * _POOL_PER_SITE, rng)
    order = rng.random(len(pool.xy)).argsort(kind="stable")
    centres = ground.towns[["x", "y"]].to_numpy()
    centres = centres[shapely.contains_xy(ground.land, centres[:, 0], centres[:, 1])]
    if len(centres):
        central = np.unique(cKDTree(pool.xy).query(centres)[1])
        order = np.concatenate([central, order[~np.isin(order, central)]])
    # dense places have closer stations: the distance follows the local spacing of the pool
    gap, _ = cKDTree(pool.xy).query(pool.xy, k=min(40, len(pool.xy)))
    radius = np.clip(1.15 * gap[:, -1], 260.0, 1100.0)
    rows = np.empty(0, np.int64)
    for _ in range(12):
        rows = kernels.spaced(pool.xy, order.astype(np.int64), radius, n, 600.0)
        if len(rows) == n:
            break
        radius = radius * 0.85
    return _take(pool, np.sort(rows))


def choose_candidates(ground: Ground, front: Frontage, n: int, seed: int, copy: int) -> Sites:
    """Choose candidate sites: spread over all districts alike, closer where there is more work."""
    rng = stream(seed, "candidate sites", copy)
    weight = _weight(ground, front, 0.0)
    root = np.sqrt(np.maximum(weight, 0.0))
    return _pool(ground, front, np.sqrt(root) * root * np.sqrt(np.maximum(front.length_m, 1.0)), n, rng)


def nearest_name(front: Frontage, name: Text, sites: Sites) -> Text:
    """Return the name of each site's street, or of the nearest street that has one, shape (n,).

    Parameters
    ----------
    front : Frontage
    name : numpy.ndarray of object
        Street name of each piece of the frontage, None where it has none.
    sites : Sites
    """
    own = name[sites.piece]
    named = np.flatnonzero(name != None)  # noqa: E711 - elementwise
    blank = np.flatnonzero(own == None)  # noqa: E711
    if len(named) and len(blank):
        _, near = cKDTree(front.start[named]).query(sites.xy[blank])
        own[blank] = name[named[near]]
    return np.where(own == None, "", own)  # noqa: E711
