"""The register as a file over HTTP: who gets contacts, and that every form can be read again."""

from __future__ import annotations

import io
import json
import zipfile

import geopandas as gpd
import openpyxl
import pytest

from tests.api.conftest import sign_in


def test_only_staff_export(client):
    assert client.get("/v1/register/export.csv").status_code == 401


def test_every_form(writable, tmp_path):
    sign_in(writable, "viewer")
    table = writable.get("/v1/register/export.csv?crs=gcj02")
    assert table.headers["content-disposition"] == 'attachment; filename="register.csv"'
    assert "lon_gcj02" in table.text.splitlines()[0]
    assert "13900001111" not in table.text
    assert "张三" not in table.text
    book = openpyxl.load_workbook(io.BytesIO(writable.get("/v1/register/export.xlsx").content))
    assert sum(1 for _ in book.active.rows) >= 7
    assert len(json.loads(writable.get("/v1/register/export.geojson").content)["features"]) == 6
    path = tmp_path / "r.gpkg"
    path.write_bytes(writable.get("/v1/register/export.gpkg").content)
    assert len(gpd.read_file(path)) == 6


def test_the_upward_export(writable):
    sign_in(writable, "viewer")
    assert writable.get("/v1/register/export.zip").status_code == 400
    content = writable.get("/v1/register/export.zip", params={"unit": "测试镇总工会"}).content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        manifest = json.loads(parts.read("manifest.json"))
        assert manifest["unit"] == "测试镇总工会"
        assert manifest["stations"] == 6
        assert b"13900001111" not in parts.read("stations.jsonl")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 200)])
def test_contacts_are_for_editors_and_noted(writable, role, status):
    sign_in(writable, role)
    answer = writable.get("/v1/register/export.csv?contacts=true")
    assert answer.status_code == status
    assert ("13900001111" in answer.text) == (status == 200)
    if status == 200:
        from geoplan.registry.audit import audit_entries

        assert audit_entries(writable.app.state.live.state.register)[0].action == "export"
