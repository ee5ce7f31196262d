"""What was not said: from the pack, then from the standard; what does not go together, in both languages."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.planning import City, CoverageQuestion, CubeQuestion, HourOption, PlanQuestion, answer, resolve
from geoplan.planning.question import EVERY_MODEL, declarations
from geoplan.standard import STANDARD

NOW = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
FRIDAY = date(2026, 11, 20)


def opened(folder: Path, extra: str = "") -> CityPack:
    path = folder / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    return CityPack.open(folder)


@pytest.fixture
def pack(tiny_pack):
    return opened(tiny_pack)


def faults(pack, asked):
    with pytest.raises(InputError) as refused:
        resolve(pack, asked, now=NOW)
    return refused.value.faults


def test_the_standard_stands_in_where_the_pack_is_silent(pack):
    asked = resolve(pack, CoverageQuestion(), now=NOW)
    assert (asked.profile, asked.limit_s, asked.radius_m, asked.k) == (
        STANDARD.profile,
        STANDARD.limit_s,
        STANDARD.radius_m,
        STANDARD.k,
    )
    assert (asked.at, asked.slice, asked.day, asked.trade, asked.area) == (None,) * 5


def test_the_pack_rules_the_standard_and_the_question_the_pack(tiny_pack):
    pack = opened(tiny_pack, "\n[defaults]\nlimit_s = 600\nradius_m = 500\nk = 3\n")
    asked = resolve(pack, CoverageQuestion(), now=NOW)
    assert (asked.limit_s, asked.radius_m, asked.k) == (600.0, 500.0, 3)
    said = resolve(pack, CoverageQuestion(limit_s=300.0, radius_m=800.0, k=2), now=NOW)
    assert (said.limit_s, said.radius_m, said.k) == (300.0, 800.0, 2)
    assert resolve(pack, PlanQuestion(), now=NOW).limit_s == 600.0
    assert resolve(pack, CubeQuestion(), now=NOW).limits_s == (600.0,)
    city = City(pack)
    assert answer(city, CoverageQuestion()).subject.limit_s == answer(city, PlanQuestion()).subject.limit_s == 600.0


def test_an_instant_is_of_the_citys_clock(tiny_pack):
    path = tiny_pack / "pack.toml"
    text = path.read_text(encoding="utf-8")
    zoned = re.sub(r'timezone = ".*"\n', "", text)
    path.write_text('timezone = "America/Sao_Paulo"\n' + zoned, encoding="utf-8")
    pack = CityPack.open(tiny_pack)
    asked = resolve(pack, CoverageQuestion(at=datetime(2026, 11, 20, 12, 30)))  # noqa: DTZ001 - the city's own clock
    assert asked.at is not None
    assert asked.at.isoformat() == "2026-11-20T12:30:00-03:00"
    there = resolve(pack, CoverageQuestion(at=datetime.fromisoformat("2026-11-20T23:30:00+08:00")))
    assert there.at == asked.at
    # half past twelve in Wuxi is half past one at night there, still the day before at half past ten
    night = datetime.fromisoformat("2026-11-21T09:30:00+08:00")
    assert resolve(pack, CoverageQuestion(slice="12-15"), now=night).day == FRIDAY
    assert answer(City(pack), CoverageQuestion(at=asked.at)).subject.at == "2026-11-20T12:30-03:00"


def test_a_slice_is_of_today_and_an_instant_of_no_day(pack):
    assert resolve(pack, CoverageQuestion(slice="12-15"), now=NOW).day == FRIDAY
    assert resolve(pack, PlanQuestion(robust=("06-12", "18-22")), now=NOW).day == FRIDAY
    assert resolve(pack, CoverageQuestion(at=NOW), now=NOW).day is None


def test_what_a_model_must_be_told_and_what_it_finds(pack):
    told = {"share": 0.5, "minute_cost": 1.0, "budget": 5.0, "hour_cost": 1.0, "all_day_cost": 9.0}
    for model in EVERY_MODEL:
        fits = {one.name for one in declarations(PlanQuestion) if not one.models or model in one.models}
        asked = PlanQuestion(
            model=model, **{k: v for k, v in told.items() if k in fits and (k != "budget" or model == "hours")}
        )
        found = resolve(pack, asked, now=NOW)
        assert (found.new_sites is not None) == (model not in ("lscp", "pscp", "cflp", "hours"))
        assert (found.farthest_s == 3600.0) == (model in ("pmedian", "pcenter", "cpmedian", "cflp"))
        assert found.reachable is (True if "reachable" in fits else None)
    assert resolve(pack, PlanQuestion(model="pmedian", limit_s=300.0), now=NOW).farthest_s == 300.0


CONFLICTS = [
    (CoverageQuestion(at=NOW, slice="12-15"), "slice"),
    (CoverageQuestion(day=FRIDAY), "day"),
    (CoverageQuestion(trade="courier"), "trade"),
    (CoverageQuestion(trade="pilot"), "trade"),
    (CoverageQuestion(facilities=("sauna",)), "facilities"),
    (CoverageQuestion(area="江阴市"), "area"),
    (CoverageQuestion(limit_s=0.0), "limit_s"),
    (CoverageQuestion(radius_m=float("nan")), "radius_m"),
    (CoverageQuestion(k=1), "k"),
    (CoverageQuestion(slice="noon"), "slice"),
    (CoverageQuestion(time_rule="most"), "time_rule"),
    (CoverageQuestion(facilities=("water",) * 21), "facilities"),
    (CubeQuestion(trades=("pilot",)), "trades"),
    (PlanQuestion(model="magic"), "model"),
    (PlanQuestion(new_sites=-1), "new_sites"),
    (PlanQuestion(years=(1, -1)), "years"),
    (PlanQuestion(floors={"*": 1.2}), "floors"),
    (PlanQuestion(quotas={"梁溪区": (3, 1)}), "quotas"),
    (PlanQuestion(decay=((600.0, 0.5), (300.0, 1.0))), "decay"),
    (PlanQuestion(force=("C9",)), "force"),
    (PlanQuestion(veto=("S1",)), "veto"),
    (PlanQuestion(exclusive=(("C1", "C9"),)), "exclusive"),
    (PlanQuestion(exclusive=(("C1",),)), "exclusive"),
    (PlanQuestion(floors={"江阴市": 0.5}), "floors"),
    (PlanQuestion(quotas={"江阴市": (1, 2)}), "quotas"),
    (PlanQuestion(model="lscp", new_sites=3), "new_sites"),
    (PlanQuestion(model="pscp"), "share"),
    (PlanQuestion(model="cflp"), "minute_cost"),
    (PlanQuestion(years=(1, 1), yearly_budgets=(5.0, 5.0)), "years"),
    (PlanQuestion(years=(1, 1), new_sites=3), "years"),
    (PlanQuestion(years=(1, 1), budget=3.0), "years"),
    (PlanQuestion(yearly_budgets=(1.0,), new_sites=3), "years"),
    (PlanQuestion(joint=True), "joint"),
    (PlanQuestion(years=(1, 1), year_weights=(1.0, 2.0)), "year_weights"),
    (PlanQuestion(years=(1, 1), joint=True, year_weights=(1.0,)), "year_weights"),
    (PlanQuestion(pareto=True, budget=3.0), "pareto"),
    (PlanQuestion(pareto=True, years=(1,)), "pareto"),
    (PlanQuestion(pareto=True, robust=("06-12", "18-22")), "model"),
    (PlanQuestion(robust=("06-12", "18-22"), floors={"*": 0.1}), "robust"),
    (PlanQuestion(robust=("06-12", "18-22"), weights={"a": np.ones(4), "b": np.ones(4)}), "robust"),
    (PlanQuestion(robust=("06-12", "18-22"), slice="12-15"), "robust"),
    (PlanQuestion(robust=("06-12",)), "robust"),
    (PlanQuestion(explain=True, cover_times=2), "cover_times"),
    (PlanQuestion(pareto=True, open_probability=0.5), "cover_times"),
    (PlanQuestion(decay=((300.0, 1.0),), limit_s=900.0), "decay"),
    (PlanQuestion(price_floors=True), "price_floors"),
    (PlanQuestion(near_best=True), "near_best"),
    (PlanQuestion(model="lscp", floors={"*": 0.5}, reachable=True), "reachable"),
    (PlanQuestion(model="hours", slices=("04-06", "22-06"), budget=1.0, hour_cost=1.0, all_day_cost=1.0), "slices"),
    (PlanQuestion(model="hours", slice="12-15", budget=1.0, hour_cost=1.0, all_day_cost=1.0), "slice"),
    (PlanQuestion(model="hours", hour_cost=1.0, all_day_cost=1.0), "budget"),
    (PlanQuestion(model="hours", budget=1.0, all_day_cost=1.0), "hour_cost"),
    (PlanQuestion(model="hours", budget=1.0, hour_cost=1.0), "all_day_cost"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "field"), CONFLICTS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_fault_has_its_field_and_both_languages(pack, asked, field):
    found = faults(pack, asked)
    assert field in {fault.field for fault in found}
    for fault in found:
        assert fault.problem
        assert fault.todo
        assert re.search(r"[\u4e00-\u9fff]", fault.problem_zh)
        assert re.search(r"[\u4e00-\u9fff]", fault.todo_zh)


def test_every_fault_is_told_at_once(pack):
    asked = PlanQuestion(
        new_sites=-1, force=("C9",), floors={"江阴市": 0.5, "*": 2.0}, trade="pilot", facilities=("sauna",), day=FRIDAY,
        share=0.5,
    )  # fmt: skip
    assert {fault.field for fault in faults(pack, asked)} == {
        "new_sites", "force", "floors", "trade", "facilities", "day", "share",
    }  # fmt: skip


def test_options_are_checked_row_by_row(pack):
    rows = (
        HourOption("S9", "late", ("18-22",), 1.0),
        HourOption("S2", "late", ("19-20",), float("nan"), "options.csv", 7),
    )
    found = faults(pack, PlanQuestion(model="hours", options=rows, budget=5.0))
    assert [(fault.file, fault.row, fault.field) for fault in found] == [
        ("options", 1, "site"),
        ("options.csv", 7, "slices"),
        ("options.csv", 7, "cost"),
    ]
    assert all(fault.problem_zh for fault in found)
    early = PlanQuestion(model="hours", options=(HourOption("S2", "early", ("04-06",), 1.0),), budget=5.0)
    assert resolve(pack, early, now=NOW).slices == ("04-06", "06-12", "12-15", "15-18", "18-22")
    narrow = PlanQuestion(
        model="hours", options=(HourOption("S2", "late", ("18-22",), 1.0),), slices=("12-15",), budget=1.0
    )
    assert "18-22 is not among those counted (12-15)" in faults(pack, narrow)[0].problem


SLICE = st.sampled_from(["04-06", "06-12", "12-15", "15-18", "18-22", "22-06"])
WHEN = st.one_of(
    st.just({}),
    st.builds(lambda at: {"at": at}, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1))),  # noqa: DTZ001
    st.builds(lambda code: {"slice": code}, SLICE),
    st.builds(lambda code, day: {"slice": code, "day": day}, SLICE, st.dates(date(2026, 1, 1), date(2026, 12, 1))),
)
MEASURE = st.fixed_dictionaries(
    {},
    optional={
        "limit_s": st.floats(1.0, 3600.0),
        "area": st.sampled_from(["梁溪区", "320213", "city"]),
        "facilities": st.lists(st.sampled_from(["water", "toilet"])).map(tuple),
        "time_rule": st.sampled_from(["mean", "whole"]),
        "trade": st.just("all"),
    },
)
OF_COVERAGE = st.fixed_dictionaries({}, optional={"radius_m": st.floats(1.0, 5000.0), "k": st.integers(2, 9)})
AIMS = st.sampled_from(
    [
        {},
        {"new_sites": 1},
        {"budget": 5.0},
        {"years": (1, 1)},
        {"years": (1, 1), "joint": True, "year_weights": (2.0, 1.0)},
        {"yearly_budgets": (3.0, 2.0)},
        {"pareto": True},
        {"floors": {"梁溪区": 0.5, "*": 0.1}},
        {"floors": {"*": 0.1}, "cover_times": 2},
        {"quotas": {"梁溪区": (0, 1)}},
        {"explain": True, "near_best": True},
        {"cover_times": 2},
        {"open_probability": 0.5},
        {"model": "lscp"},
        {"model": "lscp", "floors": {"*": 0.1}},
        {"model": "pscp", "share": 0.5, "by_cost": True},
        {"model": "pmedian"},
        {"model": "pcenter", "weighted": True, "reachable": False},
        {"model": "bacop1"},
        {"model": "bacop2", "backup_weight": 0.25},
        {"model": "cmclp", "capacity_workers": 20.0},
        {"model": "cpmedian", "capacity_workers": 20.0, "single_source": True},
        {"model": "cflp", "minute_cost": 1.5},
        {"force": ("C1",), "veto": ("C2",), "exclusive": (("C1", "C2"),)},
    ]
)
WHOLE = st.sampled_from(
    [
        {"robust": ("06-12", "18-22")},
        {"robust": ("06-12", "18-22"), "day": FRIDAY},
        {"decay": ((300.0, 1.0), (600.0, 0.5))},
        {"decay": ((300.0, 1.0), (600.0, 0.5)), "floors": {"*": 0.1}},
        {"model": "hours", "budget": 5.0, "hour_cost": 1.0, "all_day_cost": 9.0},
        {"model": "hours", "budget": 5.0, "options": (HourOption("S2", "late", ("18-22",), 1.0),)},
    ]
)
QUESTIONS = st.one_of(
    st.builds(lambda a, b, c: CoverageQuestion(**a, **b, **c), WHEN, MEASURE, OF_COVERAGE),
    st.builds(lambda a, b, c: PlanQuestion(**a, **b, **c), WHEN, MEASURE, AIMS),
    st.builds(lambda asked: PlanQuestion(**asked), WHOLE),
    st.builds(
        lambda k, limits, moments: CubeQuestion(k=k, limits_s=tuple(limits), moments=moments),
        st.integers(1, 5), st.lists(st.floats(1.0, 3600.0), max_size=3), st.sampled_from(["day", "week"]),
    ),
)  # fmt: skip


@given(asked=QUESTIONS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_resolving_again_changes_nothing(pack, asked):
    once = resolve(pack, asked, now=NOW)
    assert resolve(pack, once, now=NOW) == once
