"""Keeps what figures are made from - networks, searches - warm between questions; the service and its workers share it.

The library's functions do the work and hold nothing; this is the one place that remembers their answers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan.coverage import Areas, Coverage, Reach, areas_by_polygon, areas_of, circle_reach, cover, network_reach
from geoplan.errors import Fault, InputError
from geoplan.network import StreetNetwork, TravelTimes
from geoplan.pack import CityPack, network_of
from geoplan.planning import all_sites, site_times
from geoplan_api.city.stations import StationSnapshot

__all__ = ["Analyst", "CoverageQuestion", "SiteSearch"]

T = TypeVar("T")
_SEARCH_S = 1800.0  # a search goes this far at least, so that shorter limits need no other
_SEARCH_M = 2000.0
_KEPT = 12


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """What share of whom is asked for.

    Parameters
    ----------
    profile : str
        Travel profile.
    limit_s, radius_m : float
        Limits of the network and the circle test.
    k : int
        Stations that cross coverage asks for.
    at : datetime or None
        The instant; None regardless of hours.
    trade : str or None
        Only workers of this trade; None for all.
    polygon : geopandas.GeoDataFrame or None
        A drawn area, reported beside the others.
    """

    profile: str
    limit_s: float
    radius_m: float
    k: int = 2
    at: datetime | None = None
    trade: str | None = None
    polygon: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True)
class SiteSearch:
    """Existing stations and candidates of a city with the demand that each reaches.

    Parameters
    ----------
    city : CityPack
        The pack with the register's stations.
    sites : geopandas.GeoDataFrame
        From :func:`geoplan.planning.all_sites`.
    times : TravelTimes
        Sites × demand.
    """

    city: CityPack
    sites: gpd.GeoDataFrame
    times: TravelTimes


class Analyst:
    """Answers questions about one city.

    Parameters
    ----------
    pack : CityPack
        The city; its stations are replaced by the register's in every question.
    cache : pathlib.Path
        Folder for built networks.
    """

    def __init__(self, pack: CityPack, cache: Path) -> None:
        self.pack = pack
        self._cache = cache
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
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return made

    def kept(self, key: Hashable) -> Any:
        """Return what is kept under a key, or nothing; never computes."""
        with self._lock:
            return self._kept.get(key)

    def network(self, profile: str) -> StreetNetwork:
        """Return the street network of a profile."""
        if profile not in self.profiles:
            raise InputError(
                Fault(
                    f"there is no travel profile {profile!r}",
                    f"use one of {', '.join(self.profiles)}",
                    problem_zh=f"没有出行方式“{profile}”",
                    todo_zh=f"请用 {'、'.join(self.profiles)} 之一",
                )
            )
        return self.keep(("network", profile), lambda: network_of(self.pack, profile, cache=self._cache))

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the travel profiles: the pack's own and the built-in ones that make sense for reaching a station."""
        return (*self.pack.manifest.profiles, "walk", "elderly", "bicycle", "e_bike")

    def city(self, stations: StationSnapshot) -> CityPack:
        """Return the pack with the register's stations in place of its own."""
        return self.keep(("city", stations.version), lambda: replace(self.pack, stations=stations.to_geo()))

    def areas(self) -> tuple[Areas, ...]:
        """Return the levels that figures are reported by."""
        return self.keep("areas", lambda: areas_of(self.pack))

    def reach(self, stations: StationSnapshot, profile: str, limit_s: float) -> Reach:
        """Return which stations each demand point reaches along streets, at least up to a limit."""
        bound = max(limit_s, _SEARCH_S)
        return self.keep(
            ("reach", stations.version, profile, bound),
            lambda: network_reach(self.city(stations), self.network(profile), bound),
        )

    def circle(self, stations: StationSnapshot, radius_m: float) -> Reach:
        """Return which stations lie around each demand point as the crow flies, at least up to a radius."""
        bound = max(radius_m, _SEARCH_M)
        return self.keep(("circle", stations.version, bound), lambda: circle_reach(self.city(stations), bound))

    def demand(self, trade: str | None = None) -> npt.NDArray[np.float64]:
        """Return the workers of each demand point, of one trade or of all."""
        column = f"workers_{trade}" if trade else "workers"
        if column not in self.pack.demand.columns:
            raise InputError(
                Fault(
                    f"the demand does not tell the trade {trade!r} apart",
                    f"it has {', '.join(self.pack.trades) or 'none'}",
                    problem_zh=f"需求数据里没有行业“{trade}”",
                    todo_zh=f"已有的行业：{'、'.join(self.pack.trades)}" if self.pack.trades else "数据没有分行业",
                )
            )
        workers: npt.NDArray[np.float64] = self.pack.demand[column].to_numpy(np.float64)
        return workers

    def coverage(self, stations: StationSnapshot, question: CoverageQuestion) -> Coverage:
        """Run the standard's three tests on the register's stations."""
        manifest = self.pack.manifest
        areas = self.areas()
        if question.polygon is not None:
            areas = (*areas, areas_by_polygon("polygon", question.polygon, self.pack.demand))
        return cover(
            self.circle(stations, question.radius_m),
            self.reach(stations, question.profile, question.limit_s),
            self.city(stations).stations,
            self.demand(question.trade),
            areas,
            limit_s=question.limit_s,
            radius_m=question.radius_m,
            k=question.k,
            at=question.at,
            city=manifest.area or manifest.name_zh,
            demand_unit=manifest.demand_unit,
            origin=manifest.origin,
            notes=manifest.notes,
        )

    def site_search(self, stations: StationSnapshot, profile: str, limit_s: float) -> SiteSearch:
        """Return existing and candidate sites with the demand that each reaches within a limit."""

        def make() -> SiteSearch:
            city = self.city(stations)
            sites = all_sites(city)
            return SiteSearch(city, sites, site_times(city, self.network(profile), sites, limit_s))

        return self.keep(("sites", stations.version, profile, limit_s), make)
