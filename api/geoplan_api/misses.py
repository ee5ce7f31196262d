"""Where people found nothing open: counted by a 500 m cell and a slice of the day, and nothing else is kept."""

from __future__ import annotations

from datetime import datetime

from geoplan.crs import project
from geoplan.hours import SLICES
from geoplan_api.queries import Point
from geoplan_api.state import ServiceState

__all__ = ["miss_cell"]

CELL_M = 500.0


def miss_cell(state: ServiceState, point: Point, at: datetime) -> tuple[str, str]:
    """Return the cell (``x_y`` of its south-west corner in half kilometres) and the slice of a search."""
    x, y = project(point.lon, point.lat, state.pack.manifest.crs_metric)[0]
    local = at.astimezone(state.zone)
    minute = local.hour * 60 + local.minute
    code = next((name for name, (start, end) in SLICES.items() if start <= minute < end), "22-06")
    return f"{int(x // CELL_M)}_{int(y // CELL_M)}", code
