"""Kill a writing process again and again and look whether the register lost anything that was confirmed.

A child writes single stations and whole imports into an SQLite register and confirms each one after its commit. The
parent kills it without warning (SIGKILL; on Windows TerminateProcess) at a random moment and looks into the register:
the file is sound, every confirmed write is there in full, nothing is there by half, and at most one unconfirmed write
a kill was committed in between.
"""

from __future__ import annotations

import csv
import multiprocessing
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from geoplan.registry import apply_import, open_register, plan_import, writing
from geoplan.sources.evidence import Reference

__all__ = ["KillReport", "check_register", "kill_writers"]

IMPORT_ROWS: Final = 12
KILLS_A_FILE: Final = 100  # then a fresh register, so that the last kill meets as quick a writer as the first
LONGEST_LIFE_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class KillReport:
    """What was found.

    Parameters
    ----------
    kills : int
        Processes killed.
    writes, imports : int
        Confirmed single writes and confirmed imports (of :data:`IMPORT_ROWS` rows each).
    unconfirmed : int
        Writes or imports found committed whose confirmation the kill cut off.
    faults : tuple of str
        Lost, half or damaged records; empty is the claim.
    seconds : float
        Wall time.
    """

    kills: int
    writes: int
    imports: int
    unconfirmed: int
    faults: tuple[str, ...]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


def _write_forever(path: str, life: int, confirm: Connection) -> None:
    """Write until killed, confirming after each commit: single stations, or in every second life imports between them.

    The first import is planned before the sign to begin, so that short lives end in the middle of writing it.
    """
    with open_register(path) as register, tempfile.TemporaryDirectory() as folder:
        nothing_known = Reference("EPSG:4549")
        plan = plan_import(register, _table(Path(folder), life, 0), nothing_known) if life % 2 else None
        confirm.send(("ready", 0))
        for step in count(1):
            if plan is not None:
                confirm.send(("import", apply_import(register, plan, actor="bench", reason="kill test").batch))
                plan = None
            elif life % 2 and step % 5 == 0:
                plan = plan_import(register, _table(Path(folder), life, step), nothing_known)
            else:
                with writing(register, actor="bench", reason="kill test") as writer:
                    name = f"第{life}次第{step}站"
                    number = writer.add({"name": name, "lon": 120.3, "lat": 31.57, "address": "长" * 300})
                confirm.send(("write", number))


def _table(folder: Path, life: int, step: int) -> Path:
    path = folder / f"{life}-{step}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["站点名称", "详细地址", "lon_wgs84", "lat_wgs84"])
        for k in range(IMPORT_ROWS):
            name = "".join(
                chr(0x4E00 + (life * 7919 + step * 104729 + k * 1299709 + j * 15485863) % 20000) for j in range(4)
            )
            writer.writerow(
                [f"{name}驿站", f"{name}路", f"{120 + life % 97 / 100 + k / 1000:.6f}", f"{31 + step % 89 / 100:.6f}"]
            )
    return path


def check_register(path: Path, *, thorough: bool = True) -> tuple[dict[int, bool], dict[int, int], list[str]]:
    """Read a register's file behind its back and look for what is damaged or there by half.

    Parameters
    ----------
    path : Path
        The SQLite file; nobody writes it.
    thorough : bool
        Check every page and index, not only the records.

    Returns
    -------
    tuple
        Single stations (id → complete), imports (batch → rows kept), and faults.
    """
    faults: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        sound = connection.execute(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}").fetchone()[0]
        if sound != "ok":
            faults.append(f"{path.name}: {sound}")
        faults += [f"foreign key {row}" for row in connection.execute("PRAGMA foreign_key_check").fetchall()]
        lost = (
            "SELECT id FROM station WHERE NOT EXISTS (SELECT 1 FROM station_version v "
            "WHERE v.station_id = station.id AND v.revision_id = station.revision_id)"
        )
        faults += [f"station {row[0]} has no version" for row in connection.execute(lost)]
        bare = (
            "SELECT id FROM revision "
            "WHERE NOT EXISTS (SELECT 1 FROM station_version v WHERE v.revision_id = revision.id)"
        )
        faults += [f"revision {row[0]} changed nothing" for row in connection.execute(bare)]
        singles = {
            int(row[0]): bool(row[1])
            for row in connection.execute("SELECT id, length(address) = 300 FROM station WHERE name LIKE '第%次第%站'")
        }
        faults += [f"station {number} is there by half" for number, whole in singles.items() if not whole]
        batches = {int(row[0]): 0 for row in connection.execute("SELECT id FROM import_batch")}
        kept = "SELECT batch_id, count(*), count(station_id) FROM import_row GROUP BY batch_id"
        for batch, rows, placed in connection.execute(kept):
            batches[int(batch)] = int(rows)
            if placed != rows:
                faults.append(f"import {batch} placed {placed} of {rows} rows")
        faults += [f"import {batch} kept {rows} rows" for batch, rows in batches.items() if rows != IMPORT_ROWS]
    return singles, batches, faults


