"""How answers leave: tags, 304, compression, headers, ids; and what the log may hold."""

from __future__ import annotations

import gzip
import json
import logging

import brotli
import pytest
from geoplan_api.city.cache import ByteCache
from geoplan_api.http.delivery import _encoding
from geoplan_api.http.ratelimit import RateLimiter
from geoplan_api.logs import JsonFormatter


@pytest.mark.parametrize("path", ["/v1/stations", "/v1/meta", "/v1/coverage", "/v1/tiles/base.json", "/v1/stations/S1"])
def test_unchanged_answers_are_not_sent_again(client, path):
    first = client.get(path)
    tag, modified = first.headers["etag"], first.headers.get("last-modified")
    again = client.get(path, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    if modified:
        assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 304
        assert client.get(path, headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status_code == 200


@pytest.mark.parametrize(("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_compressed_answers_are_the_same(client, encoding, unpack):
    plain = client.get("/v1/stations", headers={"Accept-Encoding": "identity"})
    with client.stream("GET", "/v1/stations", headers={"Accept-Encoding": encoding}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) == len(raw) < len(plain.content)
    assert json.loads(unpack(raw))["numberMatched"] == 6
    assert client.get("/v1/stations", headers={"If-None-Match": packed.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", ""),
        ("", ""),
        ("*", "gzip"),
        ("br;q=x", ""),
    ],
)
def test_the_encoding_is_the_callers_choice(accepted, chosen):
    assert _encoding(accepted) == chosen


def test_tokens_are_never_compressed(client):
    answer = client.get("/v1/me", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in answer.headers


def test_security_headers_are_everywhere(client):
    for path in ("/v1/health", "/v1/stations", "/nowhere", "/v1/tiles/base/99/0/0.mvt"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]


def test_a_request_keeps_its_id_if_it_is_harmless(client):
    assert (
        client.get("/v1/health", headers={"X-Request-ID": "trace-12345678"}).headers["x-request-id"] == "trace-12345678"
    )
    assert client.get("/v1/health", headers={"X-Request-ID": 'x" onload='}).headers["x-request-id"] != 'x" onload='


def test_the_log_holds_the_route_and_no_position(client, caplog):
    with caplog.at_level(logging.INFO, logger="geoplan_api"):
        client.get("/v1/nearest?lon=120.3111&lat=31.5822&q=secret")
        client.get("/v1/tiles/base/12/3416/1667.mvt")
    lines = [JsonFormatter().format(record) for record in caplog.records if record.getMessage() == "request"]
    assert [json.loads(line)["route"] for line in lines] == ["/v1/nearest", "/v1/tiles/{layer}/{z}/{x}/{y}.mvt"]
    for line in lines:
        assert not any(part in line for part in ("120.3", "31.58", "secret", "3416", "testclient"))


def test_metrics_count_by_template(client):
    client.get("/v1/stations/S1")
    text = client.get("/metrics").text
    assert 'geoplan_requests_total{method="GET",route="/v1/stations/{code}",status="200"}' in text
    assert "geoplan_stations 6.0" in text
    assert "120.3" not in text


def test_the_cache_keeps_within_its_budget():
    cache = ByteCache(100)
    for i in range(50):
        cache.put(i, bytes(20))
    assert cache.size_bytes <= 100
    assert cache.get(49) is not None
    assert cache.get(0) is None
    cache.put("large", bytes(26))  # above a quarter of the budget
    assert cache.get("large") is None


def test_a_bucket_refills_evenly():
    limit = RateLimiter(2, 10.0)
    assert [limit.wait_s("a", now) for now in (0.0, 0.0)] == [0.0, 0.0]
    assert limit.wait_s("a", 0.0) == pytest.approx(5.0)
    assert limit.wait_s("b", 0.0) == 0.0
    assert limit.wait_s("a", 5.0) == 0.0
    assert limit.wait_s("a", 5.0) == pytest.approx(5.0)
    assert RateLimiter(0, 1.0).wait_s("a", 0.0) == 0.0
