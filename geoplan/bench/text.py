"""Instance files as text: plain or gzipped, any line ends, comments; numbers and records that know their lines."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError

__all__ = [
    "COMMENTS",
    "Numbers",
    "Records",
    "is_number",
    "name_of",
    "numbers_of",
    "read_text",
    "records_of",
    "text_fault",
]

Float = npt.NDArray[np.float64]

LARGEST: Final = 1e15  # beyond it whole numbers are no longer exact, and solvers take them for infinite
COMMENTS: Final = ("#", "%", ";", "//")  # a line that begins so is left out


def text_fault(path: Path, problem: str, todo: str, line: int | None = None, field: str = "") -> InputError:
    """Return the error for one fault of a file; ``line`` counts from 1."""
    return InputError([Fault(problem, todo, file=path.name, row=line, field=field)])


def name_of(path: Path) -> str:
    """Return an instance's name: the file name without its endings."""
    return path.name.split(".")[0]


def read_text(path: str | Path) -> str:
    r"""Return a file's text with line ends as ``\n``.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped, in UTF-8 (with or without a mark), UTF-16 with a mark, or Latin-1.

    Raises
    ------
    InputError
        If the file is not there, is empty, or is no text.
    """
    path = Path(path)
    if not path.is_file():
        raise text_fault(path, "the file is not there", "check the path")
    raw = path.read_bytes()
    try:
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error):
        raise text_fault(path, "the compressed file is damaged or cut short", "fetch it again") from None
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # old files name people and places in it
    if "\x00" in text:
        raise text_fault(path, "the file is not text", "give the instance as published, plain or gzipped")
    # An old end-of-file mark of DOS says nothing.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x1a", "")
    if not text.strip():
        raise text_fault(path, "the file is empty", "fetch it again")
    return text


def is_number(text: str) -> bool:
    """Tell whether a word is a number of a size that can be reckoned with."""
    try:
        return abs(float(text)) <= LARGEST and "_" not in text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """All numbers of a file in reading order, wherever its lines break.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    values : numpy.ndarray of float64
        The numbers, shape (n,).
    counts : numpy.ndarray of int64
        How many of them stand on each line, shape (n_lines,).
    """

    path: Path
    values: Float
    counts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.values)

    def line(self, at: int) -> int:
        """Return the line, counted from 1, of a number; the last line for one beyond the end."""
        ends = np.cumsum(self.counts)
        return int(np.searchsorted(ends, min(at, len(self.values) - 1), side="right")) + 1

    def fault(self, at: int, problem: str, todo: str) -> InputError:
        """Return the error for a fault at a number."""
        return text_fault(self.path, problem, todo, self.line(at))

    def whole(self, at: int, what: str, least: int = 0, most: int | None = None) -> int:
        """Return a number that must be whole and within limits.

        Raises
        ------
        InputError
            If it is missing, broken or out of range; the message says ``what`` it is.
        """
        if at >= len(self.values):
            raise self.fault(at, f"the file ends before {what}", "it is cut short, fetch it again")
        value = float(self.values[at])
        if value != round(value):
            raise self.fault(at, f"{what} is {value:g}, which is not a whole number", "correct the number")
        if value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"from {least} to {most}"
            raise self.fault(at, f"{what} is {value:g}", f"give a number {limits}")
        return int(value)


def numbers_of(path: str | Path, filled: dict[str, float] | None = None) -> Numbers:
    """Read a file that holds nothing but numbers, in any number of columns.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; blank lines, and lines that begin with ``#``, ``%``, ``;`` or ``//``, are left out.
    filled : dict of str to float, optional
        Words that stand for a number.

    Raises
    ------
    InputError
        Naming the first word that is no number, and its line.
    """
    path = Path(path)
    lines = [[] if line.lstrip().startswith(COMMENTS) else line.split() for line in read_text(path).split("\n")]
    words = [word for line in lines for word in line]
    if filled:
        words = [str(filled.get(word.lower(), word)) for word in words]
    counts = np.array([len(line) for line in lines], dtype=np.int64)
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        values = np.full(len(words), np.nan)
    if not (np.abs(values) <= LARGEST).all():
        at = next(at for at, word in enumerate(words) if not is_number(word))
        numbers = Numbers(path, np.zeros(len(words)), counts)
        raise numbers.fault(at, f"{words[at]!r} is not a number", "correct or remove it")
    return Numbers(path, values, counts)


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a table with a header.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    names : tuple of str
        Columns as the file spells them.
    rows : tuple of tuple of str
        Cells, stripped, one tuple of ``len(names)`` per record.
    lines : tuple of int
        Line of each record, counted from 1.
    """

    path: Path
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def has(self, name: str) -> bool:
        """Tell whether there is a column, whatever its capitals."""
        return name.lower() in (known.lower() for known in self.names)

    def texts(self, name: str) -> list[str]:
        """Return a column.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        lowered = [known.lower() for known in self.names]
        if name.lower() not in lowered:
            known = ", ".join(self.names[:12])
            raise text_fault(self.path, f"there is no column {name!r}", f"add it or rename one of {known}", 1)
        at = lowered.index(name.lower())
        return [row[at] for row in self.rows]

    def numbers(self, name: str, least: float = -math.inf) -> Float:
        """Return a column of finite numbers, none below ``least``.

        Raises
        ------
        InputError
            Naming the first line that holds something else.
        """
        cells = self.texts(name)
        for cell, line in zip(cells, self.lines, strict=True):
            if not is_number(cell):
                said = f"{cell!r} is not a number" if cell else "the cell is empty"
                raise text_fault(self.path, said, "give a number", line, name)
            if float(cell) < least:
                raise text_fault(self.path, f"{cell} is below {least:g}", f"give {least:g} or more", line, name)
        return np.array([float(cell) for cell in cells])


def records_of(path: str | Path) -> Records:
    """Read a table with a header, separated by commas, semicolons, tabs or blanks.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; blank lines are left out.

    Raises
    ------
    InputError
        If there are no records, or a record has more or fewer cells than the header.
    """
    path = Path(path)
    text = read_text(path)
    lines_read = text.split("\n")
    head = next(line for line in lines_read if line.strip())
    separator = max(",;\t", key=head.count)
    if separator not in head:
        lines_read = [separator.join(line.split()) for line in lines_read]
    reader = csv.reader(lines_read, delimiter=separator)
    names: tuple[str, ...] = ()
    rows, lines = [], []
    try:
        for cells in reader:
            row = tuple(cell.strip() for cell in cells)
            if not any(row):
                continue
            if not names:
                names = row
                continue
            if len(row) > len(names) and not any(row[len(names) :]):
                row = row[: len(names)]  # separators at the end of a line
            if len(row) != len(names):
                problem = f"the header names {len(names)} columns, here are {len(row)} cells"
                raise text_fault(path, problem, "complete the line", reader.line_num)
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise text_fault(path, f"the table cannot be read ({error})", "correct the line", reader.line_num) from None
    if not rows:
        raise text_fault(path, "the table has no rows", "give a header and rows")
    return Records(path, names, tuple(rows), tuple(lines))
