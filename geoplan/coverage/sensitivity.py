"""How much a figure depends on what was assumed: walking speed, limit, and stations that may be found locked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import Reach
from geoplan.errors import InputError
from geoplan.standard import STANDARD
from geoplan.trades import PRESENCE, Presence, workers_in_slice

__all__ = ["LIMITS_S", "SPEEDS_M_S", "open_chance_interval", "speed_and_limit"]

SPEEDS_M_S: Final = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
LIMITS_S: Final = tuple(STANDARD.limit_s * part for part in (2 / 3, 0.8, 1.0, 1.2, 4 / 3))


def speed_and_limit(
    reach_at: Callable[[float, float], Reach],
    demand: pd.DataFrame,
    moment: Moment,
    *,
    speeds_m_s: Sequence[float] = SPEEDS_M_S,
    limits_s: Sequence[float] = LIMITS_S,
    ks: Sequence[int] = (1, 2),
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> pd.DataFrame:
    """Return coverage for every pair of walking speed and limit.

    Parameters
    ----------
    reach_at : callable
        ``reach_at(speed_m_s, limit_s)`` searches at a speed: waits at crossings and barriers do not shrink with it, so
        times are searched again and not scaled.
    demand : pandas.DataFrame
        Demand, in the order of the reach.
    moment : Moment
        When.
    speeds_m_s, limits_s : sequence of float
        Speeds and limits.
    ks : sequence of int
        How many stations are asked for.
    trade : str
        Trade asked about.
    presence : mapping
        Share of each trade out in each slice.

    Returns
    -------
    pandas.DataFrame
        ``speed_m_s, limit_s, k, demand, covered, share``.
    """
    people = workers_in_slice(demand, trade, moment.slice_code, presence)
    total = people.sum()
    rows = []
    for speed in speeds_m_s:
        reach = reach_at(speed, max(limits_s))
        kths = [(share, reach.kth(max(ks), is_open)) for is_open, share in moment.parts]
        for limit in limits_s:
            reach.checked(limit)
            for k in ks:
                covered = sum(share * people[kth[:, k - 1] <= limit].sum() for share, kth in kths)
                rows.append((speed, limit, k, total, covered, covered / total if total > 0 else np.nan))
    return pd.DataFrame(rows, columns=["speed_m_s", "limit_s", "k", "demand", "covered", "share"])


def open_chance_interval(
    reach: Reach,
    demand: pd.DataFrame,
    moment: Moment,
    chance: npt.ArrayLike,
    *,
    limit: float,
    k: int = 1,
    draws: int = 500,
    seed: int = 0,
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> pd.Series:
    """Return what coverage may turn out to be when each station is really open with a chance (Monte Carlo).

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    demand : pandas.DataFrame
        Demand, in the order of the reach.
    moment : Moment
        When.
    chance : array_like of float
        Chance of being really open when the hours say so, one number or shape (n_stations,).
    limit : float
        Limit, in the unit of the reach.
    k : int
        Stations that a worker needs.
    draws, seed : int
        Draws, and the seed that makes them repeatable.
    trade : str
        Trade asked about.
    presence : mapping
        Share of each trade out in each slice.

    Returns
    -------
    pandas.Series
        ``registered, mean, p05, p50, p95, lowest, highest`` shares and ``draws``.
    """
    if draws < 1:
        raise InputError("at least one draw is needed")
    people = workers_in_slice(demand, trade, moment.slice_code, presence)
    if not people.sum() > 0:
        raise InputError("the demand of this trade and time is zero")
    bound = reach.checked(limit)
    really = np.broadcast_to(np.asarray(chance, np.float64), (reach.n_stations,))
    if not ((really >= 0) & (really <= 1)).all():
        raise InputError("chances must lie between 0 and 1")
    rng = np.random.default_rng(seed)

    def share_of(drawn: npt.NDArray[np.bool_]) -> float:
        parts = (share * people[reach.covered(k, bound, is_open & drawn)].sum() for is_open, share in moment.parts)
        return float(sum(parts) / people.sum())

    shares = np.array([share_of(rng.random(reach.n_stations) < really) for _ in range(draws)])
    p05, p50, p95 = np.quantile(shares, [0.05, 0.5, 0.95])
    return pd.Series(
        {
            "registered": share_of(np.ones(reach.n_stations, np.bool_)),
            "mean": shares.mean(),
            "p05": p05,
            "p50": p50,
            "p95": p95,
            "lowest": shares.min(),
            "highest": shares.max(),
            "draws": float(draws),
        }
    )
