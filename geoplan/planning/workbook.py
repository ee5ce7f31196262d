"""The project list as a workbook: one line a site, the certificate beside it, and what every figure is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geoplan.coverage.standard import Subject
from geoplan.pack import CityPack
from geoplan.planning.sentences import robust_sentence
from geoplan.report.counted import counted_in
from geoplan.report.speech import cost_words, said, unit_words
from geoplan.report.subject import subject_words
from geoplan.report.workbook import Sheet, write_workbook
from geoplan.siting import MODELS
from geoplan.vocabulary import Language, label

__all__ = ["write_hours_workbook", "write_project_workbook"]

_COLUMNS: Final = (
    "rank", "year", "site_id", "name", "district", "town", "union_unit", "host_type", "host_name", "station_class",
    "cost", "lon", "lat", "workers_newly_covered", "workers_covered_total", "share_covered", "origin",
)  # fmt: skip
_HOURS_COLUMNS: Final = (
    "rank", "site_id", "name", "district", "new", "option", "slices", "cost", "worker_hours_added",
)  # fmt: skip


def write_project_workbook(
    path: Path, pack: CityPack, facts: dict[str, Any], projects: gpd.GeoDataFrame, language: Language = "zh"
) -> Path:
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
    language : {"zh", "en"}
        Language of heads, notes and proof.

    Returns
    -------
    pathlib.Path
        The path.
    """
    say = partial(said, language)
    table = pd.DataFrame(projects.drop(columns="geometry"))
    filled = [name for name in _COLUMNS if name in table.columns and table[name].notna().any()]
    unit = unit_words(facts["demand_unit"], language)
    subject = subject_words(Subject.from_dict(facts["subject"]), language, tests=False)
    by_district = (
        table.groupby("district", dropna=False, sort=False)
        .agg(new_sites=("site_id", "size"), workers_newly_covered=("workers_newly_covered", "sum"))
        .reset_index()
    )
    proof = [
        *_proof(facts, language),
        (say("求解用时（秒）", "Time of solving (s)"), round(facts["solve_s"], 2)),
        (say("规划前覆盖", "Covered before"), facts["covered_before"]),
        (say("规划后覆盖", "Covered after"), facts["covered_after"]),
    ]
    if facts.get("floor_price"):
        price = facts["floor_price"]
        proof.append((say("最低覆盖率的代价", "Cost of the minimum coverages"), price[say("sentence_zh", "sentence")]))
    by_gain = say("按新增覆盖从多到少。", "Largest gain first. ")
    sheets = [
        Sheet(say("项目清单", "Projects"), table[filled], f"{by_gain}{subject}", _priced(pack, language)),
        Sheet(say("分区汇总", "By district"), by_district, subject),
        Sheet(say("证明", "Proof"), _items(proof, language), subject),
    ]
    if facts.get("pareto"):
        every = (
            say("每个不被超越的方案，已证明", "Every plan of the Pareto frontier, proven")
            if facts["pareto"]["complete"]
            else say("未证明包括每个不被超越的方案", "Not proven to be the whole Pareto frontier")
        )
        rows = [(p["cost"], p["new"], p["covered"], p["status"]) for p in facts["pareto"]["points"]]
        front = pd.DataFrame(rows, columns=["cost", "new_sites", "covered", "status"])
        sheets.append(
            Sheet(
                say("费用与覆盖", "Pareto frontier"),
                front,
                f"{every}{say('。', '. ')}{subject}",
                _priced(pack, language),
            )
        )
    if facts.get("robust"):
        robust = facts["robust"]
        rows = [(one["name"], one["before"], one["mean_plan"], one["plan"]) for one in robust["scenarios"]]
        shares = pd.DataFrame(rows, columns=["scenario", "share_before", "share_mean_plan", "share_after"])
        words = say(*robust_sentence(robust))
        sheets.append(Sheet(say("情景", "Scenarios"), shares, f"{words} {subject}"))
    model = MODELS[facts["model"]]
    existing, new = facts["existing"], facts["new"]
    notes = [
        (
            say("问题", "Question"),
            say(
                f"现有 {existing} 处站点之外新增 {new} 处：{model.title_zh}",
                f"{new} new stations beside the {existing} there are: {model.title}",
            ),
        ),
        (say("口径", "Measured by"), subject),
    ]
    if language == "zh" and facts.get("objective_zh"):
        notes.append(("目标值的含义", facts["objective_zh"]))
    notes += [
        (
            say(f"区县：{one['area_name']}", f"District: {one['area_name']}"),
            f"{_percent(one['before'])} → {_percent(one['after'])}"
            + say(f"，新增 {one['new']} 处", f", {one['new']} new"),
        )
        for one in facts.get("districts", ())
    ]
    if facts.get("explained"):
        notes += [
            (say(f"理由：{one['site']}", f"Reason: {one['site']}"), one[say("sentence_zh", "sentence")])
            for one in facts["explained"]
        ]
    if facts.get("left_out"):
        notes.append(
            (
                say("未计入", "Left out"),
                say(
                    f"任何站点都到不了的 {facts['left_out']:,.0f} {unit}",
                    f"{facts['left_out']:,.0f} {unit} that no site can reach",
                ),
            )
        )
    return write_workbook(
        path, sheets, notes + _origins(pack, language), demonstration=pack.manifest.is_demonstration, language=language
    )


