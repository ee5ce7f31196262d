"""One way between two places: the time of the search, a line without gaps, metres that add up."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.network import StreetNetwork

GRID = """
A---B---C
|   |   |
D---E---F
"""


def test_drawing(draw):
    net = draw(GRID)
    way = net.path((100.0, 30.0), (800.0, -100.0))
    # 30 m to A-B, 300 m to B, 400 m to C, 100 m down to the place on C-F
    assert way.seconds == 30 + 300 + 400 + 100
    assert way.street_m == 800
    assert way.access_m == 30
    assert way.length_m == 830
    assert way.xy.tolist() == [[100, 30], [100, 0], [400, 0], [800, 0], [800, -100]]
    assert way.node.tolist() == [1, 2]
    assert way.geometry.length == way.length_m


def test_between_nodes_and_from_a_place_to_itself(draw):
    net = draw(GRID)
    assert net.path(0, 5).seconds == 1000
    assert net.path(0, 5).access_m == 0
    here = net.path(3, 3)
    assert here.seconds == 0
    assert here.geometry.length == 0
    assert net.path((50.0, 0.0), (50.0, 0.0)).street_m == 0


def test_along_one_edge(draw):
    way = draw("A---------B").path((300.0, 0.0), (900.0, 0.0))
    assert way.seconds == pytest.approx(600)
    np.testing.assert_allclose(way.xy, [[300, 0], [900, 0]])
    assert way.node.tolist() == []


def test_one_way_round(draw):
    net = draw("A>>>>B\n|    |\nC----D")
    way = net.path((400.0, 0.0), (100.0, 0.0))
    assert way.seconds == 1100
    assert way.xy.tolist() == [[400, 0], [500, 0], [500, -200], [0, -200], [0, 0], [100, 0]]


def test_no_way(draw):
    net = draw("A---B\n\nC---D")
    assert net.path(0, 2) is None
    assert net.path(0, 1, limit_s=399) is None
    assert net.path(0, (0.0, 5000.0)) is None


def test_one_place_each(draw):
    with pytest.raises(InputError, match="the origin of a path is one place, but 2 are given"):
        draw("A---B").path([[0.0, 0.0], [1.0, 0.0]], (0.0, 0.0))


def test_loop_is_walked_the_shorter_side():
    # A loop of 400 m at node 1, entered from node 0.
    streets = [[0, 1], [1, 1]]
    net = StreetNetwork.from_edges([[0, 0], [100, 0]], streets, [100.0, 400.0], length_m=[100.0, 400.0])
    loop = int(np.flatnonzero(net.graph.edge_source == 1)[0])
    snapped = net.snap([[0.0, 0.0], [100.0, 0.0]])
    on_loop = type(snapped)(
        snapped.ids[1:], snapped.xy[1:], np.array([loop], np.int32), np.array([0.75]), np.zeros(1), np.zeros(1),
        snapped.node[1:], snapped.street_xy[1:], snapped.crosses[1:],
    )  # fmt: skip
    assert net.path(snapped.take([0]), on_loop).seconds == 200.0


@settings(max_examples=40)
@given(data=st.data())
def test_agrees_with_the_search_and_with_networkx(data):
    n = data.draw(st.integers(2, 10))
    node = st.integers(0, n - 1)
    edges = data.draw(st.lists(st.tuples(node, node), min_size=1, max_size=25))
    weight = st.one_of(st.floats(0, 60), st.just(np.inf))
    seconds = data.draw(st.lists(st.tuples(weight, weight), min_size=len(edges), max_size=len(edges)))
    xy = np.random.default_rng(4).uniform(-200, 200, (n, 2))
    net = StreetNetwork.from_edges(xy, edges, seconds)
    a, b = data.draw(node), data.draw(node)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    for (u, v), (forward, backward) in zip(edges, seconds, strict=True):
        for tail, head, value in ((u, v, forward), (v, u, backward)):
            if np.isfinite(value):
                graph.add_edge(tail, head, weight=value)
    way = net.path(a, b)
    if way is None:
        assert not nx.has_path(graph, a, b)
        return
    assert way.seconds == pytest.approx(nx.dijkstra_path_length(graph, a, b), abs=1e-6)
    assert way.node[0] == a
    assert way.node[-1] == b
    assert way.street_m == pytest.approx(shapely.LineString(np.repeat(way.xy, 2, axis=0)).length, abs=1e-6)
    points = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(-200, 200, (2, 2))
    times = net.travel_times(points[:1], points[1:], 1e9)
    other = net.path(tuple(points[0]), tuple(points[1]))
    assert (other is None) == (times.nnz == 0)
    if other is not None:
        assert other.seconds == pytest.approx(float(times.seconds[0]), abs=1e-3)
        assert other.geometry.length == pytest.approx(other.length_m, abs=1e-6)
