"""Demand numbers as coverage needs them: checked once, with every bad row named."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import FaultLog, InputError

__all__ = ["checked_demand", "checked_workers"]


def checked_demand(demand: npt.ArrayLike, n_demand: int, column: str = "workers") -> npt.NDArray[np.float64]:
    """Return demand as float64, refused when it is negative, missing or of another length; every row is named."""
    workers = np.asarray(demand, np.float64)
    if workers.shape != (n_demand,):
        raise InputError(f"demand has shape {workers.shape}; the travel times are to {n_demand} points")
    log = FaultLog()
    for i in np.flatnonzero(~(np.isfinite(workers) & (workers >= 0))):
        what = "is missing" if np.isnan(workers[i]) else f"is {workers[i]:g}"
        log.add(f"the demand {what}", "give a number of workers, 0 or more", row=int(i) + 2, field=column)
    log.raise_if_any()
    return workers


def checked_workers(demand: pd.DataFrame) -> None:
    """Refuse a demand frame with negative or missing workers of any trade; all faults at once."""
    if "workers" not in demand:
        raise InputError("the demand has no column 'workers'")
    log = FaultLog()
    for column in (name for name in demand.columns if name == "workers" or name.startswith("workers_")):
        try:
            checked_demand(demand[column].to_numpy(np.float64), len(demand), column)
        except InputError as error:
            log.extend(error.faults)
    log.raise_if_any()
