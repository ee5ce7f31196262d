"""Compiling the search before somebody waits for it."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import shapely

from geoplan.network.network import StreetNetwork
from geoplan.sources.streets import Streets

__all__ = ["warm_up"]


def warm_up() -> float:
    """Run every kind of search once on three streets, so that all of it is compiled.

    What is compiled is kept on disk: the first call after installation takes some seconds, later ones a fraction.

    Returns
    -------
    float
        Seconds it took.
    """
    start = time.perf_counter()
    frame = gpd.GeoDataFrame(
        {"u": [1, 2, 3], "v": [2, 3, 1], "highway": "residential"},
        geometry=[
            shapely.LineString([(120.300, 31.500), (120.301, 31.500)]),
            shapely.LineString([(120.301, 31.500), (120.301, 31.501)]),
            shapely.LineString([(120.301, 31.501), (120.300, 31.500)]),
        ],
        crs="EPSG:4326",
    )
    shore = gpd.GeoSeries([shapely.LineString([(120.3, 31.6), (120.4, 31.6)])], crs="EPSG:4326")
    net = StreetNetwork.from_streets(Streets.from_frame(frame), barriers=shore)
    places = np.array([[120.3002, 31.5], [120.301, 31.5004]])
    net.travel_times(places, places)
    net.nearest(places, places, k=2)
    net.path((120.3002, 31.5), (120.301, 31.5004))
    net.service_area(places, 60.0)
    net.reached_streets(places, 60.0)
    return time.perf_counter() - start
