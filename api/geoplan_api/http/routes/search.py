"""Finding a place by name: metro stations, towns, streets, districts and the stations themselves."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from starlette.responses import Response

from geoplan.crs import wgs84_to_gcj02
from geoplan_api.http.parameters import Crs, State
from geoplan_api.responses import STEADY, json_answer

router = APIRouter(tags=["stations"])


@router.get("/v1/search", summary="Places by name", response_class=Response)
async def search(
    state: State,
    q: Annotated[
        str, Query(min_length=1, max_length=60, description="Name, part of it, or pinyin initials", examples=["smzx"])
    ],
    crs: Crs = "wgs84",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """Return places and stations whose name fits, best first; a spelling mistake is forgiven where nothing fits."""
    found = state.places.search(q, state.stations, limit)
    if crs == "gcj02" and found:
        lon, lat = wgs84_to_gcj02([item["lon"] for item in found], [item["lat"] for item in found])
        for item, x, y in zip(found, np.round(lon, 6).tolist(), np.round(lat, 6).tolist(), strict=True):
            item["lon"], item["lat"] = x, y
    return json_answer({"results": found}, cache=STEADY, modified=state.stations.modified)
