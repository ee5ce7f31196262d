"""Branch and bound of set covering on Lagrangean bounds, for what reduced prices leave undecided."""

from __future__ import annotations

from typing import Final

import numpy as np

from geoplan.siting.covering.set_cover.best import Best
from geoplan.siting.covering.set_cover.part import Float, Part

__all__ = ["branch"]

STEPS: Final = 60  # Lagrangean steps at a node
FIRST_STEP: Final = 0.5  # their first length: a node starts from its parent's prices


def branch(root: Part, best: Best, nodes: int) -> bool:
    """Search the covers of a part that cost at most the cutoff, deepest first.

    Parameters
    ----------
    root : Part
        The part, with good row prices.
    best : Best
        Best cover and bound; hears of what is found.
    nodes : int
        Most nodes.

    Returns
    -------
    bool
        Whether nothing worth looking for is left.
    """
    stack: list[tuple[float, Part]] = [(best.bound, root)]
    for _ in range(nodes):
        if not stack or best.over():
            break
        low, part = stack.pop()
        found = _bounded(part, best)
        if found is not None:
            bound, part, shares = found
            column = _branching_column(part, shares)
            mask, none = np.zeros((2, len(part.at)), dtype=bool)
            mask[column] = True
            children = part.decided(opened=none, closed=mask), part.decided(opened=mask, closed=none)
            stack.extend((max(low, bound), child) for child in children if child is not None)
        if stack:
            best.lift(min(entry for entry, _ in stack))
    if not stack:
        best.lift(np.inf)
    return not stack


def _bounded(part: Part, best: Best) -> tuple[float, Part, Float] | None:
    """Return a node's bound, what is left of it, and chosen shares; None where nothing worth looking for is in it."""
    while True:
        if part.settled > best.cutoff:
            return None
        if not part.rows.n_rows:
            best.offer(part.inside)
            return None
        target = best.cutoff + 1e-2 * abs(best.cutoff)
        part, bound, _, shares = part.improved(target, best.cutoff, FIRST_STEP, STEPS)
        if bound > best.cutoff:
            return None
        best.offer(part.cover())
        narrowed = part.narrowed(best.cutoff)
        if narrowed is None:
            return None
        few = len(narrowed.at) * 5 > len(part.at) * 4
        shares = shares[np.searchsorted(part.at, narrowed.at)]
        part = narrowed
        if few and part.rows.n_rows:
            return bound, part, shares


def _branching_column(part: Part, shares: Float) -> int:
    """Return a column of many rows whose share in the relaxed choices is not settled."""
    size = np.bincount(part.rows.row_cols, minlength=len(part.at))
    return int(np.argmax(size * (0.05 + np.minimum(shares, 1.2 * (1.0 - shares)))))
