"""Plans of every kind are kept, set side by side, shared and reported: sites, sites with hours, every slice."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace

import docx
import openpyxl
import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.city.comparison import compared, new_sites, same_subject, summary
from geoplan_api.jobs.tasks import Bench, run_task

from geoplan.pack import read_manifest, write_manifest
from tests.api.conftest import sign_in, town_settings, write_town
from tests.api.test_desk import finished

HOURS = {"budget": 14.0, "hour_cost": 1.0, "all_day_cost": 6.0, "slices": ["12-15", "18-22", "22-06"], "limit_s": 600.0}
QUESTIONS = {
    "sites": ("siting", {"new_sites": 2, "limit_s": 600.0}),
    "hours": ("hours", {**HOURS, "day": "2026-11-20"}),
    "robust": ("siting", {"new_sites": 2, "robust": ["06-12", "22-06"], "limit_s": 600.0}),
}


@pytest.fixture(scope="module")
def desk(town, tmp_path_factory):
    """A client with one finished and saved plan of each kind: ids of jobs and of saved plans, and the results."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("kinds")))) as client:
        client.token = sign_in(client)
        client.jobs, client.plans, client.results = {}, {}, {}
        for name, (kind, params) in QUESTIONS.items():
            asked = client.post("/v1/jobs", json={"kind": kind, "params": params}, headers=client.token)
            job = finished(client, asked.json()["id"])
            assert job["status"] == "done", job
            client.jobs[name] = job["id"]
            client.results[name] = client.get(f"/v1/jobs/{job['id']}/result").json()
            saved = client.post("/v1/scenarios", json={"job_id": job["id"], "name": name}, headers=client.token)
            assert saved.status_code == 201, saved.text
            client.plans[name] = saved.json()["id"]
        yield client


def numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for one in value.values() for number in numbers(one)]
    if isinstance(value, list):
        return [number for one in value for number in numbers(one)]
    return [value] if isinstance(value, float) else []


def test_every_kind_has_figures_that_are_numbers(desk):
    kept = {one["name"]: one["summary"] for one in desk.get("/v1/scenarios").json()["scenarios"]}
    assert {name: figures["kind"] for name, figures in kept.items()} == {name: name for name in QUESTIONS}
    for figures in kept.values():
        assert all(math.isfinite(number) for number in numbers(figures))
        assert 0 <= figures["before"]["share"] <= figures["after"]["share"] <= 1
        assert figures["certificate"]["status"] in ("optimal", "feasible")
    hours, found = kept["hours"], desk.results["hours"]
    assert hours["after"]["covered"] == pytest.approx(found["worker_hours"]["after"])
    assert hours["spending"]["cost"] <= HOURS["budget"]
    assert hours["spending"]["new_sites"] == hours["certificate"]["sites"] == len(new_sites(found))
    assert hours["spending"]["new_sites"] + hours["spending"]["longer"] == len(found["options"])
    robust = kept["robust"]
    assert robust["after"]["share"] == pytest.approx(min(robust["shares"]["after"].values()))
    assert robust["certificate"]["bound"] >= robust["certificate"]["objective"]
    assert robust["certificate"]["sites"] == 2


def test_side_by_side_says_what_may_be_compared(desk):
    ids = ",".join(desk.plans.values())
    told = desk.get(f"/v1/scenarios/compare?ids={ids}").json()
    assert told["differs"][0] == "kind"
    sets = [new_sites(desk.results[name]) for name in desk.plans]
    assert set(told["common"]) == set.intersection(*sets)
    for row, own, others in zip(told["plans"], sets, ([1, 2], [0, 2], [0, 1]), strict=True):
        assert set(row["only_here"]) == own - set().union(*(sets[k] for k in others))
    again = desk.post("/v1/scenarios", json={"job_id": desk.jobs["sites"], "name": "again"}, headers=desk.token).json()
    same = desk.get(f"/v1/scenarios/compare?ids={desk.plans['sites']},{again['id']}").json()
    assert same["differs"] == []
    assert all(row["only_here"] == [] for row in same["plans"])


def test_what_differs_is_named():
    def figures(kind="sites", total=100.0, limit_s=900.0, **question):
        return {"kind": kind, "limit_s": limit_s, "profile": "walk", "demand_total": total, "question": question}

    assert same_subject([figures(), figures()]) == []
    old = figures()
    del old["kind"]  # kept before there were kinds
    assert same_subject([old, figures()]) == []
    assert same_subject([figures(), figures("hours", 700.0, slices=["12-15"])]) == ["kind", "slices", "demand_total"]
    assert same_subject([figures(robust=["06-12"]), figures(robust=["06-12", "18-22"])]) == ["slices"]
    assert same_subject([figures(), figures(limit_s=600.0), figures(area="320201", total=40.0)]) == [
        "limit_s",
        "area",
        "demand_total",
    ]
    assert same_subject([figures(budget=3.0), figures(new_sites=2)]) == []  # two ways to the same figure


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_shared_and_reported_without_signing_in(desk, name):
    on = desk.post(f"/v1/scenarios/{desk.plans[name]}/share", json={"on": True}, headers=desk.token).json()
    kept = dict(desk.cookies)
    desk.cookies.clear()
    try:
        shared = desk.get(on["href"]).json()
        reports = {lang: desk.get(f"{on['href']}/report.docx?lang={lang}") for lang in ("zh", "en")}
        assert desk.get(f"/v1/scenarios/{desk.plans[name]}/report.docx").status_code == 401
    finally:
        desk.cookies.update(kept)
    assert shared["result"] == desk.results[name]
    assert shared["summary"]["kind"] == name
    for lang, report in reports.items():
        assert report.status_code == 200
        said = words_of(report.content)
        own = {
            "sites": ("目标值", "Objective"),
            "hours": ("劳动者·小时", "Worker-hours"),
            "robust": ("最差", "worst slice"),
        }
        assert own[name][lang == "en"] in said
        listed = desk.results[name]
        listed = (listed.get("robust") or listed)["projects"]["features"]
        assert listed
        for feature in listed:
            assert feature["properties"]["name"] in said
        assert "nan" not in said.lower().replace("finance", "")
        assert "None" not in said
    saved = desk.get(f"/v1/scenarios/{desk.plans[name]}/report.docx?lang=en")
    job = desk.get(f"/v1/jobs/{desk.jobs[name]}/report.docx?lang=en")
    assert words_of(saved.content) == words_of(job.content) == words_of(reports["en"].content)


