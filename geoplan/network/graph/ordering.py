"""Orders and groups: points along a Hilbert curve, members by key, slices by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

__all__ = ["gathered", "grouped", "hilbert_order", "pointers"]

Long = npt.NDArray[np.int64]

_BITS = 16  # the curve runs through 65536 x 65536 cells


def hilbert_order(xy: npt.NDArray[np.float64]) -> Long:
    """Return the order of points (n, 2) along a Hilbert curve over their bounding box; equal cells keep their order."""
    if len(xy) == 0:
        return np.zeros(0, np.int64)
    low = xy.min(axis=0)
    span = max(float((xy.max(axis=0) - low).max()), 1e-300)
    cell = ((xy - low) / span * (2**_BITS - 1)).astype(np.int64)
    x, y = cell[:, 0], cell[:, 1]
    key = np.zeros(len(xy), np.int64)
    for bit in range(_BITS - 1, -1, -1):
        right, up = (x >> bit) & 1, (y >> bit) & 1
        key = (key << 2) | ((3 * right) ^ up)
        # In the lower quadrants the curve runs along the other diagonal: axes swap, and the right one is mirrored.
        lower, mirrored = up == 0, (up == 0) & (right == 1)
        x, y = np.where(mirrored, ~x, x), np.where(mirrored, ~y, y)
        x, y = np.where(lower, y, x), np.where(lower, x, y)
    return np.argsort(key, kind="stable")


def pointers(sizes: npt.NDArray[Any]) -> Long:
    """Return the first position of each of several runs of given sizes, and the end: shape (n + 1,)."""
    start = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=start[1:])
    return start


def grouped(keys: npt.NDArray[Any], n: int) -> tuple[Long, Long]:
    """Return pointers (n + 1,) and the positions of ``keys`` (all in 0..n-1) by key, in their order within a key."""
    size = len(keys)
    # SciPy turns triplets into rows by counting, several times faster than a sort.
    ones, place = np.ones(size, np.int8), np.arange(size, dtype=np.int32)
    rows = sparse.coo_array((ones, (keys.astype(np.int32, copy=False), place)), shape=(n, size)).tocsr()
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int64)


def gathered(start: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> Long:
    """Return the positions of runs that begin at ``start`` and have given sizes, one run after the other."""
    begin = pointers(sizes)
    return np.repeat(start - begin[:-1], sizes) + np.arange(begin[-1])
