"""Who may use a way, which way and how fast: the OSM wiki's rules, case by case."""

from __future__ import annotations

import pytest

from geoplan.network import PROFILES, Profile
from geoplan.network.graph.access import node_blocks, node_wait_s, parse_tags, way_access

WALK, BICYCLE, CAR = PROFILES["walk"], PROFILES["bicycle"], PROFILES["car"]
RIDE, PUSH = BICYCLE.speed_m_s, BICYCLE.push_speed_m_s


def tags(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split())


# tags                                                     forward and backward, as a share of walking speed
FOOT = [
    ("highway=residential", 1, 1),
    ("highway=residential oneway=yes", 1, 1),
    ("highway=footway", 1, 1),
    ("highway=footway oneway=yes", 1, 1),
    ("highway=footway oneway:foot=yes", 1, 0),
    ("highway=footway foot:backward=no", 1, 0),
    ("highway=footway foot:forward=no", 0, 1),
    ("highway=steps conveying=forward", 1, 0),
    ("highway=steps conveying=backward", 0, 1),
    ("highway=steps conveying=reversible", 1, 1),
    ("highway=cycleway", 1, 1),
    ("highway=cycleway foot=no", 0, 0),
    ("highway=cycleway bicycle=designated foot=use_sidepath", 0, 0),
    ("highway=path", 1, 1),
    ("highway=track", 1, 1),
    ("highway=pedestrian area=yes", 1, 1),
    ("highway=motorway", 0, 0),
    ("highway=motorway_link", 0, 0),
    ("highway=motorway access=yes", 0, 0),
    ("highway=motorway foot=yes", 1, 1),
    ("highway=trunk", 1, 1),
    ("highway=trunk motorroad=yes", 0, 0),
    ("highway=trunk motorroad=yes foot=yes", 1, 1),
    ("highway=trunk foot=no", 0, 0),
    ("highway=residential access=no", 0, 0),
    ("highway=residential access=private", 0, 0),
    ("highway=residential access=private foot=yes", 1, 1),
    ("highway=residential access=no foot=permissive", 1, 1),
    ("highway=residential access=destination", 1, 1),
    ("highway=residential access=customers", 1, 1),
    ("highway=residential vehicle=no", 1, 1),
    ("highway=residential motor_vehicle=private", 1, 1),
    ("highway=service service=parking_aisle", 1, 1),
    ("highway=construction", 0, 0),
    ("highway=construction foot=yes", 0, 0),
    ("highway=proposed", 0, 0),
    ("highway=abandoned", 0, 0),
    ("highway=raceway", 0, 0),
    ("highway=bus_guideway", 0, 0),
    ("highway=busway", 0, 0),
    ("highway=elevator", 1, 1),
    ("highway=corridor", 1, 1),
    ("railway=platform", 1, 1),
    ("man_made=pier", 1, 1),
    ("waterway=canal", 0, 0),
]

RIDING = [
    ("highway=residential", RIDE, RIDE),
    ("highway=cycleway", RIDE, RIDE),
    ("highway=residential oneway=yes", RIDE, PUSH),
    ("highway=residential oneway=-1", PUSH, RIDE),
    ("highway=residential oneway=yes foot=no", RIDE, 0),
    ("highway=residential oneway=yes oneway:bicycle=no", RIDE, RIDE),
    ("highway=residential oneway=yes cycleway=opposite_lane", RIDE, RIDE),
    ("highway=residential oneway=yes cycleway:left=opposite_track", RIDE, RIDE),
    ("highway=residential oneway=yes cycleway:right:oneway=no", RIDE, RIDE),
    ("highway=residential junction=roundabout", RIDE, PUSH),
    ("highway=footway", PUSH, PUSH),
    ("highway=footway bicycle=yes", RIDE, RIDE),
    ("highway=pedestrian", PUSH, PUSH),
    ("highway=path bicycle=dismount", PUSH, PUSH),
    ("highway=steps", PUSH, PUSH),
    ("highway=motorway", 0, 0),
    ("highway=trunk motorroad=yes", 0, 0),
    ("highway=residential bicycle=no foot=no", 0, 0),
    ("highway=residential vehicle=no bicycle=yes", RIDE, RIDE),
    ("highway=residential access=private", 0, 0),
]

