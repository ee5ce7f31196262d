"""Delimited text in the encodings of Chinese offices: UTF-8, GB18030 (GBK, GB2312), UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Final

from geoplan.errors import Fault, InputError

__all__ = ["MAX_COLUMNS", "decode", "read_text_rows"]

MAX_COLUMNS: Final = 500
_DELIMITERS: Final = (",", "\t", ";", "|", "，")


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Decode text without losing a character.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        For messages.
    encoding : str, optional
        Encoding to use; by default a byte-order mark decides, then strict UTF-8, then strict GB18030 (of which GBK and
        GB2312 are parts).

    Returns
    -------
    tuple of (str, str)
        Text and encoding.

    Raises
    ------
    InputError
        No encoding fits; the first damaged line is named.
    """
    if encoding is None:
        for mark, named in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if data.startswith(mark):
                encoding = named
                break
    tried = (encoding,) if encoding else ("utf-8", "gb18030")
    failed: UnicodeDecodeError | None = None
    for candidate in tried:
        try:
            return data.decode(candidate), candidate
        except LookupError as error:
            raise InputError(Fault(f"encoding {candidate!r} is not known", "use utf-8 or gb18030", name)) from error
        except UnicodeDecodeError as error:
            # The encoding that got furthest names the damaged place.
            failed = error if failed is None or error.start > failed.start else failed
    assert failed is not None
    line = data.count(b"\n", 0, failed.start) + 1
    raise InputError(
        Fault(
            f"the text is not valid {' or '.join(tried)}",
            "save the file again as CSV UTF-8",
            name,
            line,
            problem_zh="文字编码有损坏，既不是 UTF-8 也不是 GB18030",
            todo_zh="请用表格软件另存为“CSV UTF-8”",
        )
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most cells, most evenly."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    best, best_score = ",", 0.0
    for mark in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        except csv.Error:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width), width)) if widths else 1
        score = (common - 1) * widths.count(common) / max(len(widths), 1)
        if score > best_score:
            best, best_score = mark, score
    return best


def read_text_rows(path: Path, *, encoding: str | None, max_cells: int) -> tuple[list[list[str]], str]:
    """Read a delimited text file as rows of cells.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str, optional
        As in :func:`decode`.
    max_cells : int
        Refuse more cells than this.

    Returns
    -------
    tuple of (list of list of str, str)
        Rows from the first (a quoted line break does not count as a new row, as in a spreadsheet) and the encoding.

    Raises
    ------
    InputError
        The text cannot be decoded, a quote is never closed, or there are too many cells.
    """
    name = path.name
    text, used = decode(path.read_bytes(), name, encoding)
    if "\x00" in text:
        raise InputError(
            Fault("the file holds binary data, not text", "save it as .xlsx or CSV", name,
                  problem_zh="文件不是文本", todo_zh="请另存为 .xlsx 或 CSV")
        )  # fmt: skip
    rows: list[list[str]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            cells += len(row)
            if len(row) > MAX_COLUMNS:
                raise InputError(
                    Fault(f"the row has {len(row):,} cells, more than the {MAX_COLUMNS} columns taken",
                          "check the separator, or leave out columns", name, len(rows) + 1,
                          problem_zh=f"本行有 {len(row):,} 格，超过上限 {MAX_COLUMNS} 列",
                          todo_zh="请检查分隔符或删去多余的列")
                )  # fmt: skip
            if cells > max_cells:
                raise InputError(
                    Fault(f"the file has more than {max_cells:,} cells", "split it", name, len(rows) + 1,
                          problem_zh=f"单元格超过 {max_cells:,} 个", todo_zh="请拆分后再导入")
                )  # fmt: skip
            rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        raise InputError(
            Fault(
                f"the row cannot be cut into cells ({error})",
                "check the quotation marks in this row",
                name,
                len(rows) + 1,
                problem_zh="本行无法分列，多半是引号不成对",
                todo_zh="请检查本行的双引号",
            )
        ) from error
    return rows, used
