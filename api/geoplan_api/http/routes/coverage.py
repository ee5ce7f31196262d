"""Is the circle met, where is it not, and which stations carry it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import ValidationError
from starlette.responses import Response

from geoplan.errors import Fault, InputError
from geoplan_api.city import figures
from geoplan_api.city.cubes import CubeQuestion, cube_answer
from geoplan_api.city.figures import When
from geoplan_api.city.searches import CoverageQuestion
from geoplan.geojson import to_geojson
from geoplan_api.http.parameters import Crs, State, facility_codes, instant_query
from geoplan_api.http.routes.stations import row_of
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import GEOJSON, SHORT, STEADY, dump, raw_answer

router = APIRouter(tags=["coverage"])

Slice = Literal["04-06", "06-12", "12-15", "15-18", "18-22", "22-06"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A coverage question: what, when, with which facilities, of which area."""

    question: CoverageQuestion
    when: When
    facilities: tuple[str, ...]
    area: str | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two questions the same."""
        q = self.question
        return (q.profile, q.limit_s, q.radius_m, q.k, q.trade, self.when, self.facilities, self.area)


async def coverage_query(
    state: State,
    at: Annotated[datetime | None, Depends(instant_query)],
    slice: Annotated[Slice | None, Query(description="Through a slice of `day`, instead of `at`")] = None,  # noqa: A002
    day: Annotated[date | None, Query(description="Day of the slice; today if not given")] = None,
    profile: Annotated[str | None, Query(max_length=40, description="Travel profile; the pack's default")] = None,
    limit_s: Annotated[float | None, Query(gt=0, description="Limit of the network test, seconds")] = None,
    radius_m: Annotated[float | None, Query(gt=0, le=20000, description="Radius of the circle test, metres")] = None,
    k: Annotated[int | None, Query(ge=2, le=9, description="Stations within reach for cross coverage")] = None,
    facilities: Annotated[str | None, Query(max_length=300, description="Each of these within reach")] = None,
    trade: Annotated[str | None, Query(max_length=40, description="Only workers of this trade")] = None,
    area: Annotated[str | None, Query(max_length=40, description="Code of one district or town, or `city`")] = None,
) -> Asked:
    """Parse a coverage question; what is not given is the standard's own."""
    if at is not None and slice is not None:
        raise ProblemError("bad-request", "give at or slice, not both", "at 与 slice 只能给出一个")
    defaults, manifest = state.settings.analysis, state.pack.manifest
    limit = defaults.limit_s if limit_s is None else limit_s
    if limit > state.settings.limits.max_limit_s:
        raise ProblemError("bad-request", f"limit_s: at most {state.settings.limits.max_limit_s:g} s")
    minute = None if at is None else at.replace(second=0, microsecond=0)
    question = CoverageQuestion(
        profile=profile or manifest.defaults.profile,
        limit_s=limit,
        radius_m=defaults.radius_m if radius_m is None else radius_m,
        k=defaults.k if k is None else k,
        at=minute,
        trade=trade,
    )
    today = day or datetime.now(state.zone).date()
    when = When(minute, slice, today if slice is not None else None)
    return Asked(question, when, facility_codes(facilities), area)


Question = Annotated[Asked, Depends(coverage_query)]


@router.get("/v1/coverage", summary="The standard's three tests", response_class=Response)
def coverage(state: State, asked: Question) -> Response:
    """Return shares of workers that pass the circle, network and cross test, with what each is a share of.

    With `slice`, the workers are those who are out then. With `facilities`, each must be within reach, at one station
    or at several.
    """

    def make() -> bytes:
        if asked.facilities or asked.when.slice_code is not None:
            answer = figures.bundle_coverage(
                state.analyst, state.stations, asked.question, asked.when, asked.facilities
            )
        else:
            answer = state.analyst.coverage(state.stations, asked.question).to_dict()
            answer["subject"] |= {"trade": asked.question.trade, "facilities": []}
        if asked.area is not None:
            answer["areas"] = [area for area in answer["areas"] if area["area_code"] == asked.area]
            if not answer["areas"]:
                raise ProblemError("not-found", "there is no area with this code", "没有这个编号的区域")
        return dump(answer)

    return _kept(state, ("coverage", *asked.key), make)


