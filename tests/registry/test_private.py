"""No mobile number stays where the public may read, whichever way it was written and whoever wrote it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.registry import Register, find_station, open_register, stations, to_frame, undo, writing
from geoplan.registry.private import hide_mobiles, take_mobiles
from geoplan.registry.review import decide_review
from geoplan.registry.schema import review_item

NUMBER = st.from_regex(r"\A1[3-9][0-9]{9}\Z").filter(str.isascii)
GAPS = st.sampled_from(["", " ", "  ", "-", ".", "·", " - ", "\u3000", "\u00a0", "\u200b", "－", "．", "/"])
SIGNS = ["0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "٠١٢٣٤٥٦٧٨٩"]
PREFIX = st.sampled_from(["", "+86", "+86 ", "＋８６-", "0086", "86 ", "86", "(+86)", "0"])
WORDS = st.text(st.sampled_from("中山路号门卫张三找他、。，:：电话 tel"), max_size=8)


@st.composite
def writings(draw: st.DrawFn) -> tuple[str, str]:
    """A mobile number and one of its writings inside some words."""
    number = draw(NUMBER)
    signs = draw(st.sampled_from(SIGNS))
    spelt = signs.startswith("〇")
    gap = draw(GAPS)
    cuts = draw(st.sampled_from([(), (3, 7), (3, 6), (5,), tuple(range(1, 11))]))
    written = "".join((gap if i in cuts else "") + signs[int(digit)] for i, digit in enumerate(number))
    before = draw(WORDS) + ("" if spelt else draw(PREFIX))
    return number, before + written + ("号" if spelt else "") + draw(WORDS)


def digits_of(text: str) -> str:
    folded = "".join(str(unicodedata.digit(sign, sign)) for sign in text)
    return re.sub(
        r"[^0-9]",
        "",
        "".join(str("〇一二三四五六七八九".find(s)) if s in "〇一二三四五六七八九" else s for s in folded),
    )


@given(writings())
@settings(max_examples=600, deadline=None)
def test_every_writing_is_found(case: tuple[str, str]) -> None:
    number, text = case
    rest, found = take_mobiles(text)
    assert found == (number,)
    assert number not in digits_of(rest)
    assert take_mobiles(rest)[1] == ()


@given(st.lists(writings(), min_size=2, max_size=3))
@settings(max_examples=100, deadline=None)
def test_nothing_is_left_when_numbers_meet(cases: list[tuple[str, str]]) -> None:
    inside = cases[0][0][:5] + cases[1][1] + cases[0][0][5:]
    assert take_mobiles(hide_mobiles(inside))[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "0510-82345678",
        "（0510）8234 5678",
        "400-820-8820",
        "12351",
        "编号3202131381234567890",
        "24小时",
        "08:30-17:30",
        "06-12, 12-15, 15-18, 18-22",
        "2024-03-19",
        "中山路138号15幢1301-1305室",
        "锡沪路1388号 13-15-17幢",
        "周一至周五 9:00-11:30 13:00-17:00",
    ],
)
def test_what_is_no_mobile_stays(text: str) -> None:
    assert take_mobiles(text) == (text, ())


FORMS = ("13812345678", "１３８１２３４５６７８", "+86 138 1234 5678", "138.1234.5678", "86-138-1234-5678")
TEXTS = (
    "name",
    "address",
    "entrance_note",
    "host_name",
    "union_unit",
    "brand",
    "public_phone",
    "opening_hours",
    "origin",
)


def public_text(register: Register) -> str:
    items = stations(register, withdrawn=True)
    shown = [item.values[name] for item in items for name in (*TEXTS, "services", "honours", "station_code")]
    return digits_of(" | ".join(map(str, shown)) + to_frame(items, public=True).to_csv())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", [*TEXTS, "services"])
def test_an_edit_moves_a_mobile_to_the_contact(tmp_path: Any, form: str, field: str) -> None:
    with open_register(tmp_path / "r.db") as register:
        with writing(register, actor="a", reason="new") as writer:
            number = writer.add({"name": "中山路驿站", "contact_phone": "0510-1"})
        words = f"找张三{form}开门"
        with writing(register, actor="a", reason="edit") as writer:
            writer.update(number, {field: [words] if field == "services" else words})
        found = find_station(register, number)
        assert found is not None
        assert "13812345678" not in public_text(register)
        assert found["contact_phone"] == "0510-1;13812345678"


def test_adding_undoing_and_reviewing_go_the_same_way(register: Register) -> None:
    with writing(register, actor="a", reason="new") as writer:
        number = writer.add({"name": "驿站１３８１２３４５６７８", "station_code": "13812345678"})
        writer.connection.execute(
            review_item.insert().values(kind="hours", state="open", station_id=number, details={}, created_at=writer.at)
        )
    assert "13812345678" not in public_text(register)
    # as an older version wrote it: straight into the table and its past
    with writing(register, actor="a", reason="old") as writer:
        from geoplan.registry import write

        keep = write.keep_mobiles_private
        write.keep_mobiles_private = lambda changes, contact="": dict(changes)
        try:
            writer.update(number, {"address": "找张三138 1234 5678"})
        finally:
            write.keep_mobiles_private = keep
    assert "13812345678" not in digits_of(to_frame(stations(register), public=True).to_csv())
    with writing(register, actor="a", reason="right") as writer:
        writer.update(number, {"address": "中山路1号"})
    undo(register, 3, actor="a", reason="back to what was wrong")
    assert "13812345678" not in public_text(register)
    decide_review(register, 1, "edit", actor="a", changes={"host_name": "农行 +86-139-1234-5678"})
    assert "13912345678" not in public_text(register)
    assert find_station(register, number)["contact_phone"] == "13812345678;13912345678"  # type: ignore[index]
