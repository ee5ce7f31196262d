"""An analysis of coverage as files: workbook, charts, map layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from geoplan.coverage.analysis import Analysis
from geoplan.pack import CityPack
from geoplan.report.charts import Caption, heat_map, lorenz_curve, save_chart, time_chart
from geoplan.report.document import Language
from geoplan.report.fonts import Lettering, lettering, lettering_faults
from geoplan.report.layers import coverage_layers, write_geojson, write_geopackage
from geoplan.report.staging import written_whole
from geoplan.report.subject import subject_words, when_words
from geoplan.report.words import NOTES_ZH
from geoplan.report.workbook import Sheet, write_workbook

__all__ = ["coverage_notes", "coverage_sheets", "write_charts", "write_coverage"]

_MOST_ROWS = 2000


def _subject(analysis: Analysis, moment: str = "") -> str:
    """Say what a figure is a share of; of another moment than the analysis' own where one is named."""
    subject = analysis.coverage.subject
    words = subject_words(subject, "zh")
    return words.replace(when_words(subject, "zh"), moment) if moment else words


def coverage_sheets(pack: CityPack, analysis: Analysis) -> list[Sheet]:
    """Return the views of an analysis, a sheet each."""
    coverage, subject = analysis.coverage, _subject(analysis)
    table = coverage.table
    broad = table[table["level"].isin(["city", "district", "key_area", "polygon"])]
    names = _names(pack)
    slices = analysis.by_slice
    main = slices[(slices["limit"] == coverage.subject.limit_s) & (slices["level"] == "city")]
    day = analysis.day.isoformat()
    sheets = [
        Sheet("三项检验", broad, f"覆盖率 = 通过检验的劳动者 / 区域内的劳动者（有时刻时，只计当时在外的）。{subject}"),
        Sheet("镇街", table[table["level"] == "town"], f"同“三项检验”，按镇街。{subject}"),
        Sheet("站点数", coverage.stations, "不明：未填写、读不出，或超出节假日日历；均不算开放。"),
        Sheet("逐小时", _by_hour(analysis.by_hour), f"{day} 各小时路网检验的覆盖率，按当时在岗劳动者。{subject}"),
        Sheet("时段_行业_设施", main, f"{day} 各时段、行业、设施组合，全市；时段内取平均。{subject}"),
        Sheet("到站时间", analysis.times, "中位数、90% 分位按全部劳动者；空白表示超出搜索范围。平均只计可达者。"),
        Sheet("空白区", pd.DataFrame(analysis.gaps.frame.drop(columns="geometry")),
              f"{day} 全天未覆盖人时，按路网距离聚类；零散未覆盖 {analysis.gaps.scattered:,.0f} 人时未列。"),
        Sheet("关键站点", _named(analysis.critical, names), f"{day} 全天：该站关闭后失去覆盖的人时。"),
        Sheet("延时价值", _named(analysis.more_hours.head(_MOST_ROWS), names), "该站该小时也开放时新增的覆盖人时。"),
        Sheet("核查清单", _named(analysis.expected.inspection, names),
              f"登记覆盖 {analysis.expected.registered:.1%}，按实际开放概率折算 {analysis.expected.expected:.1%}。"),
        Sheet("公平性", analysis.worst, f"从最差起。可达性（E2SFCA）基尼系数 {analysis.gini:.3f}。"),
        Sheet("重叠", _pairs(analysis.overlap.head(_MOST_ROWS), names), "两站共同覆盖的劳动者，占较小者一半以上。"),
        Sheet("开放时间读不出", coverage.unparsed, "原文照列，不作猜测，一律不算开放。"),
    ]  # fmt: skip
    return [sheet for sheet in sheets if len(sheet.frame) or sheet.title == "开放时间读不出"]


def _names(pack: CityPack) -> pd.Series:
    return pd.Series(pack.stations["name"].to_numpy(object), index=pack.stations["station_code"])


