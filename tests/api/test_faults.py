"""A disk or a database that goes away under the running service: said plainly, read on from memory, back by itself."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event

from geoplan.registry import open_register
from geoplan.registry.accounts import add_account
from tests.api.conftest import PASSWORD, lonlat, sign_in
from tests.api.test_contract import SERVE


@dataclass
class Served:
    """A service in a process of its own."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if content else None
        finally:
            connection.close()

    def sign_in(self) -> tuple[int, dict[str, str]]:
        status, headers, body = self.ask("POST", "/v1/login", {"name": "wang", "password": PASSWORD})
        if status != 200:
            assert_unavailable(status, headers, body)
            return status, {}
        return status, {"Cookie": headers["set-cookie"].split(";")[0], "X-CSRF-Token": body["csrf"]}

    def reads_on(self) -> None:
        lon, lat = lonlat(4, 2)
        for path in (
            "/v1/stations?limit=3",
            f"/v1/nearest?lon={lon}&lat={lat}",
            "/v1/feed/miniprogram",
            "/v1/coverage",
        ):
            assert self.ask("GET", path)[0] == 200, path


def assert_unavailable(status: int, headers: Any, body: Any) -> None:
    assert status == 503
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) > 0
    assert body["type"] == "/v1/problems#unavailable"
    assert "Traceback" not in json.dumps(body)


@pytest.fixture
def served(town, tmp_path) -> Iterator[Served]:
    folder = tmp_path / "service"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", SERVE, str(town), str(folder), str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        with open_register(folder / "register.db") as register:
            add_account(register, "wang", PASSWORD, "admin")
        yield Served(port, folder, process)
        process.terminate()


def test_the_folder_is_gone_and_back(served):
    """Register, jobs and scenarios at once: 503 where they are needed, nothing made in their place, then as before."""
    _, token = served.sign_in()
    assert served.ask("GET", "/v1/ready")[2]["register"] is True
    served.reads_on()  # the network is built and its file written
    away = served.folder.with_name("away")
    served.folder.rename(away)
    served.reads_on()
    assert served.ask("GET", "/v1/health")[0] == 200
    assert served.ask("GET", "/v1/ready")[2]["register"] is False
    assert served.sign_in()[0] == 503
    for path in ("/v1/jobs", "/v1/register/history", "/v1/feed/miniprogram?since=0"):
        assert_unavailable(*served.ask("GET", path, headers=token))
    assert not served.folder.exists()
    away.rename(served.folder)
    assert served.sign_in()[0] == 200
    assert served.ask("GET", "/v1/jobs", headers=token)[0] == 200
    change = {"changes": {"name": "回来了驿站"}, "reason": "back"}
    assert served.ask("POST", "/v1/register/stations/1", change, token)[0] == 200
    assert served.ask("GET", "/v1/stations?q=" + quote("回来了"))[2]["numberMatched"] == 1


def test_a_disk_that_takes_no_more_and_then_does(served):
    """No file may grow: what is confirmed is there, what is refused is not, and once there is room all goes on."""
    resource = pytest.importorskip("resource", reason="only POSIX systems set limits")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux sets the limits of another process")
    _, token = served.sign_in()
    change = {"changes": {"note": "长" * 900}, "reason": "first"}
    assert served.ask("POST", "/v1/register/stations/1", change, token)[0] == 200
    soft, hard = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (0, hard))
    refused = {"changes": {"name": "写不下的驿站", "note": "长" * 900}, "reason": "full"}
    assert_unavailable(*served.ask("POST", "/v1/register/stations/2", refused, token))
    job = {"kind": "siting", "params": {"new_sites": 1}}
    assert_unavailable(*served.ask("POST", "/v1/jobs", job, token))
    served.reads_on()
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert served.ask("GET", "/v1/register/stations/2", headers=token)[2]["name"] != "写不下的驿站"
    assert served.ask("POST", "/v1/register/stations/2", refused, token)[0] == 200
    assert served.ask("GET", "/v1/register/stations/2", headers=token)[2]["name"] == "写不下的驿站"
    assert served.ask("POST", "/v1/jobs", job, token)[0] == 202


def test_a_read_only_register(writable):
    token = sign_in(writable)
    read_only = True

    @event.listens_for(writable.app.state.live.state.register.engine, "checkout")
    def refuse(connection: sqlite3.Connection, record: object, proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")

    change = {"changes": {"name": "新名驿站"}, "reason": "x"}
    answer = writable.post("/v1/register/stations/1", json=change, headers=token)
    assert_unavailable(answer.status_code, answer.headers, answer.json())
    assert writable.get("/v1/stations").status_code == 200
    assert writable.get("/v1/register/stations/1").status_code == 200
    read_only = False
    assert writable.post("/v1/register/stations/1", json=change, headers=token).status_code == 200


def test_a_register_that_somebody_holds(writable, monkeypatch):
    token = sign_in(writable)
    register = writable.app.state.live.state.register
    monkeypatch.setattr("geoplan.registry.database.BUSY_TIMEOUT_S", 0.2)
    register.engine.dispose()  # the next connections wait so long only
    change = {"changes": {"name": "新名驿站"}, "reason": "x"}
    holder = sqlite3.connect(register.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = writable.post("/v1/register/stations/1", json=change, headers=token)
    assert_unavailable(answer.status_code, answer.headers, answer.json())
    assert writable.get("/v1/stations").status_code == 200
    holder.close()
    assert writable.post("/v1/register/stations/1", json=change, headers=token).status_code == 200
