"""Small fact tables that ship with the project, each row with its source (``geoplan_data/SOURCES.md``)."""

from __future__ import annotations

import io
from importlib.resources import files

import geopandas as gpd
import pandas as pd

__all__ = [
    "census",
    "district_centres",
    "districts",
    "figure",
    "figures",
    "metro_stations",
    "places",
    "schematic_roads",
    "schematic_water",
    "towns",
    "trade_shares",
]

_CODES = {"district_code": str, "town_code": str}


def _table(name: str) -> pd.DataFrame:
    raw = files("geoplan_data").joinpath(name).read_bytes()
    return pd.read_csv(io.BytesIO(raw), dtype=_CODES, encoding="utf-8")


def _layer(name: str) -> gpd.GeoDataFrame:
    raw = files("geoplan_data").joinpath(name).read_bytes()
    return gpd.read_file(io.BytesIO(raw), engine="pyogrio").set_crs("EPSG:4326", allow_override=True)


def districts() -> gpd.GeoDataFrame:
    """Return the 7 districts: ``district_code, name, name_en, source, geometry`` (EPSG:4326 polygons).

    The borders are schematic, made by ``tools/schematic_districts.py`` from the positions of towns; not the true ones.
    """
    return _layer("districts.geojson").astype({"district_code": str})


def district_centres() -> pd.DataFrame:
    """Return the centroids of the true districts: ``district_code, name, lon, lat`` in WGS-84 degrees, ``source``."""
    return _table("district_centres.csv")


def towns() -> pd.DataFrame:
    """Return the 88 towns, streets and zones.

    Returns
    -------
    pandas.DataFrame
        ``town_code, name, name_en, district_code, kind`` (镇, 街道, 功能区), ``union_unit`` (the unit that reports: the
        district, or 经开区 for its two streets), ``lon, lat`` in WGS-84 degrees (NaN where no position is at hand) and
        ``position_source``.
    """
    return _table("towns.csv").fillna({"name_en": ""})


def places() -> pd.DataFrame:
    """Return 69 named places of GeoNames: ``name, name_en, kind, lon, lat, district_code, town_code, source``."""
    return _table("places.csv").fillna({"town_code": "", "name_en": ""})


def metro_stations() -> pd.DataFrame:
    """Return 89 metro stations: ``name, lines`` (;-separated), ``lon, lat, rest_point`` ("yes" or ""), ``source``."""
    return _table("metro_stations.csv").fillna({"rest_point": ""})


def census() -> pd.DataFrame:
    """Return residents of 2020: ``district_code, name, population, status, source``; NaN where not at hand.

    The row ``320200`` is the whole city.
    """
    return _table("census_2020.csv").fillna({"source": ""})


def trade_shares() -> pd.DataFrame:
    """Return the share of each trade among outdoor workers: ``trade, share, status, source``."""
    return _table("trade_shares.csv")


def figures() -> pd.DataFrame:
    """Return single figures: ``key, value, unit, status`` (published or assumption), ``source``."""
    return _table("figures.csv")


def figure(key: str) -> float:
    """Return the value of one row of :func:`figures`."""
    table = figures()
    return float(dict(zip(table["key"], table["value"], strict=True))[key])


def schematic_water() -> gpd.GeoDataFrame:
    """Return hand-drawn lakes (polygons), rivers and canals (lines): ``name, name_en, kind, width_m, geometry``.

    Schematic demonstration geometry: names and rough courses are right, shapes are not to be measured on.
    """
    return _layer("schematic_water.geojson")


def schematic_roads() -> gpd.GeoDataFrame:
    """Return hand-drawn motorways and lake bridges: ``name, kind, geometry``; schematic demonstration geometry."""
    return _layer("schematic_roads.geojson")
