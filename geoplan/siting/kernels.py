# mypy: disallow-untyped-decorators=False
"""What the compiled local searches share: the random sequence, and linear rules over the sites kept up to date.

The rules of column j are ``rule_ids[rule_ptr[j]:rule_ptr[j + 1]]`` with their coefficients in ``rule_values``; ``use``
holds the present sum of each rule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoplan.siting.exact import ROW_SLACK

__all__ = ["buy", "charge", "fits", "holds", "next_random"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]


@njit(cache=True, nogil=True)
def next_random(state: npt.NDArray[np.uint64]) -> float:
    """Next of a 64-bit linear congruential sequence, as a float in [0, 1)."""
    state[0] = state[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return float((state[0] >> np.uint64(11)) * (1.0 / 9007199254740992.0))


@njit(cache=True)
def buy(sites: Ints, rho: Floats, price: Floats, budget: float, y: Floats) -> float:
    """Add to ``y`` what of these sites a budget buys, least ``rho`` per price first, the last in part; return its sum.

    Only sites below 0 are bought; what costs nothing needs no budget.
    """
    total = 0.0
    left = budget
    for j in sites[np.argsort(rho[sites] / np.maximum(price[sites], 1e-9))]:
        if rho[j] >= 0.0:
            break
        if price[j] <= left or price[j] <= 0.0:
            y[j] = 1.0
        elif left > 0.0:
            y[j] = left / price[j]
        left -= price[j] * y[j]
        total += rho[j] * y[j]
    return total


@njit(cache=True, nogil=True)
def fits(j: int, rule_ptr: Ints, rule_ids: Ints, rule_values: Floats, use: Floats, upper: Floats) -> bool:
    """Whether opening column j keeps every upper limit."""
    for q in range(rule_ptr[j], rule_ptr[j + 1]):
        if use[rule_ids[q]] + rule_values[q] > upper[rule_ids[q]] + ROW_SLACK:
            return False
    return True


@njit(cache=True, nogil=True)
def holds(j: int, rule_ptr: Ints, rule_ids: Ints, use: Floats, lower: Floats) -> bool:
    """Whether every lower limit that column j takes part in holds."""
    for q in range(rule_ptr[j], rule_ptr[j + 1]):  # noqa: SIM110 - numba compiles loops, not generators
        if use[rule_ids[q]] < lower[rule_ids[q]] - ROW_SLACK:
            return False
    return True


@njit(cache=True, nogil=True)
def charge(j: int, sign: float, rule_ptr: Ints, rule_ids: Ints, rule_values: Floats, use: Floats) -> None:
    """Add (or take off) what column j uses of every rule."""
    for q in range(rule_ptr[j], rule_ptr[j + 1]):
        use[rule_ids[q]] += sign * rule_values[q]
