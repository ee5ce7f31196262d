"""The wheel holds all packages, the fact tables and the pages, and runs from elsewhere than the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run_elsewhere(site: Path, code: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_module_and_page_is_in_the_wheel(unpacked):
    for package, folder in {
        "geoplan": "geoplan",
        "geoplan_maps": "maps/geoplan_maps",
        "geoplan_api": "api/geoplan_api",
        "geoplan_data": "data/geoplan_data",
    }.items():
        here = {
            path.relative_to(ROOT / folder)
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        there = {path.relative_to(unpacked / package) for path in (unpacked / package).rglob("*") if path.is_file()}
        assert here <= there, sorted(map(str, here - there))
    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {
        "geoplan",
        "geoplan_maps",
        "geoplan_api",
        "geoplan_data",
    }


def test_it_runs_from_another_folder(unpacked, tmp_path):
    code = (
        "import geoplan, geoplan_api.cli, geoplan_maps, geoplan.facts as facts;"
        "print(geoplan.__file__);"
        "print(len(facts.metro_stations()), len(facts.districts()), len(facts.towns()))"
    )
    where, counts = run_elsewhere(unpacked, code, tmp_path).splitlines()
    assert Path(where).is_relative_to(unpacked)
    assert [int(n) for n in counts.split()][1:] == [7, 88]
