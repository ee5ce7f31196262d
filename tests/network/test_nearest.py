"""The k nearest stations of every place, in one sweep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.network import StreetNetwork


def test_drawing(draw):
    #   A-B-C-D, 200 m each; stations at A and D
    net = draw("A-B-C-D")
    found = net.nearest(np.array([0, 3]), np.array([0, 1, 2, 3]), k=2, limit_s=500)
    assert found.station.tolist() == [[0, -1], [0, 1], [1, 0], [1, -1]]
    assert found.seconds.tolist() == [[0, np.inf], [200, 400], [200, 400], [0, np.inf]]
    assert found.count.tolist() == [1, 2, 2, 1]
    frame = found.to_frame()
    assert frame.columns.tolist() == ["place_id", "rank", "station_id", "seconds"]
    assert frame[frame["place_id"] == 2][["rank", "station_id"]].to_numpy().tolist() == [[1, 1], [2, 0]]


def test_of_equally_near_stations_the_first_given_is_first(draw):
    net = draw("A-B-C")
    assert net.nearest(np.array([2, 0]), np.array([1]), k=2).station.tolist() == [[0, 1]]
    assert net.nearest(np.array([0, 2]), np.array([1]), k=1).station.tolist() == [[0]]


def test_one_way_streets_count_in_the_direction_of_travel(draw):
    net = draw("A>>>>B\n|    |\nC----D")
    station, place = np.array([1]), np.array([0])
    assert net.nearest(station, place, 1, 1e4).seconds.tolist() == [[500.0]]
    assert net.nearest(station, place, 1, 1e4, to_stations=False).seconds.tolist() == [[900.0]]


def test_station_on_the_places_own_edge(draw):
    net = draw("A---------B")
    found = net.nearest([[300.0, 0.0], [900.0, 0.0]], [[400.0, 0.0]], k=2, limit_s=1e4)
    assert found.station.tolist() == [[0, 1]]
    assert found.seconds.tolist() == [[100.0, 500.0]]


@settings(max_examples=40)
@given(data=st.data(), k=st.integers(1, 5), to_stations=st.booleans())
def test_equal_to_the_whole_table(data, k, to_stations):
    n = data.draw(st.integers(1, 10))
    node = st.integers(0, n - 1)
    edges = data.draw(st.lists(st.tuples(node, node), min_size=1, max_size=25))
    weight = st.one_of(st.integers(0, 60).map(float), st.just(np.inf), st.floats(0, 60))
    seconds = data.draw(st.lists(st.tuples(weight, weight), min_size=len(edges), max_size=len(edges)))
    xy = np.random.default_rng(3).uniform(-200, 200, (n, 2))
    net = StreetNetwork.from_edges(xy, edges, seconds)
    where = st.lists(st.tuples(st.floats(-200, 200), st.floats(-200, 200)), min_size=1, max_size=8)
    stations, places = np.array(data.draw(where)), np.array(data.draw(where))
    limit = data.draw(st.floats(10, 400))
    ends = (places, stations) if to_stations else (stations, places)
    table = net.travel_times(*ends, limit).to_csr().tocoo()
    whole = np.full((len(ends[0]), len(ends[1])), np.inf, np.float32)
    whole[table.row, table.col] = table.data
    whole = whole if to_stations else whole.T
    found = net.nearest(stations, places, k, limit, to_stations=to_stations)
    best = np.sort(whole, axis=1)[:, :k]
    best = np.pad(best, ((0, 0), (0, k - best.shape[1])), constant_values=np.inf)
    np.testing.assert_allclose(found.seconds, best, atol=1e-3)
    rows, rank = np.nonzero(found.station >= 0)
    np.testing.assert_allclose(whole[rows, found.station[rows, rank]], found.seconds[rows, rank], atol=1e-3)
    for row in found.station:
        assert len(set(row[row >= 0])) == (row >= 0).sum()


def test_unconnected_are_listed(draw):
    found = draw("A---B").nearest([[0.0, 0.0], [0.0, 9e4]], [[0.0, 9e4]], k=1)
    assert found.unsnapped_stations.tolist() == [1]
    assert found.unsnapped_places.tolist() == [0]
    assert found.station.tolist() == [[-1]]


def test_k_of_nothing_is_said(draw):
    with pytest.raises(InputError, match="k is 0"):
        draw("A---B").nearest([[0.0, 0.0]], [[0.0, 0.0]], k=0)
