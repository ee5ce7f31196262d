"""What the service prepares in the background after its start, so that the first caller does not wait for it."""

from __future__ import annotations

import logging
import time

from geoplan_maps.still import still_map
from geoplan_maps.style import base_style

from geoplan.errors import GeoplanError
from geoplan.planning import CoverageQuestion, answer
from geoplan_api.city.ready_plan import ready_plan
from geoplan_api.http.state import NEAREST_S, Live

__all__ = ["warm_up"]

log = logging.getLogger("geoplan_api")


def warm_up(live: Live) -> None:
    """Open the network (compiling the search the first time ever), index the stations, run the tests, find the plan."""
    state = live.state
    profile = state.pack.manifest.defaults.profile
    start = time.perf_counter()
    try:
        base = state.tiles.get("base")  # every map's first question
        west, south, east, north = state.pack.bounds
        still_map(  # fonts and drawing are there from here on
            base.layers,
            base_style(base_url=""),
            lon=(west + east) / 2.0,
            lat=(south + north) / 2.0,
            zoom=12.0,
            width_px=64,
            height_px=64,
        )
        index = state.nearest_index(profile, NEAREST_S)
        if len(state.stations):  # one answer, so that its kernels are compiled
            found = index.find(float(state.stations.lon[0]), float(state.stations.lat[0]), 1)
            index.lengths_m(found)
            if len(found.rows):
                index.way(found, 0)
        answer(state.city, CoverageQuestion())
        ready_plan(state.analyst, state.stations, state.settings.analysis)
        state.tiles.get("base")
    except GeoplanError as error:
        log.warning("the figures cannot be prepared", extra={"reason": str(error)})
        return
    log.info("warm", extra={"seconds": round(time.perf_counter() - start, 2), "stations": len(state.stations)})