def words_of(body: bytes) -> str:
    document = docx.Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_every_kind_has_its_list_as_files(desk, name):
    address = f"/v1/jobs/{desk.jobs[name]}/projects"
    listed = desk.get(f"{address}.geojson").json()
    result = desk.results[name]
    assert listed == (result.get("robust") or result)["projects"]
    table = desk.get(f"{address}.csv").text.strip().splitlines()
    assert len(table) == 1 + len(listed["features"])
    assert "[" not in table[1]
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"{address}.xlsx").content))
    wanted = {"sites": "项目清单", "hours": "站点与时间", "robust": "情景"}[name]
    assert wanted in book.sheetnames
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(listed["features"][0]["properties"]["site_id"] == cell for cell in cells)


def test_hours_cost_what_is_asked_and_a_new_station_is_open_around_the_clock(desk):
    """By hand: a candidate costs 1 and 6 more to be open around the clock; an hour costs 1, so 12-15 costs 3.

    S2 is open until 20:00: of 18-22 only two hours are missing there, and only these are paid for.
    """
    result = desk.results["hours"]
    assert result["costs"] == {"hour": 1.0, "all_day": 6.0, "assumed": []}
    price = {"new": 7.0, "around the clock": 6.0, "open 12-15": 3.0, "open 18-22": 4.0, "open 22-06": 8.0}
    missing = {("S2", "open 18-22"): 2.0}
    for option in result["options"]:
        assert option["cost"] == missing.get((option["site"], option["name"]), price[option["name"]])
    assert result["facts"]["budget"] == HOURS["budget"]


def test_what_the_pack_assumes_is_taken_and_named(tmp_path):
    """The pack says 0.5 an hour and 9 around the clock; an hour asked at 1 is not assumed, the rest is."""
    pack = write_town(tmp_path / "town")
    manifest = read_manifest(pack)
    defaults = replace(manifest.defaults, hour_cost=0.5, all_day_cost=9.0)
    write_manifest(replace(manifest, cost_unit="万元", defaults=defaults), pack)
    with TestClient(create_app(town_settings(pack, tmp_path / "s"))) as client:
        meta = client.get("/v1/meta").json()
    assert (meta["cost_unit"], meta["defaults"]["hour_cost"], meta["defaults"]["all_day_cost"]) == ("万元", 0.5, 9.0)
    bench = Bench.open(town_settings(pack, tmp_path / "s"), pack, tmp_path / "s")
    question = {"budget": 3.0, "day": "2026-11-20", "new_sites": False, "limit_s": 600.0}
    for asked, costs in (
        ({}, {"hour": 0.5, "all_day": 9.0, "assumed": ["hour", "all_day"]}),
        ({"hour_cost": 1.0}, {"hour": 1.0, "all_day": 9.0, "assumed": ["all_day"]}),
    ):
        plan = run_task(bench, "hours", question | asked, lambda **_: None, lambda: False, 60.0)
        assert plan["costs"] == costs
        assert plan["subject"]["cost_unit"] == "万元"
        assert sum(option["cost"] for option in plan["options"]) <= 3.0


def test_a_plan_from_before_is_refused_with_what_to_do(desk):
    old = json.loads(json.dumps(desk.results["hours"]))
    del old["facts"]
    store = desk.app.state.live.state.jobs
    job = store.add("hours", "wang", HOURS)
    store.results.joinpath(f"{job.id}.json").write_text(json.dumps(old))
    answer = desk.post("/v1/scenarios", json={"job_id": job.id, "name": "old"}, headers=desk.token)
    assert answer.status_code == 422
    assert "请重新计算" in answer.json()["detail_zh"]
    assert desk.get(f"/v1/jobs/{job.id}/report.docx").status_code == 422


def test_plans_without_a_site_in_common():
    def plan(kind, *sites):
        features = [{"properties": {"site_id": site, "new": new}} for site, new in sites]
        return {"question": {"kind": kind}, "projects": {"features": features}}

    built = plan("sites", ("A", True), ("B", True))
    hours = plan("hours", ("B", False), ("C", True))  # B only opens longer there: it is no new site of that plan
    about = {"kind": "sites", "question": {}}
    told = compared([({"name": "x", "summary": about}, built), ({"name": "y", "summary": about}, hours)])
    assert [row["only_here"] for row in told["plans"]] == [["A", "B"], ["C"]]
    assert told["common"] == []


def test_a_plan_that_was_not_found_is_kept_without_figures(desk):
    result = dict(desk.results["sites"], after=None)
    assert summary(result)["after"] is None
