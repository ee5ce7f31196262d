"""Costs as people write them, ``12万元`` or ``￥80,000``, as numbers of one unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.sources.degrees import is_blank

__all__ = ["Costs", "read_costs"]

_UNITS: Final = {"亿": 1e8, "千万": 1e7, "百万": 1e6, "万": 1e4, "千": 1e3, "k": 1e3, "w": 1e4, "": 1.0}
_MONEY: Final = re.compile(
    r"(?:约|共|rmb|cny|人民币|[¥$€])*(?P<number>[+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)(?P<unit>亿|千万|百万|万|千|k|w)?"
    r"(?P<yuan>元|圆|块|rmb|cny|人民币|yuan)?(?:整|左右)?"
)
_IN_HEADER: Final = re.compile(r"(?P<unit>亿|千万|百万|万|千)?元")


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """A column of costs.

    Parameters
    ----------
    values : numpy.ndarray of float64
        Cost of each row; NaN where the cell is empty or unclear.
    unit : str
        ``"万元"``, ``"元"``, … as the header or the cells say; empty where nothing says.
    unclear : numpy.ndarray of int64
        Rows whose cell says something that is no cost.
    unitless : numpy.ndarray of int64
        Rows with a plain number where other cells state a unit and the header none: the number may mean either.
    """

    values: npt.NDArray[np.float64]
    unit: str
    unclear: npt.NDArray[np.int64]
    unitless: npt.NDArray[np.int64]


def read_costs(cells: Sequence[object], header: str) -> Costs:
    """Read a column of costs.

    Parameters
    ----------
    cells : sequence
        Texts or numbers.
    header : str
        Header of the column; a unit in it, as in ``预算（万元）``, is the unit of plain numbers and of the answer.
        Where only cells state units, the answer is in 元.
    """
    found = _IN_HEADER.search(unicodedata.normalize("NFKC", header))
    scale = _UNITS[found["unit"] or ""] if found else 1.0
    values = np.full(len(cells), np.nan)
    unclear, plain, said = [], [], False
    for i, cell in enumerate(cells):
        text = "" if cell is None or cell != cell else unicodedata.normalize("NFKC", str(cell)).replace(" ", "").lower()
        if not text or is_blank(text):
            continue
        match = _MONEY.fullmatch(text)
        if match is None:
            unclear.append(i)
            continue
        number = float(match["number"].replace(",", ""))
        if match["unit"] or match["yuan"]:
            said = True
            values[i] = number * _UNITS[match["unit"] or ""] / scale
        else:
            plain.append(i)
            values[i] = number
    unit = found.group() if found else ("元" if said else "")
    unitless = plain if said and not found else []
    return Costs(values, unit, np.array(unclear, np.int64), np.array(unitless, np.int64))
