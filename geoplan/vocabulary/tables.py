"""Reading the tables of words: a line that says what the table is, a head, a row a word."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

__all__ = ["read_rows"]


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of ``geoplan_data`` whose first line says what it is.

    Parameters
    ----------
    name : str
        File name.

    Returns
    -------
    tuple of dict
        Column → text, a row each.
    """
    lines = files("geoplan_data").joinpath(name).read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines[1:]))
