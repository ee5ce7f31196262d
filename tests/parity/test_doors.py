"""One question, one answer: the matrix of questions × doors, on a city made to be awkward.

Every row is a question; every door answers it: the library, the command line, the API, a job, and the files that they
write (workbook, CSV, GeoJSON, Word). What they print must be equal to the last printed digit.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app

from geoplan.planning import (
    CoverageQuestion,
    CubeQuestion,
    HoursAnswer,
    PlanQuestion,
    answer,
    hours_facts,
    plan_facts,
    resolve,
)
from geoplan.planning.coverage_answer import gaps, key_stations
from tests.api.conftest import sign_in, town_settings
from tests.parity.doors import command, job, options, query

SATURDAY = "2026-11-21"
COVERAGE: dict[str, dict[str, Any]] = {
    "any": {},
    "instant": {"at": "2026-11-20T12:30"},
    "slice": {"slice": "12-15", "day": "2026-11-20"},
    "saturday": {"slice": "06-12", "day": SATURDAY},
    "whole slice": {"slice": "06-12", "day": "2026-11-20", "time_rule": "whole"},
    "trade": {"slice": "04-06", "day": SATURDAY, "trade": "sanitation"},
    "facility": {"facilities": ("toilet",)},
    "bundle": {"slice": "06-12", "day": "2026-11-20", "facilities": ("toilet", "microwave")},
    "area": {"area": "B", "slice": "18-22", "day": SATURDAY},
    "e-bike": {"profile": "e_bike", "limit_s": 120.0, "radius_m": 300.0, "k": 3},
}
ON_SATURDAY = {"slice": "06-12", "day": SATURDAY}
PLANS: dict[str, dict[str, Any]] = {
    "mclp": {"new_sites": 2},
    "mclp without a number": {},
    "mclp on a saturday": {"new_sites": 2, **ON_SATURDAY},
    "mclp of a trade by e-bike": {"new_sites": 1, "profile": "e_bike", "limit_s": 120.0, "trade": "food_rider"},
    "mclp with a bundle": {"new_sites": 1, "facilities": ("toilet", "microwave"), **ON_SATURDAY},
    "mclp of an area": {"new_sites": 1, "area": "B"},
    "mclp by money": {"budget": 4.5},
    "mclp twice": {"new_sites": 3, "cover_times": 2},
    "mclp with decay": {"new_sites": 2, "decay": ((300.0, 1.0), (600.0, 0.5))},
    "mclp, open by chance": {"new_sites": 2, "open_probability": 0.8},
    "mclp with rules": {
        "new_sites": 2, "floors": {"B": 0.5}, "quotas": {"A": (1, 1)}, "veto": ("C1",), "spacing_m": 200.0,
    },
    "lscp": {"model": "lscp"},
    "pscp": {"model": "pscp", "share": 0.9},
    "pscp by cost": {"model": "pscp", "share": 0.9, "by_cost": True},
    "pmedian": {"model": "pmedian", "new_sites": 2},
    "pmedian on a saturday": {"model": "pmedian", "new_sites": 2, **ON_SATURDAY},
    "pcenter": {"model": "pcenter", "new_sites": 2, "area": "A"},
    "bacop1": {"model": "bacop1", "new_sites": 5},
    "bacop2": {"model": "bacop2", "new_sites": 2, "backup_weight": 0.3},
    "cmclp": {"model": "cmclp", "new_sites": 2},
    "cpmedian": {"model": "cpmedian", "new_sites": 3, "farthest_s": 3000.0},
    "cflp": {"model": "cflp", "minute_cost": 0.05},
    "years": {"years": (1, 2)},
    "years together": {"years": (1, 2), "joint": True},
    "years by money": {"yearly_budgets": (2.0, 3.0)},
    "front": {"pareto": True},
    "robust": {"new_sites": 2, "robust": ("06-12", "18-22"), "day": SATURDAY},
    "reasons": {"new_sites": 2, "explain": True},
    "hours": {"model": "hours", "budget": 6.0, "day": SATURDAY},
    "hours of a trade": {
        "model": "hours", "budget": 6.0, "day": SATURDAY, "trade": "sanitation", "slices": ("06-12", "18-22"),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def service(awkward, tmp_path_factory):
    """A client of the service of the city, signed in."""
    settings = town_settings(awkward, tmp_path_factory.mktemp("service"))
    with TestClient(create_app(settings)) as client:
        client.token = sign_in(client)
        yield client


def plain(asked: dict[str, Any]) -> dict[str, Any]:
    """The question as the library takes it."""
    values = dict(asked)
    if "day" in values:
        values["day"] = date.fromisoformat(values["day"])
    if "at" in values:
        values["at"] = datetime.fromisoformat(values["at"])
    return values


def same(one: Any, other: Any, path: str = "") -> None:
    """Fail where two answers differ in any figure or word; only the data's version and the clock may."""
    if isinstance(one, dict) and isinstance(other, dict):
        ignored = {"data_version", "solve_s", "files"}
        assert one.keys() - ignored == other.keys() - ignored, path
        for key in one.keys() - ignored:
            same(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        assert len(one) == len(other), path
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            same(left, right, f"{path}/{at}")
    elif isinstance(one, float) or isinstance(other, float):
        if one is None or other is None or one != one or other != other:
            assert all(number is None or number != number for number in (one, other)), path
        else:
            assert other == pytest.approx(one, rel=1e-12, abs=1e-12), path
    else:
        assert one == other, path


# ---- coverage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(COVERAGE))
def test_coverage(city, awkward, service, name):
    asked = COVERAGE[name]
    library = answer(city, CoverageQuestion(**plain(asked))).to_dict()
    typed = command("coverage", str(awkward), *options(asked))
    got = service.get("/v1/coverage", params=query(asked))
    assert got.status_code == 200, got.text
    same(library, typed)
    same(library, got.json())
    assert library["subject"]["direction"] == "to_station"
    assert library["subject"]["demand_basis"] == ("all" if {"at", "slice"}.isdisjoint(asked) else "out")


@pytest.mark.parametrize("name", list(COVERAGE))
def test_the_word_report_says_the_same(service, name):
    asked = COVERAGE[name]
    figures = service.get("/v1/coverage", params=query(asked)).json()
    got = service.get("/v1/report.docx", params=query(asked))
    assert got.status_code == 200, got.text
    document = docx.Document(io.BytesIO(got.content))
    text = "\n".join(one.text for one in document.paragraphs)
    hours = "any" if figures["subject"]["at"] == "any" else "at"
    of = {area["area_code"]: area for area in figures["areas"]}
    whole = of[asked["area"]] if "area" in asked else figures["areas"][0]
    for test in ("network", "circle", "cross"):
        assert f"{whole['tests'][test][hours]['share']:.1%}" in text, test
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows[1:]]
    for row in rows:
        area = next(one for one in figures["areas"] if one["area_name"] == row[0])
        assert row[1] == f"{area['tests']['network'][hours]['demand']:,.0f}"
        assert row[2:] == [f"{area['tests'][test][hours]['share']:.1%}" for test in ("network", "circle", "cross")]
    total = f"{figures['subject']['demand_total']:,.0f}"
    assert total in text


