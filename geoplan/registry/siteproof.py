"""Whether a station can be where its position says: in the area, in its own district, on land, off the motorway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.sources.evidence import Reference, short_district

__all__ = ["POSITION_DOUBTS", "Doubt", "doubts"]

BORDER_M: Final = 300.0  # outlines are drawn to about this accuracy
SHORE_M: Final = 15.0
MOTORWAY_M: Final = 12.0
FAR_FROM_STREET_M: Final = 500.0
SHARED_BY: Final = 3
POSITION_DOUBTS: Final = ("outside", "district", "water", "remote", "motorway", "shared")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a position is doubted: a code, and the sentence in English and Chinese."""

    code: str
    text: str
    text_zh: str


def doubts(
    reference: Reference, xy: npt.NDArray[np.float64], *, district_of: Sequence[str], name_of: Sequence[str]
) -> list[list[Doubt]]:
    """Check positions against what is known of the area.

    Parameters
    ----------
    reference : Reference
        Streets, districts and water in metres.
    xy : numpy.ndarray of float64, shape (n, 2)
        Positions in metres; NaN where unknown (never doubted).
    district_of, name_of : sequence of str, shape (n,)
        What each record says.

    Returns
    -------
    list of list of Doubt, length n
        What speaks against each position; empty where nothing does.
    """
    found: list[list[Doubt]] = [[] for _ in range(len(xy))]
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(known) == 0:
        return found
    points = np.asarray(shapely.points(xy[known]), object)
    _check_districts(reference, points, known, district_of, found)
    if reference.water is not None:
        shapely.prepare(reference.water)
        wet = np.asarray(shapely.intersects(reference.water, points), bool)
        for place in np.flatnonzero(wet):
            if shapely.distance(points[place], shapely.boundary(reference.water)) > SHORE_M:
                found[known[place]].append(Doubt("water", "the position lies in the water", "坐标落在水面上"))
    _check_streets(reference, points, known, found)
    _check_shared(xy, known, name_of, found)
    return found


def _check_districts(
    reference: Reference,
    points: npt.NDArray[np.object_],
    known: npt.NDArray[np.int64],
    district_of: Sequence[str],
    found: list[list[Doubt]],
) -> None:
    if not reference.districts:
        return
    area = shapely.union_all(list(dict.fromkeys(reference.districts.values())))
    outside = np.asarray(shapely.distance(area, points))
    for place, index in enumerate(known):
        own = reference.districts.get(short_district(district_of[index]))
        if outside[place] > BORDER_M:
            found[index].append(
                Doubt("outside", f"the position lies {outside[place]:,.0f} m outside the area",
                      f"坐标在区域之外 {outside[place]:,.0f} 米")
            )  # fmt: skip
        elif own is not None and shapely.distance(own, points[place]) > BORDER_M:
            far = float(shapely.distance(own, points[place]))
            found[index].append(
                Doubt("district", f"the position lies {far:,.0f} m outside {district_of[index]}",
                      f"坐标不在所填的“{district_of[index]}”内（相距 {far:,.0f} 米）")
            )  # fmt: skip


def _check_streets(
    reference: Reference,
    points: npt.NDArray[np.object_],
    known: npt.NDArray[np.int64],
    found: list[list[Doubt]],
) -> None:
    if len(reference.streets) == 0:
        return
    (rows, lines), distances = shapely.STRtree(reference.streets).query_nearest(
        points, all_matches=False, return_distance=True
    )
    for place, line, distance in zip(rows, lines, distances, strict=True):
        index = known[place]
        if distance > FAR_FROM_STREET_M and not found[index]:
            found[index].append(
                Doubt("remote", f"the nearest street is {distance:,.0f} m away", f"最近的道路在 {distance:,.0f} 米之外")
            )
        elif len(reference.motorway) and reference.motorway[line] and distance <= MOTORWAY_M:
            found[index].append(Doubt("motorway", "the position lies on a motorway", "坐标落在高速公路上"))


def _check_shared(
    xy: npt.NDArray[np.float64], known: npt.NDArray[np.int64], name_of: Sequence[str], found: list[list[Doubt]]
) -> None:
    """Doubt a position that several differently named records share: a default somebody copied down."""
    _, group, count = np.unique(np.round(xy[known], 2), axis=0, return_inverse=True, return_counts=True)
    for place in np.flatnonzero(count >= SHARED_BY):
        members = known[group.reshape(-1) == place]
        if len({name_of[i] for i in members}) >= SHARED_BY:
            for index in members:
                found[index].append(
                    Doubt(
                        "shared",
                        f"{len(members)} records have this very position",
                        f"{len(members)} 条记录坐标完全相同",
                    )
                )
