"""What the service keeps for itself beside the register: sign-ins, saved scenarios, and where people found nothing."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from geoplan_api.sqlite import SqliteFile, utc_now

__all__ = ["DeskStore", "Scenario", "Session"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created TEXT NOT NULL,
    expires TEXT NOT NULL
);
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
CREATE TABLE IF NOT EXISTS misses (
    cell_x INTEGER NOT NULL,
    cell_y INTEGER NOT NULL,
    slice TEXT NOT NULL,
    searches INTEGER NOT NULL,
    PRIMARY KEY (cell_x, cell_y, slice)
);
"""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in.

    Parameters
    ----------
    account : str
        Name of the account.
    csrf : str
        Token that every change must carry beside the cookie.
    expires : str
        UTC, ISO 8601.
    """

    account: str
    csrf: str
    expires: str


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


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class DeskStore:
    """Sessions, scenarios and misses in ``desk.sqlite`` of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        The service's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.file = SqliteFile(folder / "desk.sqlite", _SCHEMA)

    def prepare(self) -> None:
        """Make the file where it is not there yet, and forget sign-ins that have run out."""
        self.file.prepare()
        with self.file.open() as db:
            db.execute("DELETE FROM sessions WHERE expires < ?", (utc_now(),))

    def open_session(self, account: str, life_s: float) -> tuple[str, Session]:
        """Begin a sign-in; returns the cookie's token, of which only a hash is kept."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        expires = (datetime.now(UTC) + timedelta(seconds=life_s)).isoformat(timespec="milliseconds")
        with self.file.open() as db:
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (_hash(token), account, csrf, utc_now(), expires))
        return token, Session(account, csrf, expires)

    def session(self, token: str) -> Session | None:
        """Return the sign-in of a cookie's token, or nothing once it has run out."""
        with self.file.open() as db:
            row = db.execute(
                "SELECT account, csrf, expires FROM sessions WHERE token_hash = ? AND expires > ?",
                (_hash(token), utc_now()),
            ).fetchone()
        return Session(row["account"], row["csrf"], row["expires"]) if row else None

    def close_session(self, token: str) -> None:
        """End a sign-in."""
        with self.file.open() as db:
            db.execute("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))

    def close_sessions_of(self, account: str) -> None:
        """End every sign-in of an account."""
        with self.file.open() as db:
            db.execute("DELETE FROM sessions WHERE account = ?", (account,))

    def save_scenario(
        self, owner: str, name: str, note: str, job_id: str, summary: dict[str, Any], result: bytes
    ) -> Scenario:
        """Keep a plan under a name."""
        made = Scenario(secrets.token_urlsafe(9), owner, name, note, job_id, summary, "", utc_now())
        with self.file.open() as db:
            db.execute(
                "INSERT INTO scenarios (id, owner, name, note, job_id, summary, result, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (made.id, owner, name, note, job_id, orjson.dumps(summary).decode(), result, made.created),
            )
        return made

    def scenarios(self, limit: int = 200) -> list[Scenario]:
        """Return the saved plans, latest first; the desk is shared by its accounts."""
        with self.file.open() as db:
            rows = db.execute("SELECT * FROM scenarios ORDER BY created DESC, rowid DESC LIMIT ?", (limit,)).fetchall()
        return [_scenario(row) for row in rows]

    def scenario(self, scenario_id: str) -> tuple[Scenario, bytes] | None:
        """Return a saved plan with its whole result."""
        with self.file.open() as db:
            row = db.execute("SELECT * FROM scenarios WHERE id = ?", (scenario_id,)).fetchone()
        return (_scenario(row), bytes(row["result"])) if row else None

    def shared_scenario(self, share: str) -> tuple[Scenario, bytes] | None:
        """Return the plan behind a read-only link."""
        with self.file.open() as db:
            row = db.execute("SELECT * FROM scenarios WHERE share = ? AND share <> ''", (share,)).fetchone()
        return (_scenario(row), bytes(row["result"])) if row else None

    def share_scenario(self, scenario_id: str, on: bool) -> str:
        """Give a plan a read-only link, or take it back; returns the link's token."""
        share = secrets.token_urlsafe(18) if on else ""
        with self.file.open() as db:
            db.execute("UPDATE scenarios SET share = ? WHERE id = ?", (share, scenario_id))
        return share

    def delete_scenario(self, scenario_id: str) -> bool:
        """Forget a saved plan; returns whether there was one."""
        with self.file.open() as db:
            return db.execute("DELETE FROM scenarios WHERE id = ?", (scenario_id,)).rowcount > 0

    def count_miss(self, cell_x: int, cell_y: int, slice_code: str) -> None:
        """Count a search that found nothing open; the cell is 500 m wide and no time but the slice is kept."""
        with self.file.open() as db:
            db.execute(
                "INSERT INTO misses VALUES (?, ?, ?, 1) "
                "ON CONFLICT (cell_x, cell_y, slice) DO UPDATE SET searches = searches + 1",
                (cell_x, cell_y, slice_code),
            )

    def misses(self) -> list[tuple[int, int, str, int]]:
        """Return cells, slices and how many searches found nothing there."""
        with self.file.open() as db:
            rows = db.execute("SELECT cell_x, cell_y, slice, searches FROM misses ORDER BY searches DESC").fetchall()
        return [(row["cell_x"], row["cell_y"], row["slice"], row["searches"]) for row in rows]


def _scenario(row: Any) -> Scenario:
    return Scenario(
        row["id"], row["owner"], row["name"], row["note"], row["job_id"], orjson.loads(row["summary"]), row["share"],
        row["created"],
    )  # fmt: skip
