"""Make data/geoplan_data/districts.geojson: schematic districts around the published positions of their towns.

A district is all that lies nearer to one of its own towns and places than to another district's, within a hull around
all of them that has the city's published area. No outline of anybody's is used, so none is needed a licence for; the
borders are not the true ones, and every record says so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "data")]

from geoplan import facts  # noqa: E402
from geoplan.demo.plane import to_lonlat, to_plane  # noqa: E402

CITY_KM2 = 4627.0  # published area of Wuxi
CONCAVE = 0.35  # how far the hull follows the points: 0 closely, 1 convex
SIMPLE_M = 400.0  # corners nearer than this to a straight line are left out
NAMES = {
    "320205": ("锡山区", "Xishan"), "320206": ("惠山区", "Huishan"), "320211": ("滨湖区", "Binhu"),
    "320213": ("梁溪区", "Liangxi"), "320214": ("新吴区", "Xinwu"), "320281": ("江阴市", "Jiangyin"),
    "320282": ("宜兴市", "Yixing"),
}  # fmt: skip
SOURCE = "schematic, not the true border: what lies nearest to the district's towns (GeoNames)"


def hull_of(points: shapely.MultiPoint) -> shapely.Geometry:
    """Return the concave hull of the points, widened until it has the city's area."""
    core = shapely.concave_hull(points, ratio=CONCAVE)
    low, high = 0.0, 50_000.0
    while high - low > 1.0:
        middle = (low + high) / 2
        low, high = (middle, high) if core.buffer(middle).area < CITY_KM2 * 1e6 else (low, middle)
    return core.buffer(high)


def main() -> int:
    """Write the file."""
    towns = facts.towns().dropna(subset=["lon"])
    known = pd.concat([frame[["lon", "lat", "district_code"]] for frame in (towns, facts.places())])
    spots = np.round(to_plane(known["lon"].to_numpy(), known["lat"].to_numpy()))
    xy, first = np.unique(spots, axis=0, return_index=True)
    codes = known["district_code"].astype(str).to_numpy()[first]
    points = shapely.MultiPoint(xy)
    hull = hull_of(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=hull))
    tree = shapely.STRtree(cells)
    owner = tree.query(shapely.points(xy), predicate="intersects")
    cell_of = dict(zip(owner[0].tolist(), owner[1].tolist(), strict=True))
    parts = [
        shapely.intersection(shapely.union_all([cells[cell_of[i]] for i in np.flatnonzero(codes == code)]), hull)
        for code in NAMES
    ]
    plane = shapely.coverage_simplify(np.array(parts), SIMPLE_M)
    shapes = shapely.set_precision(shapely.transform(plane, to_lonlat), 1e-5)
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"district_code": code, "name": name, "name_en": english, "source": SOURCE},
                "geometry": shapely.geometry.mapping(shape),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for (code, (name, english)), shape in zip(NAMES.items(), shapes, strict=True)
    ]
    body = '{"type":"FeatureCollection","name":"districts","features":[\n' + ",\n".join(lines) + "\n]}\n"
    (ROOT / "data/geoplan_data/districts.geojson").write_text(body, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
