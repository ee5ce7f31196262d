"""Opening a register: the engine, its transactions, its migrations, and what is said when the database is away.

Writers take turns on both databases (``BEGIN IMMEDIATE``, or a table lock), so revision numbers are committed in order
and "what changed since revision N" misses nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, exc

from geoplan.errors import Fault, GeoplanError, InputError, MissingExtraError

__all__ = ["Conflict", "Register", "RegisterUnavailable", "open_register", "transaction"]

BUSY_TIMEOUT_S: Final = 15.0


class RegisterUnavailable(GeoplanError):  # noqa: N818 - a state of the database, which passes
    """The database cannot be reached or written just now (gone, full, read-only, locked); nothing was changed."""


class Conflict(GeoplanError):  # noqa: N818 - two people, not a failure
    """Somebody else changed the record in the meantime; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Register:
    """An open station register.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Its connections.
    path : Path or None
        The file of an SQLite register.
    """

    engine: sa.Engine
    path: Path | None

    @property
    def is_postgresql(self) -> bool:
        """Whether the register lives in PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_register(target: str | Path, *, create: bool = True) -> Register:
    """Open a register and bring its tables up to date.

    Parameters
    ----------
    target : str or Path
        A file (SQLite) or a URL: ``sqlite:///…``, ``postgresql://user@host/name`` (needs the extra ``postgres``, and
        PostGIS in the database).
    create : bool
        Make the SQLite file where it does not exist.

    Returns
    -------
    Register
        Close it, or use it in a ``with``.

    Raises
    ------
    InputError
        The file does not exist (and ``create`` is false) or is no register; the URL is of another database.
    MissingExtraError
        PostgreSQL is asked for and its driver is not installed.
    RegisterUnavailable
        The database cannot be reached.
    """
    text = str(target)
    scheme = text.partition("://")[0] if "://" in text else "file"
    if scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        register = Register(_postgresql_engine("postgresql+psycopg" + text[len(scheme) :]), None)
    elif scheme in {"file", "sqlite"}:
        path = Path(text.removeprefix("sqlite:///") if scheme == "sqlite" else text)
        _make_file(path, create)
        register = Register(_sqlite_engine(path), path)
    else:
        raise InputError(
            Fault(f"{scheme!r} registers are not supported", "use a file name or a postgresql:// URL", field="register")
        )
    try:
        _migrate(register)
    except BaseException:
        register.close()
        raise
    return register


def _make_file(path: Path, create: bool) -> None:
    if path.is_file():
        with path.open("rb") as stream:
            head = stream.read(16)
        if head and head != b"SQLite format 3\x00":
            raise InputError(Fault("the file is not a register", "give the .db file of a register", str(path),
                                   problem_zh="不是站点登记库文件", todo_zh="请选择登记库 .db 文件"))  # fmt: skip
        return
    if not create:
        raise InputError(Fault("there is no register here", "check the path", str(path),
                               problem_zh="登记库不存在", todo_zh="请检查路径"))  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise RegisterUnavailable(f"the register cannot be created: {error}") from error


def _sqlite_engine(path: Path) -> sa.Engine:
    # mode=rw: a register that has vanished must not be replaced by an empty one on the next connection.
    uri = f"{path.resolve().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None
        )
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "journal_mode = WAL"):
            try:
                connection.execute(f"PRAGMA {pragma}")
            except sqlite3.Error:
                connection.close()
                raise
        return connection

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        poolclass=sa.pool.QueuePool,
        pool_size=10,
        max_overflow=20,
        pool_timeout=10,
    )

    @event.listens_for(engine, "connect")
    def remember(_connection: Any, record: Any) -> None:
        status = path.stat()
        record.info["file"] = (status.st_dev, status.st_ino)

    @event.listens_for(engine, "checkout")
    def still_there(_connection: Any, record: Any, _proxy: Any) -> None:
        try:
            status = path.stat()
        except OSError as error:
            raise exc.DisconnectionError("the register's file is gone") from error
        if (status.st_dev, status.st_ino) != record.info["file"]:
            raise exc.DisconnectionError("the register's file was replaced")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("geoplan_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> sa.Engine:
    try:
        engine = sa.create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=10, connect_args={"connect_timeout": 5}
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("PostgreSQL needs the extra 'postgres': pip install 'geoplan[postgres]'") from error
    except exc.ArgumentError as error:
        raise InputError(Fault("the database URL is not readable", "write postgresql://user@host:5432/name")) from error
    return engine


@contextmanager
def transaction(register: Register, *, write: bool = False) -> Iterator[sa.Connection]:
    """Open one transaction; commit at the end, roll back on any error.

    Parameters
    ----------
    register : Register
        The register.
    write : bool
        Take the writer's turn. A reading transaction sees one state throughout.

    Yields
    ------
    sqlalchemy.Connection
        The connection.

    Raises
    ------
    RegisterUnavailable
        The database is away, full, read-only or locked too long.
    """
    options: dict[str, Any] = {"geoplan_write": write}
    if register.is_postgresql:
        options["isolation_level"] = "READ COMMITTED" if write else "REPEATABLE READ"
    try:
        with register.engine.connect().execution_options(**options) as connection, connection.begin():
            if write and register.is_postgresql:
                connection.exec_driver_sql("LOCK TABLE revision IN EXCLUSIVE MODE")
            yield connection
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        raise _unavailable(error) from error
    except exc.DatabaseError as error:
        if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError | exc.NotSupportedError):
            raise
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> RegisterUnavailable:
    cause = str(getattr(error, "orig", error)).strip().splitlines()
    return RegisterUnavailable(f"the register cannot be used just now: {cause[0] if cause else type(error).__name__}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _migrate(register: Register) -> None:
    config = _config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with transaction(register) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with _migrating(register) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise InputError(
                Fault(f"the register is of a newer version ({current})", "update geoplan", field="register",
                      problem_zh="登记库由更新的版本创建", todo_zh="请升级 geoplan")
            )  # fmt: skip
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _migrating(register: Register) -> Iterator[sa.Connection]:
    """One transaction in which only this process migrates; either all of it is there afterwards or nothing."""
    if not register.is_postgresql:
        with transaction(register, write=True) as connection:
            yield connection
        return
    try:
        with register.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305150)")
            yield connection
    except exc.OperationalError as error:
        raise _unavailable(error) from error
