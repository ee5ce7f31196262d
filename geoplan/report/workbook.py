"""Excel workbooks: a formatted sheet a view, and a sheet that says what every figure is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geoplan.cells import looks_like_formula
from geoplan.errors import InputError
from geoplan.report.words import BANNER_EN, BANNER_ZH, in_words
from geoplan.vocabulary.words import Language

__all__ = ["Sheet", "write_workbook"]

_HEAD: Final = PatternFill("solid", fgColor="00558C")
_BANNER: Final = PatternFill("solid", fgColor="FFE699")
_SHARES: Final = frozenset(
    (
        "share", "reached_share", "sole_share", "open_share", "share_of_smaller", "chance", "workers_share",
        "value_share", "share_before", "share_after", "share_change", "share_covered",
        "share_mean_plan",
    )
)  # fmt: skip
_DECIMALS: Final = frozenset(("redundancy", "speed_m_s", "lon", "lat"))
_NO_HEADS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One view.

    Parameters
    ----------
    title : str
        Name of the sheet, at most 31 characters.
    frame : pandas.DataFrame
        Tidy frame; known columns and codes are written in words.
    note : str
        One sentence above the table: what is shown and what it is a share of.
    heads : mapping of str to str
        Heads of single columns that say more than the vocabulary's: the unit of a cost.
    """

    title: str
    frame: pd.DataFrame
    note: str = ""
    heads: Mapping[str, str] = field(default_factory=lambda: _NO_HEADS)


def write_workbook(
    path: Path,
    sheets: Sequence[Sheet],
    notes: Sequence[tuple[str, str]],
    *,
    demonstration: bool,
    language: Language = "zh",
) -> Path:
    """Write sheets and the notes sheet (说明, first) into one workbook.

    Parameters
    ----------
    path : pathlib.Path
        ``.xlsx``; replaced if it is there.
    sheets : sequence of Sheet
        Views, in order.
    notes : sequence of (str, str)
        Heading and text of each note: what the figures are, assumptions, sources.
    demonstration : bool
        Whether the data are generated: every sheet then says so above everything else.
    language : {"zh", "en"}
        Language of heads and codes.

    Returns
    -------
    pathlib.Path
        The path.
    """
    titles = [sheet.title for sheet in sheets]
    if len(set(titles)) != len(titles) or any(not title or len(title) > 31 for title in titles):
        raise InputError("sheets need titles of 1 to 31 characters, each once")
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "说明" if language == "zh" else "Notes"
    _write_notes(first, notes, demonstration)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.title), sheet, demonstration, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _banner(ws: Worksheet, demonstration: bool) -> int:
    """Write the demonstration banner; return the next free row."""
    if not demonstration:
        return 1
    cell = ws.cell(1, 1, f"{BANNER_ZH} / {BANNER_EN}")
    cell.font, cell.fill = Font(bold=True, color="7F6000"), _BANNER
    return 2


def _write_notes(ws: Worksheet, notes: Sequence[tuple[str, str]], demonstration: bool) -> None:
    row = _banner(ws, demonstration)
    for heading, text in notes:
        ws.cell(row, 1, heading).font = Font(bold=True)
        cell = ws.cell(row, 2, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        ws.cell(row, 1).alignment = Alignment(vertical="top")
        row += 1
    ws.column_dimensions["A"].width = 22
    ws.column_dimensions["B"].width = 110


def _write_sheet(ws: Worksheet, sheet: Sheet, demonstration: bool, language: Language) -> None:
    frame = in_words(sheet.frame.rename(columns=dict(sheet.heads)), language)
    columns = [str(name) for name in sheet.frame.columns]
    row = _banner(ws, demonstration)
    if sheet.note:
        ws.cell(row, 1, sheet.note).font = Font(italic=True, color="444444")
        row += 1
    head = row
    for at, name in enumerate(frame.columns, start=1):
        cell = ws.cell(head, at, str(name))
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    formats = [_format(column, frame[name]) for column, name in zip(columns, frame.columns, strict=True)]
    for i, values in enumerate(frame.itertuples(index=False), start=head + 1):
        for at, (value, style) in enumerate(zip(values, formats, strict=True), start=1):
            cell = ws.cell(i, at, _plain(value))
            if style:
                cell.number_format = style
    last = head + len(frame)
    for at, (column, name) in enumerate(zip(columns, frame.columns, strict=True), start=1):
        letter = get_column_letter(at)
        ws.column_dimensions[letter].width = _width(str(name), frame[name])
        if column in ("share", "share_covered") and len(frame):
            bar = DataBarRule("num", 0, "num", 1, color="9DC3E6")
            ws.conditional_formatting.add(f"{letter}{head + 1}:{letter}{last}", bar)
    ws.freeze_panes = ws.cell(head + 1, 1)
    if len(frame):
        ws.auto_filter.ref = f"A{head}:{get_column_letter(len(frame.columns))}{last}"


def _plain(value: Any) -> Any:
    """Return a value that Excel holds: no NaN, no NumPy types; text that looks like a formula stays text."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)) or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, str) and looks_like_formula(value):
        return "\u200b" + value
    return value


def _format(name: str, column: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(column):
        return ""
    if name in _SHARES:
        return "0.0%"
    if name in _DECIMALS:
        return "0.00####"
    return "#,##0" if pd.api.types.is_integer_dtype(column) else "#,##0.0"


def _width(name: str, column: pd.Series) -> float:
    numbers = pd.api.types.is_numeric_dtype(column)
    cells = [] if numbers else [str(value) for value in column.head(200) if value is not None]
    widest = max([_signs(name), 9, *(_signs(cell) for cell in cells)])
    return float(min(widest + 3, 48))


def _signs(text: str) -> int:
    """Return how wide a text is drawn: a Chinese sign takes the place of two."""
    return sum(2 if ord(sign) > 255 else 1 for sign in text)
