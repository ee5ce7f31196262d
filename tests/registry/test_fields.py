"""A new attribute of a station is a row of ``station_fields.csv`` and a column: everything else follows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geoplan.registry.schema import station
from geoplan.vocabulary import FIELDS
from geoplan.vocabulary.words import groups

RAMP = "ramp,flag,public,ramp,,无障碍坡道,Ramp,坡道 轮椅坡道"
LIFT = "lift_note,text,editor,,,电梯说明,Lift,"

SCRIPT = """
import datetime as dt, json, sys, zipfile
from pathlib import Path

import pandas as pd, sqlalchemy as sa
from geoplan.registry import export_stations, export_upward, find_station, open_register, stations, to_frame, writing
from geoplan.registry.proposals import propose
from geoplan.report.words import heads
from geoplan.sources.columns import map_columns
from geoplan_maps.bundle import bundle_script
from geoplan_api.city.stations import PUBLIC_FIELDS, snapshot_of
from geoplan_api.http.ogc.collections import COLLECTIONS
from geoplan_api.http.routes.feed import compact
from geoplan_api.http.routes.register import _SHOWN

folder, found = Path(sys.argv[1]), {}
with open_register(folder / "a.db") as register:
    with register.engine.begin() as db:  # what the migration does
        db.execute(sa.text("ALTER TABLE station ADD COLUMN ramp BOOLEAN"))
        db.execute(sa.text("ALTER TABLE station ADD COLUMN lift_note TEXT NOT NULL DEFAULT ''"))
    row = {"站点名称": "甲", "轮椅坡道": "有", "电梯说明": "右侧"}
    proposal = propose(row, map_columns(list(row)), {})
    found["import"] = {name: proposal.values.get(name) for name in ("ramp", "lift_note")}
    with writing(register, actor="anna", reason="x") as writer:
        writer.add({**proposal.values, "lon": 120.3, "lat": 31.5, "position_state": "located"})
    items = stations(register)
    found["record"] = [items[0]["ramp"], items[0]["lift_note"]]
    open_, own = (export_stations(items, folder / f"{n}.xlsx", public=n == "open") for n in ("open", "own"))
    found["export"] = [list(pd.read_excel(path).columns) for path in (open_, own)]
    found["geojson"] = json.loads(export_stations(items, folder / "a.geojson").read_text())["features"][0]["properties"]
    export_upward(items, folder / "up.zip", unit="x", revision=1)
    found["upward"] = [one["name"] for one in json.loads(zipfile.ZipFile(folder / "up.zip").read("fields.json"))]
    snapshot = snapshot_of(to_frame(items), version=1, modified=dt.datetime.now(dt.UTC), zone="Asia/Shanghai",
                           district_names={}, town_names={})
found["api"] = list(PUBLIC_FIELDS)
openness = snapshot.openness(dt.datetime.now(dt.UTC))
found["feature"] = json.loads(snapshot.features([0], openness)[0])["properties"]
found["feed"] = compact(snapshot, 0, openness)
found["ogc"] = list(COLLECTIONS["stations"].queryables)
found["heads"] = [heads("zh")["ramp"], heads("en")["ramp"]]
found["shown"] = sorted(_SHOWN)
web = Path(sys.argv[2]) / "maps/geoplan_maps/web/js"
found["desk"] = "无障碍坡道" in bundle_script(web / "planner/main.js")
found["public"] = "无障碍坡道" in bundle_script(web / "public/main.js")
print(json.dumps(found, ensure_ascii=False, default=str))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict:
    root, folder = Path(__file__).resolve().parents[2], tmp_path_factory.mktemp("field")
    shutil.copytree(root / "data" / "geoplan_data", folder / "data" / "geoplan_data")
    with (folder / "data" / "geoplan_data" / "station_fields.csv").open("a", encoding="utf-8") as table:
        table.write(f"{RAMP}\n{LIFT}\n")
    paths = [str(folder / "data"), *(str(root / part) for part in (".", "maps", "api"))]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), str(root)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_new_field_is_imported_kept_and_exported_by_itself(found: dict) -> None:
    assert found["import"] == {"ramp": True, "lift_note": "右侧"}
    assert found["record"] == [True, "右侧"]
    public, own = found["export"]
    assert "无障碍坡道" in public
    assert "电梯说明" not in public
    assert {"无障碍坡道", "电梯说明"} <= set(own)
    assert found["geojson"]["ramp"] is True
    assert "ramp" in found["upward"]
    assert "lift_note" not in found["upward"]


def test_a_new_field_is_answered_by_every_door_that_may_say_it(found: dict) -> None:
    assert found["feature"]["ramp"] is True
    assert found["feed"]["ramp"] is True
    assert "ramp" in found["ogc"]
    for door in ("api", "feature", "feed", "ogc"):
        assert "lift_note" not in found[door], door
    assert "lift_note" not in found["shown"]  # of editors and above alone
    assert found["heads"] == ["无障碍坡道", "Ramp"]
    assert found["desk"]
    assert found["public"]


def test_every_field_has_a_column_and_its_codes() -> None:
    names = [spec.name for spec in FIELDS]
    assert len(set(names)) == len(names)
    assert set(names) <= set(station.c.keys())
    assert {spec.group for spec in FIELDS if spec.group} <= set(groups())
    assert all(spec.label_zh and spec.label_en for spec in FIELDS)
