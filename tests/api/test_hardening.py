"""What broke the service within an hour, each kept as a test: values, memory, standstill, what leaks, who may what."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app

from geoplan.registry import find_station, history
from tests.api.conftest import sign_in, town_settings


@pytest.fixture(scope="module")
def shared(town, tmp_path_factory) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """One service for many refusals, with an administrator signed in."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("shared")))) as running:
        yield running, sign_in(running, "admin")


RAW = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "change",
    [
        '{"services": true}',
        '{"facilities": {"a": 1}}',
        '{"services": ["\\ud800"]}',
        '{"services": ["a\\u0000"]}',
        '{"area_m2": 1%s}' % ("0" * 400),
        '{"area_m2": 1%s}' % ("0" * 4400),
        '{"name": 1%s}' % ("0" * 4200),
        '{"name": "\\udfff"}',
        '{"note": "\\ud83d"}',
        '{"extra": {"a": "\\ud800"}}',
        '{"extra": {"\\ud800": "a"}}',
        '{"extra": []}',
        '{"\\ud800": "a"}',
        '{"lon": 1e999, "lat": 1}',
        '{"withdrawn": []}',
        '{"street_facing": [1]}',
        '{"position_state": {}}',
        '{"opened_on": 20240101}',
    ],
)
def test_odd_values_are_refused_by_name(shared, change):
    client, token = shared
    body = f'{{"changes": {change}, "reason": "x"}}'
    answer = client.post("/v1/register/stations/1", content=body, headers={**token, **RAW})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\u0000b"'])
def test_odd_text_anywhere(shared, text):
    client, token = shared
    for path, body in (
        ("/v1/login", f'{{"name": {text}, "password": {text}}}'),
        ("/v1/accounts", f'{{"name": {text}, "password": "long enough for it", "role": "viewer"}}'),
        ("/v1/accounts/wang", f'{{"password": {text}}}'),
        ("/v1/keys", f'{{"name": {text}, "scopes": ["feed"]}}'),
        ("/v1/register/stations/1", f'{{"changes": {{"note": "x"}}, "reason": {text}}}'),
        ("/v1/jobs", f'{{"kind": "siting", "name": {text}, "params": {{"new_sites": 1}}}}'),
        ("/v1/jobs", f'{{"kind": "siting", "params": {{"trade": {text}}}}}'),
        ("/v1/jobs", f'{{"kind": "siting", "params": {{{text}: 1}}}}'),
        ("/v1/jobs", '{"kind": "siting", "params": {"new_sites": 1%s}}' % ("0" * 400)),
    ):
        answer = client.post(path, content=body, headers={**token, **RAW})
        assert answer.status_code < 500, (path, body, answer.text)


@pytest.mark.parametrize("path", ["/static/x/%00", "/static/x/a%00b.js", "/static/%00/a.js", "/static/x/" + "a/" * 900])
def test_a_path_that_no_file_has(client, path):
    assert client.get(path).status_code in (404, 422)


def test_private_fields_stay_with_those_who_edit(writable):
    """A viewer and a program's key see neither note nor columns kept aside nor contacts, anywhere."""
    token = sign_in(writable, "admin")
    change = {"note": "备注一句", "extra": {"原列": "原来的话"}, "contact_person": "李四"}
    reason = "李四 138 1234 5678 来电"
    answer = writable.post("/v1/register/stations/1", json={"changes": change, "reason": reason}, headers=token)
    assert answer.json()["note"] == "备注一句"
    keys = {}
    for scope in ("export", "planner"):
        made = writable.post("/v1/keys", json={"name": scope, "scopes": [scope]}, headers=token).json()
        keys[scope] = {"X-API-Key": made["secret"]}
    writable.post("/v1/logout")
    sign_in(writable, "viewer", "viewer")
    for headers in ({}, keys["export"], keys["planner"]):
        if headers:
            writable.cookies.clear()
        for path in (
            "/v1/register/stations",
            "/v1/register/stations/1",
            "/v1/register/history",
            "/v1/register/imports",
        ):
            answer = writable.get(path, headers=headers)
            assert answer.status_code == 200
            for secret in ("备注一句", "原来的话", "李四 138", "13900001111", "张三"):
                assert secret not in answer.text, (path, headers)
        assert "contact_phone" not in writable.get("/v1/register/stations/1", headers=headers).json()


def test_a_planners_key_plans_and_does_not_touch_the_register(writable):
    token = sign_in(writable, "admin")
    secret = writable.post("/v1/keys", json={"name": "p", "scopes": ["planner"]}, headers=token).json()["secret"]
    writable.cookies.clear()
    key = {"X-API-Key": secret}
    change = {"changes": {"name": "改名"}, "reason": "x"}
    assert writable.post("/v1/register/stations/1", json=change, headers=key).status_code == 403
    assert writable.post("/v1/register/import", files={"file": ("a.csv", b"x")}, headers=key).status_code == 403
    assert writable.get("/v1/register/export.csv?contacts=true", headers=key).status_code == 403
    assert writable.get("/v1/register/stations/1/history", headers=key).status_code == 403
    assert writable.get("/v1/register/export.csv", headers=key).status_code == 200
    job = writable.post("/v1/jobs", json={"kind": "siting", "params": {"new_sites": 1}}, headers=key)
    assert job.status_code == 202
    register = writable.app.state.live.state.register
    assert len(history(register, 1)) == 1
    assert find_station(register, 1)["name"] == "市民中心驿站"


def test_a_mobile_in_an_edit_is_not_public(writable):
    token = sign_in(writable, "editor")
    for field, words in (
        ("name", "驿站 １３８-１２３４-５６７８"),
        ("address", "+86 138.1234.5678"),
        ("host_name", "农行138 1234 5678"),
    ):
        change = {"changes": {field: words if field != "address" else f"1号 {words}"}, "reason": "x"}
        assert writable.post("/v1/register/stations/1", json=change, headers=token).status_code == 200
    assert writable.get("/v1/register/stations/1").json()["contact_phone"] == "13900001111;13812345678"
    for path in ("/v1/stations/S1", "/v1/stations.csv", "/v1/feed/miniprogram", "/v1/register/export.geojson"):
        text = json.dumps(writable.get(path).text, ensure_ascii=False)
        assert "5678" not in text, path
        assert "５６７８" not in text, path
