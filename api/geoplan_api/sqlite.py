"""A small SQLite file that the service keeps for itself: opened for each use, so that it may go and come back."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["SqliteFile", "utc_now"]


def utc_now() -> str:
    """Return the time as text that sorts: UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class SqliteFile:
    """A SQLite file with a schema.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    schema : str
        Statements that make its tables where they are not there yet.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self.schema = schema

    def prepare(self) -> None:
        """Make the file where it is not there yet."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened("rwc") as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(self.schema)

    def open(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """Open the file for a few statements, each its own transaction; one that has vanished is not made anew."""
        return self._opened("rw")

    @contextlib.contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        address = f"{self.path.resolve().as_uri()}?mode={mode}"
        db = sqlite3.connect(address, uri=True, timeout=10.0, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous=NORMAL")
            yield db
        finally:
            db.close()
