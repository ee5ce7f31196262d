"""Which coordinate system district outlines are in, where the file itself proves nothing.

GeoJSON is WGS-84 by its standard (RFC 7946), but Chinese map portals publish outlines in GCJ-02 in the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan import facts
from geoplan.crs import SourceCrs, convert, in_china, metric_crs
from geoplan.sources.evidence import short_district

__all__ = ["outlines_crs", "outlines_to_wgs84"]

WGS84: Final = "EPSG:4326"
# in Wuxi another system lowers the share of common area by 0.04 to 0.2, differences of drawing by less than 0.01
CLEAR: Final = 0.02
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

    Outlines of districts whose true course is known (``data/geoplan_data/districts.geojson``) are laid over it in
    each system; elsewhere the columns of a well-known GCJ-02 download decide. Otherwise WGS-84, as GeoJSON demands.

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
    overlap = _overlap_with_known(shapes, names)
    if overlap:
        ranked = sorted(overlap, key=lambda system: -overlap[system])
        best, second = ranked[:2]
        if overlap[best] - overlap[second] >= CLEAR:
            found = ", ".join(f"{system} {overlap[system]:.3f}" for system in ranked)
            return best, f"the outlines fit those known of the same districts in {best} (share of common area: {found})"
    if set(headers) >= DATAV_COLUMNS:
        return "gcj02", "the columns adcode and acroutes are those of DataV.GeoAtlas, which draws in gcj02"
    return "wgs84", ""


def _overlap_with_known(shapes: gpd.GeoSeries, names: Sequence[str]) -> dict[SourceCrs, float]:
    """Return the mean share of common area (intersection over union) with known outlines, for each system."""
    known = facts.districts()
    place = {short_district(name): row for row, name in enumerate(known["name"])}
    pairs = [(i, place[short]) for i, name in enumerate(names) if (short := short_district(str(name))) in place]
    if not pairs:
        return {}
    mine, theirs = np.array(pairs).T
    west, south, east, north = known.total_bounds
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    true = known.geometry.to_crs(crs).make_valid().to_numpy()[theirs]
    systems: tuple[SourceCrs, ...] = ("wgs84", "gcj02", "bd09")
    shares: dict[SourceCrs, float] = {}
    for system in systems:
        moved = outlines_to_wgs84(shapes.iloc[mine], system).to_crs(crs).make_valid().to_numpy()
        shares[system] = float(_common(moved, true).mean())
    # a district of the same name in another province has nothing in common with ours
    return shares if max(shares.values()) > 0 else {}


def _common(a: npt.NDArray[np.object_], b: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    common = shapely.area(shapely.intersection(a, b))
    return np.asarray(common / (shapely.area(a) + shapely.area(b) - common), np.float64)
