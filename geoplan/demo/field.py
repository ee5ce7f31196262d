"""How people and outdoor work are spread over the ground: a raster of 200 m cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.demo import kernels
from geoplan.demo.ground import Ground
from geoplan.demo.plane import stream

__all__ = ["CELL_M", "Field", "limited", "node_share", "raise_field"]

Float = npt.NDArray[np.float64]

CELL_M: Final = 200.0


@dataclass(frozen=True, slots=True)
class Field:
    """People and work on a raster of 200 m cells; row 0 is the south.

    Parameters
    ----------
    x0, y0 : float
        South-west corner, metres of the drawing plane.
    district : numpy.ndarray of int8
        Position in ``ground.districts`` of each cell's centre, -1 in water and outside, shape (n_y, n_x).
    people : numpy.ndarray of float64
        Residents per cell.
    work : numpy.ndarray of float64
        Attraction for outdoor work per cell, no unit: only its shares within a district count.
    """

    x0: float
    y0: float
    district: npt.NDArray[np.int8]
    people: Float
    work: Float

    def at(self, layer: npt.NDArray[np.generic], xy: Float) -> npt.NDArray[np.generic]:
        """Return the cell value of a layer at points, shape (n,); points outside get the border cell."""
        n_y, n_x = layer.shape
        j = np.clip(((xy[:, 0] - self.x0) / CELL_M).astype(np.int64), 0, n_x - 1)
        i = np.clip(((xy[:, 1] - self.y0) / CELL_M).astype(np.int64), 0, n_y - 1)
        return layer[i, j]

    def centres(self) -> Float:
        """Return the centres of the cells, shape (n_y * n_x, 2), row by row."""
        n_y, n_x = self.people.shape
        x = self.x0 + (np.arange(n_x) + 0.5) * CELL_M
        y = self.y0 + (np.arange(n_y) + 0.5) * CELL_M
        return np.stack([np.tile(x, n_y), np.repeat(y, n_x)], axis=1)


def limited(field: Field, ground: Ground, part: Ground) -> Field:
    """Return a field of which only the land of a part of its ground is left; residents there keep their number."""
    centres = field.centres()
    inside = shapely.contains_xy(part.land, centres[:, 0], centres[:, 1]).reshape(field.people.shape)
    rows = {code: row for row, code in enumerate(part.districts["district_code"])}
    renumber = np.array([rows.get(code, -1) for code in ground.districts["district_code"]] + [-1], np.int8)
    district = np.where(inside, renumber[field.district], np.int8(-1))
    left = district >= 0
    return replace(
        field, district=district, people=np.where(left, field.people, 0.0), work=np.where(left, field.work, 0.0)
    )


def _villages(seed: int, land: shapely.Geometry) -> tuple[Float, Float, Float]:
    """Scatter villages over the land, about one in 2 km²: positions, weights, radii."""
    rng = stream(seed, "villages")
    x0, y0, x1, y1 = shapely.bounds(land)
    n = int((x1 - x0) * (y1 - y0) / 2.0e6)
    xy = np.stack([x0 + (x1 - x0) * rng.random(n), y0 + (y1 - y0) * rng.random(n)], axis=1)
    weight, radius = 6.0 + 10.0 * rng.random(n), 160.0 + 160.0 * rng.random(n)
    inside = shapely.contains_xy(land, xy[:, 0], xy[:, 1])
    return xy[inside], weight[inside], radius[inside]


def _floor(seed: int, xy: Float) -> Float:
    """Return how densely the open country is settled, without unit: hills and fields alternate over some kilometres."""
    key = np.uint64(stream(seed, "country").integers(1, 2**62))
    bump = (
        kernels.warp(np.ascontiguousarray(xy), key, np.array([6500.0, 2300.0]), np.array([0.7, 0.3]))[:, 0] - xy[:, 0]
    )
    return np.asarray(np.maximum(0.12, 0.5 + 0.6 * bump))


def _add_peaks(field: Field, xy: Float, for_people: Float, for_work: Float, radius_m: Float) -> None:
    """Add peaks to the layers of a field in the making, in place, each cut off at eight times its radius."""
    n_y, n_x = field.people.shape
    x, y = field.x0 + (np.arange(n_x) + 0.5) * CELL_M, field.y0 + (np.arange(n_y) + 0.5) * CELL_M
    reach = (8.0 * radius_m / CELL_M).astype(np.int64) + 1
    column, row = ((xy - (field.x0, field.y0)) // CELL_M).astype(np.int64).T
    for k in range(len(xy)):
        i = slice(max(0, row[k] - reach[k]), max(0, row[k] + reach[k] + 1))
        j = slice(max(0, column[k] - reach[k]), max(0, column[k] + reach[k] + 1))
        squared = radius_m[k] * radius_m[k]
        shape = squared / (squared + ((x[j] - xy[k, 0]) ** 2)[None, :] + ((y[i] - xy[k, 1]) ** 2)[:, None])
        shape *= shape
        field.people[i, j] += for_people[k] * shape
        field.work[i, j] += for_work[k] * shape


def raise_field(ground: Ground, seed: int) -> Field:
    """Return how people and outdoor work are spread over a ground.

    Town centres, metro stations, the old town around 三阳广场, the seats of 江阴 and 宜兴, and scattered villages are
    peaks of the form w (r² / (r² + d²))² over a rural floor; each district is then scaled to its number of residents.
    Outdoor work has the same peaks, with more weight on centres and metro stations and less on villages.
    """
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(ground.districts.geometry.to_numpy()))
    x0, y0 = np.floor(x0 / CELL_M) * CELL_M, np.floor(y0 / CELL_M) * CELL_M
    n_x, n_y = int((x1 - x0) / CELL_M) + 1, int((y1 - y0) / CELL_M) + 1
    district = np.full((n_y, n_x), -1, np.int8)
    people, work = np.zeros((n_y, n_x)), np.zeros((n_y, n_x))
    field = Field(x0, y0, district, people, work)
    centres = field.centres()
    floor = _floor(seed, centres).reshape(n_y, n_x)
    people += floor
    work += 0.35 * floor
    dry = shapely.contains_xy(ground.land, centres[:, 0], centres[:, 1])
    for row, shape in enumerate(ground.districts.geometry):
        mine = dry & shapely.contains_xy(shape, centres[:, 0], centres[:, 1])
        district.ravel()[mine] = row

    town, stop = ground.towns[["x", "y"]].to_numpy(), ground.metro[["x", "y"]].to_numpy()
    seat = ground.towns["name"].isin(["澄江街道", "宜城街道"]).to_numpy()
    core = ground.metro["name"].eq("三阳广场").to_numpy()
    village, village_weight, village_radius = _villages(seed, ground.land)
    ones = np.ones
    peaks = [  # points, weight for people, for work, radius in metres
        (town, ones(len(town)) * 26.0, ones(len(town)) * 30.0, ones(len(town)) * 950.0),
        (town[seat], ones(seat.sum()) * 55.0, ones(seat.sum()) * 70.0, ones(seat.sum()) * 2300.0),
        (stop, ones(len(stop)) * 16.0, ones(len(stop)) * 45.0, ones(len(stop)) * 600.0),
        (stop[core], ones(core.sum()) * 60.0, ones(core.sum()) * 90.0, ones(core.sum()) * 3800.0),
        (village, village_weight, village_weight * 0.35, village_radius),
    ]
    for xy, for_people, for_work, radius in peaks:
        _add_peaks(field, xy, for_people, for_work, radius)
    people[district < 0] = 0.0
    work[district < 0] = 0.0
    for row, residents in enumerate(ground.districts["population"]):
        mine = district == row
        if mine.any():
            people[mine] *= residents / math.fsum(people[mine])
            work[mine] *= residents / math.fsum(work[mine])
    return field


def node_share(field: Field) -> Float:
    """Return the share of all street nodes that each cell should hold; sums to 1 over the field.

    Nodes grow as residents to the power 7/8, taken by three square roots, which are exact on every machine.
    """
    share = np.sqrt(field.people * np.sqrt(field.people * np.sqrt(field.people)))
    return np.asarray(share / math.fsum(share.ravel()))
