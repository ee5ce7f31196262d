"""Demand: where outdoor workers of each trade are, and when; built from open or own sources with exact totals."""

from geoplan.demand.apportion import apportion
from geoplan.demand.build import Demand, build_demand
from geoplan.demand.builders import (
    POI_WEIGHTS,
    STREET_WEIGHTS,
    surface_from_hexagons,
    surface_from_poi_file,
    surface_from_pois,
    surface_from_raster,
    surface_from_streets,
)
from geoplan.demand.pack import build_pack_demand
from geoplan.demand.recipe import demand_from_recipe
from geoplan.demand.surface import Surface
from geoplan.demand.totals import Totals, read_counts, totals_from_population
from geoplan.trades import PRESENCE, PRESENCE_NOTE, TRADES, workers_in_slice

__all__ = [
    "POI_WEIGHTS",
    "PRESENCE",
    "PRESENCE_NOTE",
    "STREET_WEIGHTS",
    "TRADES",
    "Demand",
    "Surface",
    "Totals",
    "apportion",
    "build_demand",
    "build_pack_demand",
    "demand_from_recipe",
    "read_counts",
    "surface_from_hexagons",
    "surface_from_poi_file",
    "surface_from_pois",
    "surface_from_raster",
    "surface_from_streets",
    "totals_from_population",
    "workers_in_slice",
]
