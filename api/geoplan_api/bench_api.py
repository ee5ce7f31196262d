"""Load on the service, on loopback: requests a second, the 99th percentile, and memory; wrk where it is installed."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

__all__ = ["LoadFigures", "bench_api"]

_SERVER: Final = (
    "import sys, uvicorn; from pathlib import Path; from geoplan_api import Settings, create_app; "
    "from geoplan_api.settings import DataSettings, LimitSettings; "
    "pack, folder, port = sys.argv[1:]; "
    "uvicorn.run(create_app(Settings(data=DataSettings(pack=Path(pack), folder=Path(folder)), "
    "limits=LimitSettings(public_per_minute=0))), port=int(port), log_level='warning', access_log=False)"
)
_UNITS_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What one question withstood.

    Parameters
    ----------
    name, path : str
        The question.
    requests_per_s : float
        Answers a second.
    p99_ms : float
        99th percentile of the time to answer, milliseconds.
    failed : int
        Answers that were not 2xx, and broken connections.
    rss_mb : float
        Memory of the server after it, megabytes; NaN where the system does not tell.
    tool : str
        ``wrk`` or ``python``.
    """

    name: str
    path: str
    requests_per_s: float
    p99_ms: float
    failed: int
    rss_mb: float
    tool: str


def bench_api(pack: Path, *, seconds: float = 10.0, connections: int = 16) -> list[LoadFigures]:
    """Start a server of its own on a pack and load it with one question after the other.

    Parameters
    ----------
    pack : pathlib.Path
        Folder of a city pack.
    seconds : float
        Length of each run.
    connections : int
        Callers at once.

    Returns
    -------
    list of LoadFigures
        One for each question.
    """
    with tempfile.TemporaryDirectory(prefix="geoplan-bench-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-c", _SERVER, str(pack), folder, str(port)]
        with subprocess.Popen(command, env=environment) as server:  # noqa: S603 - our own interpreter
            try:
                centre = _wait(port)
                return [
                    _run(name, path, port, seconds, connections, server.pid)
                    for name, path in _questions(*centre).items()
                ]
            finally:
                server.terminate()


def _questions(lon: float, lat: float) -> dict[str, str]:
    box = f"{lon - 0.02:.4f},{lat - 0.02:.4f},{lon + 0.02:.4f},{lat + 0.02:.4f}"
    return {
        "list": f"/v1/stations?bbox={box}&open=now&limit=20",
        "nearest": f"/v1/nearest?lon={lon:.5f}&lat={lat:.5f}&k=3&at=now",
        "whole feed": "/v1/feed/miniprogram",
        "health": "/v1/health",
    }


def _wait(port: int) -> tuple[float, float]:
    """Wait until the service is warm; returns the position of one of its stations."""
    end = time.monotonic() + 300.0
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", "/v1/plan")
            connection.getresponse().read()
            connection.request("GET", "/v1/stations?limit=1")
            found = orjson.loads(connection.getresponse().read())
            lon, lat = found["features"][0]["geometry"]["coordinates"]
            return float(lon), float(lat)
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the service did not start within 300 s")


def _run(name: str, path: str, port: int, seconds: float, connections: int, pid: int) -> LoadFigures:
    wrk = shutil.which("wrk")
    if wrk is not None:
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
        command = [wrk, *options, f"http://127.0.0.1:{port}{path}"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - found above
        rate, p99_ms, failed = read_wrk(text)
        return LoadFigures(name, path, rate, p99_ms, failed, _memory_mb(pid), "wrk")
    with ThreadPoolExecutor(connections) as pool:
        parts = list(pool.map(lambda _: _caller(path, port, seconds), range(connections)))
    times = np.concatenate([part[0] for part in parts])
    failed = sum(part[1] for part in parts)
    p99_ms = float(np.percentile(times, 99.0)) * 1000.0 if len(times) else float("nan")
    return LoadFigures(name, path, len(times) / seconds, p99_ms, failed, _memory_mb(pid), "python")


def read_wrk(text: str) -> tuple[float, float, int]:
    """Return requests a second, the 99th percentile in milliseconds and failures from wrk's report."""
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    found = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    p99_ms = float(found[1]) * _UNITS_MS[found[2]] if found else float("nan")
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    failed += sum(int(n) for line in re.findall(r"Socket errors: (.*)", text) for n in re.findall(r"\d+", line))
    return rate, p99_ms, failed


def _caller(path: str, port: int, seconds: float) -> tuple[list[float], int]:
    times: list[float] = []
    failed = 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            failed += answer.status >= 300
            times.append(time.perf_counter() - start)
        except OSError:
            failed += 1
            connection.close()
    return times, failed


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return float("nan")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024.0 if found else float("nan")
