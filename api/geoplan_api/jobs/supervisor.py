"""Keeps the worker processes alive: starts them when there is work, ends those that do not stop when asked."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from geoplan_api.jobs.cluster import Cluster
from geoplan_api.jobs.store import JobStore
from geoplan_api.jobs.watch_lock import Turn
from geoplan_api.settings import Settings

__all__ = ["Supervisor"]

log = logging.getLogger("geoplan_api")
_PATIENCE_S = 10.0  # a job that was asked to stop and does not is ended with its process after this long
_PULSE_S = 0.2
_IDLE_S = 1.0  # nothing runs: whoever submits a job here wakes the watch, another process's job waits this long


@dataclass
class _Worker:
    name: str
    process: subprocess.Popen[bytes]
    asked_at: dict[str, float] = field(default_factory=dict)


class Supervisor:
    """Runs jobs in processes of this machine, or hands them to a Dask cluster where the settings name one.

    A worker loads the city once and keeps it, so that a second question is answered warm. It ends when this process
    does, however that ends: its standard input closes. Where several processes serve one folder, one of them watches;
    when it ends, another takes over.

    Parameters
    ----------
    settings : Settings
        The service's settings; workers get the same.
    pack : pathlib.Path
        Folder of the city pack.
    folder : pathlib.Path
        The service's folder.
    store : JobStore
        The list of jobs.
    """

    def __init__(self, settings: Settings, pack: Path, folder: Path, store: JobStore) -> None:
        self.settings = settings
        self.pack = pack
        self.folder = folder
        self.store = store
        self._turn = Turn(folder / "jobs.turn")
        self._watching = False
        self._workers: list[_Worker] = []
        address = settings.jobs.dask_address
        line = worker_line(settings, pack, folder)
        self._cluster = Cluster(address, line, settings.jobs.processes, store) if address else None
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._count = 0

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the line now."""
        self._wake.set()

    def stop(self) -> None:
        """End all workers; running jobs go back in line at the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=10.0)
        for worker in self._workers:
            _end(worker.process)
        if self._cluster is not None:
            self._cluster.stop()
        self._turn.leave()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception as error:  # the watch goes on: a full disk or a locked file passes
                log.warning("unavailable", extra={"reason": type(error).__name__, "step": "jobs"})
                self._stop.wait(2.0)
            busy = self._workers or (self._cluster is not None and self._cluster.busy)
            self._wake.wait(_PULSE_S if busy else _IDLE_S)
            self._wake.clear()

    def _look(self) -> None:
        if not self._watching:
            if not self._turn.take():
                return
            self.store.prepare()
            self.store.recover()  # interrupted jobs go back in line
            self.store.forget_old(self.settings.jobs.keep_days)
            self._watching = True
            if self._cluster is None and self.settings.data.warm and self.settings.jobs.keep_warm:
                self._workers.append(self._start_worker())
        if self._cluster is not None:
            self._cluster.look()
            return
        for worker in list(self._workers):
            if worker.process.poll() is not None:
                self._workers.remove(worker)
                _end(worker.process)
                self.store.recover(worker.name)
        self._end_unwilling()
        if self.store.waiting() and len(self._workers) < self.settings.jobs.processes:
            self._workers.append(self._start_worker())

    def _end_unwilling(self) -> None:
        limit_s = self.settings.jobs.time_limit_s + _PATIENCE_S
        now = time.monotonic()
        for job, name in self.store.running():
            worker = next((each for each in self._workers if each.name == name), None)
            if worker is None:
                continue
            began = worker.asked_at.setdefault(f"run {job.id}", now)
            if job.cancel:
                asked = worker.asked_at.setdefault(job.id, now)
                if now - asked > _PATIENCE_S:
                    worker.process.kill()
            elif now - began > limit_s + 60.0:
                self.store.finish(
                    job.id,
                    "failed",
                    error=f"it ran longer than {limit_s:g} s and was ended",
                    error_zh=f"计算超过 {limit_s:g} 秒，已被中止；请缩小问题或缩短求解时间。",
                )
                worker.process.kill()

    def _start_worker(self) -> _Worker:
        self._count += 1
        name = f"{os.getpid()}-{self._count}"
        paths = os.pathsep.join(path for path in sys.path if path)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "geoplan_api.jobs.worker", name],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        assert process.stdin is not None
        process.stdin.write(worker_line(self.settings, self.pack, self.folder))
        process.stdin.flush()
        return _Worker(name, process)


def worker_line(settings: Settings, pack: Path, folder: Path) -> bytes:
    """Return what a worker must know as one line of JSON; keys of outside services stay behind, workers need none."""
    kept = settings.model_dump(mode="json", exclude={"map"})
    return orjson.dumps({"settings": kept, "pack": str(pack), "folder": str(folder)}) + b"\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        try:
            process.stdin.close()
        except OSError:
            process.kill()
    try:
        process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
