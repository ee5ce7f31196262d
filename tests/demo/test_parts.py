"""The pieces of the generator, each against a hand-made case or a slow but plain reckoning."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.demo import kernels
from geoplan.demo.blocks import _HEIGHTS_M, _MARGIN_M, _WAVES_M, _unwarp, _warp
from geoplan.demo.canals import push_off
from geoplan.demo.linking import parts, reconnect
from geoplan.demo.plane import smooth, stream, to_lonlat, to_plane
from geoplan.demo.sampling import shares_to_counts, spread


def test_plane_and_degrees_agree() -> None:
    lon, lat = np.array([119.6, 120.3]), np.array([31.2, 31.9])
    back = to_lonlat(to_plane(lon, lat))
    assert np.abs(back - np.stack([lon, lat], axis=1)).max() <= 1e-7


def test_streams_of_topics_are_independent() -> None:
    assert stream(0, "a").random() == stream(0, "a").random()
    assert len({stream(s, t, c).random() for s in (0, 1) for t in "ab" for c in (0, 1)}) == 8


def test_smooth_cuts_a_corner_to_quarters() -> None:
    bent = smooth(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]), 1)
    assert bent.tolist() == [[0, 0], [3, 0], [4, 1], [4, 4]]


def test_warp_does_not_fold_and_can_be_undone() -> None:
    key = np.uint64(12345)
    x, y = (a.ravel() for a in np.meshgrid(np.arange(-4e4, 4e4, 2000.0), np.arange(-4e4, 4e4, 2000.0)))
    at, step = np.stack([x, y], axis=1), 5.0
    here = _warp(at, key)
    right, up = (_warp(at + d, key) - here for d in ([step, 0.0], [0.0, step]))
    turn = (right[:, 0] * up[:, 1] - right[:, 1] * up[:, 0]) / step**2
    assert turn.min() > 0.1
    assert np.abs(_warp(_unwarp(at, key), key) - at).max() < 0.5
    assert np.abs(here - at).max() <= _HEIGHTS_M.sum() < _MARGIN_M
    assert len(_WAVES_M) == len(_HEIGHTS_M)


def _cuts(leaves: float) -> tuple[np.ndarray, ...]:
    square = np.array([[0.0, 0.0], [4000.0, 0.0], [4000.0, 4000.0], [0.0, 4000.0]])
    table = np.zeros((21, 21))
    table[1:, 1:] = np.cumsum(np.cumsum(np.full((20, 20), leaves / 400), axis=0), axis=1)
    well = np.array([[1700.0, 2300.0]])
    return (*kernels.subdivide(np.uint64(5), square, table, 0.0, 0.0, 200.0, 1.0, well, 5000), well)


def test_subdivide_ends_every_cut_on_two_earlier_ones() -> None:
    ends, parent, at, size_m, _, estate, _ = _cuts(300.0)
    assert 150 < len(ends) < 600
    row = np.arange(len(ends))
    assert (parent[4:] >= 0).all()
    assert (parent[4:] < row[4:, None]).all()
    for end in range(2):
        s = parent[4:, end]
        on = ends[s, :2] + at[4:, end, None] * (ends[s, 2:] - ends[s, :2])
        assert np.abs(on - ends[4:, 2 * end : 2 * end + 2]).max() < 1e-6
    assert size_m[4] == pytest.approx(4000.0)
    assert (estate[4:] <= row[4:]).all()


def test_subdivide_sends_a_street_through_the_well() -> None:
    ends, *_, well = _cuts(300.0)
    a, d = ends[4, :2], ends[4, 2:] - ends[4, :2]
    off = well[0] - a
    assert abs(d[0] * off[1] - d[1] * off[0]) / np.hypot(*d) < 1e-6  # the very first cut already


def test_join_makes_the_drawn_crossings() -> None:
    """A square, cut upright (4), then both halves cut across (5, 6) at nearly the same height, 6 as a dead end.

    3───────────2
    │     │     │      cut 4: x = 50, from side 0 to side 2
    A──5──B--6  │      cut 5: from side 3 to cut 4; cut 6 would run from cut 4 to side 1
    │     │     │
    0───────────1      side 0 at the bottom, then counter-clockwise
    """
    ends = np.array(
        [
            [0, 0, 100, 0], [100, 0, 100, 100], [100, 100, 0, 100], [0, 100, 0, 0],
            [50, 0, 50, 100], [0, 50, 50, 50], [50, 52, 100, 52],
        ], float,
    )  # fmt: skip
    at = np.array([[0, 0], [0, 0], [0, 0], [0, 0], [0.5, 0.5], [0.5, 0.5], [0.52, 0.52]])
    keep = np.ones((7, 2), bool)
    keep[6, 1] = False
    pull = np.full((7, 2), 10.0)
    # ends on each cut, ascending: side 0 holds 4's start, side 2 its end, side 3 the start of 5, cut 4 the rest
    on = {0: [8], 2: [9], 3: [10], 4: [11, 12]}
    order = np.array([e for s in sorted(on) for e in on[s]])
    pointer = np.array([0, 1, 1, 2, 3, 5, 5, 5])
    xy, u, v, cut = kernels.join(ends, at, pointer, order, keep, pull, np.full(7, 8.0))
    edges = [(tuple(xy[a]), tuple(xy[b]), int(c)) for a, b, c in zip(u, v, cut, strict=True)]
    assert edges == [
        ((50, 0), (50, 50), 4),
        ((50, 50), (50, 100), 4),
        ((0, 50), (50, 50), 5),
        (
            (50, 50),
            (pytest.approx(90, abs=0.01), pytest.approx(51.6, abs=0.01)),
            6,
        ),  # joined to 5's crossing, stopping 10 m short of the wall
    ]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.integers(0, 200), st.floats(0, 1, exclude_max=True))
def test_spread_keeps_the_number_and_the_expectation(weights: list[float], n: int, offset: float) -> None:
    w = np.array(weights)
    counts = spread(w, n, offset)
    if w.sum() <= 0 or n == 0:
        assert counts.sum() == 0
        return
    assert counts.sum() == n
    assert (counts[w == 0] == 0).all()
    assert np.abs(counts - n * w / w.sum()).max() <= 1 + 1e-6


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=20), st.integers(0, 10_000))
def test_largest_remainders_sum_exactly(shares: list[float], total: int) -> None:
    counts = shares_to_counts(shares, total)
    assert counts.sum() == total
    assert np.abs(counts - total * np.array(shares) / sum(shares)).max() < 1


@given(st.integers(0, 10_000))
def test_spaced_is_the_greedy_choice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy, radius = rng.random((40, 2)) * 100, 5 + 20 * rng.random(40)
    order = rng.permutation(40)
    plain: list[int] = []
    for p in order:
        if len(plain) < 15 and all(((xy[p] - xy[q]) ** 2).sum() >= radius[p] ** 2 for q in plain):
            plain.append(int(p))
    assert kernels.spaced(xy, order, radius, 15, 12.0).tolist() == plain


@given(st.integers(0, 10_000))
def test_points_are_pushed_out_of_the_deepest_canal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, end = rng.random((6, 2)) * 200, rng.random((6, 2)) * 200
    half, points = 2 + 12 * rng.random(6), rng.random((50, 2)) * 240 - 20
    moved = points.copy()
    push_off(moved, start, end, half, 30.0)
    for before, after in zip(points, moved, strict=True):
        d = end - start
        t = np.clip(((before - start) * d).sum(axis=1) / (d**2).sum(axis=1), 0, 1)
        foot = start + t[:, None] * d
        away = np.hypot(*(before - foot).T)
        k = int(np.argmax(half - away))
        if half[k] <= away[k]:
            assert (before == after).all()
        elif away[k] > 0.01:
            assert np.hypot(*(after - foot[k])) == pytest.approx(half[k])


@given(st.integers(0, 10_000))
def test_reconnect_joins_everything_with_the_fewest_preferred_edges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, e = 20, 40
    u, v = rng.integers(0, n, (2, e)).astype(np.int32)
    keep = rng.random(e) < 0.3
    part = parts(n, u, v, keep)
    graph = nx.Graph([(int(a), int(b)) for a, b, k in zip(u, v, keep, strict=True) if k])
    graph.add_nodes_from(range(n))
    assert part.max() + 1 == nx.number_connected_components(graph)
    spare = np.flatnonzero(~keep)
    chosen = reconnect(part, u, v, spare, np.zeros(n, bool))
    plain = []
    for k in spare:  # Kruskal, spelt out
        if not nx.has_path(graph, int(u[k]), int(v[k])):
            graph.add_edge(int(u[k]), int(v[k]))
            plain.append(int(k))
    assert chosen.tolist() == plain


def test_reconnect_leaves_the_lonely_alone() -> None:
    u, v = np.array([0, 2], np.int32), np.array([1, 3], np.int32)
    lonely = np.array([False, False, False, True])
    part = np.arange(4, dtype=np.int32)
    assert reconnect(part, u, v, np.array([0, 1]), lonely).tolist() == [0]
