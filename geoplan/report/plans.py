"""What a Word report says of a plan: sites, sites and hours together, or sites that hold in every slice of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoplan.coverage.standard import Subject
from geoplan.report.counted import counted_in
from geoplan.report.document import Chapter, Language, Picture, Table
from geoplan.report.speech import cost_words, heads_of, percent, said, slice_words
from geoplan.report.subject import subject_words

__all__ = ["hours_chapter", "plan_chapter", "robust_chapter"]


def plan_chapter(plan: Mapping[str, Any], language: Language = "zh", pictures: tuple[Picture, ...] = ()) -> Chapter:
    """Return a plan: what it gains, its certificate in plain words, and the project list.

    Parameters
    ----------
    plan : mapping
        ``sentence`` and ``sentence_zh`` (the certificate), ``objective, bound, gap, agrees``, ``share_before,
        share_after``, ``demand_total, demand_unit``, and ``projects``: records with ``rank, name, district, town,
        workers_newly_covered, share_covered`` and, where the plan has years, ``year``; and the ``subject`` of the
        figures.
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
    years = any(row.get("year") is not None for row in projects)
    worth = said(
        language,
        f"新增站点 {len(projects)} 处，覆盖率由 {percent(plan['share_before'])} 升至 {percent(plan['share_after'])}。",
        f"{len(projects)} new stations raise the share covered from {percent(plan['share_before'])} to "
        f"{percent(plan['share_after'])}.",
    )
    numbers = said(
        language,
        f"目标值 {plan['objective'] or 0:,.0f}，已证明的上界 {plan['bound'] or 0:,.0f}，差距 {_gap(plan)}。",
        f"Objective {plan['objective'] or 0:,.0f}, proven bound {plan['bound'] or 0:,.0f}, gap {_gap(plan)}. ",
    ) + _agrees(plan, language)
    heads = heads_of(language, "序号|站点|所在|新增覆盖|累计覆盖率", "#|Station|Where|Newly covered|Share covered")
    rows = []
    for row in projects:
        cells = (str(row["rank"]), str(row["name"]), _where(row))
        figures = (f"{row['workers_newly_covered']:,.0f}", percent(row["share_covered"]))
        rows.append((str(row.get("year") or "–"), *cells, *figures) if years else (*cells, *figures))
    if years:
        heads = (said(language, "年度", "Year"), *heads)
    note = subject_words(Subject.from_dict(plan.get("subject") or plan), language, tests=False)
    sentence = str(plan["sentence_zh" if language == "zh" else "sentence"])
    return Chapter(
        said(language, "下一批站点建在哪里", "Where the next stations should go"),
        (worth, sentence, numbers),
        (Table(heads, tuple(rows), note),) if rows else (),
        pictures,
    )


def hours_chapter(plan: Mapping[str, Any], language: Language = "zh") -> Chapter:
    """Return what one budget does for sites and hours together.

    Parameters
    ----------
    plan : mapping
        ``sentence`` and ``sentence_zh``, ``objective, bound, gap, agrees``; ``worker_hours`` of a day (``total, before,
        after``) and the ``demand_unit`` that these hours are of, ``budget``, ``cost_unit``, the ``slices`` that count,
        the ``day`` of the present hours, ``costs`` of an ``hour`` a day and of ``all_day``; and ``projects``: records
        with ``rank, name, district, new, all_day, slices, worker_hours, cost``.
    language : {"zh", "en"}
        Language of the words.

    Returns
    -------
    Chapter
        The gain, its proof, what it counts, and the list of changes.
    """
    projects, hours = list(plan["projects"]), plan["worker_hours"]
    counted = counted_in(str(plan["demand_unit"]), language)
    built = sum(1 for row in projects if row["new"])
    spent, unit = sum(row["cost"] for row in projects), cost_words(plan["cost_unit"], language)
    before, after = hours["before"] / hours["total"], (hours["after"] or hours["before"]) / hours["total"]
    worth = said(
        language,
        f"总费用不超过 {plan['budget']:g}（{unit}），用去 {spent:,.2f}：新建 {built} 处，"
        f"{len(projects) - built} 处现有站点延长开放。"
        f"每天能走到开放站点的{counted.hours}由 {percent(before)} 升至 {percent(after)}。",
        f"Within a budget of {plan['budget']:g} ({unit}), {spent:,.2f} are spent: {built} new stations, "
        f"{len(projects) - built} present ones open longer. The {counted.hours} of a day within reach of an open "
        f"station rise from {percent(before)} to {percent(after)}.",
    )
    numbers = said(
        language,
        f"{counted.hours} {plan['objective'] or 0:,.0f}，已证明的上界 {plan['bound'] or 0:,.0f}，差距 {_gap(plan)}。"
        f"{_agrees(plan, language)}",
        f"{counted.hours.capitalize()} {plan['objective'] or 0:,.0f}, proven bound {plan['bound'] or 0:,.0f}, "
        f"gap {_gap(plan)}. "
        f"{_agrees(plan, language)}",
    )
    about = said(
        language,
        f"{counted.hours}：{counted.hourly}算 1；与{counted.whom}{counted.many}的覆盖率不能直接相比。"
        f"每天多开一小时 {plan['costs']['hour']:g}，改为全天开放 {plan['costs']['all_day']:g}（{unit}）。",
        f"A {counted.hours.removesuffix('s')} is {counted.hourly}; its share does not compare "
        f"with a share of {counted.n}. One more open hour a day costs {plan['costs']['hour']:g}, opening around the "
        f"clock {plan['costs']['all_day']:g} ({unit}).",
    )
    slices = "、".join(slice_words(code, language) for code in plan["slices"])
    note = said(
        language,
        f"占每天 {hours['total']:,.0f} {counted.hours}的比例；时段 {slices}；现有开放时间按 {plan['day']}。",
        f"Shares of {hours['total']:,.0f} {counted.hours} a day; slices {slices}; present hours of {plan['day']}.",
    )
    rows = tuple(
        (
            str(row["rank"]),
            str(row["name"] or row["site_id"]),
            _where(row),
            _change(row, language),
            f"{row['worker_hours']:,.0f}",
            f"{row['cost']:,.2f}",
        )
        for row in projects
    )
    heads = heads_of(
        language,
        f"序号|站点|所在|做法|新增{counted.hours}（每天）",
        f"#|Station|Where|What is done|{counted.hours.capitalize()} added a day",
    )
    heads = (*heads, said(language, f"费用（{unit}）", f"Cost ({unit})"))
    return Chapter(
        said(language, "新建站点和延长开放，钱花在哪里", "New stations and longer hours: how the budget is spent"),
        (worth, str(plan["sentence_zh" if language == "zh" else "sentence"]), numbers, about),
        (Table(heads, rows, note),) if rows else (),
    )


