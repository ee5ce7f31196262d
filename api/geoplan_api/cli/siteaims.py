"""Two further aims of ``geoplan site``: sites and hours together, and demand in several scenarios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from rich.console import Console

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack import network_of
from geoplan.planning import (
    all_sites,
    hours_facts,
    read_options,
    site_times,
    siting_problem,
    solve_hours,
    worker_hours,
    write_hours_workbook,
)
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json, table
from geoplan_api.cli.stopping import asked_to_stop

__all__ = ["HoursAim", "averaged", "robust_lines", "site_hours"]


@dataclass(frozen=True, slots=True)
class HoursAim:
    """What is asked of sites and hours together, as on the command line."""

    options: Path
    budget: float | None
    day: str | None
    profile: str | None
    limit_s: float
    time_limit_s: float


def site_hours(pack: CityPack, aim: HoursAim, out_dir: Path | None, *, json: bool) -> bool:
    """Choose options of sites and hours under a budget, print and write them; returns whether a plan was found."""
    if aim.budget is None:
        raise InputError("--hours chooses options for money; give --budget")
    limit_s, budget = aim.limit_s, aim.budget
    on = _day(aim.day, pack.manifest.timezone)
    with Steps(3, quiet=json) as steps:
        with steps.step("street network"):
            network = network_of(pack, aim.profile)
        with steps.step("travel times of all sites"):
            sites = all_sites(pack)
            asked = read_options(aim.options, pack, sites, on)
            times = site_times(pack, network, sites, limit_s)
            cost = siting_problem(pack, sites, times).cost
        with steps.step("choosing options"):
            hours = worker_hours(pack, asked.slices)
            with asked_to_stop() as stop:
                found = solve_hours(
                    cost,
                    hours,
                    asked.options,
                    radius=limit_s,
                    budget=budget,
                    time_limit_s=aim.time_limit_s,
                    progress=lambda state: steps.note(
                        "worker-hours –" if state.best is None else f"worker-hours {state.best:,.0f}"
                    ),
                    cancel=stop,
                )
    facts = hours_facts(pack, sites, times, asked, hours, found)
    facts |= {"budget": budget, "day": on.isoformat(), "profile": network.profile.name, "limit_s": limit_s}
    files = {}
    if out_dir is not None and found.plan.found:
        out_dir.mkdir(parents=True, exist_ok=True)
        files["xlsx"] = str(write_hours_workbook(out_dir / "hours.xlsx", pack, facts))
    if json:
        emit_json(facts | {"files": files})
    else:
        out = console()
        demonstration_strip(pack.manifest.is_demonstration, out)
        _hours_lines(facts, out)
        for path in files.values():
            out.print(f"written: {path}")
    return found.plan.found


def _day(text: str | None, timezone: str) -> dt.date:
    if text is None:
        return dt.datetime.now(tz=ZoneInfo(timezone)).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day; write it like 2026-11-20") from None


def _hours_lines(facts: dict[str, Any], out: Console) -> None:
    hours = facts["worker_hours"]
    if facts["objective"] is None:
        out.print(f"no choice of options found ({facts['status']})")
        return
    out.print(
        f"[bold]每日覆盖人时 {hours['before']:,.0f} → {hours['after']:,.0f}，共 {hours['total']:,.0f}；"
        f"费用 {facts['cost']:g}，预算 {facts['budget']:g}{facts['cost_unit']}[/]\n"
        f"worker-hours a day covered {hours['before']:,.0f} → {hours['after']:,.0f} of {hours['total']:,.0f} · "
        f"{facts['profile']} {facts['limit_s'] / 60:g} min · hours of {facts['day']} · {facts['area']} · "
        f"origin {facts['origin']}"
    )
    agrees = "agrees" if facts["certificate"]["agrees"] else "DOES NOT AGREE"
    out.print(
        f"certificate: recomputed {facts['certificate']['objective_recomputed']:,.3f} ({agrees}) · "
        f"bound {facts['bound']:,.3f} · {facts['status']} · {facts['solve_s']:.2f} s"
    )
    rows = [
        (
            option["rank"],
            option["name"] or option["site_id"],
            option["district"] or "",
            option["option"],
            "；".join(option["slices"]),
            f"{option['cost']:g}",
            f"{option['worker_hours_added']:,.1f}",
        )
        for option in facts["options"]
    ]
    cost = f"费用 cost（{facts['cost_unit']}）" if facts["cost_unit"] else "费用 cost"
    grid = table("", ["#", "站点 site", "区县", "做法 option", "时段 slices", cost, "新增人时 added"], rows)
    for column in grid.columns[1:5]:
        column.justify = "left"
    out.print(grid)


def averaged(pack: CityPack, scenarios: Mapping[str, npt.NDArray[np.float64]]) -> CityPack:
    """Return the pack with the mean demand of the scenarios."""
    mean = np.vstack(list(scenarios.values())).mean(axis=0)
    return replace(pack, demand=pack.demand.assign(workers=mean))


def robust_lines(facts: dict[str, Any], out: Console) -> None:
    """Print the shares of every scenario."""
    rows = [
        (one["name"], f"{one['before']:.2%}", f"{one['mean_plan']:.2%}", f"{one['plan']:.2%}")
        for one in facts["scenarios"]
    ]
    out.print(table("", ["情景 scenario", "现状 now", "平均最优 best mean", "本方案 this plan"], rows))
    out.print(
        f"最差情景 worst scenario {facts['worst_share']:.2%}; no plan exceeds {facts['worst_bound']:.2%} in all of them"
    )