def write_hours_workbook(path: Path, pack: CityPack, facts: dict[str, Any], language: Language = "zh") -> Path:
    """Write the chosen options of sites and hours, with their proof, as ``.xlsx``.

    Parameters
    ----------
    path : pathlib.Path
        The file; replaced if it is there.
    pack : CityPack
        The inputs.
    facts : dict
        From :func:`geoplan.planning.hours_facts`, with ``profile``, ``limit_s``, ``budget`` and ``day``.
    language : {"zh", "en"}
        Language of heads, notes and proof.

    Returns
    -------
    pathlib.Path
        The path.
    """
    say = partial(said, language)
    hours = facts["worker_hours"]
    hour = counted_in(facts["demand_unit"], language).hours
    way, minutes = label("profile", facts["profile"], language), f"{facts['limit_s'] / 60:g}"
    subject = say(
        f"每日{hour}，占 {hours['total']:,.0f} 的比例；时段 {'、'.join(facts['slices'])}；{facts['area']}；"
        f"{way} {minutes} 分钟；现有开放时间按 {facts['day']}",
        f"{hour} a day, shares are of {hours['total']:,.0f}; slices {', '.join(facts['slices'])}; {facts['area']}; "
        f"{way}, {minutes} minutes; present opening hours of {facts['day']}",
    )
    rows = pd.DataFrame(facts["options"], columns=list(_HOURS_COLUMNS))
    rows["slices"] = [say("；", "; ").join(codes) for codes in rows["slices"]]
    rows["new"] = [say("是", "yes") if new else say("否", "no") for new in rows["new"]]
    added = say(f"新增{hour}（每日）", f"{hour} added a day")
    proof = [
        (say("预算", "Budget"), facts["budget"]),
        (say("费用合计", "Cost in all"), facts["cost"]),
        (say(f"规划前覆盖{hour}", f"{hour} covered before"), hours["before"]),
        (say(f"规划后覆盖{hour}", f"{hour} covered after"), hours["after"]),
        *_proof(facts, language),
    ]
    sheets = [
        Sheet(
            say("站点与时间", "Sites and hours"),
            rows,
            say(f"按新增{hour}从多到少。{subject}", f"Largest gain first. {subject}"),
            {"worker_hours_added": added, **_priced(pack, language)},
        ),
        Sheet(say("证明", "Proof"), _items(proof, language), subject),
    ]
    notes = [
        (
            say("问题", "Question"),
            say(
                f"同一预算内，每处站点选一种做法，使覆盖的{hour}最多",
                f"One option for each site, within one budget, so that most {hour} are covered",
            ),
        ),
        (say("口径", "Measured by"), subject),
    ]
    return write_workbook(
        path, sheets, notes + _origins(pack, language), demonstration=pack.manifest.is_demonstration, language=language
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _proof(facts: dict[str, Any], language: Language) -> list[tuple[str, Any]]:
    """Return what the solver claims and what the independent check found."""
    say, certificate = partial(said, language), facts["certificate"]
    sentence = facts.get(say("sentence_zh", "sentence"))
    return [
        *([(say("结论", "Result"), sentence)] if sentence else []),
        (say("目标值（求解器）", "Objective (solver)"), facts["objective"]),
        (
            say("目标值（独立代码按出行时间重算）", "Objective (recomputed from the travel times by independent code)"),
            certificate["objective_recomputed"],
        ),
        (say("两者一致", "They agree"), say("是", "yes") if certificate["agrees"] else say("否", "no")),
        (say("已证明的上界", "Proven bound"), facts["bound"]),
        (say("差距", "Gap"), facts["gap"]),
        (say("状态", "Status"), facts["status"]),
    ]


def _items(rows: list[tuple[str, Any]], language: Language) -> pd.DataFrame:
    columns = [said(language, "项目", "Item"), said(language, "值", "Value")]
    return pd.DataFrame(rows, columns=columns).astype(object)


def _priced(pack: CityPack, language: Language) -> dict[str, str]:
    """Return the head of a cost with its unit, where the pack states it."""
    unit = pack.manifest.cost_unit
    if not unit:
        return {}
    cost = label("column", "cost", language)
    return {"cost": said(language, f"{cost}（{unit}）", f"{cost} ({cost_words(unit, language)})")}


def _origins(pack: CityPack, language: Language) -> list[tuple[str, str]]:
    """Return assumptions, sources and attribution of a pack for the notes sheet."""
    say, mark = partial(said, language), said(language, "；", "; ")
    notes = [(say("假设", "Assumption"), line) for line in pack.manifest.notes]
    notes += [
        (
            say(f"来源：{layer}", f"Source: {layer}"),
            mark.join(part for part in (entry.path, entry.source, entry.date, entry.licence) if part),
        )
        for layer, entry in pack.manifest.files.items()
    ]
    return notes + [(say("署名", "Attribution"), line) for line in pack.manifest.attribution]
