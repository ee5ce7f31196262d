"""Many-to-many times: equal to networkx on whatever graph, exact on drawings, the same under any threads."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.network import StreetNetwork, TravelTimes

GRID = """
A---B---C
|   |   |
D---E---F
    |
    G
"""


def dense(times: TravelTimes) -> np.ndarray:
    table = np.full(times.shape, np.inf)
    rows = np.repeat(np.arange(times.shape[0]), np.diff(times.indptr))
    table[rows, times.indices] = times.seconds
    return table


@st.composite
def graphs(draw, directed=False):
    n = draw(st.integers(1, 12))
    m = draw(st.integers(1, 30))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node), min_size=m, max_size=m))
    weight = st.one_of(st.floats(0, 300), st.just(0.0), st.integers(0, 100).map(float))
    if directed:
        weight = st.one_of(weight, st.just(np.inf))
    seconds = draw(st.lists(st.tuples(weight, weight), min_size=m, max_size=m))
    seconds = np.array(seconds)
    if not directed:
        seconds[:, 1] = seconds[:, 0]
    coordinate = st.floats(-500, 500)
    xy = np.array(draw(st.lists(st.tuples(coordinate, coordinate), min_size=n, max_size=n)))
    return xy, edges, seconds


def by_networkx(n, edges, seconds):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    for (u, v), (forward, backward) in zip(edges, seconds, strict=True):
        for tail, head, weight in ((u, v, forward), (v, u, backward)):
            if np.isfinite(weight):
                graph.add_edge(tail, head, weight=weight)
    return graph


@pytest.mark.parametrize("directed", [False, True])
@settings(max_examples=60)
@given(data=st.data(), limit=st.floats(0, 600))
def test_equal_to_networkx(data, directed, limit):
    xy, edges, seconds = data.draw(graphs(directed))
    n = len(xy)
    net = StreetNetwork.from_edges(xy, edges, seconds)
    some = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=n + 3))
    times = dense(net.travel_times(np.arange(n), np.array(some), limit))
    graph = by_networkx(n, edges, seconds)
    truth = np.full((n, n), np.inf)
    for o in range(n):
        for d, value in nx.single_source_dijkstra_path_length(graph, o).items():
            truth[o, d] = value
    truth = truth[:, some]
    clear = np.abs(truth - limit) > 1e-3  # a way that takes the limit to the last bit may fall either side
    assert np.array_equal(np.isfinite(times) & clear, (truth <= limit) & clear)
    both = np.isfinite(times) & np.isfinite(truth)
    np.testing.assert_allclose(times[both], truth[both], atol=1e-3)


@pytest.mark.parametrize("directed", [False, True])
@settings(max_examples=60)
@given(data=st.data())
def test_points_on_edges_equal_networkx_with_split_edges(data, directed, graph_with_points):
    xy, edges, seconds = data.draw(graphs(directed))
    if not np.isfinite(seconds).any():
        return
    coordinate = st.floats(-600, 600)
    many = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6)
    points = np.array(data.draw(many))
    net = StreetNetwork.from_edges(xy, edges, seconds)
    snapped = net.snap(points, max_snap_m=1e6)
    assert len(snapped.unsnapped) == 0
    # A place equally near to two edges may go to either: the truth is asked only for those that leave no choice.
    free = [k for k in range(len(points)) if _edges_at(xy, edges, seconds, snapped.street_xy[k]) == 1]
    graph, names = graph_with_points(xy, edges, seconds, snapped.street_xy, 1.2)
    times = dense(net.travel_times(points, points, 1e9, max_snap_m=1e6))
    for o in free:
        truth = nx.single_source_dijkstra_path_length(graph, names[o])
        for d in free:
            legs = snapped.access_s[o] + snapped.access_s[d]
            expected = truth.get(names[d], np.inf) + legs
            if np.isinf(expected):
                assert np.isinf(times[o, d])
            else:
                assert times[o, d] == pytest.approx(expected, abs=1e-3, rel=1e-6)


def _edges_at(xy, edges, seconds, spot):
    """Count the usable edges that pass through a position."""
    count = 0
    for (u, v), both in zip(edges, seconds, strict=True):
        a, b = xy[u], xy[v]
        long2 = ((b - a) ** 2).sum()
        t = np.clip(((spot - a) * (b - a)).sum() / long2, 0, 1) if long2 > 0 else 0.0
        count += bool(np.isfinite(both).any() and np.hypot(*(a + t * (b - a) - spot)) < 1e-6)
    return count


def test_drawing(draw):
    net = draw(GRID)
    a, g = 0, 6
    times = net.travel_times(np.array([a]), np.arange(7), 10_000)
    # A-B 400, A-D 200, D-E 400, B-E 200: E is 600 either way, G another 200.
    assert dense(times)[0].tolist() == [0, 400, 800, 200, 600, 1000, 800]
    assert net.path(a, g).seconds == 800
    assert times.destination_ids.tolist() == list(range(7))


def test_limit_is_inclusive(draw):
    net = draw(GRID)
    within = net.travel_times(np.array([0]), np.arange(7), 600)
    assert within.row(0)[0].tolist() == [0, 1, 3, 4]
    assert net.travel_times(np.array([0]), np.arange(7), 599.9).row(0)[0].tolist() == [0, 1, 3]
    assert net.travel_times(np.array([0]), np.arange(7), 0).row(0)[1].tolist() == [0.0]


def test_two_places_on_one_edge_have_their_true_distance(draw):
    #   A---------B : 1,000 m; nearest-node snapping would say 0 or 1,000
    net = draw("A---------B")
    times = net.travel_times([[300.0, 0.0]], [[450.0, 0.0], [300.0, 0.0], [20.0, 30.0]], 1e4)
    assert times.seconds.tolist() == [150.0, 0.0, 310.0]


def test_the_way_round_may_be_shorter_than_along_the_edge():
    # Two nodes 100 m apart by a fast street and by a slow one: from one place on the slow street to another it is
    # faster to leave it.
    net = StreetNetwork.from_edges([[0, 0], [100, 0]], [[0, 1], [0, 1]], [1000.0, 10.0], length_m=[100.0, 100.0])
    snapped = net.snap([[10.0, 0.0], [90.0, 0.0]])
    slow = net.graph.edge_source == 0
    moved = type(snapped)(
        snapped.ids, snapped.xy, np.repeat(np.flatnonzero(slow), 2).astype(np.int32), np.array([0.1, 0.9]),
        np.zeros(2), np.zeros(2), snapped.node, snapped.street_xy, snapped.crosses,
    )  # fmt: skip
    assert net.travel_times(moved.take([0]), moved.take([1]), 1e4).seconds.tolist() == [210.0]


def test_one_way(draw):
    #   A>>>>B
    #   |    |     back from B only through D and C
    #   C----D
    net = draw("A>>>>B\n|    |\nC----D")
    there, back = (
        net.travel_times(np.array([0]), np.array([1]), 1e4),
        net.travel_times(np.array([1]), np.array([0]), 1e4),
    )
    assert there.seconds.tolist() == [500.0]
    assert back.seconds.tolist() == [900.0]
    ahead = net.travel_times([[100.0, 0.0]], [[400.0, 0.0]], 1e4).seconds.tolist()
    behind = net.travel_times([[400.0, 0.0]], [[100.0, 0.0]], 1e4).seconds.tolist()
    assert ahead == [300.0]
    assert behind == [100.0 + 900.0 + 100.0]


def test_one_way_place_at_the_very_end_is_at_the_node(draw):
    net = draw("A>>>>B\n|    |\nC----D")
    assert net.travel_times([[0.0, 0.0]], [[0.0, -200.0]], 1e4).seconds.tolist() == [200.0]


def test_more_origins_than_destinations_gives_the_same(draw):
    for picture in (GRID, "A>>>>B\n|    |\nC----D"):
        net = draw(picture)
        n = net.n_nodes
        wide = dense(net.travel_times(np.arange(2), np.arange(n), 1e4))
        tall = dense(net.travel_times(np.arange(n), np.arange(2), 1e4))
        full = dense(net.travel_times(np.arange(n), np.arange(n), 1e4))
        assert np.array_equal(wide, full[:2])
        assert np.array_equal(tall, full[:, :2])


@settings(max_examples=30)
@given(data=st.data())
def test_symmetry_and_triangle(data):
    xy, edges, seconds = data.draw(graphs())
    net = StreetNetwork.from_edges(xy, edges, seconds)
    points = np.array(
        data.draw(st.lists(st.tuples(st.floats(-600, 600), st.floats(-600, 600)), min_size=3, max_size=6))
    )
    snapped = net.snap(points, max_snap_m=1e6)
    times = dense(net.travel_times(snapped, snapped, 1e9))
    np.testing.assert_allclose(times, times.T, rtol=1e-6, atol=1e-3)
    on_street = times - snapped.access_s[:, None] - snapped.access_s[None, :]
    for via in range(len(points)):
        assert (on_street <= on_street[:, via, None] + on_street[None, via, :] + 1e-2 + 1e-6 * times).all()


@settings(max_examples=20)
@given(data=st.data(), low=st.floats(0, 300), more=st.floats(0, 300))
def test_a_larger_limit_only_adds(data, low, more):
    xy, edges, seconds = data.draw(graphs(directed=True))
    net = StreetNetwork.from_edges(xy, edges, seconds)
    nodes = np.arange(len(xy))
    small, large = dense(net.travel_times(nodes, nodes, low)), dense(net.travel_times(nodes, nodes, low + more))
    assert np.array_equal(small[np.isfinite(small)], large[np.isfinite(small)])


def lattice(side: int = 30) -> StreetNetwork:
    rng = np.random.default_rng(5)
    node = np.arange(side * side).reshape(side, side)
    edges = np.r_[np.c_[node[:, :-1].ravel(), node[:, 1:].ravel()], np.c_[node[:-1].ravel(), node[1:].ravel()]]
    xy = np.c_[node.ravel() % side, node.ravel() // side] * 80.0 + rng.normal(0, 15, (side * side, 2))
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return StreetNetwork.from_edges(xy, edges, np.c_[length / 1.2, length / rng.uniform(0.8, 1.6, len(edges))])


def test_same_answer_five_times_and_under_any_threads():
    net = lattice()
    rng = np.random.default_rng(6)
    o, d = rng.uniform(0, 2300, (400, 2)), rng.uniform(0, 2300, (900, 2))
    first = net.travel_times(o, d, 500, threads=1)
    assert first.nnz > 1000
    for threads in (1, 2, 3, 8, None):
        again = net.travel_times(o, d, 500, threads=threads)
        for name in ("indptr", "indices", "seconds"):
            assert np.array_equal(getattr(first, name), getattr(again, name))


def test_rows_are_sorted_and_blocks_add_up():
    net = lattice()
    rng = np.random.default_rng(7)
    o, d = rng.uniform(0, 2300, (50, 2)), rng.uniform(0, 2300, (4000, 2))
    whole = net.travel_times(o, d, 700)
    for row in range(50):
        assert (np.diff(whole.row(row)[0]) > 0).all()
    blocks = list(net.travel_times_blocks(o, d, 700, block=17))
    assert [len(block.origin_ids) for block in blocks] == [17, 17, 16]
    assert np.array_equal(np.concatenate([block.seconds for block in blocks]), whole.seconds)
    assert np.array_equal(np.concatenate([block.origin_ids for block in blocks]), whole.origin_ids)


def test_nothing_to_search_is_an_empty_answer(draw):
    net = draw("A---B")
    none = np.zeros((0, 2))
    assert net.travel_times(none, none).shape == (0, 0)
    assert net.travel_times(none, [[0.0, 0.0]]).nnz == 0
    assert net.travel_times([[0.0, 0.0]], none).shape == (1, 0)


@pytest.mark.parametrize(
    ("xy", "edges", "seconds", "said"),
    [
        ([[0, 0], [1, 0]], [[0, 2]], [1.0], "nodes are numbered 0…1"),
        ([[0, 0], [1, 0]], [[0, 1]], [-1.0], "edge 0 takes -1.0 seconds"),
        ([[0, 0], [1, 0]], [[0, 1]], [np.nan], "edge 0 takes nan seconds"),
        ([[0, 0], [1, 0]], [[0, 1]], [1.0, 2.0], "give (1,), or (1, 2)"),
        ([[0, 0], [1, np.inf]], [[0, 1]], [1.0], "node 1 has no finite position"),
        ([[0, 0, 0]], [[0, 0]], [1.0], "one row (x, y)"),
        ([[0, 0]], [[0.5, 0.5]], [1.0], "rows of two node numbers"),
        (np.zeros((0, 2)), np.zeros((0, 2), int), [], "needs nodes and edges"),
        ([[0, 0], [1, 0]], [], [], "needs nodes and edges"),
    ],
)
def test_unusable_edges_are_said(xy, edges, seconds, said):
    with pytest.raises(InputError) as error:
        StreetNetwork.from_edges(xy, edges, seconds)
    assert said in str(error.value)


def test_unusable_lengths_limits_and_profiles_are_said(draw):
    with pytest.raises(InputError, match="length_m must hold"):
        StreetNetwork.from_edges([[0, 0], [1, 0]], [[0, 1]], [1.0], length_m=[-1.0])
    with pytest.raises(InputError, match="profile 'fly' is not known"):
        StreetNetwork.from_edges([[0, 0], [1, 0]], [[0, 1]], [1.0], profile="fly")
    net = draw("A---B")
    with pytest.raises(InputError, match="limit_s is -1"):
        net.travel_times([[0.0, 0.0]], [[0.0, 0.0]], -1)
    with pytest.raises(InputError, match="limit_s is nan"):
        net.travel_times([[0.0, 0.0]], [[0.0, 0.0]], float("nan"))


def test_components(draw):
    net = draw("A---B\n\nC--------D")
    parts = net.components
    assert len(parts) == 2
    assert parts.of_node.tolist() == [1, 1, 0, 0]
    assert parts.length_m.tolist() == [900.0, 400.0]
    assert parts.n_nodes.tolist() == [2, 2]
    assert parts.largest_share == pytest.approx(900 / 1300)
    assert net.travel_times(np.array([0]), np.array([2]), 1e9).nnz == 0


def test_an_edge_closed_both_ways_joins_nothing():
    net = StreetNetwork.from_edges([[0, 0], [10, 0], [20, 0]], [[0, 1], [1, 2]], [5.0, np.inf])
    assert net.components.of_node.tolist() == [0, 0, 1]
    assert net.snap([[18.0, 0.0]]).access_m.tolist() == [8.0]
