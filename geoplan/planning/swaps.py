"""Which closed site may take the place of an open one without breaking a rule over the sites."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.site_rows import site_rows

__all__ = ["Swaps"]


class Swaps:
    """The rules over the sites (number, budget, quotas, exclusive sets, spacing) as they stand at a plan.

    Parameters
    ----------
    problem : SitingProblem
        The problem.
    plan : SitingPlan
        A plan that keeps its rules.
    """

    def __init__(self, problem: SitingProblem, plan: SitingPlan) -> None:
        rows = site_rows(problem, plan.question)
        slack = 1e-9 * np.array([max(1.0, *np.abs(row.coefficients)) for row in rows])
        self._lower = np.array([row.lower for row in rows]) - slack
        self._upper = np.array([row.upper for row in rows]) + slack
        number = np.repeat(np.arange(len(rows)), [len(row.sites) for row in rows])
        sites = np.concatenate([np.zeros(0, np.int64), *(row.sites for row in rows)])
        values = np.concatenate([np.zeros(0), *(row.coefficients for row in rows)])
        self._matrix = sparse.csc_array((values, (number, sites)), shape=(len(rows), problem.shape[1]))
        new = np.zeros(problem.shape[1])
        new[plan.new_positions] = 1.0
        self._used = self._matrix @ new

    def allowed(self, leaving: int, closed: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return for each closed site whether every rule holds when it opens in the place of ``leaving``."""
        matrix = self._matrix
        start, stop = matrix.indptr[leaving], matrix.indptr[leaving + 1]
        left = self._used.copy()
        left[matrix.indices[start:stop]] -= matrix.data[start:stop]
        broken = (left < self._lower) | (left > self._upper)
        entries = sparse.coo_array(matrix[:, closed])
        rows, columns = entries.coords
        after = left[rows] + entries.data
        kept = (after >= self._lower[rows]) & (after <= self._upper[rows])
        mended = np.bincount(columns[kept & broken[rows]], minlength=len(closed))
        spoilt = np.bincount(columns[~kept], minlength=len(closed))
        return np.asarray((mended == broken.sum()) & (spoilt == 0))
