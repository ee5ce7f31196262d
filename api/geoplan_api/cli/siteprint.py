"""A plan of ``geoplan site`` for people: the answer, its proof, the project list, and what was asked beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from geoplan.coverage.standard import Subject
from geoplan.report import subject_words
from geoplan_api.cli.output import table

__all__ = ["hours_lines", "plan_lines", "progress_words"]


def progress_words(state: dict[str, Any]) -> str:
    """Return a step, or best, bound and gap, in a few words."""
    if state.get("best") is None and state.get("bound") is None:
        return str(state.get("step", ""))
    best, bound = (f"{state[name]:,.0f}" if state.get(name) is not None else "–" for name in ("best", "bound"))
    gap = "–" if state.get("gap") is None else f"{state['gap']:.3%}"
    return f"best {best} · bound {bound} · gap {gap}"


def plan_lines(facts: dict[str, Any], out: Console, *, most: int = 20) -> None:
    """Print a plan: the answer, its certificate, the first lines of the project list."""
    unit = facts["demand_unit"]
    out.print(f"[bold]{facts['sentence_zh']}[/]\n{facts['sentence']}")
    if facts.get("stopped") == "cancelled":
        found = "以上为已找到的最好方案", "the best found so far"
        words, english = found if facts["objective"] is not None else ("尚无方案", "before a first plan")
        out.print(f"[dark_orange]按 Ctrl-C 停止，{words} · stopped by Ctrl-C: {english}[/]")
    if facts["objective"] is None:
        for zh, en in zip(facts["reasons_zh"], facts["reasons"], strict=True):
            out.print(f"{zh}\n{en}", markup=False)
        everybody = facts["question"].get("reachable") is False and not facts["question"].get("floors")
        if facts["status"] == "infeasible" and everybody:
            out.print("没有站点可达的需求可以不计 · --reachable leaves out the demand that no site reaches")
        return
    if facts.get("objective_en"):
        out.print(f"{facts['objective_zh']} · {facts['objective_en']}")
    if facts.get("left_out"):
        out.print(f"left out, reached by no site: {facts['left_out']:,.0f} of {facts['demand_total']:,.0f} {unit}")
    subject = Subject.from_dict(facts["subject"])
    out.print(
        f"covered before {facts['covered_before']:,.0f} ({percent(facts['share_before'])}) → "
        f"after {facts['covered_after']:,.0f} ({percent(facts['share_after'])}) "
        f"of {facts['demand_total']:,.0f} {unit}"
    )
    out.print(
        f"[dim]{subject_words(subject, 'zh', tests=False)}\n{subject_words(subject, 'en', tests=False)} · "
        f"origin {facts['origin']} · data {subject.data_version}[/]"
    )
    if "reachable" in facts:
        idle = f"; {facts['idle_candidates']:,} of {facts['candidates']:,} candidates reach nobody"
        out.print(
            f"all sites together reach {facts['reachable']:,.0f} {unit}{idle if facts['idle_candidates'] else ''}"
        )
    certificate = facts["certificate"]
    agrees = "agrees" if certificate["agrees"] else "DOES NOT AGREE"
    out.print(
        f"certificate: recomputed {certificate['objective_recomputed']:,.3f} ({agrees}) · "
        f"bound {'–' if facts['bound'] is None else format(facts['bound'], ',.3f')} · gap {percent(facts['gap'], 4)} · "
        f"{facts['status']} · {facts['solve_s']:.2f} s"
    )
    rows = [
        (
            project["rank"],
            project["name"] or project["site_id"],
            project["district"] or "",
            project["town"] or "",
            project["host_type"] or "",
            f"{project['workers_newly_covered']:,.1f}",
            percent(project["share_covered"], 2),
        )
        for project in facts["projects"][:most]
    ]
    if rows:
        out.print(projects_table(rows, unit))
    if len(facts["projects"]) > most:
        out.print(f"[dim]… and {len(facts['projects']) - most} more[/]")
    front = facts.get("pareto")
    if front is not None:
        front_lines(front, unit, most, out)
    if facts.get("robust") is not None:
        robust_lines(facts["robust"], out)
    year_lines(facts, out)
    reason_lines(facts, most, out)


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in percent; a dash where there is none, as of no demand at all."""
    return "–" if share is None else f"{share:.{digits}%}"


