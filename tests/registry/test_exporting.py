"""What leaves the register: every format, no contacts, and it can come back in."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from geoplan import crs
from geoplan.cells import inert
from geoplan.errors import InputError
from geoplan.registry import Station, export_stations, export_upward, head_revision, open_register, stations, writing
from geoplan.sources.columns import map_columns
from geoplan.sources.coordinates import parse_coordinates, to_wgs84
from geoplan.sources.tables import read_table

SECRETS = ("13800000000", "李四", "内部备注", "身份证")


@pytest.fixture
def some(tmp_path: Path) -> list[Station]:
    with open_register(tmp_path / "a.db") as register:
        with writing(register, actor="anna", reason="x") as writer:
            writer.add(
                {
                    "name": "=1+1驿站",
                    "lon": 120.3,
                    "lat": 31.57,
                    "source_crs": "gcj02",
                    "source_coordinates": "120.305,31.568",
                    "contact_phone": SECRETS[0],
                    "contact_person": SECRETS[1],
                    "note": SECRETS[2],
                    "extra": {"身份证": "320211"},
                    "facilities": ["water", "toilet"],
                    "station_class": "smart24h",
                    "street_facing": True,
                    "opening_hours": "24小时",
                    "public_phone": "0510-12345678",
                    "area_m2": 12.0,
                }
            )
            writer.add({"name": "无坐标站", "address": "中山路1号"})
        return stations(register)


@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".geojson", ".gpkg"])
@pytest.mark.parametrize("system", ["wgs84", "gcj02"])
def test_every_format_comes_back_with_its_positions_and_without_contacts(
    some: list[Station], tmp_path: Path, ending: str, system: str
) -> None:
    path = export_stations(some, tmp_path / f"out{ending}", target_crs=system)
    table = read_table(path)
    content = table.frame.to_csv() + path.read_bytes().decode("utf-8", "ignore")
    assert not any(secret in content for secret in SECRETS)
    columns = map_columns(table.headers, "stations", {h: table.frame[h].tolist() for h in table.headers})
    positions = parse_coordinates(table, columns)
    declared = positions.row_crs[0] or positions.declared_crs  # a row speaks before its layer
    assert declared == system
    lon, lat = to_wgs84(positions, system)
    assert (lon[0], lat[0]) == pytest.approx((120.3, 31.57), abs=2e-7)
    assert list(positions.known) == [True, False]
    assert table.frame[columns.header("name")].tolist()[1] == "无坐标站"


def test_staff_export_has_everything(some: list[Station], tmp_path: Path) -> None:
    path = export_stations(some, tmp_path / "all.csv", public=False)
    text = path.read_text("utf-8-sig")
    assert all(secret in text for secret in SECRETS)


def test_no_cell_is_a_formula(some: list[Station], tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export_stations(some, tmp_path / "a.xlsx"))
    names = [cell for row in book["站点"] for cell in row if cell.value == "=1+1驿站"]
    assert [cell.data_type for cell in names] == ["s"]
    frame = pd.read_csv(export_stations(some, tmp_path / "a.csv"), encoding="utf-8-sig")
    assert frame["name"][0] == "'=1+1驿站"


@pytest.mark.parametrize("text", ["＝1+1", "﹢1", "－1", "＠x", " =1", "\u3000＝1", "\n=1", "\ufeff=1"])
def test_full_width_signs_are_no_formula_either(text: str, tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as register:
        with writing(register, actor="anna", reason="x") as writer:
            writer.add({"name": "甲", "brand": "x", "services": [f"{text}"]})
        items = stations(register)
    assert inert(text) == "'" + text
    frame = pd.read_csv(export_stations(items, tmp_path / "a.csv"), encoding="utf-8-sig")
    assert frame["services"][0].startswith("'")
    book = openpyxl.load_workbook(export_stations(items, tmp_path / "a.xlsx"))
    (cell,) = [cell for row in book["站点"] for cell in row if cell.value == frame["services"][0][1:]]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_excel_speaks_chinese(some: list[Station], tmp_path: Path) -> None:
    frame = pd.read_excel(export_stations(some, tmp_path / "a.xlsx"))
    assert frame["站点类型"][0] == "24小时智能"
    assert frame["设施"][0] == "饮水、厕所"
    assert frame["是否临街"][0] == "是"
    assert "经度（WGS84）" in frame


def test_gpkg_and_geojson_keep_stations_without_a_position(some: list[Station], tmp_path: Path) -> None:
    layer = gpd.read_file(export_stations(some, tmp_path / "a.gpkg"))
    assert layer.geometry.isna().tolist() == [False, True]
    data = json.loads(export_stations(some, tmp_path / "a.geojson").read_text("utf-8"))
    assert [f["geometry"] is None for f in data["features"]] == [False, True]
    assert data["features"][0]["id"] == 1


def test_demonstration_data_says_so(tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as register:
        with writing(register, actor="anna", reason="x") as writer:
            writer.add({"name": "甲", "lon": 120.3, "lat": 31.5, "origin": "demonstration"})
        items = stations(register)
    assert "演示数据" in export_stations(items, tmp_path / "a.geojson").read_text("utf-8")
    assert "演示数据" in str(openpyxl.load_workbook(export_stations(items, tmp_path / "a.xlsx"))["站点"]["A1"].value)
    assert export_upward(items, tmp_path / "a.zip", unit="某市总工会", revision=1)["demonstration"] is True


def test_upward_export_holds_all_and_proves_itself(tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as register:
        with writing(register, actor="anna", reason="x") as writer:
            writer.add({"name": "甲", "lon": 120.3, "lat": 31.5, "contact_phone": SECRETS[0]})
            writer.add({"name": "乙", "withdrawn": True})
        items = stations(register, withdrawn=True)
        manifest = export_upward(items, tmp_path / "up.zip", unit="无锡市总工会", revision=head_revision(register))
    with zipfile.ZipFile(tmp_path / "up.zip") as archive:
        said = json.loads(archive.read("manifest.json"))
        body = archive.read("stations.jsonl")
        fields = {field["name"] for field in json.loads(archive.read("fields.json"))}
    assert said == manifest
    assert (said["stations"], said["active"], said["revision"], said["crs"]) == (2, 1, 1, "wgs84")
    assert said["sha256"]["stations.jsonl"] == hashlib.sha256(body).hexdigest()
    records = [json.loads(line) for line in body.splitlines()]
    assert [record["withdrawn"] for record in records] == [False, True]
    assert set(records[0]) - {"station_id", "withdrawn", "revision", "changed_at"} == fields
    assert SECRETS[0] not in body.decode()
    with pytest.raises(InputError, match="unit"):
        export_upward(items, tmp_path / "b.zip", unit=" ", revision=1)


def test_unknown_endings_and_systems_are_refused(some: list[Station], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="export format"):
        export_stations(some, tmp_path / "a.doc")
    with pytest.raises(InputError, match="not known"):
        export_stations(some, tmp_path / "a.csv", target_crs="mars")


def test_gcj02_is_really_shifted(some: list[Station], tmp_path: Path) -> None:
    frame = pd.read_csv(export_stations(some, tmp_path / "a.csv", target_crs="gcj02"), encoding="utf-8-sig")
    x, y = crs.wgs84_to_gcj02(120.3, 31.57)
    assert (frame["lon_gcj02"][0], frame["lat_gcj02"][0]) == pytest.approx((float(x), float(y)), abs=1e-6)
