"""Travel profiles: who moves, how fast, and where. Small data; a city pack may add its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from geoplan.errors import FaultLog
from geoplan.sources.ways import words

__all__ = ["PROFILES", "Mode", "Profile"]

Mode = Literal["foot", "bicycle", "motor_vehicle"]

_KM_H: Final = 1.0 / 3.6

_ROADS: Final = words(
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link unclassified "
    "residential living_street service road"
)
_FOOT: Final = _ROADS | words(
    "pedestrian footway path steps track cycleway bridleway corridor elevator platform pier ferry"
)
_BICYCLE: Final = _ROADS | words("cycleway path track ferry")
_CAR: Final = _ROADS | frozenset(("motorway", "motorway_link", "ferry"))


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of travelling over streets.

    Parameters
    ----------
    name : str
        Name by which results say how they were computed.
    mode : {"foot", "bicycle", "motor_vehicle"}
        Whose OSM access tags apply.
    speed_m_s : float
        Speed where no other rule says otherwise, metres a second.
    class_speed_m_s : mapping of str to float
        Speed by street class (OSM ``highway`` value), metres a second.
    classes : frozenset of str
        Street classes open to the mode where no access tag says otherwise.
    obeys_oneway : bool
        Whether ``oneway`` binds the mode. On foot it does not, unless tagged for foot.
    uses_maxspeed : bool
        Whether a ``maxspeed`` tag lowers the class speed.
    top_speed_m_s : float
        Cap on every speed, metres a second (25 km/h for an e-bike in China).
    push_speed_m_s : float
        Speed when pushing where only walking is allowed; 0 forbids pushing.
    access_speed_m_s : float
        Speed between a place and the street, metres a second.
    stairs_factor : float
        Steps take this many times as long as level ground.
    signal_wait_s, crossing_wait_s, junction_wait_s : float
        Mean wait at each traffic signal, each unsignalled marked crossing and each junction passed, seconds.
    ferry_wait_s : float
        Mean wait before boarding a ferry, seconds.
    max_snap_m : float
        A place farther than this from every usable street is reported as not connected, metres.
    """

    name: str
    mode: Mode = "foot"
    speed_m_s: float = 1.2
    class_speed_m_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    classes: frozenset[str] = _FOOT
    obeys_oneway: bool = False
    uses_maxspeed: bool = False
    top_speed_m_s: float = math.inf
    push_speed_m_s: float = 0.0
    access_speed_m_s: float = 1.2
    stairs_factor: float = 1.0
    signal_wait_s: float = 0.0
    crossing_wait_s: float = 0.0
    junction_wait_s: float = 0.0
    ferry_wait_s: float = 600.0
    max_snap_m: float = 500.0

    def __post_init__(self) -> None:
        log = FaultLog(f"profile {self.name!r}")
        if self.mode not in ("foot", "bicycle", "motor_vehicle"):
            log.add(f"mode {self.mode!r} is not known", "use foot, bicycle or motor_vehicle", field="mode")
        for key in ("speed_m_s", "access_speed_m_s", "top_speed_m_s", "max_snap_m", "stairs_factor"):
            if not getattr(self, key) > 0:
                log.add(f"{getattr(self, key)!r} is not a positive number", "give a number above 0", field=key)
        for key in ("push_speed_m_s", "signal_wait_s", "crossing_wait_s", "junction_wait_s", "ferry_wait_s"):
            if not 0 <= getattr(self, key) < math.inf:
                log.add(f"{getattr(self, key)!r} is not a number from 0 up", "give 0 or more", field=key)
        for street_class, speed in self.class_speed_m_s.items():
            if not speed > 0:
                log.add(f"the speed of {street_class!r} is {speed!r}", "give a number above 0", field="class_speed_m_s")
        log.raise_if_any()
        object.__setattr__(self, "class_speed_m_s", MappingProxyType(dict(self.class_speed_m_s)))
        object.__setattr__(self, "classes", frozenset(self.classes))

    def to_table(self) -> dict[str, Any]:
        """Return the profile as plain values, as ``pack.toml`` and a saved network hold it."""
        table: dict[str, Any] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, frozenset):
                value = sorted(value)
            elif isinstance(value, Mapping):
                value = dict(value)
            table[entry.name] = value
        return table

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "") -> Profile:
        """Make a profile from a table of ``pack.toml``.

        Parameters
        ----------
        table : mapping
            Field names as above; ``base`` names the built-in profile whose values stand where none is given (walk if
            absent). Speeds may be given in km/h under the same name ending in ``_km_h``.
        name : str, optional
            Name of the profile where the table gives none.

        Returns
        -------
        Profile
            The profile.

        Raises
        ------
        InputError
            With every unknown key and unusable value.
        """
        rest = dict(table)
        name = str(rest.pop("name", name) or "custom")
        log = FaultLog(f"profile {name!r}")
        base_name = rest.pop("base", "walk")
        base = PROFILES.get(base_name)
        if base is None:
            log.add(f"base {base_name!r} is not known", f"use one of {', '.join(PROFILES)}", field="base")
            base = PROFILES["walk"]
        known = {entry.name: getattr(base, entry.name) for entry in fields(cls)}
        values: dict[str, Any] = {}
        for key, raw in rest.items():
            target, factor = (key[:-5] + "_m_s", _KM_H) if key.endswith("_km_h") else (key, 1.0)
            if target not in known:
                log.add("this key is not known", f"use one of {', '.join(known)}", field=key)
                continue
            value = _converted(known[target], raw, factor)
            if value is None:
                log.add(f"{raw!r} is of the wrong kind", f"give a value like {known[target]!r}", field=key)
            else:
                values[target] = value
        log.raise_if_any()
        if "class_speed_m_s" in values:
            values["class_speed_m_s"] = {**base.class_speed_m_s, **values["class_speed_m_s"]}
        return replace(base, **{**values, "name": name})


