"""What a Word report says: coverage, gaps, a plan with its proof, and where the data come from; Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoplan.coverage.analysis import Analysis
from geoplan.coverage.standard import Coverage, Subject
from geoplan.pack import CityPack
from geoplan.report.document import Chapter, Language, Picture, Table
from geoplan.report.words import NOTES_ZH, VALUES_ZH

__all__ = ["analysis_chapters", "coverage_chapter", "plan_chapter", "sources_chapter", "subject_words"]

_TESTS: Final = ("network", "circle", "cross")
_MOST_ROWS: Final = 15
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "workers": ("名户外劳动者", "outdoor workers"),
    "residents": ("名居民", "residents"),
    "points": ("个需求点", "demand points"),
    "street_m": ("米道路", "metres of street"),
}


def _unit(unit: str, language: Language) -> str:
    return _UNITS.get(unit, (unit, unit))[language == "en"]


def _percent(share: Any) -> str:
    return "–" if share is None or pd.isna(share) else f"{share:.1%}"


def _said(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def subject_words(subject: Subject, language: Language) -> str:
    """Say what the figures of a coverage are a share of: who, where, how far and when."""
    instant = subject.at
    when = instant[:16].replace("T", " ")
    if language == "zh":
        at = "不计开放时间" if instant == "any" else f"{when} 开放的站点"
        profile = VALUES_ZH["profile"].get(subject.profile, subject.profile)
        return (
            f"占 {subject.demand_total:,.0f} {_unit(subject.demand_unit, 'zh')}的比例；{subject.city}；{profile} "
            f"{subject.limit_s / 60:g} 分钟；圆半径 {subject.radius_m:g} 米；交叉覆盖至少 {subject.k} 站；{at}"
        )
    at = "regardless of opening hours" if instant == "any" else f"stations open at {when}"
    return (
        f"Shares of {subject.demand_total:,.0f} {_unit(subject.demand_unit, 'en')}; {subject.city}; {subject.profile}, "
        f"{subject.limit_s / 60:g} minutes; circle of {subject.radius_m:g} m; cross coverage by at least "
        f"{subject.k} stations; {at}"
    )


def coverage_chapter(coverage: Coverage, language: Language = "zh") -> Chapter:
    """Return the answer to "is the circle met?": three tests, for the city and by district.

    Parameters
    ----------
    coverage : Coverage
        The three tests.
    language : {"zh", "en"}
        Language of the words; names of places stay as they are.

    Returns
    -------
    Chapter
        Title, the city's sentence, the table by district.
    """
    subject = coverage.subject
    names = {
        "network": _said(language, "路网时限", "On the streets"),
        "circle": _said(language, "直线圆圈", "Circle"),
        "cross": _said(language, "交叉覆盖", "Cross"),
    }
    table = coverage.table[coverage.table["hours"] == ("any" if subject.at == "any" else "at")]
    city = {str(row["test"]): row for row in table[table["level"] == "city"].to_dict("records")}
    met = [f"{names[test]} {_percent(city[test]['share'])}" for test in _TESTS if test in city]
    missing = float(city["network"]["demand"] - city["network"]["covered"])
    unit = _unit(subject.demand_unit, language)
    answer = _said(
        language,
        f"{'，'.join(met)}。按路网时限，还有 {missing:,.0f} {unit}不在服务圈内。",
        f"{', '.join(met)}. On the streets, {missing:,.0f} {unit} are outside the circle.",
    )
    districts: dict[str, dict[str, Any]] = {}
    for row in table[table["level"] == "district"].to_dict("records"):
        if row["demand"] > 0:
            about = districts.setdefault(str(row["area_code"]), {"name": row["area_name"], "demand": row["demand"]})
            about[str(row["test"])] = row["share"]
    rows = [
        (str(about["name"]), f"{about['demand']:,.0f}", *(_percent(about.get(test)) for test in _TESTS))
        for about in districts.values()
    ]
    heads = (_said(language, "区（市）", "District"), unit, *(names[test] for test in _TESTS))
    return Chapter(
        _said(language, "服务圈达标了吗", "Is the service circle met?"),
        (answer,),
        (Table(heads, tuple(rows), subject_words(subject, language)),),
    )


def analysis_chapters(
    pack: CityPack, analysis: Analysis, charts: Mapping[str, Path], language: Language = "zh"
) -> list[Chapter]:
    """Return the chapters of a whole analysis: the day, the gaps, the stations that matter, how far to trust it.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    analysis : Analysis
        Every view of the city's coverage.
    charts : mapping of str to pathlib.Path
        Pictures by name (``coverage_by_hour``, ``times``, ``lorenz``); what is missing is left out.
    language : {"zh", "en"}
        Language of the words.

    Returns
    -------
    list of Chapter
        In order.
    """

    def picture(name: str, zh: str, en: str) -> tuple[Picture, ...]:
        return (Picture(charts[name], _said(language, zh, en)),) if name in charts else ()

    names = dict(zip(pack.stations["station_code"], pack.stations["name"], strict=True))
    gaps = analysis.gaps.frame.head(_MOST_ROWS)
    gap_rows = [
        (str(row["rank"]), str(row["name"]), f"{row['worker_hours']:,.0f}", f"{row['points']:,}")
        for row in gaps.to_dict("records")
    ]
    key_rows = [
        (str(row["station_code"]), str(names.get(row["station_code"], "")), f"{row['lost']:,.0f}")
        for row in analysis.critical.head(_MOST_ROWS).to_dict("records")
    ]
    day = analysis.day.isoformat()
    low, high = (float(analysis.interval[name]) for name in ("p05", "p95"))
    return [
        Chapter(
            _said(language, "一天里的变化", "Through the day"),
            pictures=picture("coverage_by_hour", f"{day} 各小时、各区覆盖率", f"Share covered by hour, {day}")
            + picture("times", "到最近开放站点的时间", "Time to the nearest open station"),
        ),
        Chapter(
            _said(language, "空白区", "Gaps"),
            (
                _said(
                    language,
                    f"{day} 全天未覆盖的人时，按路网距离聚成片，由大到小；"
                    f"零散未覆盖 {analysis.gaps.scattered:,.0f} 人时未列。",
                    f"Worker-hours of {day} that no station covers, joined along the streets, largest first; "
                    f"{analysis.gaps.scattered:,.0f} scattered worker-hours are not listed.",
                ),
            ),
            (Table(_heads(language, "序号|地点|人时|需求点", "#|Where|Worker-hours|Points"), tuple(gap_rows)),),
        ),
        Chapter(
            _said(language, "关键站点", "Stations that matter most"),
            (_said(language, "该站关闭后失去覆盖的人时。", "Worker-hours that lose cover when the station closes."),),
            (Table(_heads(language, "编号|站点|人时", "Code|Station|Worker-hours"), tuple(key_rows)),),
        ),
        Chapter(
            _said(language, "公平与可信程度", "Equity and trust"),
            (
                _said(
                    language,
                    f"可达性（E2SFCA）基尼系数 {analysis.gini:.3f}。站点可能上锁："
                    f"本时刻覆盖率 200 次抽样的 5%—95% 区间为 {low:.1%} — {high:.1%}。",
                    f"Gini coefficient of accessibility (E2SFCA) {analysis.gini:.3f}. Stations may be found locked: "
                    f"over 200 draws the share covered lies between {low:.1%} and {high:.1%} (5th to 95th percentile).",
                ),
            ),
            pictures=picture("lorenz", "站点可达性的洛伦兹曲线", "Lorenz curve of accessibility"),
        ),
    ]


def _heads(language: Language, zh: str, en: str) -> tuple[str, ...]:
    return tuple((zh if language == "zh" else en).split("|"))


def plan_chapter(plan: Mapping[str, Any], language: Language = "zh", pictures: tuple[Picture, ...] = ()) -> Chapter:
    """Return a plan: what it gains, its certificate in plain words, and the project list.

    Parameters
    ----------
    plan : mapping
        ``sentence`` and ``sentence_zh`` (the certificate), ``objective, bound, gap, agrees``, ``share_before,
        share_after``, ``demand_total, demand_unit``, and ``projects``: records with ``rank, name, district, town,
        workers_newly_covered, share_covered`` and, where the plan has years, ``year``.
    language : {"zh", "en"}
        Language of the words.
    pictures : tuple of Picture
        Maps of the plan.

    Returns
    -------
    Chapter
        The plan.
    """
    projects = list(plan["projects"])
    unit = _unit(str(plan["demand_unit"]), language)
    years = any(row.get("year") is not None for row in projects)
    gap = "–" if plan["gap"] is None else f"{plan['gap']:.2%}"
    agrees = (
        _said(
            language, "独立代码按出行时间重算，两者一致。", "Other code recomputes it from the travel times: it agrees."
        )
        if plan["agrees"]
        else _said(language, "独立重算与求解器不一致，请勿采用。", "The recomputation differs: do not use it.")
    )
    worth = _said(
        language,
        f"新增站点 {len(projects)} 处，覆盖率由 {_percent(plan['share_before'])} 升至 "
        f"{_percent(plan['share_after'])}。",
        f"{len(projects)} new stations raise the share covered from {_percent(plan['share_before'])} to "
        f"{_percent(plan['share_after'])}.",
    )
    numbers = _said(
        language,
        f"目标值 {plan['objective'] or 0:,.0f}，已证明的上界 {plan['bound'] or 0:,.0f}，差距 {gap}。{agrees}",
        f"Objective {plan['objective'] or 0:,.0f}, proven bound {plan['bound'] or 0:,.0f}, gap {gap}. {agrees}",
    )
    heads = _heads(language, "序号|站点|所在|新增覆盖|累计覆盖率", "#|Station|Where|Newly covered|Share covered")
    rows = []
    for row in projects:
        where = " · ".join(str(row[key]) for key in ("district", "town") if isinstance(row.get(key), str))
        cells = (str(row["rank"]), str(row["name"]), where)
        figures = (f"{row['workers_newly_covered']:,.0f}", _percent(row["share_covered"]))
        rows.append((str(row.get("year") or "–"), *cells, *figures) if years else (*cells, *figures))
    if years:
        heads = (_said(language, "年度", "Year"), *heads)
    note = _said(
        language,
        f"占 {plan['demand_total']:,.0f} {unit}的比例；不计开放时间。",
        f"Shares of {plan['demand_total']:,.0f} {unit}; regardless of opening hours.",
    )
    sentence = str(plan["sentence_zh" if language == "zh" else "sentence"])
    return Chapter(
        _said(language, "下一批站点建在哪里", "Where the next stations should go"),
        (worth, sentence, numbers),
        (Table(heads, tuple(rows), note),) if rows else (),
        pictures,
    )


def sources_chapter(pack: CityPack, language: Language = "zh", assumptions: tuple[str, ...] = ()) -> Chapter:
    """Return where the data come from, and what was assumed.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    language : {"zh", "en"}
        Language of the words; sources stay as the pack writes them.
    assumptions : tuple of str
        What the analysis assumed, in English as the library says it.

    Returns
    -------
    Chapter
        A table of files, then the assumptions and attributions.
    """
    manifest = pack.manifest
    origin = (
        _said(
            language,
            "全部为演示数据（由程序生成），不是真实站点。",
            "All data are generated; no station is real.",
        )
        if manifest.is_demonstration
        else _said(language, "数据由使用者提供。", "The data are the user's own.")
    )
    rows = [
        (layer, *(text or "–" for text in (entry.source, entry.date, entry.licence)))
        for layer, entry in manifest.files.items()
    ]
    lines = [NOTES_ZH.get(text, text) if language == "zh" else text for text in assumptions]
    return Chapter(
        _said(language, "数据来源与假设", "Data and assumptions"),
        (origin, *lines, *manifest.attribution),
        (Table(_heads(language, "数据|来源|日期|许可", "Data|Source|Date|Licence"), tuple(rows)),),
    )
