"""Hand-checkable networks, drawn, and an independent answer by networkx to hold ours against."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import networkx as nx
import numpy as np
import pytest

from geoplan.network import StreetNetwork

Draw = Callable[..., StreetNetwork]


def _graph_with_points(
    xy: np.ndarray, edges: Sequence[tuple[int, int]], seconds: np.ndarray, points: np.ndarray, access_m_s: float
) -> tuple[nx.MultiDiGraph, list[str]]:
    """Straight edges with every point hung on its nearest position by a node of its own that splits the edge."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(xy)))
    ends = xy[np.asarray(edges)]
    on: dict[int, list[tuple[float, str]]] = {}
    names = []
    for k, point in enumerate(points):
        vector = ends[:, 1] - ends[:, 0]
        long2 = (vector**2).sum(axis=1)
        t = np.clip(((point - ends[:, 0]) * vector).sum(axis=1) / np.where(long2 > 0, long2, 1.0), 0.0, 1.0)
        t = np.where(long2 > 0, t, 0.0)
        gap = np.hypot(*(ends[:, 0] + t[:, None] * vector - point).T)
        gap = np.where(np.isfinite(seconds).any(axis=1), gap, np.inf)  # an edge closed both ways is no street
        edge = int(np.argmin(gap))
        name = f"point {k}"
        names.append(name)
        on.setdefault(edge, []).append((float(t[edge]), f"on {k}"))
        for a, b in ((name, f"on {k}"), (f"on {k}", name)):
            graph.add_edge(a, b, weight=gap[edge] / access_m_s)
    for edge, (u, v) in enumerate(edges):
        stops = [(0.0, u), *sorted(on.get(edge, [])), (1.0, v)]
        for (ta, a), (tb, b) in itertools.pairwise(stops):
            for tail, head, pace in ((a, b, seconds[edge, 0]), (b, a, seconds[edge, 1])):
                if np.isfinite(pace):
                    graph.add_edge(tail, head, weight=(tb - ta) * pace)
                elif ta == tb:  # a place at the very end of an edge is at its node
                    graph.add_edge(tail, head, weight=0.0)
    return graph, names


@pytest.fixture(scope="session")
def graph_with_points() -> Callable[..., tuple[nx.MultiDiGraph, list[str]]]:
    return _graph_with_points


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Network from a drawing: letters are nodes, runs of ``-`` and ``|`` are streets, ``>`` and ``<`` one-way ones.

    A character is 100 m wide, a line 100 m high, and walking takes 1 s a metre. Nodes are numbered by their letters.
    """

    def make(picture: str, **options: object) -> StreetNetwork:
        lines = [line.rstrip() for line in picture.strip("\n").split("\n")]
        width = max(map(len, lines))
        cells = [line.ljust(width) for line in lines]
        spot = {cells[j][i]: (j, i) for j in range(len(cells)) for i in range(width) if cells[j][i].isalpha()}
        names = sorted(spot)
        number = {name: k for k, name in enumerate(names)}
        edges, seconds = [], []
        for name in names:
            j, i = spot[name]
            for dj, di, marks in ((0, 1, "-><"), (1, 0, "|v^")):
                y, x, run = j + dj, i + di, []
                while y < len(cells) and x < width and cells[y][x] in marks:
                    run.append(cells[y][x])
                    y, x = y + dj, x + di
                if run and y < len(cells) and x < width and cells[y][x].isalpha():
                    long = 100.0 * (len(run) + 1)
                    edges.append((number[name], number[cells[y][x]]))
                    back, forth = any(c in "<^" for c in run), any(c in ">v" for c in run)
                    seconds.append((np.inf if back else long, np.inf if forth else long))
        xy = [(100.0 * spot[name][1], -100.0 * spot[name][0]) for name in names]
        profile = {"base": "walk", "access_speed_m_s": 1.0}
        return StreetNetwork.from_edges(xy, edges, seconds, profile=profile, **options)

    return make
