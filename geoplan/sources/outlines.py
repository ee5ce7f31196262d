"""Which coordinate system district outlines are in, where the file itself proves nothing.

GeoJSON is WGS-84 by its standard (RFC 7946), but Chinese map portals publish outlines in GCJ-02 in the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoplan import facts
from geoplan.crs import SourceCrs, convert, in_china, metric_crs
from geoplan.sources.evidence import short_district

__all__ = ["outlines_crs", "outlines_to_wgs84"]

WGS84: Final = "EPSG:4326"
# Centroids of another drawing lie 3 to 120 m from those known, lakeside districts apart; in another system 480 m and
# more. The middle one of at least three is compared, so that a shore drawn otherwise decides nothing.
NEAR_M: Final = 250.0
APART_M: Final = 200.0
ENOUGH: Final = 3
# DataV.GeoAtlas, the common download of district outlines, names these columns and draws Amap's GCJ-02
DATAV_COLUMNS: Final = frozenset({"adcode", "acroutes"})


def outlines_to_wgs84(shapes: gpd.GeoSeries, source_crs: str) -> gpd.GeoSeries:
    """Convert outlines from a Chinese system to WGS-84.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Polygons in degrees of ``source_crs``.
    source_crs : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        Their system.

    Returns
    -------
    geopandas.GeoSeries
        The same polygons in EPSG:4326.
    """
    if source_crs not in {"gcj02", "bd09"}:
        return shapes.set_crs(WGS84, allow_override=True)
    xy = shapely.get_coordinates(shapes.to_numpy())
    lon, lat = convert(xy[:, 0], xy[:, 1], source_crs)
    moved = shapely.set_coordinates(shapes.to_numpy().copy(), np.column_stack([lon, lat]))
    return gpd.GeoSeries(moved, index=shapes.index, crs=WGS84)


def outlines_crs(shapes: gpd.GeoSeries, names: Sequence[str], headers: Sequence[str]) -> tuple[SourceCrs, str]:
    """Work out the coordinate system of district outlines that do not tell it.

    Where the true centroids of at least three of the districts are known (``data/geoplan_data/district_centres.csv``),
    those of the outlines are compared with them in each system; elsewhere the columns of a well-known GCJ-02 download
    decide. Otherwise WGS-84, as GeoJSON demands.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Polygons in degrees.
    names : sequence of str
        Name of each district.
    headers : sequence of str
        Columns of the file.

    Returns
    -------
    system : {"wgs84", "gcj02", "bd09"}
        The system.
    why : str
        What decided, as a sentence; empty where WGS-84 was merely assumed.
    """
    middle = shapes.total_bounds
    if not in_china((middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2):
        return "wgs84", ""
    away = _from_known_centres(shapes, names)
    if away:
        ranked = sorted(away, key=lambda system: away[system])
        best, second = ranked[:2]
        if away[best] <= NEAR_M and away[second] - away[best] >= APART_M:
            found = ", ".join(f"{system} {away[system]:.0f} m" for system in ranked)
            return (
                best,
                f"the outlines lie where the same districts are known to lie in {best} (centroids off: {found})",
            )
    if set(headers) >= DATAV_COLUMNS:
        return "gcj02", "the columns adcode and acroutes are those of DataV.GeoAtlas, which draws in gcj02"
    return "wgs84", ""


def _from_known_centres(shapes: gpd.GeoSeries, names: Sequence[str]) -> dict[SourceCrs, float]:
    """Return how far the centroids lie from those known of the same districts, the middle one, metres, by system."""
    known = facts.district_centres()
    place = {short_district(name): row for row, name in enumerate(known["name"])}
    pairs = [(i, place[short]) for i, name in enumerate(names) if (short := short_district(str(name))) in place]
    if len(pairs) < ENOUGH:
        return {}
    mine, theirs = np.array(pairs).T
    lon, lat = (known[name].to_numpy(np.float64) for name in ("lon", "lat"))
    crs = metric_crs(float(lon.mean()), float(lat.mean()))
    true = gpd.GeoSeries(gpd.points_from_xy(lon[theirs], lat[theirs]), crs=WGS84).to_crs(crs)
    systems: tuple[SourceCrs, ...] = ("wgs84", "gcj02", "bd09")
    away: dict[SourceCrs, float] = {}
    for system in systems:
        moved = outlines_to_wgs84(shapes.iloc[mine], system).to_crs(crs).make_valid().centroid
        away[system] = float(np.median(moved.distance(true, align=False)))
    return away
