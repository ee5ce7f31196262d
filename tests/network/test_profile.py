"""Profiles are small data: built in, from a table of pack.toml, checked whole."""

from __future__ import annotations

import math

import pytest

from geoplan.errors import InputError
from geoplan.network import PROFILES, Profile


def test_built_in_speeds():
    assert PROFILES["walk"].speed_m_s == 1.2
    assert PROFILES["elderly"].speed_m_s == 1.0
    assert PROFILES["bicycle"].speed_m_s == pytest.approx(12 / 3.6)
    assert PROFILES["e_bike"].speed_m_s == pytest.approx(15 / 3.6)
    assert PROFILES["e_bike"].top_speed_m_s == pytest.approx(25 / 3.6)
    assert PROFILES["car"].obeys_oneway
    assert not PROFILES["walk"].obeys_oneway
    assert all(profile.access_speed_m_s <= 1.2 for profile in PROFILES.values())
    assert all(name == profile.name for name, profile in PROFILES.items())


def test_table_of_a_pack():
    profile = Profile.from_table(
        {"base": "e_bike", "name": "骑手", "speed_km_h": 20, "signal_wait_s": 25, "class_speed_km_h": {"service": 10}}
    )
    assert profile.name == "骑手"
    assert profile.mode == "bicycle"
    assert profile.speed_m_s == pytest.approx(20 / 3.6)
    assert profile.signal_wait_s == 25.0
    assert profile.class_speed_m_s["service"] == pytest.approx(10 / 3.6)
    assert profile.top_speed_m_s == PROFILES["e_bike"].top_speed_m_s


def test_table_keeps_what_its_base_says_of_other_classes():
    car = Profile.from_table({"base": "car", "class_speed_km_h": {"primary": 50}})
    assert car.class_speed_m_s["primary"] == pytest.approx(50 / 3.6)
    assert car.class_speed_m_s["motorway"] == pytest.approx(90 / 3.6)


@pytest.mark.parametrize("name", list(PROFILES))
def test_to_table_and_back(name):
    assert Profile.from_table(PROFILES[name].to_table()) == PROFILES[name]


def test_all_faults_at_once():
    with pytest.raises(InputError) as error:
        Profile.from_table({"base": "wlak", "speeed_m_s": 1.0, "stairs_factor": "two", "obeys_oneway": 1})
    text = str(error.value)
    assert len(error.value.faults) == 4
    for said in ("'wlak' is not known", "speeed_m_s", "'two' is of the wrong kind", "obeys_oneway"):
        assert said in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("speed_m_s", 0.0), ("speed_m_s", -1.0), ("speed_m_s", math.nan), ("mode", "swim"), ("signal_wait_s", -1.0),
        ("ferry_wait_s", math.inf), ("class_speed_m_s", {"primary": 0.0}), ("max_snap_m", 0.0),
    ],
)  # fmt: skip
def test_impossible_values_are_said(key, value):
    with pytest.raises(InputError, match=key):
        Profile("x", **{key: value})


def test_is_frozen():
    with pytest.raises(AttributeError):
        PROFILES["walk"].speed_m_s = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        PROFILES["car"].class_speed_m_s["primary"] = 1.0  # type: ignore[index]
