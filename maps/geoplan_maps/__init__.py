"""The electronic map: vector tiles, base style, glyphs, planner maps, static maps and the web pages."""

from geoplan_maps.glyphs import glyph_range
from geoplan_maps.style import RasterBase, base_style
from geoplan_maps.tiles import TileLayer, base_layers, encode_tile, tile_json

__all__ = [
    "RasterBase",
    "TileLayer",
    "base_layers",
    "base_style",
    "encode_tile",
    "glyph_range",
    "tile_json",
]
