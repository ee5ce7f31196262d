"""The log: one JSON object a line, with no position, query, address or name of a caller in it.

Every request is a line of the file ``logs/service.log`` in the service's folder, which is turned over by size; what
went wrong also goes to standard error. A trace is written once, with its frames and without the values in its words.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import orjson

from geoplan_api.settings import LogSettings

__all__ = ["JsonFormatter", "configure_logging"]

# Only these extras are written: a field that is not named here cannot leak into the log.
_FIELDS: Final = (
    "request_id", "method", "route", "status", "duration_ms", "bytes", "reason", "problem", "job_id", "kind",
    "stations", "seconds", "step",
)  # fmt: skip
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9][0-9.,:]*|[^\x00-\x7f]+")
_LONGEST: Final = 200
_LOGGERS: Final = ("geoplan_api", "uvicorn.error")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line: time, level, event and the allowed extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line.update({name: value for name in _FIELDS if (value := getattr(record, name, None)) is not None})
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = _trace(record.exc_info[1], record.exc_info[2])
        return orjson.dumps(line, default=str).decode()


def _trace(error: BaseException, frames: TracebackType | None) -> str:
    """Return where an error came from; its words without quoted text, numbers and Chinese: they may be a person's."""
    first_line = (str(error).splitlines() or [""])[0]
    words = _VALUES.sub("…", first_line)[:_LONGEST]
    return "".join(traceback.format_tb(frames)) + f"{type(error).__qualname__}: {words}"


class _TurningFile(WatchedFileHandler):
    """A log file that several processes write and whichever finds it too large turns over."""

    def __init__(self, path: Path, most_bytes: int, keep: int) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.most_bytes = most_bytes
        self.keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        super().emit(record)
        try:
            if self.stream is not None and os.fstat(self.stream.fileno()).st_size > self.most_bytes:
                self._turn_over()
        except OSError:
            self.handleError(record)

    def _turn_over(self) -> None:
        path = Path(self.baseFilename)
        lock = path.with_suffix(".turning")
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            if datetime.now(UTC).timestamp() - lock.stat().st_mtime > 60.0:  # left by a process that was killed
                lock.unlink(missing_ok=True)
            return
        try:
            if path.stat().st_size > self.most_bytes:  # nobody else was quicker
                for number in range(self.keep - 1, 0, -1):
                    older = path.with_name(f"{path.name}.{number}")
                    if older.exists():
                        older.replace(path.with_name(f"{path.name}.{number + 1}"))
                path.replace(path.with_name(f"{path.name}.1"))
        finally:
            lock.unlink(missing_ok=True)


def _not_cut(record: logging.LogRecord) -> bool:
    """Leave out what the server says of an answer that was cut off: why stands in the log already."""
    error = record.exc_info[1] if record.exc_info else None
    return not getattr(error, "logged", False)


def configure_logging(settings: LogSettings | None = None, folder: Path | None = None) -> None:
    """Send the service's log where the settings say; called by the server and its workers, never on import.

    Parameters
    ----------
    settings : LogSettings, optional
        Where to; the defaults without it.
    folder : pathlib.Path, optional
        The service's folder; without it nothing is written to a file.
    """
    chosen = settings or LogSettings()
    errors = logging.StreamHandler(sys.stderr)
    errors.setLevel(logging.INFO if chosen.stderr else logging.WARNING)
    handlers: list[logging.Handler] = [errors]
    if chosen.file and folder is not None:
        place = folder / "logs"
        place.mkdir(parents=True, exist_ok=True)
        handlers.append(_TurningFile(place / "service.log", chosen.max_bytes, chosen.keep))
    for handler in handlers:
        handler.setFormatter(JsonFormatter())
        handler.addFilter(_not_cut)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = handlers
        logger.setLevel(logging.INFO if name == "geoplan_api" else logging.WARNING)
        logger.propagate = False
