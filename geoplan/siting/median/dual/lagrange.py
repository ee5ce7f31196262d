"""Lagrangean bound of the p-median: the rule that every demand point is served once is priced, not kept.

Narula, Ogbu and Samuelsson 1977; Beasley 1985. What is left is to pick sites by what they collect. Other rules than
number and budget are dropped here, which only lowers the bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.exact import BOUND_SLACK
from geoplan.siting.median.dual.kernels import collect, subgradient

if TYPE_CHECKING:
    from geoplan.siting.median.model import MedianModel

__all__ = ["Lagrangean"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Lagrangean:
    """Multipliers that are improved step by step.

    Parameters
    ----------
    model : MedianModel
        The model to bound.
    start : numpy.ndarray of float64
        First multipliers, shape (n_demand,).
    """

    def __init__(self, model: MedianModel, start: Float) -> None:
        self.model = model
        self.multipliers = np.minimum(start, model.near.far)
        self.mean = np.zeros(model.near.n_sites)
        self.step = 1.0
        self.bound = -np.inf

    def improve(self, target: float, rounds: int, enough: float = np.inf) -> None:
        """Take ``rounds`` steps towards ``target``; stop at a bound above ``enough``."""
        near = self.model.near
        p, budget = self.model.left
        bound, self.step = subgradient(
            near.ptr, near.site, near.cost, near.far, self.multipliers, p, self.model.price, budget, target, enough,
            self.step, rounds, self.mean,
        )  # fmt: skip
        self.bound = max(self.bound, float(bound))

    def value(self) -> float:
        """Return the bound at the present multipliers over the present model."""
        near = self.model.near
        p, budget = self.model.left
        scratch = self.multipliers.copy()
        bound, _ = subgradient(
            near.ptr, near.site, near.cost, near.far, scratch, p, self.model.price, budget, 0.0, np.inf, 0.0, 1,
            self.mean.copy(),
        )  # fmt: skip
        return float(bound)

    @property
    def settled(self) -> bool:
        """Whether the steps have become too short to matter."""
        return self.step < 1e-3

    def switch(self, model: MedianModel) -> None:
        """Go on with a model in which more is decided."""
        self.model = model
        self.multipliers = np.minimum(self.multipliers, model.near.far)

    def decisions(self, cutoff: float) -> tuple[Mask, Mask]:
        """Return which sites are closed, and which open, in every plan that costs at most ``cutoff``."""
        model = self.model
        rho = np.empty(model.near.n_sites)
        near = model.near
        collect(near.ptr, near.site, near.cost, self.multipliers, rho)
        undecided = np.flatnonzero(model.undecided)
        closed, opened = np.zeros(len(rho), dtype=bool), np.zeros(len(rho), dtype=bool)
        p, budget = model.left
        base = float(self.multipliers.sum())
        base -= BOUND_SLACK * (base + float(np.abs(rho).sum()))
        worth = rho[undecided]
        if p >= 0:
            if not 0 < p < len(undecided):
                return closed, opened
            order = np.argsort(worth, kind="stable")
            bound = base + float(worth[order[:p]].sum())
            last, following = worth[order[p - 1]], worth[order[p]]
            closed[undecided[order[p:]]] = bound + worth[order[p:]] - last > cutoff
            opened[undecided[order[:p]]] = bound - worth[order[:p]] + following > cutoff
            return closed, opened
        price = model.price[undecided]
        rate = _dual_rate(worth, price, budget)
        reduced = worth + rate * price
        bound = base + float(np.minimum(reduced, 0.0).sum()) - rate * budget
        bound -= BOUND_SLACK * rate * (abs(budget) + float(price.sum()))
        closed[undecided] = bound + np.maximum(reduced, 0.0) > cutoff
        opened[undecided] = bound + np.maximum(-reduced, 0.0) > cutoff
        both = closed & opened
        return closed & ~both, opened & ~both


def _dual_rate(worth: Float, price: Float, budget: float) -> float:
    """Return the worth of one more unit of budget in the relaxed choice of sites."""
    order = np.argsort(worth / np.maximum(price, 1e-9), kind="stable")
    spent = np.cumsum(price[order])
    beyond = np.flatnonzero((spent > budget) & (worth[order] < 0))
    if not len(beyond):
        return 0.0
    last = order[beyond[0]]
    return float(-worth[last] / max(price[last], 1e-9))
