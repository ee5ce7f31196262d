"""What a planner reads: words for the columns, tests and codes of tidy frames."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geoplan.coverage.trust import CHANCE_NOTE
from geoplan.trades import PRESENCE_NOTE
from geoplan.vocabulary import FIELD_BY_NAME, FIELDS, label, labels
from geoplan.vocabulary.words import Language, groups

__all__ = ["BANNER_EN", "BANNER_ZH", "COLUMNS_ZH", "NOTES_ZH", "PROFILES_ZH", "heads", "in_words", "values"]

BANNER_ZH: Final = "演示数据，非真实站点"
BANNER_EN: Final = "demonstration data, not real stations"


def heads(language: Language) -> Mapping[str, str]:
    """Return the head of every known column in a language: the record's fields, and what only tables have."""
    return {spec.name: spec.label(language) for spec in FIELDS} | dict(labels("column", language))


def values(column: str, language: Language) -> Mapping[str, str]:
    """Return the words of the codes that a column holds; none where its values are no codes."""
    if column == "bundle":
        return labels("bundle", language)
    if column == "group":
        return labels("level", language)
    if column == "moment":
        return {"any": label("hours", "any", language)}
    spec = FIELD_BY_NAME.get(column)
    name = spec.group if spec is not None else column
    return labels(name, language) if name in groups() else {}


COLUMNS_ZH: Final[Mapping[str, str]] = heads("zh")
PROFILES_ZH: Final[Mapping[str, str]] = labels("profile")

NOTES_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        PRESENCE_NOTE: (
            "各时段在岗比例为假设，无公布数据：环卫 4:30 起上岗，外卖在午、晚餐高峰，快递在白天；工会有统计时应替换。"
        ),
        CHANCE_NOTE: (
            "登记为开放的站点实际开放的概率，按最近核验距今的时间假设："
            "90 天内 98%，半年内 95%，一年内 90%，两年内 80%，"
            "更久 70%，从未核验 60%。站点上锁的投诉见诸报道，比例未见公布。"
        ),
    }
)
"""The library's own assumptions in Chinese."""


def in_words(frame: pd.DataFrame, language: Language = "zh") -> pd.DataFrame:
    """Return a tidy frame with heads and known codes in words; everything else stays as it is."""
    out = frame.copy()
    for column in out.columns:
        words = values(str(column), language)
        if words:
            out[column] = [words.get(value, value) if isinstance(value, str) else value for value in out[column]]
    if {"group", "name"} <= set(out.columns):
        trades = labels("trade", language)
        out["name"] = [trades.get(name, name) for name in out["name"]]
    return out.rename(columns=dict(heads(language)))
