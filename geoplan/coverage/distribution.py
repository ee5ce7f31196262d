"""How far the nearest station is: not only yes or no."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.areas import Areas

__all__ = ["time_distribution", "time_histogram", "weighted_quantile"]

Array = npt.NDArray[np.float64]


def weighted_quantile(values: npt.ArrayLike, weights: npt.ArrayLike, q: float) -> float:
    """Return the smallest value that at least a share ``q`` of the weight does not exceed; NaN without weight."""
    value, weight = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    keep = weight > 0
    value, weight = value[keep], weight[keep]
    if not len(value):
        return float("nan")
    order = np.argsort(value, kind="stable")
    running = np.cumsum(weight[order])
    at = np.searchsorted(running, q * running[-1] * (1 - 1e-12))
    return float(value[order][min(int(at), len(value) - 1)])


def time_distribution(nearest: npt.ArrayLike, workers: npt.ArrayLike, areas: Sequence[Areas]) -> pd.DataFrame:
    """Summarise the time to the nearest station by area.

    Parameters
    ----------
    nearest : array_like of float
        Seconds (or metres) to the nearest station, infinite where none is within the search, shape (n_demand,).
    workers : array_like of float
        Workers of each demand point, shape (n_demand,).
    areas : sequence of Areas
        Levels to report.

    Returns
    -------
    pandas.DataFrame
        ``level, area_code, area_name, demand, reached_share, mean, median, p90``. ``median`` and ``p90`` are of all
        workers and missing where they lie beyond the search; ``mean`` is of those within it.
    """
    cost, people = np.asarray(nearest, np.float64), np.asarray(workers, np.float64)
    rows = []
    for level in areas:
        for position, (code, name) in enumerate(zip(level.codes, level.names, strict=True)):
            here = level.member == position
            c, w = cost[here], people[here]
            total, reached = w.sum(), np.isfinite(c)
            within = w[reached].sum()
            quantiles = [weighted_quantile(c, w, q) for q in (0.5, 0.9)]
            median, p90 = (value if np.isfinite(value) else np.nan for value in quantiles)
            mean = float(np.average(c[reached], weights=w[reached])) if within > 0 else np.nan
            share = within / total if total > 0 else np.nan
            rows.append((level.level, code, name, total, share, mean, median, p90))
    columns = ["level", "area_code", "area_name", "demand", "reached_share", "mean", "median", "p90"]
    return pd.DataFrame(rows, columns=columns)


def time_histogram(nearest: npt.ArrayLike, workers: npt.ArrayLike, step: float, limit: float) -> pd.DataFrame:
    """Count workers by time to the nearest station.

    Returns
    -------
    pandas.DataFrame
        ``start, end, workers`` in steps up to the limit, and a last row to infinity for those beyond it.
    """
    cost, people = np.asarray(nearest, np.float64), np.asarray(workers, np.float64)
    edges = np.append(np.arange(0.0, limit, step), [limit, np.inf])
    position = np.clip(np.searchsorted(edges, cost, side="left") - 1, 0, len(edges) - 2)
    counts = np.bincount(position, people, len(edges) - 1)
    return pd.DataFrame({"start": edges[:-1], "end": edges[1:], "workers": counts})
