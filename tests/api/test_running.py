"""The service as a process: what it writes down, what it leaves behind, and when it refuses to start."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from geoplan_api import create_app
from geoplan_api.cli.scratch import scratch
from geoplan_api.cli.serve import check_exposure
from geoplan_api.logs import JsonFormatter, _TurningFile, configure_logging
from geoplan_api.settings import LogSettings, SecuritySettings, Settings
from starlette.testclient import TestClient

from geoplan.errors import InputError
from tests.api.conftest import lonlat, town_settings
from tests.api.test_wire import SERVE, free_port, running


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "logs" / "service.log").read_text("utf-8").splitlines()]


def test_every_request_is_one_line_without_what_was_asked(town, tmp_path):
    folder = tmp_path / "service"
    lon, lat = lonlat(4, 2)
    with running(town, folder) as service:
        service.get(f"/v1/nearest?lon={lon}&lat={lat}")
        service.get("/v1/stations?q=%E5%BC%A0%E4%B8%89")
        service.get("/v1/tiles/base/12/3417/1664.mvt")
        service.get("/v1/shared/secret-token-of-a-plan")
        service.get("/nowhere/13812345678")
    found = [line for line in lines(folder) if line["event"] == "request" and line["route"] != "/v1/health"]
    assert [line["route"] for line in found] == [
        "/v1/nearest", "/v1/stations", "/v1/tiles/{layer}/{z}/{x}/{y}.mvt", "/v1/shared/{token}", "(none)",
    ]  # fmt: skip
    assert all(
        {"time", "level", "request_id", "method", "status", "duration_ms", "bytes"} <= set(line) for line in found
    )
    text = (folder / "logs" / "service.log").read_text("utf-8")
    for secret in (f"{lon:.3f}", f"{lat:.3f}", "张三", "%E5", "3417", "secret-token", "13812345678", "127.0.0.1"):
        assert secret not in text, secret


def test_nothing_of_the_service_is_readable_by_others(town, tmp_path):
    folder = tmp_path / "service"
    with running(town, folder) as service:
        assert service.get("/v1/coverage")[0] == 200
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {f"{mode:o} {path.name}" for path, mode in modes.items() if mode & 0o077} == set()
    assert {"register.db", "jobs.sqlite", "service.log"} <= {path.name for path in modes}


def test_a_trace_is_written_once_and_without_values(town, tmp_path, monkeypatch):
    folder = tmp_path / "service"
    configure_logging(LogSettings(), folder)
    try:
        with TestClient(create_app(town_settings(town, tmp_path / "s")), raise_server_exceptions=False) as client:

            def broken(*_: object, **__: object) -> None:
                raise KeyError("张三 'secret words' 120.3015,31.5747 13812345678")

            monkeypatch.setattr("geoplan_api.http.routes.health.head_revision", broken)
            assert client.get("/v1/ready").status_code == 500
    finally:
        for name in ("geoplan_api", "uvicorn.error"):
            for handler in logging.getLogger(name).handlers:
                handler.close()
            logging.getLogger(name).handlers[:] = []
            logging.getLogger(name).propagate = True
    (told,) = [line for line in lines(folder) if "trace" in line]
    assert "broken" in str(told["trace"])
    assert str(told["trace"]).splitlines()[-1].startswith("KeyError")
    for secret in ("张三", "secret", "120.3", "138"):
        assert secret not in str(told["trace"]).splitlines()[-1]


def test_the_log_turns_over_and_keeps_so_many(tmp_path):
    writers = [_TurningFile(tmp_path / "service.log", 10_000, 3) for _ in range(2)]  # as two processes
    for handler in writers:
        handler.setFormatter(JsonFormatter())
    for number in range(600):
        record = logging.LogRecord("a", logging.INFO, "", 0, "request", (), None)
        record.request_id = f"{number:032d}"
        writers[number % 2].handle(record)
    for handler in writers:
        handler.close()
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["service.log", "service.log.1", "service.log.2", "service.log.3"]
    assert all(path.stat().st_size < 11_000 for path in tmp_path.iterdir())
    written = [json.loads(line)["request_id"] for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert len(written) == len(set(written))


def test_what_a_killed_service_left_is_taken_away(tmp_path):
    with scratch(tmp_path) as place:
        (place / "geoplan-x").mkdir()
        with scratch(tmp_path) as other:  # another that runs at the same time is left alone
            assert other != place
            assert place.is_dir()
        assert not other.exists()
    assert not place.exists()
    script = (
        "import os, sys, tempfile; from pathlib import Path; from geoplan_api.cli.scratch import scratch\n"
        "with scratch(Path(sys.argv[1])) as place:\n"
        "    tempfile.mkdtemp(prefix='geoplan-upload-'); print(place, flush=True); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=environment, capture_output=True, text=True
    )
    left = Path(told.stdout.strip())
    assert len(list(left.iterdir())) >= 1
    with scratch(tmp_path):
        assert not left.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="processes are ended otherwise there")
def test_children_of_a_killed_parent_free_the_port(town, tmp_path):
    with running(town, tmp_path / "service", "--workers", "2") as service:
        assert service.get("/v1/health")[0] == 200
        os.kill(service.process.pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.bind(("127.0.0.1", service.port))
                probe.close()
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", service.port), timeout=1).close()
                    continue
                return
            time.sleep(0.3)
        pytest.fail("the port is still taken")


def test_beyond_this_machine_needs_names_and_https(tmp_path):
    check_exposure("127.0.0.1", Settings())
    with pytest.raises(InputError) as caught:
        check_exposure("0.0.0.0", Settings())
    assert "TRUSTED_HOSTS" in str(caught.value)
    assert "HTTPS" in str(caught.value)
    assert "主机名" in caught.value.message("zh")
    named = SecuritySettings(trusted_hosts=("map.example.org",))
    with pytest.raises(InputError, match="HTTPS"):
        check_exposure("0.0.0.0", Settings(security=named))
    check_exposure("0.0.0.0", Settings(security=named.model_copy(update={"plain_http": True})))
    files = {"tls_certificate": tmp_path / "c.pem", "tls_key": tmp_path / "k.pem"}
    with pytest.raises(InputError, match="no file"):
        check_exposure("0.0.0.0", Settings(security=named.model_copy(update=files)))
    with pytest.raises(InputError, match="needs its key"):
        check_exposure("127.0.0.1", Settings(security=SecuritySettings(tls_certificate=tmp_path / "c.pem")))


def test_the_command_refuses_in_words_and_says_the_next_one(town, tmp_path):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GEOPLAN_DATA__FOLDER": str(tmp_path / "service"),
        "GEOPLAN_DATA__WARM": "false",
        "COLUMNS": "500",
    }
    command = [sys.executable, "-c", SERVE, "serve", str(town), "--port", str(free_port())]
    refused = subprocess.run([*command, "--host", "0.0.0.0"], env=environment, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "TRUSTED_HOSTS" in refused.stderr
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        process.terminate()
    assert said[2].strip() == f"geoplan staff add NAME --role admin --pack {town}"


def test_a_service_answers_to_its_names_only(town, tmp_path):
    security = SecuritySettings(secure_cookies=False, trusted_hosts=("map.example.org", "*.union.example"))
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=security))) as client:
        for host, status in (
            ("map.example.org", 200),
            ("MAP.example.org:8000", 200),
            ("a.union.example", 200),
            ("union.example.evil", 400),
            ("evil.example", 400),
            ("", 400),
        ):
            answer = client.get("/v1/meta", headers={"Host": host})
            assert answer.status_code == status, host
            if status == 400:
                assert answer.headers["content-type"] == "application/problem+json"
        assert client.get("/v1/health", headers={"Host": "10.0.0.3"}).status_code == 200
