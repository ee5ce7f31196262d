"""The clock of a solve."""

from __future__ import annotations

import time

import numpy as np
from numba import njit

from geoplan.siting.control import Control, uncounted_compilation


def test_compilation_is_not_counted() -> None:
    @njit
    def sorted_sum(values):  # type: ignore[no-untyped-def]
        return np.sort(values)[np.argsort(values)].sum()

    control = Control(time_limit_s=0.3)
    began = time.perf_counter()
    with uncounted_compilation(control):
        sorted_sum(np.arange(3.0))
        left_s = control.remaining_s
        assert not control.stop()
    assert time.perf_counter() - began > 0.35, "too quick to tell: take a function that compiles longer"
    assert 0.0 < left_s <= 0.3
    time.sleep(0.3)
    assert control.stop()
    assert control.stopped == "time_limit"


def test_nothing_compiled_costs_nothing() -> None:
    control = Control(time_limit_s=60.0)
    with uncounted_compilation(control):
        assert 59.0 < control.remaining_s <= 60.0
    assert Control().remaining_s == np.inf
