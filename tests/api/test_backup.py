"""Everything in one file, made and put back while people and programs use the service."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile

import pytest
from geoplan_api import create_app
from geoplan_api.backups import backup_when_due, check_backup, make_backup, restore_backup
from geoplan_api.city.scenarios import ScenarioStore
from geoplan_api.jobs import JobStore
from geoplan_api.settings import BackupSettings, Settings
from PIL import Image
from starlette.testclient import TestClient

from geoplan.errors import InputError
from geoplan.registry import find_station, open_register, writing
from geoplan.registry.accounts import add_account
from tests.api.conftest import PASSWORD, sign_in, town_settings
from tests.api.test_wire import SERVE, Running, running


def ask(service: Running, method: str, path: str, body: object = None, headers: dict[str, str] | None = None):
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, dict(answer.headers), content
    finally:
        connection.close()


def signed_in(service: Running) -> dict[str, str]:
    status, headers, body = ask(service, "POST", "/v1/login", {"name": "wang", "password": PASSWORD})
    assert status == 200, body
    return {"Cookie": headers["set-cookie"].split(";")[0], "X-CSRF-Token": json.loads(body)["csrf"]}


class Traffic:
    """Readers and a reporter that go on all the while."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.statuses: list[tuple[str, int]] = []
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self._read), threading.Thread(target=self._tell)]

    def _read(self) -> None:
        while not self.end.is_set():
            for path in ("/v1/stations", "/v1/feed/miniprogram?since=1", "/v1/ready"):
                self.statuses.append((path, ask(self.service, "GET", path)[0]))

    def _tell(self) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        while not self.end.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
            connection.request("POST", "/v1/reports", "kind=suggestion&text=a", form)
            self.statuses.append(("/v1/reports", connection.getresponse().status))
            connection.close()
            time.sleep(0.05)

    def __enter__(self) -> Traffic:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join()


