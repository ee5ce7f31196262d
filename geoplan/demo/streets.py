"""From the cut street plan to the table of streets: names, tags, one-way pairs, motorways, positions in degrees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geoplan.crs import ellipsoid_length_m
from geoplan.demo.barriers import CutPlan
from geoplan.demo.blocks import CLASSES
from geoplan.demo.ground import Ground
from geoplan.demo.names import street_names
from geoplan.demo.plane import smooth, stream, to_lonlat

__all__ = ["Courses", "city_streets", "one_edge", "renumbered", "stack", "street_table"]

Float = npt.NDArray[np.float64]

_TAGS: Final = ("name", "highway", "oneway", "foot", "bicycle", "bridge", "layer", "surface", "maxspeed")
_PAIR_OFFSET_M: Final = 5.0
_PAIRED_SHARE: Final = 0.6
_CARRIAGEWAY_M: Final = 14.0
_RAMP_EVERY_M: Final = 4500.0
_RAMP_REACH_M: Final = 1500.0
_SPEED: Final = {
    "motorway": "120",
    "motorway_link": "60",
    "trunk": "80",
    "primary": "60",
    "secondary": "50",
    "tertiary": "40",
}


@dataclass(frozen=True, slots=True)
class Courses:
    """Street edges with flat vertices and tags, still in metres of the drawing plane.

    Parameters
    ----------
    u, v : numpy.ndarray of int64
        Node ids, shape (e,).
    vertices : numpy.ndarray of float64
        Shape (total, 2).
    owner : numpy.ndarray of int64
        Edge of each vertex, ascending, shape (total,).
    tags : pandas.DataFrame
        One row an edge; ``name, highway, oneway, foot, bicycle, bridge, layer, surface, maxspeed``: text or None.
    """

    u: npt.NDArray[np.int64]
    v: npt.NDArray[np.int64]
    vertices: Float
    owner: npt.NDArray[np.int64]
    tags: pd.DataFrame


def _text(n: int) -> dict[str, npt.NDArray[np.object_]]:
    return {tag: np.full(n, None, dtype=object) for tag in _TAGS}


def city_streets(plan: CutPlan, ground: Ground, seed: int, copy: int) -> Courses:
    """Give the streets of a plan names and tags, double large roads to one-way pairs, add motorways and bridges."""
    rng = stream(seed, "tags", copy)
    highway_of_cut = np.asarray(CLASSES, dtype=object)[plan.rank]
    roll = rng.random(len(plan.rank))
    highway_of_cut[(plan.rank == 4) & ~plan.gated & (roll < 0.05)] = "living_street"
    highway_of_cut[(plan.rank == 6) & (roll < 0.03)] = "steps"
    names = street_names(stream(seed, "names", copy), highway_of_cut)
    tags = _text(len(plan.u))
    highway = highway_of_cut[plan.cut]
    tags["highway"], tags["name"] = highway, names[plan.cut]
    tags["bridge"][plan.bridge], tags["layer"][plan.bridge] = "yes", "1"
    tags["surface"][:] = "asphalt"
    tags["surface"][np.isin(highway, ["footway", "steps"])] = "paving_stones"
    tags["oneway"][(highway == "residential") & (roll[plan.cut] > 0.94)] = "yes"
    for kind, speed in _SPEED.items():
        tags["maxspeed"][highway == kind] = speed
    base = Courses(
        plan.u.astype(np.int64), plan.v.astype(np.int64), plan.vertices, plan.owner, pd.DataFrame(tags, dtype=object)
    )
    paired = np.isin(plan.rank[plan.cut], [0]) & (roll[plan.cut] < _PAIRED_SHARE)
    parts = [_one_way_pairs(base, paired)]
    n = len(plan.xy)
    major = np.unique(np.concatenate([plan.u, plan.v])[np.tile(plan.rank[plan.cut] <= 3, 2)])
    area = shapely.union_all(ground.districts.geometry.to_numpy())
    for road in ground.roads.itertuples():
        made, n = (
            _motorway(road, plan.xy, major, area, n) if road.kind == "motorway" else _link(road, plan.xy, major, n)
        )
        parts.extend(made)
    return stack(parts)


def renumbered(courses: Courses, first_id: int) -> Courses:
    """Return courses whose node ids start at another number."""
    return replace(courses, u=courses.u + first_id, v=courses.v + first_id)


def one_edge(u: int, v: int, xy: Float, highway: str, name: str) -> Courses:
    """Return a single street edge."""
    return _edge(u, v, xy, _row(highway, name))


def stack(parts: list[Courses]) -> Courses:
    """Return several sets of courses as one."""
    shift = np.cumsum([0, *(len(p.u) for p in parts)])
    return Courses(
        np.concatenate([p.u for p in parts]),
        np.concatenate([p.v for p in parts]),
        np.concatenate([p.vertices for p in parts]),
        np.concatenate([p.owner + s for p, s in zip(parts, shift[:-1], strict=True)]),
        pd.concat([p.tags for p in parts], ignore_index=True),
    )


def _aside(vertices: Float, owner: npt.NDArray[np.int64], by_m: float) -> Float:
    """Move the inner vertices of lines to their right by some metres; ends stay."""
    ahead, behind = vertices.copy(), vertices.copy()
    ahead[:-1], behind[1:] = vertices[1:], vertices[:-1]
    along = ahead - behind
    length = np.sqrt((along**2).sum(axis=1))
    right = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
    end = np.ones(len(owner), bool)
    end[1:-1] = (owner[1:-1] != owner[:-2]) | (owner[1:-1] != owner[2:])
    return np.where(end[:, None], vertices, vertices + by_m * right)


def _one_way_pairs(base: Courses, paired: npt.NDArray[np.bool_]) -> Courses:
    """Replace the marked edges by two one-way edges, each bowed to its right, between the same nodes."""
    mine = paired[base.owner]
    vertices = base.vertices.copy()
    owner = base.owner[mine]
    forth = base.vertices[mine]
    vertices[mine] = _aside(forth, owner, _PAIR_OFFSET_M)
    tags = base.tags.copy()
    tags.loc[paired, "oneway"] = "yes"
    back = _aside(forth, owner, -_PAIR_OFFSET_M)[::-1]
    number = np.cumsum(paired) - 1
    back_owner = (paired.sum() - 1 - number[owner])[::-1]
    rows = np.flatnonzero(paired)[::-1]
    reverse = Courses(base.v[rows], base.u[rows], back, back_owner, tags.iloc[rows])
    return stack([Courses(base.u, base.v, vertices, base.owner, tags), reverse])


def _row(highway: str, name: str | None, **more: str) -> pd.DataFrame:
    tags: dict[str, list[str | None]] = {tag: [None] for tag in _TAGS}
    tags.update(highway=[highway], name=[name], surface=["asphalt"], maxspeed=[_SPEED.get(highway)])
    tags.update({key: [value] for key, value in more.items()})
    return pd.DataFrame(tags, dtype=object)


def _edge(u: int, v: int, xy: Float, tags: pd.DataFrame) -> Courses:
    return Courses(np.array([u], np.int64), np.array([v], np.int64), xy, np.zeros(len(xy), np.int64), tags)


def _link(road: object, nodes: Float, major: npt.NDArray[np.int32], n: int) -> tuple[list[Courses], int]:
    """Join the larger roads at both ends of a drawn line: a lake bridge, or a road round a bay."""
    line = shapely.get_coordinates(road.geometry)  # type: ignore[attr-defined]
    if len(major) < 2:
        return [], n
    _, near = cKDTree(nodes[major]).query(line[[0, -1]])
    u, v = int(major[near[0]]), int(major[near[1]])
    if u == v:
        return [], n
    bridge = road.kind == "lake_bridge"  # type: ignore[attr-defined]
    tags = _row("primary", road.name, **({"bridge": "yes", "layer": "1"} if bridge else {}))  # type: ignore[attr-defined]
    return [_edge(u, v, np.concatenate([nodes[[u]], line, nodes[[v]]]), tags)], n


def _motorway(
    road: object, nodes: Float, major: npt.NDArray[np.int32], area: shapely.Geometry, n: int
) -> tuple[list[Courses], int]:
    """Build both carriageways of a motorway on viaducts, with ramps to the larger roads.

    Only ramps touch the street network; all of it is closed to pedestrians and cyclists.
    """
    closed = {"foot": "no", "bicycle": "no", "oneway": "yes"}
    parts: list[Courses] = []
    tree = cKDTree(nodes[major]) if len(major) else None
    course = shapely.intersection(shapely.LineString(smooth(shapely.get_coordinates(road.geometry), 3)), area)  # type: ignore[attr-defined]
    for piece in shapely.get_parts(course):
        if piece.length < 2.0 * _RAMP_EVERY_M / 3.0:
            continue
        steps = max(2, int(piece.length / 300.0))
        line = shapely.get_coordinates(
            shapely.line_interpolate_point(piece, np.linspace(0, 1, steps + 1), normalized=True)
        )
        every = max(1, round(_RAMP_EVERY_M / 300.0))
        stops = sorted({*range(0, steps, every), steps})
        for side in (1.0, -1.0):
            middle = _aside(
                np.concatenate([[2 * line[0] - line[1]], line, [2 * line[-1] - line[-2]]]),
                np.zeros(len(line) + 2, np.int64),
                side * _CARRIAGEWAY_M,
            )[1:-1]
            way, marks = (middle, stops) if side > 0 else (middle[::-1], [steps - s for s in stops[::-1]])
            ids = range(n, n + len(marks))
            n += len(marks)
            for k in range(len(marks) - 1):
                tags = _row("motorway", road.name, bridge="yes", layer="2", **closed)  # type: ignore[attr-defined]
                parts.append(_edge(ids[k], ids[k + 1], way[marks[k] : marks[k + 1] + 1], tags))
            for k, mark in enumerate(marks):
                if tree is None or (0 < k < len(marks) - 1 and k % 2):
                    continue
                far, hit = tree.query(way[mark])
                if far > _RAMP_REACH_M:
                    continue
                street, ramp = int(major[hit]), _row("motorway_link", None, bridge="yes", layer="1", **closed)
                xy = np.stack([way[mark], nodes[street]])
                if k < len(marks) - 1:
                    parts.append(_edge(street, ids[k], xy[::-1], ramp))
                if k > 0:
                    parts.append(_edge(ids[k], street, xy, ramp))
    return parts, n


def street_table(courses: Courses) -> gpd.GeoDataFrame:
    """Return the streets in WGS-84: ``u, v, name, highway, …, length_m, origin, geometry``.

    ``length_m`` is measured on the ellipsoid along the rounded vertices, in metres, to the centimetre.
    """
    lonlat = to_lonlat(courses.vertices)
    owner = courses.owner
    same = np.flatnonzero(owner[1:] == owner[:-1])
    a, b = lonlat[same], lonlat[same + 1]
    pieces = ellipsoid_length_m(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    length_m = np.bincount(owner[same], weights=pieces, minlength=len(courses.u))
    table = courses.tags.copy()
    table.insert(0, "u", courses.u)
    table.insert(1, "v", courses.v)
    table["length_m"] = np.round(length_m, 2)
    table["origin"] = "demonstration"
    return gpd.GeoDataFrame(table, geometry=shapely.linestrings(lonlat, indices=owner), crs="EPSG:4326")
