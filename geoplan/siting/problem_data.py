"""What a siting problem is made of: the value that every solver takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.siting._inputs import CostMatrix
from geoplan.siting.rules import Floor, Quota

__all__ = ["ProblemData"]

Mask = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ProblemData:
    """Where may sites open, whom would they serve at what cost, and which rules bind.

    Parameters
    ----------
    cost : numpy.ndarray or scipy.sparse.csr_array
        Cost (seconds, metres, money) from each demand point (row) to each site (column), shape (n_demand, n_sites).
        Unreachable pairs are infinite in a dense matrix, absent from a sparse one; a stored 0 is a real zero.
    demand : numpy.ndarray of float64
        Weight of each demand point, shape (n_demand,).
    demand_ids, site_ids : numpy.ndarray
        The caller's ids.
    existing : numpy.ndarray of bool
        Sites that are open already: fixed open, free of cost, not counted in ``p``, budgets and quotas.
    required, forbidden : numpy.ndarray of bool
        Sites that a plan must open, and that it must not.
    site_cost : numpy.ndarray of float64
        Cost of opening each site, shape (n_sites,).
    capacity : numpy.ndarray of float64, optional
        Demand that each site can serve, shape (n_sites,).
    quotas : tuple of Quota
        Least and most new sites per group of sites.
    floors : tuple of Floor
        Shares of demand that must be covered.
    exclusive : tuple of numpy.ndarray of int64
        Sets of sites of which at most one may be open; a set that holds an existing site closes its others.
    site_xy_m : numpy.ndarray of float64, optional
        Metric positions of the sites, shape (n_sites, 2).
    spacing_m : float
        New sites must lie at least this far from each other, metres; 0 for no rule.
    cost_limit : float, optional
        Bound of the search that made the costs: nothing is known beyond it, and it is the default radius.
    """

    cost: CostMatrix
    demand: Float
    demand_ids: npt.NDArray[np.generic]
    site_ids: npt.NDArray[np.generic]
    existing: Mask
    required: Mask
    forbidden: Mask
    site_cost: Float
    capacity: Float | None = None
    quotas: tuple[Quota, ...] = ()
    floors: tuple[Floor, ...] = ()
    exclusive: tuple[npt.NDArray[np.int64], ...] = ()
    site_xy_m: Float | None = None
    spacing_m: float = 0.0
    cost_limit: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of demand points and of sites."""
        return self.cost.shape[0], self.cost.shape[1]

    @property
    def candidates(self) -> Mask:
        """Sites that a plan may newly open, required ones included; shape (n_sites,)."""
        return ~(self.existing | self.forbidden)
