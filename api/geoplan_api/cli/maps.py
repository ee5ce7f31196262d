"""``geoplan map``: planner maps as single HTML files that open with no internet and can be mailed."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import typer
from geoplan_maps.planner_map import Scene, coverage_map, criticality_map, gaps_map, plan_map
from geoplan_maps.static_map import static_criticality, static_gaps, static_map

from geoplan import CityPack, Coverage, StreetNetwork, coverage_of, network_of
from geoplan.coverage import any_time, criticality, find_gaps, network_reach
from geoplan.errors import InputError
from geoplan.network import TravelTimes
from geoplan.planning import all_sites, project_list, site_times, siting_problem, suggested_new_sites
from geoplan.report import Lettering, lettering, lettering_faults, subject_words
from geoplan.report.counted import counted_in
from geoplan.report.speech import said
from geoplan.report.words import VALUES_ZH
from geoplan_api.cli.common import PackArgument, parse_instant
from geoplan_api.cli.output import console

__all__ = ["MapKind", "coverage_page", "covered_by", "plan_page", "write_map"]


STILL = (".png", ".svg")


class MapKind(StrEnum):
    """What a planner map shows."""

    COVERAGE = "coverage"
    PLAN = "plan"
    GAPS = "gaps"
    CRITICALITY = "criticality"


def write_map(
    pack: PackArgument,
    kind: Annotated[MapKind, typer.Option(help="What the map shows.")] = MapKind.COVERAGE,
    out: Annotated[Path, typer.Option(help="The file to write: .html, or .png or .svg for a report.")] = Path(
        "map.html"
    ),
    at: Annotated[str | None, typer.Option(help="An instant, local time: 2026-11-20T12:30 or now.")] = None,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    new: Annotated[
        int | None, typer.Option(help="Number of new stations (plan); an eighth of those there are without it.", min=0)
    ] = None,
) -> None:
    """Write a planner map: one HTML file that opens offline, or a still PNG or SVG for a report."""
    letters = lettering() if out.suffix.lower() in STILL else None
    if letters is None and out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{out.name}: a map is written as .html, .png or .svg")
    opened = CityPack.open(pack)
    network = network_of(opened, profile)
    if kind is MapKind.PLAN:
        sites = all_sites(opened)
        times = site_times(opened, network, sites, opened.manifest.defaults.limit_s)
        if new is None:
            standing = opened.stations["status"].isin(["operating", "suspended"])
            new = suggested_new_sites(int(standing.sum()), len(opened.candidates))
        plan = siting_problem(opened, sites, times).solve("mclp", p=new, time_limit_s=60.0)
        if not plan.found:
            raise InputError(plan.reasons or plan.summary())
        projects = project_list(opened, sites, times, plan.new_positions)
        if letters is not None:
            proof = plan.summary(letters.language)
            still_plan(opened, out, sites, times, projects, plan.new_positions, proof, letters)
            return drawn(out)
        page = plan_page(opened, sites, times, projects, plan.new_positions, plan.summary("zh"))
    elif kind is MapKind.GAPS:
        result = coverage_of(opened, network, at=parse_instant(at, opened.manifest.timezone))
        facts = gap_facts(opened, network, result, letters)
        if letters is not None:
            static_gaps(path=out, letters=letters, **facts)
            return drawn(out)
        page = gaps_map(**facts)
    elif kind is MapKind.CRITICALITY:
        facts = criticality_facts(opened, network, letters)
        if letters is not None:
            static_criticality(path=out, letters=letters, **facts)
            return drawn(out)
        page = criticality_map(**facts)
    else:
        result = coverage_of(opened, network, at=parse_instant(at, opened.manifest.timezone))
        if letters is not None:
            still_coverage(opened, out, result, letters)
            return drawn(out)
        page = coverage_page(opened, result)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    console().print(f"written: {out}")
    return None


def drawn(path: Path) -> None:
    """Say that a still map was written, and what it lacks where no font of this machine draws Chinese."""
    show = console()
    for fault in lettering_faults():
        show.print(f"[yellow]•[/] {fault.sentence('zh')} {fault.sentence()}")
    show.print(f"written: {path}")


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


def subject_of(pack: CityPack, result: Coverage, letters: Lettering | None) -> str:
    """Say what a figure is a share of, in words that can be drawn."""
    if letters is None or letters.language == "zh":
        return subject_words(result.subject, "zh")
    city = letters.name(result.subject.city, pack.manifest.area_en, pack.manifest.name_en) or "the whole area"
    return subject_words(replace(result.subject, city=city), "en")


def coverage_page(pack: CityPack, result: Coverage, projects: gpd.GeoDataFrame | None = None) -> str:
    """Return the coverage map's HTML: three figures, covered and uncovered demand, stations, proposed sites."""
    subject = result.subject
    note = subject_of(pack, result, None)
    figures = [
        ("网络步行", f"{result.share('network'):.1%}"),
        ("1公里圆" if subject.radius_m == 1000.0 else f"{subject.radius_m:g} 米圆", f"{result.share('circle'):.1%}"),
        ("交叉覆盖", f"{result.share('cross'):.1%}"),
    ]
    return coverage_map(
        scene_of(pack, "15分钟服务圈", "15-minute service circle", None),
        stations=pack.stations,
        demand=pack.demand,
        covered=result.covered,
        figures=figures,
        note=note,
        sites=None if projects is None else projects.rename(columns={"workers_newly_covered": "gain_workers"}),
    )


