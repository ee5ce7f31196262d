"""What a figure is a share of, in words: when (weekday, date, slice), who, how far; the one writer of these words."""

from __future__ import annotations

from datetime import date
from typing import Final

from geoplan.coverage.standard import Subject
from geoplan.report.counted import counted_in
from geoplan.report.document import Language
from geoplan.report.speech import slice_words
from geoplan.vocabulary import label

__all__ = ["subject_words", "when_words", "who_words"]

_WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def when_words(subject: Subject, language: Language) -> str:
    """Say when: ``2026-11-21 周六 12–15 时``, or regardless of opening hours."""
    if subject.at == "any":
        return "不计开放时间" if language == "zh" else "regardless of opening hours"
    words = []
    if subject.day:
        weekday = date.fromisoformat(subject.day).weekday()
        words = [subject.day, _WEEKDAYS[language][weekday]]
    if "T" in subject.at:
        return " ".join([*words, subject.at[11:16]])
    between = "、" if language == "zh" else ", "
    slices = between.join(slice_words(code, language) for code in subject.at.split("+"))
    whole = subject.time_rule == "whole"
    rule = ("（整段开放）" if language == "zh" else " (open throughout)") if whole else ""
    return " ".join([*words, slices]) + rule


def who_words(subject: Subject, language: Language) -> str:
    """Say who counts: how many of what, of which trade, out at that time or all of them."""
    counted = counted_in(subject.demand_unit, language)
    total = f"{subject.demand_total:,.0f}"
    out = subject.demand_basis == "out" and subject.demand_unit == "workers"
    if language == "zh":
        who = counted.of if subject.trade is None else f"名{label('trade', subject.trade)}"
        return f"{total} {who}" + ("（当时在外）" if out else "")
    trade = "" if subject.trade is None else f" ({label('trade', subject.trade, 'en')})"
    return f"{total} {counted.of}{trade}" + (" (out then)" if out else "")


def subject_words(subject: Subject, language: Language, *, tests: bool = True) -> str:
    """Say what figures are a share of: who, where, how far, when, with which facilities.

    Parameters
    ----------
    subject : Subject
        Of an answer.
    language : {"zh", "en"}
        Language of the words.
    tests : bool
        Whether the circle and cross coverage are spoken of, as beside the three tests.
    """
    minutes = f"{subject.limit_s / 60:g}"
    area = subject.area_name or subject.area or ""
    if language == "zh":
        profile = label("profile", subject.profile)
        parts = [
            f"占 {who_words(subject, 'zh')}的比例",
            subject.city + (f"（{area}）" if area else ""),
            f"{profile} {minutes} 分钟",
        ]
        if tests:
            parts += [f"圆半径 {subject.radius_m:g} 米", f"交叉覆盖至少 {subject.k} 站"]
        if subject.facilities:
            parts.append(f"设施：{' + '.join(label('facility', code) for code in subject.facilities)}")
        return "；".join([*parts, when_words(subject, "zh")])
    parts = [
        f"Shares of {who_words(subject, 'en')}",
        subject.city + (f" ({area})" if area else ""),
        f"{label('profile', subject.profile, 'en')}, {minutes} minutes",
    ]
    if tests:
        parts += [f"circle of {subject.radius_m:g} m", f"cross coverage by at least {subject.k} stations"]
    if subject.facilities:
        parts.append(f"facilities: {' + '.join(label('facility', code, 'en') for code in subject.facilities)}")
    return "; ".join([*parts, when_words(subject, "en")])
