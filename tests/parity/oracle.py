"""The three tests computed anew with SciPy and Shapely alone, from the files of a pack; nothing of geoplan is used.

Every place is tied to its nearest street at the foot of the perpendicular; people walk along streets from foot to foot
and across from place to foot. A slice is looked at minute by minute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod, Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tests.parity.awkward import CANDIDATES, CRS, ORIGIN_XY, STATIONS, STEP_M, Place, demand, streets

GEOD = Geod(ellps="GRS80")
TO_METRES = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
# share of each trade at work by slice, as DOMAIN's assumption is written down in the project: checked against it below
SLICES = {"04-06": (240, 360), "06-12": (360, 720), "12-15": (720, 900), "15-18": (900, 1080), "18-22": (1080, 1320)}


@dataclass(frozen=True)
class Network:
    """Nodes with the seconds between them, and where places are tied to it."""

    seconds: np.ndarray  # all pairs of nodes
    edges: list[tuple[int, int, float, float]]  # from, to, seconds forward, seconds backward
    lines: list[shapely.LineString]


def network(speed_m_s: float, *, obeys_oneway: bool) -> Network:
    frame = streets()
    nodes = {node: at for at, node in enumerate(sorted({*frame["u"], *frame["v"]}))}
    edges, lines, rows, columns, costs = [], [], [], [], []
    for row in frame.itertuples(index=False):
        length_m = abs(GEOD.geometry_length(row.geometry))
        forward = length_m / speed_m_s
        # against a one-way street a bicycle is pushed at walking pace
        backward = length_m / 1.2 if obeys_oneway and row.oneway == "yes" else forward
        u, v = nodes[row.u], nodes[row.v]
        edges.append((u, v, forward, backward))
        lines.append(shapely.transform(row.geometry, lambda xy: np.column_stack(TO_METRES.transform(*xy.T))))
        rows += [u, v]
        columns += [v, u]
        costs += [forward, backward]
    graph = csr_array((costs, (rows, columns)), shape=(len(nodes), len(nodes)))
    return Network(dijkstra(graph), edges, lines)


def tie(net: Network, xy: tuple[float, float], access_m_s: float) -> tuple[int, float, float]:
    """Edge, how far along it (0…1), and seconds to get there."""
    point = shapely.Point(xy)
    distances = [line.distance(point) for line in net.lines]
    best = int(np.argmin(distances))
    return best, net.lines[best].project(point, normalized=True), distances[best] / access_m_s


def seconds_between(net: Network, start: tuple[int, float, float], stop: tuple[int, float, float]) -> float:
    (a, f, leg_a), (b, g, leg_b) = start, stop
    ua, va, forward_a, backward_a = net.edges[a]
    ub, vb, forward_b, backward_b = net.edges[b]
    out = {ua: f * backward_a, va: (1 - f) * forward_a}
    into = {ub: g * forward_b, vb: (1 - g) * backward_b}
    best = min(x + net.seconds[n, m] + y for n, x in out.items() for m, y in into.items())
    if a == b:
        best = min(best, (g - f) * forward_a if g >= f else (f - g) * backward_a)
    return float(leg_a + best + leg_b)


def metres(i: float, j: float) -> tuple[float, float]:
    return ORIGIN_XY[0] + STEP_M * i, ORIGIN_XY[1] + STEP_M * j


def demand_xy() -> np.ndarray:
    frame = demand()
    return np.column_stack(TO_METRES.transform(frame["lon"].to_numpy(), frame["lat"].to_numpy()))


def times(speed_m_s: float = 1.2, *, obeys_oneway: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Seconds from each demand point to each station, and to each candidate."""
    net = network(speed_m_s, obeys_oneway=obeys_oneway)
    starts = [tie(net, (x, y), 1.2) for x, y in demand_xy()]
    ends = [tie(net, metres(one.i, one.j), 1.2) for one in STATIONS]
    new = [tie(net, metres(i, j), 1.2) for i, j in CANDIDATES]
    table = [[[seconds_between(net, start, stop) for stop in stops] for start in starts] for stops in (ends, new)]
    return np.array(table[0]), np.array(table[1])


def circle_m() -> np.ndarray:
    """Metres as the crow flies from each demand point to each station."""
    xy = np.array([metres(one.i, one.j) for one in STATIONS])
    return np.hypot(*(demand_xy()[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))


def operating() -> np.ndarray:
    return np.array([one.status == "operating" for one in STATIONS])


def is_open(one: Place, minute: int, *, saturday: bool) -> bool:
    spans = one.saturday if saturday else one.weekday
    return one.status == "operating" and any(start <= minute < end for start, end in spans)


def covered_share(
    near: np.ndarray,
    limit: float,
    *,
    minutes: range | None,
    saturday: bool,
    k: int = 1,
    facilities: tuple[str, ...] = (),
    new: np.ndarray | None = None,
) -> np.ndarray:
    """Share of the minutes in which each demand point has k stations (each facility) within a limit.

    ``minutes`` None disregards hours; ``new`` are further costs of sites that are always open and have everything.
    """
    groups = [np.array([name in one.facilities.split(";") for one in STATIONS]) for name in facilities]
    groups = groups or [np.ones(len(STATIONS), bool)]
    total = np.zeros(len(near))
    moments = [None] if minutes is None else list(minutes)
    for minute in moments:
        opened = (
            operating() if minute is None else np.array([is_open(one, minute, saturday=saturday) for one in STATIONS])
        )
        ok = np.ones(len(near), bool)
        for group in groups:
            count = (near[:, opened & group] <= limit).sum(axis=1)
            if new is not None:
                count = count + (new <= limit).sum(axis=1)
            ok &= count >= k
        total += ok
    return total / len(moments)
