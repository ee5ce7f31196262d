"""Is the service alive, is it ready, and what has it counted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from geoplan.registry import RegisterUnavailable, head_revision
from geoplan_api.http.parameters import State
from geoplan_api.metrics import CONTENT_TYPE
from geoplan_api.problems import PROBLEMS
from geoplan_api.responses import NO_STORE, json_answer, raw_answer

router = APIRouter(tags=["service"])


@router.get("/v1/health", summary="The process answers")
async def health() -> Response:
    """Say that the process is alive; nothing else is looked at."""
    return json_answer({"status": "ok"}, cache=NO_STORE)


@router.get("/v1/ready", summary="The service can do its work")
def ready(state: State) -> Response:
    """Say that the city is loaded, and in `register` whether the register can be read just now.

    While it is away the public answers go on from what was read last, so the service stays ready.
    """
    try:
        head_revision(state.register)
        readable = True
    except RegisterUnavailable:
        readable = False
    return json_answer(
        {
            "status": "ready",
            "register": readable,
            "stations": len(state.stations),
            "pack": state.pack.manifest.name_en,
        },
        cache=NO_STORE,
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Prometheus's text form; no label holds anything that a caller sent."""
    return raw_answer(request.app.state.metrics.text(), CONTENT_TYPE, cache=NO_STORE)


@router.get("/v1/problems", summary="Every kind of refusal")
async def problems() -> Response:
    """List the kinds of refusal: the fragment of a problem's `type` names one of these."""
    return json_answer(
        {
            name: {"status": problem.status, "title": problem.title, "title_zh": problem.title_zh}
            for name, problem in PROBLEMS.items()
        },
        cache="public, max-age=86400",
    )
