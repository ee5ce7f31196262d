"""The doctor sees what is wrong, says what to do in both languages, and changes nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from geoplan_api.cli.doctor import look_at_certificate, look_at_service
from geoplan_api.cli.main import main

from geoplan.registry import open_register
from geoplan.registry.accounts import add_account
from tests.api.conftest import PASSWORD, write_town


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A certificate that signs itself."""
    paths = folder / f"c{days}.pem", folder / f"k{days}.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=a",
    ]
    try:
        subprocess.run(
            [*command, "-days", str(days), "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not here to make a certificate")
    return paths


def test_certificates(tmp_path):
    good = certificate(tmp_path, 200)
    assert look_at_certificate(*good).state == "good"
    assert look_at_certificate(*certificate(tmp_path, 3)).state == "look"
    other = certificate(tmp_path, 100)
    assert look_at_certificate(good[0], other[1]).state == "bad"
    assert look_at_certificate(good[0], tmp_path / "none.pem").state == "bad"


def test_a_service_before_and_after_its_first_start(tmp_path, monkeypatch):
    town = write_town(tmp_path / "town")
    folder = tmp_path / "service"
    monkeypatch.setenv("GEOPLAN_DATA__FOLDER", str(folder))
    found = {item.area: item for item in look_at_service(town)}
    assert found["folder"].state == "look"
    assert not folder.exists()
    with open_register(folder / "register.db"):
        pass
    folder.chmod(0o755)
    found = {item.area: item for item in look_at_service(town)}
    assert found["accounts"].state == "bad"
    assert found["accounts"].todo.startswith("geoplan staff add NAME --role admin")
    assert found["register"].state == "good"
    assert any("chmod 700" in item.todo for item in look_at_service(town))
    with open_register(folder / "register.db") as register:
        add_account(register, "wang", PASSWORD, "admin")
    found = {item.area: item for item in look_at_service(town)}
    assert found["accounts"].state == "look"
    assert "EVERY_H" in found["backups"].todo
    assert all(item.said and item.said_zh and bool(item.todo) == bool(item.todo_zh) for item in look_at_service(town))


def test_wrong_settings_and_a_wrong_pack_are_named(tmp_path, monkeypatch):
    (finding,) = look_at_service(tmp_path / "nothing")
    assert (finding.area, finding.state) == ("pack", "bad")
    monkeypatch.setenv("GEOPLAN_LIMITS__HEADER_S", "soon")
    (finding,) = look_at_service(None)
    assert finding.said.startswith("GEOPLAN_LIMITS__HEADER_S: ")


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEOPLAN_DATA__FOLDER", str(tmp_path / "service"))
    town = write_town(tmp_path / "town")
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--pack", str(town), "--json"])
    assert ended.value.code == 0
    areas = {item["area"] for item in json.loads(capsys.readouterr().out)}
    assert {"machine", "installation", "fonts", "clock", "pack", "folder", "register", "backups"} <= areas
