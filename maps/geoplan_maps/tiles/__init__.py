"""Vector tiles of a city: the quiet base map and the planner's overlays, encoded as Mapbox Vector Tiles."""

from geoplan_maps.tiles.base import base_layers
from geoplan_maps.tiles.encode import encode_tile, tile_json
from geoplan_maps.tiles.grid import MAX_ZOOM, TileAddress, tile_bounds_m, to_mercator
from geoplan_maps.tiles.layer import TileLayer, tile_layer
from geoplan_maps.tiles.overlay import (
    candidate_layer,
    demand_layer,
    gap_layer,
    plan_layer,
    service_area_layer,
    station_layer,
)

__all__ = [
    "MAX_ZOOM",
    "TileAddress",
    "TileLayer",
    "base_layers",
    "candidate_layer",
    "demand_layer",
    "encode_tile",
    "gap_layer",
    "plan_layer",
    "service_area_layer",
    "station_layer",
    "tile_bounds_m",
    "tile_json",
    "tile_layer",
    "to_mercator",
]
