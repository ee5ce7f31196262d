"""Keeps what answers are made from - networks, searches - warm between questions; the service and its workers share it.

The library answers and holds nothing; this is the one place that remembers what it made on the way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from geoplan.pack import CityPack, network_of
from geoplan.planning import City
from geoplan_api.city.stations import StationSnapshot

__all__ = ["Analyst"]

T = TypeVar("T")
_SEARCH_S: Final = 1800.0  # a search goes this far at least, so that shorter limits need no other
_SEARCH_M: Final = 2000.0
_BEYOND: Final = 1.01  # and a little beyond the pack's own limits, so that they too need no other
_KEPT: Final = 24  # beside what every answer of the city's defaults is made from


class Analyst:
    """Remembers the city that questions are put to, one for each version of the register.

    What the pack's defaults need stays until the register changes; other limits and profiles make room for each other.

    Parameters
    ----------
    pack : CityPack
        The city; its stations are replaced by the register's.
    cache : pathlib.Path
        Folder for built networks.
    """

    def __init__(self, pack: CityPack, cache: Path) -> None:
        self.pack = pack
        self._cache = cache
        defaults = pack.manifest.defaults
        self._least_s = max(_SEARCH_S, _BEYOND * defaults.limit_s)
        self._least_m = max(_SEARCH_M, _BEYOND * defaults.radius_m)
        self._lasting: set[Hashable] = {
            "areas",
            "sites",
            ("network", defaults.profile),
            ("reach", defaults.profile, self._least_s),
            ("circle", self._least_m),
            ("ways", defaults.profile, defaults.limit_s),
        }
        self._version = -1
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under a key, making it once even if many ask at the same time."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[no-any-return]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]  # type: ignore[no-any-return]
            made = make()
            with self._lock:
                self._kept[key] = made
                self._making.pop(key, None)
                self._make_room()
        return made

    def kept(self, key: Hashable) -> Any:
        """Return what is kept under a key, or nothing; never computes."""
        with self._lock:
            return self._kept.get(key)

    def city(self, stations: StationSnapshot) -> City:
        """Return the city with the register's stations in place of the pack's."""
        version = stations.version

        def make() -> City:
            with self._lock:
                self._version = max(self._version, version)
            return City(
                replace(self.pack, stations=stations.to_geo()),
                keep=partial(self._keep_for, version),
                networks=lambda profile: network_of(self.pack, profile, cache=self._cache),
                least_s=self._least_s,
                least_m=self._least_m,
                version=f"{self._digest}-r{version}",
            )

        return self.keep((version, "city"), make)

    @cached_property
    def _digest(self) -> str:
        return City(self.pack).version

    def _keep_for(self, version: int, key: Hashable, make: Callable[[], Any]) -> Any:
        """Keep something of a city: streets and areas are the same whatever the register says."""
        alike = key == "areas" or (isinstance(key, tuple) and key[0] == "network")
        return self.keep(key if alike else (version, key), make)

    def _make_room(self) -> None:
        passing = [key for key in self._kept if not self._stays(key)]
        for key in passing[: max(len(passing) - _KEPT, 0)]:
            del self._kept[key]

    def _stays(self, key: Hashable) -> bool:
        if key in self._lasting or key == (self._version, "city"):
            return True
        return isinstance(key, tuple) and key[0] == self._version and key[1] in self._lasting
