"""A worker process: takes jobs from the list one after the other until its parent ends."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import orjson

from geoplan.errors import Cancelled, GeoplanError, InputError
from geoplan_api.answers import dump
from geoplan_api.jobs.store import Job, JobStore
from geoplan_api.jobs.tasks import Bench, run_task
from geoplan_api.logs import configure_logging
from geoplan_api.settings import Settings

__all__ = ["main"]

log = logging.getLogger("geoplan_api")
_PULSE_S = 0.05
_NOTE_EVERY_S = 0.25


class _Reporter:
    """Writes progress at most a few times a second and learns whether to stop."""

    def __init__(self, store: JobStore, job: Job, time_limit_s: float) -> None:
        self.store = store
        self.job = job
        self.stop = False
        self._start = time.monotonic()
        self._deadline = self._start + time_limit_s
        self._noted = 0.0

    def __call__(self, **progress: Any) -> None:
        """Take a piece of news; raises ``Cancelled`` when the job should stop."""
        now = time.monotonic()
        if now - self._noted >= _NOTE_EVERY_S:
            self._noted = now
            self.stop = self.store.note(self.job.id, {**progress, "elapsed_s": round(now - self._start, 2)})

    def should_stop(self) -> bool:
        """Tell whether the owner asked to stop."""
        now = time.monotonic()
        if not self.stop and now - self._noted >= _NOTE_EVERY_S:
            self._noted = now
            self.stop = self.store.cancelled(self.job.id)
        return self.stop

    @property
    def remaining_s(self) -> float:
        """Seconds left of the time limit."""
        return max(self._deadline - time.monotonic(), 1.0)


def run_job(bench: Bench, store: JobStore, job: Job) -> None:
    """Run one job and write its end; an input's faults are its answer, a defect is logged."""
    reporter = _Reporter(store, job, bench.settings.jobs.time_limit_s)
    try:
        result = run_task(bench, job.kind, job.params, reporter, reporter.should_stop, reporter.remaining_s)
        if reporter.should_stop() and result.get("stopped") == "cancelled":
            store.finish(job.id, "cancelled", result=dump(result))
        else:
            store.finish(job.id, "done", result=dump(result))
    except Cancelled:
        store.finish(job.id, "cancelled")
    except InputError as error:
        store.finish(job.id, "failed", error=error.message())
    except GeoplanError as error:
        store.finish(job.id, "failed", error=str(error))
    except MemoryError:
        store.finish(job.id, "failed", error="there is not enough memory for this question")
    except Exception as error:
        log.error("job failed", exc_info=error, extra={"job_id": job.id, "kind": job.kind})
        store.finish(job.id, "failed", error="the computation failed; the log says why")


def _end_with_parent() -> None:
    """Leave when standard input closes: the parent is gone, and nobody waits for the answer."""
    while sys.stdin.buffer.readline():
        continue
    os._exit(0)


def main() -> None:
    """Read the settings from the first line of standard input and work."""
    configure_logging()
    line = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings, folder = Settings.model_validate(line["settings"]), Path(line["folder"])
    store = JobStore(folder)
    bench = Bench.open(settings, Path(line["pack"]), folder)
    name = sys.argv[1]
    prepared = not settings.data.warm
    while True:
        try:
            job = store.claim(name)
        except Exception as error:  # the file may be locked or gone for a while
            log.warning("unavailable", extra={"reason": type(error).__name__, "step": "claim"})
            time.sleep(1.0)
            continue
        if job is None:
            if prepared:
                time.sleep(_PULSE_S)
            else:
                prepared = True
                with contextlib.suppress(GeoplanError):  # the first question says what is wrong
                    bench.prepare()
            continue
        run_job(bench, store, job)


if __name__ == "__main__":
    main()
