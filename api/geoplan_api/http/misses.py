"""Where people found nothing open: counted by a 500 m cell and a slice of the day, and nothing else is kept."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from datetime import datetime
from functools import lru_cache

from pyproj import Transformer

from geoplan.errors import GeoplanError
from geoplan.hours import SLICES
from geoplan.registry import Register
from geoplan.registry.publicreports import count_unmet_search
from geoplan_api.http.parameters import Point
from geoplan_api.http.state import ServiceState

__all__ = ["MissCounter", "miss_cell"]

CELL_M = 500


class MissCounter:
    """Counts in memory, so that a search never waits for the database; written out now and then."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def note(self, state: ServiceState, point: Point, at: datetime) -> None:
        """Count a search that found nothing open within the limit."""
        with self._lock:
            self._counts[miss_cell(state, point, at)] += 1

    def write(self, register: Register) -> None:
        """Write what was counted; where the register is away, it stays counted."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        for (cell, code), searches in list(counts.items()):
            with contextlib.suppress(GeoplanError):
                count_unmet_search(register, cell, code, searches)
                del counts[cell, code]
        with self._lock:
            self._counts.update(counts)


@lru_cache(maxsize=4)
def _to_metres(crs: str) -> Transformer:
    """Return the projection; making one takes longer than the whole answer."""
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def miss_cell(state: ServiceState, point: Point, at: datetime) -> tuple[str, str]:
    """Return the cell (``epsg:500:x:y``, x and y of its corner in cells) and the slice of a search."""
    crs = state.pack.manifest.crs_metric
    x, y = _to_metres(crs).transform(point.lon, point.lat)
    local = at.astimezone(state.zone)
    minute = local.hour * 60 + local.minute
    code = next((name for name, (start, end) in SLICES.items() if start <= minute < end), "22-06")
    return f"{crs.rpartition(':')[2]}:{CELL_M}:{int(x // CELL_M)}:{int(y // CELL_M)}", code
