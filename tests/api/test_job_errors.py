"""Why a job failed, and why there is no plan, in the planner's language: no English sentence is left in the Chinese."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.asking import FORMS
from geoplan_api.jobs import Job, JobStore
from geoplan_api.jobs.near_best import NearBestQuestion
from geoplan_api.jobs.running import run_job
from geoplan_api.jobs.tasks import Bench

from geoplan.errors import MissingExtraError
from geoplan.pack import CityPack
from tests.api.conftest import sign_in, town_settings, write_town

ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:]+[A-Za-z]{2,}")  # two words in a row; codes and ids stand alone
SCHEMAS = {**{kind: form.model for kind, form in FORMS.items()}, "near_best": NearBestQuestion}
PRICED = {"budget": 5.0, "hour_cost": 1.0, "all_day_cost": 9.0}
CHINESE = re.compile(r"[一-鿿]")


def is_chinese(text: str) -> bool:
    return bool(CHINESE.search(text)) and not ENGLISH.search(text)


class Desk:
    """A service and the worker of its jobs in this process: asks, and runs what was asked at once."""

    def __init__(self, pack: Path, folder: Path) -> None:
        settings = town_settings(pack, folder)
        with TestClient(create_app(settings)):
            pass  # the register is there
        self.store = JobStore(folder / "apart")
        self.store.prepare()
        self.bench = replace(Bench.open(settings, pack, folder), jobs=self.store)

    def ask(self, kind: str, params: dict[str, object]) -> Job:
        asked = SCHEMAS[kind].model_validate(params).model_dump(mode="json", exclude_defaults=True)
        self.store.add(kind, "wang", asked)
        job = self.store.claim("here")
        run_job(self.bench, self.store, job)
        return self.store.get(job.id)

    def plan(self, params: dict[str, object]) -> dict[str, object]:
        job = self.ask("siting", params)
        assert job.status == "done", job
        return self.store.answer(job.id)


@pytest.fixture(scope="module")
def desk(town, tmp_path_factory):
    return Desk(town, tmp_path_factory.mktemp("errors"))


@pytest.fixture(scope="module")
def unpriced_desk(tmp_path_factory):
    """A desk whose candidate list says no costs."""
    pack = write_town(tmp_path_factory.mktemp("packs") / "unpriced")
    table = pd.read_csv(pack / "candidates.csv", dtype={"district_code": str})
    table.drop(columns="cost").to_csv(pack / "candidates.csv", index=False, encoding="utf-8-sig")
    return Desk(pack, tmp_path_factory.mktemp("unpriced"))


@pytest.fixture(scope="module")
def form_desk(town, tmp_path_factory):
    """A signed-in client; what it asks is refused before a worker sees it."""
    with TestClient(create_app(town_settings(town, tmp_path_factory.mktemp("forms")))) as client:
        yield client, sign_in(client)


@pytest.mark.parametrize(
    ("kind", "params", "words", "words_zh"),
    [
        ("siting", {"new_sites": 1, "veto": ["nowhere"]}, "no candidate site", "站点 nowhere 不在候选点里"),
        ("siting", {"new_sites": 1, "force": ["nowhere"]}, "no candidate site", "站点 nowhere 不在候选点里"),
        ("siting", {"new_sites": 1, "veto": ["C1"], "force": ["C1"]}, "required and forbidden", "既被必选又被否决"),
        ("siting", {"new_sites": 1, "veto": ["S1"]}, "no candidate site", "站点 S1 不在候选点里"),
        ("siting", {"new_sites": 1, "area": "999999"}, "no district", "没有区县 999999"),
        ("siting", {"new_sites": 1, "trade": "pilot"}, "pilot", "没有行业“pilot”"),
        ("siting", {"new_sites": 1, "trade": "pilot", "slice": "12-15"}, "pilot", "没有行业“pilot”"),
        ("siting", {"new_sites": 1, "trade": "pilot", "robust": ["12-15"]}, "pilot", "没有行业“pilot”"),
        ("siting", {"new_sites": 1, "profile": "rocket"}, "rocket", "没有出行方式“rocket”"),
        ("siting", {"new_sites": 1, "floors": {"999999": 0.5}}, "no district", "没有区县 999999"),
        ("siting", {"new_sites": 1, "quotas": {"999999": [0, 1]}}, "no district", "没有区县 999999"),
        ("siting", {"new_sites": 1, "quotas": {"320201": [3, 1]}}, "the quota of 320201 is 3:1", "名额 3:1 不成立"),
        ("siting", {"facilities": ["palace"]}, "palace", "没有设施“palace”"),
        ("siting", {"new_sites": 9, "robust": ["06-12", "22-06"]}, "exactly 9", "恰好新增 9 处"),
        ("siting", {"model": "lscp", "limit_s": 60.0}, "no site reaches", "没有任何站点能到达需求点"),
        ("siting", {"model": "cflp", "capacity_workers": 9}, "a minute of way", "每走一分钟值多少"),
        ("siting", {"model": "pscp"}, "needs `share`", "没有给出要达到的比例"),
        ("siting", {"model": "cmclp", "new_sites": 1}, "have no capacity", "没有容量"),
        ("siting", {"new_sites": 1, "single_source": True}, "does not go with", "用不到“一点一站”"),
        ("hours", {**PRICED, "trade": "pilot"}, "pilot", "没有行业“pilot”"),
        ("hours", {**PRICED, "profile": "rocket"}, "rocket", "没有出行方式“rocket”"),
        ("hours", {"budget": 5}, "the pack states none", "没有给出每天多开一小时的费用"),
        ("coverage", {"trades": ["pilot"]}, "pilot", "没有行业“pilot”"),
        ("coverage", {"profiles": ["rocket"]}, "rocket", "没有出行方式“rocket”"),
        ("near_best", {"job_id": "nothing", "site": "C1"}, "no finished plan", "没有这个已算好的方案"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_question_is_told_in_both_languages(desk, kind, params, words, words_zh):
    job = desk.ask(kind, params)
    assert job.status == "failed"
    assert words in job.error
    assert words_zh in job.error_zh
    assert is_chinese(job.error_zh), job.error_zh
    assert "字段" not in job.error_zh  # a form's blanks have no English names


def test_near_best_of_another_plan_is_told_in_both_languages(desk):
    plan = desk.ask("siting", {"new_sites": 1}).id
    median = desk.ask("siting", {"model": "pmedian", "new_sites": 1, "limit_s": 3600.0}).id
    for params, words_zh in (
        ({"job_id": plan, "site": "elsewhere"}, "方案里没有新站点"),
        ({"job_id": median, "site": "C1"}, "近优方案"),
    ):
        job = desk.ask("near_best", params)
        assert words_zh in job.error_zh
        assert is_chinese(job.error_zh)


@pytest.mark.parametrize("params", [{"budget": 5.0}, {"yearly_budgets": [1.0, 1.0]}], ids=["budget", "years"])
def test_a_budget_without_costs_is_refused_in_both_languages(unpriced_desk, params):
    job = unpriced_desk.ask("siting", params)
    assert "has no cost" in job.error
    assert "没有费用" in job.error_zh
    assert is_chinese(job.error_zh)
    hours = unpriced_desk.ask("hours", PRICED)
    assert "没有费用" in hours.error_zh
    unbuilt = unpriced_desk.ask("hours", {**PRICED, "new_sites": False})
    assert unbuilt.status == "done"  # no candidate is weighed, no cost is missed


@pytest.mark.parametrize(
    ("params", "words_zh"),
    [
        ({"new_sites": 9}, "恰好新增 9 处"),
        ({"new_sites": 1, "floors": {"*": 1.0}, "limit_s": 300.0}, "全部需求 要求 100.0%"),
        ({"new_sites": 1, "floors": {"320201": 1.0}, "limit_s": 300.0}, "西区 要求 100.0%"),
        ({"new_sites": 1, "floors": {"320201": 0.4, "320202": 0.4}, "limit_s": 300.0}, "以下要求不能同时满足"),
        ({"budget": 0.5, "force": ["C1"]}, "预算 0.5"),
        ({"new_sites": 8, "spacing_m": 5000.0}, "间距不小于 5000 米"),
        ({"new_sites": 1, "quotas": {"320201": [2, 3]}}, "西区 新增 2 至 3 处"),
        ({"model": "lscp", "limit_s": 60.0, "reachable": False}, "个需求点没有任何站点可达"),
        ({"model": "lscp", "limit_s": 300.0, "cover_times": 5, "reachable": False}, "不能有 5 个站点可达"),
        ({"model": "pscp", "share": 1.0, "limit_s": 300.0}, "要求覆盖 100.0%"),
        ({"model": "pcenter", "new_sites": 1, "limit_s": 60.0, "reachable": False}, "个需求点没有任何站点可达"),
        ({"model": "cpmedian", "new_sites": 1, "capacity_workers": 1.0, "limit_s": 3600.0}, "合计最多只能服务 6，"),
        ({"years": [4, 5]}, "恰好新增 9 处"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_be_met_is_told_in_both_languages(desk, params, words_zh):
    proof = desk.plan(params)["certificate"]
    assert proof["status"] == "infeasible"
    said = "".join(reason["zh"] for reason in proof["reasons"])
    assert words_zh in said
    for reason in proof["reasons"]:
        assert is_chinese(reason["zh"]), reason["zh"]
        assert not CHINESE.search(re.sub("[东西]区", "", reason["en"]))
    assert is_chinese(proof["sentence_zh"])


@pytest.mark.parametrize(
    ("kind", "params", "words_zh"),
    [
        ("siting", {"model": "pcenter", "new_sites": 1, "explain": True}, "用不到“说明理由”"),
        ("siting", {"years": [1, 2], "new_sites": 4}, "之和"),
        ("siting", {"years": [1, -2]}, "不能小于 0"),
        ("siting", {"yearly_budgets": [1.0], "new_sites": 1}, "各年的数量或预算"),
        ("siting", {"new_sites": 1, "joint": True}, "各年的数量或预算"),
        ("siting", {"years": [1, 2], "joint": True, "year_weights": [1.0]}, "每年填一个权重"),
        ("siting", {"new_sites": 1, "price_floors": True}, "最低覆盖率"),
        ("siting", {"new_sites": 6000}, "不能大于 5000"),
        ("siting", {"new_sites": "many"}, "应为整数"),
        ("siting", {"new_sites": 1, "limit_s": 0}, "应大于 0"),
        ("siting", {"model": "magic"}, "mclp、lscp"),
        ("siting", {"colour": "red"}, "没有这个参数"),
        ("siting", {"new_sites": 1, "floors": {"*": 1.5}}, "不能大于 1"),
        ("siting", {"new_sites": 1, "limit_s": 4000.0}, "不能大于 3600"),
        ("siting", {"decay": [[600, 1], [4000, 0.5]]}, "不能大于 3600"),
        ("siting", {"new_sites": 1, "at": "soon"}, "应为时刻"),
        ("siting", {"build": True}, "没有这个参数"),
        ("hours", {"hour_cost": 1, "all_day_cost": 1}, "请给出预算"),
        ("coverage", {"bundles": ["palace"]}, "any、toilet"),
        ("hours", {"budget": 1, "day": "tomorrow"}, "应为日期"),
        ("hours", {"budget": 1, "slices": ["04-06", "22-06"]}, "有重叠"),
        ("near_best", {"job_id": "x" * 50, "site": "C1"}, "不能超过 40 个字"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_question_out_of_form_is_refused_in_both_languages(form_desk, kind, params, words_zh):
    client, token = form_desk
    answer = client.post("/v1/jobs", json={"kind": kind, "params": params}, headers=token)
    assert answer.status_code == 422
    told = answer.json()
    assert words_zh in told["detail_zh"]
    assert is_chinese(told["detail_zh"]), told["detail_zh"]
    assert not CHINESE.search(told["detail"])


@pytest.mark.parametrize(
    ("error", "words", "words_zh"),
    [
        (MemoryError(), "not enough memory", "内存不够"),
        (MissingExtraError("the extra 'dask' is missing"), "dask", "服务暂时不可用"),
        (RuntimeError("a defect"), "the log says why", "服务日志"),
    ],
    ids=["memory", "extra", "defect"],
)
def test_what_is_nobodys_fault_is_told_in_both_languages(town, tmp_path, monkeypatch, error, words, words_zh):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("geoplan_api.jobs.running.run_task", fail)
    store = JobStore(tmp_path)
    store.prepare()
    store.add("coverage", "wang", {})
    job = store.claim("w1")
    run_job(type("Bench", (), {"settings": town_settings(town, tmp_path), "pack": CityPack}), store, job)
    ended = store.get(job.id)
    assert ended.status == "failed"
    assert words in ended.error
    assert words_zh in ended.error_zh
    assert is_chinese(ended.error_zh)


def test_a_file_from_before_keeps_its_jobs_and_takes_the_chinese(tmp_path):
    with sqlite3.connect(tmp_path / "jobs.sqlite") as old:
        old.execute(
            "CREATE TABLE jobs (id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, "
            "params TEXT NOT NULL, status TEXT NOT NULL, cancel INTEGER NOT NULL DEFAULT 0, "
            "attempts INTEGER NOT NULL DEFAULT 0, worker TEXT NOT NULL DEFAULT '', "
            "progress TEXT NOT NULL DEFAULT '{}', error TEXT NOT NULL DEFAULT '', "
            "created TEXT NOT NULL, started TEXT, finished TEXT)"
        )
        old.execute(
            "INSERT INTO jobs (id, kind, owner, name, params, status, error, created) "
            "VALUES ('a', 'siting', 'wang', '', '{}', 'failed', 'no such district', '2026-11-01T00:00:00.000+00:00')"
        )
    old.close()
    store = JobStore(tmp_path)
    store.prepare()
    store.prepare()  # a second start finds nothing to do
    assert (store.get("a").error, store.get("a").error_zh) == ("no such district", "")
    new = store.add("siting", "wang", {})
    for worker in ("w1", "w2"):
        store.claim(worker)
        store.recover(worker)
    assert "两次中断" in store.get(new.id).error_zh
