"""The areas that a figure is a share of: city, district, town, key area, a drawn polygon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import FaultLog, InputError

__all__ = ["NOWHERE", "Areas", "areas_by_code", "areas_by_polygon", "whole_city"]

NOWHERE = "(none)"
"""Code of the part of the demand that lies in none of the areas, kept so that parts sum to the whole."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of one level that share out the demand points.

    Parameters
    ----------
    level : str
        ``"city"``, ``"district"``, ``"town"``, ``"key_area"`` or ``"polygon"``.
    codes, names : tuple of str
        One an area, names as a planner reads them.
    member : numpy.ndarray of int32
        Position of its area for each demand point, -1 where the question leaves it out, shape (n_demand,).
    """

    level: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    member: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        self.member.flags.writeable = False

    def sums(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Add values of demand points up by area, shape (n_areas,)."""
        inside = self.member >= 0
        weights = np.asarray(values, np.float64)[inside]
        total: npt.NDArray[np.float64] = np.bincount(self.member[inside], weights, len(self.codes)).astype(np.float64)
        return total


def whole_city(n_demand: int, name: str) -> Areas:
    """Return the one area that all demand lies in."""
    return Areas("city", ("city",), (name,), np.zeros(n_demand, np.int32))


def areas_by_code(level: str, codes: pd.Series, names: Mapping[str, str]) -> Areas:
    """Make areas of a code that the demand carries.

    Parameters
    ----------
    level : str
        Name of the level.
    codes : pandas.Series
        Code of each demand point; missing ones form the area ``NOWHERE``.
    names : mapping of str to str
        Name of each code; areas without demand are listed too, and a code without a name shows as itself.
    """
    given = codes.astype("string").str.strip()
    given = given.where(given.notna() & (given != ""), NOWHERE)
    known = [code for code in names if code != NOWHERE]
    extra = sorted(set(given) - set(known) - {NOWHERE})
    ordered = [*known, *extra] + ([NOWHERE] if (given == NOWHERE).any() else [])
    member = pd.Index(ordered).get_indexer(pd.Index(given)).astype(np.int32)
    labels = tuple("未归入任何区域" if code == NOWHERE else str(names.get(code, code)) for code in ordered)
    return Areas(level, tuple(ordered), labels, member)


def areas_by_polygon(
    level: str, polygons: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, *, code: str = "code", name: str = "name"
) -> Areas:
    """Make areas of polygons; demand outside all of them is left out of the question.

    Parameters
    ----------
    level : str
        Name of the level, e.g. ``"key_area"``.
    polygons : geopandas.GeoDataFrame
        Polygons with a stated CRS; ``code`` and ``name`` columns are used where present.
    demand : geopandas.GeoDataFrame
        Demand points with a stated CRS.

    Raises
    ------
    InputError
        A CRS is not stated, or polygons overlap where demand lies; every such point is named by its row.
    """
    log = FaultLog()
    for frame, what in ((polygons, f"the {level} polygons"), (demand, "the demand points")):
        if frame.crs is None:
            log.add(f"{what} do not state their CRS", "state it, e.g. EPSG:4326 for WGS-84 degrees", field="crs")
    log.raise_if_any()
    points = gpd.GeoDataFrame(geometry=demand.geometry.reset_index(drop=True).to_crs(polygons.crs))
    shapes = gpd.GeoDataFrame(geometry=polygons.geometry.reset_index(drop=True))
    pairs = gpd.sjoin(points, shapes, predicate="intersects", how="inner")
    labels = _labels(polygons, name, [str(i + 1) for i in range(len(polygons))])
    twice = pairs[pairs.index.duplicated(keep=False)]
    for row, group in twice.groupby(level=0):
        which = " and ".join(repr(labels[i]) for i in group["index_right"])
        log.add(
            f"the point lies in {which}: the areas overlap", "correct the polygons so that they only touch", row=row + 2
        )
    log.raise_if_any()
    member = np.full(len(demand), -1, np.int32)
    member[pairs.index.to_numpy()] = pairs["index_right"].to_numpy()
    return Areas(level, tuple(_labels(polygons, code, labels)), tuple(labels), member)


def _labels(frame: gpd.GeoDataFrame, column: str, fallback: list[str]) -> list[str]:
    if column not in frame:
        return fallback
    return [str(value) if pd.notna(value) else spare for value, spare in zip(frame[column], fallback, strict=True)]


def require_same_length(areas: Areas, n_demand: int) -> None:
    """Refuse areas that were made for another demand set."""
    if len(areas.member) != n_demand:
        raise InputError(f"areas of level {areas.level!r} hold {len(areas.member)} demand points, not {n_demand}")
