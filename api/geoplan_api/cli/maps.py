"""``geoplan map``: planner maps as single HTML files that open with no internet and can be mailed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from geoplan_maps.planner_map import Scene, coverage_map, criticality_map, gaps_map, plan_map
from geoplan_maps.static_map import static_criticality, static_gaps, static_map

from geoplan import CityPack, Coverage
from geoplan.coverage.standard import Subject
from geoplan.errors import InputError
from geoplan.planning import (
    City,
    CoverageQuestion,
    PlanAnswer,
    PlanQuestion,
    answer,
    plan_facts,
    resolve,
)
from geoplan.planning.coverage_answer import gaps, key_stations, uncovered
from geoplan.planning.question import Yardstick
from geoplan.report import Lettering, lettering, lettering_faults, subject_words
from geoplan.report.counted import counted_in
from geoplan.standard import STANDARD
from geoplan_api.cli.asking import asks
from geoplan_api.cli.common import PackArgument
from geoplan_api.cli.output import console

__all__ = ["MapKind", "coverage_page", "plan_page", "write_map"]

STILL = (".png", ".svg")


class MapKind(StrEnum):
    """What a planner map shows."""

    COVERAGE = "coverage"
    PLAN = "plan"
    GAPS = "gaps"
    CRITICALITY = "criticality"


@asks(CoverageQuestion, only=[one.name for one in fields(CoverageQuestion) if one.name != "polygon"])
def write_map(
    pack: PackArgument,
    asked: CoverageQuestion,
    kind: Annotated[MapKind, typer.Option(help="What the map shows.")] = MapKind.COVERAGE,
    out: Annotated[Path, typer.Option(help="The file to write: .html, or .png or .svg for a report.")] = Path(
        "map.html"
    ),
    new: Annotated[
        int | None, typer.Option(help="Number of new stations (plan); an eighth of those there are without it.", min=0)
    ] = None,
) -> None:
    """Write a planner map: one HTML file that opens offline, or a still PNG or SVG for a report."""
    letters = lettering() if out.suffix.lower() in STILL else None
    if letters is None and out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{out.name}: a map is written as .html, .png or .svg")
    city = City(CityPack.open(pack))
    page: Callable[..., str]
    picture: Callable[..., Path]
    if kind is MapKind.PLAN:
        yardstick = {one.name: getattr(asked, one.name) for one in fields(Yardstick)}
        found = answer(city, PlanQuestion(**yardstick, new_sites=new))
        assert isinstance(found, PlanAnswer)
        if not found.plan.found:
            raise InputError(found.plan.reasons or found.plan.summary())
        facts, page, picture = plan_scene(found, letters), plan_map, static_map
        if letters is not None:
            facts = {name: value for name, value in facts.items() if name != "covered_before"}
            facts["covered"] = facts.pop("covered_after")
    elif kind is MapKind.GAPS:
        facts, page, picture = gap_scene(city, asked, letters), gaps_map, static_gaps
    elif kind is MapKind.CRITICALITY:
        facts, page, picture = key_scene(city, asked, letters), criticality_map, static_criticality
    else:
        found_now = answer(city, asked)
        facts = coverage_scene(found_now.coverage, city.pack, found_now.to_dict(), letters)
        page, picture = coverage_map, static_map
    out.parent.mkdir(parents=True, exist_ok=True)
    show = console()
    if letters is None:
        out.write_text(page(**facts), encoding="utf-8")
    else:
        picture(path=out, letters=letters, **facts)
        for fault in lettering_faults():
            show.print(f"[yellow]•[/] {fault.sentence('zh')} {fault.sentence()}")
    show.print(f"written: {out}")


def scene_of(pack: CityPack, title_zh: str, title_en: str, letters: Lettering | None) -> Scene:
    """Return what every planner map of a pack stands on, in words that can be drawn; a page can show any."""
    manifest = pack.manifest
    lines = list(manifest.attribution)
    if letters is None or letters.language == "zh":
        title = f"{manifest.name_zh} · {title_zh}"
    else:
        title = " · ".join(part for part in (letters.name(manifest.name_en, manifest.name_zh), title_en) if part)
        lines = [letters.name(line, *line.split(" / ")) or line for line in lines]
    return Scene(
        title=title,
        streets=pack.streets,
        districts=pack.districts,
        water=pack.water if len(pack.water) else None,
        attribution=" · ".join(lines),
        demonstration=pack.manifest.is_demonstration,
        demand_unit=pack.manifest.demand_unit,
    )


def subject_of(pack: CityPack, subject: Subject, letters: Lettering | None, *, tests: bool = True) -> str:
    """Say what a figure is a share of, in words that can be drawn."""
    if letters is None or letters.language == "zh":
        return subject_words(subject, "zh", tests=tests)
    city = letters.name(subject.city, pack.manifest.area_en, pack.manifest.name_en) or "the whole area"
    return subject_words(replace(subject, city=city), "en", tests=tests)


def said(letters: Lettering | None, zh: str, en: str) -> str:
    """Return the words in the language of a map: Chinese on a page."""
    return zh if letters is None else letters.said(zh, en)


def coverage_page(found: Coverage, pack: CityPack, plan: PlanAnswer | None = None) -> str:
    """Return the coverage map's HTML: three figures, covered and uncovered demand, stations, proposed sites."""
    sites = None if plan is None else plan.projects.rename(columns={"workers_newly_covered": "gain_workers"})
    return coverage_map(**coverage_scene(found, pack, found.to_dict()), sites=sites)


