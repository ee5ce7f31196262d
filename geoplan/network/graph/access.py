"""Which streets a profile may use, in which direction and how fast, from OSM tags.

The rules are those of the OSM wiki: the most specific access tag decides (``foot`` before ``access``; ``bicycle``
before ``vehicle`` before ``access``; ``motorcar`` before ``motor_vehicle`` before ``vehicle`` before ``access``), the
street class where none is given, ``oneway`` binds vehicles and not people on foot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geoplan.network.profile import Mode, Profile
from geoplan.sources.ways import words

__all__ = ["TAGS", "WayAccess", "node_blocks", "node_wait_s", "parse_tags", "street_class", "way_access"]

_KEYS: Final[Mapping[Mode, tuple[str, ...]]] = {
    "foot": ("foot", "access"),
    "bicycle": ("bicycle", "vehicle", "access"),
    "motor_vehicle": ("motorcar", "motor_vehicle", "vehicle", "access"),
}
_DENIED: Final = words(
    "no private permit military emergency restricted delivery agricultural forestry agricultural;forestry "
    "use_sidepath none"
)
_ALLOWED: Final = words("yes designated permissive official destination customers true 1 public")
_ONEWAY: Final = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}

# Barriers on a node that stop a mode where the node has no access tag of its own.
_STOPS: Final[Mapping[Mode, frozenset[str]]] = {
    "foot": words(
        "fence wall hedge retaining_wall city_wall"
    ),
    "bicycle": words(
        "fence wall hedge retaining_wall city_wall stile turnstile full-height_turnstile kissing_gate"
    ),
    "motor_vehicle": words(
        "fence wall hedge retaining_wall city_wall stile turnstile full-height_turnstile kissing_gate bollard "
        "block cycle_barrier motorcycle_barrier bus_trap jersey_barrier chain horse_stile planter log debris"
    ),
}  # fmt: skip

# Every way tag that a rule below reads.
TAGS: Final = (
    "highway", "route", "railway", "man_made", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar",
    "oneway", "oneway:foot", "oneway:bicycle", "foot:forward", "foot:backward", "bicycle:forward", "bicycle:backward",
    "cycleway", "cycleway:left", "cycleway:right", "cycleway:left:oneway", "cycleway:right:oneway", "junction",
    "motorroad", "conveying", "service", "maxspeed", "tunnel", "bridge", "area",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WayAccess:
    """How a profile uses a way.

    Parameters
    ----------
    forward_m_s, backward_m_s : float
        Speed along and against the way's direction, 0 where not allowed; for a ferry, its default speed.
    snaps : bool
        Whether a place may be connected along it; not along a ferry.
    """

    forward_m_s: float
    backward_m_s: float
    snaps: bool


_CLOSED: Final = WayAccess(0.0, 0.0, False)
_FERRY_M_S: Final = 10.0 / 3.6  # where the way has no duration


def street_class(tags: Mapping[str, str]) -> str:
    """Return the class of a way: its ``highway`` value, or ferry, platform or pier."""
    if tags.get("route") == "ferry":
        return "ferry"
    if "highway" in tags:
        return tags["highway"]
    if tags.get("railway") == "platform":
        return "platform"
    return "pier" if tags.get("man_made") == "pier" else ""


# Classes that nobody travels on, whatever else they are tagged with.
NEVER: Final = words(
    "construction proposed planned abandoned disused razed demolished dismantled raceway bus_guideway no "
    "rest_area services"
)


def _permission(tags: Mapping[str, str], mode: Mode) -> bool | None:
    """Say yes or no where an access tag does, None where none does."""
    for key in _KEYS[mode]:
        value = tags.get(key)
        if value is None:
            continue
        first = value.split(";")[0].strip()
        if first in _DENIED or (mode == "bicycle" and first == "dismount"):
            return False
        if first in _ALLOWED:
            return True
    return None


def _allowed(tags: Mapping[str, str], kind: str, mode: Mode, open_by_default: bool) -> bool:
    said = _permission(tags, mode)
    if said is not None:
        # "access=yes" opens a street to the public, but does not make a footway a road, nor a motorway a footpath.
        specific = any(tags.get(key) is not None for key in _KEYS[mode][:-1])
        return said and (open_by_default or specific)
    if tags.get("motorroad") == "yes" and mode != "motor_vehicle":
        return False
    if kind == "service" and tags.get("service") == "emergency_access" and mode == "motor_vehicle":
        return False
    return open_by_default


def _direction(tags: Mapping[str, str], kind: str, mode: Mode) -> int:
    """0 for both directions, 1 along the way only, -1 against it only."""
    if mode == "foot":
        if tags.get("conveying") in ("forward", "backward"):
            return 1 if tags["conveying"] == "forward" else -1
        if tags.get("foot:backward") == "no":
            return 1
        if tags.get("foot:forward") == "no":
            return -1
        return _ONEWAY.get(tags.get("oneway:foot", ""), 0)
    if mode == "bicycle":
        own = tags.get("oneway:bicycle")
        if own is not None:
            return _ONEWAY.get(own, 0)
        contraflow = [tags.get(key, "") for key in ("cycleway", "cycleway:left", "cycleway:right")]
        if any(value.startswith("opposite") for value in contraflow) or tags.get("bicycle:backward") == "yes":
            return 0
        if "no" in (tags.get("cycleway:left:oneway"), tags.get("cycleway:right:oneway")):
            return 0
        if tags.get("bicycle:backward") == "no":
            return 1
    oneway = tags.get("oneway")
    if oneway is not None:
        return _ONEWAY.get(oneway, 0)
    return 1 if kind == "motorway" or tags.get("junction") in ("roundabout", "circular") else 0


_SPEED: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mph|knots|km/h|kmh|kph)?\s*$")


def _maxspeed_m_s(value: str | None) -> float | None:
    if value is None:
        return None
    if value.strip() == "walk":
        return 7.0 / 3.6
    match = _SPEED.match(value.split(";")[0])
    if match is None or float(match[1]) <= 0:
        return None
    return float(match[1]) * {"mph": 0.44704, "knots": 0.514444}.get(match[2] or "", 1 / 3.6)


def _speed_m_s(tags: Mapping[str, str], kind: str, profile: Profile) -> float:
    speed = profile.class_speed_m_s.get(kind, profile.speed_m_s)
    if profile.uses_maxspeed:
        speed = min(speed, _maxspeed_m_s(tags.get("maxspeed")) or speed)
    speed = min(speed, profile.top_speed_m_s)
    return speed / profile.stairs_factor if kind == "steps" else speed


def way_access(tags: Mapping[str, str], profile: Profile) -> WayAccess:
    """Say how a profile uses a way with these tags.

    Parameters
    ----------
    tags : mapping of str to str
        The way's tags, absent ones left out.
    profile : Profile
        The profile.

    Returns
    -------
    WayAccess
        Speeds by direction and whether places connect to it.
    """
    kind = street_class(tags)
    mode = profile.mode
    if kind in NEVER or not kind:
        return _CLOSED
    if _allowed(tags, kind, mode, kind in profile.classes):
        if kind == "ferry":
            return WayAccess(_FERRY_M_S, _FERRY_M_S, False)
        speed = _speed_m_s(tags, kind, profile)
        way = _direction(tags, kind, mode) if (profile.obeys_oneway or mode == "foot") else 0
        forward, backward = (speed if way >= 0 else 0.0), (speed if way <= 0 else 0.0)
    elif kind == "ferry":
        return _CLOSED
    else:
        forward = backward = 0.0
    pushes = mode == "bicycle" and profile.push_speed_m_s > 0 and not (forward and backward)
    if pushes and _allowed(tags, kind, "foot", kind in PUSHED):
        push = profile.push_speed_m_s / (profile.stairs_factor if kind == "steps" else 1.0)
        way = _direction(tags, kind, "foot")
        forward, backward = forward or (push if way >= 0 else 0.0), backward or (push if way <= 0 else 0.0)
    return WayAccess(forward, backward, forward > 0 or backward > 0)


# Where a bicycle may be pushed: the streets open to people on foot.
PUSHED: Final = words(
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link unclassified "
    "residential living_street service road pedestrian footway path steps track cycleway platform "
    "corridor"
)


def parse_tags(text: str) -> dict[str, str]:
    """Read node tags written as ``key=value;key=value``."""
    pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def node_blocks(tags: Mapping[str, str], profile: Profile) -> bool:
    """Say whether a barrier on a node stops the profile from passing it."""
    barrier = tags.get("barrier")
    if barrier is None or barrier in ("entrance", "no"):
        return False
    said = _permission(tags, profile.mode)
    if not said and profile.mode == "bicycle" and profile.push_speed_m_s > 0 and "foot" in tags:
        said = _permission(tags, "foot")  # where people on foot pass, a bicycle can be pushed through
    if said is not None:
        return not said
    return tags.get("locked") == "yes" or barrier in _STOPS[profile.mode]


def node_wait_s(tags: Mapping[str, str], profile: Profile) -> float:
    """Return the mean wait at a node, from its tags: signal or marked crossing, seconds."""
    if tags.get("highway") == "traffic_signals" or tags.get("crossing") == "traffic_signals":
        return profile.signal_wait_s
    return profile.crossing_wait_s if tags.get("highway") == "crossing" else 0.0
