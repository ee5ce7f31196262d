"""The door to HiGHS: what its answers say, with and without whole columns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.milp import MilpModel, solve_milp


def model(integer):
    """Maximise x + y + 10 subject to x + y <= 1.5, both at most 1: 11.5, and 11 where both are whole."""
    return MilpModel(
        np.ones(2), np.zeros(2), np.ones(2), np.full(2, integer), sparse.csr_array(np.ones((1, 2))),
        np.array([-np.inf]), np.array([1.5]), maximise=True, offset=10.0,
    )  # fmt: skip


@pytest.mark.parametrize(("integer", "optimum"), [(True, 11.0), (False, 11.5)])
def test_an_optimum_comes_with_its_bound(integer, optimum):
    answer = solve_milp(model(integer), Control())
    assert answer.status == "optimal"
    assert (answer.objective, answer.bound) == (pytest.approx(optimum), pytest.approx(optimum))


def test_a_stop_at_once_claims_nothing():
    answer = solve_milp(model(integer=True), Control(cancel=lambda: True))
    assert answer.status in ("optimal", "feasible", "no_solution_found")
    if answer.bound is not None:
        assert answer.bound >= 11.0
