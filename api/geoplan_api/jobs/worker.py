"""A worker process: takes jobs from the list one after the other until its parent ends."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from pathlib import Path

import orjson

from geoplan.errors import GeoplanError
from geoplan_api.jobs.running import run_job
from geoplan_api.jobs.store import JobStore
from geoplan_api.jobs.tasks import Bench
from geoplan_api.logs import configure_logging
from geoplan_api.settings import PRIVATE_FILES, Settings

__all__ = ["main"]

log = logging.getLogger("geoplan_api")
_PULSE_S = 0.05


def _end_with_parent() -> None:
    """Leave when standard input closes: the parent is gone, and nobody waits for the answer."""
    while sys.stdin.buffer.readline():
        continue
    os._exit(0)


def main() -> None:
    """Read the settings from the first line of standard input and work."""
    os.umask(PRIVATE_FILES)
    line = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings, folder = Settings.model_validate(line["settings"]), Path(line["folder"])
    configure_logging(settings.log, folder)
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
