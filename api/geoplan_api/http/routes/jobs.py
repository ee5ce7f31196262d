"""Long computations of the planner's desk: submit, watch, cancel, fetch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal

import anyio.to_thread
import orjson
from fastapi import APIRouter, Body, Depends, Path, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from geoplan.errors import Fault, InputError
from geoplan.planning import resolve
from geoplan.registry.audit import audit
from geoplan_api.asking import FORMS, Form, beyond
from geoplan_api.city.comparison import check_whole, projects_of
from geoplan_api.city.project_files import project_list_file
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Editor, Viewer, request_id
from geoplan_api.http.state import ServiceState
from geoplan_api.jobs.near_best import NearBestQuestion
from geoplan_api.jobs.store import FINISHED, PLAN_KINDS, Job
from geoplan_api.problems import ProblemError
from geoplan_api.responses import PRIVATE, dump, json_answer, raw_answer
from geoplan_api.validation import fault_of

router = APIRouter(tags=["planning"])

JobId = Annotated[str, Path(max_length=40, description="Id of the job")]
_PULSE_S = 0.3


class JobRequest(BaseModel):
    """A question that takes longer than an answer may."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["siting", "hours", "coverage", "near_best"]
    name: str = Field(default="", max_length=100, description="What you call it")
    params: dict[str, Any] = Field(
        default={}, description="The fields of `/v1/questions`; of near_best: `job_id` and `site`"
    )


_EXAMPLES: dict[str, Any] = {
    "siting": {
        "summary": "30 new sites, at least 80 % of all workers covered",
        "value": {"kind": "siting", "name": "三十站", "params": {"new_sites": 30, "floors": {"*": 0.8}}},
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
    **{kind: form.model for kind, form in FORMS.items()},
    "near_best": NearBestQuestion,
}


@router.post("/v1/jobs", status_code=202, summary="Submit a job", response_class=Response)
def submit(
    request: Request,
    state: State,
    who: Editor,
    asked: Annotated[JobRequest, Body(openapi_examples=_EXAMPLES)],
) -> Response:
    """Put a question in line; answers 202 with the job and its address, 422 where the city cannot be asked this."""
    if state.jobs.waiting() >= state.settings.jobs.max_waiting:
        raise ProblemError("busy", "too many jobs are waiting", "排队的任务过多", headers={"Retry-After": "60"})
    params = _checked(state, asked)
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
    lang: Annotated[Literal["zh", "en"], Query(description="Language of a workbook")] = "zh",
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
    content, media_type = project_list_file(result, form, state.pack, lang)
    name = {"Content-Disposition": f'attachment; filename="projects.{form}"'}
    return raw_answer(content, media_type, cache=PRIVATE, headers=name)


@router.post("/v1/jobs/{job_id}/cancel", summary="Stop a job", response_class=Response)
def cancel(request: Request, state: State, who: Editor, job_id: JobId) -> Response:
    """Ask a job to stop; a plan found so far is kept as its result."""
    details = {"owner": _job(state, job_id).owner}
    audit(state.register, who.name, "job.cancel", job_id, details=details, request_id=request_id(request))
    state.jobs.ask_to_stop(job_id)
    return json_answer(_job(state, job_id).to_dict())


async def _known_job(state: State, job_id: JobId) -> Job:
    """Return the job; it is missed before the stream begins, while the answer can still be a 404."""
    return await anyio.to_thread.run_sync(_job, state, job_id)


@router.get("/v1/jobs/{job_id}/events", summary="A job's progress as it happens", response_class=EventSourceResponse)
async def events(state: State, _: Viewer, job: Annotated[Job, Depends(_known_job)]) -> AsyncIterator[ServerSentEvent]:
    """Send the job as server-sent events: `progress` whenever it changes, and `end` once it has finished."""
    now: Job | None = job
    last = b""
    while now is not None:
        text = dump(now.to_dict())
        if now.status in FINISHED:
            yield ServerSentEvent(event="end", raw_data=text.decode())
            return
        if text != last:
            last = text
            yield ServerSentEvent(event="progress", raw_data=text.decode())
        await asyncio.sleep(_PULSE_S)  # the worker is another process: its word comes through the file
        now = await anyio.to_thread.run_sync(state.jobs.get, job.id)


def _checked(state: ServiceState, asked: JobRequest) -> dict[str, Any]:
    """Return what was said, as the job will read it; raises with every fault, before anybody waits."""
    try:
        filled = _SCHEMAS[asked.kind].model_validate(asked.params)
    except ValidationError as error:
        raise InputError([fault_of(item, "params") for item in error.errors()[:50]]) from None
    form = FORMS.get(asked.kind)
    if form is not None:
        question = form.asked(filled)
        try:
            faults = beyond(form, question, state.settings.limits)
            if faults:
                raise InputError(faults)
            resolve(state.city.pack, question)
        except InputError as error:
            raise InputError([_placed(fault, form) for fault in error.faults]) from None
    return filled.model_dump(mode="json", exclude_defaults=True)


def _placed(fault: Fault, form: Form) -> Fault:
    return replace(fault, field=f"params.{form.name_of(fault.field)}") if fault.field else fault


def _job(state: ServiceState, job_id: str) -> Job:
    job = state.jobs.get(job_id)
    if job is None:
        raise ProblemError("not-found", "there is no such job", "没有这个任务")
    return job
