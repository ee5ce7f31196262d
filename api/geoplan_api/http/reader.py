"""Foreign files are read in a process of their own, with bounds on time, memory and size, that can be killed.

A GeoPackage may hold a view that never ends, a workbook may unpack to more than the machine has: whatever a library
does with it, the service goes on, and the person gets a sentence.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import zipfile
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd

from geoplan.errors import Fault, InputError
from geoplan.sources.tables import RawTable, read_table
from geoplan_api.problems import ProblemError
from geoplan_api.settings import LimitSettings

__all__ = ["read_upload"]

_AT_ONCE: Final = threading.BoundedSemaphore(2)
_PATIENCE_S: Final = 5.0
_START_S: Final = 60.0  # the first reader loads the libraries
_MOST_ENTRIES: Final = 2000


@cache
def _context() -> Any:
    """Return how readers are started: from a clean copy that has the libraries loaded, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["geoplan_api.http.reader"])
    return context


def read_upload(path: Path, limits: LimitSettings, *, sheet: str | None = None) -> RawTable:
    """Read a register that somebody sent.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    limits : LimitSettings
        How long, how much memory, how many rows.
    sheet : str, optional
        As in :func:`geoplan.sources.tables.read_table`.

    Returns
    -------
    RawTable
        As :func:`geoplan.sources.tables.read_table` returns it.

    Raises
    ------
    InputError
        The file has faults, or takes more time or memory than is given.
    ProblemError
        ``busy`` where other files are being read.
    """
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise ProblemError("busy")
    try:
        answer = _ask(path, limits, sheet)
    finally:
        _AT_ONCE.release()
    if answer is None:
        raise InputError(
            Fault(
                f"the file takes more than {limits.reader_s:g} s or {limits.reader_bytes / 2**20:,.0f} MB to read",
                "save only the register as a new file",
                path.name,
                problem_zh="读取此文件所需的时间或内存超过上限",
                todo_zh="请只把站点表另存为新文件后再导入",
            )
        )
    told = orjson.loads(answer)
    if "faults" in told:
        raise InputError([Fault(**fault) for fault in told["faults"]])
    return _unpacked(told)


def _ask(path: Path, limits: LimitSettings, sheet: str | None) -> bytes | None:
    """Return what the reader says, or nothing where it had to be ended."""
    here, there = _context().Pipe(duplex=False)
    asked = (
        str(path),
        sheet,
        limits.reader_s,
        limits.reader_bytes,
        limits.max_unpacked_bytes,
        limits.max_register_rows,
    )
    process = _context().Process(target=_read, args=(there, *asked), daemon=True)
    process.start()
    there.close()
    try:
        # its first word says that the libraries are loaded and the clock runs
        if not here.poll(_START_S) or here.recv_bytes(1) != b"." or not here.poll(limits.reader_s + 1.0):
            return None
        return bytes(here.recv_bytes())
    except (EOFError, OSError):
        return None
    finally:
        here.close()
        process.kill()
        process.join()


def _read(
    there: Connection, path: str, sheet: str | None, time_s: float, more_bytes: int, unpacked: int, rows: int
) -> None:
    """Read a file in this process and send what is in it."""
    _bound(time_s, more_bytes)
    there.send_bytes(b".")
    try:
        _check_unpacked(Path(path), unpacked)
        table = read_table(path, sheet=sheet)
        if len(table) > rows:
            raise InputError(
                Fault(f"the file has {len(table):,} rows, more than the {rows:,} taken here", "split it", table.name,
                      problem_zh=f"共 {len(table):,} 行，超过上限 {rows:,} 行", todo_zh="请拆分后再导入")
            )  # fmt: skip
        answer = orjson.dumps(_packed(table))
    except InputError as error:
        answer = orjson.dumps({"faults": [_plain(fault) for fault in error.faults[:200]]})
    except MemoryError:
        os._exit(1)
    there.send_bytes(answer)
    there.close()


def _bound(time_s: float, more_bytes: int) -> None:
    """Let the system itself end this process: by the clock also where nobody is left to do it."""
    if sys.platform == "win32":
        return
    import resource

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, time_s)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(time_s) + 1, int(time_s) + 2))
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bound = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _check_unpacked(path: Path, most_bytes: int) -> None:
    if path.suffix.lower() != ".xlsx":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InputError(
            Fault("the file is not a whole .xlsx workbook", "save it again", path.name,
                  problem_zh="文件不是完整的 .xlsx 工作簿", todo_zh="请重新保存")
        ) from None  # fmt: skip
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > most_bytes:
        raise InputError(
            Fault("the workbook unpacks to more than is taken", "save only the register as a new workbook", path.name,
                  problem_zh="工作簿解压后过大", todo_zh="请只把站点表另存为新的工作簿")
        )  # fmt: skip


def _plain(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in Fault.__slots__}


def _packed(table: RawTable) -> dict[str, Any]:
    """Return a table as JSON: what comes from a process that read a hostile file is data, never an object."""
    shapes = (
        None if table.geometry is None else [None if not shape else shape.hex() for shape in table.geometry.to_wkb()]
    )
    return {
        "name": table.name,
        "headers": list(table.headers),
        "columns": [[_text(cell) for cell in table.frame[header]] for header in table.headers],
        "row": table.row.tolist(),
        "geometry": shapes,
        "declared_crs": table.declared_crs,
        "encoding": table.encoding,
        "sheets": list(table.sheets),
        "notes": [_plain(fault) for fault in table.faults[:1000]],
    }


def _text(cell: str) -> str:
    """Return a cell that JSON holds: half of a surrogate pair becomes a question mark."""
    return cell if cell.isascii() else cell.encode("utf-8", "replace").decode()


def _unpacked(told: dict[str, Any]) -> RawTable:
    length = len(told["row"])
    cells = dict(zip(told["headers"], told["columns"], strict=True))
    geometry = None
    if told["geometry"] is not None:
        shapes = [None if shape is None else bytes.fromhex(shape) for shape in told["geometry"]]
        geometry = gpd.GeoSeries.from_wkb(shapes, crs=4326)
    return RawTable(
        told["name"],
        pd.DataFrame(cells, index=range(length), dtype=object),
        np.asarray(told["row"], np.int64),
        geometry,
        told["declared_crs"],
        told["encoding"],
        tuple(told["sheets"]),
        tuple(Fault(**fault) for fault in told["notes"]),
    )
