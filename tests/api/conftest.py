"""A hand-checkable town for the service: a 12 × 12 grid of streets 200 m apart, six stations, workers in every block.

Node (i, j) lies 200 m · i east and 200 m · j north of the town's south-west corner::

    11 +--+--+-- … --+         station   node     hours                   facilities
     . |  |  |       |         S1        (2, 2)   24/7                    toilet water
     . +--+--+-- … --+         S2        (9, 2)   Mo-Su 08:00-20:00       water
     1 |  |  |       |         S3        (2, 9)   Mo-Fr 09:00-17:00       toilet microwave
     0 +--+--+-- … --+         S4        (9, 9)   24/7                    charging
       0  1  2   …  11         S5        (5, 5)   夏天看心情               water (hours nobody can read)
                               S6        (6, 6)   24/7, suspended         toilet
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from geoplan_api import Settings, create_app
from geoplan_api.settings import DataSettings, LimitSettings, SecuritySettings
from pyproj import Transformer
from shapely.geometry import LineString, Point, box

from geoplan.pack import FileEntry, Manifest, write_manifest
from geoplan.registry.accounts import add_account

CRS = "EPSG:4549"
ORIGIN_XY = (529_000.0, 3_495_000.0)
STEP_M, SIDE = 200.0, 12


def lonlat(i: float, j: float) -> tuple[float, float]:
    """Degrees of a grid position."""
    lon, lat = _transformer().transform(ORIGIN_XY[0] + STEP_M * i, ORIGIN_XY[1] + STEP_M * j)
    return float(lon), float(lat)


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def _streets() -> gpd.GeoDataFrame:
    rows = []
    for i in range(SIDE):
        for j in range(SIDE):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < SIDE and m < SIDE:
                    name = f"第{j + 1}街" if m == j else f"第{i + 1}路"
                    rows.append(
                        {
                            "u": i * SIDE + j,
                            "v": k * SIDE + m,
                            "highway": "residential",
                            "name": name,
                            "geometry": LineString([lonlat(i, j), lonlat(k, m)]),
                        }
                    )
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


STATIONS = (
    ("S1", "市民中心驿站", 2, 2, "24/7", "toilet;water", "operating"),
    ("S2", "三阳广场爱心驿站", 9, 2, "Mo-Su 08:00-20:00", "water", "operating"),
    ("S3", "文化宫驿站", 2, 9, "Mo-Fr 09:00-17:00", "toilet;microwave", "operating"),
    ("S4", "火车站暖心屋", 9, 9, "24/7", "charging", "operating"),
    ("S5", "东林广场驿站", 5, 5, "夏天看心情", "water", "operating"),
    ("S6", "北栅口驿站", 6, 6, "24/7", "toilet", "suspended"),
)


def _stations() -> pd.DataFrame:
    rows = []
    for code, name, i, j, hours, facilities, status in STATIONS:
        lon, lat = lonlat(i, j)
        rows.append(
            {
                "station_code": code,
                "name": name,
                "brand": "工会驿站",
                "station_class": "standard",
                "build_mode": "shared",
                "host_type": "bank",
                "host_name": "农业银行",
                "union_unit": "测试镇总工会",
                "district_code": "320201" if i < 6 else "320202",
                "town_code": "T1" if i < 6 else "T2",
                "address": f"第{j + 1}街{i}号",
                "lon": lon,
                "lat": lat,
                "source_crs": "wgs84",
                "verified_on": "2026-10-01",
                "opening_hours": hours,
                "access": "open",
                "facilities": facilities,
                "services": "",
                "worker_groups": "courier" if code == "S4" else "",
                "public_phone": "0510-80000000",
                "contact_person": "张三",
                "contact_phone": "13900001111",
                "status": status,
                "origin": "demonstration",
            }
        )
    return pd.DataFrame(rows)


def _demand() -> gpd.GeoDataFrame:
    rows = []
    for i in range(SIDE - 1):
        for j in range(SIDE - 1):
            lon, lat = lonlat(i + 0.5, j)
            rows.append(
                {
                    "demand_id": f"D{i:02d}{j:02d}",
                    "lon": lon,
                    "lat": lat,
                    "district_code": "320201" if i < 6 else "320202",
                    "town_code": "T1" if i < 6 else "T2",
                    "workers": 10.0,
                    "workers_food_rider": 6.0,
                    "workers_courier": 4.0,
                    "origin": "demonstration",
                }
            )
    frame = pd.DataFrame(rows)
    return gpd.GeoDataFrame(
        frame, geometry=[Point(*p) for p in zip(frame.lon, frame.lat, strict=True)], crs="EPSG:4326"
    )


def _candidates() -> pd.DataFrame:
    rows = []
    for number, (i, j) in enumerate(((0, 11), (11, 0), (11, 11), (0, 0), (5, 10), (10, 5), (5, 0), (0, 5))):
        lon, lat = lonlat(i, j)
        rows.append(
            {
                "candidate_id": f"C{number}",
                "name": f"候选点{number}",
                "host_type": "bank",
                "host_name": "邮政储蓄",
                "union_unit": "测试镇总工会",
                "lon": lon,
                "lat": lat,
                "district_code": "320201" if i < 6 else "320202",
                "town_code": "T1" if i < 6 else "T2",
                "station_class": "standard",
                "cost": 1.0,
                "origin": "demonstration",
            }
        )
    return pd.DataFrame(rows)


def write_town(folder: Path) -> Path:
    """Write the town as a pack folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _streets().to_parquet(folder / "streets.parquet")
    west, middle, east = (lonlat(i, 0)[0] for i in (-2.5, 5.99, 13.5))
    south, north = lonlat(0, -2.5)[1], lonlat(0, 13.5)[1]
    districts = gpd.GeoDataFrame(
        {"district_code": ["320201", "320202"], "name": ["西区", "东区"]},
        geometry=[box(west, south, middle, north), box(middle, south, east, north)],
        crs="EPSG:4326",
    )
    districts.to_file(folder / "districts.gpkg", driver="GPKG")
    towns = gpd.GeoDataFrame(
        {
            "town_code": ["T1", "T2"],
            "name": ["西镇", "东镇"],
            "district_code": ["320201", "320202"],
            "kind": ["镇", "镇"],
        },
        geometry=[Point(*lonlat(3, 6)), Point(*lonlat(9, 6))],
        crs="EPSG:4326",
    )
    towns.to_file(folder / "towns.gpkg", driver="GPKG")
    _stations().to_csv(folder / "stations.csv", index=False, encoding="utf-8-sig")
    _demand().to_parquet(folder / "demand.parquet")
    _candidates().to_csv(folder / "candidates.csv", index=False, encoding="utf-8-sig")
    lon, lat = lonlat(5.5, 5.5)
    pd.DataFrame(
        {
            "name": ["人民广场"],
            "name_en": ["People's Square"],
            "kind": ["metro"],
            "lon": [lon],
            "lat": [lat],
            "lines": ["1"],
            "source": ["test"],
        }
    ).to_csv(folder / "places.csv", index=False, encoding="utf-8-sig")
    names = {
        "streets": "streets.parquet",
        "districts": "districts.gpkg",
        "towns": "towns.gpkg",
        "stations": "stations.csv",
        "demand": "demand.parquet",
        "candidates": "candidates.csv",
        "places": "places.csv",
    }
    write_manifest(
        Manifest(
            name_zh="测试镇",
            name_en="Testtown",
            area="测试镇全域",
            area_en="all of Testtown",
            crs_metric=CRS,
            origin="demonstration",
            attribution=("© OpenStreetMap contributors",),
            files={layer: FileEntry(path, "made for the tests", "2026-11-01", "CC0") for layer, path in names.items()},
        ),
        folder,
    )
    return folder


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's pack folder; read only."""
    return write_town(tmp_path_factory.mktemp("packs") / "town")


