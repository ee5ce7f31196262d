"""The short way answers exactly as the long way does, and leaves to it whatever is not plain."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.http.fast_path import Express
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import grid_bbox, lonlat, town_settings

BOX = grid_bbox(0, 0, 6, 11)
LON, LAT = (f"{value:.6f}" for value in lonlat(4, 2))
LIST = {
    "bbox": [BOX, "", "1,2,3", "a,b,c,d", "120,31,119,32"],
    "near": [f"{LON},{LAT}", "1"],
    "open": ["now", "2026-11-20T02:00", "yesterday"],
    "facilities": ["toilet", "toilet,water", "gold"],
    "h24": ["true", "1", "maybe"],
    "trade": ["courier", "king"],
    "limit": ["1", "3", "0", "x", ""],
    "offset": ["1", "-1"],
    "crs": ["gcj02", "wgs84", "mars"],
    "q": ["smzx", "驿站"],
    "unknown": ["1"],
}
NEAREST = {
    "lon": [LON, "200", "x"],
    "lat": [LAT],
    "k": ["1", "5", "0"],
    "at": ["2026-11-20T02:00", "tomorrow"],
    "route": ["all", "none", "some"],
    "limit_s": ["300", "-1", "nan", "1e9"],
    "profile": ["walk", "elderly", "broom"],
    "facilities": ["toilet"],
    "crs": ["gcj02"],
}


@pytest.fixture(scope="module")
def long_way(town, tmp_path_factory):
    """A service whose short way is closed."""
    app = create_app(town_settings(town, tmp_path_factory.mktemp("long")))
    app.user_middleware = [each for each in app.user_middleware if each.cls is not Express]
    with TestClient(app) as running:
        yield running


def queries(options):
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in options.items()})


SHARED = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def same(client, long_way, path, query):
    short, long = client.get(path, params=query), long_way.get(path, params=query)
    assert short.status_code == long.status_code
    if short.status_code == 200:
        assert short.content == long.content
        kept = ("cache-control", "content-type", "vary", "etag")
        assert {name: short.headers.get(name) for name in kept} == {name: long.headers.get(name) for name in kept}
    else:
        assert {**short.json(), "instance": ""} == {**long.json(), "instance": ""}


@SHARED
@given(query=queries({**LIST, "open": ["2026-11-20T02:00", "yesterday"]}))
def test_lists_are_the_same(client, long_way, query):
    same(client, long_way, "/v1/stations", query)
    same(client, long_way, "/v1/stations", query)  # the second time it is kept


@SHARED
@given(query=queries(NEAREST))
def test_nearest_is_the_same(client, long_way, query):
    same(client, long_way, "/v1/nearest", query)


def test_a_parameter_given_twice_goes_the_long_way(client, long_way):
    address = "/v1/stations?limit=1&limit=2"
    assert client.get(address).content == long_way.get(address).content


def test_a_kept_answer_follows_the_register(writable):
    from geoplan.registry import writing

    address = f"/v1/stations?bbox={BOX}"
    before = writable.get(address)
    tag = before.headers["etag"]
    assert writable.get(address, headers={"If-None-Match": tag}).status_code == 304
    live = writable.app.state.live
    with writing(live.state.register, actor="li", reason="moved away") as writer:
        writer.withdraw(1)
    live.refresh()
    after = writable.get(address, headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json()["numberMatched"] == before.json()["numberMatched"] - 1


def test_metrics_name_the_route(client):
    client.get("/v1/stations?limit=1")
    assert 'route="/v1/stations",status="200"' in client.get("/metrics").text
