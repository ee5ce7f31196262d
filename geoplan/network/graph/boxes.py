"""A spatial index over segments: boxes around runs of segments, boxes around runs of boxes, up to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.network.graph.ordering import gathered, hilbert_order

__all__ = ["FAN", "Walls", "build_boxes", "build_walls"]

Float = npt.NDArray[np.float64]

FAN: Final = 16  # children of a box


@dataclass(frozen=True, slots=True)
class Walls:
    """Lines that no access leg may cross - shores, closed motorways - with a spatial index.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Points of the lines, one line after the other, shape (k, 2).
    line : numpy.ndarray of int32
        Line of each point, shape (k,).
    boxes : numpy.ndarray of float64
        Spatial index, shape (b, 4).
    level : numpy.ndarray of int64
        First box of each level.
    """

    xy: Float
    line: npt.NDArray[np.int32]
    boxes: Float
    level: npt.NDArray[np.int64]


def build_boxes(xy: Float, real: npt.NDArray[np.bool_]) -> tuple[Float, npt.NDArray[np.int64]]:
    """Build the index over the segments from each point to the next.

    Segments lie in storage order, which follows the Hilbert curve, so runs are compact without sorting.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Points, shape (k, 2).
    real : numpy.ndarray of bool
        Whether the step from a point to the next is a segment to index, shape (k - 1,).

    Returns
    -------
    boxes : numpy.ndarray of float64
        Min x, min y, max x, max y; inverted to infinity where there is nothing; shape (b, 4).
    level : numpy.ndarray of int64
        First box of each level from the segments up; the last entry is b.
    """
    low = np.where(real[:, None], np.minimum(xy[:-1], xy[1:]), np.inf)
    high = np.where(real[:, None], np.maximum(xy[:-1], xy[1:]), -np.inf)
    levels: list[Float] = []
    while not levels or len(low) > 1:
        room = max(-(-len(low) // FAN), 1) * FAN - len(low)
        low = np.pad(low, ((0, room), (0, 0)), constant_values=np.inf).reshape(-1, FAN, 2).min(axis=1)
        high = np.pad(high, ((0, room), (0, 0)), constant_values=-np.inf).reshape(-1, FAN, 2).max(axis=1)
        levels.append(np.hstack([low, high]))
    first = np.cumsum([0, *(len(boxes) for boxes in levels)]).astype(np.int64)
    return np.vstack(levels), first


def build_walls(xy: Float, line: npt.NDArray[np.integer]) -> Walls:
    """Index lines given as points (k, 2) and the line number of each point, rising."""
    if len(xy) == 0:
        return Walls(np.zeros((0, 2)), np.zeros(0, np.int32), np.zeros((0, 4)), np.zeros(1, np.int64))
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    sizes = np.diff(np.r_[first, len(line)])
    order = hilbert_order(xy[first])
    points = np.ascontiguousarray(xy[gathered(first[order], sizes[order])])
    number = np.repeat(np.arange(len(first), dtype=np.int32), sizes[order])
    boxes, level = build_boxes(points, number[1:] == number[:-1])
    return Walls(points, number, boxes, level)
