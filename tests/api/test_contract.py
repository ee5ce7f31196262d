"""The whole contract at once: no route fails (schemathesis), GDAL opens the collections, the feed keeps its fields."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pyogrio
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

LEFT_OUT = ("/events",)  # a stream that ends with its job


def test_no_route_fails(client):
    """Every operation on what its schema allows, and on what it does not."""
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app=client.app)
    failures: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith(LEFT_OUT):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _try(operation, mode, failures)
            except Unsatisfiable:  # an operation without parameters has no wrong ones
                continue
    assert failures == []


def _try(operation: Any, mode: GenerationMode, failures: list[str]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def run(case: Any) -> None:
        response = case.call()
        if response.status_code >= 500:
            failures.append(f"{case.method} {case.formatted_path} {case.query}: {response.text[:200]}")

    run()


SERVE = (
    "import sys, uvicorn; from pathlib import Path; from geoplan_api import Settings, create_app; "
    "from geoplan_api.settings import DataSettings; pack, folder, port = sys.argv[1:]; "
    "data = DataSettings(pack=Path(pack), folder=Path(folder), warm=False); "
    "uvicorn.run(create_app(Settings(data=data)), port=int(port), log_level='error', access_log=False)"
)


@pytest.fixture(scope="module")
def address(town, tmp_path_factory) -> Iterator[str]:
    """A server in a process of its own: GDAL holds this one's interpreter while it waits for an answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(town), str(tmp_path_factory.mktemp("served")), str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment) as server:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_gdal_opens_the_collections_by_address(address):
    source = f"OAPIF:{address}/v1/ogc"
    assert {name for name, _ in pyogrio.list_layers(source)} == {"stations", "districts", "towns", "plan"}
    stations = pyogrio.read_dataframe(source, layer="stations")
    assert len(stations) == 6
    assert set(stations["station_code"]) == {"S1", "S2", "S3", "S4", "S5", "S6"}
    assert stations.crs.name == "WGS 84 (CRS84)"
    toilets = pyogrio.read_dataframe(source, layer="stations", where="district_code = '320201'")
    assert set(toilets["station_code"]) == {"S1", "S3", "S5"}
    (first,) = stations.geometry[stations["station_code"] == "S1"]
    around = (first.x - 1e-4, first.y - 1e-4, first.x + 1e-4, first.y + 1e-4)
    assert len(pyogrio.read_dataframe(source, layer="stations", bbox=around)) == 1


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("h24 = TRUE", "S1 S4 S6"),
        ("h24 = TRUE AND status = 'operating'", "S1 S4"),
        ("NOT (h24 = TRUE)", "S2 S3 S5"),
        ("name LIKE '%广场%'", "S2 S5"),
        ("name LIKE '_阳%'", "S2"),
        ("district_code IN ('320202')", "S2 S4 S6"),
        ("marker_id BETWEEN 2 AND 4", "S2 S3 S4"),
        ("marker_id > 4", "S5 S6"),
        ("4 < marker_id", "S5 S6"),
        ("facilities = 'toilet'", "S1 S3 S6"),
        ("area_m2 IS NULL", "S1 S2 S3 S4 S5 S6"),
        ("area_m2 > 0", ""),
        ("CASEI(station_code) = CASEI('s1')", "S1"),
        ("verified_on >= DATE('2026-10-01')", "S1 S2 S3 S4 S5 S6"),
        ("verified_on > DATE('2026-10-01')", ""),
        ("S_INTERSECTS(geometry, BBOX(120.0, 31.0, 120.312, 31.585))", "S1"),
    ],
)
def test_filters(client, condition, expected):
    answer = client.get("/v1/ogc/collections/stations/items", params={"filter": condition})
    assert answer.status_code == 200, answer.text
    assert [feature["id"] for feature in answer.json()["features"]] == expected.split()


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "h24 = = TRUE"},
        {"filter": "contact_phone = '139'"},
        {"filter": "name"},
        {"filter": "S_CROSSES(geometry, BBOX(1,2,3,4))"},
        {"filter": "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))"},
        {"filter": "(" * 100 + "a=1"},
        {"filter": "(" * 40 + "a = = 1" + ")" * 40},
        {"filter": "a=1)"},
        {"colour": "red"},
        {"bbox": "1,2,3"},
        {"datetime": "yesterday"},
        {"crs": "EPSG:4326"},
    ],
)
def test_filters_that_are_refused(client, query):
    assert client.get("/v1/ogc/collections/stations/items", params=query).status_code == 400


def test_pages_link_to_each_other(client):
    seen, path = [], "/v1/ogc/collections/stations/items?limit=4"
    while path:
        page = client.get(path).json()
        seen += [feature["id"] for feature in page["features"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        path = links.get("next", "").removeprefix("http://testserver")
    assert seen == ["S1", "S2", "S3", "S4", "S5", "S6"]


def test_the_feeds_fields_are_stable(client):
    """Adding is allowed, with this test; removing or renaming breaks programs in people's phones."""
    feed = client.get("/v1/feed/miniprogram").json()
    assert set(feed) == {
        "format", "version", "full", "crs", "at", "next_change_at", "facilities", "markers", "stations", "removed",
        "demonstration", "hours", "words",
    }  # fmt: skip
    assert set(feed["markers"][0]) == {"id", "latitude", "longitude", "title", "joinCluster", "callout"}
    assert set(feed["stations"][0]) == {
        "id", "code", "name", "kind", "address", "district", "latitude", "longitude", "open", "open_until", "next_open",
        "h24", "hours", "access", "facility_bits", "phone", "verified_on",
        "timetable",
    }  # fmt: skip
    assert (feed["format"], feed["crs"], feed["full"]) == (1, "gcj02", True)
    for marker in feed["markers"]:
        assert type(marker["id"]) is int
        assert 0 < marker["id"] < 10**9
        assert marker["callout"]["display"] in ("BYCLICK", "ALWAYS")
    assert len(feed.pop("hours")["days"]) >= 1 + max(one["timetable"] or 0 for one in feed["stations"])
    per_station = len(json.dumps(feed, ensure_ascii=False).encode()) / len(feed["stations"])
    assert per_station * 1000 < 1_000_000, "a thousand stations stay under one setData"


def test_the_feed_follows_a_version(client):
    version = client.get("/v1/feed/miniprogram").json()["version"]
    same = client.get(f"/v1/feed/miniprogram?since={version}").json()
    assert (same["full"], same["stations"], same["markers"], same["removed"]) == (False, [], [], [])
    assert client.get(f"/v1/feed/miniprogram?since={version + 1}").json()["full"] is True


def test_nearest_of_a_rounded_position_is_the_same_for_all_who_stand_there(client):
    """The server looks at three digits only."""
    a = client.get("/v1/feed/miniprogram/nearest?latitude=31.58141&longitude=120.31681").json()
    b = client.get("/v1/feed/miniprogram/nearest?latitude=31.58059&longitude=120.31651").json()
    assert a["stations"] == b["stations"]
    assert a["stations"][0]["polyline"][0]["points"][0] == {"latitude": 31.581, "longitude": 120.317}


def test_the_reference_needs_no_foreign_file(client):
    page = client.get("/docs").text
    assert "/v1/nearest" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_every_route_of_the_document_has_words(client):
    for path, item in client.get("/v1/openapi.json").json()["paths"].items():
        for method, entry in item.items():
            assert entry.get("summary"), f"{method} {path}"
            assert entry.get("description"), f"{method} {path}"