def _confirmed(pipe: Connection, child: Any, lifetime_s: float) -> list[tuple[str, int]]:
    """Let a child write for ``lifetime_s`` from its first sign, kill it, and return what it had confirmed."""
    said: list[tuple[str, int]] = []
    if pipe.poll(60.0):
        said.append(pipe.recv())
    end = time.monotonic() + lifetime_s
    while (left := end - time.monotonic()) > 0 and pipe.poll(left):
        said.append(pipe.recv())
    child.kill()
    child.join()
    try:
        while pipe.poll(0):
            said.append(pipe.recv())
    except (EOFError, OSError):  # the end of the pipe, or a message the kill cut in two
        pass
    return [(what, number) for what, number in said if what != "ready"]


def _start_method() -> Any:
    """Return the quickest way to start a child that shares nothing: a fork server where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["geoplan.bench.register"])
    return context


def kill_writers(
    folder: str | Path, *, kills: int = 1000, seed: int = 1, progress: Callable[[int], None] | None = None
) -> KillReport:
    """Kill a writer ``kills`` times and check the register after each.

    Parameters
    ----------
    folder : str or Path
        Where to make the registers.
    kills : int
        How often.
    seed : int
        Of the random moments.
    progress : callable, optional
        Told the number of kills so far.

    Returns
    -------
    KillReport
        ``faults`` is empty where nothing was lost or left by half.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)  # noqa: S311 - moments to kill at, not secrets
    context = _start_method()
    begun = time.monotonic()
    writes: set[int] = set()
    imports: set[int] = set()
    faults: list[str] = []
    totals = {"writes": 0, "imports": 0, "unconfirmed": 0}
    seen = 0
    for kill in range(kills):
        path = folder / f"register-{kill // KILLS_A_FILE}.db"
        if kill % KILLS_A_FILE == 0:
            writes, imports, seen = set(), set(), 0
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_write_forever, args=(str(path), kill, theirs), daemon=True)
        child.start()
        theirs.close()
        for what, number in _confirmed(ours, child, dice.uniform(0.0, LONGEST_LIFE_S)):
            (writes if what == "write" else imports).add(number)
            totals["writes" if what == "write" else "imports"] += 1
        ours.close()
        if not path.exists():
            continue  # killed before it made the file
        singles, batches, found = check_register(path, thorough=kill % 25 == 24 or kill == kills - 1)
        faults += [f"kill {kill + 1}: {fault}" for fault in found]
        faults += [f"kill {kill + 1}: confirmed station {number} is lost" for number in writes - singles.keys()]
        faults += [f"kill {kill + 1}: confirmed import {number} is lost" for number in imports - batches.keys()]
        extra = len(singles.keys() - writes) + len(batches.keys() - imports)
        if extra - seen > 1:
            faults.append(f"kill {kill + 1}: {extra - seen} unconfirmed writes")
        totals["unconfirmed"] += extra - seen
        seen = extra
        if progress is not None:
            progress(kill + 1)
    return KillReport(
        kills, totals["writes"], totals["imports"], totals["unconfirmed"], tuple(faults), time.monotonic() - begun
    )
