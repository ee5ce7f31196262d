"""A question in whole numbers: what its objective sums up, counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geoplan.siting.exact import counted, counted_money

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["in_whole_numbers"]

COUNTED: Final = ("mclp", "bacop1", "bacop2", "pmedian")  # models that sum up demand alone, or demand times cost


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
