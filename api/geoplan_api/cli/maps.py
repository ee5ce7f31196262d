"""``geoplan map``: planner maps as single HTML files that open with no internet and can be mailed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import typer
from geoplan_maps.planner_map import Scene, coverage_map, plan_map

from geoplan import CityPack, Coverage, coverage_of, network_of
from geoplan.network import TravelTimes
from geoplan.planning import all_sites, project_list, site_times, siting_problem
from geoplan_api.cli.common import PackArgument, parse_instant
from geoplan_api.cli.output import console

__all__ = ["MapKind", "coverage_page", "covered_by", "plan_page", "write_map"]


class MapKind(StrEnum):
    """What a planner map shows."""

    COVERAGE = "coverage"
    PLAN = "plan"


def write_map(
    pack: PackArgument,
    kind: Annotated[MapKind, typer.Option(help="What the map shows.")] = MapKind.COVERAGE,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("map.html"),
    at: Annotated[str | None, typer.Option(help="An instant, local time: 2026-11-20T12:30 or now.")] = None,
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    new: Annotated[int, typer.Option(help="Number of new stations (plan).", min=0)] = 111,
) -> None:
    """Write a planner map as one HTML file."""
    opened = CityPack.open(pack)
    network = network_of(opened, profile)
    if kind is MapKind.PLAN:
        sites = all_sites(opened)
        times = site_times(opened, network, sites, opened.manifest.defaults.limit_s)
        plan = siting_problem(opened, sites, times).solve("mclp", p=new, time_limit_s=60.0)
        projects = project_list(opened, sites, times, plan.new_positions)
        page = plan_page(opened, sites, times, projects, plan.new_positions, plan.summary("zh"))
    else:
        page = coverage_page(opened, coverage_of(opened, network, at=parse_instant(at, opened.manifest.timezone)))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
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
    )


def coverage_page(pack: CityPack, result: Coverage, projects: gpd.GeoDataFrame | None = None) -> str:
    """Return the coverage map's HTML: three figures, covered and uncovered demand, stations, proposed sites."""
    subject = result.subject
    moment = "不计开放时间" if subject.at == "any" else subject.at[:16].replace("T", " ")
    note = (
        f"占 {subject.demand_total:,.0f} {unit_zh(subject.demand_unit)}的比例 · {subject.city} · {subject.profile} "
        f"{subject.limit_s / 60:g} 分钟 · 圆半径 {subject.radius_m:g} 米 · 交叉 ≥ {subject.k} 站 · {moment}"
    )
    figures = [
        ("网络步行", f"{result.share('network'):.1%}"),
        ("1公里圆" if subject.radius_m == 1000.0 else f"{subject.radius_m:g} 米圆", f"{result.share('circle'):.1%}"),
        ("交叉覆盖", f"{result.share('cross'):.1%}"),
    ]
    return coverage_map(
        scene_of(pack, f"{pack.manifest.name_zh} · 15分钟服务圈"),
        stations=pack.stations,
        demand=pack.demand,
        covered=result.covered,
        figures=figures,
        note=note,
        sites=None if projects is None else projects.rename(columns={"workers_newly_covered": "gain_workers"}),
    )


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
        scene_of(pack, f"{pack.manifest.name_zh} · 新增 {len(new_positions)} 处站点"),
        stations=pack.stations,
        demand=pack.demand,
        covered_before=before,
        covered_after=after,
        sites=projects.rename(columns={"workers_newly_covered": "gain_workers"}),
        figures=[("规划前", f"{shares[0]:.1%}"), ("规划后", f"{shares[1]:.1%}")],
        note=f"占 {demand.sum():,.0f} {unit_zh(pack.manifest.demand_unit)}的比例 · {times.profile} "
        f"{times.limit_s / 60:g} 分钟 · 不计开放时间。{certificate}",
    )


def covered_by(times: TravelTimes, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which demand points at least one of the sites in these rows reaches."""
    covered = np.zeros(times.shape[1], bool)
    for row in rows:
        covered[times.row(int(row))[0]] = True
    return covered


def unit_zh(unit: str) -> str:
    """Return the demand unit in Chinese."""
    return {"workers": "名劳动者", "points": "个需求点", "street_m": "米道路"}.get(unit, unit)