def still_coverage(pack: CityPack, path: Path, result: Coverage, letters: Lettering) -> Path:
    """Write the coverage map as a PNG or SVG with its figures and what they are a share of."""
    tests = (
        ("网络步行", "walking", "network"),
        ("直线圆", "circle", "circle"),
        ("交叉覆盖", "cross coverage", "cross"),
    )
    return static_map(
        scene_of(pack, "15分钟服务圈", "15-minute service circle", letters),
        path,
        stations=pack.stations,
        demand=pack.demand,
        covered=result.covered,
        figures=[(letters.said(zh, en), f"{result.share(test):.1%}") for zh, en, test in tests],
        note=subject_of(pack, result, letters),
        letters=letters,
    )


def still_plan(
    pack: CityPack,
    path: Path,
    sites: gpd.GeoDataFrame,
    times: TravelTimes,
    projects: gpd.GeoDataFrame,
    new_positions: npt.NDArray[np.int64],
    certificate: str,
    letters: Lettering,
) -> Path:
    """Write the plan as a PNG or SVG: who is covered once the new sites are open, and the certificate in words."""
    existing = np.flatnonzero(sites["existing"].to_numpy(bool))
    after = covered_by(times, np.concatenate([existing, new_positions]))
    demand = pack.demand["workers"].to_numpy(np.float64)
    shares = [float(demand[covered].sum() / demand.sum()) for covered in (covered_by(times, existing), after)]
    unit = counted_in(pack.manifest.demand_unit, letters.language).one
    return static_map(
        scene_of(pack, f"新增 {len(new_positions)} 处站点", f"{len(new_positions)} new stations", letters),
        path,
        stations=pack.stations,
        demand=pack.demand,
        covered=after,
        sites=projects.rename(columns={"workers_newly_covered": "gain_workers"}),
        figures=[
            (letters.said("规划前", "before"), f"{shares[0]:.1%}"),
            (letters.said("规划后", "after"), f"{shares[1]:.1%}"),
        ],
        note=letters.said(
            f"占 {demand.sum():,.0f} {unit}的比例，不计开放时间。{certificate}",
            f"Shares of {demand.sum():,.0f} {unit}, regardless of opening hours. {certificate}",
        ),
        letters=letters,
    )