def _converted(like: object, raw: Any, factor: float) -> Any:
    """Return ``raw`` as a value of the kind of ``like``, or None where it is of another kind."""
    number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if isinstance(like, bool):
        return raw if isinstance(raw, bool) else None
    if isinstance(like, float):
        return float(raw) * factor if number else None
    if isinstance(like, str):
        return raw if isinstance(raw, str) else None
    if isinstance(like, frozenset):
        return frozenset(raw) if isinstance(raw, (list, tuple, frozenset)) else None
    if not isinstance(raw, Mapping) or any(
        isinstance(v, bool) or not isinstance(v, (int, float)) for v in raw.values()
    ):
        return None
    return {str(key): float(value) * factor for key, value in raw.items()}


def _bicycle(name: str, km_h: float, top_km_h: float) -> Profile:
    return Profile(
        name,
        mode="bicycle",
        speed_m_s=km_h * _KM_H,
        classes=_BICYCLE,
        obeys_oneway=True,
        top_speed_m_s=top_km_h * _KM_H,
        push_speed_m_s=1.2,
    )


# Speeds: walking 1.2 and 1.0 m/s as in the standard's design values; bicycle 12 and e-bike 15 km/h are assumptions
# (25 km/h is the e-bike's legal cap in China); car speeds by class are assumptions for a city by day.
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "walk": Profile("walk"),
        "elderly": Profile("elderly", speed_m_s=1.0, access_speed_m_s=1.0, stairs_factor=2.0),
        "bicycle": _bicycle("bicycle", 12.0, 25.0),
        "e_bike": _bicycle("e_bike", 15.0, 25.0),
        "car": Profile(
            "car",
            mode="motor_vehicle",
            speed_m_s=30.0 * _KM_H,
            class_speed_m_s={
                street_class: km_h * _KM_H
                for street_class, km_h in {
                    "motorway": 90.0, "motorway_link": 50.0, "trunk": 60.0, "trunk_link": 40.0,
                    "primary": 45.0, "primary_link": 30.0, "secondary": 40.0, "secondary_link": 30.0,
                    "tertiary": 35.0, "tertiary_link": 25.0, "unclassified": 30.0, "residential": 25.0,
                    "living_street": 10.0, "service": 15.0, "road": 25.0,
                }.items()
            },
            classes=_CAR,
            obeys_oneway=True,
            uses_maxspeed=True,
        ),
    }
)  # fmt: skip
