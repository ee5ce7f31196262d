"""A city that begins from nothing: no register, or one without a row; every command and every page answers."""

from __future__ import annotations

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from geoplan_api import Settings, create_app


@pytest.fixture
def bare_pack(tiny_pack):
    stations = pd.read_csv(tiny_pack / "stations.csv", encoding="utf-8-sig")
    stations.iloc[:0].to_csv(tiny_pack / "stations.csv", index=False, encoding="utf-8-sig")
    return tiny_pack


def test_a_pack_is_made_without_a_register(run, helsinki_files, tmp_path):
    files = [part for name, path in helsinki_files.items() if name != "stations" for part in (f"--{name}", path)]
    made = run("pack", "init", tmp_path / "new", *files, "--json")
    assert made.code == 0, made.err
    assert "No register was given" in " ".join(made.json["notes"])
    assert [layer["records"] for layer in made.json["layers"] if layer["layer"] == "stations"] == [0]
    sited = run("site", tmp_path / "new", "--new", 2, "--json")
    assert sited.code == 0, sited.err
    assert (sited.json["covered_before"], len(sited.json["sites"])) == (0.0, 2)


def test_nothing_is_covered_and_a_plan_begins_from_nothing(run, bare_pack):
    covered = run("coverage", bare_pack, "--at", "2026-11-20T12:30", "--json")
    assert covered.code == 0, covered.err
    assert {cell["any"]["share"] for cell in covered.json["areas"][0]["tests"].values()} == {0.0}
    sited = run("site", bare_pack, "--new", 1, "--json")
    assert sited.code == 0, sited.err
    # 300 m at most along the streets from either candidate: each reaches all four points
    assert (sited.json["covered_before"], sited.json["covered_after"]) == (0.0, 100.0)


@pytest.mark.parametrize(
    "words",
    [
        ("map", "--out", "m.html"),
        ("map", "--kind", "gaps", "--out", "m.png"),
        ("map", "--kind", "criticality", "--out", "m.html"),
        ("map", "--kind", "criticality", "--out", "m.png"),
        ("map", "--kind", "plan", "--out", "m.html"),
        ("report", "--out", "report", "--docx", "r.docx"),
        ("coverage", "--slice", "22-06"),
        ("pack", "check"),
    ],
)
def test_every_output_is_written(run, bare_pack, tmp_path, words):
    where = 2 if words[0] == "pack" else 1
    outs = [tmp_path / word if "." in word or word == "report" else word for word in words[where:]]
    ended = run(*words[:where], bare_pack, *outs)
    assert ended.code == 0, ended.err


ADDRESSES = (
    "/",
    "/v1/meta",
    "/v1/stations",
    "/v1/stations.csv",
    "/v1/nearest?lon=120.301&lat=31.571",
    "/v1/search?q=站",
    "/v1/coverage",
    "/v1/coverage?at=2026-11-20T12:30",
    "/v1/coverage/cube",
    "/v1/gaps",
    "/v1/criticality",
    "/v1/plan",
    "/v1/style.json",
    "/v1/tiles/stations/14/13667/6677.mvt",
    "/v1/tiles/service_areas/14/13667/6677.mvt",
    "/v1/tiles/gaps/14/13667/6677.mvt",
    "/v1/feed/miniprogram",
    "/v1/ogc/collections/stations/items",
)


def test_the_service_answers(bare_pack, tmp_path):
    settings = Settings(data={"pack": bare_pack, "folder": tmp_path / "service", "warm": False})
    with TestClient(create_app(settings)) as service:
        answers = {address: service.get(address) for address in ADDRESSES}
    assert {address: got.text for address, got in answers.items() if got.status_code not in (200, 204)} == {}
    assert answers["/v1/nearest?lon=120.301&lat=31.571"].json()["features"] == []
    assert answers["/v1/plan"].json()["before"] == {"covered": 0.0, "share": 0.0}
