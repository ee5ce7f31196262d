"""Share a total out so that the parts sum to it exactly, in whatever order they are added."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import InputError

__all__ = ["apportion"]

_GRAIN: Final = -10  # parts are multiples of 2**-10 of a worker where the total is one too


def apportion(total: float, weights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Share a total out in proportion to weights.

    Parts are whole multiples of a power of two that divides the total, shared out by largest remainder. All of them
    and all their partial sums are therefore numbers that float64 holds exactly: ``parts.sum() == total``, not nearly.

    Parameters
    ----------
    total : float
        What to share out, at least 0.
    weights : array_like of float
        Weights, at least 0, shape (n,).

    Returns
    -------
    numpy.ndarray of float64
        Parts, shape (n,); 0 where the weight is 0.

    Raises
    ------
    InputError
        The total or a weight is negative or not a number, or a total above 0 meets no weight above 0.
    """
    share = np.asarray(weights, np.float64)
    if not (math.isfinite(total) and total >= 0) or not (np.isfinite(share) & (share >= 0)).all():
        raise InputError("a total and its weights must be numbers, 0 or more")
    if total == 0:
        return np.zeros(len(share))
    sum_of_weights = math.fsum(share)
    if sum_of_weights == 0:
        raise InputError(f"a total of {total:g} cannot be distributed: all weights are zero")
    grain = min(_GRAIN, _lowest_bit(total))
    units = int(math.ldexp(total, -grain))
    ideal = share / sum_of_weights * units
    parts = np.floor(ideal).astype(np.int64)
    parts[share == 0] = 0
    left = units - int(parts.sum())
    if left < 0:  # rounding of `ideal` went up by a few of the finest units
        parts[np.argmax(parts)] += left
        left = 0
    order = np.lexsort((np.arange(len(share)), parts - ideal))  # largest remainder first, then the caller's order
    order = order[share[order] > 0]
    # rounding can also leave more units than there are parts where a total is fine-grained: go around
    parts[order] += left // len(order)
    parts[order[: left % len(order)]] += 1
    return np.ldexp(parts.astype(np.float64), grain)


def _lowest_bit(value: float) -> int:
    """Return the exponent of the lowest bit that is set in a positive float."""
    mantissa, exponent = math.frexp(value)
    whole = int(math.ldexp(mantissa, 53))
    return exponent - 53 + (whole & -whole).bit_length() - 1
