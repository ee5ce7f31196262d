"""Two states side by side: before and after a plan, this year and last year."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geoplan.errors import InputError

__all__ = ["compare"]

_FIGURES: Final = frozenset({"demand", "covered", "share"})


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Put two tidy coverage tables side by side.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Tables of ``Coverage.table`` or ``Cube.to_frame``: keys and the figures ``demand, covered, share``.

    Returns
    -------
    pandas.DataFrame
        Their keys, ``demand_before, demand_after, covered_before, covered_after, covered_change, share_before,
        share_after, share_change`` (in points, 0.01 = one percentage point) and ``in`` (``"both"``, ``"before"`` or
        ``"after"``): an area that only one state has is kept and said.

    Raises
    ------
    InputError
        The tables have different keys, or a key twice.
    """
    keys = [name for name in before.columns if name not in _FIGURES]
    if set(keys) != {name for name in after.columns if name not in _FIGURES}:
        raise InputError("the two tables do not have the same columns: compare like with like")
    for frame, what in ((before, "first"), (after, "second")):
        if frame.duplicated(keys).any():
            raise InputError(f"the {what} table has two rows for the same area, moment and test")
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", "_after"), indicator="in", sort=False)
    both["in"] = both["in"].astype(str).replace({"left_only": "before", "right_only": "after"})
    both["covered_change"] = both["covered_after"] - both["covered_before"]
    both["share_change"] = both["share_after"] - both["share_before"]
    figures = ["demand_before", "demand_after", "covered_before", "covered_after", "covered_change"]
    return both[[*keys, *figures, "share_before", "share_after", "share_change", "in"]]