def _named(frame: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    out = frame.copy()
    out.insert(list(out.columns).index("station_code") + 1, "station_name", out["station_code"].map(names))
    return out


def _pairs(frame: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    called = {
        side: [f"{names.get(code) or ''} {code}" for code in frame[side].astype(str)]
        for side in ("station_a", "station_b")
    }
    return frame.assign(**called)


def _by_hour(by_hour: pd.DataFrame) -> pd.DataFrame:
    return by_hour[by_hour["level"].isin(["city", "district"])]


def coverage_notes(pack: CityPack, analysis: Analysis) -> list[tuple[str, str]]:
    """Return what every figure is, what was assumed, and where the data come from."""
    subject, manifest = analysis.coverage.subject, pack.manifest
    low, high, registered = (analysis.interval[name] for name in ("p05", "p95", "registered"))
    minutes = f"{subject.limit_s / 60:g} 分钟"
    denominator = f"{subject.city}，{subject.demand_total:,.1f} {subject.demand_unit}；覆盖率都是它或其中一部分的比例"
    network = f"{subject.profile} 沿路网 {minutes}"
    notes = [
        ("城市", f"{manifest.name_zh}（{manifest.name_en}）"),
        ("分母", denominator),
        ("三项检验", f"直线 {subject.radius_m:g} 米；{network}；交叉覆盖：{minutes}内至少 {subject.k} 个站点"),
        ("时刻", f"{subject.at}；人时按 {analysis.day.isoformat()} 全天"),
        ("数据性质", "演示数据（生成）" if manifest.is_demonstration else "用户数据"),
        ("离路网过远", f"需求点 {analysis.coverage.demand_off_network} 个，计为未覆盖"),
        ("概率区间", f"本时刻覆盖率（200 次抽样，5%—95%）：{low:.1%} — {high:.1%}，登记值 {registered:.1%}"),
        ("人时", "行业人数 × 各时段在岗比例 × 小时数"),
        ("方法", "2SFCA：Luo & Wang 2003；E2SFCA：Luo & Qi 2009；空白区：DBSCAN（路网时间）"),
    ]
    notes += [(f"假设 {i}", NOTES_ZH.get(text, text)) for i, text in enumerate(analysis.assumptions, start=1)]
    for layer, entry in manifest.files.items():
        parts = [entry.path, entry.source, entry.date, entry.licence, *entry.defects]
        notes.append((f"来源：{layer}", "；".join(part for part in parts if part)))
    notes += [("署名", line) for line in manifest.attribution]
    return notes


def write_charts(
    pack: CityPack,
    analysis: Analysis,
    folder: Path,
    *,
    letters: Lettering | None = None,
    ending: str = ".png",
    language: Language = "zh",
) -> list[Path]:
    """Write the three charts into a folder; in English where no font draws Chinese, places then by their codes.

    Parameters
    ----------
    pack : CityPack
        The city.
    analysis : Analysis
        What is drawn.
    folder : pathlib.Path
        Where the charts go.
    letters : Lettering, optional
        Font and language; by default what this machine can draw.
    ending : str
        ``.png``, ``.svg`` or ``.pdf``.
    language : {"zh", "en"}
        Language wanted.
    """
    letters = letters or lettering(language)
    demo = pack.manifest.is_demonstration

    def words(zh: str, en: str, moment: str = "") -> Caption:
        if letters.language == "en":
            city = letters.name(pack.manifest.name_en, pack.manifest.name_zh, "city")
            subject = analysis.coverage.subject
            area = letters.name(subject.city, pack.manifest.area_en, city)
            return Caption(f"{city}: {en}", subject_words(replace(subject, city=area), "en"), demo, letters)
        return Caption(f"{pack.manifest.name_zh}：{zh}", _subject(analysis, moment), demo, letters)

    day = analysis.day.isoformat()
    hourly = words("各小时覆盖率", f"share covered by hour, {day}", f"{day} 全天")
    curve = words("站点可达性的洛伦兹曲线", "Lorenz curve of accessibility")
    times = words("到最近开放站点的时间", "time to the nearest open station")
    english = _english_names(pack)
    rows = zip(analysis.by_hour["area_name"].astype(str), analysis.by_hour["area_code"].astype(str), strict=True)
    drawn = [letters.name(name, english.get(code, ""), code) for name, code in rows]
    figures = {
        "coverage_by_hour": heat_map(analysis.by_hour.assign(area_name=drawn), hourly),
        "lorenz": lorenz_curve(analysis.curve, analysis.gini, curve),
        "times": time_chart(analysis.histogram, analysis.coverage.subject.limit_s, times),
    }
    return [save_chart(figure, folder / f"{name}{ending}") for name, figure in figures.items()]


def _english_names(pack: CityPack) -> dict[str, str]:
    """Return English names by the code of the district or town that has one."""
    found: dict[str, str] = {}
    for frame, code in ((pack.towns, "town_code"), (pack.districts, "district_code")):
        if "name_en" in frame and code in frame:
            found |= dict(zip(frame[code].astype(str), frame["name_en"].fillna("").astype(str), strict=True))
    return found


def write_coverage(pack: CityPack, analysis: Analysis, folder: Path) -> tuple[list[Path], list[str]]:
    """Write workbook, map layers and charts into a folder, all of them or none.

    Parameters
    ----------
    pack : CityPack
        The city.
    analysis : Analysis
        What is written.
    folder : pathlib.Path
        Where the files go.

    Returns
    -------
    list of pathlib.Path
        Files written.
    list of str
        What a reader should know of them, in Chinese (charts in English, where no font draws Chinese).
    """
    demo = pack.manifest.is_demonstration
    sheets, notes = coverage_sheets(pack, analysis), coverage_notes(pack, analysis)
    layers = coverage_layers(pack, analysis)
    with written_whole(folder) as staged:
        written = [write_workbook(staged / "coverage.xlsx", sheets, notes, demonstration=demo)]
        written.append(write_geopackage(staged / "coverage.gpkg", layers))
        for name in ("gaps", "districts"):
            path = staged / f"coverage_{name}.geojson"
            written.append(write_geojson(path, layers[name], demonstration=demo, attribution=pack.manifest.attribution))
        written += write_charts(pack, analysis, staged)
    return [folder / path.name for path in written], [fault.sentence("zh") for fault in lettering_faults()]
