"""A small city, analysed once: three stations on one street, two districts."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from geoplan import CityPack
from geoplan.coverage import Analysis, analyse
from geoplan.network import StreetNetwork
from geoplan.pack import FileEntry, Manifest, network_of, write_manifest

#  one street along 31.005° N from 120.000 to 120.040, a node every 0.005° (about 477 m)
#
#   |------ 西区 west ------|------ 东区 east ------|
#   s0          s1                           s2
LON = np.round(120.0 + 0.005 * np.arange(9), 3)
LAT = 31.005
FILES = {
    "streets": "streets.parquet",
    "districts": "districts.gpkg",
    "stations": "stations.csv",
    "demand": "demand.csv",
}


@pytest.fixture(scope="session")
def pack(tmp_path_factory) -> CityPack:
    folder = tmp_path_factory.mktemp("town")
    lines = [LineString([(a, LAT), (b, LAT)]) for a, b in pairwise(LON)]
    streets = {"u": range(8), "v": range(1, 9), "highway": "residential", "name": "人民路"}
    gpd.GeoDataFrame(streets, geometry=lines, crs="EPSG:4326").to_parquet(folder / FILES["streets"])
    shapes = [box(119.99, 31.0, 120.0225, 31.01), box(120.0225, 31.0, 120.05, 31.01)]
    districts = {"district_code": ["w", "e"], "name": ["西区", "东区"]}
    gpd.GeoDataFrame(districts, geometry=shapes, crs="EPSG:4326").to_file(folder / FILES["districts"])
    stations = pd.DataFrame(
        {
            "station_code": ["s0", "s1", "s2"],
            "name": ["=甲站", "乙站", "丙站"],
            "lon": [120.0, 120.01, 120.035],
            "lat": LAT,
            "opening_hours": ["24小时", "周一至周五 8:00-18:00", "看公告"],
            "facilities": ["water;toilet", "microwave;charging", ""],
            "verified_on": ["2025-01-01", "", "2023-01-01"],
            "origin": "demonstration",
        }
    )
    stations.to_csv(folder / FILES["stations"], index=False, encoding="utf-8-sig")
    demand = pd.DataFrame(
        {
            "demand_id": [f"d{i}" for i in range(9)],
            "lon": LON,
            "lat": LAT,
            "town_code": ["t"] * 4 + ["u"] * 5,
            "workers_food_rider": np.arange(1, 10) * 10,
            "workers_sanitation": 10,
            "origin": "demonstration",
        }
    )
    demand.to_csv(folder / FILES["demand"], index=False, encoding="utf-8-sig")
    files = {layer: FileEntry(path, "tests", "2025-01-01", "CC0", ("小样例",)) for layer, path in FILES.items()}
    write_manifest(
        Manifest("小城", "Smalltown", "小城两区", "two districts", "EPSG:4549", "demonstration", files=files,
                 attribution=("演示",), notes=("人数为假设",)), folder,
    )  # fmt: skip
    return CityPack.open(folder)


@pytest.fixture(scope="session")
def network(pack, tmp_path_factory) -> StreetNetwork:
    return network_of(pack, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def analysis(pack, network) -> Analysis:
    return analyse(pack, network, at=datetime.fromisoformat("2025-03-05T12:30"))
