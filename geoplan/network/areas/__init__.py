"""Service areas: where and along which streets a place is reached within a time."""

from geoplan.network.areas.lattice import default_cell_m
from geoplan.network.areas.lines import area_lines
from geoplan.network.areas.polygons import area_polygons

__all__ = ["area_lines", "area_polygons", "default_cell_m"]
