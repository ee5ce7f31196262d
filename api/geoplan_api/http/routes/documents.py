"""Word reports: coverage now, and a plan with its proof, as a file that a meeting can be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
import pandas as pd
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from geoplan.coverage import Coverage
from geoplan.planning import CoverageQuestion, answer
from geoplan.report import (
    Chapter,
    coverage_chapter,
    document_bytes,
    hours_chapter,
    plan_chapter,
    robust_chapter,
    sources_chapter,
    subject_words,
)
from geoplan_api.asking import COVERAGE
from geoplan_api.city.comparison import check_whole, projects_of, year_of
from geoplan_api.city.project_files import project_list_file
from geoplan_api.http.asked import AskedCoverage
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Viewer
from geoplan_api.http.state import ServiceState
from geoplan_api.jobs.store import PLAN_KINDS
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, raw_answer

router = APIRouter(tags=["planning"])

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Lang = Annotated[Literal["zh", "en"], Query(description="Language of the words")]


@router.get("/v1/report.docx", summary="Coverage as a Word report", response_class=Response)
def coverage_report(state: State, _: Viewer, asked: AskedCoverage, lang: Lang = "zh") -> Response:
    """Return coverage by district, with where the data come from; it takes what `/v1/coverage` takes.

    Without `at` or `slice` it is regardless of opening hours, and says so.
    """
    return _document(state, lang, asked, None)


@router.get("/v1/jobs/{job_id}/report.docx", summary="A plan as a Word report", response_class=Response)
def plan_report(state: State, _: Viewer, job_id: Annotated[str, Path(max_length=40)], lang: Lang = "zh") -> Response:
    """Return the plan of a finished siting or hours job with its certificate and list, after coverage as it is now."""
    job = state.jobs.get(job_id)
    body = state.jobs.result(job_id) if job is not None and job.kind in PLAN_KINDS else None
    if body is None:
        raise ProblemError("not-found", "there is no finished plan with this id", "没有这个已完成的规划任务")
    return _plan_document(state, lang, body)


@router.get("/v1/scenarios/{scenario_id}/report.docx", summary="A saved plan as a Word report", response_class=Response)
def saved_report(
    state: State, _: Viewer, scenario_id: Annotated[str, Path(max_length=40)], lang: Lang = "zh"
) -> Response:
    """Return a saved plan, also after its job was forgotten."""
    found = state.scenarios.get(scenario_id)
    if found is None:
        raise ProblemError("not-found", "there is no such plan", "没有这个方案")
    return _plan_document(state, lang, found[1])


@router.get("/v1/shared/{token}/report.docx", summary="A shared plan as a Word report", response_class=Response)
def shared_report(state: State, token: Annotated[str, Path(max_length=60)], lang: Lang = "zh") -> Response:
    """Return the plan behind a read-only link; nobody needs to sign in."""
    found = state.scenarios.shared(token)
    if found is None:
        raise ProblemError("not-found", "this link is not (any longer) shared", "此链接已失效")
    return _plan_document(state, lang, found[1])


Form = Annotated[Literal["xlsx", "csv", "geojson"], Path(description="Form of the file")]


@router.get(
    "/v1/scenarios/{scenario_id}/projects.{form}", summary="A saved plan's project list", response_class=Response
)
def saved_projects(
    state: State, _: Viewer, scenario_id: Annotated[str, Path(max_length=40)], form: Form, lang: Lang = "zh"
) -> Response:
    """Return the project list of a saved plan, also after its job was forgotten."""
    found = state.scenarios.get(scenario_id)
    if found is None:
        raise ProblemError("not-found", "there is no such plan", "没有这个方案")
    return _projects(state, orjson.loads(found[1]), form, lang)


@router.get("/v1/shared/{token}/projects.{form}", summary="A shared plan's project list", response_class=Response)
def shared_projects(
    state: State, token: Annotated[str, Path(max_length=60)], form: Form, lang: Lang = "zh"
) -> Response:
    """Return the project list behind a read-only link; nobody needs to sign in."""
    found = state.scenarios.shared(token)
    if found is None:
        raise ProblemError("not-found", "this link is not (any longer) shared", "此链接已失效")
    return _projects(state, orjson.loads(found[1]), form, lang)


def _projects(state: ServiceState, answer: dict[str, Any], form: str, lang: Literal["zh", "en"]) -> Response:
    if not projects_of(answer)["features"]:
        raise ProblemError("conflict", "the plan has no project list", "方案没有项目清单")
    check_whole(answer)
    content, media_type = project_list_file(answer, form, state.pack, lang)
    name = {"Content-Disposition": f'attachment; filename="projects.{form}"'}
    return raw_answer(content, media_type, cache=NO_STORE, headers=name)


def plan_words(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's answer as :func:`geoplan.report.plan_chapter` reads it; years where the plan has them."""
    proof, subject, after = answer["certificate"], answer["subject"], answer["after"]
    built_in = year_of(answer)
    projects = [feature["properties"] for feature in answer["projects"]["features"]]
    return {
        "sentence": proof["sentence"],
        "sentence_zh": proof["sentence_zh"],
        "objective": proof["objective"],
        "bound": proof["bound"],
        "gap": proof["gap"],
        "agrees": proof["agrees"],
        "share_before": answer["before"]["share"],
        "share_after": None if after is None else after["share"],
        "demand_total": subject["demand_total"],
        "demand_unit": subject["demand_unit"],
        "projects": [{**row, "year": built_in.get(row["site_id"])} for row in projects],
        "subject": subject,
    }


