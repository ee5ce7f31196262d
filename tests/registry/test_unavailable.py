"""A database that is away, full, read-only or busy is said plainly, changes nothing, and recovers by itself."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from geoplan.errors import InputError, MissingExtraError
from geoplan.registry import Register, RegisterUnavailable, open_register, stations, writing
from geoplan.registry.database import transaction


def write(register: Register, name: str = "甲驿站") -> None:
    with writing(register, actor="anna", reason="x") as writer:
        writer.add({"name": name})


def test_gone_and_back_without_restart(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    with open_register(folder / "a.db") as register:
        write(register)
        shutil.move(folder, tmp_path / "away")
        with pytest.raises(RegisterUnavailable):
            stations(register)
        with pytest.raises(RegisterUnavailable):
            write(register, "乙驿站")
        assert not folder.exists()  # no empty register took its place
        shutil.move(tmp_path / "away", folder)
        write(register, "丙驿站")
        assert [s["name"] for s in stations(register)] == ["甲驿站", "丙驿站"]


def test_replaced_file_is_noticed(tmp_path: Path) -> None:
    with open_register(tmp_path / "other.db") as other:
        write(other, "另一库")
    with open_register(tmp_path / "a.db") as register:
        write(register)
        register.engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"a.db{suffix}").unlink(missing_ok=True)
        (tmp_path / "other.db").replace(tmp_path / "a.db")
        assert [s["name"] for s in stations(register)] == ["另一库"]


def test_full_disk(tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as register:
        write(register)
        pages = 0

        @event.listens_for(register.engine, "checkout")
        def limit(connection: sqlite3.Connection, record: object, proxy: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages or 1073741823}")

        with transaction(register) as connection:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0) + 1

        def write_much() -> None:
            with writing(register, actor="a", reason="b") as writer:
                for k in range(100):
                    writer.add({"name": f"{k}", "address": "长" * 1000})

        with pytest.raises(RegisterUnavailable, match="full"):
            write_much()
        pages = 0
        write(register, "乙驿站")
        assert [s["name"] for s in stations(register)] == ["甲驿站", "乙驿站"]


def test_read_only(tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as register:
        write(register)
        read_only = True

        @event.listens_for(register.engine, "checkout")
        def refuse(connection: sqlite3.Connection, record: object, proxy: object) -> None:
            connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")

        with pytest.raises(RegisterUnavailable, match="readonly"):
            write(register, "乙驿站")
        assert len(stations(register)) == 1
        read_only = False
        write(register, "乙驿站")
        assert len(stations(register)) == 2


def test_a_writer_that_holds_too_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoplan.registry.database.BUSY_TIMEOUT_S", 0.2)
    with open_register(tmp_path / "a.db") as register:
        with transaction(register, write=True), pytest.raises(RegisterUnavailable, match="locked"):
            write(register)
        write(register)


def test_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_register(path) as register:
        write(register)
    data = bytearray(path.read_bytes())
    data[100:8000] = b"x" * 7900
    path.write_bytes(bytes(data))
    with pytest.raises(RegisterUnavailable):
        open_register(path)


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("name,address\n")
    for target, word in (
        (tmp_path / "a.db", "not a register"),
        (tmp_path / "b.db", "no register"),
        ("mysql://x/y", "mysql"),
    ):
        with pytest.raises(InputError, match=word):
            open_register(target, create=False)


def test_postgresql_away_is_said() -> None:
    try:
        with pytest.raises(RegisterUnavailable):
            open_register("postgresql://geoplan@127.0.0.1:9/none")
    except MissingExtraError:
        pytest.skip("the extra 'postgres' (psycopg) is not installed")


@pytest.mark.postgres
def test_postgresql_connections_cut_and_back(fresh_postgresql: str) -> None:
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    engine = sa.create_engine(fresh_postgresql)

    def cut_while_reading(register: Register) -> None:
        with engine.connect() as admin, transaction(register) as connection:
            admin.execute(sa.text(others))
            connection.execute(sa.text("SELECT 1"))

    with open_register(fresh_postgresql) as register:
        write(register)
        with pytest.raises(RegisterUnavailable):
            cut_while_reading(register)
        write(register, "乙驿站")
        assert len(stations(register)) == 2
    engine.dispose()


def test_many_writers_take_turns(register_url: str) -> None:
    with open_register(register_url) as register:
        failed: list[BaseException] = []

        def work(k: int) -> None:
            try:
                for i in range(5):
                    write(register, f"{k}-{i}")
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        found = stations(register)
        assert sorted(s.id for s in found) == list(range(1, 31))
        assert sorted(s.revision for s in found) == list(range(1, 31))