def gap_facts(
    pack: CityPack, network: StreetNetwork, result: Coverage, letters: Lettering | None = None
) -> dict[str, Any]:
    """Return what a gaps map shows: uncovered demand that lies together along streets, ranked and named."""
    language = "zh" if letters is None else letters.language
    missing = np.where(result.covered, 0.0, pack.demand["workers"].to_numpy(np.float64))
    towns = dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)) if len(pack.towns) else {}
    found = find_gaps(
        network,
        pack.demand,
        missing,
        pack.manifest.crs_metric,
        link_s=result.subject.limit_s / 2,
        town_names=towns,
        streets=pack.streets if "name" in pack.streets else None,
        places=pack.places if len(pack.places) else None,
    )
    total = pack.total_demand
    return {
        "scene": scene_of(pack, "服务空白区", "service gaps", letters),
        "stations": pack.stations,
        "gaps": found.frame.rename(columns={"worker_hours": "workers"}),
        "figures": [
            (said(language, "未覆盖", "uncovered"), f"{missing.sum() / total:.1%}" if total else "–"),
            (said(language, "成片空白区", "gaps"), said(language, f"{len(found.frame)} 处", f"{len(found.frame)}")),
        ],
        "note": subject_of(pack, result, letters)
        + said(
            language,
            f"。零散未覆盖 {found.scattered:,.0f}，未画出。",
            f". Uncovered here and there, not drawn: {found.scattered:,.0f}.",
        ),
    }


def criticality_facts(pack: CityPack, network: StreetNetwork, letters: Lettering | None = None) -> dict[str, Any]:
    """Return what a map of key stations shows: what is lost when one of them closes, regardless of hours."""
    language = "zh" if letters is None else letters.language
    limit_s = pack.manifest.defaults.limit_s
    reach = network_reach(pack, network, limit_s)
    table = criticality(reach, pack.stations, pack.demand, [any_time(pack.stations)], limit=limit_s)
    lost = table.set_index("station_code")["lost"].reindex(pack.stations["station_code"]).fillna(0.0).to_numpy()
    unit = counted_in(pack.manifest.demand_unit, language).one
    alone, most = int((lost > 0).sum()), f"{lost.max(initial=0.0):,.0f} {unit}"
    return {
        "scene": scene_of(pack, "关键站点", "key stations", letters),
        "stations": pack.stations,
        "lost_workers": lost,
        "figures": [
            (
                said(language, "独家覆盖的站点", "stations without a substitute"),
                said(language, f"{alone} 个", f"{alone}"),
            ),
            (said(language, "最多", "at most"), most),
        ],
        "note": said(
            language,
            f"关闭后失去覆盖的需求，全城 {pack.total_demand:,.0f} {unit} · "
            f"{profile_zh(reach.profile)} {limit_s / 60:g} 分钟 · 不计开放时间",
            f"Demand that loses cover when the station closes, of {pack.total_demand:,.0f} {unit} in all · "
            f"{reach.profile} {limit_s / 60:g} minutes · regardless of opening hours",
        ),
    }


def plan_page(
    pack: CityPack,
    sites: gpd.GeoDataFrame,
    times: TravelTimes,
    projects: gpd.GeoDataFrame,
    new_positions: npt.NDArray[np.int64],
    certificate: str,
) -> str:
    """Return the plan map's HTML: coverage before and after, the new sites, the certificate in words."""
    existing = np.flatnonzero(sites["existing"].to_numpy(bool))
    before = covered_by(times, existing)
    after = covered_by(times, np.concatenate([existing, new_positions]))
    demand = pack.demand["workers"].to_numpy()
    shares = [float(demand[covered].sum() / demand.sum()) for covered in (before, after)]
    return plan_map(
        scene_of(pack, f"新增 {len(new_positions)} 处站点", f"{len(new_positions)} new stations", None),
        stations=pack.stations,
        demand=pack.demand,
        covered_before=before,
        covered_after=after,
        sites=projects.rename(columns={"workers_newly_covered": "gain_workers"}),
        figures=[("规划前", f"{shares[0]:.1%}"), ("规划后", f"{shares[1]:.1%}")],
        note=f"占 {demand.sum():,.0f} {counted_in(pack.manifest.demand_unit).one}的比例 · {profile_zh(times.profile)} "
        f"{times.limit_s / 60:g} 分钟 · 不计开放时间。{certificate}",
    )


def covered_by(times: TravelTimes, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which demand points at least one of the sites in these rows reaches."""
    covered = np.zeros(times.shape[1], bool)
    for row in rows:
        covered[times.row(int(row))[0]] = True
    return covered


def profile_zh(profile: str) -> str:
    """Return a travel profile in Chinese, or its own name where it has none."""
    return VALUES_ZH["profile"].get(profile, profile)
