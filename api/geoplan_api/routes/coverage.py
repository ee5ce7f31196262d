"""Is the circle met: the standard's three tests, by area, at an instant, for a trade, with the facilities asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from geoplan_api.analyst import CoverageQuestion
from geoplan_api.answers import SHORT, dump, raw_answer
from geoplan_api.problems import ProblemError
from geoplan_api.queries import State, facility_bits, instant_query

router = APIRouter(tags=["coverage"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A coverage question with the stations that count and the areas wanted."""

    question: CoverageQuestion
    facility_bits: int
    area: str | None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two questions the same."""
        q = self.question
        return (q.profile, q.limit_s, q.radius_m, q.k, q.at, q.trade, self.facility_bits, self.area)


def coverage_query(
    state: State,
    at: Annotated[datetime | None, Depends(instant_query)],
    profile: Annotated[str | None, Query(max_length=40, description="Travel profile; the pack's default")] = None,
    limit_s: Annotated[
        float | None, Query(gt=0, description="Limit of the network test, seconds", examples=[900])
    ] = None,
    radius_m: Annotated[float | None, Query(gt=0, le=20000, description="Radius of the circle test, metres")] = None,
    k: Annotated[int | None, Query(ge=2, le=9, description="Stations within reach for cross coverage")] = None,
    facilities: Annotated[str | None, Query(max_length=300, description="Only stations that have all of these")] = None,
    trade: Annotated[str | None, Query(max_length=40, description="Only workers of this trade")] = None,
    area: Annotated[str | None, Query(max_length=40, description="Code of one district or town, or `city`")] = None,
) -> Asked:
    """Parse a coverage question; what is not given is the standard's own."""
    defaults, manifest = state.settings.analysis, state.pack.manifest
    limit = defaults.limit_s if limit_s is None else limit_s
    if limit > state.settings.limits.max_limit_s:
        raise ProblemError("bad-request", f"limit_s: at most {state.settings.limits.max_limit_s:g} s")
    question = CoverageQuestion(
        profile=profile or manifest.defaults.profile,
        limit_s=limit,
        radius_m=defaults.radius_m if radius_m is None else radius_m,
        k=defaults.k if k is None else k,
        at=None if at is None else at.replace(second=0, microsecond=0),
        trade=trade,
    )
    return Asked(question, facility_bits(facilities), area)


@router.get("/v1/coverage", summary="The standard's three tests", response_class=Response)
def coverage(state: State, asked: Annotated[Asked, Depends(coverage_query)]) -> Response:
    """Return shares of workers that pass the circle, network and cross test, with what each is a share of."""

    def make() -> bytes:
        stations = state.stations
        counted = facility_rows(stations.facility_bits, asked.facility_bits)
        result = state.analyst.coverage(stations, asked.question, counted).to_dict()
        result["subject"] |= {"trade": asked.question.trade, "facilities_asked": asked.facility_bits != 0}
        if asked.area is not None:
            result["areas"] = [area for area in result["areas"] if area["area_code"] == asked.area]
            if not result["areas"]:
                raise ProblemError("not-found", "there is no area with this code", "没有这个编号的区域")
        return dump(result)

    body = state.cache.get_or_make(("coverage", state.stations.version, *asked.key), make)
    return raw_answer(body, cache=SHORT, modified=state.stations.modified)


def facility_rows(have: npt.NDArray[np.int64], wanted: int) -> npt.NDArray[np.bool_] | None:
    """Tell which stations have all the facilities asked for; None where none is asked for."""
    if not wanted:
        return None
    rows: npt.NDArray[np.bool_] = (have & wanted) == wanted
    return rows
