"""Floating catchments by hand and against PySAL; Lorenz and Gini; comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.coverage import accessibility, areas_by_code, compare, gini, lorenz, whole_city, worst_served
from geoplan.errors import InputError

#        p0    p1    p2          seats
#  A     100   250   -             10
#  B     -     250   500           20
TIMES = [[100.0, 250.0, 9e9], [9e9, 250.0, 500.0]]
WORKERS = [10.0, 20.0, 30.0]
SEATS = [10.0, 20.0]


def test_2sfca_by_hand(reach_of):
    got = accessibility(reach_of(TIMES), WORKERS, SEATS, [(600, 1.0)])
    a, b = 10 / 30, 20 / 50  # A: p0 and p1; B: p1 and p2
    assert got == pytest.approx([a, a + b, b])
    assert float(got @ WORKERS) == pytest.approx(30.0)  # every seat is handed out


def test_e2sfca_by_hand(reach_of):
    zones = [(200, 1.0), (300, 0.5), (600, 0.2)]
    a = 10 / (10 * 1.0 + 20 * 0.5)
    b = 20 / (20 * 0.5 + 30 * 0.2)
    assert accessibility(reach_of(TIMES), WORKERS, SEATS, zones) == pytest.approx([a, 0.5 * a + 0.5 * b, 0.2 * b])
    closed = accessibility(reach_of(TIMES), WORKERS, SEATS, zones, np.array([True, False]))
    assert closed == pytest.approx([a, 0.5 * a, 0.0])


def test_agrees_with_pysal(reach_of):
    fca = pytest.importorskip("access.fca")
    from access import weights

    rng = np.random.default_rng(5)
    table = rng.uniform(10, 1500, (6, 25))
    workers, seats = rng.integers(1, 50, 25).astype(float), rng.integers(1, 30, 6).astype(float)
    cost = pd.DataFrame({"origin": np.tile(range(25), 6), "dest": np.repeat(range(6), 25), "cost": table.ravel()})
    demand = pd.DataFrame({"geoid": range(25), "demand": workers}).set_index("geoid")
    supply = pd.DataFrame({"geoid": range(6), "supply": seats}).set_index("geoid")
    steps = {300: 1, 600: 0.68, 900: 0.22}
    for zones, weight in (([(600, 1.0)], None), (list(steps.items()), weights.step_fn(steps))):
        limit = zones[-1][0]
        expected = fca.two_stage_fca(demand, supply, cost, max_cost=limit, demand_index=True, weight_fn=weight)
        got = accessibility(reach_of(table, 1500.0), workers, seats, zones)
        np.testing.assert_allclose(got, expected.reindex(range(25)).fillna(0.0), rtol=1e-6)


@pytest.mark.parametrize("zones", [[], [(600, 1.0), (300, 0.5)], [(300, -1.0)]])
def test_bad_zones(reach_of, zones):
    with pytest.raises(InputError, match="ascending limits"):
        accessibility(reach_of(TIMES), WORKERS, SEATS, zones)


def test_gini_by_hand():
    assert gini([1, 1, 1], [5, 2, 9]) == pytest.approx(0.0)
    assert gini([0, 1], [1, 1]) == pytest.approx(0.5)
    assert gini([0, 0, 0, 4], [1, 1, 1, 1]) == pytest.approx(0.75)
    assert gini([0, 0], [1, 1]) == 0.0
    curve = lorenz([2, 0], [1, 3])
    assert curve["workers_share"].tolist() == [0.0, 0.75, 1.0]
    assert curve["value_share"].tolist() == [0.0, 0.0, 1.0]
    with pytest.raises(InputError, match="no workers"):
        gini([1.0], [0.0])


people = st.lists(st.tuples(st.floats(0, 100), st.integers(1, 4)), min_size=1, max_size=12)


@given(people)
def test_gini_is_the_mean_difference(pairs):
    values, weights = (np.array(part, float) for part in zip(*pairs, strict=True))
    each = np.repeat(values, weights.astype(int))
    if each.sum() < 1e-6:
        return
    expected = np.abs(each[:, None] - each[None, :]).mean() / (2 * each.mean())
    assert gini(values, weights) == pytest.approx(expected, abs=1e-9)


def test_worst_served():
    trades = {"workers_food_rider": [10.0, 10.0, 0.0], "workers_sanitation": [0.0, 20.0, 0.0]}
    demand = pd.DataFrame({"workers": [10.0, 30.0, 0.0], **trades})
    areas = [areas_by_code("town", pd.Series(["x", "y", "z"]), {"x": "甲镇", "y": "乙镇", "z": "丙镇"})]
    table = worst_served([True, False, True], demand, areas)
    assert table[["group", "code", "share"]].values.tolist() == [
        ["town", "y", 0.0], ["trade", "sanitation", 0.0], ["trade", "food_rider", 0.5], ["town", "x", 1.0],
    ]  # fmt: skip
    assert table["uncovered"].tolist() == [30.0, 20.0, 10.0, 0.0]


def test_two_states_as_one_table():
    keys = {"level": ["city", "town"], "area_code": ["city", "x"], "test": "network"}
    before = pd.DataFrame({**keys, "demand": [100.0, 40.0], "covered": [50.0, 10.0], "share": [0.5, 0.25]})
    after = before.assign(covered=[60.0, 20.0], share=[0.6, 0.5])
    after.loc[1, "area_code"] = "y"
    table = compare(before, after).set_index("area_code")
    assert table.loc["city", "covered_change"] == 10.0
    assert table.loc["city", "share_change"] == pytest.approx(0.1)
    assert table["in"].to_dict() == {"city": "both", "x": "before", "y": "after"}
    with pytest.raises(InputError, match="same columns"):
        compare(before, after.drop(columns="test"))
    with pytest.raises(InputError, match="two rows for the same area, moment and test"):
        compare(pd.concat([before, before]), after)
    assert whole_city(2, "城").member.tolist() == [0, 0]
