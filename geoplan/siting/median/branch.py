"""Branch and bound of the p-median on Lagrangean bounds, for what reduced-cost fixing leaves undecided."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.median.dual.lagrange import Lagrangean
from geoplan.siting.median.near import renumbered

if TYPE_CHECKING:
    from geoplan.siting.control import Control
    from geoplan.siting.median.model import MedianModel

__all__ = ["branch"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

STEPS: Final = 40  # Lagrangean steps at a node
FIRST_STEP: Final = 0.3  # their first length: a node starts from its parent's multipliers

Offer = Callable[[Mask], None]


def branch(
    model: MedianModel, multipliers: Float, control: Control, cutoff: Callable[[], float], offer: Offer, nodes: int
) -> float:
    """Search the plans that cost at most the cutoff, best bound first.

    Parameters
    ----------
    model : MedianModel
        A model whose only rule is the number of sites, or the budget.
    multipliers : numpy.ndarray of float64
        Good Lagrangean multipliers, shape (n_demand,).
    control : Control
        Deadline and cancellation.
    cutoff : callable
        Most that a plan worth finding may cost, by what is known now.
    offer : callable
        Takes every plan found, as a mask over the free sites.
    nodes : int
        Most nodes.

    Returns
    -------
    float
        Lower bound on all plans that cost at most the cutoff; infinite once none is left.
    """
    columns = np.flatnonzero(model.undecided)
    p, budget = model.left
    root = replace(
        model,
        near=renumbered(model.near, columns),
        p=None if model.p is None else p,
        budget=budget,
        price=model.price[columns],
        closed=np.zeros(len(columns), dtype=bool),
        opened=np.zeros(len(columns), dtype=bool),
    )

    def give(opened: Mask) -> None:
        chosen = model.opened.copy()
        chosen[columns] = opened
        offer(chosen)

    heap: list[tuple[float, int, Mask, Mask, Float, int]] = []
    count = 0

    def look(closed: Mask, opened: Mask, start: Float, least: float) -> None:
        nonlocal count
        count += 1
        node = _bounded(root, closed, opened, start, cutoff(), STEPS, give)
        if node is not None:
            bound, lagrangean = node
            site = _branching_site(lagrangean)
            inner = lagrangean.model
            entry = (max(bound, least), count, inner.closed, inner.opened, lagrangean.multipliers, site)
            heapq.heappush(heap, entry)

    look(root.closed, root.opened, multipliers, -np.inf)
    while heap and not control.stop():
        bound, _, closed, opened, start, site = heap[0]
        if bound > cutoff():
            return float(np.inf)
        control.report(bound=bound)
        if count > nodes:
            return bound
        heapq.heappop(heap)
        for mask in (opened, closed):
            before = mask[site]
            mask[site] = True
            look(closed.copy(), opened.copy(), start, bound)
            mask[site] = before
    return heap[0][0] if heap else float(np.inf)


def _bounded(
    root: MedianModel, closed: Mask, opened: Mask, start: Float, cutoff: float, rounds: int, give: Offer
) -> tuple[float, Lagrangean] | None:
    """Return a node's bound with its multipliers, or None where nothing worth finding is left in it."""
    model = root.decided(closed, opened)
    lagrangean = Lagrangean(model, start)
    lagrangean.step = FIRST_STEP
    while True:
        p, budget = model.left
        free = int(model.undecided.sum())
        if p > free or budget < 0:
            return None
        if free == 0 or p in (0, free):
            plan = model.opened | (model.undecided if p == free else False)
            give(plan)
            return None
        lagrangean.improve(cutoff + 1e-3 * abs(cutoff), rounds, enough=cutoff)
        if lagrangean.bound > cutoff:
            return None
        newly_closed, newly_opened = lagrangean.decisions(cutoff)
        newly_closed &= model.undecided
        newly_opened &= model.undecided
        if not (newly_closed.any() or newly_opened.any()):
            return lagrangean.bound, lagrangean
        decided = int(newly_closed.sum() + newly_opened.sum())
        model = model.decided(newly_closed, newly_opened)
        lagrangean.switch(model)
        if decided * 4 < free and 0 < model.left[0] < free - decided:
            return lagrangean.bound, lagrangean


def _branching_site(lagrangean: Lagrangean) -> int:
    """Return the undecided site whose mean in the relaxed choices is least settled."""
    undecided = np.flatnonzero(lagrangean.model.undecided)
    mean = lagrangean.mean[undecided]
    return int(undecided[np.argmax(np.minimum(mean, 1.2 * (1.0 - mean)))])
