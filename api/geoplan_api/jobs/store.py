"""The list of jobs: one SQLite file that the service and its workers share, so that jobs outlive both."""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from geoplan_api.sqlite import SqliteFile, utc_now

__all__ = ["FINISHED", "JOB_KINDS", "PLAN_KINDS", "Job", "JobStatus", "JobStore"]

JobStatus = Literal["waiting", "running", "done", "failed", "cancelled"]
JOB_KINDS: Final = ("siting", "hours", "coverage", "near_best")
PLAN_KINDS: Final = ("siting", "hours")  # those whose result is a plan that can be kept, shared and reported
FINISHED: Final = ("done", "failed", "cancelled")
MAX_ATTEMPTS: Final = 2  # a job whose worker died is tried once more, then given up
_LONGEST: Final = 2000  # characters of an error that are kept
_DIED: Final = ("the worker process ended twice in this job", "计算进程两次中断，任务没有完成，请稍后再试。")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    params TEXT NOT NULL,
    status TEXT NOT NULL,
    cancel INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT NOT NULL DEFAULT '',
    progress TEXT NOT NULL DEFAULT '{}',
    error TEXT NOT NULL DEFAULT '',
    error_zh TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    started TEXT,
    finished TEXT
);
CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, created);
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands.

    Parameters
    ----------
    id : str
        Name that cannot be guessed.
    kind : str
        One of :data:`JOB_KINDS`.
    owner : str
        Account that asked.
    name : str
        What the owner calls it.
    params : dict
        What was asked.
    status : str
        ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``.
    cancel : bool
        Whether its owner asked it to stop.
    progress : dict
        What the worker last said: ``step``, ``best``, ``bound``, ``gap``, ``elapsed_s``.
    error, error_zh : str
        Why it failed, one sentence, in English and in Chinese; a job that failed before the Chinese was kept has none.
    created, started, finished : str or None
        UTC, ISO 8601.
    """

    id: str
    kind: str
    owner: str
    name: str
    params: dict[str, Any]
    status: JobStatus
    cancel: bool
    progress: dict[str, Any]
    error: str
    error_zh: str
    created: str
    started: str | None
    finished: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the job as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


class JobStore:
    """Jobs in ``jobs.sqlite`` and their results in ``jobs/<id>.json`` of a folder.

    Every method opens, uses and closes its own connection: the file may be used from any thread and any process, and a
    database that was gone is used again as soon as it is back.

    Parameters
    ----------
    folder : pathlib.Path
        The service's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.file = SqliteFile(folder / "jobs.sqlite", _SCHEMA)
        self.results = folder / "jobs"

    def prepare(self) -> None:
        """Make the file and its folder where they are not there yet."""
        self.results.mkdir(parents=True, exist_ok=True)
        self.file.prepare()
        with self.file.open() as db:
            db.execute("BEGIN IMMEDIATE")  # of several processes that start at once, one adds what is missing
            if "error_zh" not in {row["name"] for row in db.execute("PRAGMA table_info(jobs)")}:
                db.execute("ALTER TABLE jobs ADD COLUMN error_zh TEXT NOT NULL DEFAULT ''")
            db.execute("COMMIT")

    def add(self, kind: str, owner: str, params: dict[str, Any], name: str = "") -> Job:
        """Put a job at the end of the line."""
        job_id = secrets.token_urlsafe(12)
        with self.file.open() as db:
            db.execute(
                "INSERT INTO jobs (id, kind, owner, name, params, status, created) "
                "VALUES (?, ?, ?, ?, ?, 'waiting', ?)",
                (job_id, kind, owner, name, orjson.dumps(params).decode(), utc_now()),
            )
        job = self.get(job_id)
        assert job is not None
        return job

    def get(self, job_id: str) -> Job | None:
        """Return a job, or nothing."""
        with self.file.open() as db:
            row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return _job(row) if row else None

    def latest(self, owner: str | None = None, limit: int = 100) -> list[Job]:
        """Return the latest jobs, of one owner or of all."""
        with self.file.open() as db:
            rows = db.execute(
                "SELECT * FROM jobs WHERE ? IS NULL OR owner = ? ORDER BY created DESC, rowid DESC LIMIT ?",
                (owner, owner, limit),
            ).fetchall()
        return [_job(row) for row in rows]

    def waiting(self) -> int:
        """Count the jobs in line."""
        with self.file.open() as db:
            return int(db.execute("SELECT count(*) FROM jobs WHERE status = 'waiting'").fetchone()[0])

    def claim(self, worker: str) -> Job | None:
        """Take the first job in line, in one statement, so that two workers never take the same."""
        with self.file.open() as db:
            row = db.execute(
                "UPDATE jobs SET status = 'running', worker = ?, started = ?, attempts = attempts + 1, progress = '{}' "
                "WHERE id = (SELECT id FROM jobs WHERE status = 'waiting' ORDER BY created, rowid LIMIT 1) RETURNING *",
                (worker, utc_now()),
            ).fetchone()
        return _job(row) if row else None

    def note(self, job_id: str, progress: dict[str, Any]) -> bool:
        """Write progress; returns whether the job was asked to stop."""
        with self.file.open() as db:
            row = db.execute(
                "UPDATE jobs SET progress = ? WHERE id = ? RETURNING cancel", (orjson.dumps(progress).decode(), job_id)
            ).fetchone()
        return bool(row["cancel"]) if row else True

    def cancelled(self, job_id: str) -> bool:
        """Tell whether a job was asked to stop."""
        with self.file.open() as db:
            row = db.execute("SELECT cancel FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return bool(row["cancel"]) if row else True

    def ask_to_stop(self, job_id: str) -> None:
        """Ask a job to stop; one that has not started is cancelled at once."""
        with self.file.open() as db:
            db.execute("UPDATE jobs SET cancel = 1 WHERE id = ? AND status IN ('waiting', 'running')", (job_id,))
            db.execute(
                "UPDATE jobs SET status = 'cancelled', finished = ? WHERE id = ? AND status = 'waiting'",
                (utc_now(), job_id),
            )

    def finish(
        self, job_id: str, status: JobStatus, *, result: bytes | None = None, error: str = "", error_zh: str = ""
    ) -> None:
        """Write a job's end; the result is on disk, whole, before the job says that it is done."""
        if result is not None:
            _write_whole(self.results / f"{job_id}.json", result)
        with self.file.open() as db:
            db.execute(
                "UPDATE jobs SET status = ?, error = ?, error_zh = ?, finished = ? WHERE id = ? AND status = 'running'",
                (status, error[:_LONGEST], error_zh[:_LONGEST], utc_now(), job_id),
            )

    def result(self, job_id: str) -> bytes | None:
        """Return a job's result as JSON, or nothing."""
        path = self.results / f"{job_id}.json"
        return path.read_bytes() if path.is_file() else None

    def answer(self, job_id: str) -> dict[str, Any] | None:
        """Return a job's result as values, or nothing."""
        body = self.result(job_id)
        return None if body is None else dict(orjson.loads(body))

    def recover(self, worker: str | None = None) -> int:
        """Put the running jobs of a dead worker (or of all) back in line; those that killed it twice have failed."""
        now = utc_now()
        with self.file.open() as db:
            db.execute(
                "UPDATE jobs SET status = 'cancelled', finished = ? "
                "WHERE status = 'running' AND cancel = 1 AND (? IS NULL OR worker = ?)",
                (now, worker, worker),
            )
            db.execute(
                "UPDATE jobs SET status = 'failed', finished = ?, error = ?, error_zh = ? "
                "WHERE status = 'running' AND attempts >= ? AND (? IS NULL OR worker = ?)",
                (now, *_DIED, MAX_ATTEMPTS, worker, worker),
            )
            return db.execute(
                "UPDATE jobs SET status = 'waiting', worker = '' "
                "WHERE status = 'running' AND (? IS NULL OR worker = ?)",
                (worker, worker),
            ).rowcount

    def running(self) -> list[tuple[Job, str]]:
        """Return the running jobs with their workers."""
        with self.file.open() as db:
            rows = db.execute("SELECT * FROM jobs WHERE status = 'running'").fetchall()
        return [(_job(row), str(row["worker"])) for row in rows]

    def forget_old(self, keep_days: float) -> int:
        """Remove finished jobs and their results after their time; returns how many."""
        before = (datetime.now(UTC) - timedelta(days=keep_days)).isoformat(timespec="milliseconds")
        with self.file.open() as db:
            rows = db.execute(
                "DELETE FROM jobs WHERE status IN ('done', 'failed', 'cancelled') AND finished < ? RETURNING id",
                (before,),
            ).fetchall()
        for row in rows:
            (self.results / f"{row['id']}.json").unlink(missing_ok=True)
        return len(rows)


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        owner=row["owner"],
        name=row["name"],
        params=orjson.loads(row["params"]),
        status=row["status"],
        cancel=bool(row["cancel"]),
        progress=orjson.loads(row["progress"]),
        error=row["error"],
        error_zh=row["error_zh"],
        created=row["created"],
        started=row["started"],
        finished=row["finished"],
    )


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