@router.get(
    "/v1/coverage/cube", summary="Every area, slice, facility bundle and trade at once", response_class=Response
)
def cube(
    state: State,
    day: Annotated[date | None, Query(description="Local date; today if not given")] = None,
    bundles: Annotated[str, Query(max_length=200, description="Names of bundles, joined by commas")] = "any",
    trades: Annotated[str, Query(max_length=200, description="Trades, joined by commas; `all` for all")] = "all",
    profiles: Annotated[str, Query(max_length=100, description="Travel profiles, joined by commas")] = "",
    limits_s: Annotated[str, Query(max_length=100, description="Limits in seconds, joined by commas")] = "900",
    k: Annotated[int, Query(ge=1, le=5)] = 2,
    levels: Annotated[str, Query(max_length=60, description="city, district, town, key_area")] = "city,district",
) -> Response:
    """Return workers asked about and covered along every axis, for the desk's slider and heat map."""
    try:
        question = CubeQuestion.model_validate(
            {
                "day": day or datetime.now(state.zone).date(),
                "bundles": _parts(bundles),
                "trades": _parts(trades),
                "profiles": _parts(profiles),
                "limits_s": _parts(limits_s),
                "levels": _parts(levels),
                "k": k,
            }
        )
    except ValidationError as error:
        faults = [Fault(item["msg"], field=".".join(map(str, item["loc"]))) for item in error.errors()[:20]]
        raise InputError(faults) from None
    if max(question.limits_s) > state.settings.limits.max_limit_s:
        raise ProblemError("bad-request", f"limits_s: at most {state.settings.limits.max_limit_s:g} s")
    key = ("cube", question.model_dump_json())
    return _kept(state, key, lambda: dump(cube_answer(state.analyst, state.stations, question)))


@router.get("/v1/gaps", summary="Where workers have no station within reach", response_class=Response)
def gaps(
    state: State,
    asked: Question,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most gaps returned")] = 100,
) -> Response:
    """Return gaps as polygons, the largest first, named by town and nearest street or place.

    `worker_hours` counts workers where no time is given. Gaps below the privacy bound of small counts are left out.
    """

    def make() -> bytes:
        found = figures.gaps(state.analyst, state.stations, asked.question, asked.when)
        least = state.settings.analysis.small_count_workers
        frame = found.frame[found.frame["worker_hours"] >= least]
        if asked.area not in (None, "city"):
            frame = frame[(frame["district_code"] == asked.area) | (frame["town_code"] == asked.area)]
        frame = frame.head(limit).round({"worker_hours": 1, "lon": 6, "lat": 6, "extent_m": 0})
        return dump(
            {
                **to_geojson(frame),
                "total": round(found.total, 1),
                "scattered": round(found.scattered, 1),
                "limit_s": asked.question.limit_s,
                "profile": asked.question.profile,
                "origin": state.pack.manifest.origin,
            }
        )

    return _kept(state, ("gaps", limit, *asked.key), make, GEOJSON)


@router.get("/v1/criticality", summary="What each station alone carries", response_class=Response)
def criticality(
    state: State,
    asked: Question,
    limit: Annotated[int, Query(ge=1, le=10000, description="Most stations returned")] = 100,
) -> Response:
    """Return stations by the workers who lose coverage if one closes, the most critical first."""

    def make() -> bytes:
        rows = figures.critical_stations(state.analyst, state.stations, asked.question, asked.when)
        return dump({"stations": rows[:limit], "limit_s": asked.question.limit_s, "profile": asked.question.profile})

    return _kept(state, ("criticality", limit, *asked.key), make)


@router.get("/v1/stations/{code}/service-area", summary="What a station serves", response_class=Response)
def service_area(
    state: State,
    code: Annotated[str, Path(max_length=80, description="Station code")],
    limit_s: Annotated[
        str, Query(max_length=60, description="One or several limits, seconds, joined by commas")
    ] = "900",
    profile: Annotated[str | None, Query(max_length=40)] = None,
    crs: Crs = "wgs84",
) -> Response:
    """Return the area from which the station is reached within each limit, made from the streets, not from a circle."""
    row = row_of(state.stations, code)
    limits = _limits(limit_s, state.settings.limits.max_limit_s)
    who = profile or state.pack.manifest.defaults.profile

    def make() -> bytes:
        network = state.analyst.network(who)
        place = [[float(state.stations.lon[row]), float(state.stations.lat[row])]]
        areas = network.service_area(place, limits, outward=False)
        areas["origin_id"] = code
        areas = areas.rename(columns={"origin_id": "station_code"}).round({"area_m2": 0})
        return dump({**to_geojson(areas, crs), "profile": who})

    return _kept(state, ("service-area", code, tuple(limits), who, crs), make, GEOJSON, STEADY)


def _limits(text: str, most: float) -> list[float]:
    try:
        limits = sorted({float(part) for part in _parts(text)})
    except ValueError:
        raise ProblemError("bad-request", "limit_s: give seconds, joined by commas") from None
    if not limits or len(limits) > 6 or not all(0 < limit <= most for limit in limits):
        raise ProblemError("bad-request", f"limit_s: give one to six limits above 0 and at most {most:g} s")
    return limits


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _kept(
    state: ServiceState, key: tuple[Any, ...], make: Any, media_type: str = "application/json", cache: str = SHORT
) -> Response:
    """Answer from the cache, whose keys hold the register's version, or compute."""
    body = state.cache.get_or_make((state.stations.version, *key), make)
    return raw_answer(body, media_type, cache=cache, modified=state.stations.modified)
