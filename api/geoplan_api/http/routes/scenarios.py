"""Saved plans: named, compared side by side, shared by a read-only link."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan.registry.audit import audit
from geoplan.registry.private import hide_mobiles
from geoplan_api.city.comparison import check_whole, compared, summary
from geoplan_api.city.scenarios import Scenario
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Editor, Viewer, request_id
from geoplan_api.http.state import ServiceState
from geoplan_api.jobs.store import PLAN_KINDS
from geoplan_api.problems import ProblemError
from geoplan_api.responses import PRIVATE, json_answer

router = APIRouter(tags=["planning"])

ScenarioId = Annotated[str, Path(max_length=40)]


class NewScenario(BaseModel):
    """A finished siting or hours job to keep."""

    model_config = ConfigDict(extra="forbid")

    job_id: str = Field(max_length=40)
    name: str = Field(min_length=1, max_length=100)
    note: str = Field(default="", max_length=1000)


class Sharing(BaseModel):
    """Whether a read-only link exists."""

    model_config = ConfigDict(extra="forbid")

    on: bool


@router.post("/v1/scenarios", status_code=201, summary="Save a plan", response_class=Response)
def save(state: State, who: Editor, given: NewScenario) -> Response:
    """Keep the result of a finished siting or hours job under a name."""
    job = state.jobs.get(given.job_id)
    result = state.jobs.result(given.job_id) if job is not None and job.kind in PLAN_KINDS else None
    if job is None or result is None:
        raise ProblemError("conflict", "there is no finished plan with this id", "没有这个已完成的规划任务")
    plan = orjson.loads(result)
    check_whole(plan)
    made = state.scenarios.save(who.name, given.name, given.note, job.id, summary(plan), result)
    return json_answer(made.to_dict(), status=201)


@router.get("/v1/scenarios", summary="Saved plans", response_class=Response)
def scenarios(state: State, _: Viewer) -> Response:
    """Return the saved plans with the figures by which they are compared."""
    return json_answer({"scenarios": [item.to_dict() for item in state.scenarios.latest()]}, cache=PRIVATE)


@router.get("/v1/scenarios/compare", summary="Plans side by side", response_class=Response)
def compare(
    state: State, _: Viewer, ids: Annotated[str, Query(max_length=200, description="Two to four ids, joined by commas")]
) -> Response:
    """Return the figures of two to four plans, the new sites they share and those that each has alone.

    `differs` names in what the figures are not of the same, such as `kind` (workers, worker-hours, the worst slice),
    `trade` or `limit_s`; where it is empty, the shares may be compared.
    """
    wanted = list(dict.fromkeys(part for part in ids.split(",") if part))
    if not 2 <= len(wanted) <= 4:
        raise ProblemError("bad-request", "give two to four ids", "请选择二至四个方案")
    found = [_one(state, scenario_id) for scenario_id in wanted]
    return json_answer(compared([(saved.to_dict(), orjson.loads(result)) for saved, result in found]), cache=PRIVATE)


@router.get("/v1/scenarios/{scenario_id}", summary="One saved plan", response_class=Response)
def scenario(state: State, _: Viewer, scenario_id: ScenarioId) -> Response:
    """Return a saved plan with its whole result."""
    found, result = _one(state, scenario_id)
    return json_answer({**found.to_dict(), "result": orjson.Fragment(result)}, cache=PRIVATE)


@router.post("/v1/scenarios/{scenario_id}/share", summary="Share a plan", response_class=Response)
def share(request: Request, state: State, who: Editor, scenario_id: ScenarioId, given: Sharing) -> Response:
    """Make a read-only link to a plan, or take it back; sharing again gives the same link."""
    _one(state, scenario_id)
    token = state.scenarios.share(scenario_id, given.on)
    action = "scenario.share" if given.on else "scenario.unshare"
    audit(state.register, who.name, action, scenario_id, request_id=request_id(request))
    return json_answer({"share": token, "href": f"/v1/shared/{token}" if token else None})


@router.post("/v1/scenarios/{scenario_id}/delete", summary="Forget a plan", response_class=Response)
def delete(request: Request, state: State, who: Editor, scenario_id: ScenarioId) -> Response:
    """Forget a saved plan."""
    found, _ = _one(state, scenario_id)
    details = {"name": found.name, "owner": found.owner}
    audit(state.register, who.name, "scenario.delete", scenario_id, details=details, request_id=request_id(request))
    return json_answer({"deleted": state.scenarios.delete(scenario_id)})


@router.get("/v1/shared/{token}", summary="A plan behind a read-only link", response_class=Response)
def shared(state: State, token: Annotated[str, Path(max_length=60)]) -> Response:
    """Return a shared plan; nobody needs to sign in."""
    found = state.scenarios.shared(token)
    if found is None:
        raise ProblemError("not-found", "there is no plan behind this link", "链接无效或已取消分享")
    scenario_, result = found
    open_part = {name: getattr(scenario_, name) for name in ("name", "note", "summary", "created")}
    open_part |= {name: hide_mobiles(open_part[name]) for name in ("name", "note")}
    return json_answer({**open_part, "result": orjson.Fragment(result)}, cache=PRIVATE)


def _one(state: ServiceState, scenario_id: str) -> tuple[Scenario, bytes]:
    found = state.scenarios.get(scenario_id)
    if found is None:
        raise ProblemError("not-found", "there is no such plan", "没有这个方案")
    return found
