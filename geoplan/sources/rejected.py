"""Rows of an input that could not be used: kept with the reason, and written beside the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geoplan.errors import Fault

__all__ = ["Rejected", "reject"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows of one file that were left out.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    frame : pandas.DataFrame
        Its own columns, after ``row`` (as a spreadsheet counts) and ``reason``; nothing of a row is lost.
    """

    path: Path
    frame: pd.DataFrame

    def write(self) -> Path | None:
        """Write the rows beside the file as ``<name>.rejected.csv``; returns the path, None where there are none."""
        if self.frame.empty:
            return None
        path = self.path.with_name(f"{self.path.name.split('.')[0]}.rejected.csv")
        self.frame.to_csv(path, index=False, encoding="utf-8-sig")
        return path


def reject(path: Path, frame: pd.DataFrame, faults: Sequence[Fault], first_row: int = 2) -> Rejected:
    """Set the rows aside that faults name.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    frame : pandas.DataFrame
        All its rows, in order.
    faults : sequence of Fault
        Faults with rows; several faults of one row are joined.
    first_row : int
        Number of the frame's first row in the file.
    """
    reasons: dict[int, list[str]] = {}
    for fault in faults:
        if fault.row is not None:
            reasons.setdefault(fault.row, []).append(
                f"{fault.field}: {fault.problem}" if fault.field else fault.problem
            )
    rows = sorted(reasons)
    out = frame.iloc[[row - first_row for row in rows]].copy()
    out.insert(0, "row", rows)
    out.insert(1, "reason", ["; ".join(reasons[row]) for row in rows])
    return Rejected(path, pd.DataFrame(out.drop(columns="geometry", errors="ignore")).reset_index(drop=True))