@pytest.mark.parametrize("slice_code", ["04-06", "06-12", "12-15", "18-22"])
@pytest.mark.parametrize(
    ("bundle", "facilities"), [("any", ()), ("toilet+hot_meal+charging", ("toilet", "microwave", "charging"))]
)
def test_a_cell_of_the_cube_is_that_coverage(city, service, slice_code, bundle, facilities):
    day = date.fromisoformat(SATURDAY)
    asked = CubeQuestion(day=day, bundles=(bundle,), trades=("all", "sanitation"), levels=("city", "district"))
    library = answer(city, asked).to_dict()
    params = {"day": SATURDAY, "bundles": bundle, "trades": "all,sanitation", "levels": "city,district"}
    same(library, service.get("/v1/coverage/cube", params=params).json())
    made = job(service, "coverage", {"day": SATURDAY, "bundles": [bundle], "trades": ["all", "sanitation"]})
    same(library, {name: value for name, value in made.items() if name != "id"})
    moment = library["axes"]["moment"].index(slice_code)
    for at, trade in enumerate(library["axes"]["trade"]):
        own = CoverageQuestion(slice=slice_code, day=day, trade=trade, facilities=facilities)
        found = {area["area_code"]: area for area in answer(city, own).to_dict()["areas"]}
        for row, area in enumerate(library["axes"]["area"]):
            for k, test in ((0, "network"), (1, "cross")):
                cell = found[area["area_code"]]["tests"][test]["at"]
                assert library["demand"][moment][row][at] == pytest.approx(cell["demand"], rel=1e-12)
                covered = library["covered"][0][moment][0][k][0][row][at]
                assert covered == pytest.approx(cell["covered"], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in COVERAGE if name != "bundle"])
def test_gaps_and_key_stations_are_what_coverage_misses_and_holds(city, service, name):
    asked = COVERAGE[name]
    question = resolve(city.pack, CoverageQuestion(**plain(asked)))
    covered = answer(city, question)
    told = covered.to_dict()
    hours = "any" if told["subject"]["at"] == "any" else "at"
    network = told["areas"][0]["tests"]["network"][hours]
    found = gaps(city, question)
    missing = (network["demand"] - network["covered"]) * covered.moment.hours
    assert found.gaps.total == pytest.approx(missing, rel=1e-9, abs=1e-9)
    got = service.get("/v1/gaps", params=query(asked)).json()
    assert got["total"] == round(found.gaps.total, 1)
    assert got["subject"]["demand_total"] == found.subject.demand_total
    key = key_stations(city, question).frame
    rows = service.get("/v1/criticality", params=query(asked)).json()["stations"]
    assert [row["station_code"] for row in rows] == key["station_code"].tolist()
    assert [row["lost"] for row in rows] == key["lost"].round(2).tolist()


