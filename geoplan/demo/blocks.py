"""The bare street plan: the land is cut into blocks, block by block, and every cut is a street.

Cutting (instead of, say, growing roads) gives what a street network has: a hierarchy in which long roads come first and
side streets end on them, T-junctions and crossings, blocks whose size follows density, superblocks with few gates; and
it is a planar graph by construction, with no geometry to intersect. A smooth warp of the plane then bends everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.demo import kernels
from geoplan.demo.field import CELL_M, Field, node_share
from geoplan.demo.ground import Ground
from geoplan.demo.plane import stream

__all__ = ["CLASSES", "Plan", "draw_plan", "polylines"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int32]

CLASSES: Final = ("trunk", "primary", "secondary", "tertiary", "residential", "service", "footway")
_FROM_SIZE_M: Final = (9000.0, 3600.0, 1700.0, 700.0)  # a block larger than this is cut by a trunk, primary, … road
_WAVES_M: Final = np.array([32000.0, 14000.0, 4500.0, 1400.0, 420.0])
_HEIGHTS_M: Final = np.array([3400.0, 1200.0, 350.0, 85.0, 18.0])
_VERTEX_EVERY_M: Final = 90.0
_MARGIN_M: Final = 5500.0  # more than the warp can move a point


@dataclass(frozen=True, slots=True)
class Plan:
    """A planar street plan before water and motorways cut it.

    Parameters
    ----------
    base : numpy.ndarray of float64
        Node positions before the warp, metres, shape (n, 2).
    xy : numpy.ndarray of float64
        Node positions in the drawing plane, metres, shape (n, 2).
    u, v : numpy.ndarray of int32
        Nodes of each edge, in chain order, shape (e,).
    cut : numpy.ndarray of int32
        Street (cut) of each edge; edges of one street are adjacent in order, shape (e,).
    rank : numpy.ndarray of int8
        Position in :data:`CLASSES` of each street, shape (cuts,).
    gated : numpy.ndarray of bool
        Streets inside a gated superblock, shape (cuts,).
    key : numpy.uint64
        Key of the warp.
    """

    base: Float
    xy: Float
    u: Int
    v: Int
    cut: Int
    rank: npt.NDArray[np.int8]
    gated: npt.NDArray[np.bool_]
    key: np.uint64


def _warp(xy: Float, key: np.uint64) -> Float:
    return np.asarray(kernels.warp(np.ascontiguousarray(xy), key, _WAVES_M, _HEIGHTS_M))


def _unwarp(xy: Float, key: np.uint64) -> Float:
    """Invert the warp by fixed-point iteration."""
    base = xy.copy()
    for _ in range(30):
        base = base + (xy - _warp(base, key))
    return base


def _leaf_table(field: Field, key: np.uint64, x0: float, y0: float, shape: tuple[int, int]) -> Float:
    """Return the summed-area table of the wanted share of blocks, on a raster of the unwarped plane."""
    n_y, n_x = shape
    x, y = x0 + (np.arange(n_x) + 0.5) * CELL_M, y0 + (np.arange(n_y) + 0.5) * CELL_M
    warped = _warp(np.stack([np.tile(x, n_y), np.repeat(y, n_x)], axis=1), key)
    rows, columns = field.people.shape
    inside = (warped[:, 0] > field.x0) & (warped[:, 0] < field.x0 + columns * CELL_M)
    inside &= (warped[:, 1] > field.y0) & (warped[:, 1] < field.y0 + rows * CELL_M)
    wanted = np.where(inside, field.at(node_share(field), warped), 0.0).reshape(shape)
    table = np.zeros((n_y + 1, n_x + 1))
    table[1:, 1:] = np.cumsum(np.cumsum(wanted, axis=0), axis=1)
    return table


def _ranks(size_m: Float, estate: Int, first: npt.NDArray[np.bool_], draw: Float) -> npt.NDArray[np.int8]:
    rank = np.full(len(size_m), 4, np.int8)
    for code in (3, 2, 1, 0):
        rank[size_m > _FROM_SIZE_M[code]] = code
    inner = estate >= 0
    rank[inner] = np.where(draw[inner] < 0.6, 6, 5)
    rank[inner & first] = 5
    return rank


def _kept_ends(
    rank: npt.NDArray[np.int8], estate: Int, parent: Int, rural: npt.NDArray[np.bool_], draw: Float
) -> npt.NDArray[np.bool_]:
    """Decide which ends of each street join the street they run into; at least one end always does."""
    inner = estate >= 0
    mother = np.where(parent >= 0, estate[np.maximum(parent, 0)], -2)
    at_gate = inner[:, None] & (mother != estate[:, None])
    lost = np.choose(np.minimum(rank, 4), [0.0, 0.0, 0.01, 0.025, 0.085])[:, None] * np.where(rural, 1.8, 1.0)[:, None]
    lost = np.where(inner[:, None], np.where(at_gate, 0.62, 0.03), lost)
    keep = draw[:, :2] >= lost
    neither = ~keep.any(axis=1)
    # where both ends are lost, an end on a street of the same estate is kept rather than a gate
    keep[neither, np.where(at_gate[:, 0] & ~at_gate[:, 1], 1, 0)[neither]] = True
    return np.asarray(keep)


def draw_plan(ground: Ground, field: Field, leaves: float, seed: int, copy: int) -> Plan:
    """Draw the bare street plan.

    Parameters
    ----------
    ground, field
        Where towns and people are.
    leaves : float
        Number of blocks wanted on the land.
    seed, copy : int
        The same pair gives the same plan.
    """
    key = np.uint64(stream(seed, "warp", copy).integers(1, 2**62))
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(ground.districts.geometry.to_numpy()))
    x0, y0, x1, y1 = x0 - _MARGIN_M, y0 - _MARGIN_M, x1 + _MARGIN_M, y1 + _MARGIN_M
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    shape = int((y1 - y0) / CELL_M) + 1, int((x1 - x0) / CELL_M) + 1
    table = _leaf_table(field, key, x0, y0, shape)
    wells = _unwarp(np.concatenate([ground.towns[["x", "y"]].to_numpy(), ground.metro[["x", "y"]].to_numpy()]), key)
    cuts = kernels.subdivide(
        np.uint64(stream(seed, "blocks", copy).integers(1, 2**62)),
        corners,
        table * leaves,
        x0,
        y0,
        CELL_M,
        1.0,
        np.ascontiguousarray(wells.reshape(-1, 2)),
        int(leaves * 3) + 2000,
    )
    ends, parent, at, size_m, load, estate = cuts
    m = len(ends)
    draw = stream(seed, "ends", copy).random((m, 5))
    rural = load < 30e-6  # fewer than 30 blocks per km²
    rank = _ranks(size_m, estate, estate == np.arange(m), draw[:, 2])
    keep = _kept_ends(rank, estate, parent, rural, draw)
    length = np.sqrt((ends[:, 2] - ends[:, 0]) ** 2 + (ends[:, 3] - ends[:, 1]) ** 2)
    pull_m = np.minimum(12.0 + 60.0 * draw[:, 3:5], 0.4 * length[:, None]) * np.where(rural, 2.5, 1.0)[:, None]
    snap_m = np.clip(0.2 * size_m, 8.0, 160.0)
    half = np.flatnonzero((parent.ravel() >= 0) & keep.ravel())
    on = parent.ravel()[half]
    order = half[np.lexsort((half, at.ravel()[half], on))]
    pointer = np.zeros(m + 1, np.int64)
    pointer[1:] = np.cumsum(np.bincount(on, minlength=m))
    base, u, v, cut = kernels.join(ends, at, pointer, order, keep, pull_m, snap_m)
    return Plan(base, _warp(base, key), u, v, cut, rank, estate >= 0, key)


def polylines(plan: Plan) -> tuple[Float, npt.NDArray[np.int64]]:
    """Return the bent course of every edge as flat vertices.

    Returns
    -------
    xy : numpy.ndarray of float64
        Vertices of all edges one after the other, metres of the drawing plane, shape (total, 2).
    pointer : numpy.ndarray of int64
        Start of each edge's vertices, shape (e + 1,).
    """
    a, b = plan.base[plan.u], plan.base[plan.v]
    d = b - a
    length = np.sqrt(d[:, 0] ** 2 + d[:, 1] ** 2)
    count = 2 + np.minimum((length / _VERTEX_EVERY_M).astype(np.int64), 60)
    pointer = np.zeros(len(count) + 1, np.int64)
    pointer[1:] = np.cumsum(count)
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(pointer[-1]) - pointer[edge]
    fraction = step / (count[edge] - 1)
    xy = _warp(a[edge] + fraction[:, None] * d[edge], plan.key)
    xy[pointer[:-1]] = plan.xy[plan.u]
    xy[pointer[1:] - 1] = plan.xy[plan.v]
    return xy, pointer
