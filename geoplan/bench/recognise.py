"""Which published format a file has, told by its content, damaged or not."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from geoplan.bench.capmedian import is_one_problem
from geoplan.bench.instances import CAPACITY, scp_form
from geoplan.bench.text import COMMENTS, Numbers, is_number, numbers_of, read_text, text_fault

__all__ = ["Kind", "kind_of"]

Kind = Literal["pmed", "scp", "cap", "pmedcap", "capacity-points", "points", "tsp", "stores", "pairs"]


def kind_of(path: str | Path) -> Kind:
    """Return the format of an instance file.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.

    Raises
    ------
    InputError
        If it looks like none of the formats.
    """
    path = Path(path)
    text = read_text(path)
    first = next(
        (line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(COMMENTS)), ""
    ).strip()
    if "NODE_COORD_SECTION" in text or first.upper().startswith(("NAME:", "NAME :", "TYPE:", "TYPE :")):
        return "tsp"
    separator = max(",;\t", key=first.count)
    cells = first.split(separator) if separator in first else first.split()
    names = {cell.strip().strip('"').lower() for cell in cells}
    if {"x", "y", "demand"} <= names:
        return "points"
    if {"name", "destinationname", "distance"} <= names:
        return "pairs"
    words = first.split()
    if words and all(is_number(word) or word.lower() == CAPACITY for word in words):
        return _of_numbers(numbers_of(path, {CAPACITY: -1.0}), CAPACITY in text.lower())
    if separator in first and _is_matrix(text, separator):
        return "stores"
    todo = (
        "give an OR-Library pmed, pmedcap, scp or cap file, a TSPLIB file, points (id,x,y,demand), a cost matrix or"
        " pairs with distances as CSV"
    )
    raise text_fault(path, "the format is not known", todo, 1)


def _is_matrix(text: str, separator: str) -> bool:
    """Tell whether a header of names stands over rows of as many cells, most of them numbers."""
    head, *rows = [line.split(separator) for line in text.split("\n") if line.strip()]
    cells = [cell for row in rows for cell in row[1:] if len(row) == len(head)]
    return not any(is_number(cell) for cell in head[1:]) and 2 * sum(map(is_number, cells)) > len(cells)


def _of_numbers(numbers: Numbers, open_capacity: bool) -> Kind:
    """Tell a file of bare numbers by what its counts make up; a damaged one by its first lines."""
    values, n = numbers.values, len(numbers)
    widths = numbers.counts[numbers.counts > 0]
    head = np.concatenate((values[:3], np.zeros(3)))[:3]
    if open_capacity:
        return "cap"
    if n == 3 + 3 * head[1] and widths[0] == 3:
        return "pmed"
    if (head % 1 == 0).all() and (head >= 0).all():
        a, b, c = (int(value) for value in head)
        if n == 3 + 3 * b and c <= a and widths[0] != 1:
            return "pmed"
        if list(widths[:2]) == [2, 3] and is_one_problem(numbers):
            return "pmedcap"
        if a >= 1 and n == 2 + 2 * a + b * (1 + a):
            return "cap"
        if b <= a and n == 2 + 4 * a:
            return "capacity-points"
        if scp_form(numbers):
            return "scp"
    return _of_lines(numbers, [int(width) for width in widths])


def _of_lines(numbers: Numbers, widths: list[int]) -> Kind:
    if widths[:3] == [1, 2, 3]:
        return "pmedcap"
    even = set(widths[1:] if widths[0] == 1 else widths)
    ends = numbers.values[3 : 3 + 3 * ((len(numbers) - 3) // 3)].reshape(-1, 3)[:, :2]
    graph = widths[0] == 3 and (numbers.values[:3] % 1 == 0).all() and (ends % 1 == 0).all()
    graph = graph and len(ends) > 0 and bool((ends <= numbers.values[0]).mean() > 0.5)
    if even in ({3}, {4}) and not graph:
        return "points"
    if widths[0] == 3:
        return "pmed"
    after = set(widths[1 : 1 + int(np.clip(numbers.values[0], 1, 3))])
    if widths[0] == 2 and after in ({2}, {4}):
        return "cap" if after == {2} else "capacity-points"
    return "scp"
