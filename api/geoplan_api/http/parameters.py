"""What a caller asks, parsed: every query parameter is read here, and handlers receive checked values.

The readers wait for nothing and are coroutines all the same: FastAPI sends plain functions to a thread, which takes
longer than the reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from geoplan.crs import gcj02_to_wgs84
from geoplan.trades import TRADES
from geoplan_api.city.stations import FACILITIES, facility_mask
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError

__all__ = [
    "BBox",
    "Crs",
    "Point",
    "State",
    "StationQuery",
    "bbox_query",
    "facility_codes",
    "instant_query",
    "own_url",
    "parse_instant",
    "point_query",
    "service_state",
    "station_query",
]

Crs: TypeAlias = Literal["wgs84", "gcj02"]
BBox: TypeAlias = tuple[float, float, float, float]


async def service_state(request: Request) -> ServiceState:
    """Return the service's state as it is at this moment; a handler keeps one state for its whole answer."""
    return cast(ServiceState, request.app.state.live.state)


State: TypeAlias = Annotated[ServiceState, Depends(service_state)]


@dataclass(frozen=True, slots=True)
class Point:
    """A position in WGS-84 degrees."""

    lon: float
    lat: float


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ProblemError("bad-request", f"{what}: {text[:40]!r} is not a number")
    return value


def _checked(lon: float, lat: float, crs: str, what: str) -> Point:
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        raise ProblemError(
            "bad-request", f"{what}: give longitude, latitude in degrees", f"{what}：请给出经度,纬度（度）"
        )
    if crs == "gcj02":
        x, y = gcj02_to_wgs84(lon, lat)
        lon, lat = float(x), float(y)
    return Point(lon, lat)


async def bbox_query(
    bbox: Annotated[
        str | None,
        Query(
            description="west,south,east,north in degrees of `crs`",
            max_length=200,
            examples=["120.28,31.55,120.34,31.60"],
        ),
    ] = None,
    crs: Annotated[Crs, Query(description="System of the positions given and returned")] = "wgs84",
) -> BBox | None:
    """Parse a rectangle into WGS-84 degrees."""
    return parse_bbox(bbox, crs)


def parse_bbox(text: str | None, crs: str = "wgs84") -> BBox | None:
    """Parse ``west,south,east,north`` into WGS-84 degrees; heights of a six-number box are passed over."""
    if text is None or text == "":
        return None
    parts = text.split(",")
    if len(parts) == 6:
        parts = [parts[0], parts[1], parts[3], parts[4]]
    if len(parts) != 4:
        raise ProblemError("bad-request", "bbox: give west,south,east,north", "bbox：请给出西,南,东,北四个数")
    west, south, east, north = (_number(part, "bbox") for part in parts)
    low, high = _checked(west, south, crs, "bbox"), _checked(east, north, crs, "bbox")
    if low.lat > high.lat or low.lon > high.lon:
        raise ProblemError(
            "bad-request", "bbox: west,south must lie below east,north", "bbox：西南角应在东北角的左下方"
        )
    return low.lon, low.lat, high.lon, high.lat


async def point_query(
    lon: Annotated[float, Query(description="Longitude in degrees of `crs`", ge=-180, le=180, examples=[120.3015])],
    lat: Annotated[float, Query(description="Latitude in degrees of `crs`", ge=-90, le=90, examples=[31.5747])],
    crs: Annotated[Crs, Query(description="System of the positions given and returned")] = "wgs84",
) -> Point:
    """Parse a position into WGS-84 degrees."""
    return _checked(lon, lat, crs, "position")


def parse_near(text: str | None, crs: str) -> Point | None:
    """Parse ``lon,lat`` into WGS-84 degrees."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 2:
        raise ProblemError("bad-request", "near: give lon,lat", "near：请给出经度,纬度")
    return _checked(_number(parts[0], "near"), _number(parts[1], "near"), crs, "near")


def parse_instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Parse ``now`` or ISO 8601; a time without an offset is on the city's clock. None stays None."""
    if text is None or text == "":
        return None
    if text == "now":
        return datetime.now(zone)
    try:
        # a plus sign in a query arrives as a space
        instant = datetime.fromisoformat(
            text.strip().replace(" 0", "+0") if text.count(" ") == 1 and "T" in text else text
        )
    except ValueError:
        raise ProblemError(
            "bad-request",
            "the time is not ISO 8601, such as 2026-11-20T02:00",
            "时间请写成 2026-11-20T02:00 这样的形式",
        ) from None
    if not 2000 <= instant.year <= 2100:
        raise ProblemError(
            "bad-request", "the time lies outside the years 2000 to 2100", "时间应在 2000 至 2100 年之间"
        )
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