def robust_chapter(plan: Mapping[str, Any], language: Language = "zh") -> Chapter:
    """Return a plan that should hold in every slice of the day.

    Parameters
    ----------
    plan : mapping
        ``worst_share`` and ``worst_bound``; of each slice the ``shares_before``, ``mean_shares`` (by the plan that is
        best on average) and ``shares``; and ``projects``: records with ``rank, name, district, town,
        workers_newly_covered, share_covered``, by what each covers on average over the slices; ``demand_unit``, and
        the ``subject`` of the figures.
    language : {"zh", "en"}
        Language of the words.

    Returns
    -------
    Chapter
        The worst slice now and then, its proof, the slices, and the project list.
    """
    projects, shares = list(plan["projects"]), plan["shares"]
    measure = subject_words(Subject.from_dict(plan["subject"]), language, tests=False) if "subject" in plan else ""
    counted = counted_in(str(plan["demand_unit"]), language)
    least = min(shares, key=lambda code: shares[code])
    before = min(plan["shares_before"].values())
    worth = said(
        language,
        f"新增站点 {len(projects)} 处，覆盖最差的时段由 {percent(before)} 升至 {percent(plan['worst_share'])}"
        f"（{slice_words(least, language)}）。",
        f"{len(projects)} new stations raise the share covered in the worst slice from {percent(before)} to "
        f"{percent(plan['worst_share'])} ({slice_words(least, language)}).",
    )
    proof = said(
        language,
        f"已证明：没有任何其他方案能让最差时段超过 {plan['worst_bound']:.2%}；本方案为 {plan['worst_share']:.2%}。",
        f"Proven: no plan exceeds {plan['worst_bound']:.2%}; this one reaches {plan['worst_share']:.2%}.",
    )
    slices = tuple(
        (
            slice_words(code, language),
            *(percent(plan[name][code]) for name in ("shares_before", "mean_shares", "shares")),
        )
        for code in shares
    )
    rows = tuple(
        (
            str(row["rank"]),
            str(row["name"]),
            _where(row),
            f"{row['workers_newly_covered']:,.0f}",
            percent(row["share_covered"]),
        )
        for row in projects
    )
    return Chapter(
        said(language, "每个时段都要好，下一批站点建在哪里", "New stations for every slice of the day"),
        (worth, proof),
        (
            Table(
                heads_of(language, "时段|现状|平均最好的方案|本方案", "Slice|Now|Best on average|This plan"),
                slices,
                said(
                    language,
                    f"各时段{counted.abroad}中走得到当时开放的站点的比例（时段内取平均）。{measure}",
                    f"Shares of the {counted.abroad} in the slice within reach of a station open then (mean over the "
                    f"slice). {measure}",
                ),
            ),
            Table(
                heads_of(language, "序号|站点|所在|新增覆盖|累计覆盖率", "#|Station|Where|Newly covered|Share covered"),
                rows,
                said(language, f"按各时段平均的{counted.whom}计。", f"Of the {counted.n} of the slices' mean."),
            ),
        ),
    )


def _gap(plan: Mapping[str, Any]) -> str:
    return "–" if plan["gap"] is None else f"{plan['gap']:.2%}"


def _agrees(plan: Mapping[str, Any], language: Language) -> str:
    if plan["agrees"]:
        return said(
            language,
            "独立代码按出行时间重算，两者一致。",
            "Recomputed from the travel times by independent code: it agrees.",
        )
    return said(language, "独立重算与求解器不一致，请勿采用。", "The recomputation differs: do not use it.")


def _where(row: Mapping[str, Any]) -> str:
    return " · ".join(str(row[key]) for key in ("district", "town") if isinstance(row.get(key), str))


def _change(row: Mapping[str, Any], language: Language) -> str:
    """Say what is done at a place."""
    if row["new"]:
        return said(language, "新建，全天开放", "built new, open around the clock")
    if row["all_day"]:
        return said(language, "改为全天开放", "opened around the clock")
    slices = "、".join(slice_words(code, language) for code in row["slices"])
    return said(language, f"增开 {slices}", f"open also {slices}")
