"""Is the circle met, where is it not, and which stations carry it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from geoplan.geojson import to_geojson
from geoplan.planning import answer
from geoplan.planning.coverage_answer import gaps as gaps_answer
from geoplan.planning.coverage_answer import key_stations
from geoplan_api.http.asked import AskedCoverage, AskedCube
from geoplan_api.http.parameters import Crs, State
from geoplan_api.http.routes.stations import row_of
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import GEOJSON, SHORT, STEADY, dump, raw_answer

router = APIRouter(tags=["coverage"])


@router.get("/v1/coverage", summary="The standard's three tests", response_class=Response)
def coverage(request: Request, state: State, asked: AskedCoverage) -> Response:
    """Return shares of workers that pass the circle, network and cross test, with what each is a share of.

    With `at` or `slice`, the workers are those who are out then. With `facilities`, each must be within reach, at one
    station or at several. `area=city` leaves the districts and towns out.
    """
    whole = request.query_params.get("area") == "city"

    def make() -> bytes:
        told = answer(state.city, asked).to_dict()
        if whole:
            told["areas"] = [area for area in told["areas"] if area["level"] == "city"]
        return dump(told)

    return _kept(state, ("coverage", whole, asked), make)


@router.get(
    "/v1/coverage/cube", summary="Every area, slice, facility bundle and trade at once", response_class=Response
)
def cube(state: State, asked: AskedCube) -> Response:
    """Return workers asked about and covered along every axis, for the desk's slider and heat map."""
    return _kept(state, ("cube", asked), lambda: dump(answer(state.city, asked).to_dict()))


@router.get("/v1/gaps", summary="Where workers have no station within reach", response_class=Response)
def gaps(
    state: State,
    asked: AskedCoverage,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most gaps returned")] = 100,
) -> Response:
    """Return gaps as polygons, the largest first, named by town and nearest street or place.

    `worker_hours` counts workers where no time is given. Gaps below the privacy bound of small counts are left out.
    """

    def make() -> bytes:
        found = gaps_answer(state.city, asked)
        frame = found.gaps.frame
        frame = frame[frame["worker_hours"] >= state.settings.analysis.small_count_workers].head(limit)
        subject = found.subject.to_dict()
        return dump(
            {
                **to_geojson(frame.round({"worker_hours": 1, "lon": 6, "lat": 6, "extent_m": 0})),
                "total": round(found.gaps.total, 1),
                "scattered": round(found.gaps.scattered, 1),
                **{name: subject[name] for name in ("limit_s", "profile", "origin")},
                "subject": subject,
            }
        )

    return _kept(state, ("gaps", limit, asked), make, GEOJSON)


@router.get("/v1/criticality", summary="What each station alone carries", response_class=Response)
def criticality(
    state: State,
    asked: AskedCoverage,
    limit: Annotated[int, Query(ge=1, le=10000, description="Most stations returned")] = 100,
) -> Response:
    """Return stations by the workers who lose coverage if one closes, the most critical first."""

    def make() -> bytes:
        found = key_stations(state.city, asked)
        rounded = found.frame.head(limit).round({"lost": 2, "reached": 2, "sole_share": 4, "redundancy": 3})
        subject = found.subject.to_dict()
        return dump(
            {
                "stations": rounded.astype(object).where(rounded.notna(), None).to_dict("records"),
                **{name: subject[name] for name in ("limit_s", "profile", "origin")},
                "subject": subject,
            }
        )

    return _kept(state, ("criticality", limit, asked), make)


@router.get("/v1/stations/{code}/service-area", summary="What a station serves", response_class=Response)
def service_area(
    state: State,
    code: Annotated[str, Path(max_length=80, description="Station code")],
    limit_s: Annotated[
        str | None,
        Query(max_length=60, description="One or several limits, seconds, joined by commas; the pack's without any"),
    ] = None,
    profile: Annotated[str | None, Query(max_length=40, description="Travel profile; the pack's without it")] = None,
    crs: Crs = "wgs84",
) -> Response:
    """Return the area from which the station is reached within each limit, made from the streets, not from a circle."""
    row = row_of(state.stations, code)
    manifest = state.pack.manifest
    limits = [manifest.defaults.limit_s] if limit_s is None else _limits(limit_s, state.settings.limits.max_limit_s)
    who = profile or manifest.defaults.profile

    def make() -> bytes:
        place = [[float(state.stations.lon[row]), float(state.stations.lat[row])]]
        areas = state.city.network(who).service_area(place, limits, outward=False)
        areas["origin_id"] = code
        areas = areas.rename(columns={"origin_id": "station_code"}).round({"area_m2": 0})
        areas["origin"] = manifest.origin
        return dump({**to_geojson(areas, crs), "profile": who, "origin": manifest.origin})

    return _kept(state, ("service-area", code, tuple(limits), who, crs), make, GEOJSON, STEADY)


def _limits(text: str, most: float) -> list[float]:
    try:
        limits = sorted({float(part) for part in text.split(",") if part.strip()})
    except ValueError:
        raise ProblemError("bad-request", "limit_s: give seconds, joined by commas") from None
    if not limits or len(limits) > 6 or not all(0 < limit <= most for limit in limits):
        raise ProblemError("bad-request", f"limit_s: give one to six limits above 0 and at most {most:g} s")
    return limits


def _kept(
    state: ServiceState, key: tuple[Any, ...], make: Any, media_type: str = "application/json", cache: str = SHORT
) -> Response:
    """Answer from the cache, whose keys hold the register's version, or compute."""
    body = state.cache.get_or_make((state.stations.version, *key), make)
    return raw_answer(body, media_type, cache=cache, modified=state.stations.modified)
