"""The arithmetic of rules: decimals become whole numbers before any search, and every tolerance is stated here.

Weights, costs, budgets and shares are written by people, as decimals. Ten times 0.1 is not 1 in floats, so sums of
them are compared as whole numbers: 3.8, 4.1 and 0.9 are 38, 41 and 9 tenths. What is no decimal of at most
:data:`MOST_DECIMALS` digits, or too long to be summed exactly, is compared as it is, with :data:`SUM_SLACK` of the sum
to spare. Solvers and certificate read the same limits, and each sums up on its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = [
    "ALLOCATION_SLACK",
    "BOUND_SLACK",
    "MOST_COUNTED",
    "PROOF_GAP",
    "ROW_SLACK",
    "SUM_SLACK",
    "Counted",
    "counted",
    "counted_money",
    "in_whole_numbers",
    "least_step",
    "may_miss",
    "percents",
    "proof_tolerance",
    "whole_bound",
]

Float = npt.NDArray[np.float64]

PROOF_GAP: Final = 1e-6  # relative difference of bound and objective below which a plan counts as proven
SUM_SLACK: Final = 1e-9  # share of a sum of numbers that are no short decimals, for the rounding of floats
ALLOCATION_SLACK: Final = 1e-6  # of a share served and of a capacity: HiGHS keeps rows to that
BOUND_SLACK: Final = 1e-13  # of all that a bound sums up, taken off for the rounding of floats: large prices cancel
ROW_SLACK: Final = 1e-9  # absolute, by which a sum of whole numbers may seem to miss a limit
COUNTED: Final = ("mclp", "bacop1", "bacop2", "pmedian")  # models that sum up demand alone, or demand times cost
MOST_DECIMALS: Final = 9
MOST_PERCENT_DECIMALS: Final = 15  # beyond which two shares differ by the rounding of floats alone
MOST_COUNTED: Final = 1e11  # sums up to here leave room for the rounding of bounds below one half
QUOTIENT_SLACK: Final = Fraction(1, 10**15)  # of a share or limit with more digits: it was computed in floats


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Numbers as whole multiples of a unit, where that can be.

    Parameters
    ----------
    values : numpy.ndarray of float64
        The whole numbers; the numbers as given where they are no short decimals.
    per_unit : int
        How many of them make up 1: a power of ten; 1 where nothing was counted.
    exact : bool
        Whether the values are whole, and their sums exact.
    """

    values: Float
    per_unit: int
    exact: bool


def counted(values: Float) -> Counted:
    """Return numbers that are not negative as whole multiples of the largest power of ten, 1 at most, that fits all.

    Parameters
    ----------
    values : numpy.ndarray of float64
        Finite numbers of 0 or more.
    """
    total = float(values.sum())
    for decimals in range(MOST_DECIMALS + 1):
        per_unit = 10**decimals
        if total * per_unit > MOST_COUNTED:
            break
        whole = np.round(values * per_unit)
        # A short decimal is the float nearest to a whole number over a power of ten.
        if (whole / per_unit == values).all():
            return Counted(whole, per_unit, exact=True)
    return Counted(values, 1, exact=False)


def may_miss(weights: Float, share: float) -> tuple[Counted, float]:
    """Return weights as they are compared, and how much of their sum may be missing where a share of it is asked.

    A plan keeps the share if what it leaves out weighs at most that. Whole weights leave half a unit more, which no
    sum of them uses; others :data:`SUM_SLACK` of the sum, and nothing where all is asked.

    Parameters
    ----------
    weights : numpy.ndarray of float64
        Weight of each point.
    share : float
        Share of their sum that is asked, 0 to 1.
    """
    count = counted(weights)
    total = float(count.values.sum())
    if share >= 1.0:
        least = float(weights.min(where=count.values > 0, initial=np.inf))
        return count, 0.5 if count.exact else (0.5 * least if math.isfinite(least) else 0.0)
    if count.exact:
        return count, math.floor((1 - _read(share, -1)) * int(total)) + 0.5
    return count, (1.0 - share) * total + SUM_SLACK * total


def counted_money(costs: Float, limit: float | None) -> tuple[Counted, float]:
    """Return costs as they are summed up, and the most that they may sum up to; infinite without a limit."""
    count = counted(costs)
    if limit is None or math.isinf(limit):
        return count, math.inf
    if count.exact:
        return count, float(math.floor(_read(limit, 1) * count.per_unit))
    return count, limit + SUM_SLACK * max(limit, 0.0)


def in_whole_numbers(problem: ProblemData, question: Question) -> tuple[ProblemData, Question, int]:
    """Return the question with what its objective sums up counted in whole numbers, and how many of them make up 1.

    Parameters
    ----------
    problem, question
        As they were given.

    Returns
    -------
    problem, question
        The same with weights, or costs and budget, in whole numbers where they are decimals.
    per_unit : int
        How many units of its objective make up one of the question's.
    """
    if question.by_cost:
        money, budget = counted_money(problem.site_cost, question.budget)
        if question.budget is not None:
            question = replace(question, budget=budget)
        return replace(problem, site_cost=money.values), question, money.per_unit
    if question.model in COUNTED:
        demand = counted(problem.demand)
        return replace(problem, demand=demand.values), question, demand.per_unit
    return problem, question, 1


def least_step(total: float) -> float:
    """Return by how much whole sums up to ``total`` differ at least, less the rounding of a bound on them."""
    return 1.0 - max(1e-6, 1e-12 * total)


def whole_bound(bound: float) -> float:
    """Return a lower bound on whole sums, rounded up past the rounding of the solver that proved it."""
    return float(math.ceil(bound - max(1e-6, SUM_SLACK * abs(bound))))


def proof_tolerance(objective: float) -> float:
    """Return the difference of bound and objective up to which a plan counts as proven."""
    return PROOF_GAP * max(1.0, abs(objective))


def percents(*shares: float, least_decimals: int = 1) -> tuple[str, ...]:
    """Return shares as percentages, with as many decimals as they need to differ from each other, nothing and all.

    Parameters
    ----------
    *shares : float
        Shares that stand in one sentence.
    least_decimals : int
        Fewest decimals.
    """
    told_apart = {0.0, 1.0, *shares}
    for decimals in range(least_decimals, MOST_PERCENT_DECIMALS):
        if len({f"{share:.{decimals}%}" for share in told_apart}) == len(told_apart):
            break
    return tuple(f"{share:.{decimals}%}" for share in shares)


def _read(number: float, towards: int) -> Fraction:
    """Return a number as it is written; one with many digits was computed, and gives way by its rounding."""
    written = Fraction(repr(float(number)))
    if written.denominator <= 10**MOST_DECIMALS and 10**MOST_DECIMALS % written.denominator == 0:
        return written
    return written * (1 + towards * QUOTIENT_SLACK)