DRIVING = [
    ("highway=residential", 25, 25),
    ("highway=residential oneway=yes", 25, 0),
    ("highway=residential oneway=-1", 0, 25),
    ("highway=residential oneway=no", 25, 25),
    ("highway=residential junction=roundabout", 25, 0),
    ("highway=motorway", 90, 0),
    ("highway=motorway oneway=no", 90, 90),
    ("highway=motorway maxspeed=80", 80, 0),
    ("highway=motorway maxspeed=120", 90, 0),
    ("highway=primary maxspeed=20_mph", 32.18688, 32.18688),
    ("highway=primary maxspeed=CN:urban", 45, 45),
    ("highway=primary maxspeed=none", 45, 45),
    ("highway=living_street maxspeed=walk", 7, 7),
    ("highway=footway", 0, 0),
    ("highway=footway motor_vehicle=yes", 30, 30),
    ("highway=pedestrian", 0, 0),
    ("highway=track", 0, 0),
    ("highway=residential motor_vehicle=no", 0, 0),
    ("highway=residential vehicle=no motorcar=yes", 25, 25),
    ("highway=service service=emergency_access", 0, 0),
    ("highway=residential access=destination", 25, 25),
]


@pytest.mark.parametrize(("text", "forward", "backward"), FOOT)
def test_on_foot(text, forward, backward):
    rule = way_access(tags(text), WALK)
    assert (rule.forward_m_s, rule.backward_m_s) == (forward * 1.2, backward * 1.2)


@pytest.mark.parametrize(("text", "forward", "backward"), RIDING)
def test_by_bicycle(text, forward, backward):
    rule = way_access(tags(text), BICYCLE)
    assert (rule.forward_m_s, rule.backward_m_s) == pytest.approx((forward, backward))


@pytest.mark.parametrize(("text", "forward", "backward"), DRIVING)
def test_by_car(text, forward, backward):
    found = tags(text)
    if "maxspeed" in found:
        found["maxspeed"] = found["maxspeed"].replace("_", " ")
    rule = way_access(found, CAR)
    assert (rule.forward_m_s * 3.6, rule.backward_m_s * 3.6) == pytest.approx((forward, backward))


def test_ferry_carries_but_no_place_connects_to_it():
    rule = way_access(tags("route=ferry"), WALK)
    assert rule.forward_m_s > 0
    assert not rule.snaps
    assert way_access(tags("route=ferry foot=no"), WALK).forward_m_s == 0
    assert way_access(tags("route=ferry access=private"), WALK).forward_m_s == 0


def test_steps_take_longer_by_the_stairs_factor():
    slow = Profile("x", stairs_factor=2.0)
    assert way_access(tags("highway=steps"), slow).forward_m_s == 0.6
    assert way_access(tags("highway=footway"), slow).forward_m_s == 1.2


def test_top_speed_caps():
    fast = Profile.from_table({"base": "e_bike", "speed_km_h": 40})
    assert way_access(tags("highway=residential"), fast).forward_m_s == pytest.approx(25 / 3.6)


def test_without_pushing_a_footway_is_closed_to_bicycles():
    rider = Profile.from_table({"base": "bicycle", "push_speed_m_s": 0})
    assert way_access(tags("highway=footway"), rider).forward_m_s == 0


@pytest.mark.parametrize(
    ("text", "walk", "bicycle", "car"),
    [
        ("barrier=gate", False, False, False),
        ("barrier=bollard", False, False, True),
        ("barrier=block", False, False, True),
        ("barrier=cycle_barrier", False, False, True),
        ("barrier=stile", False, True, True),
        ("barrier=kissing_gate", False, True, True),
        ("barrier=fence", True, True, True),
        ("barrier=wall", True, True, True),
        ("barrier=gate;access=private", True, True, True),
        ("barrier=gate;access=no;foot=yes", False, False, True),
        ("barrier=gate;access=no;bicycle=yes", True, False, True),
        ("barrier=gate;locked=yes", True, True, True),
        ("barrier=gate;motor_vehicle=private", False, False, True),
        ("barrier=bollard;motor_vehicle=yes", False, False, False),
        ("barrier=entrance", False, False, False),
        ("barrier=toll_booth", False, False, False),
        ("barrier=lift_gate", False, False, False),
        ("highway=crossing", False, False, False),
        ("highway=traffic_signals;access=no", False, False, False),
    ],
)
def test_barriers_on_nodes(text, walk, bicycle, car):
    found = parse_tags(text)
    assert (node_blocks(found, WALK), node_blocks(found, BICYCLE), node_blocks(found, CAR)) == (walk, bicycle, car)


def test_waits_at_nodes():
    patient = Profile("x", signal_wait_s=25, crossing_wait_s=5)
    assert node_wait_s(parse_tags("highway=traffic_signals"), patient) == 25
    assert node_wait_s(parse_tags("highway=crossing;crossing=traffic_signals"), patient) == 25
    assert node_wait_s(parse_tags("highway=crossing;crossing=uncontrolled"), patient) == 5
    assert node_wait_s(parse_tags("barrier=gate"), patient) == 0
    assert node_wait_s(parse_tags("highway=traffic_signals"), WALK) == 0
