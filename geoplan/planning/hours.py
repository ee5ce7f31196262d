"""Sites and hours together: for each place one option, under one budget, for the most worker-hours over the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault, InputError
from geoplan.siting.cover import reach
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem import SitingProblem

__all__ = ["HoursPlan", "Option", "solve_hours", "solve_options"]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be done at one site.

    Parameters
    ----------
    site : int
        Column of the cost matrix.
    name : str
        ``"as it is"``, ``"open noon"``, ``"24 h unmanned"``, ``"new standard site"``, …
    slices : tuple of int
        Time slices in which the site is then open.
    cost : float
        Cost of the option.
    current : bool
        Whether this is how the site stands today: it is open at no cost unless another option replaces it.
    """

    site: int
    name: str
    slices: tuple[int, ...]
    cost: float
    current: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class HoursPlan:
    """The options chosen, with the plan that proves them.

    Parameters
    ----------
    chosen : tuple of Option
        Options that change something, in the order given.
    plan : SitingPlan
        Plan over options: its objective is covered worker-hours.
    """

    chosen: tuple[Option, ...]
    plan: SitingPlan


def solve_hours(
    cost: npt.NDArray[np.floating] | sparse.csr_array,
    worker_hours: npt.NDArray[np.float64],
    options: Sequence[Option],
    *,
    radius: float,
    budget: float,
    **control: Any,
) -> HoursPlan:
    """Choose options for the most worker-hours covered.

    A current option stays open beside what is added, so an option must name the slices it adds or keeps; no option
    takes hours away.

    Parameters
    ----------
    cost : numpy.ndarray or scipy.sparse.csr_array
        Demand points x sites.
    worker_hours : numpy.ndarray of float64
        Worker-hours of each demand point in each slice over the week, shape (n_demand, n_slices).
    options : sequence of Option
        What can be done; of one site at most one option that is not current is chosen.
    radius, budget : float
        Covering radius in the unit of ``cost``, and the sum to spend.
    **control
        As for :meth:`SitingProblem.solve`: ``time_limit_s``, ``progress``, ``cancel``, ``seed``.

    Returns
    -------
    HoursPlan
        The options and the proof.
    """
    n_demand, n_slices = worker_hours.shape
    reached = reach(cost, radius).tocsc()
    rows, columns = [], []
    for column, option in enumerate(options):
        points = reached.indices[reached.indptr[option.site] : reached.indptr[option.site + 1]].astype(np.int64)
        for part in option.slices:
            rows.append(points * n_slices + part)
            columns.append(np.full(len(points), column))
    row, column_of = np.concatenate([*rows, []]).astype(np.int64), np.concatenate([*columns, []]).astype(np.int64)
    pairs = sparse.csr_array((np.zeros(len(row)), (row, column_of)), shape=(n_demand * n_slices, len(options)))
    return solve_options(pairs, worker_hours.ravel(), options, budget=budget, **control)


def solve_options(
    pairs: sparse.csr_array, worker_hours: npt.NDArray[np.float64], options: Sequence[Option], *, budget: float,
    **control: Any,
) -> HoursPlan:  # fmt: skip
    """Choose options for the most worker-hours covered, where it is known which rows of demand each option serves.

    Parameters
    ----------
    pairs : scipy.sparse.csr_array
        A stored 0 where an option (column) serves a row, shape (n_rows, n_options).
    worker_hours : numpy.ndarray of float64
        Weight of each row, shape (n_rows,).
    options : sequence of Option
        The columns.
    budget : float
        The sum to spend.
    **control
        As for :meth:`SitingProblem.solve`.
    """
    if not options:
        raise InputError(
            Fault(
                "there are no options to choose from",
                "let new sites be built, or count further slices",
                problem_zh="没有可做的事：现有站点在这些时段都已开放，又不新建站点",
                todo_zh="请允许新建站点，或多选几个时段",
            )
        )
    of_site: dict[int, list[int]] = {}
    for column, option in enumerate(options):
        if not option.current:
            of_site.setdefault(option.site, []).append(column)
    problem = SitingProblem.from_matrix(
        pairs,
        worker_hours,
        existing=np.array([option.current for option in options]),
        site_cost=[option.cost for option in options],
        exclusive=[columns for columns in of_site.values() if len(columns) > 1],
    )
    plan = problem.solve("mclp", radius=0.0, budget=budget, **control)
    return HoursPlan(tuple(options[k] for k in plan.new_positions.tolist()), plan)
