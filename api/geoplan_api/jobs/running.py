"""Running one job: its progress, its time limit, and how it ends."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Any, Final

from geoplan.errors import Cancelled, GeoplanError, InputError
from geoplan_api.jobs.store import Job, JobStore
from geoplan_api.jobs.tasks import Bench, run_task
from geoplan_api.problems import PROBLEMS, kind_of
from geoplan_api.responses import dump

__all__ = ["run_job"]

log = logging.getLogger("geoplan_api")
_NOTE_EVERY_S = 0.25
_NO_MEMORY: Final = (
    "there is not enough memory for this question",
    "内存不够，算不了这个问题；请缩小范围、缩短时限，或减少年数和时段。",
)
_DEFECT: Final = ("the computation failed; the log says why", "计算出错了，原因在服务日志里；请联系管理员。")


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


def _in_chinese(error: InputError) -> str:
    """Return the faults for a planner, who filled in a form and knows none of the fields by their English names."""
    return InputError([replace(fault, field="") for fault in error.faults]).message("zh")


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
        store.finish(job.id, "failed", error=error.message(), error_zh=_in_chinese(error))
    except GeoplanError as error:
        store.finish(job.id, "failed", error=str(error), error_zh=PROBLEMS[kind_of(error)].title_zh)
    except MemoryError:
        store.finish(job.id, "failed", error=_NO_MEMORY[0], error_zh=_NO_MEMORY[1])
    except Exception as error:
        log.error("job failed", exc_info=error, extra={"job_id": job.id, "kind": job.kind})
        store.finish(job.id, "failed", error=_DEFECT[0], error_zh=_DEFECT[1])
