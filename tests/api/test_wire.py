"""What a hostile or slow connection may take: headers and bodies have an end in size and in time."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVE = "import sys; from geoplan_api.cli import main; main(sys.argv[1:])"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A service started by the command line, as a person does."""

    port: int
    process: subprocess.Popen[bytes]
    folder: Path

    def get(self, path: str, headers: dict[str, str] | None = None, timeout_s: float = 20.0) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def raw(self, content: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(content)
        return connection

    def memory_mb(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmHWM")


@contextlib.contextmanager
def running(town: Path, folder: Path, *words: str, **environment: str) -> Iterator[Running]:
    """Start ``geoplan serve`` and wait until it answers."""
    port = free_port()
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GEOPLAN_DATA__FOLDER": str(folder),
        "GEOPLAN_DATA__WARM": "false",
        **environment,
    }
    command = [sys.executable, "-c", SERVE, "serve", str(town), "--port", str(port), *words]
    with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL) as process:
        try:
            service = Running(port, process, folder)
            end = time.monotonic() + 120
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    service.get("/v1/health")
                    break
                time.sleep(0.2)
            yield service
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def quick(town, tmp_path_factory) -> Iterator[Running]:
    """A service with short patience."""
    patience = {"GEOPLAN_LIMITS__HEADER_S": "1.5", "GEOPLAN_LIMITS__BODY_S": "3", "GEOPLAN_LIMITS__BUSY_REQUESTS": "16"}
    with running(town, tmp_path_factory.mktemp("wire"), **patience) as service:
        yield service


def ended(connection: socket.socket, patience_s: float) -> bytes:
    """What a connection says until the other side closes it."""
    connection.settimeout(patience_s)
    said = b""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while part := connection.recv(65536):
            said += part
    connection.close()
    return said


def test_endless_headers_end(quick):
    before = quick.memory_mb()
    connection = quick.raw(b"GET /v1/health HTTP/1.1\r\nHost: a\r\n")
    with contextlib.suppress(OSError):
        for _ in range(3000):
            connection.sendall(b"X-A: " + b"a" * 16_000 + b"\r\n")
    connection.close()
    one_long = quick.raw(b"GET /v1/health HTTP/1.1\r\nHost: a\r\nX-A: ")
    with contextlib.suppress(OSError):
        for _ in range(3000):
            one_long.sendall(b"a" * 16_000)
    one_long.close()
    assert quick.get("/v1/health")[0] == 200
    assert quick.memory_mb() - before < 30


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/health?" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
    ],
)
def test_large_headers_are_refused(quick, head):
    assert ended(quick.raw(head), 10).startswith(b"HTTP/1.1 431 ")


def test_headers_of_an_ordinary_size_pass(quick):
    head = b"GET /v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"
    assert ended(quick.raw(head), 10).startswith(b"HTTP/1.1 200 ")


def test_five_hundred_slow_heads_are_closed(quick):
    slow = [quick.raw(b"GET /v1/health HTTP/1.1\r\nHost") for _ in range(500)]
    began = time.monotonic()
    assert quick.get("/v1/stations?limit=1")[0] == 200
    for connection in slow:
        assert ended(connection, 15).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 10
    kept = quick.raw(b"GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n")  # the second request of a connection, too
    kept.recv(4096)
    kept.sendall(b"GET /v1/hea")
    assert b"408" in ended(kept, 15)


def test_unfinished_bodies_do_not_stop_the_service(quick):
    """More of them than requests that may be in work: others are served, signing in works, and they are closed."""
    head = b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"
    slow = [quick.raw(head) for _ in range(60)]
    time.sleep(0.5)
    for path in ("/v1/stations?limit=1", "/v1/ready", "/v1/coverage", "/"):
        assert quick.get(path)[0] == 200, path
    connection = http.client.HTTPConnection("127.0.0.1", quick.port, timeout=20)
    connection.request("POST", "/v1/login", b'{"name": "a", "password": "b"}', {"Content-Type": "application/json"})
    assert connection.getresponse().status == 401
    connection.close()
    began = time.monotonic()
    for waiting in slow:
        ended(waiting, 15)
    assert time.monotonic() - began < 12
    assert quick.get("/v1/health")[0] == 200


def test_one_address_does_not_take_all_places_for_bodies(quick):
    head = b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"
    slow = [quick.raw(head) for _ in range(70)]
    said = [b"busy" in ended(connection, 15) for connection in slow]
    assert sum(said) == 6


def test_a_body_that_trickles_is_cut_off(quick):
    head = b"POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n"
    connection = quick.raw(head)
    began = time.monotonic()
    with contextlib.suppress(OSError):
        for _ in range(200):
            connection.sendall(b" " * 10)
            time.sleep(0.1)
    assert time.monotonic() - began < 8
    connection.close()


def test_a_large_upload_has_its_time(quick):
    """Two hundred kilobytes in five seconds are slow, but they come."""
    body = b"kind=suggestion&text=" + b"a" * 300_000
    head = b"POST /v1/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: %d\r\n\r\n"
    connection = quick.raw(head % len(body))
    for at in range(0, len(body), 30_000):
        connection.sendall(body[at : at + 30_000])
        time.sleep(0.5)
    assert b" 422 " in ended(connection, 15).splitlines()[0]


def test_a_reader_that_takes_nothing_is_dropped(quick):
    connections = [
        quick.raw(b"GET /vendor/maplibre-gl.js HTTP/1.1\r\nHost: a\r\n\r\n" * 20) for _ in range(5)
    ]  # megabytes that nobody reads
    time.sleep(6)
    assert quick.get("/v1/health")[0] == 200
    for connection in connections:
        connection.close()


def test_the_callers_address_is_believed_only_where_the_settings_say_so(town, tmp_path):
    """Ten wrong passwords a minute, whatever X-Forwarded-For claims."""

    def tries(service: Running) -> list[int]:
        answers = []
        for n in range(14):
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
            headers = {"Content-Type": "application/json", "X-Forwarded-For": f"203.0.113.{n}"}
            connection.request("POST", "/v1/login", b'{"name": "a", "password": "b"}', headers)
            answers.append(connection.getresponse().status)
            connection.close()
        return answers

    with running(town, tmp_path / "a") as service:
        assert tries(service).count(429) == 4
    with running(town, tmp_path / "b", GEOPLAN_SECURITY__TRUST_FORWARDED_FOR="true") as service:
        assert 429 not in tries(service)


def test_many_pictures_at_once_do_not_fill_the_memory(town, tmp_path):
    """Nine pictures of 24 million pixels each, a hundred kilobytes a piece, sent at the same moment."""
    script = """
import io, resource, threading
from PIL import Image
from geoplan_api.http.uploads import photo_of
from geoplan_api.problems import ProblemError
from geoplan_api.settings import LimitSettings
out = io.BytesIO(); Image.new("RGBA", (4900, 4900), (200, 16, 46, 9)).save(out, "PNG"); body = out.getvalue()
large = io.BytesIO(); Image.new("L", (6300, 6300)).save(large, "PNG")
try:
    photo_of(io.BytesIO(large.getvalue()), LimitSettings()); raise SystemExit("taken")
except ProblemError as error:
    assert error.kind == "too-large"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def take():
    try: photo_of(io.BytesIO(body), LimitSettings())
    except ProblemError as error: assert error.kind == "busy"
threads = [threading.Thread(target=take) for _ in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
assert grown < 250, grown
"""
    pytest.importorskip("resource", reason="only POSIX systems measure it so")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