def plan_page(found: PlanAnswer) -> str:
    """Return the plan map's HTML: coverage before and after, the new sites, the certificate in words."""
    return plan_map(**plan_scene(found))


def coverage_scene(
    found: Coverage, pack: CityPack, told: Mapping[str, Any], letters: Lettering | None = None
) -> dict[str, Any]:
    """Return what a coverage map shows; ``told`` are its figures as plain values, of the area asked first."""
    subject = found.subject
    tests = told["areas"][0]["tests"]
    hours = "any" if subject.at == "any" else "at"
    circle = "1公里圆" if subject.radius_m == STANDARD.radius_m else f"{subject.radius_m:g} 米圆"
    names = (
        (said(letters, "网络步行", "on the streets"), "network"),
        (said(letters, circle, f"circle of {subject.radius_m:g} m"), "circle"),
        (said(letters, "交叉覆盖", "cross coverage"), "cross"),
    )
    return {
        "scene": scene_of(pack, "15分钟服务圈", "15-minute service circle", letters),
        "stations": pack.stations,
        "demand": pack.demand.assign(workers=found.demand),
        "covered": found.covered,
        "figures": [(name, _percent(tests[test][hours]["share"])) for name, test in names],
        "note": subject_of(pack, subject, letters),
    }


def plan_scene(found: PlanAnswer, letters: Lettering | None = None) -> dict[str, Any]:
    """Return what a plan's map shows; a point counts as covered where all of its time is."""
    pack, facts = found.city.pack, plan_facts(found)
    before, after = (_by_point(found, served) for served in (found.served_before, found.served_after))
    weight = np.bincount(found.rows.point, found.rows.weight, len(pack.demand))
    measure = subject_of(pack, found.subject, letters, tests=False)
    return {
        "scene": scene_of(pack, f"新增 {facts['new']} 处站点", f"{facts['new']} new stations", letters),
        "stations": pack.stations,
        "demand": pack.demand.assign(workers=weight),
        "covered_before": before,
        "covered_after": after,
        "sites": found.projects.rename(columns={"workers_newly_covered": "gain_workers"}),
        "figures": [
            (said(letters, "规划前", "before"), _percent(facts["share_before"])),
            (said(letters, "规划后", "after"), _percent(facts["share_after"])),
        ],
        "note": said(letters, f"{measure}。{facts['sentence_zh']}", f"{measure}. {facts['sentence']}"),
    }


def gap_scene(city: City, asked: CoverageQuestion, letters: Lettering | None = None) -> dict[str, Any]:
    """Return what a gaps map shows: uncovered demand that lies together along streets, ranked and named."""
    question = resolve(city.pack, asked)
    found, coverage = gaps(city, question), answer(city, question)
    missing, hours = uncovered(coverage).sum(), coverage.moment.hours
    total, count = found.subject.demand_total * hours, len(found.gaps.frame)
    measure = subject_of(city.pack, found.subject, letters)
    return {
        "scene": scene_of(city.pack, "服务空白区", "service gaps", letters),
        "stations": city.pack.stations,
        "gaps": found.gaps.frame.rename(columns={"worker_hours": "workers"}),
        "figures": [
            (said(letters, "未覆盖", "uncovered"), _percent(missing / total if total else None)),
            (said(letters, "成片空白区", "gaps"), said(letters, f"{count} 处", str(count))),
        ],
        "note": said(
            letters,
            f"{measure}。零散未覆盖 {found.gaps.scattered:,.0f}，未画出。",
            f"{measure}. Uncovered here and there, not drawn: {found.gaps.scattered:,.0f}.",
        ),
    }


def key_scene(city: City, asked: CoverageQuestion, letters: Lettering | None = None) -> dict[str, Any]:
    """Return what a map of key stations shows: what is lost when one of them closes."""
    found = key_stations(city, resolve(city.pack, asked))
    pack = city.pack
    lost = found.frame.set_index("station_code")["lost"].reindex(pack.stations["station_code"]).fillna(0.0).to_numpy()
    unit = counted_in(pack.manifest.demand_unit, "zh" if letters is None else letters.language).one
    alone, measure = int((lost > 0).sum()), subject_of(pack, found.subject, letters)
    return {
        "scene": scene_of(pack, "关键站点", "key stations", letters),
        "stations": pack.stations,
        "lost_workers": lost,
        "figures": [
            (
                said(letters, "独家覆盖的站点", "stations without a substitute"),
                said(letters, f"{alone} 个", str(alone)),
            ),
            (said(letters, "最多", "at most"), f"{lost.max(initial=0.0):,.0f} {unit}"),
        ],
        "note": said(
            letters,
            f"关闭后失去覆盖的需求；{measure}",
            f"Demand that loses cover when the station closes; {measure}",
        ),
    }


def _by_point(found: PlanAnswer, served: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return whether every row of each demand point is covered; points of which nobody counts are not."""
    rows, n = found.rows.point, len(found.city.pack.demand)
    covered: np.ndarray[Any, np.dtype[np.bool_]] = np.bincount(rows, served >= 1.0, n) >= np.maximum(
        np.bincount(rows, minlength=n), 1
    )
    return covered


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
