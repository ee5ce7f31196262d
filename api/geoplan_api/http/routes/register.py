"""The register for staff: import with a dry run, edits, history, undo, and the review queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan.errors import InputError
from geoplan.registry import PUBLIC_FIELDS, Station, find_station, history, revisions, stations, undo, writing
from geoplan.registry.applying import apply_import
from geoplan.registry.audit import audit
from geoplan.registry.importing import ImportPlan, plan_import
from geoplan.registry.private import hide_mobiles
from geoplan.registry.review import ReviewItem, decide_review, imports, reviews
from geoplan.sources.evidence import Reference
from geoplan_api.http.parameters import State
from geoplan_api.http.reader import read_upload
from geoplan_api.http.security import Principal, RegisterEditor, RegisterReviewer, Viewer, request_id
from geoplan_api.http.state import Live, ServiceState
from geoplan_api.http.uploads import register_file
from geoplan_api.problems import ProblemError
from geoplan_api.responses import PRIVATE, json_answer

router = APIRouter(prefix="/v1/register", tags=["register"])

Number = Annotated[int, Path(ge=1, lt=1 << 31)]
_MOST_ROWS = 5000  # rows of a plan in one answer


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Undoing(_Body):
    """Why a revision is taken back."""

    reason: str = Field(min_length=1, max_length=500)


class Edit(_Body):
    """New values of a station; null clears a field."""

    changes: dict[str, Any] = Field(min_length=1, max_length=60)
    reason: str = Field(min_length=1, max_length=500)
    expected_revision: int | None = Field(default=None, ge=0, lt=1 << 31)


class Deciding(_Body):
    """What a person decides about a question of the review queue."""

    decision: Literal["confirm", "edit", "merge", "distinct", "withdraw", "dismiss"]
    note: str = Field(default="", max_length=1000)
    changes: dict[str, Any] | None = Field(default=None, max_length=60)


@router.post("/import", summary="Import a register", response_class=Response)
def import_register(
    request: Request,
    state: State,
    who: RegisterEditor,
    file: Annotated[UploadFile, File(description=".xlsx, .xls, CSV (UTF-8 or GB18030), GeoJSON, GeoPackage")],
    dry_run: Annotated[bool, Form(description="Only say what would happen")] = True,
    source_crs: Annotated[Literal["", "wgs84", "cgcs2000", "gcj02", "bd09"], Form()] = "",
    columns: Annotated[
        str, Form(max_length=5000, description="JSON: field → header, as a person confirmed them")
    ] = "{}",
    sheet: Annotated[str | None, Form(max_length=100)] = None,
    reason: Annotated[str, Form(max_length=500, description="Why; needed to write")] = "",
    base_revision: Annotated[int | None, Form(ge=0, lt=1 << 31, description="Revision of the dry run")] = None,
) -> Response:
    """Say row by row what an import would do, and do it where `dry_run` is false: all of it or nothing.

    The coordinate system is worked out from the fit to streets and districts, and the import is refused where it is
    ambiguous. Writing asks for `base_revision` of the dry run: if the register has moved on, look again.
    """
    chosen = _columns(columns)
    with register_file(file.filename or "", file.file) as path:
        table = read_upload(path, state.settings.limits, sheet=sheet)
        plan = plan_import(state.register, path, _reference(state), table=table, choices=chosen, source_crs=source_crs)
    answer = _plan(plan)
    if dry_run:
        return json_answer({**answer, "written": None})
    if base_revision is not None and base_revision != plan.base_revision:
        raise ProblemError("conflict", "the register changed since the dry run", "试运行之后台账已有变化，请重新试运行")
    result = apply_import(state.register, plan, actor=who.name, reason=reason)
    audit(state.register, who.name, "import", plan.file, details=plan.counts, request_id=request_id(request))
    _follow(request)
    written = {name: getattr(result, name) for name in ("batch", "revision", "added", "changed", "queued", "reviews")}
    return json_answer({**answer, "written": written})


@router.get("/imports", summary="Past imports", response_class=Response)
def past_imports(state: State, who: Viewer) -> Response:
    """Return the latest imports with their counts."""
    return json_answer({"imports": [_shown(item, who) for item in imports(state.register)]}, cache=PRIVATE)


@router.get("/stations", summary="Every station of the register", response_class=Response)
def all_stations(
    state: State,
    who: Viewer,
    withdrawn: Annotated[bool, Query(description="Withdrawn ones too")] = False,
) -> Response:
    """Return full records, unlocated and planned ones too; the public fields only for viewers and planners' keys."""
    rows = [_station(item, who.sees_private) for item in stations(state.register, withdrawn=withdrawn)]
    return json_answer({"stations": rows, "version": state.stations.version}, cache=PRIVATE)


@router.get("/stations/{number}", summary="One record", response_class=Response)
def one_station(state: State, who: Viewer, number: Number) -> Response:
    """Return one record by its id."""
    return json_answer(_station(_found(state, number), who.sees_private), cache=PRIVATE)


@router.post("/stations/{number}", summary="Edit a record", response_class=Response)
def edit_station(request: Request, state: State, who: RegisterEditor, number: Number, given: Edit) -> Response:
    """Change fields of a station; refused with 409 where somebody else changed it since `expected_revision`."""
    with writing(state.register, actor=who.name, reason=given.reason) as writer:
        writer.update(number, given.changes, expected_revision=given.expected_revision)
    _follow(request)
    return json_answer(_station(_found(state, number), True))


