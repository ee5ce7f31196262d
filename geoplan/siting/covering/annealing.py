"""Simulated annealing for covers of exactly p sites: what interchange and shaking leave, where the bound stays open.

Chains of random exchanges run side by side, each with a seed of its own, so that the answer does not depend on the
machine. An exchange looks at the rows of one column only, since every row knows the one column that covers it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from geoplan.siting.cover import CoverRows, by_columns
from geoplan.siting.covering.kernels import anneal, tally

__all__ = ["annealed"]

Mask = npt.NDArray[np.bool_]

CHAINS: Final = 2
LOOKS: Final = 5e9  # rows looked at by each chain, in all
MOST_MOVES: Final = 8_000_000
PARTS: Final = 40  # looks at the clock
# temperatures as shares of what a site covers on average, and the chance of an exchange with any site at all
HOT: Final = 0.05
COLD: Final = 0.003
FAR: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """One walk; its arrays change as it goes."""

    chosen: npt.NDArray[np.int64]
    is_open: Mask
    count: npt.NDArray[np.int32]
    id_sum: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    loss: npt.NDArray[np.float64]
    level: npt.NDArray[np.float64]
    best_open: Mask
    state: npt.NDArray[np.uint64]


def annealed(
    rows: CoverRows,
    opened: Mask,
    seed: int,
    stop: Callable[[], bool],
    *,
    looks: float = LOOKS,
    seconds: float = math.inf,
) -> Mask:
    """Return the best set of as many columns as ``opened`` holds, found by annealing from it.

    Parameters
    ----------
    rows : CoverRows
        Rows with one level of gains.
    opened : numpy.ndarray of bool
        Where the walks start; shape (n_columns,).
    seed : int
        Seed.
    stop : callable
        Asked now and then; a true answer ends the walks.
    looks : float
        Rows that each chain looks at, in all: the length of the walk.
    seconds : float
        Time for the whole walk; where it is short, the rest of the walk is shortened and cools faster.

    Returns
    -------
    numpy.ndarray of bool
        The best set met, ``opened`` itself if no better.

    Notes
    -----
    Kirkpatrick, Gelatt and Vecchi 1983; exchanges between sites that share demand are those of Teitz and Bart 1968.
    """
    if opened.all() or not opened.any() or not rows.n_rows:
        return opened
    near = _neighbours_together(rows)
    size = np.bincount(near.row_cols, weights=np.repeat(near.gains[0], np.diff(near.row_ptr)), minlength=rows.n_columns)
    unit = float(size.mean())
    moves = min(MOST_MOVES, looks * rows.n_columns / len(rows.row_cols)) / PARTS
    layout = (near.row_ptr, near.row_cols, *by_columns(near), near.gains[0])
    chains = [_chain(layout, opened, 2 * (CHAINS * seed + number) + 1) for number in range(CHAINS)]
    heats = unit * np.geomspace(HOT, COLD, PARTS + 1)

    def part(chain: _Chain, at: int, steps: int) -> None:
        anneal(
            *layout, heats[at], heats[at + 1], steps, FAR, chain.chosen, chain.is_open, chain.count,
            chain.id_sum, chain.owner, chain.loss, chain.level, chain.best_open, chain.state,
        )  # fmt: skip

    if not stop():
        part(chains[0], 0, 1)  # compiles where that is due, so that the clock below sees moves alone
    began = time.perf_counter()
    with ThreadPoolExecutor(CHAINS) as pool:
        for at in range(PARTS):
            if stop():
                break
            before = time.perf_counter()
            list(pool.map(part, chains, [at] * CHAINS, [max(1, int(moves))] * CHAINS))
            ahead_s = (time.perf_counter() - before) * (PARTS - 1 - at)
            left_s = max(0.0, seconds - (time.perf_counter() - began))
            if ahead_s > left_s:
                moves *= left_s / ahead_s
    best = max(chains, key=lambda chain: float(chain.level[1]))
    return best.best_open if best.level[1] > rows.value(opened) - rows.base else opened


def _chain(layout: tuple[npt.NDArray[np.generic], ...], opened: Mask, seed: int) -> _Chain:
    _, _, col_ptr, col_rows, gain = layout
    n, m = len(gain), len(opened)
    chosen = np.flatnonzero(opened)
    count, id_sum, owner = np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.int64)
    loss = np.zeros(m)
    gained = tally(col_ptr, col_rows, gain, chosen, count, id_sum, owner, loss)
    level, state = np.array([gained, gained]), np.array([seed], dtype=np.uint64)
    return _Chain(chosen, opened.copy(), count, id_sum, owner, loss, level, opened.copy(), state)


def _neighbours_together(rows: CoverRows) -> CoverRows:
    """Return the rows in an order that keeps those of one column close together: a walk then reads memory in runs."""
    matrix = rows.matrix.astype(np.int32)
    place = np.empty(rows.n_columns)
    place[reverse_cuthill_mckee(sparse.csr_matrix(matrix.T @ matrix), symmetric_mode=True)] = np.arange(rows.n_columns)
    width = np.maximum(1, np.diff(rows.row_ptr))
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    middle = np.bincount(row, weights=place[rows.row_cols], minlength=rows.n_rows) / width
    order = np.argsort(middle, kind="stable")
    sorted_rows = sparse.csr_array(matrix[order])
    return CoverRows(
        sorted_rows.indptr.astype(np.int64),
        sorted_rows.indices.astype(np.int32),
        np.ascontiguousarray(rows.gains[:, order]),
        rows.n_columns,
        rows.base,
    )
