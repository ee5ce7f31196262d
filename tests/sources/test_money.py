"""Costs as people write them."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.sources.money import read_costs


@pytest.mark.parametrize(
    ("header", "cells", "values", "unit"),
    [
        ("预算", ["12万元", "￥8,500元", "约3.5万", ""], [120000, 8500, 35000, np.nan], "元"),
        ("预算（万元）", ["12", "80000元", "3.5万元", None], [12, 8, 3.5, np.nan], "万元"),
        ("费用(元)", ["1，200", "1.2万", 5], [1200, 12000, 5], "元"),
        ("cost", ["5", "6.25", "1e3", "无"], [5, 6.25, 1000, np.nan], ""),
    ],
)
def test_units(header, cells, values, unit):
    costs = read_costs(cells, header)
    np.testing.assert_allclose(costs.values, values)
    assert costs.unit == unit
    assert not len(costs.unclear)
    assert not len(costs.unitless)


def test_what_is_no_cost_and_what_may_mean_either():
    costs = read_costs(["面议", "12万元", "7", "10-12万"], "预算")
    assert costs.unclear.tolist() == [0, 3]
    assert costs.unitless.tolist() == [2]  # 7 元 or 7 万元?
    assert read_costs(["7", "待定"], "预算").unitless.tolist() == []
