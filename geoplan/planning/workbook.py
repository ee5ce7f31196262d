"""The project list as a workbook: one line a site, the certificate beside it, and what every figure is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geoplan.coverage.standard import Subject
from geoplan.pack import CityPack
from geoplan.report.counted import counted_in
from geoplan.report.subject import subject_words
from geoplan.report.workbook import Sheet, write_workbook
from geoplan.siting import MODELS

__all__ = ["write_hours_workbook", "write_project_workbook"]

HEADS: Final = {
    "rank": "序号",
    "year": "年度",
    "site_id": "编号",
    "name": "站点",
    "district": "区县",
    "town": "镇街",
    "union_unit": "责任工会",
    "host_type": "依托类型",
    "host_name": "依托单位",
    "station_class": "类别",
    "cost": "费用",
    "lon": "经度(WGS-84)",
    "lat": "纬度(WGS-84)",
    "workers_newly_covered": "新增覆盖",
    "workers_covered_total": "累计覆盖",
    "share_covered": "累计覆盖率",
    "origin": "数据来源",
}


HOURS_HEADS: Final = {
    "rank": "序号",
    "site_id": "编号",
    "name": "站点",
    "district": "区县",
    "new": "新建",
    "option": "做法",
    "slices": "增开时段",
    "cost": "费用",
    "worker_hours_added": "新增（每日）",
}


def write_project_workbook(path: Path, pack: CityPack, facts: dict[str, Any], projects: gpd.GeoDataFrame) -> Path:
    """Write the project list (项目清单) with its certificate as ``.xlsx``.

    Parameters
    ----------
    path : pathlib.Path
        The file; replaced if it is there.
    pack : CityPack
        The inputs.
    facts : dict
        From :func:`geoplan.planning.plan_facts`; where it has ``pareto`` or ``robust``, they get a sheet each.
    projects : geopandas.GeoDataFrame
        From :func:`geoplan.planning.project_list`.

    Returns
    -------
    pathlib.Path
        The path.
    """
    table = pd.DataFrame(projects.drop(columns="geometry"))
    filled = [name for name in HEADS if name in table.columns and table[name].notna().any()]
    subject = subject_words(Subject.from_dict(facts["subject"]), "zh", tests=False)
    by_district = (
        table.groupby("district", dropna=False, sort=False)
        .agg(新增站点=("site_id", "size"), 新增覆盖=("workers_newly_covered", "sum"))
        .reset_index()
        .rename(columns={"district": "区县"})
    )
    certificate = facts["certificate"]
    proof = [
        ("结论", facts["sentence_zh"]),
        ("目标值（求解器）", facts["objective"]),
        ("目标值（独立代码按出行时间重算）", certificate["objective_recomputed"]),
        ("两者一致", "是" if certificate["agrees"] else "否"),
        ("已证明的上界", facts["bound"]),
        ("差距", facts["gap"]),
        ("状态", facts["status"]),
        ("求解用时（秒）", round(facts["solve_s"], 2)),
        ("规划前覆盖", facts["covered_before"]),
        ("规划后覆盖", facts["covered_after"]),
    ]
    if facts.get("floor_price"):
        proof.append(("最低覆盖率的代价", facts["floor_price"]["sentence_zh"]))
    sheets = [
        Sheet("项目清单", table[filled].rename(columns=_priced(HEADS, pack)), f"按新增覆盖从多到少。{subject}"),
        Sheet("分区汇总", by_district, subject),
        Sheet("证明", pd.DataFrame(proof, columns=["项目", "值"]).astype(object), subject),
    ]
    if facts.get("pareto"):
        every = "每个不被超越的方案，已证明" if facts["pareto"]["complete"] else "未证明包括每个不被超越的方案"
        rows = [(p["cost"], p["new"], p["covered"], p["status"]) for p in facts["pareto"]["points"]]
        front = pd.DataFrame(rows, columns=["费用合计", "新增站点", "覆盖", "状态"])
        sheets.append(Sheet("费用与覆盖", front, f"{every}。{subject}"))
    if facts.get("robust"):
        robust = facts["robust"]
        rows = [(one["name"], one["before"], one["mean_plan"], one["plan"]) for one in robust["scenarios"]]
        shares = pd.DataFrame(rows, columns=["情景", "现状覆盖率", "平均最优方案覆盖率", "本方案覆盖率"])
        words = f"本方案最差情景 {robust['worst_share']:.2%}，任何方案不超过 {robust['worst_bound']:.2%}。{subject}"
        sheets.append(Sheet("情景", shares, words))
    aim = MODELS[facts["model"]].title_zh
    notes = [("问题", f"现有 {facts['existing']} 处站点之外新增 {facts['new']} 处：{aim}"), ("口径", subject)]
    if facts.get("objective_zh"):
        notes.append(("目标值的含义", facts["objective_zh"]))
    notes += [
        (f"区县：{one['area_name']}", f"{_percent(one['before'])} → {_percent(one['after'])}，新增 {one['new']} 处")
        for one in facts.get("districts", ())
    ]
    if facts.get("explained"):
        notes += [(f"理由：{one['site']}", one["sentence_zh"]) for one in facts["explained"]]
    if facts.get("left_out"):
        notes.append(("未计入", f"任何站点都到不了的 {facts['left_out']:,.0f}（{facts['demand_unit']}）"))
    return write_workbook(path, sheets, notes + _origins(pack), demonstration=pack.manifest.is_demonstration)


def write_hours_workbook(path: Path, pack: CityPack, facts: dict[str, Any]) -> Path:
    """Write the chosen options of sites and hours, with their proof, as ``.xlsx``.

    Parameters
    ----------
    path : pathlib.Path
        The file; replaced if it is there.
    pack : CityPack
        The inputs.
    facts : dict
        From :func:`geoplan.planning.hours_facts`, with ``profile``, ``limit_s``, ``budget`` and ``day``.

    Returns
    -------
    pathlib.Path
        The path.
    """
    hours = facts["worker_hours"]
    unit = facts["demand_unit"]
    hour = "人时" if unit == "workers" else counted_in(unit).hours
    subject = (
        f"每日{hour}，占 {hours['total']:,.0f} 的比例；时段 {'、'.join(facts['slices'])}；{facts['area']}；"
        f"{facts['profile']} {facts['limit_s'] / 60:g} 分钟；现有开放时间按 {facts['day']}"
    )
    rows = pd.DataFrame(facts["options"], columns=list(HOURS_HEADS))
    rows = rows.rename(columns=_priced({**HOURS_HEADS, "worker_hours_added": f"新增{hour}（每日）"}, pack))
    rows["增开时段"] = ["；".join(codes) for codes in rows["增开时段"]]
    rows["新建"] = ["是" if new else "否" for new in rows["新建"]]
    proof = [
        ("预算", facts["budget"]),
        ("费用合计", facts["cost"]),
        (f"规划前覆盖{hour}", hours["before"]),
        (f"规划后覆盖{hour}", hours["after"]),
        ("独立代码重算", facts["certificate"]["objective_recomputed"]),
        ("两者一致", "是" if facts["certificate"]["agrees"] else "否"),
        ("已证明的上界", facts["bound"]),
        ("差距", facts["gap"]),
        ("状态", facts["status"]),
    ]
    sheets = [
        Sheet("站点与时间", rows, f"按新增{hour}从多到少。{subject}"),
        Sheet("证明", pd.DataFrame(proof, columns=["项目", "值"]).astype(object), subject),
    ]
    notes = [
        ("问题", f"同一预算内，每处站点选一种做法，使覆盖的{'劳动者' if unit == 'workers' else ''}{hour}最多"),
        ("口径", subject),
    ]
    return write_workbook(path, sheets, notes + _origins(pack), demonstration=pack.manifest.is_demonstration)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _priced(heads: dict[str, str], pack: CityPack) -> dict[str, str]:
    """Return the heads with the unit of cost, where the pack states it."""
    unit = pack.manifest.cost_unit
    return {**heads, "cost": f"{heads['cost']}（{unit}）"} if unit else heads


def _origins(pack: CityPack) -> list[tuple[str, str]]:
    """Return assumptions, sources and attribution of a pack for the notes sheet."""
    notes = [("假设", line) for line in pack.manifest.notes]
    notes += [
        (f"来源：{layer}", "；".join(part for part in (entry.path, entry.source, entry.date, entry.licence) if part))
        for layer, entry in pack.manifest.files.items()
    ]
    return notes + [("署名", line) for line in pack.manifest.attribution]
