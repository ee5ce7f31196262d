"""How evenly a good is shared out among workers: Lorenz curve, Gini, and who is worst served."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import Areas
from geoplan.errors import InputError
from geoplan.trades import TRADES

__all__ = ["gini", "lorenz", "worst_served"]


def lorenz(values: npt.ArrayLike, workers: npt.ArrayLike) -> pd.DataFrame:
    """Return the Lorenz curve of a value over workers.

    Parameters
    ----------
    values : array_like of float
        What each worker of a point has (accessibility, number of stations …), 0 or more, shape (n,).
    workers : array_like of float
        Workers of each point, shape (n,).

    Returns
    -------
    pandas.DataFrame
        ``workers_share, value_share``, both from 0 to 1, the worst-off workers first. Where nobody has anything the
        curve is the line of equality.
    """
    value, people = np.asarray(values, np.float64), np.asarray(workers, np.float64)
    if value.shape != people.shape or (value < 0).any() or (people < 0).any() or not np.isfinite(value).all():
        raise InputError("a Lorenz curve needs values and workers of 0 or more, of the same length")
    if people.sum() == 0:
        raise InputError("there are no workers to share among")
    order = np.argsort(value, kind="stable")
    x = np.append(0.0, np.cumsum(people[order]) / people.sum())
    held = np.cumsum((value * people)[order])
    y = np.append(0.0, held / held[-1]) if held[-1] > 0 else x
    return pd.DataFrame({"workers_share": x, "value_share": y})


def gini(values: npt.ArrayLike, workers: npt.ArrayLike) -> float:
    """Return the Gini coefficient of a value over workers: 0 when all have the same, towards 1 when one has all."""
    curve = lorenz(values, workers)
    x, y = curve["workers_share"].to_numpy(), curve["value_share"].to_numpy()
    return float(1.0 - np.sum(np.diff(x) * (y[1:] + y[:-1])))


def worst_served(covered: npt.ArrayLike, demand: pd.DataFrame, areas: Sequence[Areas]) -> pd.DataFrame:
    """Rank trades and areas by the share of their workers that is covered, worst first.

    Parameters
    ----------
    covered : array_like of bool or float
        Whether (or for which share of the time) each demand point is covered, shape (n_demand,).
    demand : pandas.DataFrame
        ``workers`` and ``workers_…`` by trade.
    areas : sequence of Areas
        Levels to rank.

    Returns
    -------
    pandas.DataFrame
        ``group`` (``"trade"`` or the level), ``code, name, demand, covered, share, uncovered``; groups without
        workers are left out.
    """
    share = np.asarray(covered, np.float64)
    rows = []
    for trade in TRADES:
        if f"workers_{trade}" in demand:
            people = demand[f"workers_{trade}"].to_numpy(np.float64)
            rows.append(("trade", trade, trade, people.sum(), (people * share).sum()))
    people = demand["workers"].to_numpy(np.float64)
    for level in areas:
        totals, hits = level.sums(people), level.sums(people * share)
        rows += [(level.level, *one) for one in zip(level.codes, level.names, totals, hits, strict=True)]
    frame = pd.DataFrame(rows, columns=["group", "code", "name", "demand", "covered"])
    frame = frame[frame["demand"] > 0].copy()
    frame["share"] = frame["covered"] / frame["demand"]
    frame["uncovered"] = frame["demand"] - frame["covered"]
    order = ["share", "uncovered", "code"]
    return frame.sort_values(order, ascending=[True, False, True], kind="stable").reset_index(drop=True)
