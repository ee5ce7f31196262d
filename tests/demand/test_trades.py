"""Who is out when."""

from __future__ import annotations

import pandas as pd
import pytest

from geoplan.demand import PRESENCE, TRADES, workers_in_slice
from geoplan.errors import InputError
from geoplan.hours import SLICES

DEMAND = pd.DataFrame({"workers": [30.0, 10.0], "workers_food_rider": [20.0, 10.0], "workers_sanitation": [10.0, 0.0]})


def test_every_trade_has_a_share_in_every_slice():
    assert set(PRESENCE) == set(TRADES)
    assert all(set(row) == set(SLICES) and all(0 <= share <= 1 for share in row.values()) for row in PRESENCE.values())


def test_workers_of_a_slice():
    presence = {"food_rider": {"04-06": 0.0}, "sanitation": {"04-06": 0.5}}
    assert workers_in_slice(DEMAND, "all", "any").tolist() == [30.0, 10.0]
    assert workers_in_slice(DEMAND, "all", "04-06", presence).tolist() == [5.0, 0.0]
    assert workers_in_slice(DEMAND, "sanitation", "any").tolist() == [10.0, 0.0]
    assert workers_in_slice(DEMAND[["workers"]], "all", "04-06").tolist() == [30.0, 10.0]
    with pytest.raises(InputError, match="it knows food_rider, sanitation"):
        workers_in_slice(DEMAND, "courier", "any")
    with pytest.raises(InputError, match="'4-6' is not known"):
        workers_in_slice(DEMAND, "all", "4-6")
