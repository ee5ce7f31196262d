"""Forms and query parameters are the library's declarations; what figures are measured by is the pack's."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
from fastapi.testclient import TestClient
from geoplan_api import Settings, create_app
from geoplan_api.asking import COVERAGE, CUBE, FORMS, beyond
from geoplan_api.city.searches import _KEPT, Analyst
from geoplan_api.http.routes.documents import yardstick
from geoplan_api.settings import LimitSettings

from geoplan.errors import InputError
from geoplan.pack import CityPack, read_manifest, write_manifest
from geoplan.planning import CoverageQuestion, HourOption, PlanQuestion, answer, declarations, given, resolve
from geoplan.planning.question import HOURS
from tests.api.conftest import sign_in, town_settings, write_town
from tests.api.test_desk import finished

VALUES = {
    "profile": "walk", "limit_s": 700.0, "at": "2026-11-20T12:30:00+08:00", "slice": "12-15", "day": "2026-11-20",
    "time_rule": "whole", "trade": "courier", "facilities": ["toilet"], "area": "320201", "model": "bacop2",
    "new_sites": 3, "budget": 4.5, "share": 0.9, "by_cost": True, "cover_times": 2,
    "decay": [[300.0, 1.0], [600.0, 0.5]],
    "open_probability": 0.8, "backup_weight": 0.4, "weighted": True, "capacity_workers": 90.0, "single_source": True,
    "minute_cost": 0.5, "farthest_s": 1800.0, "reachable": False, "spacing_m": 100.0, "force": ["C1"], "veto": ["C2"],
    "exclusive": [["C3", "C4"]], "floors": {"*": 0.5}, "quotas": {"320201": [1, None]}, "years": [1, 2],
    "yearly_budgets": [1.0], "joint": True, "year_weights": [1.0, 2.0], "pareto": True, "robust": ["06-12", "22-06"],
    "explain": True, "near_best": True, "price_floors": True, "slices": ["12-15"], "hour_cost": 1.0,
    "all_day_cost": 9.0, "options": [{"site": "S1", "option": "later", "slices": ["all"], "cost": 2.0}],
    "time_limit_s": 5.0, "stop_gap": 0.1, "radius_m": 800.0, "k": 3, "profiles": ["walk"], "moments": "week",
    "bundles": ["toilet"], "trades": ["courier"], "limits_s": [600.0], "levels": ["city"],
}  # fmt: skip


@pytest.mark.parametrize("form", [COVERAGE, CUBE, *FORMS.values()], ids=lambda form: form.title)
def test_every_declared_field_is_on_its_form_and_comes_back(form):
    asked = {one.name: VALUES[one.name] for one in form.declared}
    if form is FORMS["hours"]:
        asked["new_sites"] = False  # the field `build`, under the name that callers know
    filled = form.model.model_validate(asked)
    question = form.asked(filled)
    meant = {form.names.get(name, name): value for name, value in asked.items()}
    assert given(question) == meant | dict(form.fixed)
    stored = filled.model_dump(mode="json", exclude_defaults=True)  # as a job keeps it
    assert form.read(stored) == question
    assert form.model.model_validate({}).model_dump(exclude_defaults=True) == {}
    assert form.read({}) == form.question(**form.fixed)


def test_no_public_field_is_left_out():
    of_plans = {one.name for one in declarations(PlanQuestion) if not one.private}
    on_forms = {
        FORMS[kind].names.get(one.name, one.name) for kind in ("siting", "hours") for one in FORMS[kind].declared
    }
    assert on_forms == of_plans


def test_now_is_the_moment_of_the_question_not_of_the_job():
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    question = FORMS["siting"].read({"at": "now"})
    assert before <= question.at <= datetime.now(UTC)
    changed = FORMS["hours"].read({"options": [{"site": "S1", "option": "x", "slices": ["12-15"], "cost": 1}]})
    assert changed.options == (HourOption("S1", "x", ("12-15",), 1.0),)
    assert changed.model == HOURS


def test_the_services_own_bounds_are_told_by_field():
    limits = LimitSettings(max_limit_s=1800.0, max_new_sites=50)
    for params, field in (
        ({"limit_s": 1801}, "limit_s"),
        ({"decay": [[60, 1], [2000, 0.5]]}, "decay"),
        ({"new_sites": 51}, "new_sites"),
    ):
        (fault,) = beyond(FORMS["siting"], FORMS["siting"].read(params), limits)
        assert fault.field == field
        assert "不能大于" in fault.sentence("zh")
    assert beyond(FORMS["hours"], FORMS["hours"].read({"new_sites": True}), limits) == []
    (fault,) = beyond(CUBE, CUBE.read({"limits_s": [600, 2400]}), limits)
    assert fault.field == "limits_s"


def test_questions_say_what_the_city_is_asked_by_default(client):
    told = client.get("/v1/questions").json()["questions"]
    assert set(told) == {"coverage", "cube", "siting", "hours"}
    siting = {one["name"]: one for one in told["siting"]}
    plan = client.get("/v1/plan").json()
    assert (
        siting["new_sites"]["default"]
        == plan["question"]["new_sites"]
        == client.get("/v1/meta").json()["defaults"]["new_sites"]
    )
    assert siting["limit_s"]["default"] == 900.0
    assert siting["minute_cost"]["models"] == ["cflp"]
    assert "hours" not in siting["model"]["choices"]
    assert {one["name"]: one["default"] for one in told["hours"]}["slices"] == [
        "06-12",
        "12-15",
        "15-18",
        "18-22",
        "22-06",
    ]
    for fields in told.values():
        for one in fields:
            assert one["zh"]
            assert one["en"]
            assert one["help"]
            assert {"kind", "unit", "low", "high", "default"} <= set(one)
    documented = client.get("/v1/openapi.json").json()["paths"]["/v1/coverage"]["get"]["parameters"]
    assert {one["name"] for one in documented} >= {one["name"] for one in told["coverage"]}


@pytest.mark.parametrize("name", ["limit_s", "radius_m", "k", "new_sites"])
def test_a_measure_set_for_the_service_is_refused_and_says_where_it_belongs(monkeypatch, name):
    monkeypatch.setenv(f"GEOPLAN_ANALYSIS__{name.upper()}", "7")
    with pytest.raises(InputError) as refused:
        Settings()
    said = str(refused.value)
    assert f"GEOPLAN_ANALYSIS__{name.upper()}" in said
    assert f"{name} under [defaults]" in said
    assert "pack.toml" in said


def test_a_wrong_setting_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("GEOPLAN_LIMITS__MAX_STATIONS", "many")
    with pytest.raises(InputError, match="GEOPLAN_LIMITS__MAX_STATIONS"):
        Settings()


@pytest.fixture(scope="module")
def short_pack(tmp_path_factory):
    """The town with measures of its own: 10 minutes, 500 m, three stations, two new sites."""
    pack = write_town(tmp_path_factory.mktemp("packs") / "short")
    manifest = read_manifest(pack)
    defaults = replace(manifest.defaults, limit_s=600.0, radius_m=500.0, k=3, new_sites=2)
    write_manifest(replace(manifest, defaults=defaults), pack)
    return pack


def test_every_door_measures_by_the_pack(short_pack, tmp_path):
    """The library's figures are the service's, the job's and the ready plan's, to the last digit."""
    with TestClient(create_app(town_settings(short_pack, tmp_path / "s"))) as client:
        city = client.app.state.live.state.city
        truth = answer(city, CoverageQuestion()).to_dict()
        told = client.get("/v1/coverage").json()
        assert told["areas"] == truth["areas"]
        assert [told["subject"][name] for name in ("limit_s", "radius_m", "k")] == [600.0, 500.0, 3]
        defaults = client.get("/v1/meta").json()["defaults"]
        assert [defaults[name] for name in ("limit_s", "radius_m", "k", "new_sites")] == [600.0, 500.0, 3, 2]
        cell = client.get("/v1/coverage/cube").json()
        assert cell["axes"]["limit_s"] == [600.0]
        assert cell["axes"]["k"] == [1, 2, 3]
        assert cell["covered"][0][0][0][0][0][0][0] == told["areas"][0]["tests"]["network"]["any"]["covered"]
        area = client.get("/v1/stations/S1/service-area").json()
        assert [feature["properties"]["limit_s"] for feature in area["features"]] == [600.0]
        ready = client.get("/v1/plan").json()
        assert ready["certificate"]["sites"] == 2
        token = sign_in(client)
        made = client.post("/v1/jobs", json={"kind": "siting", "params": {}}, headers=token).json()["id"]
        assert finished(client, made)["status"] == "done"
        job = client.get(f"/v1/jobs/{made}/result").json()
        for name in ("before", "after", "areas", "projects"):
            assert job[name] == ready[name]
        assert job["before"]["covered"] == told["areas"][0]["tests"]["network"]["any"]["covered"]


def test_a_slice_is_the_same_figure_in_coverage_job_and_report(town, tmp_path):
    """Before anything is built, a plan for a slice covers what coverage says of that slice: its worker-time mean."""
    about = {"slice": "18-22", "day": "2026-11-20", "trade": "courier", "area": "320202", "limit_s": 600.0}
    with TestClient(create_app(town_settings(town, tmp_path / "s"))) as client:
        told = client.get("/v1/coverage", params=about).json()
        (area,) = told["areas"]
        figure = area["tests"]["network"]["at"]
        token = sign_in(client)
        params = {"new_sites": 1, **about}
        made = client.post("/v1/jobs", json={"kind": "siting", "params": params}, headers=token).json()["id"]
        assert finished(client, made)["status"] == "done"
        plan = client.get(f"/v1/jobs/{made}/result").json()
        assert plan["before"]["covered"] == pytest.approx(figure["covered"], rel=1e-12)
        assert plan["subject"]["demand_total"] == pytest.approx(figure["demand"], rel=1e-12)
        asked = resolve(client.app.state.live.state.city.pack, yardstick(plan))
        assert given(asked) == given(resolve(client.app.state.live.state.city.pack, COVERAGE.read(about)))
        words = docx.Document(io.BytesIO(client.get(f"/v1/jobs/{made}/report.docx?lang=en").content))
        text = "\n".join(line.text for line in words.paragraphs)
        assert f"On the streets {figure['share']:.1%}" in text


def test_what_the_defaults_need_stays_however_many_limits_are_asked(town, tmp_path):
    pack = CityPack.open(town)
    settings = town_settings(town, tmp_path / "s")
    with TestClient(create_app(settings)) as client:
        state = client.app.state.live.state
        analyst = Analyst(pack, state.folder / "networks")
        city = analyst.city(state.stations)
        assert analyst.city(state.stations) is city
        answer(city, CoverageQuestion())
        first = [
            city.reach("walk", 900.0),
            city.circle(1000.0),
            city.ways("walk", 900.0),
            city.sites(),
            city.network("walk"),
        ]
        for number in range(2 * _KEPT):
            analyst.keep(("other", number), object)
        again = [
            city.reach("walk", 900.0),
            city.circle(1000.0),
            city.ways("walk", 900.0),
            city.sites(),
            city.network("walk"),
        ]
        assert all(a is b for a, b in zip(first, again, strict=True))
        assert analyst.city(state.stations) is city
        assert analyst.kept(("other", 0)) is None
        changed = replace(state.stations, version=state.stations.version + 1)
        fresh = analyst.city(changed)
        assert fresh.version != city.version
        assert fresh.network("walk") is city.network("walk")  # streets do not follow the register
        for number in range(2 * _KEPT):
            analyst.keep(("another", number), object)
        assert analyst.kept((state.stations.version, "city")) is None  # of the old register nothing need stay


def test_an_empty_list_asks_for_what_is_asked_without_one(client):
    whole = client.get("/v1/coverage/cube", params={"day": "2026-11-20"}).json()
    for name in ("trades", "bundles", "levels", "profiles"):
        got = client.get("/v1/coverage/cube", params={"day": "2026-11-20", name: " "})
        assert got.status_code == 200, (name, got.text)
        assert got.json()["demand"] == whole["demand"]
