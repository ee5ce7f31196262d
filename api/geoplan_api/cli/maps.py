"""``geoplan map``: planner maps as single HTML files that open with no internet and can be mailed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from geoplan_maps.planner_map import Scene, coverage_map, criticality_map, gaps_map, plan_map
from geoplan_maps.static_map import static_criticality, static_gaps, static_map

from geoplan import CityPack, Coverage
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
from geoplan.report import subject_words
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
    still = out.suffix.lower() in STILL
    if not still and out.suffix.lower() not in (".html", ".htm"):
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
        facts, page, picture = plan_scene(found), plan_map, static_map
        if still:
            facts = {name: value for name, value in facts.items() if name != "covered_before"}
            facts["covered"] = facts.pop("covered_after")
    elif kind is MapKind.GAPS:
        facts, page, picture = gap_scene(city, asked), gaps_map, static_gaps
    elif kind is MapKind.CRITICALITY:
        facts, page, picture = key_scene(city, asked), criticality_map, static_criticality
    else:
        found_now = answer(city, asked)
        facts = coverage_scene(found_now.coverage, city.pack, found_now.to_dict())
        page, picture = coverage_map, static_map
    out.parent.mkdir(parents=True, exist_ok=True)
    if still:
        picture(path=out, **facts)
    else:
        out.write_text(page(**facts), encoding="utf-8")
    console().print(f"written: {out}")


def scene_of(pack: CityPack, title: str) -> Scene:
    """Return what every planner map of a pack stands on."""
    return Scene(
        title=title,
        streets=pack.streets,
        districts=pack.districts,
        water=pack.water if len(pack.water) else None,
        attribution=" · ".join(pack.manifest.attribution),
        demonstration=pack.manifest.is_demonstration,
        demand_unit=pack.manifest.demand_unit,
    )


def coverage_page(found: Coverage, pack: CityPack, plan: PlanAnswer | None = None) -> str:
    """Return the coverage map's HTML: three figures, covered and uncovered demand, stations, proposed sites."""
    sites = None if plan is None else plan.projects.rename(columns={"workers_newly_covered": "gain_workers"})
    return coverage_map(**coverage_scene(found, pack, found.to_dict()), sites=sites)


def plan_page(found: PlanAnswer) -> str:
    """Return the plan map's HTML: coverage before and after, the new sites, the certificate in words."""
    return plan_map(**plan_scene(found))


def coverage_scene(found: Coverage, pack: CityPack, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a coverage map shows; ``told`` are its figures as plain values, of the area asked first."""
    subject = found.subject
    tests = told["areas"][0]["tests"]
    hours = "any" if subject.at == "any" else "at"
    circle = "1公里圆" if subject.radius_m == STANDARD.radius_m else f"{subject.radius_m:g} 米圆"
    names = (("网络步行", "network"), (circle, "circle"), ("交叉覆盖", "cross"))
    return {
        "scene": scene_of(pack, f"{pack.manifest.name_zh} · 15分钟服务圈"),
        "stations": pack.stations,
        "demand": pack.demand.assign(workers=found.demand),
        "covered": found.covered,
        "figures": [(name, _percent(tests[test][hours]["share"])) for name, test in names],
        "note": subject_words(subject, "zh"),
    }


def plan_scene(found: PlanAnswer) -> dict[str, Any]:
    """Return what a plan's map shows; a point counts as covered where all of its time is."""
    pack, facts = found.city.pack, plan_facts(found)
    before, after = (_by_point(found, served) for served in (found.served_before, found.served_after))
    weight = np.bincount(found.rows.point, found.rows.weight, len(pack.demand))
    certificate = f"{facts['sentence_zh']}"
    return {
        "scene": scene_of(pack, f"{pack.manifest.name_zh} · 新增 {facts['new']} 处站点"),
        "stations": pack.stations,
        "demand": pack.demand.assign(workers=weight),
        "covered_before": before,
        "covered_after": after,
        "sites": found.projects.rename(columns={"workers_newly_covered": "gain_workers"}),
        "figures": [("规划前", _percent(facts["share_before"])), ("规划后", _percent(facts["share_after"]))],
        "note": f"{subject_words(found.subject, 'zh', tests=False)}。{certificate}",
    }


def gap_scene(city: City, asked: CoverageQuestion) -> dict[str, Any]:
    """Return what a gaps map shows: uncovered demand that lies together along streets, ranked and named."""
    question = resolve(city.pack, asked)
    found, coverage = gaps(city, question), answer(city, question)
    missing, hours = uncovered(coverage).sum(), coverage.moment.hours
    total = found.subject.demand_total * hours
    return {
        "scene": scene_of(city.pack, f"{city.pack.manifest.name_zh} · 服务空白区"),
        "stations": city.pack.stations,
        "gaps": found.gaps.frame.rename(columns={"worker_hours": "workers"}),
        "figures": [
            ("未覆盖", _percent(missing / total if total else None)),
            ("成片空白区", f"{len(found.gaps.frame)} 处"),
        ],
        "note": f"{subject_words(found.subject, 'zh')}。零散未覆盖 {found.gaps.scattered:,.0f}，未画出。",
    }


def key_scene(city: City, asked: CoverageQuestion) -> dict[str, Any]:
    """Return what a map of key stations shows: what is lost when one of them closes."""
    found = key_stations(city, resolve(city.pack, asked))
    pack = city.pack
    lost = found.frame.set_index("station_code")["lost"].reindex(pack.stations["station_code"]).fillna(0.0).to_numpy()
    unit = counted_in(pack.manifest.demand_unit).one
    return {
        "scene": scene_of(pack, f"{pack.manifest.name_zh} · 关键站点"),
        "stations": pack.stations,
        "lost_workers": lost,
        "figures": [
            ("独家覆盖的站点", f"{int((lost > 0).sum())} 个"),
            ("最多", f"{lost.max(initial=0.0):,.0f} {unit}"),
        ],
        "note": f"关闭后失去覆盖的需求；{subject_words(found.subject, 'zh')}",
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
