"""A register on each database: SQLite always; PostgreSQL with PostGIS where a server is given or may be started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from geoplan.registry import Register, open_register


def _binaries() -> Path | None:
    """Folder of initdb and pg_ctl: on the path, or where Debian puts them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


def _as_other_user() -> dict[str, int]:
    """PostgreSQL refuses to run as root: then the account of the Debian package is used."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no account postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


class PostgreSQL:
    """A server in a folder of its own, to be started and stopped."""

    def __init__(self) -> None:
        binaries = _binaries()
        if binaries is None:
            pytest.skip("no PostgreSQL server is installed (Debian: postgresql postgresql-15-postgis-3)")
        self.binaries = binaries
        self.who = _as_other_user()
        self.folder = Path(tempfile.mkdtemp(prefix="geoplan-pg-"))
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = str(self.folder / "data")
        self.url = f"postgresql+psycopg://geoplan@127.0.0.1:{self.port}"
        try:
            make = ["-U", "geoplan", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
            self._run("initdb", "-D", self.data, *make)
            self.start()
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            pytest.skip(f"a PostgreSQL server cannot be started here: {error}")

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.binaries / program), *words]
        subprocess.run(command, check=True, cwd=self.folder, capture_output=True, timeout=120, **self.who)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop it as a power cut would."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A server that a test may stop and start again."""
    pytest.importorskip("psycopg", reason="the extra 'postgres' (psycopg) is not installed")
    server = PostgreSQL()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server (without a database name): ``GEOPLAN_TEST_POSTGRESQL``, or a temporary one started here."""
    pytest.importorskip("psycopg", reason="the extra 'postgres' (psycopg) is not installed")
    given = os.environ.get("GEOPLAN_TEST_POSTGRESQL")
    if given:
        yield given.rstrip("/")
        return
    server = PostgreSQL()
    try:
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Name of a database with PostGIS and the register's tables, to copy for each test."""
    admin = sa.create_engine(f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if not connection.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")):
            connection.close()
            admin.dispose()
            pytest.skip("the PostgreSQL server has no PostGIS (Debian: postgresql-15-postgis-3)")
        name = f"template_{uuid.uuid4().hex[:12]}"
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    open_register(f"{postgresql_server}/{name}").close()
    return name


@pytest.fixture
def fresh_postgresql(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """URL of an empty register in PostgreSQL."""
    name = f"geoplan_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}"))
    yield f"{postgresql_server}/{name}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def register_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty register is, on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "register.db")
    return str(request.getfixturevalue("fresh_postgresql"))


@pytest.fixture
def register(register_url: str) -> Iterator[Register]:
    """An empty open register on each database in turn."""
    with open_register(register_url) as opened:
        yield opened
