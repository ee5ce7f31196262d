"""A short hunt: every model and rule with awkward numbers, against brute force and the reference program."""

from __future__ import annotations

import numpy as np

from geoplan.siting import MODELS

from .fuzz import draw, hunt


def test_a_short_hunt_finds_nothing():
    tried, wrong = hunt(12.0, seed=0, most=600)
    assert wrong == []
    assert set(tried) == set(MODELS)


def test_a_case_is_its_seed():
    one, other = draw(77), draw(77)
    assert (one.model, one.asked) == (other.model, other.asked)
    assert all(np.array_equal(one.problem[name], other.problem[name]) for name in ("cost", "demand", "site_cost"))
