"""The collections: stations, districts, towns and the ready plan, as frames with named ids and queryables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.geojson import from_geojson
from geoplan_api.city.ready_plan import ready_plan
from geoplan_api.city.stations import PUBLIC_FIELDS
from geoplan_api.http.state import ServiceState

__all__ = ["COLLECTIONS", "Collection"]


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection.

    Parameters
    ----------
    name : str
        Its id in addresses.
    title, title_zh, description : str
        In words.
    key : str
        Column that names a feature.
    queryables : tuple of str
        Columns that may be filtered by.
    make : callable
        Returns the frame (EPSG:4326) for a state.
    """

    name: str
    title: str
    title_zh: str
    description: str
    key: str
    queryables: tuple[str, ...]
    make: Callable[[ServiceState], gpd.GeoDataFrame]

    def frame(self, state: ServiceState) -> gpd.GeoDataFrame:
        """Return the features as they are now."""
        return state.analyst.keep(("ogc", self.name, state.stations.version), lambda: self.make(state))


def _stations(state: ServiceState) -> gpd.GeoDataFrame:
    snapshot = state.stations
    points = gpd.points_from_xy(snapshot.lon, snapshot.lat, crs="EPSG:4326")
    return gpd.GeoDataFrame(snapshot.frame[["marker_id", *PUBLIC_FIELDS]], geometry=points)


def _districts(state: ServiceState) -> gpd.GeoDataFrame:
    return _named(state, state.pack.districts, "district_code", ("name", "name_en"))


def _towns(state: ServiceState) -> gpd.GeoDataFrame:
    return _named(state, state.pack.towns, "town_code", ("name", "name_en", "district_code", "kind"))


def _plan(state: ServiceState) -> gpd.GeoDataFrame:
    projects = ready_plan(state.analyst, state.stations, state.settings.analysis)["projects"]
    return from_geojson(projects, _PLAN_COLUMNS)


def _named(state: ServiceState, frame: gpd.GeoDataFrame, key: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    kept = [key, *(name for name in columns if name in frame.columns), "geometry"]
    plain = frame[kept].reset_index(drop=True)
    for name in kept[:-1]:
        plain[name] = plain[name].astype(object).where(plain[name].notna(), None)
    plain["origin"] = state.pack.manifest.origin
    return plain


_PLAN_COLUMNS: Final = (
    "rank", "site_id", "name", "district", "town", "host_type", "host_name", "union_unit", "station_class",
    "workers_newly_covered", "workers_covered_total", "share_covered", "origin",
)  # fmt: skip

COLLECTIONS: Final[Mapping[str, Collection]] = MappingProxyType(
    {
        collection.name: collection
        for collection in (
            Collection(
                "stations",
                "Service stations",
                "服务站点",
                "Stations that the public may see, with hours and facilities",
                "station_code",
                ("marker_id", *PUBLIC_FIELDS),
                _stations,
            ),
            Collection(
                "districts", "Districts", "区县", "Districts of the city", "district_code",
                ("district_code", "name", "origin"), _districts,
            ),
            Collection(
                "towns", "Towns", "镇街", "Towns and streets of the city", "town_code",
                ("town_code", "name", "district_code", "origin"), _towns,
            ),
            Collection(
                "plan", "Ready plan", "规划方案", "Proposed new stations, in the order of what each adds", "site_id",
                _PLAN_COLUMNS, _plan,
            ),
        )
    }
)  # fmt: skip


def column_type(frame: pd.DataFrame, name: str) -> str:
    """Return the JSON Schema type of a column, by its first value."""
    values = frame[name].dropna()
    first = values.iloc[0] if len(values) else ""
    if isinstance(first, bool | np.bool_):
        return "boolean"
    if isinstance(first, int | np.integer):
        return "integer"
    if isinstance(first, float):
        return "number"
    return "array" if isinstance(first, list) else "string"
