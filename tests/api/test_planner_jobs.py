"""Every question of the planner as a job: models, years, reasons, floors, slices, hours; files; a Dask cluster."""

from __future__ import annotations

import importlib.util
import io

import openpyxl
import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.settings import JobSettings

from tests.api.conftest import sign_in, town_settings
from tests.api.test_desk import finished


@pytest.fixture(scope="module")
def desk(town, tmp_path_factory):
    """A signed-in desk; returns a function that asks a question and waits for the result."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("desk")))) as running:
        token = sign_in(running)

        def ask(kind="siting", **params):
            answer = running.post("/v1/jobs", json={"kind": kind, "params": params}, headers=token)
            assert answer.status_code == 202, answer.text
            job = finished(running, answer.json()["id"])
            assert job["status"] == "done", job
            return job["id"], running.get(f"/v1/jobs/{job['id']}/result").json()

        ask.client, ask.token = running, token
        yield ask


def test_years_and_reasons(desk):
    _, plan = desk(years=[1, 1], explain=True, floors={"320201": 0.5}, limit_s=600.0)
    assert [year["total"] for year in plan["years"]] == [1, 2]
    assert set(plan["years"][0]["sites"]) <= set(plan["years"][1]["sites"])
    assert plan["years"][1]["price"] == pytest.approx(0.0)
    assert {reason["site"] for reason in plan["explained"]} == set(plan["facts"]["sites"])
    assert all(reason["marginal"] <= reason["own"] for reason in plan["explained"])


def test_floors_and_their_price(desk):
    """The price is told with the plan wherever there are floors."""
    _, plan = desk(new_sites=2, floors={"320201": 0.5}, limit_s=600.0)
    assert plan["floor_price"]["price"] == pytest.approx(plan["floor_price"]["without"] - plan["floor_price"]["with"])


def test_slices_each_of_which_the_plan_should_hold_in(desk):
    _, plan = desk(new_sites=2, robust=["06-12", "22-06"], limit_s=600.0)
    assert set(plan["robust"]["shares"]) == {"06-12", "22-06"}
    assert min(plan["robust"]["shares"].values()) == pytest.approx(plan["robust"]["worst_share"])
    robust = plan["robust"]
    listed = [feature["properties"] for feature in robust["projects"]["features"]]
    assert {row["site_id"] for row in listed} == set(robust["sites"])
    assert min(robust["mean_shares"].values()) <= robust["worst_share"] + 1e-9 <= robust["worst_bound"] + 1e-6
    assert all(robust["shares_before"][code] <= robust["shares"][code] for code in robust["shares"])


def test_years_of_unequal_size_and_by_money_planned_together(desk):
    _, plan = desk(years=[2, 1], joint=True, year_weights=[2.0, 1.0], explain=True, limit_s=600.0)
    first, last = plan["years"]
    assert [first["total"], last["total"]] == [2, 3]
    assert set(first["sites"]) <= set(last["sites"]) == set(plan["facts"]["sites"])
    proof = plan["certificate"]
    assert proof["status"] == "optimal"
    assert proof["agrees"]
    assert proof["objective"] == pytest.approx(2.0 * first["objective"] + last["objective"])
    assert "2 years together" in proof["sentence"]
    assert plan["facts"]["sentence_zh"] == proof["sentence_zh"]
    listed = [feature["properties"] for feature in plan["projects"]["features"]]
    assert {row["site_id"] for row in listed[:2]} == set(first["sites"])  # the list goes year by year
    _, backwards = desk(years=[2, 1], limit_s=600.0)
    worth = 2.0 * backwards["years"][0]["objective"] + backwards["years"][1]["objective"]
    assert proof["objective"] >= worth - 1e-6

    _, paid = desk(yearly_budgets=[1.0, 2.0], limit_s=600.0)
    assert len(paid["years"]) == 2
    assert paid["years"][0]["objective"] <= paid["years"][1]["objective"]
    assert paid["certificate"]["agrees"]


def test_a_site_is_compared_with_every_plan_without_it(desk):
    """By hand: on an even town some site can be done without at no loss; a required one cannot."""
    job, plan = desk(new_sites=2, limit_s=600.0)
    for site in plan["facts"]["sites"]:
        _, told = desk("near_best", job_id=job, site=site)
        _, without = desk(new_sites=2, limit_s=600.0, veto=[site])
        loss = plan["certificate"]["objective"] - without["certificate"]["objective"]
        assert told["loss"] == pytest.approx(loss, abs=1e-6)
        assert told["loss_proven"]
        assert told["always"] is (loss > 0.005 * plan["certificate"]["objective"])
    forced, wished = desk(new_sites=1, limit_s=600.0, force=[plan["facts"]["sites"][0]])
    _, told = desk("near_best", job_id=forced, site=wished["facts"]["sites"][0])
    assert told["always"] is True


def test_near_best_is_refused_where_it_makes_no_sense(desk):
    job, plan = desk(years=[1, 1], joint=True, limit_s=600.0)
    median, _ = desk(model="pmedian", new_sites=1, limit_s=3600.0)
    for params, words in (
        ({"job_id": job, "site": plan["facts"]["sites"][0]}, "years planned together"),
        ({"job_id": median, "site": "x"}, "model mclp"),
        ({"job_id": "nothing", "site": "x"}, "no finished plan"),
    ):
        answer = desk.client.post("/v1/jobs", json={"kind": "near_best", "params": params}, headers=desk.token)
        ended = finished(desk.client, answer.json()["id"])
        assert ended["status"] == "failed"
        assert words in ended["error"]


@pytest.mark.parametrize(
    "params",
    [
        {"model": "lscp", "limit_s": 3600.0},
        {"model": "pscp", "share": 0.6, "limit_s": 900.0},
        {"model": "pmedian", "new_sites": 2, "limit_s": 3600.0},
        {"model": "pcenter", "new_sites": 2, "limit_s": 3600.0},
        {"model": "bacop1", "new_sites": 3, "limit_s": 3600.0},
        {"model": "bacop2", "new_sites": 2, "backup_weight": 0.4},
        {"model": "cmclp", "new_sites": 2, "capacity_workers": 100.0, "limit_s": 600.0},
        {"model": "cpmedian", "new_sites": 8, "capacity_workers": 500.0, "limit_s": 3600.0},
        {"model": "cflp", "capacity_workers": 500.0, "minute_cost": 0.01, "limit_s": 3600.0},
    ],
    ids=lambda params: params["model"],
)
def test_every_model_is_a_job(desk, params):
    _, plan = desk(**params)
    assert plan["certificate"]["status"] == "optimal", plan["certificate"]
    assert plan["certificate"]["agrees"]


def test_questions_that_do_not_fit_are_refused_at_once(desk):
    for params, words in (
        ({"model": "pcenter", "new_sites": 1, "explain": True}, "does not go with `model` pcenter"),
        ({"years": [1, 2], "new_sites": 4}, "add up"),
        ({"new_sites": 1, "price_floors": True}, "needs `floors`, and there are none"),
        ({"yearly_budgets": [1.0], "new_sites": 1}, "leave `new_sites` out"),
        ({"new_sites": 1, "joint": True}, "`joint` needs `years`"),
        ({"years": [1, 2], "joint": True, "year_weights": [1.0]}, "give a weight for each year"),
        ({"model": "cflp", "capacity_workers": 500.0}, "what a minute of way costs"),
        ({"new_sites": 1, "area": "999999"}, "no district '999999'"),
        ({"new_sites": 1, "robust": ["06-12"]}, "two or more slices"),
        ({"new_sites": 1, "slice": "12-15", "at": "2026-11-20T12:30"}, "`at` and `slice`"),
    ):
        answer = desk.client.post("/v1/jobs", json={"kind": "siting", "params": params}, headers=desk.token)
        assert answer.status_code == 422
        assert words in answer.text


def test_hours_by_hand(desk):
    """An hour costs 1: with 12 to spend, some stations open for a slice more; around the clock is too dear."""
    _, plan = desk("hours", budget=12.0, hour_cost=1.0, all_day_cost=100.0, new_sites=False, day="2026-11-20",
                   slices=["12-15", "18-22", "22-06"])  # fmt: skip
    assert plan["certificate"]["status"] == "optimal"
    assert sum(option["cost"] for option in plan["options"]) <= 12.0
    assert plan["options"]
    hours = plan["worker_hours"]
    assert hours["before"] < hours["after"] <= hours["total"]
    listed = [feature["properties"] for feature in plan["projects"]["features"]]
    assert sorted(row["site_id"] for row in listed) == sorted(option["site"] for option in plan["options"])
    assert sum(row["worker_hours"] for row in listed) == pytest.approx(hours["after"] - hours["before"], abs=1.0)
    gains = [row["worker_hours"] for row in listed]
    assert gains == sorted(gains, reverse=True)
    assert not any(row["new"] for row in listed)


def test_the_project_list_as_files(desk):
    job, plan = desk(new_sites=2)
    get = desk.client.get
    book = openpyxl.load_workbook(io.BytesIO(get(f"/v1/jobs/{job}/projects.xlsx").content))
    assert book.sheetnames == ["说明", "项目清单", "分区汇总", "证明"]
    table = get(f"/v1/jobs/{job}/projects.csv").text
    assert table.startswith("\ufeffrank,site_id")
    assert len(table.strip().splitlines()) == 3
    assert get(f"/v1/jobs/{job}/projects.geojson").json() == plan["projects"]
    other, _ = desk("coverage")
    assert get(f"/v1/jobs/{other}/projects.xlsx").status_code == 409


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra 'dask' is not installed")
@pytest.mark.filterwarnings("ignore")
def test_jobs_on_a_dask_cluster(town, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        jobs = JobSettings(dask_address=cluster.scheduler_address)
        with TestClient(create_app(town_settings(town, tmp_path / "s", jobs=jobs))) as client:
            token = sign_in(client)
            for asked, status in (
                ({"new_sites": 1}, "done"),
                ({"new_sites": 1, "veto": ["C1"], "force": ["C1"]}, "failed"),
            ):
                made = client.post("/v1/jobs", json={"kind": "siting", "params": asked}, headers=token).json()
                assert finished(client, made["id"])["status"] == status
            assert client.app.state.supervisor._workers == []


def test_a_dask_cluster_that_is_away_is_waited_for(town, tmp_path):
    jobs = JobSettings(dask_address="tcp://127.0.0.1:9")
    with TestClient(create_app(town_settings(town, tmp_path / "s", jobs=jobs))) as client:
        token = sign_in(client)
        made = client.post("/v1/jobs", json={"kind": "siting", "params": {"new_sites": 1}}, headers=token).json()
        assert client.get(f"/v1/jobs/{made['id']}").json()["status"] == "waiting"
        client.post(f"/v1/jobs/{made['id']}/cancel", headers=token)
        assert client.get(f"/v1/jobs/{made['id']}").json()["status"] == "cancelled"
