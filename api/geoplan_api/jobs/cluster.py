"""Jobs on a Dask cluster: the same list, worked off by the cluster's workers, which see the service's folder."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geoplan.errors import MissingExtraError
from geoplan_api.jobs.running import run_job
from geoplan_api.jobs.store import JobStore
from geoplan_api.jobs.tasks import Bench
from geoplan_api.settings import Settings

__all__ = ["Cluster", "work_off"]


@dataclass(frozen=True, slots=True)
class _Sent:
    name: str
    future: Any


class Cluster:
    """Hands waiting jobs to a Dask scheduler, as many at once as the settings allow.

    Parameters
    ----------
    address : str
        The scheduler's address.
    line : bytes
        What a worker must know (see :func:`geoplan_api.jobs.supervisor.worker_line`).
    most : int
        Jobs at once.
    store : JobStore
        The list of jobs.
    """

    def __init__(self, address: str, line: bytes, most: int, store: JobStore) -> None:
        self.address = address
        self.line = line
        self.most = most
        self.store = store
        self._client: Any = None
        self._sent: list[_Sent] = []
        self._count = 0

    @property
    def busy(self) -> bool:
        """Whether any job is with the cluster."""
        return bool(self._sent)

    def look(self) -> None:
        """Take note of what ended, and hand over what waits.

        Raises
        ------
        MissingExtraError
            The extra ``dask`` is not installed.
        OSError
            The scheduler cannot be reached; called again, it is tried again.
        """
        for sent in [each for each in self._sent if each.future.done()]:
            self._sent.remove(sent)
            if sent.future.status != "finished":  # its worker is gone: back in line, or given up
                self.store.recover(sent.name)
        while len(self._sent) < self.most and self.store.waiting():
            client = self._connected()
            self._count += 1
            name = f"dask-{os.getpid()}-{self._count}"
            job = self.store.claim(name)
            if job is None:
                return
            self._sent.append(_Sent(name, client.submit(work_off, self.line, job.id, pure=False, retries=0)))

    def stop(self) -> None:
        """Leave the cluster; what it still works on goes back in line at the next start."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Any:
        if self._client is None:
            try:
                distributed = importlib.import_module("distributed")
            except ModuleNotFoundError as error:
                raise MissingExtraError("a Dask cluster needs the extra 'dask': pip install 'geoplan[dask]'") from error
            self._client = distributed.Client(self.address, timeout=4, set_as_default=False)
        return self._client


def work_off(line: bytes, job_id: str) -> None:
    """Run one job in a worker of the cluster; the city stays loaded in the worker for the next one."""
    given = orjson.loads(line)
    folder = Path(given["folder"])
    store = JobStore(folder)
    job = store.get(job_id)
    if job is None or job.status != "running":  # given up or cancelled in the meantime
        return
    run_job(_bench(line, given), store, job)


def _bench(line: bytes, given: dict[str, Any]) -> Bench:
    worker: Any = importlib.import_module("distributed").get_worker()
    kept: dict[bytes, Bench] = worker.__dict__.setdefault("geoplan_benches", {})
    if line not in kept:
        kept[line] = Bench.open(Settings.model_validate(given["settings"]), Path(given["pack"]), Path(given["folder"]))
    return kept[line]
