"""Load on the service, on loopback: requests a second, times to answer, processor time and memory; wrk where it is.

Every question is asked in two ways: the same one again and again, which a cache may answer, and 20,000 different ones.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

__all__ = ["LoadFigures", "MixedFigures", "bench_api", "bench_mixed"]

_SERVE: Final = "import sys; from geoplan_api.cli import main; main(sys.argv[1:])"
_UNITS_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_DIFFERENT: Final = 20_000  # ten times what the short way keeps, so that most lists are made anew
_SPREAD_DEG: Final = 0.05  # questions are asked this far around the middle station
_SCRIPT: Final = """local asked = {}
for path in io.lines("%s") do asked[#asked + 1] = wrk.format("GET", path) end
local i = 0
request = function() i = i %% #asked + 1; return asked[i] end
"""


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What one question withstood.

    Parameters
    ----------
    name : str
        The question.
    different : int
        How many different ones were asked in turn; 1 for the same one again and again.
    requests_per_s : float
        Answers a second.
    p50_ms, p99_ms : float
        Median and 99th percentile of the time to answer, milliseconds.
    failed : int
        Answers that were not 2xx, and broken connections.
    cpu_ms : float
        Processor time of the server an answer, milliseconds, over all its processes; NaN where the system does not
        tell. Unlike the other figures it does not depend on what else runs on the machine.
    rss_before_mb, rss_after_mb : float
        Memory of the server's processes, megabytes; NaN where the system does not tell.
    tool : str
        ``wrk`` or ``python``.
    """

    name: str
    different: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    failed: int
    cpu_ms: float
    rss_before_mb: float
    rss_after_mb: float
    tool: str

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MixedFigures:
    """What a long run of mixed questions did to the server.

    Parameters
    ----------
    load : LoadFigures
        All questions together.
    seconds : tuple of float
        When memory was looked at, from the run's start.
    rss_mb : tuple of float
        Memory of the server's processes then, megabytes.
    """

    load: LoadFigures
    seconds: tuple[float, ...]
    rss_mb: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def bench_api(pack: Path, *, seconds: float = 5.0, connections: int = 16, workers: int = 1) -> list[LoadFigures]:
    """Start a server of its own on a pack and load it with one question after the other.

    Parameters
    ----------
    pack : pathlib.Path
        Folder of a city pack.
    seconds : float
        Length of each run.
    connections : int
        Callers at once.
    workers : int
        Processes of the server.

    Returns
    -------
    list of LoadFigures
        One for each question and way of asking.
    """
    with _served(pack, workers) as (server, port, centre):
        return [
            _run(name, asked, port, seconds, connections, server)
            for name, paths in _questions(*centre).items()
            for asked in ((paths[:1], paths) if len(paths) > 1 else (paths,))
        ]


def bench_mixed(
    pack: Path, *, seconds: float = 600.0, connections: int = 16, workers: int = 1, samples: int = 20
) -> MixedFigures:
    """Start a server of its own and ask everything in turn, looking at its memory all the while.

    Parameters
    ----------
    pack : pathlib.Path
        Folder of a city pack.
    seconds : float
        Length of the run.
    connections : int
        Callers at once.
    workers : int
        Processes of the server.
    samples : int
        How often memory is looked at.

    Returns
    -------
    MixedFigures
        The load, and the memory over time.
    """
    with _served(pack, workers) as (server, port, centre):
        sets = [paths for paths in _questions(*centre).values() if len(paths) > 1]
        mixed = [path for paths in zip(*sets, strict=True) for path in paths]
        times, memory = [0.0], [_memory_mb(server)]
        done = threading.Event()

        def look() -> None:
            start = time.monotonic()
            while not done.wait(seconds / samples):
                times.append(round(time.monotonic() - start, 1))
                memory.append(_memory_mb(server))

        watch = threading.Thread(target=look)
        watch.start()
        try:
            load = _run("mixed", mixed, port, seconds, connections, server)
        finally:
            done.set()
            watch.join()
        return MixedFigures(load, tuple(times), tuple(memory))


@contextlib.contextmanager
def _served(pack: Path, workers: int) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Run a server in processes of its own; yields its process, its port and the position of one of its stations."""
    with tempfile.TemporaryDirectory(prefix="geoplan-bench-", ignore_cleanup_errors=True) as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GEOPLAN_DATA__FOLDER": folder,
            "GEOPLAN_LIMITS__PUBLIC_PER_MINUTE": "0",
            "GEOPLAN_JOBS__KEEP_WARM": "false",  # the desk's worker would share the cores while it loads
        }
        command = [sys.executable, "-c", _SERVE, "serve", str(pack), "--port", str(port), "--workers", str(workers)]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - our own
            try:
                centre = _wait(port, workers)
                yield server.pid, port, centre
            finally:
                server.terminate()


def _questions(lon: float, lat: float) -> dict[str, list[str]]:
    """Return the paths asked for, by question; seeded, so that two runs ask the same."""
    random_ = random.Random(7)  # noqa: S311 - places to ask for, no secret
    near = [(lon, lat)]
    near += [
        (lon + random_.uniform(-_SPREAD_DEG, _SPREAD_DEG), lat + random_.uniform(-_SPREAD_DEG, _SPREAD_DEG))
        for _ in range(_DIFFERENT - 1)
    ]
    return {
        "list": [
            f"/v1/stations?bbox={x - 0.02:.4f},{y - 0.02:.4f},{x + 0.02:.4f},{y + 0.02:.4f}&open=now&limit=20"
            for x, y in near
        ],
        "nearest": [f"/v1/nearest?lon={x:.5f}&lat={y:.5f}&k=3&at=now" for x, y in near],
        "tile": [f"/v1/tiles/base/13/{_column(x)}/{_row(y)}.mvt" for x, y in near],
        "whole feed": ["/v1/feed/miniprogram"],
        "health": ["/v1/health"],
    }


def _column(lon: float) -> int:
    return int((lon + 180.0) / 360.0 * 2**13)


def _row(lat: float) -> int:
    return int((1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0 * 2**13)


def _wait(port: int, workers: int) -> tuple[float, float]:
    """Wait until every process is warm; returns the position of one of the stations."""
    end = time.monotonic() + 300.0
    while time.monotonic() < end:
        try:
            with ThreadPoolExecutor(workers * 4) as pool:  # a process that is busy warming leaves the next to another
                list(pool.map(lambda _: _get(port, "/v1/plan"), range(workers * 4)))
            found = orjson.loads(_get(port, "/v1/stations?limit=1"))
            lon, lat = found["features"][0]["geometry"]["coordinates"]
            return float(lon), float(lat)
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the service did not start within 300 s")


def _get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def _run(name: str, paths: Sequence[str], port: int, seconds: float, connections: int, server: int) -> LoadFigures:
    before_mb, before_s = _memory_mb(server), _cpu_s(server)
    wrk = shutil.which("wrk")
    if wrk is not None:
        times_ms, rate, answers, failed = _by_wrk(wrk, paths, port, seconds, connections)
    else:
        with ThreadPoolExecutor(connections) as pool:
            parts = list(pool.map(lambda i: _caller(paths, i, port, seconds), range(connections)))
        all_s = np.concatenate([part[0] for part in parts]) if parts else np.empty(0)
        failed, answers = sum(part[1] for part in parts), len(all_s)
        times_ms = (
            (float(np.percentile(all_s, 50.0)) * 1000.0, float(np.percentile(all_s, 99.0)) * 1000.0)
            if answers
            else (float("nan"), float("nan"))
        )
        rate = answers / seconds
    cpu_ms = (_cpu_s(server) - before_s) * 1000.0 / max(answers, 1)
    tool = "python" if wrk is None else "wrk"
    return LoadFigures(name, len(paths), rate, *times_ms, failed, cpu_ms, before_mb, _memory_mb(server), tool)


def _by_wrk(
    wrk: str, paths: Sequence[str], port: int, seconds: float, connections: int
) -> tuple[tuple[float, float], float, int, int]:
    with tempfile.TemporaryDirectory(prefix="geoplan-wrk-") as folder:
        listed, script = Path(folder, "paths.txt"), Path(folder, "ask.lua")
        listed.write_text("\n".join(paths) + "\n", encoding="ascii")
        script.write_text(_SCRIPT % listed.as_posix(), encoding="ascii")
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", str(script)]
        command = [wrk, *options, f"http://127.0.0.1:{port}/"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - found above
    return read_wrk(text)


def read_wrk(text: str) -> tuple[tuple[float, float], float, int, int]:
    """Return median and 99th percentile in milliseconds, requests a second, answers and failures of wrk's report."""
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    answers = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    failed += sum(int(n) for line in re.findall(r"Socket errors: (.*)", text) for n in re.findall(r"\d+", line))
    return (_percentile_ms(text, 50), _percentile_ms(text, 99)), rate, answers, failed


def _percentile_ms(text: str, share: int) -> float:
    found = re.search(rf"\b{share}%\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found[1]) * _UNITS_MS[found[2]] if found else float("nan")


def _caller(paths: Sequence[str], place: int, port: int, seconds: float) -> tuple[list[float], int]:
    times: list[float] = []
    failed = 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        place = (place + 1) % len(paths)
        try:
            connection.request("GET", paths[place])
            answer = connection.getresponse()
            answer.read()
            failed += answer.status >= 300
            times.append(time.perf_counter() - start)
        except OSError:
            failed += 1
            connection.close()
    return times, failed


def _processes(pid: int) -> list[int]:
    """Return a process with its children and theirs."""
    children: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):  # every thread may have started some
        with contextlib.suppress(OSError):
            children += task.read_text().split()
    return [pid, *(each for child in children for each in _processes(int(child)))]


def _memory_mb(pid: int) -> float:
    if not Path("/proc/self/status").is_file():
        return float("nan")
    total = 0
    for each in _processes(pid):
        with contextlib.suppress(OSError):
            found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{each}/status").read_text())
            total += int(found[1]) if found else 0
    return total / 1024.0


def _cpu_s(pid: int) -> float:
    if not Path("/proc/self/stat").is_file():
        return float("nan")
    ticks = 0
    for each in _processes(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
