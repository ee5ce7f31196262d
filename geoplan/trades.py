"""Trades of outdoor workers, and when in the day each of them is out: assumptions, stated and replaceable."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import Fault, InputError
from geoplan.hours.slices import SLICES
from geoplan.vocabulary import group

__all__ = ["PRESENCE", "PRESENCE_NOTE", "TRADES", "Presence", "demand_in_slice", "workers_in_slice"]

TRADES: Final = tuple(code for code in group("trade") if code != "all")

_SHARES: Final[dict[str, tuple[float, ...]]] = {
    # 04-06, 06-12, 12-15, 15-18, 18-22, 22-06
    "food_rider": (0.05, 0.70, 0.90, 0.70, 1.00, 0.20),
    "courier": (0.10, 1.00, 0.90, 1.00, 0.50, 0.05),
    "ride_hail": (0.20, 0.90, 0.70, 0.90, 1.00, 0.30),
    "sanitation": (0.90, 1.00, 0.80, 0.90, 0.30, 0.25),
    "traffic_police": (0.10, 1.00, 0.60, 1.00, 0.60, 0.15),
    "construction": (0.05, 1.00, 0.60, 1.00, 0.20, 0.05),
    "other": (0.20, 1.00, 0.80, 1.00, 0.60, 0.15),
}
Presence = Mapping[str, Mapping[str, float]]
"""Share of each trade in each slice, 0…1."""

PRESENCE: Final[Presence] = MappingProxyType(
    {trade: MappingProxyType(dict(zip(SLICES, shares, strict=True))) for trade, shares in _SHARES.items()}
)
"""Share of a trade's workers who are out in each slice of the day, 0…1. An assumption: no count is published; it
follows that sanitation starts at 4:30, meals peak at noon and in the evening, and parcels go out by day."""

PRESENCE_NOTE: Final = (
    "Share of each trade at work in each time slice: an assumption without a published source (sanitation from 4:30, "
    "meal peaks at noon and in the evening, parcels by day); replace it where the union has counts."
)


def workers_in_slice(
    demand: pd.DataFrame, trade: str, code: str, presence: Presence = PRESENCE
) -> npt.NDArray[np.float64]:
    """Return the workers of a trade who are out at each demand point in a slice of the day.

    Parameters
    ----------
    demand : pandas.DataFrame
        Columns ``workers_…`` by trade, or ``workers`` alone.
    trade : str
        A trade, or ``"all"`` for the sum of the trades. Where the demand knows no trades, ``"all"`` is ``workers``
        in every slice: nothing says who of them is out when.
    code : str
        Slice of the day, or ``"any"`` for all workers whenever they are out.
    presence : mapping of mapping
        Share of each trade in each slice.

    Returns
    -------
    numpy.ndarray of float64
        Workers, shape (n_demand,).
    """
    if code != "any" and code not in SLICES:
        raise InputError(
            Fault(
                f"time slice {code!r} is not known",
                f"use 'any' or one of {', '.join(SLICES)}",
                problem_zh=f"没有时段“{code}”",
                todo_zh=f"请用 any 或 {'、'.join(SLICES)} 之一",
            )
        )
    known = [name for name in TRADES if f"workers_{name}" in demand]
    if trade == "all" and (not known or code == "any"):
        return demand["workers"].to_numpy(np.float64)
    wanted = known if trade == "all" else [trade]
    if not set(wanted) <= set(known):
        raise InputError(
            Fault(
                f"the demand does not know the trade {trade!r}",
                f"it knows {', '.join(known) or 'no trades'}",
                problem_zh=f"需求数据里没有行业“{trade}”",
                todo_zh=f"已有的行业：{'、'.join(known)}" if known else "数据没有分行业",
            )
        )
    total = np.zeros(len(demand))
    for name in wanted:
        share = 1.0 if code == "any" else presence[name][code]
        total += share * demand[f"workers_{name}"].to_numpy(np.float64)
    return total


def demand_in_slice(demand: pd.DataFrame, trade: str, code: str, presence: Presence = PRESENCE) -> pd.DataFrame:
    """Return the demand with those who are out in a slice of the day in place of all, by trade too.

    Parameters
    ----------
    demand, trade, code, presence
        As for :func:`workers_in_slice`; of one trade the others' columns are 0.

    Returns
    -------
    pandas.DataFrame
        A copy with ``workers`` and ``workers_…`` replaced.
    """
    columns = {"workers": workers_in_slice(demand, trade, code, presence)}
    for name in (name for name in TRADES if f"workers_{name}" in demand):
        counts = trade in ("all", name)
        columns[f"workers_{name}"] = workers_in_slice(demand, name, code, presence) * float(counts)
    return demand.assign(**columns)
