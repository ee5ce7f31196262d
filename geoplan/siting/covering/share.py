"""Partial set covering as a search over what may be spent, each price a question of maximal covering.

For those the search, the relaxation and the tree are strong: the share is met or refuted at a price, and the interval
of prices shrinks. The program that states share and price at once is weak: its relaxation
spreads fractions of sites over all demand, and HiGHS finds poor plans.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault
from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, by_columns
from geoplan.siting.covering.maximise import Limits, best_cover
from geoplan.siting.covering.search import climb, neighbourhood, shake
from geoplan.siting.floors import FloorRows
from geoplan.siting.relaxation.bound import Relaxation, relaxed
from geoplan.siting.rules import SiteRow

__all__ = ["ShareCover", "cheapest_share"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SHAKES: Final = 20  # rounds for each price tried before the first bound
RELAXATIONS: Final = 12
ROUNDS: Final = 800
LEAST_SLICE_S: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ShareCover:
    """The cheapest cover found, its price, and a price below which none is possible."""

    chosen: Mask | None
    price: float | None
    bound: float


def cheapest_share(
    rows: CoverRows,
    price: Float,
    need: float,
    rules: Sequence[SiteRow],
    floors: Sequence[FloorRows],
    control: Control,
    seed: int,
    offset: float = 0.0,
) -> ShareCover:
    """Return the cheapest sites whose gain is at least ``need``.

    Parameters
    ----------
    rows : CoverRows
        Who is covered by which free site.
    price : numpy.ndarray of float64
        Whole price of each free site, shape (n_columns,).
    need : float
        Gain to reach.
    rules, floors
        What a plan must keep besides.
    control : Control
        Clock of the minimisation.
    seed : int
        Seed of the searches.
    offset : float
        Price of the sites open anyway, added to what is reported.

    Returns
    -------
    ShareCover
        Proven where ``price == bound``; ``chosen`` is None where the searches met no plan at all.
    """
    search = _Search(rows, price, need, rules, floors, control, seed, offset)
    search.first_plan()
    search.first_bound()
    while search.low < search.high and not control.stop():
        search.decide(search.untried())
    found = None if search.chosen is None else float(search.high)
    return ShareCover(search.chosen, found, float(search.low))


class _Search:
    """The interval of prices: below ``low`` nothing is possible, at ``high`` there is a plan."""

    def __init__(
        self,
        rows: CoverRows,
        price: Float,
        need: float,
        rules: Sequence[SiteRow],
        floors: Sequence[FloorRows],
        control: Control,
        seed: int,
        offset: float,
    ) -> None:
        self.rows, self.price, self.need, self.rules, self.floors = rows, price, need, rules, floors
        self.control, self.seed, self.offset = control, seed, offset
        self.low, self.high = 0, round(float(price.sum()))
        self.chosen: Mask | None = None
        self.unsure: list[int] = []  # prices that the time of one question did not decide

    def limits(self, most: int) -> Limits:
        """Return what a plan of at most this price keeps; a plain number of sites is met exactly."""
        columns = np.arange(self.rows.n_columns)
        plain = not self.rules and not self.floors and bool((self.price == 1.0).all())
        fault = Fault("the price tried")
        if plain:
            row = SiteRow(fault, columns, self.price, float(most), float(most))
            return Limits([row], (), most, self.price, None)
        row = SiteRow(fault, columns, self.price, -np.inf, float(most))
        return Limits([*self.rules, row], self.floors, None, self.price, float(most))

    def take(self, plan: Mask) -> None:
        """Keep a plan that reaches the share."""
        paid = round(float(self.price[plan].sum()))
        if self.chosen is None or paid < self.high:
            self.chosen, self.high = plan, paid
            self.control.report(best=paid + self.offset)

    def first_plan(self) -> None:
        """Halve the price at which a quick search still reaches the share."""
        if self.floors:
            return  # the quick search does not know them
        state = np.array([2 * self.seed + 1], dtype=np.uint64)
        low, high = 0, self.high
        while low <= high and not (self.chosen is not None and self.control.stop()):
            middle = (low + high) // 2 if self.chosen is not None or low < high else high
            plan = self._quick(middle, state)
            if plan is not None and self.rows.value(plan) >= self.need:
                self.take(plan)
                high = min(middle, self.high) - 1
            else:
                low = middle + 1

    def _quick(self, most: int, state: npt.NDArray[np.uint64]) -> Mask | None:
        limits = self.limits(most)
        place = neighbourhood(self.rows, limits.rules, np.maximum(self.price, 1e-9))
        plan = climb(place, np.zeros(self.rows.n_columns, dtype=bool))
        if plan is not None and self.rows.value(plan) < self.need:
            shake(place, plan, state, SHAKES)
        return plan

    def first_bound(self) -> None:
        """Raise the lowest price by the relaxation: its bound falls by at least its worth with each unit of price."""
        at, last = float(self.high), None
        for _ in range(RELAXATIONS):
            if self.control.stop():
                break
            last = self._relaxed(at, last)
            if last.bound < self.need:
                self.low = max(self.low, math.floor(at) + 1)
                break
            least = at - (last.bound - self.need) / last.worth if last.worth > 0 else 0.0
            self.low = max(self.low, math.ceil(least - 1e-9))
            if self.low > at - 1e-6:
                break
            at = float(self.low)
        self.low = min(self.low, self.high) if self.chosen is not None else self.low
        self.control.report(bound=self.low + self.offset)

    def _relaxed(self, at: float, last: Relaxation | None) -> Relaxation:
        start: dict[str, Any] = (
            {} if last is None else {"price": last.price, "shares": last.shares, "weight": last.weight}
        )
        return relaxed(self.rows, self.price, at, cutoff=self.need - 1e-9, rounds=ROUNDS, tolerance=0.02, **start)

    def untried(self) -> int:
        """Return the price to ask about next: the middle of the widest stretch that is neither decided nor unsure."""
        if all(at in self.unsure for at in range(self.low, self.high)):
            self.unsure.clear()  # ask again, with more of the time that is left
        marks = [self.low - 1, *sorted(v for v in self.unsure if self.low <= v < self.high), self.high]
        widest = max(range(len(marks) - 1), key=lambda k: marks[k + 1] - marks[k])
        first, last = marks[widest] + 1, marks[widest + 1] - 1
        return (first + last) // 2

    def decide(self, at: int) -> None:
        """Ask whether the share can be reached at a price."""
        slice_s = self.control.remaining_s
        if math.isfinite(slice_s) and self.high - self.low > 1:
            slice_s = max(LEAST_SLICE_S, slice_s / (1.5 + math.log2(self.high - self.low + 1)))
        inner = Control(
            slice_s if math.isfinite(slice_s) else None,
            cancel=lambda: self.control.stop() or (inner.best is not None and inner.best >= self.need),
        )
        inner.compilations = self.control.compilations
        start = None if self.chosen is None else self._trimmed(self.chosen, at)
        answer = best_cover(self.rows, self.limits(at), inner, self.seed, start, aim=self.need)
        if answer.opened is not None and answer.objective is not None and answer.objective >= self.need:
            self.take(answer.opened)
        elif answer.infeasible or (answer.bound is not None and answer.bound < self.need):
            self.low = at + 1
            self.control.report(bound=self.low + self.offset)
        else:
            self.unsure.append(at)

    def _trimmed(self, plan: Mask, most: int) -> Mask:
        """Drop the sites that lose least until a price is kept."""
        col_ptr, col_rows = by_columns(self.rows)
        plan = plan.copy()
        gain = self.rows.gains[0]
        count = np.zeros(self.rows.n_rows, dtype=np.int64)
        for j in np.flatnonzero(plan):
            count[col_rows[col_ptr[j] : col_ptr[j + 1]]] += 1
        while self.price[plan].sum() > most + 1e-9:
            opened = np.flatnonzero(plan)
            reached = [col_rows[col_ptr[j] : col_ptr[j + 1]] for j in opened]
            loss = np.array([gain[one[count[one] == 1]].sum() for one in reached]) / np.maximum(
                self.price[opened], 1e-9
            )
            least = int(np.argmin(loss))
            plan[opened[least]] = False
            count[reached[least]] -= 1
        return plan
