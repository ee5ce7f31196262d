"""What may be asked: the fields of every question as data, for forms and for programs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from geoplan.planning import CoverageQuestion, CubeQuestion, PlanQuestion, given, resolve
from geoplan.planning.question import HOURS
from geoplan_api.asking import COVERAGE, CUBE, FORMS, Form
from geoplan_api.http.parameters import State
from geoplan_api.http.state import ServiceState
from geoplan_api.responses import SHORT, json_answer

router = APIRouter(tags=["planning"])


@router.get("/v1/questions", summary="What may be asked, field by field", response_class=Response)
def questions(state: State) -> Response:
    """Return of each question its fields: name, kind, unit, range, choices, labels, help, models, default.

    `coverage` is asked of `/v1/coverage`, `/v1/gaps`, `/v1/criticality` and `/v1/report.docx`, `cube` of
    `/v1/coverage/cube` and of jobs of the kind `coverage`, `siting` and `hours` of jobs of these kinds. `default` is
    what this city is asked where nothing is said; null where nothing is then asked, or must be said.
    """
    pack = state.city.pack
    filled: tuple[tuple[str, Form, Any], ...] = (
        ("coverage", COVERAGE, resolve(pack, CoverageQuestion())),
        ("cube", CUBE, resolve(pack, CubeQuestion())),
        ("siting", FORMS["siting"], resolve(pack, PlanQuestion())),
        ("hours", FORMS["hours"], _hours(state)),
    )
    told = {name: [_field(one, form, defaults) for one in form.declared] for name, form, defaults in filled}
    return json_answer({"questions": told}, cache=SHORT)


def _hours(state: ServiceState) -> PlanQuestion:
    """Return a plan of hours with nothing left unsaid that the pack says; its prices and budget may be missing."""
    prices = state.pack.manifest.defaults
    asked = PlanQuestion(
        model=HOURS, budget=0.0, hour_cost=prices.hour_cost or 0.0, all_day_cost=prices.all_day_cost or 0.0
    )
    told = resolve(state.city.pack, asked)
    return replace(told, budget=None, day=None, hour_cost=prices.hour_cost, all_day_cost=prices.all_day_cost)


def _field(one: Any, form: Form, defaults: Any) -> dict[str, Any]:
    described = {name: value for name, value in asdict(one).items() if name not in ("option", "factor", "private")}
    meant = form.names.get(one.name, one.name)
    said = given(defaults).get(meant)
    return {**described, "default": getattr(type(defaults)(), meant, None) if said is None else said}
