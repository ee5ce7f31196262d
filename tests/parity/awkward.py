"""A city made to be awkward: its own limit and radius, capacities, one-way streets, hours nobody can read.

A grid of 9 × 9 corners, 150 m apart (EPSG:4549). Streets that run east-west in the rows 2 and 6 are one-way (eastward
and westward). The columns 0–3 are the district 甲, 4–8 the district 乙; the demand in row 8 lies in neither::

    8 o--o--o--…--o     no district
    .
    6 o<-o<-o<-…--o     one-way, westward
    .
    2 o->o->o->…--o     one-way, eastward
    0 o--o--o--…--o
      0  1  2     8
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import Transformer
from shapely.geometry import LineString, Point, box

CRS = "EPSG:4549"
ORIGIN_XY = (529_000.0, 3_495_000.0)
STEP_M, SIDE = 150.0, 9
_TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

MANIFEST = """\
format = 1
name_zh = "怪城"
name_en = "Awkward"
area = "怪城"
origin = "demonstration"
crs_metric = "EPSG:4549"
cost_unit = "万元"

[defaults]
limit_s = 600.0
radius_m = 500.0
hour_cost = 0.5
all_day_cost = 3.0

[files.streets]
path = "streets.parquet"
[files.districts]
path = "districts.gpkg"
[files.stations]
path = "stations.csv"
[files.demand]
path = "demand.parquet"
[files.candidates]
path = "candidates.csv"
"""


@dataclass(frozen=True)
class Place:
    """A station: corner, hours as text, and when it is open in minutes of a weekday and of a Saturday."""

    code: str
    i: float
    j: float
    hours: str
    weekday: tuple[tuple[int, int], ...]
    saturday: tuple[tuple[int, int], ...]
    facilities: str
    capacity: float
    status: str = "operating"


DAY = ((0, 1440),)
STATIONS = (
    Place("S1", 1, 1, "24/7", DAY, DAY, "toilet;water", 60),
    Place("S2", 7, 1, "Mo-Su 10:20-21:00", ((620, 1260),), ((620, 1260),), "water", 40),
    Place("S3", 1, 7, "Mo-Fr 08:00-11:30,13:30-17:30", ((480, 690), (810, 1050)), (), "toilet;microwave", 50),
    Place("S4", 6, 6, "Mo-Su 07:15-12:45", ((435, 765),), ((435, 765),), "microwave;charging", 80),
    Place("S5", 4, 4, "夏天看心情", (), (), "water;toilet", 30),
    Place("S6", 3, 4, "", (), (), "water", 30),
    Place("S7", 5, 5, "24/7", DAY, DAY, "toilet", 90, "suspended"),
)
CANDIDATES = ((0, 8), (8, 8), (4, 2), (8, 4), (3.5, 6), (0, 4), (6, 0.5))


def lonlat(i: float, j: float) -> tuple[float, float]:
    """Degrees of a place on the grid."""
    lon, lat = _TO_DEGREES.transform(ORIGIN_XY[0] + STEP_M * i, ORIGIN_XY[1] + STEP_M * j)
    return float(lon), float(lat)


def streets() -> gpd.GeoDataFrame:
    rows = []
    for i in range(SIDE):
        for j in range(SIDE):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k >= SIDE or m >= SIDE:
                    continue
                ends = [(i, j), (k, m)]
                oneway = "yes" if m == j and j in (2, 6) else None
                if j == 6 and oneway:
                    ends.reverse()
                (a, b), (c, d) = ends
                rows.append(
                    {
                        "u": a * SIDE + b,
                        "v": c * SIDE + d,
                        "highway": "residential",
                        "name": f"第{j + 1}街" if m == j else f"第{i + 1}路",
                        "oneway": oneway,
                        "geometry": LineString([lonlat(a, b), lonlat(c, d)]),
                    }
                )
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def demand() -> gpd.GeoDataFrame:
    """Points along the streets, some of them off the corners; workers differ, one trade is out at night."""
    rows = []
    for i in range(SIDE):
        for j in range(SIDE):
            at = (min(i + 0.3, SIDE - 1), j)
            lon, lat = lonlat(*at)
            district = None if j == 8 else ("A" if i < 4 else "B")
            rider, cleaner = float((3 * i + j) % 5), float((i + 2 * j) % 4)
            rows.append(
                {
                    "demand_id": f"D{i}{j}",
                    "lon": lon,
                    "lat": lat,
                    "district_code": district,
                    "town_code": None,
                    "workers": rider + cleaner,
                    "workers_food_rider": rider,
                    "workers_sanitation": cleaner,
                }
            )
    frame = pd.DataFrame(rows)
    places = [Point(x, y) for x, y in zip(frame["lon"], frame["lat"], strict=True)]
    return gpd.GeoDataFrame(frame, geometry=places, crs="EPSG:4326")


def write_awkward(folder: Path) -> Path:
    """Write the city as a pack folder."""
    folder.mkdir(parents=True, exist_ok=True)
    streets().to_parquet(folder / "streets.parquet")
    demand().to_parquet(folder / "demand.parquet")
    xs = [lonlat(i, 0)[0] for i in (-2.0, 3.9, 10.0)]
    south, north = lonlat(0, -2.0)[1], lonlat(0, 7.5)[1]
    gpd.GeoDataFrame(
        {"district_code": ["A", "B"], "name": ["甲区", "乙区"]},
        geometry=[box(xs[0], south, xs[1], north), box(xs[1], south, xs[2], north)],
        crs="EPSG:4326",
    ).to_file(folder / "districts.gpkg", driver="GPKG")
    rows = []
    for one in STATIONS:
        lon, lat = lonlat(one.i, one.j)
        rows.append(
            {
                "station_code": one.code,
                "name": f"{one.code}驿站",
                "station_class": "standard",
                "district_code": "A" if one.i < 4 else "B",
                "lon": lon,
                "lat": lat,
                "source_crs": "wgs84",
                "opening_hours": one.hours,
                "facilities": one.facilities,
                "status": one.status,
                "capacity": one.capacity,
                "origin": "demonstration",
            }
        )
    pd.DataFrame(rows).to_csv(folder / "stations.csv", index=False, encoding="utf-8-sig")
    rows = []
    for number, (i, j) in enumerate(CANDIDATES):
        lon, lat = lonlat(i, j)
        rows.append(
            {
                "candidate_id": f"C{number}",
                "name": f"候选{number}",
                "host_type": "bank",
                "host_name": "银行",
                "station_class": "standard",
                "district_code": "A" if i < 4 else "B",
                "lon": lon,
                "lat": lat,
                "cost": 1.0 + 0.5 * number,
                "capacity": 35.0 + 5 * number,
                "origin": "demonstration",
            }
        )
    pd.DataFrame(rows).to_csv(folder / "candidates.csv", index=False, encoding="utf-8-sig")
    (folder / "pack.toml").write_text(MANIFEST, encoding="utf-8")
    return folder
