"""Every change is a revision; the past can be read, taken back, and not be altered."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from geoplan.errors import InputError
from geoplan.registry import (
    Conflict,
    Register,
    changes_since,
    find_station,
    head_revision,
    history,
    open_register,
    revisions,
    stations,
    to_frame,
    undo,
    writing,
)
from geoplan.registry.database import transaction
from geoplan.registry.record import checked_values
from geoplan.registry.schema import metadata

HERE = {"lon": 120.30, "lat": 31.57}


def add(register: Register, name: str, **values: Any) -> int:
    with writing(register, actor="anna", reason="new station") as writer:
        return writer.add({"name": name, **HERE, **values})


def edit(register: Register, number: int, **changes: Any) -> None:
    with writing(register, actor="ben", reason="site visit") as writer:
        writer.update(number, changes)


def test_migrations_make_exactly_the_declared_tables(register: Register) -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        # The geometry column and PostGIS's own table exist on PostgreSQL only.
        return name not in {"spatial_ref_sys", "geom", "ix_station_geom"}

    with register.engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type 'geometry'")
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_station_is_added_with_a_stable_id_and_code(register: Register) -> None:
    first, second = (
        add(register, "甲驿站", facilities=["water", "toilet"], contact_phone="13800000000"),
        add(register, "乙驿站"),
    )
    assert (first, second) == (1, 2)
    got = find_station(register, first)
    assert got is not None
    assert got["facilities"] == ("water", "toilet")
    assert got["station_code"] == "S000001"
    assert find_station(register, "S000002").id == 2  # type: ignore[union-attr]
    assert find_station(register, 99) is None


def test_history_says_who_when_what_and_why(register: Register) -> None:
    number = add(register, "甲驿站")
    edit(register, number, opening_hours="08:00-18:00", address="中山路1号")
    states = history(register, number)
    assert [(v.revision.actor, v.revision.reason, v.changed) for v in states][1] == (
        "ben", "site visit", ("address", "opening_hours")
    )  # fmt: skip
    assert states[0].station["address"] == ""
    assert states[1].station["address"] == "中山路1号"
    assert [r.stations for r in revisions(register)] == [1, 1]


def test_the_state_at_any_past_instant_is_read(register: Register) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    number = add(register, "甲驿站")
    added = history(register, number)[0].revision.at
    edit(register, number, name="甲甲驿站")
    with writing(register, actor="anna", reason="closed for good") as writer:
        writer.withdraw(number)
    assert stations(register, at=before) == []
    assert [s["name"] for s in stations(register, at=added)] == ["甲驿站"]
    assert stations(register) == []
    assert [s["name"] for s in stations(register, withdrawn=True)] == ["甲甲驿站"]
    assert find_station(register, number, at=added)["name"] == "甲驿站"  # type: ignore[index]
    with pytest.raises(InputError, match="time zone"):
        stations(register, at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_undo_takes_back_only_what_the_revision_changed(register: Register) -> None:
    number = add(register, "甲驿站")
    edit(register, number, address="错地址")
    wrong = head_revision(register)
    edit(register, number, opening_hours="24小时")
    undo(register, wrong, actor="anna", reason="wrong station")
    got = find_station(register, number)
    assert (got["address"], got["opening_hours"]) == ("", "24小时")  # type: ignore[index]
    assert revisions(register)[0].undoes == wrong
    undo(register, head_revision(register), actor="anna", reason="was right after all")
    assert find_station(register, number)["address"] == "错地址"  # type: ignore[index]


def test_undo_of_an_addition_withdraws_and_loses_nothing(register: Register) -> None:
    number = add(register, "甲驿站")
    undo(register, head_revision(register), actor="anna", reason="test entry")
    assert stations(register) == []
    assert find_station(register, number)["withdrawn"] is True  # type: ignore[index]
    with pytest.raises(InputError, match="changes nothing"):
        undo(register, 1, actor="anna", reason="again")


def test_undo_refuses_where_the_same_field_changed_since(register: Register) -> None:
    number = add(register, "甲驿站")
    edit(register, number, address="一")
    edit(register, number, address="二")
    with pytest.raises(Conflict, match="station 1"):
        undo(register, 2, actor="anna", reason="x")
    assert head_revision(register) == 3


def test_two_editors_do_not_overwrite_each_other(register: Register) -> None:
    number = add(register, "甲驿站")
    seen = find_station(register, number).revision  # type: ignore[union-attr]
    edit(register, number, address="一")
    with pytest.raises(Conflict), writing(register, actor="carl", reason="late") as writer:
        writer.update(number, {"address": "二"}, expected_revision=seen)
    assert find_station(register, number)["address"] == "一"  # type: ignore[index]


def test_a_failed_change_leaves_nothing_behind(register: Register) -> None:
    def two_at_once() -> None:
        with writing(register, actor="anna", reason="two at once") as writer:
            writer.add({"name": "甲驿站"})
            writer.add({"name": "乙驿站", "station_class": "huge"})

    with pytest.raises(InputError, match="huge"):
        two_at_once()
    assert head_revision(register) == 0
    assert stations(register, withdrawn=True) == []


def test_an_edit_that_changes_nothing_makes_no_revision(register: Register) -> None:
    number = add(register, "甲驿站")
    edit(register, number, name="甲驿站")
    assert head_revision(register) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"lon": None},
        {"lon": 500.0, "lat": 31.5},
        {"status": "open"},
        {"area_m2": -1.0},
        {"area_m2": float("nan")},
        {"opened_on": "2024-13-01"},
        {"opened_on": "last year"},
        {"facilities": "water"},
        {"facilities": ["sauna"]},
        {"nonsense": 1},
        {"street_facing": "yes"},
        {"station_code": "a b"},
        {"address": "x" * 5000},
    ],
)
def test_unusable_values_are_refused_by_field(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        checked_values({"name": "甲驿站", **HERE} | bad)
    assert set(caught.value.faults[0].field.split("/")) & set(bad)


def test_a_station_needs_a_name(register: Register) -> None:
    for name in ("", "  "):
        with pytest.raises(InputError, match="name"):
            add(register, name)
    number = add(register, "甲驿站")
    with pytest.raises(InputError, match="name"):
        edit(register, number, name=None)


def test_codes_are_unique_and_stable(register: Register) -> None:
    number = add(register, "甲驿站", station_code="WX-001")
    with pytest.raises(InputError, match="taken"):
        add(register, "乙驿站", station_code="WX-001")
    with pytest.raises(InputError, match="keeps its code"):
        edit(register, number, station_code="WX-002")


def test_who_and_why_are_required(register: Register) -> None:
    for actor, reason in (("", "x"), ("anna", " ")):
        with (
            pytest.raises(InputError, match="needs an actor and a reason"),
            writing(register, actor=actor, reason=reason),
        ):
            pass


def test_the_database_itself_refuses_to_lose_the_past(register: Register) -> None:
    add(register, "甲驿站")

    def run(statement: str) -> None:
        with transaction(register, write=True) as connection:
            connection.execute(sa.text(statement))

    for statement in (
        "DELETE FROM station",
        "DELETE FROM station_version",
        "DELETE FROM revision",
        "UPDATE revision SET reason = 'x'",
        "UPDATE station_version SET record = '{}'",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            run(statement)
    assert len(stations(register)) == 1


def test_a_follower_gets_what_changed_and_what_to_drop(register: Register) -> None:
    first, second, third = (add(register, name) for name in "甲乙丙")
    edit(register, second, address="新址")
    with writing(register, actor="anna", reason="gone") as writer:
        writer.withdraw(third)
        writer.update(first, {"lon": None, "lat": None})
    changes = changes_since(register, 3)
    assert [s.id for s in changes.changed] == [second]
    assert sorted(changes.dropped) == [first, third]
    assert changes.revision == head_revision(register)
    assert changes_since(register, changes.revision).changed == ()


def test_the_public_frame_has_no_contacts(register: Register) -> None:
    add(
        register,
        "甲驿站",
        contact_phone="13800000000",
        contact_person="某某",
        note="私下",
        facilities=["water", "seats"],
    )
    frame = to_frame(stations(register))
    assert not {"contact_phone", "contact_person", "note", "extra"} & set(frame.columns)
    assert "13800000000" not in frame.to_csv()
    assert frame["facilities"][0] == "water;seats"
    assert to_frame(stations(register), public=False)["contact_phone"][0] == "13800000000"


def test_only_located_operating_stations_are_public(register: Register) -> None:
    add(register, "甲")
    add(register, "乙", lon=None, lat=None)
    add(register, "丙", position_state="doubtful")
    add(register, "丁", status="planned")
    assert [s["name"] for s in stations(register, public_only=True)] == ["甲"]
    assert [s["position_state"] for s in stations(register)] == ["located", "unlocated", "doubtful", "located"]


def test_bbox_and_district(register: Register) -> None:
    add(register, "甲", district_code="320205")
    add(register, "乙", lon=120.5, lat=31.9)
    assert [s["name"] for s in stations(register, bbox=(120.0, 31.0, 120.4, 31.6))] == ["甲"]
    assert [s["name"] for s in stations(register, district_code="320205")] == ["甲"]
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert [s["name"] for s in stations(register, at=at, bbox=(120.0, 31.0, 120.4, 31.6), district_code="320205")] == [
        "甲"
    ]


def test_reopening_finds_everything(register_url: str) -> None:
    with open_register(register_url) as first:
        add(first, "甲驿站")
    with open_register(register_url) as second:
        assert [s["name"] for s in stations(second)] == ["甲驿站"]


def test_a_register_of_a_newer_version_is_refused(register: Register, register_url: str) -> None:
    with transaction(register, write=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="newer"):
        open_register(register_url)
