"""One file that holds everything the service keeps; made, verified and put back while it runs.

That is the register, saved plans, jobs and their results, and whatever else lies in the service's folder. Not in it is
what is made anew (networks, tiles), the log, earlier backups, and the pack, which is an input.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final

from geoplan.errors import Fault, InputError
from geoplan.registry import Register, backup, restore, verify_backup
from geoplan.version import package_version
from geoplan_api.jobs.store import JobStore
from geoplan_api.jobs.watch_lock import Turn
from geoplan_api.settings import Settings

__all__ = ["BackupFacts", "backup_when_due", "check_backup", "make_backup", "restore_backup"]

FORMAT: Final = "geoplan backup 1"
_REGISTER: Final = "register.zip"
_FILES: Final = "files/"
_MADE_ANEW: Final = ("networks", "logs", "backups", "tmp")
_NOT_KEPT: Final = (".turn", ".part", "-wal", "-shm", "-journal", ".turning")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What a backup holds: when it was made (UTC), by which version, rows of the register, other files, bytes."""

    path: Path
    at: datetime
    version: str
    rows: int
    files: int
    size_bytes: int


def make_backup(folder: Path, register: Register, path: Path) -> BackupFacts:
    """Write everything to one file and verify it; the service may run.

    Parameters
    ----------
    folder : pathlib.Path
        The service's folder.
    register : Register
        Its register.
    path : pathlib.Path
        File to write; it appears only when it is complete and verified, for its owner alone.

    Returns
    -------
    BackupFacts
        What is in it.

    Raises
    ------
    InputError
        The file exists already.
    RegisterUnavailable
        The register cannot be read.
    """
    if path.exists():
        raise InputError(Fault("the file exists already", "give a new name", str(path),
                               problem_zh="文件已存在", todo_zh="请换一个文件名"))  # fmt: skip
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as place:
        part = Path(place, "part.zip")
        backup(register, Path(place, _REGISTER))
        parts: dict[str, dict[str, Any]] = {}
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            parts[_REGISTER] = _put(archive, _REGISTER, Path(place, _REGISTER), zipfile.ZIP_STORED)
            for name, file in _kept(folder):
                source = file
                if file.suffix == ".sqlite":
                    source = Path(place, "copy.sqlite")
                    _copy_database(file, source)
                with contextlib.suppress(FileNotFoundError):  # a result whose time was over
                    parts[_FILES + name] = _put(archive, _FILES + name, source, zipfile.ZIP_DEFLATED)
            manifest = {
                "format": FORMAT,
                "at": datetime.now(UTC).isoformat(),
                "version": package_version(),
                "parts": parts,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        check_backup(part)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.chmod(0o600)
        part.replace(path)
    return check_backup(path)


def _kept(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is kept of a folder; the register goes its own way, as rows that every database takes."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if name.parts[0] in _MADE_ANEW or name.name.startswith((".", "register.db")) or not file.is_file():
            continue
        if not file.is_symlink() and not name.name.endswith(_NOT_KEPT):
            yield name.as_posix(), file


def _copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite file that may be in use: one state of it."""
    target.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30.0)) as here,
        contextlib.closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)


def _put(archive: zipfile.ZipFile, name: str, source: Path, packing: int) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    entry.compress_type = packing
    with source.open("rb") as stream, archive.open(entry, "w", force_zip64=True) as target:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
            target.write(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _fault(path: Path, problem: str, zh: str) -> InputError:
    return InputError(Fault(problem, "use another backup", path.name, problem_zh=zh, todo_zh="请换用其他备份"))


def check_backup(path: Path) -> BackupFacts:
    """Check every part of a backup against its digest, and the register in it table by table.

    Raises
    ------
    InputError
        The file is no backup of a service, or a part is damaged (named).
    """
    with _unpacked(path) as (manifest, register, _):
        rows = verify_backup(register).rows
    return BackupFacts(
        path,
        datetime.fromisoformat(manifest["at"]),
        manifest["version"],
        sum(rows.values()),
        len(manifest["parts"]) - 1,
        path.stat().st_size,
    )


@contextlib.contextmanager
def _unpacked(path: Path) -> Iterator[tuple[dict[str, Any], Path, Path]]:
    """Unpack a backup beside itself and check every part; yields manifest, register and folder of the other files."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        raise _fault(path, "the file is absent, cut short or no backup", "备份文件不存在或已损坏") from None
    with archive, tempfile.TemporaryDirectory(prefix=".restore-", dir=path.resolve().parent) as place:
        try:
            manifest = json.loads(archive.read("manifest.json"))
        except (KeyError, ValueError, zipfile.BadZipFile):
            raise _fault(path, "the file is not a backup of a service", "不是 geoplan 服务的备份文件") from None
        if manifest.get("format") != FORMAT:
            raise _fault(path, f"the backup has the unknown form {manifest.get('format')!r}", "备份格式不识别")
        for name, said in manifest["parts"].items():
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise _fault(path, f"the part {name!r} would lie outside the folder", f"部分 {name} 路径不合法")
            target = Path(place, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if _take(archive, name, target) != said["sha256"]:
                raise _fault(path, f"the part {name} is damaged", f"部分 {name} 已损坏")
        yield manifest, Path(place, _REGISTER), Path(place, _FILES)


def _take(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as stream, target.open("wb") as file:
            while block := stream.read(_BLOCK):
                digest.update(block)
                file.write(block)
    except (KeyError, zipfile.BadZipFile, EOFError, OSError):
        return ""
    return digest.hexdigest()


def restore_backup(path: Path, folder: Path, register: Register, *, actor: str) -> BackupFacts:
    """Put everything of a backup in the place of what is there; the service may run and goes on with it.

    Everybody signs in again, programs that follow the feed take it anew, and jobs that ran when the backup was made
    are in line once more. Each store changes in one step; what is younger than the backup is gone: make a backup of
    the present state before.

    Parameters
    ----------
    path : pathlib.Path
        The backup.
    folder : pathlib.Path
        The service's folder.
    register : Register
        Its register.
    actor : str
        Who restores, for the register's history.

    Returns
    -------
    BackupFacts
        What was restored.

    Raises
    ------
    InputError
        The backup is damaged or of a newer version; nothing was changed.
    RegisterUnavailable
        The register cannot be written.
    """
    facts = check_backup(path)
    with _unpacked(path) as (_, table_file, files):
        restore(table_file, register, replace=True, actor=actor)
        for source in sorted(files.rglob("*")) if files.is_dir() else []:
            if not source.is_file():
                continue
            target = folder / source.relative_to(files)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".sqlite":
                _put_database_back(source, target)
            else:
                part = target.with_name(target.name + ".part")
                part.write_bytes(source.read_bytes())
                part.replace(target)
    jobs = JobStore(folder)
    jobs.prepare()
    jobs.recover()
    return facts


def _put_database_back(source: Path, target: Path) -> None:
    """Give a SQLite file that may be in use the content of another one, in one transaction."""
    with (
        contextlib.closing(sqlite3.connect(source)) as here,
        contextlib.closing(sqlite3.connect(target, timeout=30.0)) as there,
    ):
        there.execute("PRAGMA journal_mode=WAL")
        here.backup(there)


def backup_when_due(settings: Settings, folder: Path, register: Register) -> BackupFacts | None:
    """Make the backup that the settings ask for, if its hour has come and no other process makes it; prune old ones.

    Returns
    -------
    BackupFacts or None
        The backup made now.
    """
    chosen = settings.backup
    if chosen.every_h <= 0:
        return None
    place = chosen.folder or folder / "backups"
    turn = Turn(folder / "backup.turn")
    if not turn.take():
        return None
    try:
        made = sorted(place.glob("geoplan-*.zip"))
        now = datetime.now(UTC)
        if made and _time_of(made[-1]) + timedelta(hours=chosen.every_h) > now:
            return None
        facts = make_backup(folder, register, place / f"geoplan-{now:%Y%m%dT%H%M%SZ}.zip")
        for old in made[: max(len(made) + 1 - chosen.keep, 0)]:
            old.unlink(missing_ok=True)
        return facts
    finally:
        turn.leave()


def _time_of(path: Path) -> datetime:
    try:
        return datetime.strptime(path.stem, "geoplan-%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
