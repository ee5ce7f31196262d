"""A backup holds everything, says when it is damaged, and goes back whole: into either database."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geoplan.errors import InputError
from geoplan.registry import (
    Register,
    backup,
    history,
    open_register,
    restore,
    revisions,
    stations,
    verify_backup,
    writing,
)


def fill(register: Register) -> None:
    with writing(register, actor="anna", reason="first") as writer:
        for k in range(5):
            writer.add(
                {"name": f"{k}号驿站", "lon": 120.3 + k / 1000, "lat": 31.5, "facilities": ["water"], "area_m2": 12.5}
            )
    with writing(register, actor="ben", reason="visit") as writer:
        writer.update(2, {"address": "中山路“1”号", "extra": {"备注2": "𠮷"}})
        writer.withdraw(3)


def test_a_backup_goes_back_whole_with_its_past(register: Register, tmp_path: Path) -> None:
    fill(register)
    summary = backup(register, tmp_path / "a.zip")
    assert summary.rows["station"] == 5
    assert verify_backup(tmp_path / "a.zip") == summary
    with open_register(tmp_path / "other.db") as other:
        restore(tmp_path / "a.zip", other)
        assert stations(other, withdrawn=True) == stations(register, withdrawn=True)
        assert revisions(other) == revisions(register)
        assert history(other, 2) == history(register, 2)
        with writing(other, actor="carl", reason="goes on") as writer:
            assert writer.add({"name": "新驿站"}) == 6
        assert backup(other, tmp_path / "b.zip").rows["station"] == 6


@pytest.mark.postgres
def test_a_register_moves_from_sqlite_to_postgresql_and_on(fresh_postgresql: str, tmp_path: Path) -> None:
    with open_register(tmp_path / "a.db") as source, open_register(fresh_postgresql) as target:
        fill(source)
        backup(source, tmp_path / "a.zip")
        restore(tmp_path / "a.zip", target)
        assert stations(target, withdrawn=True) == stations(source, withdrawn=True)
        with writing(target, actor="carl", reason="goes on") as writer:
            assert writer.add({"name": "新驿站"}) == 6


def test_a_restore_never_overwrites(register: Register, tmp_path: Path) -> None:
    fill(register)
    backup(register, tmp_path / "a.zip")
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "a.zip", register)
    with pytest.raises(InputError, match="exists already"):
        backup(register, tmp_path / "a.zip")


def rewrite(source: Path, target: Path, name: str, change: bytes | None) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.namelist():
            data = old.read(item)
            if item == name:
                if change is None:
                    continue
                data = data.replace(b"12.5", change)
            new.writestr(item, data)


@pytest.mark.parametrize("damage", ["altered", "missing table", "no manifest", "cut short", "not a zip", "absent"])
def test_a_damaged_backup_is_found_and_nothing_is_restored(tmp_path: Path, damage: str) -> None:
    with open_register(tmp_path / "a.db") as register:
        fill(register)
        backup(register, tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    if damage == "altered":
        rewrite(tmp_path / "good.zip", bad, "station.jsonl", b"99.5")
    elif damage == "missing table":
        rewrite(tmp_path / "good.zip", bad, "revision.jsonl", None)
    elif damage == "no manifest":
        rewrite(tmp_path / "good.zip", bad, "manifest.json", None)
    elif damage == "cut short":
        bad.write_bytes((tmp_path / "good.zip").read_bytes()[:-200])
    elif damage == "not a zip":
        bad.write_text("hello")
    with pytest.raises(InputError):
        verify_backup(bad)
    with open_register(tmp_path / "b.db") as other:
        with pytest.raises(InputError):
            restore(bad, other)
        assert stations(other, withdrawn=True) == []


def test_a_failed_backup_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        raise InputError("damaged on the way")

    with open_register(tmp_path / "a.db") as register:
        fill(register)
        monkeypatch.setattr("geoplan.registry.archive.verify_backup", fails)
        with pytest.raises(InputError):
            backup(register, tmp_path / "a.zip")
    assert [path.name for path in tmp_path.glob("a.zip*")] == []
