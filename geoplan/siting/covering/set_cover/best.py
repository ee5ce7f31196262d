"""The best cover of a core so far, its bound, and what a cover worth looking for may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from geoplan.siting.control import Control

__all__ = ["Best"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FINER: Final = 1e-9  # covers that are better by less than this share are not worth looking for
ROUNDING: Final = 1e-6  # allowance for rounding errors where prices are whole


class Best:
    """The best cover and the bound.

    Parameters
    ----------
    price : numpy.ndarray of float64
        Prices of the core's columns.
    base : float
        Price of what was opened outside the core, for reports.
    control : Control
        Hears of every better cover and bound.
    """

    def __init__(self, price: Float, base: float, control: Control) -> None:
        self.price, self.base, self.control = price, base, control
        self.whole = bool((price == np.round(price)).all())
        self.chosen: Mask | None = None
        self.value, self.bound = np.inf, 0.0

    @property
    def cutoff(self) -> float:
        """Most that a cover worth looking for may cost."""
        if self.whole:
            return float(self.value - 1 + ROUNDING)
        return float(self.value * (1 - FINER))

    def over(self) -> bool:
        """Return whether nothing worth looking for is left, or the search should end."""
        return self.bound >= self.cutoff or self.control.stop()

    def offer(self, chosen: Mask) -> None:
        """Take a cover if it costs less."""
        value = float(self.price[chosen].sum())
        if value < self.value - FINER * abs(value):
            self.chosen, self.value = chosen.copy(), value
            self.control.report(best=value + self.base)

    def lift(self, bound: float) -> None:
        """Take a bound on the covers that cost at most the cutoff; infinite where there are none."""
        if bound > self.cutoff:  # no better cover: the best is a cheapest one
            self.bound = max(self.bound, self.value if self.whole else self.cutoff)
        elif bound > self.bound:
            self.bound = float(np.ceil(bound - ROUNDING)) if self.whole else bound
        self.control.report(bound=min(self.bound, self.value) + self.base)
