"""The tile sets of the service: which layers each holds, built when first asked for and kept as bytes by version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from geoplan_maps.tiles import TileAddress, TileLayer, encode_tile, tile_bounds_m, tile_json

from geoplan_api.city.cache import ByteCache
from geoplan_api.problems import ProblemError

__all__ = ["MAX_ZOOM", "MIN_ZOOM", "TileSet", "TileSets"]

MIN_ZOOM: Final = 5
MAX_ZOOM: Final = 16


@dataclass(frozen=True, slots=True)
class TileSet:
    """Layers of one tile set.

    Parameters
    ----------
    layers : tuple of TileLayer
        In drawing order.
    version : str
        Grows or changes with the data; part of the cache key and of the tiles' address.
    """

    layers: tuple[TileLayer, ...]
    version: str


@dataclass(frozen=True)
class TileSets:
    """All tile sets; a set is built in the first request that needs it.

    Parameters
    ----------
    makers : mapping of str to callable
        Name to a function that builds the set.
    cache : ByteCache
        Keeps finished tiles.
    bounds : tuple of float
        West, south, east, north of the city, degrees.
    attribution : str
        What every map must print.
    """

    makers: Mapping[str, Callable[[], TileSet]]
    cache: ByteCache
    bounds: tuple[float, float, float, float]
    attribution: str
    _built: dict[str, TileSet] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def get(self, name: str) -> TileSet:
        """Return a tile set by name; raises a problem for a name that does not exist."""
        if name not in self.makers:
            raise ProblemError("not-found", f"there is no tile set {name[:40]!r}; there are {', '.join(self.makers)}")
        found = self._built.get(name)
        if found is None:
            with self._lock:
                found = self._built.get(name) or self.makers[name]()
                self._built[name] = found
        return found

    def tile(self, name: str, z: int, x: int, y: int) -> bytes:
        """Return one tile's bytes; empty where nothing lies."""
        if not MIN_ZOOM <= z <= MAX_ZOOM:
            raise ProblemError("not-found", f"tiles are made for zoom {MIN_ZOOM} to {MAX_ZOOM}")
        address = TileAddress(z, x, y)
        tileset = self.get(name)
        key = (name, tileset.version, z, x, y)
        kept = self.cache.get(key)
        if kept is None:
            kept = b"" if self._outside(address) else encode_tile(tileset.layers, z, x, y)
            self.cache.put(key, kept)
        return kept

    def describe(self, name: str, base_url: str) -> dict[str, object]:
        """Return the TileJSON of a set."""
        tileset = self.get(name)
        return tile_json(
            name,
            f"{base_url}/v1/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt?v={tileset.version}",
            tileset.layers,
            bounds=self.bounds,
            attribution=self.attribution,
            min_zoom=MIN_ZOOM,
            max_zoom=MAX_ZOOM,
        )

    def replaced(self, makers: Mapping[str, Callable[[], TileSet]]) -> TileSets:
        """Return tile sets with some makers changed; what the others built is kept."""
        kept = {name: built for name, built in self._built.items() if name not in makers}
        return TileSets({**self.makers, **makers}, self.cache, self.bounds, self.attribution, kept)

    def _outside(self, address: TileAddress) -> bool:
        west, south, east, north = tile_bounds_m(address.z, address.x, address.y)
        a, b, c, d = self._bounds_m()
        return east < a or west > c or north < b or south > d

    def _bounds_m(self) -> tuple[float, float, float, float]:
        radius_m = 6378137.0
        west, south, east, north = self.bounds
        x = np.radians([west, east]) * radius_m
        y = np.log(np.tan(np.pi / 4.0 + np.radians([south, north]) / 2.0)) * radius_m
        margin_m = 5000.0  # streets reach a little beyond the districts
        return float(x[0]) - margin_m, float(y[0]) - margin_m, float(x[1]) + margin_m, float(y[1]) + margin_m
