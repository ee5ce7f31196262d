"""Excel workbooks (.xlsx, .xls) as grids of text, with merged cells filled in and bombs refused."""

from __future__ import annotations

import datetime as dt
import json
import math
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import xlrd
from openpyxl.utils.cell import range_boundaries

from geoplan.errors import Fault, InputError

__all__ = ["read_xls", "read_xlsx", "value_text"]

_MAX_UNPACKED_BYTES: Final = 400 * 2**20
_MAX_RATIO: Final = 200.0
_MAX_COLUMNS: Final = 500
_MAX_ROWS: Final = 1_048_576
_MAX_BLANK_ROWS: Final = 5_000
Grid = list[list[str]]


def value_text(value: Any) -> str:
    """Return a cell's value as the text a person would have typed: ``12.0`` → ``"12"``, a date as ISO, a time HH:MM."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    if isinstance(value, float | np.floating):
        if math.isnan(value):
            return ""
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, dt.datetime):
        plain = value.replace(microsecond=0)
        return plain.date().isoformat() if plain.time() == dt.time() else plain.isoformat(sep=" ")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M") if value.second == 0 else value.strftime("%H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple | np.ndarray) and not any(isinstance(item, dict | list) for item in value):
        return ";".join(value_text(item) for item in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def _too_big(name: str, what: str) -> InputError:
    return InputError(
        Fault(f"the workbook {what}", "save only the register as a new workbook", name,
              problem_zh="工作簿过大或压缩异常，已拒绝打开", todo_zh="请只把站点表另存为新的工作簿")
    )  # fmt: skip


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        Fault(
            f"the workbook cannot be opened ({type(error).__name__})",
            "open it in a spreadsheet and save it again",
            name,
            problem_zh="工作簿无法打开，可能已损坏或加密",
            todo_zh="请用表格软件打开后重新保存",
        )
    )


def _fill_merged(grid: Grid, ranges: Iterable[tuple[int, int, int, int]]) -> None:
    """Write the value of each merged block (rows and columns from 1, inclusive) into all its cells."""
    for min_col, min_row, last_col, max_row in ranges:
        max_col = min(last_col, _MAX_COLUMNS)
        if min_row > len(grid) or min_col > len(grid[min_row - 1]):
            continue
        value = grid[min_row - 1][min_col - 1]
        if not value or (max_col - min_col >= 3 and len(grid[min_row - 1]) - (max_col - min_col) <= 2):
            continue  # an empty block, or a title across the whole sheet
        for row in grid[min_row - 1 : max_row]:
            row.extend([""] * (max_col - len(row)))
            row[min_col - 1 : max_col] = [value] * (max_col - min_col + 1)


def _merged_in(archive: zipfile.ZipFile, part: str) -> list[tuple[int, int, int, int]]:
    found: list[tuple[int, int, int, int]] = []
    with archive.open(part) as stream:
        for _, element in ElementTree.iterparse(stream):  # noqa: S314 - see the import
            if element.tag.endswith("}mergeCell"):
                found.append(range_boundaries(element.attrib["ref"]))
            elif element.tag.endswith("}row"):
                element.clear()
    return found


def read_xlsx(path: Path, *, max_cells: int) -> list[tuple[str, Grid]]:
    """Read every sheet of an .xlsx workbook.

    Parameters
    ----------
    path : Path
        The workbook.
    max_cells : int
        Refuse more cells than this.

    Returns
    -------
    list of (str, list of list of str)
        Title and grid of each sheet, from row 1, hidden rows included, merged cells filled.

    Raises
    ------
    InputError
        The workbook is damaged, encrypted, unpacks to too much, or has too many cells.
    """
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
            packed = max(sum(item.compress_size for item in archive.infolist()), 1)
            if unpacked > _MAX_UNPACKED_BYTES or (unpacked > 50 * 2**20 and unpacked / packed > _MAX_RATIO):
                raise _too_big(name, f"unpacks to {unpacked / 2**20:,.0f} MB")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it does not keep
                book = openpyxl.load_workbook(path, read_only=True, data_only=True)
                try:
                    return [_read_sheet(sheet, archive, name, max_cells) for sheet in book.worksheets]
                finally:
                    book.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part provokes
        raise _damaged(name, error) from error


def _read_sheet(sheet: Any, archive: zipfile.ZipFile, name: str, max_cells: int) -> tuple[str, Grid]:
    sheet.reset_dimensions()  # what the file says about its own extent is often wrong
    grid: Grid = []
    cells = 0
    blank = 0  # a single cell in the last row of a sheet would otherwise be a million rows
    for row in sheet.iter_rows(values_only=True, max_col=_MAX_COLUMNS):
        texts = [] if row.count(None) == len(row) else [value_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            blank += 1
            if len(grid) + blank > _MAX_ROWS:
                raise _too_big(name, f"has rows beyond {_MAX_ROWS:,}, the last that a sheet can have")
            continue
        if blank > _MAX_BLANK_ROWS:
            raise _too_big(name, f"has {blank:,} empty rows before row {len(grid) + blank + 1:,}")
        grid.extend([] for _ in range(blank))
        cells += len(texts) + 1 + blank
        blank = 0
        if cells > max_cells:
            raise _too_big(name, f"has more than {max_cells:,} cells")
        grid.append(texts)
    _fill_merged(grid, _merged_in(archive, sheet._worksheet_path))
    return str(sheet.title), grid


def _xls_text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        if cell.value < 1.0:  # a time of day: the 1900 calendar has no day 0
            minutes = round(cell.value * 1440)
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        return value_text(xlrd.xldate_as_datetime(cell.value, datemode))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return value_text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return value_text(cell.value)


def read_xls(path: Path, *, max_cells: int) -> list[tuple[str, Grid]]:
    """Read every sheet of an .xls workbook (Excel 97–2003); parameters, result and errors as :func:`read_xlsx`."""
    name = path.name
    try:
        book = xlrd.open_workbook(str(path), formatting_info=True, logfile=_Silent())
        sheets: list[tuple[str, Grid]] = []
        for sheet in book.sheets():
            if sheet.nrows * sheet.ncols > max_cells:
                raise _too_big(name, f"has more than {max_cells:,} cells")
            grid = [[_xls_text(cell, book.datemode) for cell in sheet.row(r)] for r in range(sheet.nrows)]
            _fill_merged(grid, [(c1 + 1, r1 + 1, c2, r2) for r1, r2, c1, c2 in sheet.merged_cells])
            sheets.append((str(sheet.name), grid))
        return sheets
    except InputError:
        raise
    except Exception as error:  # xlrd raises whatever a damaged record provokes
        raise _damaged(name, error) from error


class _Silent:
    """A log file that keeps nothing: xlrd prints remarks about old workbooks."""

    def write(self, text: str) -> int:
        """Drop ``text``."""
        return len(text)

    def flush(self) -> None:
        """Do nothing."""
