"""Backup and restore of a whole register by one call, verified, and the same file for SQLite and PostgreSQL.

A backup is a zip of one JSON-lines file a table and a manifest with the count and SHA-256 of each. It is read from one
transaction, so it shows one state. A restore goes into an empty register only, checks every digest before it writes,
and reads everything back before it commits: it is also how a register moves from SQLite to PostgreSQL.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Register, transaction
from geoplan.registry.schema import RESTORED, UtcDateTime, metadata, revision, session, station

__all__ = ["BackupSummary", "backup", "restore", "verify_backup"]

FORMAT: Final = "geoplan register backup 1"
_CHUNK: Final = 500
_EPOCH_GAP: Final = 1_000_000  # the backup may be older than numbers that a lost disk had handed out


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds: schema revision, when it was made (UTC), rows a table."""

    schema: str
    at: datetime
    rows: Mapping[str, int]


def _fault(name: str, problem: str, zh: str) -> InputError:
    return InputError(Fault(problem, "use another backup", name, problem_zh=zh, todo_zh="请换用其他备份"))


def _lines(connection: sa.Connection, table: sa.Table, names: Sequence[str] | None = None) -> Iterator[bytes]:
    """Yield each row of a table as one line of JSON, in the order of its key; only some columns where named."""
    chosen = [column for column in table.columns if names is None or column.name in names]
    query = sa.select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(query, execution_options={"yield_per": _CHUNK})
    for row in rows.mappings():
        values = {column.name: _to_json(row[column.name]) for column in chosen}
        yield json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _from_json(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, sa.LargeBinary) else value