async def instant_query(
    state: State,
    at: Annotated[
        str | None,
        Query(
            description="`now` or ISO 8601; without an offset on the city's clock",
            max_length=40,
            examples=["2026-11-20T02:00"],
        ),
    ] = None,
) -> datetime | None:
    """Parse the instant of a question."""
    return parse_instant(at, state.zone)


@dataclass(frozen=True, slots=True)
class StationQuery:
    """Which stations are wanted.

    Parameters
    ----------
    open_at : datetime or None
        Only stations certainly open at this instant.
    facility_bits : int
        Facilities that must all be there (see :data:`geoplan_api.city.stations.FACILITIES`).
    services : frozenset of str
        Services that must all be there.
    h24 : bool or None
        Only (or only not) around the clock.
    trade, kind, district, access, station_class, status : str or None
        Equal to this; a station that names no trade serves all.
    text : str
        Words to search for.
    """

    open_at: datetime | None = None
    facility_bits: int = 0
    services: frozenset[str] = frozenset()
    h24: bool | None = None
    trade: str | None = None
    kind: str | None = None
    district: str | None = None
    access: str | None = None
    station_class: str | None = None
    status: str | None = None
    text: str = ""


async def station_query(
    state: State,
    open: Annotated[  # noqa: A002 - the parameter's public name
        str | None, Query(description="`now` or ISO 8601: only stations open then", max_length=40, examples=["now"])
    ] = None,
    facilities: Annotated[
        str | None,
        Query(description="Codes that must all be there, joined by commas", max_length=300, examples=["toilet,water"]),
    ] = None,
    services: Annotated[str | None, Query(description="Services that must all be there", max_length=300)] = None,
    h24: Annotated[bool | None, Query(description="Only stations open around the clock")] = None,
    trade: Annotated[str | None, Query(description="Trade that is served", max_length=40, examples=["courier"])] = None,
    kind: Annotated[str | None, Query(description="Kind of station", max_length=60)] = None,
    district: Annotated[str | None, Query(description="District code", max_length=20, examples=["320213"])] = None,
    access: Annotated[Literal["open", "scan", "register"] | None, Query(description="How to enter")] = None,
    station_class: Annotated[str | None, Query(description="Class by area", max_length=40)] = None,
    status: Annotated[
        Literal["operating", "suspended", "closed", "planned"] | None, Query(description="Operating state")
    ] = None,
    q: Annotated[
        str | None,
        Query(description="Words in name, brand or address; pinyin initials too", max_length=100, examples=["smzx"]),
    ] = None,
) -> StationQuery:
    """Parse the filters that lists, nearest and the feed share."""
    return StationQuery(
        open_at=parse_instant(open, state.zone),
        facility_bits=facility_mask(facility_codes(facilities)),
        services=frozenset(_codes(services)),
        h24=h24,
        trade=_trade(trade),
        kind=kind,
        district=district,
        access=access,
        station_class=station_class,
        status=status,
        text=q or "",
    )


def _codes(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").replace(";", ",").split(",") if part.strip()]


def facility_codes(text: str | None) -> tuple[str, ...]:
    """Parse facility codes; refuses codes that do not exist."""
    codes = tuple(dict.fromkeys(_codes(text)))
    for code in codes:
        if code not in FACILITIES:
            raise ProblemError("bad-request", f"facility {code[:40]!r} is not known; use {', '.join(FACILITIES)}")
    return codes


def _trade(text: str | None) -> str | None:
    if text is not None and text not in TRADES:
        raise ProblemError("bad-request", f"trade {text[:40]!r} is not known; use {', '.join(TRADES)}")
    return text


def own_url(request: Request) -> str:
    """Return the service's own address: as set, else as the caller wrote it, and then no proxy may keep the answer."""
    address: str = request.app.state.settings.security.public_url
    if address:
        return address
    request.state.host_told = True
    return str(request.base_url).rstrip("/")
