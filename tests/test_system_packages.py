"""What is installed before the tests, and what an ordinary user is told instead."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[1] / "tools" / "system_packages.py"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool on a Debian that has nothing of what it looks for."""
    spec = importlib.util.spec_from_file_location("system_packages", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "WANTED", tuple((lambda: False, names, what) for _, names, what in module.WANTED))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    return module


def test_an_ordinary_user_is_told_what_is_skipped_and_what_to_run(tool, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("nothing is installed without being root"))
    assert tool.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert "Not installed: libatomic1. Skipped without it: the browser tests." in said
    assert len(said) == len(tool.WANTED) + 1
    wanted = "chromium libatomic1 fonts-noto-cjk postgresql postgresql-postgis"
    assert said[-1] == f"To run them too: sudo apt-get install --no-install-recommends {wanted}"


def test_root_installs_all_and_a_failure_stops_nothing(tool, monkeypatch, capsys):
    asked: list[list[str]] = []

    def run(command, **_):
        asked.append(command[1:])
        return subprocess.CompletedProcess(command, 100 if "libatomic1" in command else 0)

    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(subprocess, "run", run)
    assert tool.main() == 0
    assert asked[0] == ["update", "-qq"]
    assert [command[4:] for command in asked[1:]] == [names for _, names, _ in tool.WANTED]
    assert "Could not install libatomic1. Skipped without it: the browser tests." in capsys.readouterr().out


def test_what_can_be_loaded_is_not_wanted(monkeypatch):
    spec = importlib.util.spec_from_file_location("system_packages", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: object())
    assert module.have_atomic()

    def absent(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(module.ctypes, "CDLL", absent)
    assert not module.have_atomic()