def town_settings(town: Path, folder: Path, **concerns: object) -> Settings:
    """Settings of a service for the town that writes into a folder of its own."""
    values: dict[str, object] = {
        "data": DataSettings(pack=town, folder=folder, warm=False),
        "limits": LimitSettings(public_per_minute=0),
        "security": SecuritySettings(secure_cookies=False),  # the test client speaks plain HTTP
        **concerns,
    }
    return Settings(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def client(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a running service that only reads."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("service")))) as running:
        yield running


@pytest.fixture
def writable(town: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A client of a fresh service whose register and accounts a test may change."""
    with TestClient(create_app(town_settings(town, tmp_path / "service"))) as running:
        yield running


def grid_bbox(a: float, b: float, c: float, d: float) -> str:
    """A ``bbox`` parameter from grid positions."""
    west, south = lonlat(a, b)
    east, north = lonlat(c, d)
    return ",".join(f"{value:.7f}" for value in np.array([west, south, east, north]))


PASSWORD = "correct horse battery"


def sign_in(client: TestClient, role: str = "admin", name: str = "wang") -> dict[str, str]:
    """Make an account and sign in; returns the headers that changes need."""
    add_account(client.app.state.live.state.register, name, PASSWORD, role)  # type: ignore[attr-defined,arg-type]
    answer = client.post("/v1/login", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["csrf"]}
