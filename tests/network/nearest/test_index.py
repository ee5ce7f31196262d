"""The nearest-station index against the network's own search: the same stations, times and ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.network import StreetNetwork
from geoplan.network.nearest import NearestIndex

# A ladder, metres; walking 1.2 m/s. Stations A at (0, 60), B at (180, 0), C on the upper rail at (120, 100).
#
#   (0,100) ----C---- (240,100)
#      |                 |
#      A                 |
#      |                 |
#   (0,0) ------B---- (240,0)
XY = np.array([[0.0, 0.0], [240.0, 0.0], [240.0, 100.0], [0.0, 100.0]])
EDGES = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
LENGTH = np.array([240.0, 100.0, 240.0, 100.0])
STATIONS = np.array([[0.0, 60.0], [180.0, 0.0], [120.0, 100.0]])


@pytest.fixture(scope="module")
def index() -> NearestIndex:
    network = StreetNetwork.from_edges(XY, EDGES, LENGTH / 1.2, length_m=LENGTH)
    return NearestIndex.build(network, STATIONS, 600.0)


def test_by_hand(index):
    """From (60, 0): B straight along 120 m, A by the corner 60 + 60 m, C by the corner 60 + 100 + 120 m."""
    found = index.find(60.0, 0.0, 3)
    assert found.rows.tolist() == [0, 1, 2]
    assert found.seconds == pytest.approx([100.0, 100.0, 280.0 / 1.2], abs=1e-3)
    way = index.way(found, 2)
    assert way.length_m == pytest.approx(280.0)
    assert way.xy.tolist() == [[60, 0], [0, 0], [0, 100], [120, 100]]


def test_straight_along_the_same_street(index):
    found = index.find(170.0, 0.0, 1)
    assert found.rows.tolist() == [1]
    assert index.way(found, 0).xy.tolist() == [[170, 0], [180, 0]]


def test_only_what_is_wanted(index):
    found = index.find(60.0, 0.0, 3, wanted=np.array([False, False, True]))
    assert found.rows.tolist() == [2]


def test_only_within_the_limit(index):
    assert index.find(60.0, 0.0, 3, limit_s=99.0).rows.tolist() == []
    assert index.find(60.0, 0.0, 3, limit_s=101.0).rows.tolist() == [0, 1]


def test_far_from_every_street(index):
    found = index.find(5000.0, 5000.0, 3)
    assert not found.on_street
    assert found.rows.tolist() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [({"k": 0}, "k is 0"), ({"k": 1, "limit_s": 601.0}, "up to 600"), ({"k": 1, "wanted": np.ones(2, bool)}, "shape")],
)
def test_questions_that_make_no_sense(index, options, message):
    with pytest.raises(InputError, match=message):
        index.find(0.0, 0.0, **options)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_same_as_the_search(seed):
    """Random directed streets with parallel edges, loops and edges of no length, random places."""
    rng = np.random.default_rng(seed)
    n = 8
    xy = rng.uniform(0, 300, (n, 2))
    edges = rng.integers(0, n, (16, 2))
    edges = np.vstack([edges, [[i, (i + 1) % n] for i in range(n)]])
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    seconds = np.column_stack([length, length]) / 1.2 * rng.uniform(1.0, 2.0, (len(edges), 2))
    seconds[rng.random(seconds.shape) < 0.15] = np.inf
    network = StreetNetwork.from_edges(xy, edges, seconds, length_m=length)
    stations, places = rng.uniform(0, 300, (5, 2)), rng.uniform(0, 300, (4, 2))
    index = NearestIndex.build(network, stations, 400.0)
    times = network.travel_times(places, stations, 400.0)
    for i, (x, y) in enumerate(places):
        rows, expected = times.row(i)
        order = np.lexsort((rows, expected))[:3]
        found = index.find(x, y, 3)
        assert found.seconds == pytest.approx(expected[order], abs=2e-3)
        assert len(found.rows) == len(order)
        for place, row in enumerate(found.rows.tolist()):
            route = network.path(np.array([x, y]), stations[row], 1000.0)
            way = index.way(found, place)
            assert route is not None
            assert way.seconds == pytest.approx(route.seconds, abs=2e-3)
            assert way.xy[0] == pytest.approx([x, y])
            assert way.xy[-1] == pytest.approx(stations[row])
            assert np.hypot(*np.diff(way.xy, axis=0).T).sum() == pytest.approx(way.length_m, abs=1e-6)


def test_lengths_without_drawing(index):
    found = index.find(60.0, 0.0, 3)
    assert index.lengths_m(found).tolist() == pytest.approx([120.0, 120.0, 280.0])
    assert index.lengths_m(index.find(5000.0, 5000.0, 3)).tolist() == []
