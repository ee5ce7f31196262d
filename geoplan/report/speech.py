"""Small words of a Word report: one of two languages, units, shares, money, heads of tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from geoplan.report.counted import counted_in
from geoplan.report.document import Language

__all__ = ["cost_words", "heads_of", "percent", "said", "slice_words", "unit_words"]

_MONEY_EN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "元": "yuan",
        "千元": "thousand yuan",
        "万元": "10,000 yuan",
        "百万元": "million yuan",
        "亿元": "100 million yuan",
    }
)


def said(language: Language, zh: str, en: str) -> str:
    """Return the words of one language."""
    return zh if language == "zh" else en


def unit_words(unit: str, language: Language) -> str:
    """Return what a demand counts, in words."""
    return counted_in(unit, language).of


def cost_words(unit: str, language: Language) -> str:
    """Return a unit of cost in words; of one that nobody stated, that it is the candidate list's."""
    if not unit:
        return said(language, "与候选点清单同单位", "in the unit of the candidate list")
    return unit if language == "zh" else _MONEY_EN.get(unit, unit)


def percent(share: Any) -> str:
    """Return a share in per cent, a dash where there is none."""
    return "–" if share is None or pd.isna(share) else f"{share:.1%}"


def slice_words(code: str, language: Language) -> str:
    """Return a slice of the day in words: ``12–15 时``."""
    return f"{code.replace('-', '–')}{said(language, ' 时', ' h')}"


def heads_of(language: Language, zh: str, en: str) -> tuple[str, ...]:
    """Return the heads of a table, given with bars between them."""
    return tuple((zh if language == "zh" else en).split("|"))
