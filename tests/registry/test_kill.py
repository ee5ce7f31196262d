"""A writer killed without warning loses nothing that it confirmed and leaves nothing by half."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from geoplan.bench.register import check_register, kill_writers
from geoplan.registry import open_register, writing


def test_a_few_kills_lose_nothing(tmp_path: Path) -> None:
    report = kill_writers(tmp_path, kills=6, seed=3)
    assert report.faults == ()
    assert report.kills == 6
    assert report.writes + report.imports > 0


def test_the_check_itself_finds_a_half_record(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_register(path) as register, writing(register, actor="a", reason="b") as writer:
        writer.add({"name": "第1次第1站", "address": "长" * 299})
    assert check_register(path)[2] == ["station 1 is there by half"]
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER hold_station_version")
        connection.execute("DELETE FROM station_version")
    connection.close()
    assert "station 1 has no version" in check_register(path)[2]
