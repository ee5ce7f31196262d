"""Masks over a register, and slices of the day."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from geoplan.errors import InputError
from geoplan.hours import SLICES, open_mask, open_share, parse_hours, slice_hours, slice_state
from geoplan.hours.stations import open_parts

AT = datetime.fromisoformat
REGISTER = pd.DataFrame(
    {
        "station_code": ["day", "night", "work", "mute", "shut"],
        "opening_hours": ["8:00-20:00", "22:00-6:00", "工作日 9:00-17:00", "请电话咨询", "24小时"],
        "status": ["operating", None, "", "operating", "closed"],
    }
)


def test_an_instant():
    mask = open_mask(REGISTER, AT("2025-03-05T10:00"))
    assert mask.open.tolist() == [True, False, True, False, False]
    assert mask.unknown.tolist() == [False, False, False, True, False]
    assert mask.at == "2025-03-05T10:00+08:00"
    assert mask.unparsed["station_code"].tolist() == ["mute"]
    assert mask.notes == ()


def test_regardless_of_hours_every_operating_station_counts():
    assert open_mask(REGISTER).open.tolist() == [True, True, True, True, False]
    assert open_mask(REGISTER).at == "any"


def test_beyond_the_calendar_is_said():
    mask = open_mask(REGISTER, AT("2099-03-04T10:00"))
    assert mask.open.tolist() == [True, False, False, False, False]
    assert mask.unknown.tolist() == [False, False, True, True, False]
    assert "1 stations whose hours depend on it cannot be decided" in mask.notes[0]


def test_a_register_without_hours_is_unknown_not_closed():
    mask = open_mask(REGISTER[["station_code"]], AT("2025-03-05T10:00"))
    assert not mask.open.any()
    assert mask.unknown.all()


def test_an_empty_register():
    mask = open_mask(REGISTER.iloc[:0], AT("2025-03-05T10:00"))
    assert len(mask.open) == len(mask.unparsed) == 0


def test_slices():
    day = date(2025, 3, 5)
    assert sum(slice_hours(code) for code in SLICES) == 26  # 04-06 is counted within 22-06 as well
    assert open_share(parse_hours("23:00-6:00"), day, "22-06") == pytest.approx(7 / 8)
    assert slice_state(parse_hours("22:00-6:00"), day, "22-06") == "open"
    assert slice_state(parse_hours("23:00-6:00"), day, "22-06") == "closed"
    assert slice_state(parse_hours("见公告"), day, "12-15") == "unknown"
    # the night that starts on Friday ends on Saturday
    assert slice_state(parse_hours("Mo-Fr 00:00-24:00"), date(2025, 3, 7), "22-06") == "closed"
    with pytest.raises(InputError, match="time slice '12-14' is not known"):
        slice_hours("12-14")


def test_a_slice_is_cut_where_stations_change():
    register = pd.DataFrame({"opening_hours": ["7:00-20:00", "9:00-11:30", "24小时", "见公告"]})
    parts = open_parts(register, date(2025, 3, 5), 360, 720)
    found = {tuple(state.open): share for state, share in parts}
    assert found == {
        (False, False, True, False): pytest.approx(1 / 6),
        (True, False, True, False): pytest.approx(2.5 / 6),  # 7:00-9:00 and 11:30-12:00
        (True, True, True, False): pytest.approx(2.5 / 6),
    }
    assert all(state.unknown.tolist() == [False, False, False, True] for state, _ in parts)
    assert len(open_parts(register.iloc[:0], date(2025, 3, 5), 360, 720)) == 1