def test_the_restore_drill(town, tmp_path):
    folder, kept = tmp_path / "service", tmp_path / "a.zip"
    environment = {"GEOPLAN_LIMITS__REPORTS_PER_HOUR": "1000000", "GEOPLAN_LIMITS__PUBLIC_PER_MINUTE": "0"}
    variables = {**os.environ, "GEOPLAN_DATA__FOLDER": str(folder), "COLUMNS": "300"}
    variables["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)

    def geoplan(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", SERVE, *words, "--pack", str(town)]
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)

    with running(town, folder, **environment) as service:
        with open_register(folder / "register.db") as register:
            add_account(register, "wang", PASSWORD, "admin")
        who = signed_in(service)
        scenario = ScenarioStore(folder).save("wang", "方案甲", "", "job", {"a": 1}, b'{"a": 1}').id
        jobs = JobStore(folder)
        done = jobs.add("siting", "wang", {"new_sites": 1}).id
        jobs.ask_to_stop(done)
        (folder / "jobs" / f"{done}.json").write_bytes(b'{"plan": 1}')
        with Traffic(service) as traffic:
            told = geoplan("backup", str(kept))
            assert told.returncode == 0, told.stderr
            assert kept.stat().st_mode & 0o077 == 0
            change = {"changes": {"name": "改坏了的名字"}, "reason": "x"}
            assert ask(service, "POST", "/v1/register/stations/2", change, who)[0] == 200
            assert ask(service, "POST", f"/v1/scenarios/{scenario}/delete", {}, who)[0] == 200
            (folder / "jobs" / f"{done}.json").unlink()
            version = json.loads(ask(service, "GET", "/v1/feed/miniprogram")[2])["version"]
            told = geoplan("restore", str(kept), "--yes")
            assert told.returncode == 0, told.stderr
            end = time.monotonic() + 20
            while "改坏了" in ask(service, "GET", "/v1/stations/S2")[2].decode() and time.monotonic() < end:
                time.sleep(0.2)
            time.sleep(0.5)
        assert {status for path, status in traffic.statuses} <= {200, 202, 503}
        assert sum(status == 503 for _, status in traffic.statuses) < len(traffic.statuses) * 0.05
        assert "三阳广场爱心驿站" in ask(service, "GET", "/v1/stations/S2")[2].decode()
        feed = json.loads(ask(service, "GET", f"/v1/feed/miniprogram?since={version}")[2])
        assert feed["full"] is True
        assert feed["version"] > version + 1000
        again = json.loads(ask(service, "GET", f"/v1/feed/miniprogram?since={feed['version']}")[2])
        assert (again["full"], again["stations"]) == (False, [])
        assert ask(service, "GET", "/v1/jobs", headers=who)[0] == 401  # everybody signs in again
        who = signed_in(service)
        assert ask(service, "GET", f"/v1/scenarios/{scenario}", headers=who)[0] == 200
        assert ask(service, "GET", f"/v1/jobs/{done}/result", headers=who)[0] == 200
        change = {"changes": {"name": "之后还能改"}, "reason": "x"}
        assert ask(service, "POST", "/v1/register/stations/3", change, who)[0] == 200
        with sqlite3.connect(folder / "register.db") as db, pytest.raises(sqlite3.IntegrityError):
            db.execute("DELETE FROM station_version")  # the triggers are back
        db.close()
        assert len(list(tmp_path.glob("before-restore-*.zip"))) == 1


def test_photos_are_in_it_and_damage_is_found(writable, town, tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (1, 2, 3)).save(out, "PNG")
    told = writable.post(
        "/v1/reports", data={"kind": "suggestion", "text": "a"}, files={"photo": ("a.png", out.getvalue())}
    )
    assert told.status_code == 202
    sign_in(writable, "reviewer")
    state = writable.app.state.live.state
    picture = writable.get(f"/v1/reports/{told.json()['id']}/photo").content
    facts = make_backup(state.folder, state.register, tmp_path / "a.zip")
    assert facts.rows > 6
    with pytest.raises(InputError, match="exists already"):
        make_backup(state.folder, state.register, tmp_path / "a.zip")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with open_register(folder / "register.db") as register:
        restore_backup(tmp_path / "a.zip", folder, register, actor="a")
    with TestClient(create_app(town_settings(town, folder))) as other:
        answer = other.post("/v1/login", json={"name": "wang", "password": PASSWORD})
        assert answer.status_code == 200
        assert other.get(f"/v1/reports/{told.json()['id']}/photo").content == picture
    content = (tmp_path / "a.zip").read_bytes()
    for name, wrong in (("cut", content[: len(content) // 2]), ("none", b"PK nothing"), ("turned", turned(content))):
        (tmp_path / f"{name}.zip").write_bytes(wrong)
        with pytest.raises(InputError):
            check_backup(tmp_path / f"{name}.zip")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def turned(content: bytes) -> bytes:
    """A backup in which one part says something else than its digest."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != "files/jobs.sqlite" else b"x")
    return out.getvalue()


def test_a_part_that_would_lie_outside_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("files/../../evil", b"x")
        parts = {"files/../../evil": {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}}
        manifest = {"format": "geoplan backup 1", "at": "2026-01-01T00:00:00+00:00", "version": "1", "parts": parts}
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(InputError, match="outside"):
        check_backup(path)


def test_backups_are_made_when_due_and_so_many_kept(writable, tmp_path):
    state = writable.app.state.live.state
    place = tmp_path / "backups"
    chosen = BackupSettings(every_h=1.0, folder=place, keep=2)
    settings = Settings(backup=chosen)
    assert backup_when_due(Settings(), state.folder, state.register) is None
    assert backup_when_due(settings, state.folder, state.register) is not None
    assert backup_when_due(settings, state.folder, state.register) is None
    (made,) = place.iterdir()
    for hour in (1, 2):
        made.rename(place / f"geoplan-20260101T0{hour}0000Z.zip")
        backup_when_due(settings, state.folder, state.register)
        made = max(place.iterdir())
    assert [path.name[:15] for path in sorted(place.iterdir())] == ["geoplan-2026010", made.name[:15]]


def test_a_backup_of_an_older_version_is_taken(tmp_path):
    """As the tables were before second factors: the columns of since stay empty."""
    from geoplan.registry import backup, restore

    with open_register(tmp_path / "a.db") as register:
        add_account(register, "wang", PASSWORD, "admin")
        with writing(register, actor="a", reason="b") as writer:
            number = writer.add({"name": "甲"})
        backup(register, tmp_path / "new.zip")
    with zipfile.ZipFile(tmp_path / "new.zip") as new, zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        manifest = json.loads(new.read("manifest.json"))
        manifest["schema"] = "0001"
        for table in manifest["tables"]:
            rows = [json.loads(line) for line in new.read(f"{table}.jsonl").splitlines()]
            if table == "account":
                rows = [
                    {k: v for k, v in row.items() if k not in ("totp_secret", "totp_step", "oidc_subject")}
                    for row in rows
                ]
            body = b"".join(
                json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
                for row in rows
            )
            manifest["tables"][table] = {"rows": len(rows), "sha256": hashlib.sha256(body).hexdigest()}
            old.writestr(f"{table}.jsonl", body)
        old.writestr("manifest.json", json.dumps(manifest))
    with open_register(tmp_path / "b.db") as register:
        restore(tmp_path / "old.zip", register)
        assert find_station(register, number)["name"] == "甲"  # type: ignore[index]


def test_a_database_of_every_version_migrates_with_its_data(tmp_path):
    """The first tables with an account and a session; then the latest: the account stays, the session ends."""
    from alembic import command

    from geoplan.registry.accounts import accounts
    from geoplan.registry.database import Register, _config, _make_file, _sqlite_engine, transaction
    from geoplan.registry.sessions import check_session, log_in

    path = tmp_path / "old.db"
    _make_file(path, True)
    old = Register(_sqlite_engine(path), path)
    with transaction(old, write=True) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO account (name, password_hash, role, active, failed_logins, created_at) "
            "VALUES ('wang', '$argon2id$none', 'admin', 1, 0, '2026-01-01 00:00:00.000000')"
        )
        connection.exec_driver_sql(
            "INSERT INTO session VALUES ('x', 1, 'c', '2026-01-01 00:00:00.000000', '2099-01-01 00:00:00.000000')"
        )
    old.close()
    with open_register(path) as register:
        assert [item.name for item in accounts(register)] == ["wang"]
        add_account(register, "ben", PASSWORD, "viewer")
        assert check_session(register, log_in(register, "ben", PASSWORD).token) is not None
        with transaction(register) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM session WHERE token_hash = 'x'").scalar() == 0
