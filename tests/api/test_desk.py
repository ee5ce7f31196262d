"""Signing in, roles and tokens, keys, jobs, scenarios."""

from __future__ import annotations

import json
import re
import time

import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.jobs import JobStore
from geoplan_api.settings import LimitSettings

from geoplan.siting import MODELS
from tests.api.conftest import PASSWORD, sign_in, town_settings


def finished(client: TestClient, job_id: str, patience_s: float = 90.0) -> dict[str, object]:
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        job = client.get(f"/v1/jobs/{job_id}").json()
        if job["status"] in ("done", "failed", "cancelled"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


def test_a_session_and_its_token(writable):
    assert writable.get("/v1/me").json() == {"signed_in": False}
    assert writable.get("/v1/jobs").status_code == 401
    token = sign_in(writable, "editor")
    assert writable.get("/v1/me").json()["role"] == "editor"
    assert writable.get("/v1/jobs").status_code == 200
    body = {"kind": "siting", "params": {"new_sites": 1}}
    assert writable.post("/v1/jobs", json=body).json()["type"] == "/v1/problems#csrf"
    assert writable.post("/v1/jobs", json=body, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert writable.get("/v1/accounts").json()["type"] == "/v1/problems#forbidden"
    writable.post("/v1/logout")
    assert writable.get("/v1/jobs").status_code == 401
    assert writable.post("/v1/jobs", json=body, headers=token).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts(writable):
    sign_in(writable)
    answer = writable.post("/v1/login", json={"name": "wang", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_form_of_another_site_does_not_sign_in(writable):
    answer = writable.post(
        "/v1/login", json={"name": "wang", "password": PASSWORD}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403


def test_wrong_passwords_are_slowed_and_told_nothing(town, tmp_path):
    settings = town_settings(town, tmp_path / "s", limits=LimitSettings(public_per_minute=0, login_per_minute=3))
    with TestClient(create_app(settings)) as client:
        sign_in(client)
        wrong = [client.post("/v1/login", json={"name": n, "password": "wrong password"}) for n in ("wang", "nobody")]
        assert [answer.status_code for answer in wrong] == [401, 401]
        bodies = [{k: v for k, v in answer.json().items() if k != "instance"} for answer in wrong]
        assert bodies[0] == bodies[1]
        late = client.post("/v1/login", json={"name": "wang", "password": PASSWORD})
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) >= 1


def test_many_requests_of_one_address_are_refused_but_not_tiles(town, tmp_path):
    settings = town_settings(town, tmp_path / "s", limits=LimitSettings(public_per_minute=3))
    with TestClient(create_app(settings)) as client:
        assert [client.get("/v1/stations").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/v1/tiles/base.json").status_code == 200
        assert client.get("/v1/health").status_code == 200


def test_keys_have_their_own_rate_and_end(writable):
    token = sign_in(writable)
    made = writable.post("/v1/keys", json={"name": "mini", "scopes": ["feed"], "per_minute": 2}, headers=token).json()
    key = {"X-API-Key": made["secret"]}
    assert [writable.get("/v1/feed/miniprogram/open", headers=key).status_code for _ in range(3)] == [200, 200, 429]
    assert made["secret"] not in writable.get("/v1/keys").text
    writable.cookies.clear()
    assert writable.get("/v1/stations", headers={"X-API-Key": "gp_wrong"}).status_code == 401


def test_a_key_without_the_scope_does_not_plan(writable):
    token = sign_in(writable)
    feed = writable.post("/v1/keys", json={"name": "a", "scopes": ["feed"]}, headers=token).json()["secret"]
    planner = writable.post("/v1/keys", json={"name": "b", "scopes": ["planner"]}, headers=token).json()["secret"]
    writable.cookies.clear()
    assert writable.get("/v1/jobs", headers={"X-API-Key": feed}).status_code == 403
    assert writable.get("/v1/jobs", headers={"X-API-Key": planner}).status_code == 200


def test_a_plan_from_question_to_shared_link(writable):
    """Two of eight corners; a veto changes the answer; both are saved, compared, and one is shared."""
    token = sign_in(writable)

    def solve(**params: object) -> tuple[str, dict[str, object]]:
        asked = {"kind": "siting", "name": "试", "params": {"new_sites": 1, **params}}
        answer = writable.post("/v1/jobs", json=asked, headers=token)
        assert answer.status_code == 202, answer.text
        job = finished(writable, answer.json()["id"])
        assert job["status"] == "done", job
        return str(job["id"]), writable.get(f"/v1/jobs/{job['id']}/result").json()

    first, plan = solve()
    assert plan["certificate"]["status"] == "optimal"
    best = plan["projects"]["features"][0]["properties"]["site_id"]
    second, other = solve(veto=[best])
    assert other["projects"]["features"][0]["properties"]["site_id"] != best
    assert other["after"]["covered"] <= plan["after"]["covered"]
    with writable.stream("GET", f"/v1/jobs/{first}/events") as events:
        text = "".join(events.iter_text())
    assert text.startswith("event: end\n")
    assert json.loads(text.split("data: ", 1)[1].strip())["status"] == "done"

    ids = [
        writable.post("/v1/scenarios", json={"job_id": job, "name": name}, headers=token).json()["id"]
        for job, name in ((first, "甲"), (second, "乙"))
    ]
    compared = writable.get(f"/v1/scenarios/compare?ids={','.join(ids)}").json()
    assert compared["plans"][0]["only_here"] == [best]
    shared = writable.post(f"/v1/scenarios/{ids[0]}/share", json={"on": True}, headers=token).json()
    writable.cookies.clear()
    assert writable.get(shared["href"]).json()["result"]["certificate"]["status"] == "optimal"
    assert writable.get("/v1/shared/nothing").status_code == 404


def test_questions_that_do_not_fit_are_refused_before_they_wait(writable):
    token = sign_in(writable)
    for params in ({"new_sites": -1}, {"model": "magic"}, {"colour": "red"}):
        answer = writable.post("/v1/jobs", json={"kind": "siting", "params": params}, headers=token)
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["field"].startswith("params.")


def test_a_refused_question_names_its_field_and_says_it_in_chinese(writable):
    token = sign_in(writable)
    answer = writable.post("/v1/jobs", json={"kind": "siting", "params": {"model": "cflp"}}, headers=token)
    (fault,) = answer.json()["faults"]
    assert fault["field"] == "params.minute_cost"
    assert fault["problem_zh"].startswith("没有给出")
    assert fault["todo_zh"]


def test_every_declared_field_has_its_words_in_both_languages(writable):
    """A form is made of nothing but the declaration: label, help, unit, range, and the defaults of each model."""
    told = writable.get("/v1/questions").json()
    chinese = re.compile("[\u4e00-\u9fff]")
    for fields in told["questions"].values():
        for field in fields:
            assert chinese.search(field["zh"]), field
            assert chinese.search(field["help_zh"]), field
            assert not chinese.search(field["help"].replace("宜兴市", "")), field
    models = told["models"]
    assert set(models) == {*MODELS, "hours"}
    assert {model["kind"] for name, model in models.items() if name != "hours"} == {"siting"}
    assert models["lscp"]["defaults"]["new_sites"] is None  # as few as can be: no number is asked
    assert models["pmedian"]["defaults"]["farthest_s"] > 0
    assert "minute_cost" not in models["cflp"]["defaults"]  # nobody's time is priced where nobody has priced it


def test_a_question_about_what_the_city_does_not_have_is_refused_before_it_waits(writable):
    token = sign_in(writable)
    asked = {"kind": "siting", "params": {"new_sites": 1, "area": "999999"}}
    answer = writable.post("/v1/jobs", json=asked, headers=token)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "params.area"
    assert "没有区县 999999" in answer.json()["detail_zh"]


def test_a_question_that_the_city_cannot_answer_fails_with_its_reason(writable):
    token = sign_in(writable)
    asked = {"kind": "siting", "params": {"new_sites": 1, "veto": ["C1"], "force": ["C1"]}}
    job = finished(writable, writable.post("/v1/jobs", json=asked, headers=token).json()["id"])
    assert job["status"] == "failed"
    assert "required and forbidden" in str(job["error"])
    assert "既被必选又被否决" in str(job["error_zh"])
    with writable.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
        assert "既被必选又被否决" in "".join(events.iter_text())
    assert writable.get(f"/v1/jobs/{job['id']}/result").status_code == 409


def test_jobs_outlive_a_restart_and_a_dead_worker(tmp_path):
    store = JobStore(tmp_path)
    store.prepare()
    first, second = store.add("siting", "wang", {"new_sites": 1}), store.add("siting", "wang", {})
    assert store.claim("w1").id == first.id
    again = JobStore(tmp_path)  # the service starts anew: the running job goes back in line
    assert again.recover() == 1
    assert again.claim("w2").id == first.id
    assert again.recover("w2") == 0  # its second worker died too
    assert again.get(first.id).status == "failed"
    assert again.claim("w3").id == second.id
    again.ask_to_stop(second.id)
    assert again.note(second.id, {"step": "solving"}) is True
    again.recover("w3")
    assert again.get(second.id).status == "cancelled"
    waiting = again.add("coverage", "li", {})
    again.ask_to_stop(waiting.id)
    assert again.get(waiting.id).status == "cancelled"
    assert [job.owner for job in again.latest("li")] == ["li"]
    assert again.forget_old(keep_days=-1.0) == 3


def test_two_workers_never_take_the_same_job(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    store = JobStore(tmp_path)
    store.prepare()
    for _ in range(20):
        store.add("siting", "wang", {})
    with ThreadPoolExecutor(8) as pool:
        taken = [job.id for job in pool.map(lambda i: store.claim(f"w{i}"), range(30)) if job]
    assert len(taken) == len(set(taken)) == 20


@pytest.mark.parametrize("role", ["viewer", "editor", "reviewer"])
def test_each_role_stops_where_the_next_begins(writable, role):
    token = sign_in(writable, role)
    submit = writable.post("/v1/jobs", json={"kind": "coverage", "params": {}}, headers=token).status_code
    reports = writable.get("/v1/reports").status_code
    accounts = writable.get("/v1/accounts").status_code
    expected = {"viewer": (403, 403, 403), "editor": (202, 403, 403), "reviewer": (202, 200, 403)}
    assert (submit, reports, accounts) == expected[role]
