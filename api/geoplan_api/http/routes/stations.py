"""The stations: lists, one station, a table to download."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import segno
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from geoplan.cells import inert
from geoplan_api.city.openness import open_spans, timetable_at
from geoplan_api.city.stations import PUBLIC_FIELDS, StationSnapshot
from geoplan_api.http.parameters import BBox, Crs, State, StationQuery, bbox_query, own_url, parse_near, station_query
from geoplan_api.http.selection import mask_of, nearest_first, within
from geoplan_api.problems import ProblemError
from geoplan_api.responses import GEOJSON, SHORT, STEADY, dump, raw_answer

router = APIRouter(tags=["stations"])

Filters = Annotated[StationQuery, Depends(station_query)]
Rectangle = Annotated[BBox | None, Depends(bbox_query)]
_CSV_BOM = "\ufeff"  # without it, Excel takes UTF-8 for the local code page


@router.get("/v1/stations", summary="Stations as GeoJSON", response_class=Response)
async def stations(
    state: State,
    query: Filters,
    bbox: Rectangle,
    near: Annotated[
        str | None,
        Query(description="lon,lat: nearest first, as the crow flies", max_length=80, examples=["120.30,31.57"]),
    ] = None,
    crs: Crs = "wgs84",
    limit: Annotated[int | None, Query(ge=1, le=10000, description="Most stations returned")] = None,
    offset: Annotated[int, Query(ge=0, le=100000, description="Stations passed over")] = 0,
) -> Response:
    """Return the stations that meet every condition, each with `open_now`, `open_until` and `next_open`.

    `numberMatched` counts all of them, also those beyond `limit`. `hours` holds the opening hours worked out day by
    day, for a phone that is offline later; `timetable` of a station is its row in `hours.days`.
    """
    rows = chosen_rows(state.stations, query, bbox)
    point = parse_near(near, crs)
    if point is not None:
        rows = nearest_first(state.stations, rows, point)
    most = min(limit or state.settings.limits.max_stations, state.settings.limits.max_stations)
    page = rows[offset : offset + most]
    now = datetime.now(state.zone)
    return raw_answer(
        collection(
            state.stations,
            page,
            now,
            crs,
            matched=len(rows),
            more={"at": now.isoformat(timespec="minutes"), "hours": timetable_at(state.stations.opening, now)},
        ),
        GEOJSON,
        cache=SHORT,
        modified=modified_at(state.stations, now),
    )


@router.get("/v1/stations.csv", summary="Stations as a table", response_class=Response)
def stations_csv(state: State, query: Filters, bbox: Rectangle, crs: Crs = "wgs84") -> Response:
    """Return the stations as CSV that Excel opens; positions in `crs`."""
    snapshot = state.stations
    rows = chosen_rows(snapshot, query, bbox)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*PUBLIC_FIELDS, "lon", "lat", "crs", "marker_id"])
    lon, lat = positions(snapshot, crs)
    for row in rows:
        record = snapshot.frame.iloc[row]
        cells = [_cell(record[name]) for name in PUBLIC_FIELDS]
        writer.writerow([*cells, f"{lon[row]:.6f}", f"{lat[row]:.6f}", crs, record["marker_id"]])
    return raw_answer(
        (_CSV_BOM + text.getvalue()).encode(),
        "text/csv; charset=utf-8",
        cache=SHORT,
        modified=snapshot.modified,
        headers={"Content-Disposition": 'attachment; filename="stations.csv"'},
    )


@router.get("/v1/stations/{code}", summary="One station", response_class=Response)
async def station(
    state: State,
    code: Annotated[str, Path(max_length=80, description="Station code")],
    crs: Crs = "wgs84",
) -> Response:
    """Return one station as a GeoJSON feature, with its hours of the week ahead."""
    snapshot = state.stations
    row = row_of(snapshot, code)
    now = datetime.now(state.zone)
    feature = snapshot.features([row], snapshot.openness(now), crs, [{"week": week(snapshot, row, now)}])[0]
    return raw_answer(feature, GEOJSON, cache=SHORT, modified=modified_at(snapshot, now))


@router.get("/v1/stations/{code}/qr.svg", summary="A station's link as a QR code", response_class=Response)
def qr_code(
    request: Request, state: State, code: Annotated[str, Path(max_length=80, description="Station code")]
) -> Response:
    """Return the QR code of the station's place on the public map, for a phone or a sign at the door."""
    row_of(state.stations, code)
    picture = io.BytesIO()
    link = f"{own_url(request)}/#s={quote(code, safe='')}"
    segno.make(link, error="m").save(picture, kind="svg", scale=8, border=4, light="#fff", xmldecl=False)
    return raw_answer(picture.getvalue(), "image/svg+xml", cache=STEADY)


def row_of(snapshot: StationSnapshot, code: str) -> int:
    """Return the row of a station code; raises the problem "not-found"."""
    row = snapshot.row_of.get(code)
    if row is None:
        raise ProblemError("not-found", "there is no station with this code", "没有这个编号的站点")
    return row


def chosen_rows(snapshot: StationSnapshot, query: StationQuery, bbox: BBox | None) -> npt.NDArray[np.int64]:
    """Return the rows that meet a query within a rectangle, in the register's order."""
    rows: npt.NDArray[np.int64] = np.flatnonzero(within(snapshot, bbox) & mask_of(snapshot, query))
    return rows


def collection(
    snapshot: StationSnapshot,
    rows: npt.NDArray[np.int64],
    now: datetime,
    crs: str,
    *,
    matched: int,
    extra: list[dict[str, Any]] | None = None,
    more: dict[str, Any] | None = None,
) -> bytes:
    """Write rows as a FeatureCollection."""
    head = {
        "type": "FeatureCollection",
        "crs_name": crs,
        "version": snapshot.version,
        "numberMatched": matched,
        "numberReturned": len(rows),
        **(more or {}),
    }
    features = b",".join(snapshot.features(rows, snapshot.openness(now), crs, extra))
    return dump(head)[:-1] + b',"features":[' + features + b"]}"


def modified_at(snapshot: StationSnapshot, now: datetime) -> datetime:
    """Return when an answer with opening states last changed: the register's change or the running minute."""
    return max(snapshot.modified, now.astimezone(UTC).replace(second=0, microsecond=0))


def positions(snapshot: StationSnapshot, crs: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return longitudes and latitudes in a system."""
    return (snapshot.gcj_lon, snapshot.gcj_lat) if crs == "gcj02" else (snapshot.lon, snapshot.lat)


def week(snapshot: StationSnapshot, row: int, now: datetime) -> list[dict[str, Any]]:
    """Return the open spans of today and the six days after, or an empty list where hours were not understood."""
    return open_spans(snapshot.opening, row, now)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else inert(value)
