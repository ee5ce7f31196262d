"""What the service knows: one frozen value, replaced as a whole when the register changes."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from geoplan.demo import demo_pack_dir
from geoplan.network.nearest import NearestIndex
from geoplan.pack import CityPack
from geoplan.planning import City
from geoplan.registry import Register, head_revision
from geoplan_api.city.cache import ByteCache
from geoplan_api.city.places import PlaceIndex, place_index
from geoplan_api.city.register_link import load_snapshot, open_pack_register, service_folder
from geoplan_api.city.scenarios import ScenarioStore
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.city.tile_layers import base_makers, figure_makers, station_makers
from geoplan_api.city.tilesets import TileSets
from geoplan_api.jobs import JobStore
from geoplan_api.metrics import Metrics
from geoplan_api.settings import Settings

__all__ = ["Live", "ServiceState", "load_state", "open_pack"]

log = logging.getLogger("geoplan_api")
NEAREST_S = 1800.0  # walks up to half an hour are answered from the ready index


@dataclass(frozen=True)
class ServiceState:
    """Everything that answers are made from.

    Parameters
    ----------
    settings : Settings
        The service's settings.
    folder : pathlib.Path
        Folder of the service's own files.
    pack : CityPack
        The city.
    zone : zoneinfo.ZoneInfo
        The city's clock.
    register : Register
        The station register.
    stations : StationSnapshot
        Its public view.
    places : PlaceIndex
        Named places.
    analyst : Analyst
        Keeps the networks and searches behind the answers.
    tiles : TileSets
        Vector tiles.
    jobs : JobStore
        Long computations.
    scenarios : ScenarioStore
        Saved plans.
    cache : ByteCache
        Answers and tiles kept in memory.
    metrics : Metrics
        Counters.
    started : datetime
        When the service started, UTC.
    """

    settings: Settings
    folder: Path
    pack: CityPack
    zone: ZoneInfo
    register: Register
    stations: StationSnapshot
    places: PlaceIndex
    analyst: Analyst
    tiles: TileSets
    jobs: JobStore
    scenarios: ScenarioStore
    cache: ByteCache
    metrics: Metrics
    started: datetime

    @property
    def city(self) -> City:
        """The city as questions see it: the pack with the register's stations."""
        return self.analyst.city(self.stations)

    def nearest_key(self, profile: str, limit_s: float) -> tuple[str, int, str, float]:
        """Name the index that answers walks of a profile up to a limit."""
        return ("nearest", self.stations.version, profile, max(limit_s, NEAREST_S))

    def nearest_index(self, profile: str, limit_s: float) -> NearestIndex:
        """Return the nearest-station index of a profile, building it the first time."""

        def make() -> NearestIndex:
            lonlat = np.column_stack([self.stations.lon, self.stations.lat])
            return NearestIndex.build(self.city.network(profile), lonlat, max(limit_s, NEAREST_S))

        return self.analyst.keep(self.nearest_key(profile, limit_s), make)

    def with_stations(self, stations: StationSnapshot) -> ServiceState:
        """Return the state after a change of the register."""
        self.metrics.stations.set(len(stations))
        fresh = replace(self, stations=stations)
        makers = {**station_makers(stations), **figure_makers(self.analyst, stations, self.settings.analysis)}
        return replace(fresh, tiles=self.tiles.replaced(makers))


def open_pack(settings: Settings) -> CityPack:
    """Open the pack of the settings; without one, the demonstration city."""
    if settings.data.pack is not None:
        return CityPack.open(settings.data.pack)
    nodes = settings.data.demo_nodes
    return CityPack.open(demo_pack_dir() if nodes is None else demo_pack_dir(nodes=nodes))


def load_state(settings: Settings, metrics: Metrics) -> ServiceState:
    """Open the pack and the register and make everything that answers are made from.

    Raises
    ------
    InputError
        The pack has faults.
    RegisterUnavailable
        The register cannot be reached.
    """
    pack = open_pack(settings)
    folder = service_folder(settings, pack)
    folder.mkdir(parents=True, exist_ok=True)
    register = open_pack_register(settings, pack, folder)
    stations = load_snapshot(register, pack)
    analyst = Analyst(pack, folder / "networks")
    cache = ByteCache(settings.limits.cache_bytes)
    jobs, scenarios = JobStore(folder), ScenarioStore(folder)
    jobs.prepare()
    scenarios.prepare()
    makers = {
        **base_makers(pack),
        **station_makers(stations),
        **figure_makers(analyst, stations, settings.analysis),
    }
    attribution = " · ".join((*pack.manifest.attribution, *filter(None, [settings.map.attribution])))
    metrics.stations.set(len(stations))
    return ServiceState(
        settings=settings,
        folder=folder,
        pack=pack,
        zone=ZoneInfo(pack.manifest.timezone),
        register=register,
        stations=stations,
        places=place_index(pack),
        analyst=analyst,
        tiles=TileSets(makers, cache, pack.bounds, attribution),
        jobs=jobs,
        scenarios=scenarios,
        cache=cache,
        metrics=metrics,
        started=datetime.now(UTC),
    )


class Live:
    """Holds the state that is served now and puts a new one in its place when the register has changed.

    Parameters
    ----------
    state : ServiceState
        The state to begin with.
    """

    def __init__(self, state: ServiceState) -> None:
        self.state = state
        self._lock = threading.Lock()

    def refresh(self) -> ServiceState:
        """Look whether the register has changed and follow it; called after every change made here, and now and then.

        Raises
        ------
        RegisterUnavailable
            The register cannot be read; the state stays as it was.
        """
        with self._lock:
            state = self.state
            if head_revision(state.register) != state.stations.version:
                fresh = state.with_stations(load_snapshot(state.register, state.pack))
                # the next nearest question comes at once: have its index ready before it does
                fresh.nearest_index(state.pack.manifest.defaults.profile, NEAREST_S)
                self.state = fresh
            return self.state
