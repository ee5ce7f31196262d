"""Lists, filters, one station, the table: on the town of six stations."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi.testclient import TestClient

from geoplan.crs import wgs84_to_gcj02
from tests.api.conftest import grid_bbox, lonlat

FRIDAY_NIGHT = "2026-11-20T02:00"
FRIDAY_NOON = "2026-11-20T12:00"
SATURDAY_NOON = "2026-11-21T12:00"


def codes(client: TestClient, query: str = "") -> list[str]:
    answer = client.get(f"/v1/stations?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return [feature["properties"]["station_code"] for feature in answer.json()["features"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "S1 S2 S3 S4 S5 S6"),
        (f"open={FRIDAY_NIGHT}", "S1 S4"),  # S5's hours nobody can read: not certainly open; S6 is suspended
        (f"open={FRIDAY_NOON}", "S1 S2 S3 S4"),
        (f"open={SATURDAY_NOON}", "S1 S2 S4"),
        ("facilities=toilet", "S1 S3 S6"),
        ("facilities=toilet,water", "S1"),
        ("facilities=toilet&status=operating", "S1 S3"),
        ("h24=true", "S1 S4 S6"),
        ("h24=false", "S2 S3 S5"),
        ("district=320202", "S2 S4 S6"),
        ("trade=courier", "S1 S2 S3 S4 S5 S6"),
        ("trade=sanitation", "S1 S2 S3 S5 S6"),  # S4 serves couriers only
        ("q=smzx", "S1"),
        ("q=火车站", "S4"),
        ("q=爱心驿站 三阳", "S2"),
        ("q=没有这样的站", ""),
        (f"bbox={grid_bbox(1, 1, 3, 3)}", "S1"),
        (f"bbox={grid_bbox(1, 1, 3, 10)}", "S1 S3"),
        (f"bbox={grid_bbox(3, 3, 4, 4)}", ""),
        ("limit=2", "S1 S2"),
        ("limit=2&offset=4", "S5 S6"),
    ],
)
def test_filters(client, query, expected):
    assert codes(client, query) == expected.split()


def test_nearness_orders_as_the_crow_flies(client):
    lon, lat = lonlat(9, 8)
    assert codes(client, f"near={lon},{lat}&limit=2") == ["S4", "S6"]


def test_numbers_say_how_many_were_left_out(client):
    answer = client.get("/v1/stations?limit=1&facilities=toilet").json()
    assert (answer["numberMatched"], answer["numberReturned"]) == (3, 1)


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=nan,1,2,3",
        "bbox=120,31,119,32",
        "bbox=500,0,501,1",
        "near=1",
        "near=inf,1",
        "open=yesterday",
        "open=0001-01-01T00:00",
        "facilities=sauna",
        "trade=poet",
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_reason(client, query):
    answer = client.get(f"/v1/stations?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["type"] == "/v1/problems#bad-request"
    assert problem["detail"]


def test_opening_words_of_one_station(client):
    """S2 is open every day from 08:00 to 20:00."""
    feature = client.get("/v1/stations/S2").json()
    properties = feature["properties"]
    assert [day["spans"] for day in properties["week"]] == [[["08:00", "20:00"]]] * 7
    if properties["open_now"]:
        assert properties["open_until"].endswith("T20:00+08:00")
    else:
        assert properties["next_open"].endswith("T08:00+08:00")
    assert feature["id"] == properties["marker_id"]


def test_suspended_stations_are_never_open(client):
    properties = client.get("/v1/stations/S6").json()["properties"]
    assert (properties["open_now"], properties["open_until"], properties["next_open"]) == (False, None, None)


def test_unreadable_hours_are_neither_open_nor_closed(client):
    properties = client.get("/v1/stations/S5").json()["properties"]
    assert properties["open_now"] is None
    assert properties["hours_understood"] is False


def test_gcj02_at_the_edge_only(client):
    plain = client.get("/v1/stations?limit=1").json()["features"][0]["geometry"]["coordinates"]
    shifted = client.get("/v1/stations?limit=1&crs=gcj02").json()["features"][0]["geometry"]["coordinates"]
    lon, lat = wgs84_to_gcj02(*lonlat(2, 2))
    assert shifted == pytest.approx([float(lon), float(lat)], abs=2e-6)
    assert abs(shifted[0] - plain[0]) > 0.003
    west, south = (float(v) for v in wgs84_to_gcj02(*lonlat(1, 1)))
    east, north = (float(v) for v in wgs84_to_gcj02(*lonlat(3, 3)))
    assert codes(client, f"crs=gcj02&bbox={west},{south},{east},{north}") == ["S1"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/stations",
        "/v1/stations/S1",
        "/v1/stations.csv",
        "/v1/feed/miniprogram",
        "/v1/ogc/collections/stations/items",
    ],
)
def test_contacts_never_leave(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "13900001111" not in answer.text
    assert "张三" not in answer.text
    assert "contact" not in answer.text


def test_the_table_opens_in_excel_and_runs_nothing(client):
    answer = client.get("/v1/stations.csv?facilities=toilet&crs=gcj02")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["station_code"] for row in rows] == ["S1", "S3", "S6"]
    assert rows[0]["facilities"] == "toilet;water"
    assert rows[0]["crs"] == "gcj02"


def test_a_cell_that_would_be_a_formula_is_text():
    from geoplan_api.http.routes.stations import _cell

    assert _cell("=1+1") == "'=1+1"
    assert _cell("@x") == "'@x"
    assert _cell(["a", "b"]) == "a;b"
    assert _cell(None) == ""


def test_an_unknown_station_is_not_found(client):
    answer = client.get("/v1/stations/S99")
    assert answer.status_code == 404
    assert answer.json()["detail_zh"] == "没有这个编号的站点"


def test_a_qr_code_holds_the_address_of_the_station_on_the_public_map(client):
    import io

    import segno

    answer = client.get("/v1/stations/S1/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    # the address is as the caller wrote it, so no proxy may keep it; with `public_url` set it may
    assert answer.headers["cache-control"].startswith("private")
    expected = io.BytesIO()
    link = str(client.base_url) + "/#s=S1"
    segno.make(link, error="m").save(expected, kind="svg", scale=8, border=4, light="#fff", xmldecl=False)
    assert answer.content == expected.getvalue()
    assert client.get("/v1/stations/nowhere/qr.svg").status_code == 404