def projects_table(rows: Sequence[Sequence[object]], unit: str) -> Table:
    """Return the first lines of the project list."""
    grid = table("", ["#", "站点 site", "区县", "镇街", "依托类型 host", f"新增覆盖 {unit}", "累计 share"], rows)
    for column in grid.columns[1:5]:
        column.justify = "left"
    return grid


def front_lines(front: dict[str, Any], unit: str, most: int, out: Console) -> None:
    """Print the front of cost and coverage, thinned evenly where it is long."""
    every = "every non-dominated point, proven" if front["complete"] else "not proven to be every point"
    points = front["points"]
    shown = np.unique(np.linspace(0, len(points) - 1, min(len(points), most)).round().astype(int))
    rows = [
        (f"{points[i]['cost']:,.10g}", points[i]["new"], f"{points[i]['covered']:,.0f}", points[i]["status"])
        for i in shown
    ]
    out.print(table(every, ["费用 cost", "新增 new", f"覆盖 {unit}", "状态 status"], rows))
    if len(shown) < len(points):
        out.print(f"[dim]{len(shown)} of {len(points)} points; --out and --json have them all[/]")


def year_lines(facts: dict[str, Any], out: Console) -> None:
    """Print the years of a phased plan."""
    for i, year in enumerate(facts.get("years", []), start=1):
        if year["objective"] is None:
            out.print(f"第 {i} 年 year {i}: {year['total']} new in all, no plan keeps the rules ({year['status']})")
            continue
        price = "–" if year["price"] is None else f"{year['price']:,.0f}"
        covered = f"{year['total']} new in all, covered {year['objective']:,.0f}"
        out.print(f"第 {i} 年 year {i}: {covered}, price of phasing {price}")
    phasing = facts.get("phasing")
    if phasing is not None and phasing["objective"] is not None:
        out.print(
            f"all years together: covered {phasing['objective']:,.0f} in sum, bound {phasing['bound']:,.0f}, "
            f"{phasing['status']}"
        )


def reason_lines(facts: dict[str, Any], most: int, out: Console) -> None:
    """Print what the floors cost, and why each site is there."""
    floors = facts.get("floor_price")
    if floors is not None and floors["price"] is not None:
        out.print(f"{floors['sentence_zh']} · {floors['sentence']}")
    for reason in facts.get("explained", [])[:most]:
        out.print(f"{reason['site']}: {reason['sentence']}")


def robust_lines(robust: dict[str, Any], out: Console) -> None:
    """Print the shares of every scenario."""
    rows = [
        (one["name"], f"{one['before']:.2%}", f"{one['mean_plan']:.2%}", f"{one['plan']:.2%}")
        for one in robust["scenarios"]
    ]
    out.print(table("", ["情景 scenario", "现状 now", "平均最优 best mean", "本方案 this plan"], rows))
    out.print(
        f"最差情景 worst scenario {robust['worst_share']:.2%}; "
        f"no plan exceeds {robust['worst_bound']:.2%} in all of them"
    )


def hours_lines(facts: dict[str, Any], out: Console) -> None:
    """Print a plan of sites and hours: what it gains, its certificate, the changes."""
    hours, subject = facts["worker_hours"], Subject.from_dict(facts["subject"])
    if facts["objective"] is None:
        out.print(f"{facts['sentence_zh']} · {facts['sentence']}")
        return
    out.print(
        f"[bold]每日覆盖人时 {hours['before']:,.0f} → {hours['after']:,.0f}，共 {hours['total']:,.0f}；"
        f"费用 {facts['cost']:g}，预算 {facts['budget']:g}{facts['cost_unit']}[/]\n"
        f"worker-hours a day covered {hours['before']:,.0f} → {hours['after']:,.0f} of {hours['total']:,.0f}"
    )
    out.print(f"[dim]{subject_words(subject, 'en', tests=False)} · origin {facts['origin']}[/]")
    agrees = "agrees" if facts["certificate"]["agrees"] else "DOES NOT AGREE"
    out.print(
        f"{facts['sentence_zh']} · {facts['sentence']}\n"
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
