"""What the service knows: one frozen value, replaced as a whole when the register changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from geoplan.pack import CityPack
from geoplan_api.analyst import Analyst
from geoplan_api.cache import ByteCache
from geoplan_api.metrics import Metrics
from geoplan_api.places import PlaceIndex, place_index
from geoplan_api.settings import Settings
from geoplan_api.stations import StationSnapshot, snapshot_of
from geoplan_api.tilemakers import base_makers, station_makers
from geoplan_api.tilesets import TileSets

__all__ = ["ServiceState", "load_state"]


@dataclass(frozen=True)
class ServiceState:
    """Everything that answers are made from.

    Parameters
    ----------
    settings : Settings
        The service's settings.
    pack : CityPack
        The city.
    zone : zoneinfo.ZoneInfo
        The city's clock.
    stations : StationSnapshot
        Public view of the register.
    places : PlaceIndex
        Named places.
    analyst : Analyst
        Networks and searches behind the figures.
    tiles : TileSets
        Vector tiles.
    cache : ByteCache
        Answers and tiles kept in memory.
    metrics : Metrics
        Counters.
    started : datetime
        When the service started, UTC.
    """

    settings: Settings
    pack: CityPack
    zone: ZoneInfo
    stations: StationSnapshot
    places: PlaceIndex
    analyst: Analyst
    tiles: TileSets
    cache: ByteCache
    metrics: Metrics
    started: datetime

    def with_stations(self, stations: StationSnapshot) -> ServiceState:
        """Return the state after a change of the register."""
        self.metrics.stations.set(len(stations))
        return replace(self, stations=stations, tiles=self.tiles.replaced(station_makers(stations)))


def load_state(settings: Settings, metrics: Metrics) -> ServiceState:
    """Open the pack and make everything that answers are made from; raises ``InputError`` for a faulty pack."""
    pack = open_pack(settings)
    stations = snapshot_of(
        pack.stations,
        version=1,
        modified=datetime.now(UTC).replace(microsecond=0),
        zone=pack.manifest.timezone,
        district_names=dict(zip(pack.districts["district_code"], pack.districts["name"], strict=True)),
        town_names=dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)),
    )
    cache = ByteCache(settings.limits.cache_bytes)
    attribution = " · ".join((*pack.manifest.attribution, *filter(None, [settings.map.attribution])))
    metrics.stations.set(len(stations))
    return ServiceState(
        settings=settings,
        pack=pack,
        zone=ZoneInfo(pack.manifest.timezone),
        stations=stations,
        places=place_index(pack),
        analyst=Analyst(pack, settings.data.folder / "networks"),
        tiles=TileSets({**base_makers(pack), **station_makers(stations)}, cache, pack.bounds, attribution),
        cache=cache,
        metrics=metrics,
        started=datetime.now(UTC),
    )


def open_pack(settings: Settings) -> CityPack:
    """Open the pack of the settings; without one, the demonstration city."""
    if settings.data.pack is not None:
        return CityPack.open(settings.data.pack)
    from geoplan.demo import demo_pack

    return demo_pack()
