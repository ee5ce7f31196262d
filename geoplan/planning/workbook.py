"""The project list as a workbook: one line a site, the certificate beside it, and what every figure is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geoplan.pack import CityPack
from geoplan.report.workbook import Sheet, write_workbook

__all__ = ["write_project_workbook"]

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


def write_project_workbook(path: Path, pack: CityPack, facts: dict[str, Any], projects: gpd.GeoDataFrame) -> Path:
    """Write the project list (项目清单) with its certificate as ``.xlsx``.

    Parameters
    ----------
    path : pathlib.Path
        The file; replaced if it is there.
    pack : CityPack
        The inputs.
    facts : dict
        From :func:`geoplan.planning.plan_facts`.
    projects : geopandas.GeoDataFrame
        From :func:`geoplan.planning.project_list`.

    Returns
    -------
    pathlib.Path
        The path.
    """
    table = pd.DataFrame(projects.drop(columns="geometry"))
    filled = [name for name in HEADS if name in table.columns and table[name].notna().any()]
    subject = (
        f"占 {facts['demand_total']:,.0f}（{facts['demand_unit']}）的比例；{facts['area']}；{facts['profile']} "
        f"{facts['limit_s'] / 60:g} 分钟；不计开放时间"
    )
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
    sheets = [
        Sheet("项目清单", table[filled].rename(columns=HEADS), f"按新增覆盖从多到少。{subject}"),
        Sheet("分区汇总", by_district, subject),
        Sheet("证明", pd.DataFrame(proof, columns=["项目", "值"]).astype(object), subject),
    ]
    notes = [("问题", f"现有 {facts['existing']} 处站点之外新增 {facts['new']} 处，使覆盖最多"), ("口径", subject)]
    notes += [("假设", line) for line in pack.manifest.notes]
    notes += [
        (f"来源：{layer}", "；".join(part for part in (entry.path, entry.source, entry.date, entry.licence) if part))
        for layer, entry in pack.manifest.files.items()
    ]
    notes += [("署名", line) for line in pack.manifest.attribution]
    return write_workbook(path, sheets, notes, demonstration=pack.manifest.is_demonstration)
