"""Demand that no plan can serve, left out."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.errors import InputError
from geoplan.planning import without_unreachable
from geoplan.siting import SitingProblem

# three points, two sites: the second point has no workers, the third is reached by no site
COST = np.array([[1.0, 2.0], [np.inf, np.inf], [np.inf, np.inf]])


def test_nobody_and_nowhere():
    problem = SitingProblem.from_matrix(COST, [5.0, 0.0, 7.0], demand_ids=["a", "b", "c"])
    assert problem.solve("pmedian", p=1).status == "infeasible"
    peopled, left = without_unreachable(problem, unreachable=False)
    assert (peopled.demand_ids.tolist(), left) == (["a", "c"], 0.0)
    part, left = without_unreachable(problem, unreachable=True)
    assert (part.demand_ids.tolist(), left) == (["a"], 7.0)
    assert part.solve("pmedian", p=1).objective == 5.0


def test_nothing_left_and_floors():
    with pytest.raises(InputError, match="no site reaches any demand"):
        without_unreachable(SitingProblem.from_matrix(COST[1:], [0.0, 7.0]), unreachable=True)
    floors = SitingProblem.from_matrix(COST, [5.0, 0.0, 7.0], coverage_floors={"*": 0.1})
    with pytest.raises(InputError, match="shares of all demand"):
        without_unreachable(floors, unreachable=True)
