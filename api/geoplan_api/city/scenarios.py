"""Plans that planners keep: saved under a name, compared side by side, shared by a read-only link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geoplan_api.sqlite import SqliteFile, utc_now

__all__ = ["Scenario", "ScenarioStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scenarios (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    job_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    result BLOB NOT NULL,
    share TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A saved plan.

    Parameters
    ----------
    id, owner, name, note : str
        Its id, whose it is, what they call it, and what they wrote about it.
    job_id : str
        Job that found it.
    summary : dict
        The figures by which scenarios are compared.
    share : str
        Token of a read-only link; empty where it is not shared.
    created : str
        UTC, ISO 8601.
    """

    id: str
    owner: str
    name: str
    note: str
    job_id: str
    summary: dict[str, Any]
    share: str
    created: str

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


class ScenarioStore:
    """Scenarios in ``scenarios.sqlite`` of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        The service's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.file = SqliteFile(folder / "scenarios.sqlite", _SCHEMA)

    def prepare(self) -> None:
        """Make the file where it is not there yet."""
        self.file.prepare()

    def save(self, owner: str, name: str, note: str, job_id: str, summary: dict[str, Any], result: bytes) -> Scenario:
        """Keep a plan under a name."""
        made = Scenario(secrets.token_urlsafe(9), owner, name, note, job_id, summary, "", utc_now())
        with self.file.open() as db:
            db.execute(
                "INSERT INTO scenarios (id, owner, name, note, job_id, summary, result, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (made.id, owner, name, note, job_id, orjson.dumps(summary).decode(), result, made.created),
            )
        return made

    def latest(self, limit: int = 200) -> list[Scenario]:
        """Return the saved plans, latest first; the desk is shared by its accounts."""
        with self.file.open() as db:
            rows = db.execute("SELECT * FROM scenarios ORDER BY created DESC, rowid DESC LIMIT ?", (limit,)).fetchall()
        return [_scenario(row) for row in rows]

    def get(self, scenario_id: str) -> tuple[Scenario, bytes] | None:
        """Return a saved plan with its whole result."""
        with self.file.open() as db:
            row = db.execute("SELECT * FROM scenarios WHERE id = ?", (scenario_id,)).fetchone()
        return (_scenario(row), bytes(row["result"])) if row else None

    def shared(self, share: str) -> tuple[Scenario, bytes] | None:
        """Return the plan behind a read-only link."""
        with self.file.open() as db:
            row = db.execute("SELECT * FROM scenarios WHERE share = ? AND share <> ''", (share,)).fetchone()
        return (_scenario(row), bytes(row["result"])) if row else None

    def share(self, scenario_id: str, on: bool) -> str:
        """Give a plan a read-only link, or take it back; returns the link's token. A link that is there is kept."""
        fresh = secrets.token_urlsafe(18) if on else ""
        with self.file.open() as db:
            row = db.execute(
                "UPDATE scenarios SET share = CASE WHEN ? <> '' AND share <> '' THEN share ELSE ? END WHERE id = ? "
                "RETURNING share",
                (fresh, fresh, scenario_id),
            ).fetchone()
        return str(row["share"]) if row else ""

    def delete(self, scenario_id: str) -> bool:
        """Forget a saved plan; returns whether there was one."""
        with self.file.open() as db:
            return db.execute("DELETE FROM scenarios WHERE id = ?", (scenario_id,)).rowcount > 0


def _scenario(row: Any) -> Scenario:
    return Scenario(
        row["id"], row["owner"], row["name"], row["note"], row["job_id"], orjson.loads(row["summary"]), row["share"],
        row["created"],
    )  # fmt: skip
