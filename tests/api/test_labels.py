"""Every answer and file of a demonstration city says so; a new route must be listed here, with how it does."""

from __future__ import annotations

import io
import json
import zipfile

import docx
import geopandas as gpd
import openpyxl
import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app

from tests.api.conftest import lonlat, sign_in, town_settings
from tests.api.test_desk import finished

LON, LAT = lonlat(4, 2)
JOB = {"kind": "siting", "params": {"new_sites": 1}}
ASKED = {
    "/v1/meta": "",
    "/v1/stations": "",
    "/v1/stations.csv": "",
    "/v1/stations/{code}": "",
    "/v1/stations/{code}/service-area": "?limit_s=300,600",
    "/v1/nearest": f"?lon={LON}&lat={LAT}",
    "/v1/coverage": "",
    "/v1/coverage/cube": "",
    "/v1/gaps": "?slice=22-06&day=2026-11-20",
    "/v1/criticality": "",
    "/v1/plan": "",
    "/v1/feed/miniprogram": "",
    "/v1/feed/miniprogram/open": "",
    "/v1/feed/miniprogram/nearest": f"?longitude={LON}&latitude={LAT}",
    "/v1/ogc/collections": "",
    "/v1/ogc/collections/{name}": "",
    "/v1/ogc/collections/{name}/items": "",
    "/v1/ogc/collections/{name}/items/{key}": "",
    "/v1/tiles/{layer}.json": "",
    "/v1/jobs/{job_id}/result": "",
    "/v1/jobs/{job_id}/projects.{form}": "",
    "/v1/jobs/{job_id}/report.docx": "",
    "/v1/report.docx": "",
    "/v1/register/export.{form}": "",
    "/v1/register/stations": "",
    "/v1/register/stations/{number}": "",
    "/v1/register/round": "?codes=S1,S2",
    "/v1/register/round.xlsx": "?codes=S1,S2",
    "/v1/register/inspection": "",
    "/v1/register/inspection.xlsx": "",
    "/v1/scenarios": "",
    "/v1/scenarios/compare": "?ids={scenario_id},{other_id}",
    "/v1/scenarios/{scenario_id}": "",
    "/v1/scenarios/{scenario_id}/projects.{form}": "",
    "/v1/scenarios/{scenario_id}/report.docx": "",
    "/v1/shared/{token}": "",
    "/v1/shared/{token}/projects.{form}": "",
    "/v1/shared/{token}/report.docx": "",
}
PLAIN = {  # what holds no figure, place or record of the city, or is drawn on a page that has the banner
    "/",
    "/planner",
    "/docs",
    "/metrics",
    "/v1/health",
    "/v1/ready",
    "/v1/problems",
    "/v1/me",
    "/v1/me/sessions",
    "/v1/sso/back",
    "/v1/sso/start",
    "/v1/stations/{code}/qr.svg",
    "/v1/accounts",
    "/v1/keys",
    "/v1/audit",
    "/v1/questions",
    "/v1/search",
    "/v1/style.json",
    "/v1/glyphs/{fontstack}/{start}-{end}.pbf",
    "/v1/tiles/{layer}/{z}/{x}/{y}.mvt",
    "/v1/jobs",
    "/v1/jobs/{job_id}",
    "/v1/jobs/{job_id}/events",
    "/v1/register/history",
    "/v1/register/imports",
    "/v1/register/reviews",
    "/v1/register/stations/{number}/history",
    "/v1/reports",
    "/v1/reports/{number}/status",
    "/v1/still/{zoom}/{column}/{row}/{width}x{height}.webp",
    "/v1/reports/{report_id}/photo",
    "/v1/unmet",
    "/v1/ogc",
    "/v1/ogc/",
    "/v1/ogc/conformance",
    "/v1/ogc/collections/{name}/queryables",
}
FILLED = {
    "code": ["S1"],
    "number": ["1"],
    "name": ["stations", "districts", "towns", "plan"],
    "key": ["S1", "320201", "T1"],
    "layer": ["base", "stations", "demand", "gaps", "candidates", "plan", "service_areas"],
}


