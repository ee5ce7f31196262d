"""In which order to visit places: a sensible round by the time the streets take, not proven to be the shortest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["visiting_order"]


def visiting_order(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return an order in which to visit places, beginning and ending anywhere.

    From every place in turn the nearest one not yet visited is gone to; the shortest of these walks is then improved by
    turning round parts of it for as long as that saves time (2-opt; Croes 1958). One-way streets are respected: a part
    turned round is timed in its new direction. There is no claim that no shorter round exists.

    Parameters
    ----------
    seconds : numpy.ndarray of float64
        Time from each place to each, seconds, shape (n, n); infinite where there is no way.

    Returns
    -------
    numpy.ndarray of int64
        Every place once, shape (n,). Places that no way joins come as late as can be.
    """
    n = len(seconds)
    if n < 3:
        best = np.arange(n)
        return best[::-1].copy() if n == 2 and seconds[1, 0] < seconds[0, 1] else best
    known = seconds[np.isfinite(seconds)]
    apart = (float(known.max()) if len(known) else 1.0) * n + 1.0  # more than any walk along real ways
    legs = np.where(np.isfinite(seconds), seconds, apart)
    walks = [_nearest_first(legs, start) for start in range(n)]
    return _improved(legs, min(walks, key=lambda walk: _length(legs, walk)))


def _length(legs: npt.NDArray[np.float64], walk: npt.NDArray[np.int64]) -> float:
    return float(legs[walk[:-1], walk[1:]].sum())


def _nearest_first(legs: npt.NDArray[np.float64], start: int) -> npt.NDArray[np.int64]:
    left = np.ones(len(legs), bool)
    walk = [start]
    left[start] = False
    while left.any():
        walk.append(int(np.argmin(np.where(left, legs[walk[-1]], np.inf))))
        left[walk[-1]] = False
    return np.array(walk, np.int64)


def _improved(legs: npt.NDArray[np.float64], walk: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    n = len(walk)
    length = _length(legs, walk)
    better = True
    while better:
        better = False
        for first in range(n - 1):
            for last in range(first + 1, n):
                turned = walk.copy()
                turned[first : last + 1] = walk[first : last + 1][::-1]
                now = _length(legs, turned)
                if now < length - 1e-9:
                    walk, length, better = turned, now, True
    return walk
