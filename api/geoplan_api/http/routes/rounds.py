"""A round over stations to inspect: in which order, and how long each way takes."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from starlette.responses import Response

from geoplan.network.nearest import visiting_order
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Viewer
from geoplan_api.problems import ProblemError
from geoplan_api.responses import PRIVATE, json_answer

router = APIRouter(prefix="/v1/register", tags=["register"])

_MOST = 60


@router.get("/round", summary="An order in which to visit stations", response_class=Response)
def inspection_round(
    state: State,
    _: Viewer,
    codes: Annotated[str, Query(max_length=3000, description="Station codes, joined by commas; at most 60")],
    profile: Annotated[str, Query(max_length=40, description="Travel profile")] = "e_bike",
) -> Response:
    """Return the stations in a sensible order with the seconds of each way, along the streets, stops not counted.

    Nearest first from the best beginning, then improved by turning parts round: no claim that it is the shortest.
    `leg_s` is null at the first station and where no way leads on.
    """
    wanted = list(dict.fromkeys(part.strip() for part in codes.split(",") if part.strip()))
    if not 2 <= len(wanted) <= _MOST:
        raise ProblemError("bad-request", f"codes: give 2 to {_MOST} stations", f"codes：请给出 2 至 {_MOST} 个站点")
    snapshot = state.stations
    unknown = [code for code in wanted if code not in snapshot.row_of]
    if unknown:
        raise ProblemError("not-found", f"there is no station {unknown[0]!r}", f"没有编号为 {unknown[0]} 的站点")
    rows = np.array([snapshot.row_of[code] for code in wanted])
    lonlat = np.column_stack([snapshot.lon[rows], snapshot.lat[rows]])
    times = state.city.network(profile).travel_times(lonlat, lonlat, np.inf)
    seconds = np.full((len(rows), len(rows)), np.inf)
    for origin in range(len(rows)):
        to, taken = times.row(origin)
        seconds[origin, to] = taken
    order = visiting_order(seconds).tolist()
    stops: list[dict[str, Any]] = []
    spent = 0.0
    for at, stop in enumerate(order):
        leg = None if at == 0 else float(seconds[order[at - 1], stop])
        reached = leg is not None and np.isfinite(leg)
        spent += leg if leg is not None and reached else 0.0
        stops.append(
            {
                "station_code": wanted[stop],
                "lon": round(float(lonlat[stop, 0]), 6),
                "lat": round(float(lonlat[stop, 1]), 6),
                "leg_s": round(leg, 1) if leg is not None and reached else None,
                "at_s": round(spent, 1),
            }
        )
    body = {"profile": profile, "stops": stops, "total_s": round(spent, 1), "origin": state.pack.manifest.origin}
    return json_answer(body, cache=PRIVATE)
