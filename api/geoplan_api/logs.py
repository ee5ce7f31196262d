"""Structured logs: one JSON object a line, with no position, query, address or name of a caller in it."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import orjson

__all__ = ["JsonFormatter", "configure_logging"]

# Only these extras are written: a field that is not named here cannot leak into the log.
_FIELDS: Final = (
    "request_id", "method", "route", "path", "status", "duration_ms", "bytes", "reason", "problem", "job_id", "kind",
    "stations", "seconds", "step",
)  # fmt: skip


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
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure_logging(level: int = logging.INFO) -> None:
    """Send the service's log to standard error as JSON lines; called by the server, never on import."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name in ("geoplan_api", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
