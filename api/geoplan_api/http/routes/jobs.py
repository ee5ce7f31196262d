"""Long computations of the planner's desk: submit, watch, cancel, fetch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import anyio.to_thread
import orjson
from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response, StreamingResponse

from geoplan.errors import InputError
from geoplan.registry.audit import audit
from geoplan_api.city.comparison import check_whole, projects_of
from geoplan_api.city.cubes import CubeQuestion
from geoplan_api.city.plans import project_list_file
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Editor, Viewer, request_id
from geoplan_api.http.state import ServiceState
from geoplan_api.jobs.hours import HoursQuestion
from geoplan_api.jobs.nearbest import NearBestQuestion
from geoplan_api.jobs.question import SitingQuestion
from geoplan_api.jobs.store import FINISHED, PLAN_KINDS, Job
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, PRIVATE, dump, json_answer, raw_answer
from geoplan_api.validation import fault_of

router = APIRouter(tags=["planning"])

JobId = Annotated[str, Path(max_length=40, description="Id of the job")]
_PULSE_S = 0.3
_KEEP_ALIVE_S = 15.0


class JobRequest(BaseModel):
    """A question that takes longer than an answer may."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["siting", "hours", "coverage", "near_best"]
    name: str = Field(default="", max_length=100, description="What you call it")
    params: dict[str, Any] = Field(
        default={}, description="See SitingQuestion, HoursQuestion, CubeQuestion and NearBestQuestion in docs/api.md"
    )


_EXAMPLES: dict[str, Any] = {
    "siting": {
        "summary": "111 new sites, at least 80 % of all workers covered",
        "value": {"kind": "siting", "name": "1000 站", "params": {"new_sites": 111, "floors": {"*": 0.8}}},
    },
    "phases": {
        "summary": "Three years, with the reason for every site",
        "value": {"kind": "siting", "params": {"years": [30, 40, 41], "joint": True, "explain": True}},
    },
    "hours": {
        "summary": "Longer hours and new stations under one budget",
        "value": {"kind": "hours", "params": {"budget": 100, "hour_cost": 0.9, "all_day_cost": 8}},
    },
    "coverage": {
        "summary": "The day's slices by district and trade",
        "value": {"kind": "coverage", "params": {"trades": ["all", "courier"], "bundles": ["any", "toilet"]}},
    },
    "near_best": {
        "summary": "Whether a site stands in every plan within 0.5 % of the best",
        "value": {"kind": "near_best", "params": {"job_id": "abc", "site": "C0001"}},
    },
}


_SCHEMAS: dict[str, type[BaseModel]] = {
    "siting": SitingQuestion,
    "hours": HoursQuestion,
    "coverage": CubeQuestion,
    "near_best": NearBestQuestion,
}


@router.post("/v1/jobs", status_code=202, summary="Submit a job", response_class=Response)
def submit(
    request: Request,
    state: State,
    who: Editor,
    asked: Annotated[JobRequest, Body(openapi_examples=_EXAMPLES)],
) -> Response:
    """Put a question in line; answers 202 with the job and its address."""
    if state.jobs.waiting() >= state.settings.jobs.max_waiting:
        raise ProblemError("busy", "too many jobs are waiting", "排队的任务过多", headers={"Retry-After": "60"})
    schema = _SCHEMAS[asked.kind]
    try:
        params = schema.model_validate(asked.params).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        raise InputError([fault_of(item, "params") for item in error.errors()[:50]]) from None
    job = state.jobs.add(asked.kind, who.name, params, asked.name)
    request.app.state.supervisor.wake()
    return json_answer(job.to_dict(), status=202, headers={"Location": f"/v1/jobs/{job.id}"})


@router.get("/v1/jobs", summary="The latest jobs", response_class=Response)
def jobs(state: State, who: Viewer, mine: Annotated[bool, Query(description="Only your own")] = False) -> Response:
    """Return the latest hundred jobs of the desk, latest first."""
    found = state.jobs.latest(who.name if mine else None)
    return json_answer({"jobs": [job.to_dict() for job in found]}, cache=PRIVATE)


