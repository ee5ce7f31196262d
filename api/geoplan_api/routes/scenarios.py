"""Saved plans: named, compared side by side, shared by a read-only link."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan_api.answers import PRIVATE, json_answer
from geoplan_api.problems import ProblemError
from geoplan_api.queries import State
from geoplan_api.scenarios import Scenario
from geoplan_api.security import Editor, Viewer
from geoplan_api.state import ServiceState

router = APIRouter(tags=["planning"])

ScenarioId = Annotated[str, Path(max_length=40)]


class NewScenario(BaseModel):
    """A finished siting job to keep."""

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
    """Keep the result of a finished siting job under a name."""
    job = state.jobs.get(given.job_id)
    result = state.jobs.result(given.job_id) if job is not None and job.kind == "siting" else None
    if job is None or result is None:
        raise ProblemError("conflict", "there is no finished siting job with this id", "没有这个已完成的规划任务")
    made = state.scenarios.save(who.name, given.name, given.note, job.id, summary(orjson.loads(result)), result)
    return json_answer(made.to_dict(), status=201)


@router.get("/v1/scenarios", summary="Saved plans", response_class=Response)
def scenarios(state: State, _: Viewer) -> Response:
    """Return the saved plans with the figures by which they are compared."""
    return json_answer({"scenarios": [item.to_dict() for item in state.scenarios.latest()]}, cache=PRIVATE)


@router.get("/v1/scenarios/compare", summary="Plans side by side", response_class=Response)
def compare(
    state: State, _: Viewer, ids: Annotated[str, Query(max_length=200, description="Two to four ids, joined by commas")]
) -> Response:
    """Return the figures of two to four plans, the sites they share and those that each has alone."""
    wanted = list(dict.fromkeys(part for part in ids.split(",") if part))
    if not 2 <= len(wanted) <= 4:
        raise ProblemError("bad-request", "give two to four ids", "请选择二至四个方案")
    found = [_one(state, scenario_id) for scenario_id in wanted]
    sites = [_sites(result) for _, result in found]
    common = set.intersection(*sites)
    return json_answer(
        {
            "plans": [
                {**scenario.to_dict(), "only_here": sorted(own - set().union(*(s for s in sites if s is not own)))}
                for (scenario, _), own in zip(found, sites, strict=True)
            ],
            "common": sorted(common),
        },
        cache=PRIVATE,
    )


@router.get("/v1/scenarios/{scenario_id}", summary="One saved plan", response_class=Response)
def scenario(state: State, _: Viewer, scenario_id: ScenarioId) -> Response:
    """Return a saved plan with its whole result."""
    found, result = _one(state, scenario_id)
    return json_answer({**found.to_dict(), "result": orjson.Fragment(result)}, cache=PRIVATE)


@router.post("/v1/scenarios/{scenario_id}/share", summary="Share a plan", response_class=Response)
def share(state: State, _: Editor, scenario_id: ScenarioId, given: Sharing) -> Response:
    """Make a read-only link to a plan, or take it back."""
    _one(state, scenario_id)
    token = state.scenarios.share(scenario_id, given.on)
    return json_answer({"share": token, "href": f"/v1/shared/{token}" if token else None})


@router.post("/v1/scenarios/{scenario_id}/delete", summary="Forget a plan", response_class=Response)
def delete(state: State, _: Editor, scenario_id: ScenarioId) -> Response:
    """Forget a saved plan."""
    _one(state, scenario_id)
    return json_answer({"deleted": state.scenarios.delete(scenario_id)})


@router.get("/v1/shared/{token}", summary="A plan behind a read-only link", response_class=Response)
def shared(state: State, token: Annotated[str, Path(max_length=60)]) -> Response:
    """Return a shared plan; nobody needs to sign in."""
    found = state.scenarios.shared(token)
    if found is None:
        raise ProblemError("not-found", "there is no plan behind this link", "链接无效或已取消分享")
    scenario_, result = found
    open_part = {name: getattr(scenario_, name) for name in ("name", "note", "summary", "created")}
    return json_answer({**open_part, "result": orjson.Fragment(result)}, cache=PRIVATE)


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a plan by which it is compared."""
    return {
        "question": result["question"],
        "certificate": {name: result["certificate"][name] for name in ("status", "objective", "bound", "gap", "sites")},
        "before": result["before"],
        "after": result["after"],
        "limit_s": result["subject"]["limit_s"],
        "profile": result["subject"]["profile"],
        "demand_total": result["subject"]["demand_total"],
        "origin": result["subject"]["origin"],
    }


def _one(state: ServiceState, scenario_id: str) -> tuple[Scenario, bytes]:
    found = state.scenarios.get(scenario_id)
    if found is None:
        raise ProblemError("not-found", "there is no such plan", "没有这个方案")
    return found


def _sites(result: bytes) -> set[str]:
    features = orjson.loads(result)["projects"]["features"]
    return {str(feature["properties"]["site_id"]) for feature in features}