def _schema(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def backup(register: Register, path: str | Path) -> BackupSummary:
    """Write the whole register to one file and verify it.

    Parameters
    ----------
    register : Register
        The register; it may be in use.
    path : str or Path
        File to write. It appears only when it is complete and verified.

    Returns
    -------
    BackupSummary
        What was written.

    Raises
    ------
    InputError
        The file exists already.
    RegisterUnavailable
        The register cannot be read.
    """
    path = Path(path)
    if path.exists():
        raise InputError(Fault("the file exists already", "give a new name", str(path),
                               problem_zh="文件已存在", todo_zh="请换一个文件名"))  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part_name = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(part_name)
    at = datetime.now(UTC)
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, transaction(register) as connection:
            tables: dict[str, dict[str, Any]] = {}
            for table in metadata.sorted_tables:
                digest, count = hashlib.sha256(), 0
                with archive.open(f"{table.name}.jsonl", "w") as stream:
                    for line in _lines(connection, table):
                        stream.write(line)
                        digest.update(line)
                        count += 1
                tables[table.name] = {"rows": count, "sha256": digest.hexdigest()}
            manifest = {"format": FORMAT, "schema": _schema(connection), "at": at.isoformat(), "tables": tables}
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        summary = verify_backup(part)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return summary


def _manifest(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError) as error:
        raise _fault(name, "the file is not a backup of a register", "不是登记库备份文件") from error
    if manifest.get("format") != FORMAT:
        raise _fault(name, f"the backup has the unknown form {manifest.get('format')!r}", "备份格式不识别")
    return manifest


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise _fault(path.name, "the file is absent, cut short or no backup", "备份文件不存在或已损坏") from error


def verify_backup(path: str | Path) -> BackupSummary:
    """Check every table of a backup against its count and digest.

    Raises
    ------
    InputError
        The file is no backup, or a table is damaged (named).
    """
    path = Path(path)
    with _open(path) as archive:
        manifest = _manifest(archive, path.name)
        for table, said in manifest["tables"].items():
            digest, count = hashlib.sha256(), 0
            try:
                with archive.open(f"{table}.jsonl") as stream:
                    for line in stream:
                        digest.update(line)
                        count += 1
            except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
                raise _fault(path.name, f"the table {table} is damaged", f"数据表 {table} 已损坏") from error
            if (count, digest.hexdigest()) != (said["rows"], said["sha256"]):
                raise _fault(path.name, f"the table {table} does not match its digest", f"数据表 {table} 校验不符")
    rows = {table: int(said["rows"]) for table, said in manifest["tables"].items()}
    return BackupSummary(manifest["schema"], datetime.fromisoformat(manifest["at"]), rows)


def restore(path: str | Path, register: Register, *, replace: bool = False, actor: str = "restore") -> BackupSummary:
    """Put a backup into a register; all of it is there afterwards, verified, or nothing is.

    Parameters
    ----------
    path : str or Path
        A backup, of this version of the tables or of an older one.
    register : Register
        An empty register (a new file or database), or with ``replace`` one that may be in use: those who read it see
        the state of before until the restored one is whole, and everybody signs in again.
    replace : bool
        Put the backup in the place of what is there, and begin a new epoch: followers of the register (``since``)
        are told to take everything anew (see :func:`geoplan.registry.changes_since`).
    actor : str
        Who, for the revision that begins the epoch.

    Returns
    -------
    BackupSummary
        What was restored.

    Raises
    ------
    InputError
        The backup is damaged or of a newer version, or the register is not empty and is not to be replaced.
    """
    path = Path(path)
    summary = verify_backup(path)
    with _open(path) as archive, transaction(register, write=True) as connection:
        here = _schema(connection)
        if summary.schema > here:
            raise _fault(path.name, f"the backup is of schema {summary.schema}, this version has {here}",
                         "备份由更新的版本创建，请先升级软件")  # fmt: skip
        manifest = _manifest(archive, path.name)
        head = int(connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0)
        if replace:
            triggers = _without_triggers(connection, register)
            for table in reversed(metadata.sorted_tables):
                connection.execute(sa.delete(table))
        for table in metadata.sorted_tables:
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                raise InputError(
                    Fault("the register is not empty", "restore into a new file or database", field=table.name,
                          problem_zh="目标登记库不是空的", todo_zh="请恢复到新的登记库")
                )  # fmt: skip
        for table in metadata.sorted_tables:
            if table.name not in manifest["tables"]:  # younger than the backup
                continue
            with archive.open(f"{table.name}.jsonl") as stream:
                names = _insert(connection, table, stream)
            digest = hashlib.sha256()
            for line in _lines(connection, table, names):
                digest.update(line)
            if digest.hexdigest() != manifest["tables"][table.name]["sha256"]:
                raise _fault(
                    path.name, f"the table {table.name} came back different", f"数据表 {table.name} 恢复后不一致"
                )
        if register.is_postgresql:
            _continue_serials(connection)
        if replace:
            connection.execute(sa.delete(session))  # a sign-in that was ended since must not come back
            _begin_epoch(connection, head, actor, f"restored from {path.name}")
            for statement in triggers:
                connection.exec_driver_sql(statement)
    return summary


def _without_triggers(connection: sa.Connection, register: Register) -> list[str]:
    """Take the triggers that hold the past off for this transaction; return the statements that put them back."""
    if register.is_postgresql:
        names = [table.name for table in metadata.sorted_tables]
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        return [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in names]
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return [str(statement) for _, statement in found]


def _begin_epoch(connection: sa.Connection, head: int, actor: str, reason: str) -> None:
    """Write the revision from which followers must take everything: beyond every number handed out before."""
    restored = int(connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0)
    values = {"at": datetime.now(UTC), "actor": actor, "kind": RESTORED, "reason": reason, "undoes": None}
    connection.execute(sa.insert(revision).values(id=max(head, restored) + _EPOCH_GAP, **values))


def _insert(connection: sa.Connection, table: sa.Table, lines: Any) -> list[str]:
    """Insert rows; returns the columns that they have: an older backup lacks some, which stay empty."""
    chunk: list[dict[str, Any]] = []
    names: list[str] = []
    for line in lines:
        values = json.loads(line)
        names = list(values)
        chunk.append({name: _from_json(table.c[name], value) for name, value in values.items()})
        if len(chunk) == _CHUNK:
            connection.execute(sa.insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(sa.insert(table), chunk)
    return names


def _continue_serials(connection: sa.Connection) -> None:
    """Let PostgreSQL number new rows after the restored ones."""
    for table in metadata.sorted_tables:
        column = table.c.get("id")
        if column is not None and column.identity is not None and table is not station:
            last = connection.scalar(sa.select(sa.func.max(column)))
            if last is not None:
                sequence = sa.func.pg_get_serial_sequence(table.name, "id")
                connection.execute(sa.select(sa.func.setval(sequence, last)))