# ---- plans ---------------------------------------------------------------------------------------------------------


def facts_of(city, asked: dict[str, Any]) -> dict[str, Any]:
    found = answer(city, PlanQuestion(**plain(asked)))
    return hours_facts(found) if isinstance(found, HoursAnswer) else plan_facts(found)


def params_of(asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and parameters of the job."""
    if asked.get("model") == "hours":
        return "hours", {name: value for name, value in asked.items() if name != "model"}
    return "siting", asked


@pytest.mark.parametrize("name", list(PLANS))
def test_plans(city, awkward, service, tmp_path, name):
    asked = PLANS[name]
    library = facts_of(city, asked)
    assert library["status"] == "optimal", library["sentence"]
    typed = command("site", str(awkward), *options(asked), "--out", str(tmp_path / "out"))
    made = job(service, *params_of(asked))
    same(library, typed)
    facts = dict(made["facts"])
    if asked.get("model") != "hours":
        features = made["projects"]["features"]
        listed = [
            {key: value for key, value in one["properties"].items() if key != "gain_by_trade"} for one in features
        ]
        facts["projects"] = listed
    same(library, facts)
    for key in ("status", "objective", "bound", "gap", "sentence", "sentence_zh"):
        same(library[key], made["certificate"][key], key)
    files_say_the_same(library, made, service, tmp_path / "out")


def files_say_the_same(library: dict[str, Any], made: dict[str, Any], service: TestClient, out) -> None:
    """Workbook, CSV, GeoJSON and Word of both doors."""
    hours = "worker_hours" in library
    served = {
        form: service.get(f"/v1/jobs/{made['id']}/projects.{form}") for form in ("xlsx", "csv", "geojson", "docx")
        if form != "docx"
    }  # fmt: skip
    rows = library["options" if hours else "projects"]
    if rows:
        for form, got in served.items():
            assert got.status_code == 200, (form, got.text)
        books = [openpyxl.load_workbook(io.BytesIO(served["xlsx"].content))]
        books.append(openpyxl.load_workbook(out / ("hours.xlsx" if hours else "projects.xlsx")))
        sheets = [[list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets] for book in books]
        clocks = ("求解用时（秒）",)
        for one, other in zip(*sheets, strict=True):
            for left, right in zip(one, other, strict=True):
                if left[0] not in clocks:
                    same(list(left), list(right), "workbook")
        table = pd.read_csv(io.BytesIO(served["csv"].content))
        assert table["site_id"].tolist() == [row["site_id"] for row in rows]
        places = served["geojson"].json()["features"]
        assert [one["properties"]["site_id"] for one in places] == [row["site_id"] for row in rows]
        if not hours:
            assert table["workers_newly_covered"].tolist() == [row["workers_newly_covered"] for row in rows]
            own = pd.read_csv(out / "projects.csv")
            assert own["workers_newly_covered"].tolist() == table["workers_newly_covered"].tolist()
    word = service.get(f"/v1/jobs/{made['id']}/report.docx")
    assert word.status_code == 200, word.text
    document = docx.Document(io.BytesIO(word.content))
    text = "\n".join(one.text for one in document.paragraphs)
    if not hours and library["robust"]:
        assert f"{library['robust']['worst_share']:.2%}" in text
        assert f"{library['robust']['worst_bound']:.2%}" in text
        return
    assert library["sentence_zh"] in text
    if not hours:
        assert f"{library['share_before']:.1%}" in text
        assert f"{library['share_after']:.1%}" in text


def test_the_ready_plan_is_the_plan(city, service):
    ready = service.get("/v1/plan").json()
    seconds = service.app.state.live.state.settings.analysis.plan_time_limit_s
    library = plan_facts(answer(city, PlanQuestion(time_limit_s=seconds)))
    projects = library.pop("projects")
    same(library, ready["facts"])
    assert [one["properties"]["site_id"] for one in ready["projects"]["features"]] == [
        row["site_id"] for row in projects
    ]


def test_a_plan_begins_where_coverage_ends(city):
    """What a plan finds covered before it is what coverage says, whatever is asked."""
    for asked in COVERAGE.values():
        if "radius_m" in asked:
            asked = {name: value for name, value in asked.items() if name not in ("radius_m", "k")}
        told = answer(city, CoverageQuestion(**plain(asked))).to_dict()
        hours = "any" if told["subject"]["at"] == "any" else "at"
        network = told["areas"][0]["tests"]["network"][hours]
        facts = facts_of(city, asked | {"new_sites": 1})
        assert facts["covered_before"] == pytest.approx(network["covered"], rel=1e-9, abs=1e-9)
        assert facts["demand_total"] == pytest.approx(network["demand"], rel=1e-12)
