"""Files that are made to hang, to swell or to reach elsewhere get one sentence, in seconds; the service goes on."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import sqlite3
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from geoplan_api.http.reader import read_upload
from geoplan_api.settings import LimitSettings
from shapely.geometry import Point

from geoplan.errors import InputError
from geoplan.sources.tables import read_table
from tests.api.conftest import sign_in

LIMITS = LimitSettings(reader_s=4.0)
WORKBOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(path: Path, rows: str, more: str = "") -> Path:
    """A workbook of one sheet with these rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in WORKBOOK.items():
            archive.writestr(name, text)
        sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>'
        archive.writestr("xl/worksheets/sheet1.xml", f"{sheet}{more}</worksheet>")
    return path


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def endless(path: Path) -> Path:
    """A GeoPackage whose layer is a view that never ends."""
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(120, 31)], crs=4326).to_file(path, layer="base", driver="GPKG")
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE VIEW stations AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS fid, 'a' AS name FROM n"
        )
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('stations', 'attributes', 's')"
        )
        db.execute("DELETE FROM gpkg_contents WHERE table_name = 'base'")
        db.execute("DELETE FROM gpkg_geometry_columns")
    db.close()
    return path


def refused(path: Path, limits: LimitSettings = LIMITS) -> tuple[str, float]:
    """The sentence that a file gets, and how long it took."""
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        read_upload(path, limits)
    assert multiprocessing.active_children() == []
    return str(caught.value), time.monotonic() - began


@pytest.fixture(scope="module", autouse=True)
def started(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load the readers' libraries once, so that the times below are of reading."""
    path = tmp_path_factory.mktemp("first") / "a.csv"
    path.write_text("站点名称,地址\n甲,乙\n")
    assert read_upload(path, LIMITS).frame["站点名称"].tolist() == ["甲"]


def test_an_endless_view_is_ended(tmp_path):
    words, took_s = refused(endless(tmp_path / "a.gpkg"))
    assert "takes more than 4 s" in words
    assert took_s < 9


def test_one_cell_in_the_last_row_is_no_million_rows(tmp_path):
    rows = (
        f'<row r="1">{cell("A1", "站点名称")}{cell("B1", "地址")}</row><row r="1048576">{cell("A1048576", "x")}</row>'
    )
    path = workbook(tmp_path / "a.xlsx", rows)
    assert path.stat().st_size < 4096
    _, took_s = refused(path, LimitSettings())
    assert took_s < 15
    wide = rows.replace("A1048576", "XFD1048576")
    assert len(read_upload(workbook(tmp_path / "c.xlsx", wide), LimitSettings())) == 0
    far = workbook(tmp_path / "b.xlsx", f'<row r="999999999">{cell("A999999999", "x")}</row>')
    refused(far, LIMITS)


def test_a_formatted_last_row_is_no_fault(tmp_path):
    rows = f'<row r="1">{cell("A1", "站点名称")}{cell("B1", "地址")}</row><row r="3">{cell("A3", "甲")}</row>'
    path = workbook(tmp_path / "a.xlsx", rows + '<row r="60000"/>')
    table = read_upload(path, LimitSettings())
    assert (table.row.tolist(), table.frame["站点名称"].tolist()) == ([3], ["甲"])


def test_a_merge_over_the_whole_sheet(tmp_path):
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", "站点名称" if n == 1 else "甲")}{cell(f"B{n}", "地址")}</row>'
        for n in range(1, 900)
    )
    more = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    began = time.monotonic()
    with contextlib.suppress(InputError):
        read_upload(workbook(tmp_path / "a.xlsx", rows, more), LIMITS)
    assert time.monotonic() - began < 8


def test_very_many_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{n}" for n in range(200_000)) + "\n" + ",".join("1" * 200_000) + "\n")
    words, took_s = refused(path)
    assert "columns" in words
    assert took_s < 4
    path = tmp_path / "a.geojson"
    features = [{"type": "Feature", "geometry": None, "properties": {f"c{n}": 1 for n in range(5000)}}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert "columns" in refused(path)[0]


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.gml", "a.kml", "a.fgb", "a.csv", "a.json", "a.geojson"])
def test_a_description_of_other_files_is_not_followed(tmp_path, name):
    path = tmp_path / name
    path.write_text(VRT)
    assert "web page or XML" in refused(path)[0]
    with pytest.raises(InputError, match="web page or XML"):
        read_table(path)


def test_too_much_memory_is_refused(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text("[" + ",".join(["[]"] * 6_000_000) + "]")
    words, took_s = refused(path, LimitSettings(reader_bytes=150_000_000))
    assert "MB to read" in words or "no GeoJSON features" in words
    assert took_s < 25


def test_too_many_rows_and_bombs(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("站点名称,地址\n" + "甲,乙\n" * 30_000)
    assert "30,000 rows" in refused(path)[0]
    bomb = tmp_path / "b.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(30_000_000))
    assert bomb.stat().st_size < 100_000
    assert "unpacks to more" in refused(bomb, LimitSettings(max_unpacked_bytes=20_000_000))[0]
    (tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04 no more")
    refused(tmp_path / "c.xlsx")


def test_what_is_read_comes_back_whole(tmp_path):
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"站点名称": ["甲", "乙"], "面积": [1.5, None]}, geometry=[Point(120, 31), None], crs=4326)
    frame.to_file(path, driver="GPKG")
    here, there = read_table(path), read_upload(path, LIMITS)
    assert here.frame.equals(there.frame)
    assert here.row.tolist() == there.row.tolist()
    assert here.geometry is not None
    assert there.geometry is not None
    assert here.geometry.to_wkb().tolist() == there.geometry.to_wkb().tolist()
    assert (here.name, here.declared_crs, here.sheets) == (there.name, there.declared_crs, there.sheets)


def test_over_http_a_hostile_file_gets_a_sentence(writable, tmp_path):
    token = sign_in(writable, "editor")
    content = endless(tmp_path / "x.gpkg").read_bytes()
    writable.app.state.live.state.__dict__["settings"] = writable.app.state.settings.model_copy(
        update={"limits": LIMITS}
    )
    answer = writable.post("/v1/register/import", files={"file": ("台账.gpkg", io.BytesIO(content))}, headers=token)
    assert answer.status_code == 422
    assert "时间或内存" in answer.json()["detail_zh"]
