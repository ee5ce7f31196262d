"""Small words of a Word report: one of two languages, units, shares, money, heads of tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.report.counted import counted_in
from geoplan.report.document import Language
from geoplan.vocabulary import label

__all__ = ["cost_words", "heads_of", "percent", "said", "slice_words", "unit_words"]


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
    return label("money", unit, language)


def percent(share: Any) -> str:
    """Return a share in per cent, a dash where there is none."""
    return "–" if share is None or pd.isna(share) else f"{share:.1%}"


def slice_words(code: str, language: Language) -> str:
    """Return a slice of the day in words: ``12–15 时``."""
    return label("slice", code, language)


def heads_of(language: Language, zh: str, en: str) -> tuple[str, ...]:
    """Return the heads of a table, given with bars between them."""
    return tuple((zh if language == "zh" else en).split("|"))
