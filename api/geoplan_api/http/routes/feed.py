"""The mini-program's feed: GCJ-02, markers in the shape that WeChat's map takes, small, with changes since a version.

Field names and meanings are a contract (docs/miniprogram-feed.md): they are added to, never changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from geoplan.crs import gcj02_to_wgs84, wgs84_to_gcj02
from geoplan.registry import changes_since
from geoplan.vocabulary import FIELDS, labels
from geoplan_api.city.openness import Openness, timetable_at
from geoplan_api.city.stations import FACILITIES, StationSnapshot
from geoplan_api.http.delivery import etag_of
from geoplan_api.http.parameters import State, StationQuery, station_query
from geoplan_api.http.routes.stations import modified_at
from geoplan_api.http.selection import mask_of
from geoplan_api.http.state import NEAREST_S
from geoplan_api.responses import NO_STORE, SHORT, dump, json_answer, raw_answer

router = APIRouter(prefix="/v1/feed/miniprogram", tags=["mini-program"])

FORMAT: Final = 1
_DIGITS: Final = 3  # a position is rounded to about 100 m before it is used
_ROUTE_COLOUR: Final = "#C8102E"
_FIELDS: Final = {spec.name: spec.feed for spec in FIELDS if spec.feed and spec.public}
_WORDS: Final = {name: dict(labels(name)) for name in ("chip", "facility", "report_kind", "access")}


@router.get("", summary="The whole city, or what changed since a version", response_class=Response)
def feed(
    state: State,
    since: Annotated[
        int | None, Query(ge=0, description="Version that the program has; all stations without it")
    ] = None,
) -> Response:
    """Return markers for `addMarkers` and a compact list of the stations, joined by `id`.

    With `since`, only stations changed after that version and, in `removed`, ids to drop. `full` says whether the
    answer replaces what the program has.
    """
    snapshot = state.stations
    now = datetime.now(state.zone)
    full = since is None or since > snapshot.version
    removed: list[int] = []
    rows = np.arange(len(snapshot))
    if not full:
        changes = changes_since(state.register, int(since or 0))
        full = int(since or 0) < changes.epoch  # restored from a backup since: what the program has may never have been
    if not full:
        wanted = {station.id for station in changes.changed}
        rows = np.flatnonzero(np.isin(snapshot.frame["marker_id"].to_numpy(np.int64), sorted(wanted)))
        removed = list(changes.dropped)
    openness = snapshot.openness(now)
    key = ("feed", snapshot.version, since if not full else None, openness.changes_at)

    def make() -> bytes:
        return dump(
            {
                "format": FORMAT,
                "version": snapshot.version,
                "full": full,
                "crs": "gcj02",
                "at": now.isoformat(timespec="minutes"),
                "next_change_at": openness.changes_at.isoformat(timespec="minutes"),
                "facilities": FACILITIES,
                "hours": timetable_at(snapshot.opening, now),
                "words": _WORDS,
                "markers": [marker(snapshot, int(row), openness) for row in rows],
                "stations": [compact(snapshot, int(row), openness) for row in rows],
                "removed": removed,
                "demonstration": state.pack.manifest.is_demonstration,
            }
        )

    body = state.cache.get_or_make(key, make)
    # half a megabyte is not hashed anew for every caller
    tag = state.cache.get_or_make((*key, "etag", len(body)), lambda: etag_of(body).encode()).decode()
    return raw_answer(body, cache=SHORT, modified=modified_at(snapshot, now), headers={"ETag": tag})


@router.get("/open", summary="Which stations are open now", response_class=Response)
async def open_now(state: State) -> Response:
    """Return ids of the stations open now and of those whose hours cannot be decided: a few kilobytes a minute."""
    snapshot = state.stations
    now = datetime.now(state.zone)
    openness = snapshot.openness(now)
    by_wording = np.array([-1 if known is None else int(known) for known in openness.is_open])
    states = np.where(snapshot.operating, by_wording[snapshot.opening.index], 0)
    ids = snapshot.frame["marker_id"].to_numpy(np.int64)
    return json_answer(
        {
            "format": FORMAT,
            "version": snapshot.version,
            "at": now.isoformat(timespec="minutes"),
            "next_change_at": openness.changes_at.isoformat(timespec="minutes"),
            "open": ids[states == 1],
            "unknown": ids[states == -1],
            "demonstration": state.pack.manifest.is_demonstration,
        },
        cache=SHORT,
    )


@router.get("/nearest", summary="Nearest stations of a rounded position", response_class=Response)
def nearest(
    state: State,
    latitude: Annotated[float, Query(ge=-90, le=90, description="GCJ-02, as wx.getFuzzyLocation gives it")],
    longitude: Annotated[float, Query(ge=-180, le=180, description="GCJ-02")],
    query: Annotated[StationQuery, Depends(station_query)],
    k: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Response:
    """Return the nearest open stations on foot, with a `polyline` for the first.

    The position is rounded to three digits (about 100 m) before anything else, used, and forgotten. Stations that are
    closed now are left out unless `open` asks for another time.
    """
    lon, lat = gcj02_to_wgs84(round(longitude, _DIGITS), round(latitude, _DIGITS))
    snapshot = state.stations
    now = query.open_at or datetime.now(state.zone)
    openness = snapshot.openness(now)
    wanted = snapshot.open_mask(openness) & mask_of(snapshot, query)
    index = state.nearest_index(state.pack.manifest.defaults.profile, NEAREST_S)
    found = index.find(float(lon), float(lat), k, wanted=wanted)
    results = []
    for place, seconds in enumerate(found.seconds.tolist()):
        row = int(found.rows[place])
        way = index.way(found, place)
        item = compact(snapshot, row, openness)
        item |= {"seconds": round(seconds), "minutes": max(1, round(seconds / 60.0)), "distance_m": round(way.length_m)}
        if place == 0:
            item["polyline"] = polyline(way.xy)
        results.append(item)
    return json_answer(
        {
            "format": FORMAT,
            "version": snapshot.version,
            "at": now.isoformat(timespec="minutes"),
            "stations": results,
            "demonstration": state.pack.manifest.is_demonstration,
        },
        cache=NO_STORE,
    )


def marker(snapshot: StationSnapshot, row: int, openness: Openness) -> dict[str, Any]:
    """Return one marker as WeChat's `map` takes it: an integer id, latitude, longitude, callout, joinCluster."""
    record = snapshot.records[row]
    is_open, until, _ = snapshot.state_of(row, openness)
    return {
        "id": int(record["marker_id"]),
        "latitude": round(float(snapshot.gcj_lat[row]), 6),
        "longitude": round(float(snapshot.gcj_lon[row]), 6),
        "title": record["name"],
        "joinCluster": True,
        "callout": {"content": f"{record['name']}\n{state_words(is_open, until)}", "display": "BYCLICK"},
    }


