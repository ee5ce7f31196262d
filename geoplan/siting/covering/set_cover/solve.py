"""The cheapest cover: reduced, searched, bounded by prices of the rows; HiGHS proves what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, by_columns
from geoplan.siting.cover_milp import Blocks
from geoplan.siting.covering.set_cover.best import Best
from geoplan.siting.covering.set_cover.core import Core, core
from geoplan.siting.covering.set_cover.kernels import priced_cover, weighted_search
from geoplan.siting.covering.set_cover.part import Part
from geoplan.siting.covering.set_cover.tree import branch
from geoplan.siting.milp import solve_milp

if TYPE_CHECKING:
    from geoplan.siting.control import Progress

__all__ = ["CoverAnswer", "cheapest_cover"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

STEPS: Final = 100  # subgradient steps between two looks at what they settle
LAST_STEP: Final = 1e-3  # steps shorter than this gain nothing any more
EASY_WORK: Final = 4_000_000  # entries that the first search may look at
# Nodes of branch and bound before HiGHS gets what is left: the tree is ten times as fast as HiGHS where prices differ,
# and gets nowhere on discs in the plane that all cost the same.
NODES: Final = 10_000
NODES_EQUAL: Final = 300
HARD_WORK: Final = 60_000_000  # and the one before the proof


@dataclass(frozen=True, slots=True, eq=False)
class CoverAnswer:
    """What is known of the cheapest cover.

    Parameters
    ----------
    chosen : numpy.ndarray of bool or None
        Columns of the best cover found, shape (n_columns,).
    value : float
        Its price; infinite without one.
    bound : float
        Proven bound on the price of every cover.
    """

    chosen: Mask | None
    value: float
    bound: float


def cheapest_cover(
    rows: CoverRows,
    price: Float,
    control: Control,
    seed: int = 0,
    *,
    warm: Mask | None = None,
    base: float = 0.0,
) -> CoverAnswer:
    """Find the cheapest set of columns that covers every row.

    Beasley 1987 and Caprara, Fischetti and Toth 1999: rows and columns that others make needless go; subgradient steps
    price the rows, which bounds every cover; columns whose reduced price exceeds the gap are settled; covers come from
    greedy choices by those prices and from a local search with row weights (Gao, Weise and Li 2014). HiGHS proves what
    is left.

    Parameters
    ----------
    rows : CoverRows
        Rows, each reached by at least one column; gains are not used.
    price : numpy.ndarray of float64
        Prices of the columns, not negative; shape (n_columns,).
    control : Control
        Deadline, cancellation, progress.
    seed : int
        Seed of the local search and of HiGHS.
    warm : numpy.ndarray of bool, optional
        Columns of a known plan, completed where it is no cover; shape (n_columns,).
    base : float
        Price that comes on top of every cover, in all figures.

    Returns
    -------
    CoverAnswer
        The best cover and the bound.
    """
    small = core(rows, price)
    base += float(price[small.opened].sum())
    best = Best(small.price, base, control)
    if small.rows.n_rows:
        _solve(small, best, seed, None if warm is None else warm[small.columns])
    else:
        best.offer(np.zeros(0, dtype=bool))
        best.bound = 0.0
    chosen = None
    if best.chosen is not None:
        chosen = np.zeros(rows.n_columns, dtype=bool)
        chosen[small.opened] = True
        chosen[small.columns[best.chosen]] = True
    return CoverAnswer(chosen, best.value + base, min(best.bound, best.value) + base)


def _solve(small: Core, best: Best, seed: int, warm: Mask | None) -> None:
    part = _whole(small)
    best.offer(part.cover())
    if warm is not None:
        rows, chosen = small.rows, warm.copy()
        priced_cover(rows.row_ptr, rows.row_cols, *by_columns(rows), small.price, part.u, chosen)
        best.offer(chosen)
    search = _Search(small, best, seed)
    search.run(EASY_WORK)
    left = _priced(part, best)
    if left is None:
        return
    search.run(HARD_WORK)
    narrowed = left.narrowed(best.cutoff)
    if narrowed is None:
        best.lift(np.inf)
        return
    if best.over() or branch(narrowed, best, NODES if np.ptp(small.price) else NODES_EQUAL) or best.over():
        return
    _finish(narrowed, best, seed)


def _whole(small: Core) -> Part:
    """Return all of a core as a part; a row costs what its cheapest column costs for each of its rows."""
    rows = small.rows
    size = np.bincount(rows.row_cols, minlength=rows.n_columns)
    u = np.minimum.reduceat((small.price / size)[rows.row_cols], rows.row_ptr[:-1])
    n_core = len(small.price)
    return Part(rows, small.price, np.arange(n_core), np.zeros(n_core, dtype=bool), 0.0, u)


class _Search:
    """The local search over a core; row weights are kept from one run to the next."""

    def __init__(self, small: Core, best: Best, seed: int) -> None:
        self.small, self.best = small, best
        self.columns = by_columns(small.rows)
        self.weight = np.ones(small.rows.n_rows, dtype=np.int64)
        self.state = np.array([np.uint64(2 * seed + 1)], dtype=np.uint64)

    def run(self, work: int) -> None:
        """Search around the best cover, looking at about ``work`` entries."""
        rows, best = self.small.rows, self.best
        for _ in range(-(-work // EASY_WORK)):
            if best.over() or best.chosen is None:
                return
            chosen = best.chosen.copy()
            weighted_search(
                rows.row_ptr,
                rows.row_cols,
                *self.columns,
                self.small.price,
                chosen,
                EASY_WORK,
                self.weight,
                self.state,
            )
            best.offer(chosen)


def _priced(part: Part, best: Best) -> Part | None:
    """Price the rows step by step, settling columns on the way; return what is left, None once the search is over."""
    step = 1.0
    left: Part | None = part
    while step > LAST_STEP and left is not None:
        left, bound, step, _ = left.improved(best.value, best.cutoff, step, STEPS)
        best.lift(bound)
        if best.over():
            return None
        best.offer(left.cover())
        left = left.narrowed(best.cutoff)
        if left is not None and not left.rows.n_rows:
            best.offer(left.inside)
            left = None
    if left is None:
        best.lift(np.inf)
    return None if best.over() else left


def _finish(part: Part, best: Best, seed: int) -> None:
    """Give what is left to HiGHS, with the price of the best cover as its cutoff."""
    small = core(part.rows, part.price)
    settled = part.settled + float(part.price[small.opened].sum())
    blocks = Blocks()
    sites = blocks.columns(small.price, integer=True)
    blocks.csr_entries(blocks.rows(1.0, np.inf, small.rows.n_rows), small.rows.matrix, sites, 1.0)

    def tell(progress: Progress) -> None:
        if progress.bound is not None:
            best.lift(progress.bound + settled)

    left_s = best.control.remaining_s
    control = Control(left_s if np.isfinite(left_s) else None, progress=tell, cancel=best.over, maximise=False)
    cutoff = {"objective_bound": best.cutoff - settled}
    answer = solve_milp(blocks.model(maximise=False), control, seed=seed, options=cutoff)
    if answer.x is not None:
        chosen = part.inside.copy()
        chosen[part.at[small.opened]] = True
        chosen[part.at[small.columns[answer.x > 0.5]]] = True
        best.offer(chosen)
    if answer.status == "infeasible":
        best.lift(np.inf)
    elif answer.bound is not None:
        best.lift(answer.bound + settled)
