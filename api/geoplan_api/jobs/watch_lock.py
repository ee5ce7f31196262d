"""Which of several processes watches the jobs: the one that holds a lock, which falls free when it ends, however."""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = ["Turn"]


class Turn:
    """A lock between processes on one folder: an open write transaction on an empty SQLite file.

    Parameters
    ----------
    path : pathlib.Path
        The file of the lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it; returns whether this process holds it now."""
        if self._held is not None:
            return True
        try:
            db = sqlite3.connect(self.path, timeout=0.0, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError:  # the disk is away: look again later
            return False
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:  # somebody else has it
            db.close()
            return False
        self._held = db
        return True

    def leave(self) -> None:
        """Give the lock back."""
        if self._held is not None:
            self._held.close()
            self._held = None
