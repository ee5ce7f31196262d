"""What the public tells, and what staff make of it. Nothing shows before staff have looked."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan.registry.audit import audit
from geoplan.registry.publicreports import (
    PublicReport,
    add_report,
    decide_report,
    find_report,
    report_photo,
    reports,
    unmet_searches,
)
from geoplan_api.http.parameters import State
from geoplan_api.http.ratelimit import caller_key
from geoplan_api.http.routes.stations import row_of
from geoplan_api.http.security import RegisterReviewer, Viewer, request_id, same_origin
from geoplan_api.http.state import ServiceState
from geoplan_api.http.uploads import photo_of as take_photo
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, PRIVATE, json_answer, raw_answer

router = APIRouter(tags=["reports"])

ReportId = Annotated[int, Path(ge=1, lt=1 << 31)]


@router.post(
    "/v1/reports", status_code=202, summary="Tell us", response_class=Response, dependencies=[Depends(same_origin)]
)
def tell(
    request: Request,
    state: State,
    kind: Annotated[Literal["closed", "wrong_place", "broken", "suggestion"], Form(description="What is wrong")],
    station_code: Annotated[str | None, Form(max_length=80, description="Which station; none for a suggestion")] = None,
    text: Annotated[str, Form(max_length=1000, description="In your words")] = "",
    photo: Annotated[UploadFile | None, File(description="JPEG, PNG or WebP; made anew without its metadata")] = None,
) -> Response:
    """Take a report for staff to look at. No name, address or position is asked for or kept."""
    limit = request.app.state.report_limit
    wait_s = limit.wait_s(caller_key(request, state.settings.security.trust_forwarded_for))
    if wait_s:
        raise ProblemError(
            "too-many", "too many reports", "提交过多，请稍后再试", headers={"Retry-After": str(math.ceil(wait_s))}
        )
    station_id = None
    if station_code:
        row = row_of(state.stations, station_code)
        station_id = int(state.stations.frame["marker_id"].iloc[row])
    picture = take_photo(photo.file, state.settings.limits) if photo is not None and photo.size else None
    report_id = add_report(
        state.register,
        kind=kind,
        station_id=station_id,
        text=text,
        photo=picture,
        photo_type="image/jpeg",
    )
    number = number_of(state, report_id, datetime.now(UTC))
    thanks = "谢谢，工作人员核实后处理。"
    return json_answer({"id": report_id, "number": number, "state": "open", "thanks_zh": thanks}, status=202)


def number_of(state: ServiceState, report_id: int, created_at: datetime) -> str:
    """Return the number that the reporter is given: the city's date and the report's own number."""
    return f"{created_at.astimezone(state.zone):%Y%m%d}-{report_id:04d}"


@router.get("/v1/reports/{number}/status", summary="What became of a report", response_class=Response)
def status_of(
    state: State,
    number: Annotated[str, Path(max_length=20, description="As given to the reporter", examples=["20261121-0042"])],
) -> Response:
    """Return kind, station, day received and state; neither words nor photo, and no name.

    Whoever has the number may ask.
    """
    digits = re.fullmatch(r"\d{8}-(\d{4,9})", number)
    found = find_report(state.register, int(digits[1])) if digits else None
    if found is None or number_of(state, found.id, found.created_at) != number:
        raise ProblemError("not-found", "there is no report with this number", "没有这个编号的反馈，请核对")
    names = dict(zip(state.stations.frame["marker_id"], state.stations.frame["name"], strict=True))
    return json_answer(
        {
            "number": number,
            "kind": found.kind,
            "station": names.get(found.station_id),
            "received_on": found.created_at.astimezone(state.zone).date().isoformat(),
            "state": found.state,
        },
        cache=NO_STORE,
    )


@router.get("/v1/reports", summary="Reports of the public", response_class=Response)
def list_reports(
    state: State,
    _: RegisterReviewer,
    status: Annotated[Literal["open", "accepted", "dismissed", "all"], Query()] = "open",
    before: Annotated[int | None, Query(ge=1, lt=1 << 31)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Return reports, newest first."""
    found = reports(state.register, state=None if status == "all" else status, before=before, limit=limit)
    names = dict(zip(state.stations.frame["marker_id"], state.stations.frame["name"], strict=True))
    return json_answer({"reports": [_report(item, names.get(item.station_id)) for item in found]}, cache=PRIVATE)


@router.get("/v1/reports/{report_id}/photo", summary="A report's photo", response_class=Response)
def photo_of(state: State, _: RegisterReviewer, report_id: ReportId) -> Response:
    """Return the photo of a report as JPEG."""
    found = report_photo(state.register, report_id)
    if found is None:
        raise ProblemError("not-found", "the report has no photo", "这条反馈没有照片")
    return raw_answer(found[0], found[1] or "image/jpeg", cache=PRIVATE)


class Decision(BaseModel):
    """What staff decide."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["accepted", "dismissed"]
    note: str = Field(default="", max_length=1000)


@router.post("/v1/reports/{report_id}/decide", summary="Decide a report", response_class=Response)
def decide(request: Request, state: State, who: RegisterReviewer, report_id: ReportId, given: Decision) -> Response:
    """Accept or dismiss a report; what it leads to is an edit of its own."""
    decided = decide_report(state.register, report_id, given.decision, actor=who.name, note=given.note)
    audit(state.register, who.name, f"report.{given.decision}", str(report_id), request_id=request_id(request))
    return json_answer(_report(decided, None))


@router.get("/v1/unmet", summary="Where people found nothing open", response_class=Response)
def unmet(state: State, _: Viewer) -> Response:
    """Return 500 m cells and slices of the day with how many searches found no open station within the limit.

    Cells with fewer than five searches are left out: they could point to someone.
    """
    rows = [{"cell": cell, "slice": code, "searches": count} for cell, code, count in unmet_searches(state.register)]
    return json_answer({"crs": state.pack.manifest.crs_metric, "cell_m": 500, "cells": rows}, cache=PRIVATE)


def _report(item: PublicReport, name: str | None) -> dict[str, Any]:
    return {**{field: getattr(item, field) for field in item.__slots__}, "station_name": name}