def _chapter(answer: dict[str, Any], lang: Literal["zh", "en"]) -> Chapter:
    """Return the chapter of a plan of any kind."""
    check_whole(answer)
    projects = [feature["properties"] for feature in projects_of(answer)["features"]]
    if answer["question"].get("kind") == "hours":
        facts, proof = answer["facts"], answer["certificate"]
        words = {
            **{name: proof[name] for name in ("sentence", "sentence_zh", "objective", "bound", "gap", "agrees")},
            **{name: facts[name] for name in ("budget", "slices", "day")},
            "worker_hours": answer["worker_hours"],
            "demand_unit": facts.get("demand_unit", "workers"),  # plans kept before others could be counted
            "cost_unit": answer["subject"]["cost_unit"],
            "costs": answer["costs"],
            "projects": projects,
        }
        return hours_chapter(words, lang)
    if answer.get("robust") is not None:
        return robust_chapter(
            {
                **answer["robust"],
                "projects": projects,
                "demand_unit": answer["subject"]["demand_unit"],
                "subject": answer["subject"],
            },
            lang,
        )
    return plan_chapter(plan_words(answer), lang)


def yardstick(plan: dict[str, Any]) -> CoverageQuestion:
    """Return the question of coverage that measures as a plan does: how, how far, when, and who counts."""
    asked = {**plan["question"], **{name: plan["subject"][name] for name in ("profile", "limit_s")}}
    if asked.get("slice") is None:
        asked["day"] = None  # of a plan for several slices, or of hours: coverage beside it is regardless of hours
    known = {one.name for one in COVERAGE.declared}
    question: CoverageQuestion = COVERAGE.read({name: value for name, value in asked.items() if name in known})
    return question


def _as_whole(coverage: Coverage) -> Coverage:
    """Return the figures of one area as those of the whole that the report is of."""
    table = coverage.table
    if (table["level"] == "city").any():
        return coverage
    return replace(coverage, table=pd.concat([table.assign(level="city"), table], ignore_index=True))


def _plan_document(state: ServiceState, lang: Literal["zh", "en"], body: bytes) -> Response:
    plan = orjson.loads(body)
    return _document(state, lang, yardstick(plan), plan)


def _document(
    state: ServiceState, lang: Literal["zh", "en"], question: CoverageQuestion, plan: dict[str, Any] | None
) -> Response:
    manifest = state.pack.manifest
    coverage = _as_whole(answer(state.city, question).of_area())
    chapters = [coverage_chapter(coverage, lang)]
    if plan is not None:
        chapters.append(_chapter(plan, lang))
    chapters.append(sources_chapter(state.pack, lang, coverage.notes))
    city = manifest.name_zh if lang == "zh" else manifest.name_en or manifest.name_zh
    title = f"{city}：户外劳动者服务圈报告" if lang == "zh" else f"{city}: service circle of outdoor workers"
    body = document_bytes(
        title,
        subject_words(coverage.subject, lang),
        chapters,
        demonstration=manifest.is_demonstration,
        language=lang,
    )
    name = "coverage.docx" if plan is None else "plan.docx"
    return raw_answer(body, DOCX, cache=NO_STORE, headers={"Content-Disposition": f'attachment; filename="{name}"'})
