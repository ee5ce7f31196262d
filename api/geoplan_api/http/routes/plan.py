"""The ready plan: where the next stations should go, with the proof."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from geoplan_api.city.ready_plan import ready_plan
from geoplan_api.http.parameters import State
from geoplan_api.responses import STEADY, json_answer

router = APIRouter(tags=["planning"])


@router.get("/v1/plan", summary="The ready plan of the city", response_class=Response)
def plan(state: State) -> Response:
    """Return the best new sites for the pack's own question, as a project list with its certificate.

    Other questions are jobs (`POST /v1/jobs`).
    """
    answer = ready_plan(state.analyst, state.stations, state.settings.analysis)
    return json_answer(answer, cache=STEADY, modified=state.stations.modified)
