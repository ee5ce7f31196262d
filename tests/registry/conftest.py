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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server (without a database name): ``GEOPLAN_TEST_POSTGRESQL``, or a temporary one started here."""
    pytest.importorskip("psycopg", reason="the extra 'postgres' (psycopg) is not installed")
    given = os.environ.get("GEOPLAN_TEST_POSTGRESQL")
    if given:
        yield given.rstrip("/")
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql postgresql-15-postgis-3)")
    who = _as_other_user()
    folder = Path(tempfile.mkdtemp(prefix="geoplan-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*words: str) -> None:
        subprocess.run(words, check=True, cwd=folder, capture_output=True, timeout=120, **who)

    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c fsync=off"
    data = str(folder / "data")
    try:
        run(
            str(binaries / "initdb"),
            "-D",
            data,
            "-U",
            "geoplan",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        run(str(binaries / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"a PostgreSQL server cannot be started here: {error}")
    try:
        yield f"postgresql+psycopg://geoplan@127.0.0.1:{port}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Name of a database with PostGIS and the register's tables, to copy for each test."""
    admin = sa.create_engine(f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if not connection.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")):
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
