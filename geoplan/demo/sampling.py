"""Drawing and sharing out: systematic samples, and whole numbers that keep their sum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["shares_to_counts", "spread"]

Int = npt.NDArray[np.int64]


def spread(weight: npt.NDArray[np.float64], n: int, offset: float) -> Int:
    """Draw ``n`` times from positions in proportion to their weights, by systematic sampling.

    Every position is drawn its expected number of times, give or take less than one.

    Parameters
    ----------
    weight : numpy.ndarray of float64
        Not negative, shape (k,).
    n : int
    offset : float
        Where the first mark falls, in [0, 1): the only randomness.

    Returns
    -------
    numpy.ndarray of int64
        How often each position is drawn, shape (k,); sums to ``n``, or to 0 where all weights are 0.
    """
    run = np.cumsum(weight)
    if n == 0 or not len(run) or run[-1] <= 0:
        return np.zeros(len(weight), np.int64)
    marks = (np.arange(n) + offset) * (run[-1] / n)
    last = int(np.flatnonzero(weight)[-1])  # rounding can push the last mark past the end
    return np.bincount(np.minimum(np.searchsorted(run, marks, side="right"), last), minlength=len(weight))


def shares_to_counts(shares: npt.ArrayLike, total: int) -> Int:
    """Split a whole number by shares with largest remainders: the counts sum to ``total`` exactly."""
    weights = np.asarray(shares, np.float64)
    exact = weights * (total / weights.sum())
    counts = np.floor(exact).astype(np.int64)
    order = np.lexsort((np.arange(len(exact)), counts - exact))
    counts[order[: total - int(counts.sum())]] += 1
    return np.asarray(counts)
