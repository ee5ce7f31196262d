"""Worker-hours that no station covers, point by point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import Reach
from geoplan.trades import PRESENCE, Presence, workers_in_slice

__all__ = ["uncovered_hours"]


def uncovered_hours(
    reach: Reach,
    demand: pd.DataFrame,
    moments: Sequence[Moment],
    *,
    limit: float,
    k: int = 1,
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> npt.NDArray[np.float64]:
    """Add up the worker-hours of each demand point that find fewer than k open stations within a limit.

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    demand : pandas.DataFrame
        Demand, in the order of the reach.
    moments : sequence of Moment
        Moments that do not overlap, e.g. the hours of a day; with :func:`any_time` alone the figures are workers.
    limit : float
        Limit, in the unit of the reach.
    k : int
        Stations that a worker needs.
    trade : str
        Trade asked about.
    presence : mapping
        Share of each trade out in each slice.

    Returns
    -------
    numpy.ndarray of float64
        Worker-hours, shape (n_demand,).
    """
    total = np.zeros(reach.n_demand)
    for moment in moments:
        people = workers_in_slice(demand, trade, moment.slice_code, presence)
        for is_open, share in moment.parts:
            total += np.where(reach.covered(k, limit, is_open), 0.0, people * (share * moment.hours))
    return total
