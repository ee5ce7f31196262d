"""Demand: outdoor workers by trade, at places along the streets where they work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geoplan import facts
from geoplan.demo.barriers import CutPlan
from geoplan.demo.canals import wet
from geoplan.demo.field import Field
from geoplan.demo.ground import Ground
from geoplan.demo.plane import stream, to_lonlat
from geoplan.demo.sampling import shares_to_counts, spread

__all__ = ["Frontage", "demand_table", "frontage", "nearest_town", "sites_along"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

POINTS_PER_RESIDENT: Final = 43_500 / 7_462_135
_BY_CLASS: Final = np.array([0.5, 1.3, 1.8, 2.0, 1.0, 0.45, 0.35])  # work per metre of street, by class


@dataclass(frozen=True, slots=True)
class Frontage:
    """The straight pieces of all streets, as places where people, stations and hosts can be.

    Parameters
    ----------
    start, along : numpy.ndarray of float64
        Start and direction (not normalised) of each piece, metres of the drawing plane, shape (k, 2).
    length_m : numpy.ndarray of float64
        Shape (k,).
    edge : numpy.ndarray of int64
        Street edge of each piece, shape (k,).
    rank : numpy.ndarray of int8
        Class of the street, position in :data:`~geoplan.demo.blocks.CLASSES`, shape (k,).
    district : numpy.ndarray of int8
        Position in ``ground.districts``, -1 outside, shape (k,).
    work, people : numpy.ndarray of float64
        Share of the cell's work and residents that falls to the piece, shape (k,).
    """

    start: Float
    along: Float
    length_m: Float
    edge: Int
    rank: npt.NDArray[np.int8]
    district: npt.NDArray[np.int8]
    work: Float
    people: Float


def frontage(plan: CutPlan, field: Field) -> Frontage:
    """Spread each raster cell's work and residents over the street pieces in it, by length and class."""
    same = np.flatnonzero(plan.owner[1:] == plan.owner[:-1])
    start, along = plan.vertices[same], plan.vertices[same + 1] - plan.vertices[same]
    length = np.sqrt((along**2).sum(axis=1))
    edge = plan.owner[same]
    rank = plan.rank[plan.cut[edge]]
    middle = start + 0.5 * along
    cell = field.at(np.arange(field.people.size).reshape(field.people.shape), middle).astype(np.int64)
    front = length * _BY_CLASS[rank] * ~plan.bridge[edge]
    total = np.bincount(cell, weights=front, minlength=field.people.size)
    share = front / np.maximum(total[cell], 1e-9)
    return Frontage(
        start, along, length, edge, rank, field.district.ravel()[cell],
        share * field.work.ravel()[cell], share * field.people.ravel()[cell],
    )  # fmt: skip


def sites_along(
    ground: Ground, front: Frontage, pieces: Int, rng: np.random.Generator, off_m: tuple[float, float]
) -> Float:
    """Return one position beside each given street piece, shape (n, 2).

    It is at a random place along the piece and off its middle line by a random distance between the two of ``off_m``,
    on a random side; where that side is water, on the other; where both are, on the street.
    """
    place, off, side = rng.random(len(pieces)), rng.random(len(pieces)), rng.integers(0, 2, len(pieces))
    along, length = front.along[pieces], np.maximum(front.length_m[pieces], 1e-9)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    away = ((off_m[0] + (off_m[1] - off_m[0]) * off) * np.where(side == 0, -1.0, 1.0))[:, None]
    street = front.start[pieces] + place[:, None] * along
    xy = street + away * normal
    for instead in (street - away * normal, street):
        bad = np.flatnonzero(wet(ground, xy))
        xy[bad] = instead[bad]
    return np.asarray(xy)


def nearest_town(ground: Ground, xy: Float, district: npt.NDArray[np.int8]) -> Int:
    """Return the row of ``ground.towns`` nearest to each point in its own district, -1 where the district has none."""
    town = np.full(len(xy), -1, np.int64)
    code_of_town = ground.towns["district_code"].to_numpy()
    for row, code in enumerate(ground.districts["district_code"]):
        mine, there = np.flatnonzero(district == row), np.flatnonzero(code_of_town == code)
        if len(mine) and len(there):
            _, hit = cKDTree(ground.towns[["x", "y"]].to_numpy()[there]).query(xy[mine])
            town[mine] = there[hit]
    return town


def _tilt(front: Frontage, trade: str) -> Float:
    """Return how much more or less a trade is found at a piece of street than outdoor work as a whole."""
    if trade == "courier":  # where people live
        return np.asarray(front.people + 0.3 * front.work)
    if trade == "ride_hail":  # on larger roads
        return np.asarray(front.work * np.array([1.6, 1.8, 1.6, 1.2, 0.8, 0.4, 0.2])[front.rank])
    if trade == "sanitation":  # along all streets, evenly
        by_class = np.array([2.0, 2.0, 1.8, 1.3, 0.9, 0.5, 0.5])[front.rank]
        return np.asarray((0.5 * front.work + 0.5 * front.people) * by_class)
    return front.work


def demand_table(ground: Ground, field: Field, front: Frontage, seed: int, copy: int) -> pd.DataFrame:
    """Return demand points with whole workers by trade.

    In every district the workers are 1.1 % of its residents inside the area, rounded to a whole number; they are split
    over the trades, and each trade over the points, so that all sums are exact. Points without a worker are left out.

    Returns
    -------
    pandas.DataFrame
        ``demand_id, lon, lat, district_code, town_code, workers, workers_<trade>…, origin``.
    """
    rng = stream(seed, "demand", copy)
    share = facts.figure("outdoor_worker_share")
    trades = facts.trade_shares()
    parts = []
    for row in range(len(ground.districts)):
        mine = np.flatnonzero(front.district == row)
        residents = math.fsum(field.people[field.district == row])
        if not len(mine) or residents <= 0:
            continue
        spots = spread(front.work[mine], max(8, round(residents * POINTS_PER_RESIDENT)), rng.random())
        pieces = np.repeat(mine, spots)
        xy = sites_along(ground, front, pieces, rng, (4.0, 28.0))
        table = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "district": row})
        counts = shares_to_counts(trades["share"], round(residents * share))
        base = np.maximum(front.work[pieces], 1e-12)
        for trade, total in zip(trades["trade"], counts, strict=True):
            weight = _tilt(front, trade)[pieces] / base
            shuffled = rng.permutation(len(pieces))
            drawn = np.zeros(len(pieces), np.int64)
            drawn[shuffled] = spread(np.ascontiguousarray(weight[shuffled]), int(total), rng.random())
            table[f"workers_{trade}"] = drawn
        table.insert(3, "workers", table[[f"workers_{t}" for t in trades["trade"]]].sum(axis=1))
        parts.append(table[table["workers"] > 0])
    every = pd.concat(parts, ignore_index=True)
    xy = every[["x", "y"]].to_numpy()
    town = nearest_town(ground, xy, every["district"].to_numpy())
    lonlat = to_lonlat(xy)
    prefix = "D" if copy == 0 else f"D{copy:02d}-"
    return pd.DataFrame(
        {
            "demand_id": [f"{prefix}{k:06d}" for k in range(1, len(every) + 1)],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "district_code": ground.districts["district_code"].to_numpy()[every["district"]],
            "town_code": np.append(ground.towns["town_code"].to_numpy(dtype=object), "")[town],
            **{c: every[c].to_numpy() for c in every.columns if c.startswith("workers")},
            "origin": "demonstration",
        }
    )
