"""Coverage of a city pack: its frames handed to the three tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import geopandas as gpd

from geoplan.coverage.areas import Areas, areas_by_code, areas_by_polygon, whole_city
from geoplan.coverage.moments import instant
from geoplan.coverage.reach import Reach
from geoplan.coverage.standard import Coverage, cover
from geoplan.crs import project
from geoplan.errors import InputError
from geoplan.network.times import TravelTimes
from geoplan.pack import CityPack
from geoplan.trades import PRESENCE, Presence, workers_in_slice

__all__ = ["Network", "areas_of", "circle_reach", "coverage_of", "network_reach"]


class Network(Protocol):
    """What coverage asks of a street network."""

    def travel_times(self, origins: Any, destinations: Any, limit_s: float) -> TravelTimes:
        """Return seconds from origins to destinations within a limit."""
        ...


def areas_of(pack: CityPack) -> tuple[Areas, ...]:
    """Return the levels that a pack can be reported by: city, districts, towns and key areas where it has them."""
    demand = pack.demand
    levels = [whole_city(len(demand), pack.manifest.area or pack.manifest.name_zh)]
    districts = dict(zip(pack.districts["district_code"], pack.districts["name"], strict=True))
    levels.append(areas_by_code("district", demand["district_code"], districts))
    if demand["town_code"].notna().any():
        towns = dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)) if len(pack.towns) else {}
        levels.append(areas_by_code("town", demand["town_code"], towns))
    if len(pack.key_areas):
        levels.append(areas_by_polygon("key_area", pack.key_areas, demand, code="area_code"))
    return tuple(levels)


def network_reach(pack: CityPack, network: Network, limit_s: float) -> Reach:
    """Search from the demand of a pack to its stations along streets, once for all questions up to the limit."""
    return Reach.from_times(network.travel_times(pack.demand, pack.stations, limit_s), origins="demand")


def circle_reach(pack: CityPack, radius_m: float) -> Reach:
    """Find the stations around the demand of a pack as the crow flies, in the pack's metric projection."""
    crs = pack.manifest.crs_metric
    stations = project(pack.stations["lon"], pack.stations["lat"], crs)
    demand = project(pack.demand["lon"], pack.demand["lat"], crs)
    return Reach.in_circle(stations, demand, radius_m)


def coverage_of(
    pack: CityPack,
    network: Network,
    *,
    limit_s: float | None = None,
    radius_m: float | None = None,
    k: int | None = None,
    at: datetime | None = None,
    polygon: gpd.GeoDataFrame | None = None,
    presence: Presence = PRESENCE,
) -> Coverage:
    """Run the standard's three tests on a city pack.

    At an instant the workers who are out then are asked about. Further questions (slices, trades, facilities) go
    through :func:`geoplan.planning.answer`.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    network : StreetNetwork
        Streets with a travel profile; the profile's name is reported.
    limit_s, radius_m : float, optional
        Limits of the network and the circle test; the pack's defaults where not given.
    k : int
        Stations that cross coverage asks for.
    at : datetime, optional
        The instant; without a zone it is local time. None reports regardless of hours only.
    presence : mapping
        Share of each trade out in each slice.
    polygon : geopandas.GeoDataFrame, optional
        Drawn areas with a stated CRS (columns ``code`` and ``name`` where present), reported as level ``"polygon"``.

    Returns
    -------
    Coverage
        Shares by city, district, town, key area and drawn polygon.
    """
    limit = pack.manifest.defaults.limit_s if limit_s is None else limit_s
    radius = pack.manifest.defaults.radius_m if radius_m is None else radius_m
    if not limit > 0 or not radius > 0:
        raise InputError(f"limit {limit:g} s and radius {radius:g} m must be above zero")
    areas = areas_of(pack)
    if polygon is not None:
        areas = (*areas, areas_by_polygon("polygon", polygon, pack.demand))
    moment = None if at is None else instant(pack.stations, at, pack.manifest.timezone)
    return cover(
        circle_reach(pack, radius),
        network_reach(pack, network, limit),
        pack.stations,
        pack.demand["workers"].to_numpy(),
        areas,
        limit_s=limit,
        radius_m=radius,
        k=pack.manifest.defaults.k if k is None else k,
        moment=moment,
        demand_then=None if moment is None else workers_in_slice(pack.demand, "all", moment.slice_code, presence),
        city=pack.manifest.area or pack.manifest.name_zh,
        demand_unit=pack.manifest.demand_unit,
        origin=pack.manifest.origin,
        notes=pack.manifest.notes,
    )
