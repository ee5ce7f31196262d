"""The nearest stations on foot, with the way drawn; and what a station serves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import anyio.to_thread
import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from geoplan.crs import wgs84_to_gcj02
from geoplan_api.http.parameters import Crs, Point, State, StationQuery, instant_query, point_query, station_query
from geoplan_api.http.routes.stations import collection
from geoplan_api.http.selection import mask_of
from geoplan_api.responses import GEOJSON, NO_STORE, raw_answer

router = APIRouter(tags=["stations"])

Where = Annotated[Point, Depends(point_query)]
Filters = Annotated[StationQuery, Depends(station_query)]


@router.get("/v1/nearest", summary="Nearest stations by walking time", response_class=Response)
async def nearest(
    request: Request,
    state: State,
    point: Where,
    query: Filters,
    at: Annotated[datetime | None, Depends(instant_query)],
    crs: Crs = "wgs84",
    profile: Annotated[str | None, Query(max_length=40, description="Travel profile; the pack's default")] = None,
    limit_s: Annotated[float | None, Query(gt=0, description="Longest walk, seconds; 30 minutes if not given")] = None,
    k: Annotated[int, Query(ge=1, le=100, description="Most stations returned")] = 3,
    route: Annotated[Literal["all", "first", "none"], Query(description="Which ways are drawn")] = "first",
) -> Response:
    """Return operating stations nearest first, by time on the street network, never as the crow flies.

    Each has `seconds` and `distance_m` of the way; the first one (or all) has `route`, a LineString in `crs`. `at` asks
    for stations open at an instant (`now` if you mean now); without it, hours do not matter. `reached` is false and
    the list empty where no street is near the position.

    The position is used for this answer and forgotten: it is not logged, kept or cached.
    """
    limits = state.settings.limits
    bound = min(limit_s or 1800.0, limits.max_limit_s)
    who = profile or state.pack.manifest.defaults.profile
    index = state.analyst.kept(state.nearest_key(who, bound))
    if index is None:
        index = await anyio.to_thread.run_sync(state.nearest_index, who, bound)
    snapshot = state.stations
    wanted = snapshot.operating & mask_of(snapshot, query)
    moment = at or query.open_at
    if at is not None:
        wanted &= snapshot.open_mask(snapshot.openness(at))
    found = index.find(point.lon, point.lat, min(k, limits.max_nearest), limit_s=bound, wanted=wanted)
    extra: list[dict[str, Any]] = []
    for place, (seconds, metres) in enumerate(
        zip(found.seconds.tolist(), index.lengths_m(found).tolist(), strict=True)
    ):
        item: dict[str, Any] = {"seconds": round(seconds, 1), "distance_m": round(metres, 1)}
        if route == "all" or (route == "first" and place == 0):
            item["route"] = {"type": "LineString", "coordinates": line(index.way(found, place).xy, crs)}
        extra.append(item)
    reached_in_time = len(found.seconds) > 0 and found.seconds[0] <= state.pack.manifest.defaults.limit_s
    if moment is not None and found.on_street and not reached_in_time:
        request.app.state.misses.note(state, point, moment)
    now = moment or datetime.now(state.zone)
    body = collection(
        snapshot,
        found.rows,
        now,
        crs,
        matched=len(found.rows),
        extra=extra,
        more={
            "profile": index.network.profile.name,
            "limit_s": bound,
            "reached": found.on_street,
            "origin": state.pack.manifest.origin,
        },
    )
    return raw_answer(body, GEOJSON, cache=NO_STORE)


def line(xy: npt.NDArray[np.float64], crs: str) -> list[list[float]]:
    """Return points as GeoJSON coordinates in a system, six digits (a tenth of a metre)."""
    if crs == "gcj02":
        xy = np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1]))
    rounded: list[list[float]] = np.round(xy, 6).tolist()
    return rounded