def compact(snapshot: StationSnapshot, row: int, openness: Openness) -> dict[str, Any]:
    """Return what the list view needs of one station; facilities as a bit mask over the feed's ``facilities``."""
    record = snapshot.records[row]
    is_open, until, following = snapshot.state_of(row, openness)
    return {
        "id": int(record["marker_id"]),
        **{name: record[field] for field, name in _FIELDS.items()},
        "latitude": round(float(snapshot.gcj_lat[row]), 6),
        "longitude": round(float(snapshot.gcj_lon[row]), 6),
        "open": is_open,
        "open_until": until,
        "next_open": following,
        "h24": bool(record["h24"]),
        "timetable": int(snapshot.opening.index[row]) if snapshot.operating[row] else None,
        "facility_bits": int(snapshot.facility_bits[row]),
    }


def state_words(is_open: bool | None, until: str | None) -> str:
    """Say in Chinese whether a station is open."""
    if is_open is None:
        return "开放时间待核实"
    if not is_open:
        return "现在关门"
    return f"现在开门，至 {until[11:16]}" if until else "24 小时开放"


def polyline(xy: Any) -> list[dict[str, Any]]:
    """Return a way as the `polyline` of WeChat's `map`."""
    lon, lat = wgs84_to_gcj02(xy[:, 0], xy[:, 1])
    points = [
        {"latitude": y, "longitude": x}
        for x, y in zip(np.round(lon, 6).tolist(), np.round(lat, 6).tolist(), strict=True)
    ]
    return [{"points": points, "color": _ROUTE_COLOUR, "width": 6, "arrowLine": True}]
