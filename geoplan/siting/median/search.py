"""Good plans for the p-median: greedy, interchange (Resende and Werneck 2004) and iterated local search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.exact import ROW_SLACK
from geoplan.siting.median.kernels import assign, greedy, interchange, shaken_search

if TYPE_CHECKING:
    from geoplan.siting.median.model import MedianModel

__all__ = ["LocalSearch"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class LocalSearch:
    """Local search over one model; holds the working arrays and the state of the random numbers.

    Coverage floors are not looked at: a plan that breaks one is refused where it is offered.

    Parameters
    ----------
    model : MedianModel
        The model before anything is decided, so that the search may go everywhere.
    seed : int
        Seed of the shaking.
    """

    def __init__(self, model: MedianModel, seed: int) -> None:
        self.model = model
        self.columns = model.near.columns()
        self.state = np.array([np.uint64(2 * seed + 1)], dtype=np.uint64)

    def built(self, start: Mask | None = None) -> Mask | None:
        """Return a locally best plan grown greedily from ``start``; None where the rules left no way to grow."""
        near, rules, size = self.model.near, self.model.rules, self.model.near.n_sites
        chosen = np.zeros(size, dtype=bool) if start is None else start.copy()
        points = len(near.far)
        first, second = np.empty(points, np.int32), np.empty(points, np.int32)
        d1, d2 = np.empty(points), np.empty(points)
        gain, loss = np.empty(size), np.empty(size)
        use = rules.sums(chosen)
        if (use > rules.upper + ROW_SLACK).any():
            return None
        ptr, site, cost, far = near.ptr, near.site, near.cost, near.far
        col_ptr, col_row, col_cost = self.columns
        total = assign(ptr, site, cost, far, chosen, first, second, d1, d2, gain, loss)
        complete = greedy(
            ptr, site, cost, col_ptr, col_row, col_cost, rules.ptr, rules.rule, rules.value, rules.lower, rules.upper,
            self.model.price, use, chosen, first, second, d1, d2, gain, loss,
        )  # fmt: skip
        if not complete:
            return None
        interchange(
            ptr, site, cost, far, col_ptr, col_row, col_cost, rules.ptr, rules.rule, rules.value, rules.lower,
            rules.upper, use, chosen, first, second, d1, d2, gain, loss, chosen.copy(), np.empty(size), _eps(total),
        )  # fmt: skip
        return chosen

    def shaken(self, chosen: Mask, rounds: int, strength: int) -> Mask:
        """Return the best plan found in ``rounds`` of shaking and repairing ``chosen``."""
        near, rules = self.model.near, self.model.rules
        best = chosen.copy()
        if not best.any() or not len(near.site):
            return best
        col_ptr, col_row, col_cost = self.columns
        shaken_search(
            near.ptr, near.site, near.cost, near.far, col_ptr, col_row, col_cost, rules.ptr, rules.rule, rules.value,
            rules.lower, rules.upper, best, rounds, strength, self.state, _eps(float(near.far.sum())),
        )  # fmt: skip
        return best


def _eps(scale: float) -> float:
    """Return the least saving worth a swap: far above the rounding of sums of this size, far below a real saving."""
    return 1e-12 * max(1.0, min(scale, 1e12))
