"""Text in a spreadsheet's cell stays text: what a program for tables would run as a formula is marked."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

__all__ = ["inert", "looks_like_formula"]

_BEGINS: Final = frozenset("=+-@\t\r\n")


def looks_like_formula(text: str) -> bool:
    """Tell whether a spreadsheet may take a text for a formula; a full-width ``＝`` is one in a Chinese Excel."""
    sign = text.lstrip(" \u3000\ufeff\u200b")[:1]
    return unicodedata.normalize("NFKC", sign) in _BEGINS if sign else False


def inert(value: Any) -> Any:
    """Return a cell with an apostrophe before what would be run; numbers and other values pass as they are."""
    return "'" + value if isinstance(value, str) and looks_like_formula(value) else value
