"""Key areas: where the standard is meant to hold first, drawn around the densest work of each district."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoplan.demo.field import CELL_M, Field
from geoplan.demo.ground import Ground, to_degrees
from geoplan.demo.plane import smooth

__all__ = ["key_areas"]

_SHARE_OF_WORK: Final = 0.5
_LEAST_KM2: Final = 0.6


def key_areas(ground: Ground, field: Field) -> gpd.GeoDataFrame:
    """Return one key area for each district: its densest cells, which together hold half of its outdoor work.

    The standard speaks of 「主要城市和城市重点区域」 without drawing them; these are a demonstration rule.

    Returns
    -------
    geopandas.GeoDataFrame
        ``area_code, name, name_en, district_code, origin, geometry`` in WGS-84; scraps below 0.6 km² are left out.
    """
    centres = field.centres()
    rows, shapes = [], []
    for row, district in enumerate(ground.districts.itertuples()):
        mine = np.flatnonzero(field.district.ravel() == row)
        if not len(mine):
            continue
        work = field.work.ravel()[mine]
        order = np.lexsort((mine, -work))
        held = np.cumsum(work[order])
        chosen = centres[mine[order[: int(np.searchsorted(held, _SHARE_OF_WORK * held[-1])) + 1]]]
        half = 0.5 * CELL_M
        cells = shapely.box(chosen[:, 0] - half, chosen[:, 1] - half, chosen[:, 0] + half, chosen[:, 1] + half)
        parts = shapely.get_parts(shapely.union_all(np.asarray(cells, dtype=object)))
        kept = [_rounded(part) for part in parts if shapely.area(part) >= _LEAST_KM2 * 1e6]
        if kept:
            rows.append((f"K{district.district_code}", f"示例重点区域·{district.name}", district.district_code))
            shapes.append(shapely.union_all(kept))
    return gpd.GeoDataFrame(
        {
            "area_code": [r[0] for r in rows],
            "name": [r[1] for r in rows],
            "district_code": [r[2] for r in rows],
            "origin": "demonstration",
        },
        geometry=list(to_degrees(np.array(shapes, dtype=object))) if shapes else [],
        crs="EPSG:4326",
    )


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """Round the corners of a block of cells; holes are filled."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shape))
    return shapely.make_valid(shapely.Polygon(smooth(ring, 2)))
