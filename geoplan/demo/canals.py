"""Canals: small ones (浜) that branch off the larger, and what keeps streets and places out of the water."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan.demo import kernels
from geoplan.demo.ground import Ground
from geoplan.demo.names import canal_names
from geoplan.demo.plane import smooth, stream
from geoplan.demo.sampling import spread

__all__ = ["brooks", "push_off", "straight_pieces", "to_banks", "wet"]

Float = npt.NDArray[np.float64]

_STEP_M: Final = 240.0
_STEPS: Final = (6, 24)
_EVERY_M: Final = 1500.0  # distance of branches along a canal, and from each other


_GRID_M: Final = 400.0  # cell of the index of canal pieces
_BANK_M: Final = 9.0  # streets keep this far from the water of a canal


def straight_pieces(lines: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Split lines into their straight pieces, with the line of each, so that a spatial index is of use."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    return np.asarray(shapely.linestrings(np.stack([xy[inner], xy[inner + 1]], axis=1)), dtype=object), owner[inner]


def to_banks(ground: Ground, points: Float, beside_m: float = _BANK_M) -> Float:
    """Move points that lie in a canal, or closer than some metres to its water, straight away from its middle.

    Parameters
    ----------
    ground : Ground
    points : numpy.ndarray of float64
        Metres of the drawing plane, shape (n, 2).
    beside_m : float
        Distance from the water that points keep, metres.

    Returns
    -------
    numpy.ndarray of float64
        Shape (n, 2). Beside two canals the nearer one counts, so that a point may stay near the other.
    """
    lines = ground.canals.geometry.to_numpy()
    moved = points.copy()
    if not len(lines):
        return moved
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    half = (0.5 * ground.canals["width_m"].to_numpy(np.float64) + beside_m)[owner[inner]]
    push_off(moved, xy[inner], xy[inner + 1], half, _GRID_M)
    return moved


def push_off(points: Float, start: Float, end: Float, half_m: Float, cell_m: float) -> None:
    """Move points, in place, that lie closer than ``half_m`` to straight pieces straight out to that distance.

    Parameters
    ----------
    points : numpy.ndarray of float64
        Metres, shape (n, 2).
    start, end : numpy.ndarray of float64
        Ends of the pieces, metres, shape (k, 2).
    half_m : numpy.ndarray of float64
        Half the width kept clear around each piece, metres, shape (k,).
    cell_m : float
        Cell of the grid in which pieces are looked up, metres.
    """
    low, high = np.minimum(start, end) - half_m[:, None], np.maximum(start, end) + half_m[:, None]
    corner = low.min(axis=0)
    first, last = ((low - corner) / cell_m).astype(np.int64), ((high - corner) / cell_m).astype(np.int64)
    n_x, n_y = (int(n) + 1 for n in last.max(axis=0))
    wide, tall = (last - first + 1).T
    piece = np.repeat(np.arange(len(start)), wide * tall)
    step = np.arange(len(piece)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    cell = (first[piece, 1] + step // wide[piece]) * n_x + first[piece, 0] + step % wide[piece]
    order = np.lexsort((piece, cell))
    pointer = np.searchsorted(cell[order], np.arange(n_x * n_y + 1))
    grid = float(corner[0]), float(corner[1]), cell_m, n_x
    kernels.push_off(points, start, end, half_m, *grid, pointer, piece[order])


def wet(ground: Ground, points: Float) -> npt.NDArray[np.bool_]:
    """Tell which points lie in a canal or off the land, shape (n,)."""
    in_canal = (to_banks(ground, points, 0.0) != points).any(axis=1)
    return np.asarray(in_canal | ~shapely.contains_xy(ground.land, points[:, 0], points[:, 1]))


def _starts(ground: Ground, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return points along the larger canals and headings away from them, shapes (n, 2)."""
    lines = ground.canals.geometry.to_numpy()
    if not len(lines):
        return np.empty((0, 2)), np.empty((0, 2))
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    start, along = xy[inner], xy[inner + 1] - xy[inner]
    length = np.sqrt((along**2).sum(axis=1))
    chosen = np.repeat(np.arange(len(length)), spread(length, int(3.0 * length.sum() / _EVERY_M), rng.random()))
    at = start[chosen] + rng.random(len(chosen))[:, None] * along[chosen]
    order = rng.permutation(len(at))
    apart = kernels.spaced(at, order, np.full(len(at), 0.6 * _EVERY_M), len(at), _EVERY_M)
    side = np.where(rng.integers(0, 2, len(apart)) == 0, -1.0, 1.0)[:, None]
    away = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
    return at[apart], side * away[chosen[apart]]


def _until_water(line: Float, others: npt.NDArray[np.object_]) -> Float:
    """Cut a walk where it first meets another canal; its first step, which leaves one, does not count."""
    tail = shapely.LineString(line[1:])
    hit = others[shapely.intersects(tail, others)]
    if not len(hit):
        return line
    where = shapely.get_coordinates(shapely.intersection(tail, hit))
    step = np.atleast_1d(shapely.line_locate_point(tail, np.asarray(shapely.points(where), dtype=object)))
    nearest = int(np.argmin(step))
    keep = 2 + int(step[nearest] // _STEP_M)
    return np.concatenate([line[:keep], where[[nearest]]])


def brooks(ground: Ground, seed: int, copy: int) -> Ground:
    """Add small canals to a ground: walks of a few kilometres that turn gently and end at other water or the shore."""
    rng = stream(seed, "brooks", copy)
    start, heading = _starts(ground, rng)
    n, most = len(start), _STEPS[1] + 1
    turn = rng.random((n, most)) - 0.5
    steps = _STEPS[0] + (rng.random(n) * (_STEPS[1] - _STEPS[0])).astype(np.int64)
    xy = np.empty((n, most, 2))
    xy[:, 0] = start
    for k in range(1, most):
        heading = heading + 0.6 * turn[:, k, None] * heading[:, ::-1] * np.array([-1.0, 1.0])
        heading /= np.sqrt((heading**2).sum(axis=1))[:, None]
        xy[:, k] = xy[:, k - 1] + _STEP_M * heading
    dry = shapely.contains_xy(ground.land, xy[:, :, 0].ravel(), xy[:, :, 1].ravel()).reshape(n, most)
    steps = np.minimum(steps, np.where(dry.all(axis=1), most, np.argmin(dry, axis=1)))
    larger = ground.canals.geometry.to_numpy()
    water = np.concatenate([larger, np.full(n, None, dtype=object)])
    for row in np.flatnonzero(steps >= _STEPS[0] // 2):
        line = _until_water(xy[row, : steps[row]], water[: len(larger) + row])
        if len(line) > 2:
            water[len(larger) + row] = shapely.LineString(smooth(line, 1))
    made = [line for line in water[len(larger) :] if line is not None]
    width = np.round(12.0 + 14.0 * rng.random(len(made)))
    return replace(
        ground,
        canals=gpd.GeoDataFrame(
            {
                "name": [*ground.canals["name"], *canal_names(rng, len(made))],
                "name_en": [*ground.canals["name_en"], *[""] * len(made)],
                "kind": [*ground.canals["kind"], *["canal"] * len(made)],
                "width_m": [*ground.canals["width_m"], *width],
            },
            geometry=[*larger, *made],
        ),
    )
