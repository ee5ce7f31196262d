"""Which stations serve the same workers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from geoplan.coverage.reach import Reach

__all__ = ["overlap_pairs", "stations_in_reach"]


def stations_in_reach(
    reach: Reach, limit: float, is_open: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int64]:
    """Count the stations within a limit of each demand point, shape (n_demand,)."""
    within = reach.cost <= reach.checked(limit)
    if is_open is not None:
        within = within & is_open[reach.station]
    rows = np.repeat(np.arange(reach.n_demand), np.diff(reach.indptr))
    return np.bincount(rows[within], minlength=reach.n_demand)


def overlap_pairs(
    reach: Reach, stations: pd.DataFrame, workers: npt.ArrayLike, limit: float, least_share: float = 0.5
) -> pd.DataFrame:
    """List pairs of stations that share the workers they reach.

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    stations : pandas.DataFrame
        The register, for its codes.
    workers : array_like of float
        Workers of each demand point, shape (n_demand,).
    limit : float
        Limit, in the unit of the reach.
    least_share : float
        Pairs whose smaller reach is shared less than this are left out, 0…1.

    Returns
    -------
    pandas.DataFrame
        ``station_a, station_b, shared`` (workers within reach of both), ``share_of_smaller`` (of the one that reaches
        fewer), most shared first.
    """
    keep = reach.cost <= reach.checked(limit)
    rows = np.repeat(np.arange(reach.n_demand), np.diff(reach.indptr))[keep]
    shape = (reach.n_demand, reach.n_stations)
    cover = sparse.csr_array((np.ones(keep.sum()), (rows, reach.station[keep])), shape=shape)
    weighted = cover.multiply(np.asarray(workers, np.float64)[:, None]).tocsr()
    shared = sparse.triu(cover.T @ weighted, k=1).tocoo()
    alone = np.asarray(weighted.sum(axis=0)).ravel()
    smaller = np.minimum(alone[shared.row], alone[shared.col])
    share = np.divide(shared.data, smaller, out=np.zeros(len(smaller)), where=smaller > 0)
    codes = stations.get("station_code", pd.Series(stations.index)).to_numpy(object)
    frame = pd.DataFrame(
        {
            "station_a": codes[shared.row],
            "station_b": codes[shared.col],
            "shared": shared.data,
            "share_of_smaller": share,
        }
    )
    frame = frame[(frame["share_of_smaller"] >= least_share) & (frame["shared"] > 0)]
    return frame.sort_values(["shared", "station_a"], ascending=[False, True], kind="stable").reset_index(drop=True)
