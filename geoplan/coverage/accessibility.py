"""Two-step floating catchment areas: supply in proportion to everybody who can reach it.

2SFCA after W. Luo and F. Wang, "Measures of spatial accessibility to health care in a GIS environment", Environment
and Planning B 30 (2003); E2SFCA, with weights by zones of travel time, after W. Luo and Y. Qi, "An enhanced two-step
floating catchment area (E2SFCA) method", Health & Place 15 (2009).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geoplan.coverage.reach import Reach
from geoplan.errors import InputError

__all__ = ["accessibility"]

Array = npt.NDArray[np.float64]


def accessibility(
    reach: Reach,
    demand: npt.ArrayLike,
    capacity: npt.ArrayLike,
    zones: Sequence[tuple[float, float]],
    is_open: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """Return the supply within reach of each demand point, per worker.

    Step one gives each station a ratio: its capacity over the weighted workers who reach it. Step two adds up, for
    each demand point, the weighted ratios of the stations it reaches.

    Parameters
    ----------
    reach : Reach
        Stations of each demand point.
    demand : array_like of float
        Workers of each point, shape (n_demand,).
    capacity : array_like of float
        Capacity of each station (seats, or 1 for each), shape (n_stations,).
    zones : sequence of (float, float)
        Upper limit and weight of each zone, limits ascending. One zone ``[(900, 1.0)]`` is 2SFCA; several, e.g.
        ``[(300, 1.0), (600, 0.68), (900, 0.22)]``, are E2SFCA.
    is_open : numpy.ndarray of bool, optional
        Stations that count, shape (n_stations,).

    Returns
    -------
    numpy.ndarray of float64
        Capacity per worker, shape (n_demand,); 0 where no station is in reach. Weighted by demand it adds up to the
        capacity of the stations that anybody reaches.
    """
    limits = [limit for limit, _ in zones]
    if not zones or limits != sorted(set(limits)) or any(weight < 0 for _, weight in zones):
        raise InputError("zones need ascending limits and weights of 0 or more, e.g. [(300, 1.0), (600, 0.68)]")
    reach.checked(limits[-1])
    people, supply = np.asarray(demand, np.float64), np.asarray(capacity, np.float64)
    if people.shape != (reach.n_demand,) or supply.shape != (reach.n_stations,):
        raise InputError("demand and capacity need one number for each point and each station")
    zone = np.searchsorted(np.array(limits, np.float32), reach.cost, side="left")
    weight = np.append([weight for _, weight in zones], 0.0)[zone]
    if is_open is not None:
        weight = weight * is_open[reach.station]
    rows = np.repeat(np.arange(reach.n_demand), np.diff(reach.indptr))
    load = np.bincount(reach.station, weight * people[rows], reach.n_stations)
    ratio = np.divide(supply, load, out=np.zeros(reach.n_stations), where=load > 0)
    total: Array = np.bincount(rows, weight * ratio[reach.station], reach.n_demand).astype(np.float64)
    return total
