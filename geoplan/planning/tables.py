"""Small tables that a planner writes: CSV or Excel, every cell as text, faults named."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from geoplan.errors import Fault, InputError

__all__ = ["read_words"]


def read_words(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table whose cells are text, stripped; empty cells are empty texts.

    Parameters
    ----------
    path : pathlib.Path
        CSV (UTF-8, or GB 18030 as Excel writes it in China) or ``.xlsx``.
    columns : sequence of str
        Columns that must be there.

    Raises
    ------
    InputError
        If the file is not there, is no table, or lacks a column or every row.
    """
    if not path.is_file():
        raise InputError(Fault("the file is not there", "check the path", path.name))
    try:
        table = _read(path)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(Fault(f"the file is no table ({why})", "give a CSV or .xlsx", path.name)) from None
    table = table.rename(columns=lambda name: str(name).strip()).map(lambda cell: str(cell).strip())
    table = table[(table != "").any(axis=1)]
    missing = [name for name in columns if name not in table]
    if missing:
        faults = [Fault("the column is missing", f"give {', '.join(columns)}", path.name, 1, name) for name in missing]
        raise InputError(faults)
    if table.empty:
        raise InputError(Fault("the table has no rows", "give at least one", path.name))
    return table


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return pd.read_excel(path, dtype=str, keep_default_na=False)
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        return pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="gb18030")
