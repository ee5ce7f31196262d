"""What each station alone carries, and what an hour more of opening would be worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage.kernels import add_marginals
from geoplan.coverage.moments import Moment
from geoplan.coverage.reach import Reach
from geoplan.hours.stations import operating_mask
from geoplan.trades import PRESENCE, Presence, workers_in_slice

__all__ = ["criticality", "hours_criticality", "station_codes"]

Array = npt.NDArray[np.float64]


def _marginals(reach: Reach, stations: pd.DataFrame, moment: Moment, people: Array, k: int, limit: float) -> Array:
    """Return loss, gain, reached and seen of each station in worker-hours, shape (4, n_stations)."""
    out = np.zeros((4, reach.n_stations))
    could = operating_mask(stations)
    for is_open, share in moment.parts:
        weight = people * (share * moment.hours)
        add_marginals(reach.indptr, reach.station, reach.cost, is_open, could, weight, k, limit, *out)
    return out


def criticality(
    reach: Reach,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    moments: Sequence[Moment],
    *,
    limit: float,
    k: int = 1,
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> pd.DataFrame:
    """Rank stations by what is lost if they close.

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    stations, demand : pandas.DataFrame
        Register and demand, in the order of the reach.
    moments : sequence of Moment
        Moments that do not overlap, e.g. the hours of a day (:func:`geoplan.coverage.moments.hours_of`); for
        :func:`any_time` alone the figures are workers instead of worker-hours.
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
    pandas.DataFrame
        A row a station, most critical first: ``station_code, lost`` (worker-hours that lose coverage if it closes),
        ``reached`` (worker-hours within its limit while it is open), ``sole_share`` (lost / reached), ``redundancy``
        (mean number of open stations that the workers it reaches have, itself included), ``rank``. Shares are
        missing for a station that reaches nobody.
    """
    bound = reach.checked(limit)
    total = np.zeros((4, reach.n_stations))
    for moment in moments:
        people = workers_in_slice(demand, trade, moment.slice_code, presence)
        total += _marginals(reach, stations, moment, people, k, bound)
    lost, _, reached, seen = total
    some = reached > 0
    frame = pd.DataFrame(
        {
            "station_code": station_codes(stations),
            "lost": lost,
            "reached": reached,
            "sole_share": np.divide(lost, reached, out=np.full(len(lost), np.nan), where=some),
            "redundancy": np.divide(seen, reached, out=np.full(len(lost), np.nan), where=some),
        }
    )
    frame = frame.sort_values(["lost", "reached"], ascending=False, kind="stable").reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    return frame


def hours_criticality(
    reach: Reach,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    moments: Sequence[Moment],
    *,
    limit: float,
    k: int = 1,
    trade: str = "all",
    presence: Presence = PRESENCE,
) -> pd.DataFrame:
    """Say what an hour more of opening is worth, station by station and hour by hour.

    Each figure is for that one change: one station open through one more hour, all else as it is. Parameters are
    those of :func:`criticality`.

    Returns
    -------
    pandas.DataFrame
        Tidy rows ``station_code, moment, open_share, gain`` for every operating station and moment in which it is not
        open throughout, most valuable first; ``gain`` in worker-hours newly covered.
    """
    bound = reach.checked(limit)
    codes = station_codes(stations)
    operating = operating_mask(stations)
    frames = []
    for moment in moments:
        people = workers_in_slice(demand, trade, moment.slice_code, presence)
        gain = _marginals(reach, stations, moment, people, k, bound)[1]
        open_share = moment.share_open
        rows = np.flatnonzero(operating & (open_share < 1.0 - 1e-12))
        frames.append(
            pd.DataFrame(
                {
                    "station_code": codes[rows],
                    "moment": moment.name,
                    "open_share": open_share[rows],
                    "gain": gain[rows],
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    return frame.sort_values("gain", ascending=False, kind="stable").reset_index(drop=True)


def station_codes(stations: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the code of each station, its row label where the register has no codes."""
    codes: npt.NDArray[np.object_] = stations.get("station_code", pd.Series(stations.index)).to_numpy(object)
    return codes
