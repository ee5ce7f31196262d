"""What a Word report says: coverage, gaps, and where the data come from; Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geoplan.coverage.analysis import Analysis
from geoplan.coverage.standard import Coverage
from geoplan.pack import CityPack
from geoplan.report.document import Chapter, Language, Picture, Table
from geoplan.report.speech import heads_of, percent, said, unit_words
from geoplan.report.subject import subject_words
from geoplan.report.words import NOTES_ZH

__all__ = ["analysis_chapters", "coverage_chapter", "sources_chapter"]

_TESTS: Final = ("network", "circle", "cross")
_MOST_ROWS: Final = 15


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
        "network": said(language, "路网时限", "On the streets"),
        "circle": said(language, "直线圆圈", "Circle"),
        "cross": said(language, "交叉覆盖", "Cross"),
    }
    table = coverage.table[coverage.table["hours"] == ("any" if subject.at == "any" else "at")]
    city = {str(row["test"]): row for row in table[table["level"] == "city"].to_dict("records")}
    met = [f"{names[test]} {percent(city[test]['share'])}" for test in _TESTS if test in city]
    missing = float(city["network"]["demand"] - city["network"]["covered"])
    unit = unit_words(subject.demand_unit, language)
    answer = said(
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
        (str(about["name"]), f"{about['demand']:,.0f}", *(percent(about.get(test)) for test in _TESTS))
        for about in districts.values()
    ]
    heads = (said(language, "区（市）", "District"), unit, *(names[test] for test in _TESTS))
    return Chapter(
        said(language, "服务圈达标了吗", "Is the service circle met?"),
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
        return (Picture(charts[name], said(language, zh, en)),) if name in charts else ()

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
            said(language, "一天里的变化", "Through the day"),
            pictures=picture("coverage_by_hour", f"{day} 各小时、各区覆盖率", f"Share covered by hour, {day}")
            + picture("times", "到最近开放站点的时间", "Time to the nearest open station"),
        ),
        Chapter(
            said(language, "空白区", "Gaps"),
            (
                said(
                    language,
                    f"{day} 全天未覆盖的人时，按路网距离聚成片，由大到小；"
                    f"零散未覆盖 {analysis.gaps.scattered:,.0f} 人时未列。",
                    f"Worker-hours of {day} that no station covers, joined along the streets, largest first; "
                    f"{analysis.gaps.scattered:,.0f} scattered worker-hours are not listed.",
                ),
            ),
            (Table(heads_of(language, "序号|地点|人时|需求点", "#|Where|Worker-hours|Points"), tuple(gap_rows)),),
        ),
        Chapter(
            said(language, "关键站点", "Stations that matter most"),
            (said(language, "该站关闭后失去覆盖的人时。", "Worker-hours that lose coverage when the station closes."),),
            (Table(heads_of(language, "编号|站点|人时", "Code|Station|Worker-hours"), tuple(key_rows)),),
        ),
        Chapter(
            said(language, "公平与可信程度", "Equity and trust"),
            (
                said(
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
        said(
            language,
            "全部为演示数据（由程序生成），不是真实站点。",
            "All data are generated; no station is real.",
        )
        if manifest.is_demonstration
        else said(language, "数据由使用者提供。", "The data are the user's own.")
    )
    rows = [
        (layer, *(text or "–" for text in (entry.source, entry.date, entry.licence)))
        for layer, entry in manifest.files.items()
    ]
    lines = [NOTES_ZH.get(text, text) if language == "zh" else text for text in assumptions]
    return Chapter(
        said(language, "数据来源与假设", "Data and assumptions"),
        (origin, *lines, *manifest.attribution),
        (Table(heads_of(language, "数据|来源|日期|许可", "Data|Source|Date|Licence"), tuple(rows)),),
    )
