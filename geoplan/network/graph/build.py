"""From streets to a graph for one profile: permissions, speeds, barriers, waits, joined chains, components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.crs import ellipsoid_length_m
from geoplan.errors import Fault, InputError
from geoplan.network.graph.access import TAGS, node_blocks, node_wait_s, parse_tags, street_class, way_access
from geoplan.network.graph.arrays import Flag, Float, Graph, Int, Long, build_graph, components
from geoplan.network.graph.boxes import build_walls
from geoplan.network.graph.chains import Edges, join_chains
from geoplan.network.graph.ordering import gathered, pointers
from geoplan.network.graph.walls import walls_of
from geoplan.network.profile import Profile

__all__ = ["graph_from_edges", "graph_from_streets"]


@dataclass(frozen=True, slots=True)
class _Ways:
    """What a profile makes of the rows of a streets frame."""

    forward_m_s: Float
    backward_m_s: Float
    snaps: Flag
    ferry: Flag


def _distinct(frame: pd.DataFrame, columns: list[str]) -> tuple[Long, list[dict[str, str]]]:
    """Return the number of each row's combination of tags, and the combinations."""
    code = np.zeros(len(frame), np.int64)
    for column in columns:
        values = pd.factorize(frame[column], use_na_sentinel=True)[0].astype(np.int64) + 1
        _, code = np.unique(code * (int(values.max(initial=0)) + 1) + values, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    records = frame[columns].iloc[first].to_dict("records")
    return code, [
        {str(key): str(value) for key, value in record.items() if isinstance(value, str) and value}
        for record in records
    ]


def _ways(frame: gpd.GeoDataFrame, profile: Profile, length_m: Float) -> _Ways:
    code, combinations = _distinct(frame, [tag for tag in TAGS if tag in frame.columns])
    rules = [way_access(tags, profile) for tags in combinations]
    ferry = np.array([street_class(tags) == "ferry" for tags in combinations], np.bool_)[code]
    forward = np.array([rule.forward_m_s for rule in rules])[code]
    backward = np.array([rule.backward_m_s for rule in rules])[code]
    if ferry.any() and "duration" in frame.columns:
        speed = _ferry_speed_m_s(frame, ferry, length_m)
        known = np.isfinite(speed)
        forward[known & (forward > 0)] = speed[known & (forward > 0)]
        backward[known & (backward > 0)] = speed[known & (backward > 0)]
    return _Ways(forward, backward, np.array([rule.snaps for rule in rules], np.bool_)[code], ferry)


def _ferry_speed_m_s(frame: gpd.GeoDataFrame, ferry: Flag, length_m: Float) -> Float:
    """Speed of ferries from the ``duration`` of their whole way (hh:mm, hh:mm:ss or minutes); NaN where unknown."""
    speed = np.full(len(frame), np.nan)
    rows = np.flatnonzero(ferry)
    way = frame["way"].to_numpy()[rows] if "way" in frame.columns else rows
    total = pd.Series(length_m[rows]).groupby(way).transform("sum").to_numpy()
    for i, row in enumerate(rows):
        text = frame["duration"].iloc[row]
        if not isinstance(text, str):
            continue
        parts = text.strip().split(":")
        if not all(part.isdigit() for part in parts) or len(parts) > 3:
            continue
        numbers = [int(part) for part in parts]
        seconds = numbers[0] * 60 if len(numbers) == 1 else numbers[0] * 3600 + numbers[1] * 60 + sum(numbers[2:])
        if seconds > 0:
            speed[row] = total[i] / seconds
    return speed


def _shapes(frame: gpd.GeoDataFrame) -> tuple[Long, Float, Float, Float]:
    """Shape points of every row: pointers, positions, fraction of the length at each point, length in metres."""
    geometry = np.asarray(frame.geometry.array)
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    pointer = pointers(np.bincount(row, minlength=len(geometry)))
    step = np.zeros(len(xy))
    step[1:] = ellipsoid_length_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    step[pointer[:-1]] = 0.0
    run = np.cumsum(step)
    run -= run[pointer[:-1]][row]
    length = run[pointer[1:] - 1]
    at = np.divide(run, length[row], out=np.zeros_like(run), where=length[row] > 0)
    at[pointer[1:] - 1] = 1.0
    return pointer, xy, at, length


def _end_nodes(frame: gpd.GeoDataFrame, profile: Profile) -> tuple[Long, Int, Int, Float, int]:
    """Give nodes numbers; a node with a barrier that stops the profile becomes one dead end for each edge there.

    Returns node ids, u, v, the wait at each node by its tags, and how many nodes are blocked.
    """
    ends = np.concatenate([frame["u"].to_numpy(np.int64), frame["v"].to_numpy(np.int64)])
    node_id, index = np.unique(ends, return_inverse=True)
    wait = np.zeros(len(node_id))
    columns = [name for name in ("u_tags", "v_tags") if name in frame.columns]
    if len(columns) < 2:
        u, v = np.split(index.astype(np.int32), 2)
        return node_id, u, v, wait, 0
    text = pd.concat([frame["u_tags"], frame["v_tags"]], ignore_index=True)
    code, names = pd.factorize(text, use_na_sentinel=True)
    parsed = [parse_tags(str(name)) for name in names]
    blocks = np.array([node_blocks(tags, profile) for tags in parsed] + [False], np.bool_)[code]  # -1: no tags
    wait_of = np.array([node_wait_s(tags, profile) for tags in parsed] + [0.0])[code]
    np.maximum.at(wait, index, wait_of)
    cut = np.flatnonzero(blocks)
    blocked = len(np.unique(index[cut]))
    index[cut] = len(node_id) + np.arange(len(cut))
    u, v = np.split(index.astype(np.int32), 2)
    return np.concatenate([node_id, ends[cut]]), u, v, np.concatenate([wait, np.zeros(len(cut))]), blocked


def graph_from_streets(
    frame: gpd.GeoDataFrame,
    profile: Profile,
    min_component_m: float,
    barriers: gpd.GeoDataFrame | gpd.GeoSeries | None,
    source: str,
) -> tuple[Graph, dict[str, int], tuple[Fault, ...]]:
    """Build the graph of a profile.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Edges as :class:`~geoplan.sources.streets.Streets` holds them.
    profile : Profile
        The profile.
    min_component_m : float
        Components shorter than this, and than 1 % of all usable streets, are left out, metres.
    barriers : GeoDataFrame or GeoSeries, optional
        What no access leg may cross.
    source : str
        Name of the streets, for messages.

    Returns
    -------
    graph : Graph
        The graph; ``edge_source`` are rows of ``frame``.
    counts : dict
        What was used and what was left out.
    notes : tuple of Fault
        Remarks for the reader.

    Raises
    ------
    InputError
        If no street is usable by the profile.
    """
    pointer, xy, at, length = _shapes(frame)
    ways = _ways(frame, profile, length)
    usable = (ways.forward_m_s > 0) | (ways.backward_m_s > 0)
    if not usable.any():
        raise InputError(
            Fault(
                f"none of the {len(frame)} streets may be used by profile {profile.name!r}",
                "check the highway and access columns, or choose another profile",
                source,
            )
        )
    rows = np.flatnonzero(usable)
    kept = frame.iloc[rows]
    node_id, u, v, wait, blocked = _end_nodes(kept, profile)
    with np.errstate(divide="ignore", invalid="ignore"):
        forward = np.where(ways.forward_m_s > 0, length / ways.forward_m_s, np.inf)[rows]
        backward = np.where(ways.backward_m_s > 0, length / ways.backward_m_s, np.inf)[rows]
    node_xy = np.zeros((len(node_id), 2))
    node_xy[u], node_xy[v] = xy[pointer[rows]], xy[pointer[rows + 1] - 1]
    snaps = ways.snaps[rows]
    forward, backward = _boarding(len(node_id), u, v, ways.ferry[rows], forward, backward, profile.ferry_wait_s)
    if profile.junction_wait_s > 0:
        street_count = np.bincount(u, minlength=len(node_id)) + np.bincount(v, minlength=len(node_id))
        wait = np.where((wait == 0) & (street_count > 2), profile.junction_wait_s, wait)
    main, dropped, dropped_m = _main_components(len(node_id), u, v, length[rows], min_component_m)
    every = Edges(u, v, forward, backward, length[rows], snaps, rows, *_part(pointer, xy, at, rows))
    edges = join_chains(every.take(np.flatnonzero(main)), wait)
    nodes, index = np.unique(np.concatenate([edges.u, edges.v]), return_inverse=True)
    ends = np.split(index.astype(np.int32), 2)
    walls = walls_of(frame, usable, barriers)
    graph = build_graph(node_xy[nodes], node_id[nodes], edges.between(*ends), wait[nodes], walls)
    counts = {
        "edges_read": len(frame),
        "edges_usable": int(usable.sum()),
        "edges_closed": int((~usable).sum()),
        "nodes_blocked": blocked,
        "components_dropped": dropped,
        "metres_dropped": round(dropped_m),
        "nodes": graph.n_nodes,
        "edges": graph.n_edges,
        "metres": round(float(graph.edge_length_m.sum())),
        "components": int(graph.node_component.max()) + 1,
    }
    return graph, counts, ()


def _part(pointer: Long, xy: Float, at: Float, rows: Long) -> tuple[Long, Float, Float]:
    """Shapes of some rows: pointers, positions, fractions."""
    sizes = np.diff(pointer)[rows]
    points = gathered(pointer[rows], sizes)
    return pointers(sizes), xy[points], at[points]


def _boarding(
    n: int, u: Int, v: Int, ferry: Flag, forward: Float, backward: Float, wait_s: float
) -> tuple[Float, Float]:
    """Add the mean wait before boarding where a ferry leaves a node that streets lead to."""
    if not ferry.any() or wait_s == 0:
        return forward, backward
    on_land = np.zeros(n, np.bool_)
    on_land[u[~ferry]] = on_land[v[~ferry]] = True
    return forward + wait_s * (ferry & on_land[u]), backward + wait_s * (ferry & on_land[v])


def _main_components(n: int, u: Int, v: Int, length_m: Float, min_component_m: float) -> tuple[Flag, int, float]:
    """Tell which edges lie in components worth keeping; also how many components, and metres, are left out."""
    label = components(n, u, v, length_m)[u]
    total = np.bincount(label, weights=length_m)
    small = (total < min_component_m) & (total < 0.01 * total.sum())
    keep: Flag = ~small[label]
    return keep, int((small & (total > 0)).sum()), float(total[small].sum())


def graph_from_edges(xy: Any, edges: Any, seconds: Any, length_m: Any, directed: bool, geographic: bool) -> Graph:
    """Build a graph from plain arrays, checked; see :meth:`geoplan.network.StreetNetwork.from_edges`."""
    node_xy = np.array(xy, np.float64, ndmin=2)
    pairs = np.array(edges)
    if pairs.size == 0:
        pairs = np.zeros((0, 2), np.int64)
    if node_xy.ndim != 2 or node_xy.shape[1] != 2:
        raise InputError(f"xy has shape {node_xy.shape}; give one row (x, y) for each node")
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise InputError(f"edges have shape {pairs.shape} and type {pairs.dtype}; give rows of two node numbers")
    n, m = len(node_xy), len(pairs)
    if n == 0 or m == 0:
        raise InputError(f"a network needs nodes and edges, but {n} nodes and {m} edges are given")
    if not np.isfinite(node_xy).all():
        raise InputError(f"node {int(np.argmin(np.isfinite(node_xy).all(axis=1)))} has no finite position")
    if pairs.min() < 0 or pairs.max() >= n:
        raise InputError(f"edges name nodes {pairs.min()}…{pairs.max()}, but nodes are numbered 0…{n - 1}")
    forward, backward = _both_ways(seconds, m, directed)
    u, v = pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
    a, b = node_xy[u], node_xy[v]
    straight = ellipsoid_length_m(a[:, 0], a[:, 1], b[:, 0], b[:, 1]) if geographic else np.hypot(*(b - a).T)
    length = straight if length_m is None else np.array(length_m, np.float64)
    if length.shape != (m,) or not (np.isfinite(length) & (length >= 0)).all():
        raise InputError("length_m must hold one length in metres, from 0 up, for each edge")
    shapes = np.arange(0, 2 * m + 1, 2, dtype=np.int64), np.stack([a, b], axis=1).reshape(-1, 2), np.tile([0.0, 1.0], m)
    every = Edges(u, v, forward, backward, length, np.ones(m, np.bool_), np.arange(m), *shapes)
    nothing = build_walls(np.zeros((0, 2)), np.zeros(0, np.int64))
    return build_graph(node_xy, np.arange(n, dtype=np.int64), every, np.zeros(n), nothing)


def _both_ways(seconds: Any, m: int, directed: bool) -> tuple[Float, Float]:
    time = np.array(seconds, np.float64)
    if time.shape not in ((m,), (m, 2)):
        raise InputError(f"seconds have shape {time.shape}; give ({m},), or ({m}, 2) for both directions")
    if np.isnan(time).any() or (time < 0).any():
        bad = int(np.argmax((np.isnan(time) | (time < 0)).reshape(m, -1).any(axis=1)))
        raise InputError(f"edge {bad} takes {time[bad]} seconds; give times from 0 up (inf closes a direction)")
    if time.ndim == 2:
        return time[:, 0].copy(), time[:, 1].copy()
    return time, (np.full(m, np.inf) if directed else time.copy())
