"""What streets run into: the edge of the land, canals that only bridges cross, motorways that large roads pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.demo.blocks import Plan, polylines
from geoplan.demo.canals import straight_pieces, to_banks
from geoplan.demo.ground import Ground
from geoplan.demo.linking import parts, reconnect
from geoplan.demo.plane import stream

__all__ = ["CutPlan", "cut_plan"]

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

# chance that a street of each class has a bridge where it meets a canal (by canal width), or passes under a motorway
_BRIDGE_WIDE: Final = np.array([1.0, 0.95, 0.75, 0.22, 0.03, 0.01, 0.04])
_BRIDGE_NARROW: Final = np.array([1.0, 1.0, 0.95, 0.62, 0.22, 0.08, 0.15])
_UNDERPASS: Final = np.array([1.0, 1.0, 1.0, 0.85, 0.25, 0.05, 0.10])
_WIDE_M: Final = 40.0
_LOST_LINKS: Final = 0.035  # share of residential edges that do not exist
_ISLANDS: Final = 5  # small groups of streets left without a link, as in real extracts
_ISLAND_NODES: Final = (4, 40)
_SCRAP_NODES: Final = 14


@dataclass(frozen=True, slots=True)
class CutPlan:
    """A street plan after water and motorways: the edges that exist, merged between junctions.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Node positions, metres of the drawing plane, shape (n, 2).
    u, v : numpy.ndarray of int32
        End nodes of each street edge, shape (e,).
    cut : numpy.ndarray of int32
        Street of each edge, shape (e,).
    bridge : numpy.ndarray of bool
        Edges that cross water, shape (e,).
    vertices : numpy.ndarray of float64
        Vertices of all edges, shape (total, 2).
    owner : numpy.ndarray of int64
        Edge of each vertex, ascending, shape (total,).
    rank, gated : numpy.ndarray
        By street, as in :class:`~geoplan.demo.blocks.Plan`.
    junctions : int
        Nodes where other than two edges meet.
    """

    xy: Float
    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    cut: npt.NDArray[np.int32]
    bridge: Bool
    vertices: Float
    owner: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int8]
    gated: Bool
    junctions: int


def _meets(edges: npt.NDArray[np.object_], lines: npt.NDArray[np.object_]) -> tuple[Bool, npt.NDArray[np.int64]]:
    """Tell which edges meet any of the lines, and all pairs as (line of each hit, edge of each hit)."""
    hit = np.zeros(len(edges), bool)
    if not len(lines):
        return hit, np.empty((2, 0), np.int64)
    pieces, owner = straight_pieces(lines)
    edge, piece = shapely.STRtree(pieces).query(edges, predicate="intersects")
    hit[edge] = True
    return hit, np.stack([owner[piece], edge])


def _dry(ground: Ground, xy: Float, pointer: npt.NDArray[np.int64]) -> Bool:
    """Tell which edges lie on the land with all their vertices."""
    shapely.prepare(ground.land)
    wet = ~shapely.contains_xy(ground.land, xy[:, 0], xy[:, 1])
    return np.asarray(np.add.reduceat(wet.astype(np.int64), pointer[:-1]) == 0)


def _islands(part: npt.NDArray[np.int32], size: npt.NDArray[np.int64], rng: np.random.Generator) -> Bool:
    """Choose a few small components that stay unlinked; returns a mark for each node."""
    fit = np.flatnonzero((size >= _ISLAND_NODES[0]) & (size <= _ISLAND_NODES[1]))
    chosen = rng.permutation(fit)[:_ISLANDS]
    return np.asarray(np.isin(part, chosen))


def cut_plan(plan: Plan, ground: Ground, seed: int, copy: int) -> CutPlan:
    """Take away the edges that water, motorways or chance forbid, and link again what fell apart.

    Edges of one street are merged where nothing else joins, so that every node is a crossing, an end or a change.
    """
    xy, pointer = polylines(plan)
    straight = xy
    plan = replace(plan, xy=to_banks(ground, plan.xy))
    xy = to_banks(ground, xy)
    xy[pointer[:-1]], xy[pointer[1:] - 1] = plan.xy[plan.u], plan.xy[plan.v]
    n, e = len(plan.xy), len(plan.u)
    draw = stream(seed, "missing", copy).random((e, 2))
    rank = plan.rank[plan.cut]
    dry = _dry(ground, xy, pointer)
    owner = np.repeat(np.arange(e), np.diff(pointer))
    lines = np.full(e, None, dtype=object)
    on_land = dry[owner]
    lines[dry] = shapely.linestrings(xy[on_land], indices=(np.cumsum(dry) - 1)[owner[on_land]])

    canals = ground.canals.geometry.to_numpy()
    bridge, pairs = _meets(lines, canals)
    wide = np.zeros(e, bool)
    wide[pairs[1][ground.canals["width_m"].to_numpy()[pairs[0]] >= _WIDE_M]] = True
    under, _ = _meets(lines, ground.roads.geometry[ground.roads["kind"] == "motorway"].to_numpy())
    # what crosses goes straight across; only its ends stay on the banks
    over = bridge[owner]
    over[pointer[:-1]] = over[pointer[1:] - 1] = False
    xy = np.where(over[:, None], straight, xy)
    keep = dry.copy()
    keep &= ~bridge | (draw[:, 0] < np.where(wide, _BRIDGE_WIDE[rank], _BRIDGE_NARROW[rank]))
    keep &= ~under | (draw[:, 0] < _UNDERPASS[rank])
    keep &= (rank != 4) | (draw[:, 1] >= _LOST_LINKS)

    spare = np.flatnonzero(dry & ~keep)
    spare = spare[np.lexsort((spare, rank[spare]))]
    part = parts(n, plan.u, plan.v, keep)
    keep[reconnect(part, plan.u, plan.v, spare[~bridge[spare]], np.zeros(n, bool))] = True
    part = parts(n, plan.u, plan.v, keep)
    size = np.bincount(part)
    lonely = _islands(part, size, stream(seed, "islands", copy))
    # nobody builds a bridge for a scrap of land: small pieces that only a bridge would link disappear
    keep[reconnect(part, plan.u, plan.v, spare, lonely | (size[part] < _SCRAP_NODES))] = True
    part = parts(n, plan.u, plan.v, keep)
    size = np.bincount(part)
    stays = (size[part] >= 0.01 * size.max()) | lonely
    keep &= stays[plan.u]
    return _merge(plan, keep, bridge, xy, pointer)


def _merge(plan: Plan, keep: Bool, bridge: Bool, xy: Float, pointer: npt.NDArray[np.int64]) -> CutPlan:
    """Merge consecutive edges of one street where nothing else joins."""
    n = len(plan.xy)
    u, v, cut, over = plan.u[keep], plan.v[keep], plan.cut[keep], bridge[keep]
    degree = np.bincount(u, minlength=n) + np.bincount(v, minlength=n)
    starts = np.ones(len(u), bool)
    starts[1:] = (cut[1:] != cut[:-1]) | (u[1:] != v[:-1]) | (degree[u[1:]] != 2) | (over[1:] != over[:-1])
    run = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(u)) - 1
    count = np.diff(pointer)[keep]
    edge = np.repeat(np.arange(len(u)), count)
    inside = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    taken = (inside > 0) | starts[edge]
    vertices = xy[np.repeat(keep, np.diff(pointer))][taken]
    junctions = int(((degree > 0) & (degree != 2)).sum())
    used, packed = np.unique(np.concatenate([u[first], v[last]]), return_inverse=True)
    nodes: npt.NDArray[np.int32] = packed.astype(np.int32)
    return CutPlan(
        xy=plan.xy[used],
        u=nodes[: len(first)],
        v=nodes[len(first) :],
        cut=cut[first],
        bridge=over[first],
        vertices=vertices,
        owner=run[edge[taken]],
        rank=plan.rank,
        gated=plan.gated,
        junctions=junctions,
    )
