"""After warming up, nothing is left to compile, whether a network was built or opened from its file."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geoplan.network import StreetNetwork, Streets, kernels, warm_up
from geoplan.network.areas import kernels as area_kernels
from geoplan.network.graph import kernels as graph_kernels
from geoplan.network.snapping import kernels as snapping_kernels


def compiled() -> dict[str, int]:
    parts = (kernels, area_kernels, graph_kernels, snapping_kernels)
    return {f"{part.__name__}.{name}": len(getattr(part, name).signatures) for part in parts for name in part.__all__
            if hasattr(getattr(part, name), "signatures")}  # fmt: skip


def test_everything_is_compiled_once(tmp_path):
    assert warm_up() > 0
    before = compiled()
    assert min(before.values()) >= 1
    lines = [shapely.LineString([(120.3, 31.5), (120.31, 31.5)]), shapely.LineString([(120.31, 31.5), (120.31, 31.51)])]
    frame = gpd.GeoDataFrame(
        {"u": [1, 2], "v": [2, 3], "highway": ["residential", "steps"], "oneway:foot": ["yes", None]},
        geometry=lines, crs="EPSG:4326",
    )  # fmt: skip
    built = StreetNetwork.from_streets(Streets.from_frame(frame), "elderly")
    for net in (built, StreetNetwork.open(built.save(tmp_path / "a.gpn"))):
        places = np.array([[120.302, 31.5], [120.31, 31.503], [120.31, 31.506]])
        net.travel_times(places[:2], places)
        net.travel_times(places, places[:2])
        net.travel_times(np.array([0]), np.array([1, 2]))
        net.nearest(places, places, k=2)
        net.path(0, 1)
        net.service_area(places, [60.0, 120.0], merged=True)
        net.service_area(places, 60.0, outward=False)
        net.reached_streets(places, 60.0)
    assert compiled() == before
