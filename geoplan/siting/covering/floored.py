"""A first plan where coverage floors bind: what a floor still lacks is paid for until the local search meets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, merge
from geoplan.siting.covering.search import Neighbourhood, climb, neighbourhood, shake
from geoplan.siting.floors import FloorRows
from geoplan.siting.rules import SiteRow

__all__ = ["floored_plan"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ROUNDS: Final = 16
SHAKES: Final = 40
DEARER: Final = 2.0  # by how much a floor's pay rises while it is not met
CHEAPER: Final = 0.6  # and falls once every floor is


def floored_plan(
    rows: CoverRows, rules: Sequence[SiteRow], floors: Sequence[FloorRows], price: Float, control: Control, seed: int
) -> Mask | None:
    """Return a plan that keeps rules and floors and gains much, or None where the search meets none.

    Parameters
    ----------
    rows : CoverRows
        The gains.
    rules, floors
        What a plan must keep.
    price : numpy.ndarray of float64
        What each site takes of the scarcest resource, shape (n_columns,).
    control : Control
        Clock.
    seed : int
        Seed of the shaking.

    Returns
    -------
    numpy.ndarray of bool or None
        The plan, shape (n_columns,).
    """
    pay = np.array([_fair_pay(rows, floor) for floor in floors])
    state = np.array([2 * seed + 1], dtype=np.uint64)
    plan = np.zeros(rows.n_columns, dtype=bool)
    best: Mask | None = None
    for _ in range(ROUNDS):
        if control.stop():
            break
        place = _paid(rows, rules, floors, pay, price)
        climbed = climb(place, plan)
        if climbed is None:
            break
        plan = climbed
        shake(place, plan, state, SHAKES)
        short = np.array([not floor.kept(plan) for floor in floors])
        if short.any():
            pay[short] *= DEARER
            continue
        if best is None or rows.value(plan) > rows.value(best):
            best = plan.copy()
            control.report(best=rows.value(best))
        pay *= CHEAPER
    return best


def _fair_pay(rows: CoverRows, floor: FloorRows) -> float:
    """Return the pay at which a floor's points are worth as much, one by one, as the rows of the gains."""
    weight = float(floor.weights.mean()) if len(floor.weights) else 1.0
    gain = float(rows.gains.sum()) / max(1, rows.n_rows)
    return max(gain, 1e-9) / max(weight, 1e-12)


def _paid(
    rows: CoverRows, rules: Sequence[SiteRow], floors: Sequence[FloorRows], pay: Float, price: Float
) -> Neighbourhood:
    """Return the gains with the floors' points beside them, each paid evenly for every site it still misses."""
    levels = max(len(rows.gains), *(int(floor.missing.max(initial=1)) for floor in floors))
    gains = [np.concatenate((rows.gains, np.zeros((levels - len(rows.gains), rows.n_rows))))]
    for floor, worth in zip(floors, pay, strict=True):
        counts = np.arange(levels)[:, None] < floor.missing
        gains.append(np.where(counts, worth * floor.weights / np.maximum(floor.missing, 1), 0.0))
    matrix = sparse.vstack([rows.matrix, *(floor.matrix for floor in floors)], format="csr")
    together = np.concatenate(gains, axis=1)
    some = np.diff(matrix.indptr) > 0
    merged, _ = merge(from_reach(sparse.csr_array(matrix[some]), together[:, some]))
    return neighbourhood(merged, rules, price)