@pytest.fixture(scope="module")
def desk(town, tmp_path_factory):
    """A signed-in client with a finished plan, saved twice and shared."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("labels")))) as client:
        token = sign_in(client)
        job = client.post("/v1/jobs", json=JOB, headers=token).json()["id"]
        assert finished(client, job)["status"] == "done"
        saved = [
            client.post("/v1/scenarios", json={"job_id": job, "name": name}, headers=token).json()["id"]
            for name in ("甲", "乙")
        ]
        shared = client.post(f"/v1/scenarios/{saved[0]}/share", json={"on": True}, headers=token).json()["share"]
        client.ids = {"job_id": job, "scenario_id": saved[0], "other_id": saved[1], "token": shared}
        yield client


def addresses(path: str, ids: dict[str, str]) -> list[str]:
    """Fill in a route's template: every form, collection and layer that it may be asked for."""
    text = path + ASKED[path]
    forms = ["xlsx", "csv", "geojson"] if "projects" in path else ["xlsx", "csv", "geojson", "gpkg", "zip"]
    found = [text]
    for name, values in {**FILLED, "form": forms, **{name: [value] for name, value in ids.items()}}.items():
        found = [one.replace(f"{{{name}}}", value) for one in found for value in values]
    if path.endswith("{key}"):
        keys = {"stations": "S1", "districts": "320201", "towns": "T1"}
        found = [f"/v1/ogc/collections/{name}/items/{key}" for name, key in keys.items()]
    return sorted(set(found))


def says_so(value: object) -> bool:
    """Whether JSON names the origin at its head, in its subject, or in each of its records."""
    if isinstance(value, list):
        return bool(value) and all(says_so(one) for one in value)
    if not isinstance(value, dict):
        return False
    if value.get("origin") == "demonstration" or value.get("demonstration") is True:
        return True
    inner = (
        "subject",
        "properties",
        "summary",
        "result",
        "features",
        "stations",
        "station",
        "collections",
        "scenarios",
        "plans",
    )
    return any(says_so(value[name]) for name in inner if name in value)


def labelled(body: bytes, media_type: str, tmp_path) -> bool:
    if "json" in media_type:
        return says_so(json.loads(body))
    if "csv" in media_type:
        _, *rows = body.decode("utf-8-sig").strip().splitlines()
        return bool(rows) and all("demonstration" in row or "演示" in row for row in rows)
    if "spreadsheetml" in media_type:
        book = openpyxl.load_workbook(io.BytesIO(body))
        return any("演示数据" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    if "wordprocessingml" in media_type:
        document = docx.Document(io.BytesIO(body))
        heads = [line.text for section in document.sections for line in section.header.paragraphs]
        return any("演示数据" in text for text in [*heads, *(line.text for line in document.paragraphs)])
    path = tmp_path / "file"
    path.write_bytes(body)
    if "zip" in media_type:
        with zipfile.ZipFile(path) as parts:
            return json.loads(parts.read("manifest.json"))["demonstration"] is True
    return bool((gpd.read_file(path.rename(path.with_suffix(".gpkg")))["origin"] == "demonstration").all())


def test_every_readable_route_is_listed(client):
    paths = client.get("/v1/openapi.json").json()["paths"]
    readable = {path for path, operations in paths.items() if "get" in operations}
    assert readable - set(ASKED) - PLAIN == set()
    assert set(ASKED) - readable == set()


@pytest.mark.parametrize("path", list(ASKED))
def test_a_demonstration_city_says_so(desk, path, tmp_path):
    for number, address in enumerate(addresses(path, desk.ids)):
        if address.endswith(".zip"):
            address += "?unit=测试镇总工会"
        answer = desk.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        folder = tmp_path / str(number)
        folder.mkdir()
        assert labelled(answer.content, answer.headers["content-type"], folder), address


def test_features_of_outlines_carry_their_origin(desk):
    """A layer saved from a client keeps its properties and loses what stood at the head of the answer."""
    for address in (
        "/v1/stations/S1/service-area",
        "/v1/ogc/collections/districts/items",
        "/v1/ogc/collections/towns/items",
        "/v1/ogc/collections/stations/items",
        "/v1/ogc/collections/plan/items",
    ):
        features = desk.get(address).json()["features"]
        assert features
        assert {feature["properties"]["origin"] for feature in features} == {"demonstration"}, address
