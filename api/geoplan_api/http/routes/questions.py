"""What may be asked: the fields of every question as data, for forms and for programs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from geoplan.planning import CoverageQuestion, CubeQuestion, PlanQuestion, given, resolve
from geoplan.planning.question import HOURS, TITLES
from geoplan_api.asking import COVERAGE, CUBE, FORMS, Form
from geoplan_api.http.parameters import State
from geoplan_api.http.state import ServiceState
from geoplan_api.responses import SHORT, json_answer

router = APIRouter(tags=["planning"])

# What a model must be told before it can be resolved: told anything here, and not given out as a default.
_MUST_SAY: Final[dict[str, dict[str, Any]]] = {"pscp": {"share": 1.0}, "cflp": {"minute_cost": 1.0}}
_UNTOLD: Final = ("option", "private")


@router.get("/v1/questions", summary="What may be asked, field by field", response_class=Response)
def questions(state: State) -> Response:
    """Return of each question its fields: name, kind, unit, range, choices, labels, help, models, default.

    `coverage` is asked of `/v1/coverage`, `/v1/gaps`, `/v1/criticality` and `/v1/report.docx`, `cube` of
    `/v1/coverage/cube` and of jobs of the kind `coverage`, `siting` and `hours` of jobs of these kinds. `default` is
    what this city is asked where nothing is said; null where nothing is then asked, or must be said. `factor` is what
    a number is multiplied by that people say in a larger unit (60 for minutes). `models` names every model with the
    kind of job that takes it and what it is asked by default, where that differs from `default`.
    """
    pack = state.city.pack
    filled: tuple[tuple[str, Form, Any], ...] = (
        ("coverage", COVERAGE, resolve(pack, CoverageQuestion())),
        ("cube", CUBE, resolve(pack, CubeQuestion())),
        ("siting", FORMS["siting"], resolve(pack, PlanQuestion())),
        ("hours", FORMS["hours"], _hours(state)),
    )
    told = {name: [_field(one, form, defaults) for one in form.declared] for name, form, defaults in filled}
    return json_answer({"questions": told, "models": _models(state, told["siting"])}, cache=SHORT)


def _hours(state: ServiceState) -> PlanQuestion:
    """Return a plan of hours with nothing left unsaid that the pack says; its prices and budget may be missing."""
    prices = state.pack.manifest.defaults
    asked = PlanQuestion(
        model=HOURS, budget=0.0, hour_cost=prices.hour_cost or 0.0, all_day_cost=prices.all_day_cost or 0.0
    )
    told = resolve(state.city.pack, asked)
    return replace(told, budget=None, day=None, hour_cost=prices.hour_cost, all_day_cost=prices.all_day_cost)


def _models(state: ServiceState, siting: list[dict[str, Any]]) -> dict[str, Any]:
    """Return every model: what it is called, which kind of job takes it, what it is asked by default."""
    plain = {field["name"]: field["default"] for field in siting}
    told = {}
    for name, (zh, en) in TITLES.items():
        defaults: dict[str, Any] = {}
        if name != HOURS:
            must = _MUST_SAY.get(name, {})
            found = resolve(state.city.pack, PlanQuestion(model=name, **must))
            values = {field: None if field in must else getattr(found, field) for field in plain}
            defaults = {field: value for field, value in values.items() if value != plain[field] and field != "model"}
        told[name] = {"kind": "hours" if name == HOURS else "siting", "zh": zh, "en": en, "defaults": defaults}
    return told


def _field(one: Any, form: Form, defaults: Any) -> dict[str, Any]:
    described = {name: value for name, value in asdict(one).items() if name not in _UNTOLD}
    meant = form.names.get(one.name, one.name)
    said = given(defaults).get(meant)
    return {**described, "default": getattr(type(defaults)(), meant, None) if said is None else said}
