"""Several processes of one service: one watches the jobs, counts are summed; service areas as tiles; wrk's report."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time

import pytest
from fastapi.testclient import TestClient
from geoplan_api.cli.bench_service import read_wrk
from geoplan_api.http.middleware import RequestContext
from geoplan_api.jobs.watch_lock import Turn
from geoplan_api.metrics import Metrics

from tests.api.conftest import lonlat

SERVE = "import sys; from geoplan_api.cli import main; main(sys.argv[1:])"


def test_one_process_at_a_time_has_the_turn(tmp_path):
    first, second = Turn(tmp_path / "turn"), Turn(tmp_path / "turn")
    assert first.take()
    assert first.take()
    assert not second.take()
    first.leave()
    assert second.take()
    second.leave()


def test_the_turn_waits_for_its_folder(tmp_path):
    assert not Turn(tmp_path / "gone" / "turn").take()


def test_two_processes_count_together(town, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GEOPLAN_DATA__FOLDER": str(tmp_path / "service"),
        "GEOPLAN_DATA__WARM": "false",
    }
    command = [sys.executable, "-c", SERVE, "serve", str(town), "--port", str(port), "--workers", "2"]

    def get(path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            end = time.monotonic() + 120
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    get("/v1/health")
                    break
                time.sleep(0.2)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                assert len(list(pool.map(get, ["/v1/meta"] * 40))) == 40
            counted = re.search(r'geoplan_requests_total\{.*route="/v1/meta".*\} ([\d.]+)', get("/metrics"))
            assert counted is not None
            assert float(counted[1]) == 40.0
        finally:
            server.terminate()


@pytest.mark.parametrize("breaks_off", [False, True])
def test_an_answer_is_counted_before_its_last_byte_leaves(breaks_off):
    metrics, counted = Metrics(), []

    def count() -> float:
        found = re.search(rb'geoplan_requests_total\{.*status="200"\} ([\d.]+)', metrics.text())
        return float(found[1]) if found else 0.0

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        if breaks_off:
            raise ConnectionResetError
        await send({"type": "http.response.body", "body": b"b"})

    async def watched(scope, receive, send):
        async def watching(message):
            counted.append(count())  # what another process would sum up once this message has arrived
            await send(message)

        await RequestContext(app, metrics, {})(scope, receive, watching)

    # the server closes the connection of an answer that broke off
    with pytest.raises(Exception) if breaks_off else contextlib.nullcontext():  # noqa: PT011
        TestClient(watched).get("/")
    assert counted == ([0.0, 0.0] if breaks_off else [0.0, 0.0, 1.0])
    assert count() == 1.0


def test_service_areas_as_tiles(client):
    described = client.get("/v1/tiles/service_areas.json").json()
    assert described["vector_layers"][0]["id"] == "service_areas"
    lon, lat = lonlat(2, 2)
    address = described["tiles"][0].split("/v1/", 1)[1]
    x, y = int((lon + 180.0) / 360.0 * 2**12), 1664
    found = [client.get("/v1/" + address.format(z=12, x=x, y=y + dy)) for dy in range(-4, 5)]
    assert any(b"station_code" in tile.content for tile in found if tile.status_code == 200), (lat, y)
    assert {tile.status_code for tile in found} <= {200, 204}


REPORT = """Running 5s test
  Latency Distribution
     50%    3.10ms
     75%    4.00ms
     99%    1.25s
  12345 requests in 5.00s, 1.00MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 7
Requests/sec:   2469.00
"""


def test_wrk_is_read():
    assert read_wrk(REPORT) == (pytest.approx((3.1, 1250.0)), 2469.0, 12345, 10)
