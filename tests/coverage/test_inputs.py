"""Bad inputs: all faults once, with rows, and nothing lost."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from geoplan.coverage.inputs import check_areas, check_demand, check_hours, check_pack_inputs
from geoplan.pack import FileEntry

STATIONS = pd.DataFrame({"station_code": ["a", "b", "c"], "opening_hours": ["24小时", "见公告", None]})
DEMAND = gpd.GeoDataFrame(
    {"demand_id": ["p", "q", "r"], "workers": [1.0, -2.0, None], "workers_courier": [1.0, 0.0, 3.0]},
    geometry=[Point(120.001, 31.001), Point(120.015, 31.001), Point(120.5, 31.5)],
    crs="EPSG:4326",
)
AREAS = gpd.GeoDataFrame(
    {"district_code": ["w", "m", "e"]},
    geometry=[box(120.0, 31.0, 120.01, 31.01), box(120.009, 31.0, 120.02, 31.01), box(120.02, 31.0, 120.03, 31.01)],
    crs="EPSG:4326",
)


def test_hours_that_nobody_can_read():
    (fault,) = check_hours(STATIONS, "stations.csv")
    assert fault.sentence().startswith(
        "stations.csv, row 3, field 'opening_hours': the opening hours '见公告' cannot be read"
    )
    assert fault.sentence("zh").startswith("stations.csv，第 3 行，字段“opening_hours”：开放时间“见公告”无法识别")
    assert check_hours(STATIONS[["station_code"]]) == ()


def test_negative_or_missing_demand():
    assert [(f.row, f.field) for f in check_demand(DEMAND)] == [(3, "workers"), (4, "workers")]


def test_areas_that_overlap_or_miss_a_point():
    faults = check_areas(AREAS, DEMAND, "EPSG:4549", "areas.gpkg")
    assert [(f.file, f.row) for f in faults] == [("areas.gpkg", 2), ("", 4)]
    assert (
        "overlaps that of row 3 by 105," in faults[0].problem or "overlaps that of row 3 by 106," in faults[0].problem
    )
    assert check_areas(AREAS.iloc[[0, 2]], DEMAND.iloc[[0]], "EPSG:4549") == ()


def test_no_crs():
    bare = AREAS.set_crs(None, allow_override=True)
    (fault,) = check_areas(bare, DEMAND, "EPSG:4549")
    assert fault.problem == "the areas do not state their CRS"


def test_a_pack_reports_everything_once_and_keeps_the_rows(tmp_path):
    names = {"stations": "stations.csv", "demand": "demand.csv", "districts": "districts.gpkg"}
    manifest = SimpleNamespace(files={key: FileEntry(name) for key, name in names.items()}, crs_metric="EPSG:4549")
    pack = SimpleNamespace(root=tmp_path, manifest=manifest, stations=STATIONS, demand=DEMAND, districts=AREAS)
    report = check_pack_inputs(pack)
    assert [(f.file, f.row) for f in report.faults] == [
        ("stations.csv", 3), ("demand.csv", 3), ("demand.csv", 4), ("demand.csv", 4), ("districts.gpkg", 2),
    ]  # fmt: skip
    written = [rows.write() for rows in report.rejected]
    assert [path.name for path in written] == ["stations.rejected.csv", "demand.rejected.csv"]
    kept = pd.read_csv(written[1])
    assert kept["row"].tolist() == [3, 4]
    assert kept["demand_id"].tolist() == ["q", "r"]
    assert "none of the areas" in kept["reason"].iloc[1]
    assert "not a number of workers" in kept["reason"].iloc[1]


@pytest.mark.parametrize("text", ["工作日", "白天"])
def test_every_unread_wording_is_a_fault(text):
    assert len(check_hours(pd.DataFrame({"opening_hours": [text, text]}))) == 2
