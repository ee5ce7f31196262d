"""A good plan and a bound where a site may earn more than the one before it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows
from geoplan.siting.covering.k_cover.kernels import anneal_levels, count_open
from geoplan.siting.covering.search import Neighbourhood, climb, neighbourhood
from geoplan.siting.presolve import Settled
from geoplan.siting.relaxation.bound import relaxed

__all__ = ["rising_plan"]

Mask = npt.NDArray[np.bool_]

PARTS: Final = 20  # looks at the clock
MOVES: Final = 2_000_000
MOVES_PER_SITE: Final = 4_000
LOOKS: Final = 2e9  # rows looked at by each walk, in all
LEANS: Final = (0.9, 0.0)  # how far each walk begins by following the even gains
HOT: Final = 0.05  # temperatures as shares of what a site reaches on average
COLD: Final = 0.003
FAR: Final = 0.02  # chance of an exchange with any site at all


def rising_plan(
    even: CoverRows, true: CoverRows, settled: Settled, control: Control, seed: int
) -> tuple[Mask | None, float]:
    """Return a good plan under gains that need not fall, where local search meets one, and a bound.

    Parameters
    ----------
    even : CoverRows
        Falling gains that are nowhere less in sum than the true ones: they bound the plans and lead the walks.
    true : CoverRows
        The gains, over the same rows.
    settled : Settled
        The rules; floors are not looked at.
    control : Control
        Clock.
    seed : int
        Seed of the walks.

    Returns
    -------
    plan : numpy.ndarray of bool or None
        The plan, shape (n_columns,).
    bound : float
        No plan of as many sites gains more; infinite where the number is free.
    """
    cost = np.ones(even.n_columns)
    place = neighbourhood(even, settled.rows, cost)
    plan = climb(place, np.zeros(even.n_columns, dtype=bool))
    bound = np.inf
    if settled.p is not None:
        bound = relaxed(even, cost, float(settled.p), rounds=1000, tolerance=0.01).bound
    if plan is None or plan.all() or not plan.any():
        return plan, bound
    return _walked(place, even, true, plan, control, seed), bound


def _walked(place: Neighbourhood, even: CoverRows, true: CoverRows, plan: Mask, control: Control, seed: int) -> Mask:
    """Return the best plan of as many sites that annealing meets."""
    layout = place.layout
    rule_ptr, rule_ids, rule_values, _, upper = place.rules
    most = min(MOVES, MOVES_PER_SITE * true.n_columns, LOOKS * true.n_columns / len(true.row_cols))
    moves = max(1, int(most / PARTS))
    reached = np.repeat(even.gains.sum(axis=0), np.diff(even.row_ptr)).sum() / even.n_columns
    heats = reached * np.geomspace(HOT, COLD, PARTS + 1)

    def walk(number: int) -> tuple[float, Mask]:
        chosen, is_open, best = np.flatnonzero(plan), plan.copy(), plan.copy()
        count, use = np.zeros(true.n_rows, dtype=np.int32), np.zeros(len(upper))
        held = np.repeat(plan, np.diff(rule_ptr))
        np.add.at(use, rule_ids[held], rule_values[held])
        value = count_open(layout[2], layout[3], true.gains, chosen, count)
        level = np.array([value, value])
        state = np.array([2 * (len(LEANS) * seed + number) + 1], dtype=np.uint64)
        for part in range(PARTS):
            if control.stop():
                break
            lean = LEANS[number] * (1.0 - part / PARTS)
            anneal_levels(
                *layout, true.gains, even.gains, *place.rules, heats[part], heats[part + 1], lean, moves, FAR, chosen,
                is_open, count, use, level, best, state,
            )  # fmt: skip
        return float(level[1]), best

    with ThreadPoolExecutor(len(LEANS)) as pool:
        walks = list(pool.map(walk, range(len(LEANS))))
    return max(walks, key=lambda one: one[0])[1]