@router.get("/stations/{number}/history", summary="A station's past", response_class=Response)
def station_history(state: State, _: RegisterEditor, number: Number) -> Response:
    """Return every state that a station has had, oldest first."""
    _found(state, number)
    return json_answer(
        {
            "versions": [
                {
                    "revision": _plain(version.revision),
                    "changed": version.changed,
                    "station": _station(version.station, True),
                }
                for version in history(state.register, number)
            ]
        },
        cache=PRIVATE,
    )


@router.get("/history", summary="Revisions", response_class=Response)
def register_history(
    state: State,
    who: Viewer,
    before: Annotated[int | None, Query(ge=1, lt=1 << 31)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Return who changed the register, when, what and why, newest first."""
    found = revisions(state.register, before=before, limit=limit)
    return json_answer({"revisions": [_shown(_plain(item), who) for item in found]}, cache=PRIVATE)


@router.post("/revisions/{number}/undo", summary="Take back a revision", response_class=Response)
def undo_revision(request: Request, state: State, who: RegisterReviewer, number: Number, given: Undoing) -> Response:
    """Take back a revision by a new one; 409 where the same fields changed again since."""
    made = undo(state.register, number, actor=who.name, reason=given.reason)
    audit(state.register, who.name, "undo", str(number), request_id=request_id(request))
    _follow(request)
    return json_answer({"revision": made})


@router.get("/reviews", summary="What needs a person", response_class=Response)
def open_reviews(
    state: State,
    who: Viewer,
    status: Annotated[Literal["open", "all"], Query()] = "open",
    after: Annotated[int, Query(ge=0, lt=1 << 31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Return the questions that imports left for a person, oldest first."""
    found = reviews(state.register, state=None if status == "all" else "open", after=after, limit=limit)
    return json_answer({"reviews": [_shown(_review(item), who) for item in found]}, cache=PRIVATE)


@router.post("/reviews/{number}/decide", summary="Decide a question", response_class=Response)
def decide(request: Request, state: State, who: RegisterReviewer, number: Number, given: Deciding) -> Response:
    """Decide a question of the review queue; the decision is a revision."""
    decided = decide_review(
        state.register, number, given.decision, actor=who.name, note=given.note, changes=given.changes
    )
    _follow(request)
    return json_answer(_review(decided))


def _follow(request: Request) -> None:
    live: Live = request.app.state.live
    live.refresh()


def _reference(state: ServiceState) -> Reference:
    pack = state.pack

    def make() -> Reference:
        metro = pack.places[pack.places["kind"] == "metro"] if "kind" in pack.places else pack.places.iloc[:0]
        places = {
            str(name): (float(lon), float(lat))
            for name, lon, lat in zip(metro["name"], metro["lon"], metro["lat"], strict=True)
        }
        return Reference.from_frames(
            crs_metric=pack.manifest.crs_metric,
            streets=pack.streets,
            districts=pack.districts,
            water=pack.water if len(pack.water) else None,
            places=places,
        )

    return state.analyst.keep("reference", make)


def _columns(text: str) -> dict[str, str | None]:
    try:
        chosen = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        chosen = None
    if not isinstance(chosen, dict) or not all(value is None or isinstance(value, str) for value in chosen.values()):
        raise InputError("columns: give JSON of the form {field: header}")
    return chosen


def _found(state: ServiceState, number: int) -> Station:
    found = find_station(state.register, number)
    if found is None:
        raise ProblemError("not-found", f"there is no station {number}", "没有这个站点")
    return found


_SHOWN: Final = frozenset((*PUBLIC_FIELDS, "withdrawn"))


def _station(item: Station, private: bool) -> dict[str, Any]:
    values = {
        name: value if private else _without_mobiles(value)
        for name, value in item.values.items()
        if private or name in _SHOWN
    }
    return {"id": item.id, "revision": item.revision, "changed_at": item.changed_at, **values}


def _shown(values: dict[str, Any], who: Principal) -> dict[str, Any]:
    """Return what a person wrote or a file held, without mobile numbers for those who do not see contacts."""
    return values if who.sees_private else {name: _without_mobiles(value) for name, value in values.items()}


def _without_mobiles(value: Any) -> Any:
    if isinstance(value, str):
        return hide_mobiles(value)
    if isinstance(value, Mapping):
        return {name: _without_mobiles(item) for name, item in value.items()}
    return [_without_mobiles(item) for item in value] if isinstance(value, list | tuple) else value


def _plain(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _review(item: ReviewItem) -> dict[str, Any]:
    return {**_plain(item), "details": dict(item.details)}


def _plan(plan: ImportPlan) -> dict[str, Any]:
    rows: list[Mapping[str, Any]] = [
        {
            "row": row.row,
            "sheet": row.sheet,
            "outcome": row.outcome,
            "reasons": [_plain(reason) for reason in row.reasons],
            "name": row.values.get("name"),
            "lon": row.values.get("lon"),
            "lat": row.values.get("lat"),
            "station_id": row.station_id,
            "into_row": row.into_row,
            "geocode": row.geocode,
        }
        for row in plan.rows[:_MOST_ROWS]
    ]
    return {
        "file": plan.file,
        "base_revision": plan.base_revision,
        "counts": plan.counts,
        "columns": [_plain(match) for match in plan.columns.matches],
        "to_confirm": [match.field for match in plan.columns.to_confirm],
        "unmapped": plan.columns.unmapped,
        "facility_columns": dict(plan.facility_columns),
        "crs": {
            "crs": plan.verdict.crs,
            "basis": plan.verdict.basis,
            "rows": plan.verdict.rows,
            "reason": plan.verdict.reason,
            "reason_zh": plan.verdict.reason_zh,
        },
        "rows": rows,
        "rows_left_out": max(len(plan.rows) - _MOST_ROWS, 0),
        "remarks": plan.remarks,
    }