@router.get("/v1/jobs/{job_id}", summary="One job", response_class=Response)
def job_state(state: State, _: Viewer, job_id: JobId) -> Response:
    """Return a job's status and latest progress."""
    return json_answer(_job(state, job_id).to_dict(), cache=PRIVATE)


@router.get("/v1/jobs/{job_id}/result", summary="A job's result", response_class=Response)
def job_result(state: State, _: Viewer, job_id: JobId) -> Response:
    """Return the result of a finished job; 409 while it runs or where it has none."""
    job = _job(state, job_id)
    body = state.jobs.result(job_id) if job.status in FINISHED else None
    if body is None:
        raise ProblemError("conflict", f"the job is {job.status} and has no result", "任务尚无结果")
    return raw_answer(body, cache=PRIVATE)


@router.get("/v1/jobs/{job_id}/projects.{form}", summary="A plan's project list", response_class=Response)
def project_file(
    state: State,
    _: Viewer,
    job_id: JobId,
    form: Annotated[Literal["xlsx", "csv", "geojson"], Path(description="Form of the file")],
) -> Response:
    """Return the project list (项目清单) of a finished siting or hours job; a workbook holds the certificate too."""
    job = _job(state, job_id)
    body = state.jobs.result(job_id) if job.status in FINISHED and job.kind in PLAN_KINDS else None
    result = orjson.loads(body) if body is not None else {}
    if body is None or not projects_of(result)["features"]:
        raise ProblemError(
            "conflict", f"the {job.kind} job is {job.status} and has no project list", "任务没有项目清单"
        )
    check_whole(result)
    content, media_type = project_list_file(result, form, state.pack)
    name = {"Content-Disposition": f'attachment; filename="projects.{form}"'}
    return raw_answer(content, media_type, cache=PRIVATE, headers=name)


@router.post("/v1/jobs/{job_id}/cancel", summary="Stop a job", response_class=Response)
def cancel(request: Request, state: State, who: Editor, job_id: JobId) -> Response:
    """Ask a job to stop; a plan found so far is kept as its result."""
    details = {"owner": _job(state, job_id).owner}
    audit(state.register, who.name, "job.cancel", job_id, details=details, request_id=request_id(request))
    state.jobs.ask_to_stop(job_id)
    return json_answer(_job(state, job_id).to_dict())


@router.get("/v1/jobs/{job_id}/events", summary="A job's progress as it happens", response_class=Response)
async def events(request: Request, state: State, _: Viewer, job_id: JobId) -> Response:
    """Send the job as server-sent events: `progress` whenever it changes, and `end` once it has finished."""
    await anyio.to_thread.run_sync(_job, state, job_id)
    return StreamingResponse(
        _stream(request, state, job_id),
        media_type="text/event-stream",
        headers={"Cache-Control": NO_STORE, "X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, state: ServiceState, job_id: str) -> AsyncIterator[bytes]:
    last, quiet_s = b"", 0.0
    while not await request.is_disconnected():
        job = await anyio.to_thread.run_sync(state.jobs.get, job_id)
        if job is None:
            return
        now = dump(job.to_dict())
        if job.status in FINISHED:
            yield b"event: end\ndata: " + now + b"\n\n"
            return
        if now != last:
            last, quiet_s = now, 0.0
            yield b"event: progress\ndata: " + now + b"\n\n"
        elif quiet_s >= _KEEP_ALIVE_S:
            quiet_s = 0.0
            yield b": still here\n\n"
        await asyncio.sleep(_PULSE_S)
        quiet_s += _PULSE_S


def _job(state: ServiceState, job_id: str) -> Job:
    job = state.jobs.get(job_id)
    if job is None:
        raise ProblemError("not-found", "there is no such job", "没有这个任务")
    return job
