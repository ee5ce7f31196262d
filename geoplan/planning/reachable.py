"""A problem without the demand that no plan can serve: places where nobody is, and places no site reaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geoplan.errors import Fault, InputError
from geoplan.siting import SitingProblem
from geoplan.siting.assignment import reach_count

__all__ = ["without_unreachable"]


def without_unreachable(problem: SitingProblem, *, unreachable: bool, times: int = 1) -> tuple[SitingProblem, float]:
    """Leave out demand points without demand, and on request those that no usable site reaches.

    Models that must serve everybody (set covering, p-median, p-center, …) would otherwise have no plan for the sake of
    a point in a lake.

    Parameters
    ----------
    problem : SitingProblem
        The problem; it must have no coverage floors, whose shares are of all demand.
    unreachable : bool
        Whether points with demand that too few usable sites reach are left out, too.
    times : int
        How many sites must reach a point.

    Returns
    -------
    part : SitingProblem
        The problem over the points that are kept.
    left_out : float
        Demand of those left out.

    Raises
    ------
    InputError
        The problem has floors, or no point would be left.
    """
    if problem.floors:
        raise InputError(
            Fault(
                "coverage floors are shares of all demand, of which none can then be left out",
                "leave out the floors, or keep all demand",
                problem_zh="最低覆盖率以全部需求为准，不能同时排除需求点",
                todo_zh="请去掉最低覆盖率，或保留全部需求点",
            )
        )
    kept = problem.demand > 0
    if unreachable:
        usable = np.flatnonzero(problem.existing | problem.candidates)
        kept &= reach_count(problem, usable, np.finfo(np.float64).max) >= times
    if not kept.any():
        raise InputError(
            Fault(
                "no site reaches any demand",
                "raise the limit, or add candidates near the demand",
                problem_zh="没有任何站点能到达需求点",
                todo_zh="请放宽服务半径，或在附近增加候选点",
            )
        )
    rows = np.flatnonzero(kept)
    part = replace(problem, cost=problem.cost[rows], demand=problem.demand[rows], demand_ids=problem.demand_ids[rows])
    return part, float(problem.demand[~kept].sum())
