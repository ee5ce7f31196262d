"""The register from the command line: dry run, import, export without contacts, undo, backup and restore."""

from __future__ import annotations

import pytest

REGISTER = (
    "站点名称,经度,纬度,开放时间,联系人,联系电话\n"
    "一号驿站,120.3000,31.5700,8:30-17:30,张三,13800000000\n"
    "二号驿站,120.3020,31.5720,24小时,李四,13900000000\n"
    "没有坐标的驿站,,,全天,,\n"
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text(REGISTER, encoding="gbk")
    return path


def test_the_whole_life_of_a_register(run, tiny_pack, file, tmp_path):
    db = tmp_path / "register.db"
    options = ["--pack", tiny_pack, "--register", db, "--crs", "wgs84", "--json"]
    dry = run("stations", "import", file, *options)
    assert dry.code == 0, dry.err
    assert dry.json["dry_run"]
    assert sum(dry.json["counts"].values()) == 3
    assert run("stations", "history", "--register", db, "--json").json == []

    report = tmp_path / "report.xlsx"
    done = run("stations", "import", file, *options, "--apply", "--report", report, "--reason", "first import")
    assert done.code == 0, done.err
    assert done.json["counts"] == dry.json["counts"]
    assert done.json["queued_for_geocoding"] <= 1
    assert report.stat().st_size > 2000
    (revision,) = run("stations", "history", "--register", db, "--json").json
    assert revision["reason"] == "first import"

    public, staff = tmp_path / "public.csv", tmp_path / "staff.csv"
    assert run("stations", "export", public, "--register", db).code == 0
    assert run("stations", "export", staff, "--register", db, "--staff").code == 0
    assert "13800000000" not in public.read_text(encoding="utf-8-sig")
    assert "13800000000" in staff.read_text(encoding="utf-8-sig")

    saved = tmp_path / "backup.zip"
    assert "written and verified" in run("stations", "backup", saved, "--register", db).out
    assert run("stations", "undo", revision["revision"], "--register", db).code == 0
    assert len(run("stations", "history", "--register", db, "--json").json) == 2
    again = tmp_path / "again.db"
    assert run("stations", "restore", saved, "--register", again).code == 0
    assert len(run("stations", "history", "--register", again, "--json").json) == 1


def test_a_register_that_is_not_there(run, tmp_path):
    ended = run("stations", "export", tmp_path / "x.csv", "--register", tmp_path / "absent.db")
    assert ended.code == 2
    assert "absent.db" in ended.err
    assert not (tmp_path / "absent.db").exists()


def test_a_file_without_names_is_rejected_row_by_row(run, tiny_pack, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    ended = run("stations", "import", path, "--pack", tiny_pack, "--register", tmp_path / "r.db", "--json")
    if ended.code == 2:
        assert "odd.csv" in ended.err
    else:
        assert ended.json["counts"]["accepted"] == 0
        assert ended.json["unmapped"] == ["甲", "乙"]
