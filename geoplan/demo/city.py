"""The demonstration city as one value, from a seed and a size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan import facts
from geoplan.demo.areas import key_areas
from geoplan.demo.barriers import CutPlan, cut_plan
from geoplan.demo.blocks import draw_plan
from geoplan.demo.canals import brooks
from geoplan.demo.candidates import candidate_table
from geoplan.demo.field import CELL_M, Field, limited, node_share, raise_field
from geoplan.demo.ground import Ground, moved, real_ground, to_degrees, within
from geoplan.demo.notes import assumptions
from geoplan.demo.people import demand_table, frontage
from geoplan.demo.plane import LAT0, LON0, M_PER_DEG_LAT, M_PER_DEG_LON, to_plane
from geoplan.demo.province import offsets, trunk_links
from geoplan.demo.sites import choose_candidates, choose_stations, nearest_name
from geoplan.demo.stations import station_table
from geoplan.demo.streets import Courses, city_streets, renumbered, stack, street_table
from geoplan.errors import InputError

__all__ = ["CITY_NODES", "DemoCity", "Progress", "generate"]

CITY_NODES: Final = 120_000
_LEAST_NODES: Final = 500
_ONE_CITY_MOST: Final = 180_000  # beyond this the scale test sets cities side by side
_STATIONS: Final = 889
_CANDIDATES: Final = 5_200
_LEAVES_PER_NODE: Final = 0.49
# between 广益 and 东亭, where three districts, canals and two metro lines meet: small sizes grow around it
_TOWN_CENTRE: Final = (120.345, 31.58)

Progress = Callable[[str, float], None]
Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DemoCity:
    """A generated city; every record says ``origin = "demonstration"``.

    Parameters
    ----------
    seed, nodes : int
        What was asked for.
    junctions : int
        Street nodes where other than two streets meet (crossings and ends); at least ``nodes``.
    name_zh, name_en, area_zh, area_en : str
        What the city is and which part of it was built.
    streets, districts, key_areas, water : geopandas.GeoDataFrame
        WGS-84 lines and polygons; columns as in a pack.
    towns, stations, demand, candidates, places : pandas.DataFrame
        Points with ``lon`` and ``lat`` in WGS-84 degrees; columns as in a pack.
    notes : tuple of str
        Every assumption, in Chinese.
    """

    seed: int
    nodes: int
    junctions: int
    name_zh: str
    name_en: str
    area_zh: str
    area_en: str
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    key_areas: gpd.GeoDataFrame
    towns: pd.DataFrame
    stations: pd.DataFrame
    demand: pd.DataFrame
    candidates: pd.DataFrame
    water: gpd.GeoDataFrame
    places: pd.DataFrame
    notes: tuple[str, ...]


def _silent(_: str, __: float) -> None:
    """Report nothing."""


def _town_part(ground: Ground, field: Field, share: float) -> Ground:
    """Return the ground within the circle around 东亭 that holds a share of all street nodes."""
    centre = to_plane(*_TOWN_CENTRE)
    away = ((field.centres() - centre) ** 2).sum(axis=1)
    order = np.argsort(away, kind="stable")
    held = np.cumsum(node_share(field).ravel()[order])
    radius = float(np.sqrt(away[order[np.searchsorted(held, share)]])) + CELL_M
    turn = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], float)
    corners = [turn[0], turn[1], turn[2], turn[3]]
    for _ in range(4):  # a regular polygon by halving angles, without a sine
        middle = [
            (a + b) / np.sqrt(((a + b) ** 2).sum()) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
        ]
        corners = [p for pair in zip(corners, middle, strict=True) for p in pair]
    return within(ground, shapely.Polygon(centre + radius * np.array(corners)))


def _plan(ground: Ground, field: Field, nodes: int, seed: int, copy: int) -> CutPlan:
    """Draw plans until one has at least the wanted junctions, and not many more."""
    leaves, best = nodes * _LEAVES_PER_NODE, None
    for _ in range(6):
        plan = cut_plan(draw_plan(ground, field, leaves, seed, copy), ground, seed, copy)
        if plan.junctions >= nodes and (best is None or plan.junctions < best.junctions):
            best = plan
        if best is not None and best.junctions <= 1.14 * nodes:
            break
        leaves *= 1.02 * nodes / max(plan.junctions, 1)
    if best is None:
        raise InputError(f"no street plan with {nodes} junctions fits the ground; ask for fewer nodes")
    return best


@dataclass(frozen=True, slots=True)
class _Copy:
    ground: Ground
    plan: CutPlan
    courses: Courses
    key_areas: gpd.GeoDataFrame
    demand: pd.DataFrame
    stations: pd.DataFrame
    candidates: pd.DataFrame


def _build(ground: Ground, field: Field, nodes: int, seed: int, copy: int) -> _Copy:
    """Build one city on a ground."""
    ground = brooks(ground, seed, copy)
    plan = _plan(ground, field, nodes, seed, copy)
    courses = city_streets(plan, ground, seed, copy)
    front = frontage(plan, field)
    scale = nodes / CITY_NODES
    name = courses.tags["name"].to_numpy(dtype=object)[front.edge]  # of each street piece
    stations = choose_stations(ground, front, max(5, round(_STATIONS * scale)), seed, copy)
    candidates = choose_candidates(ground, front, max(20, round(_CANDIDATES * scale)), seed, copy)

    return _Copy(
        ground,
        plan,
        courses,
        key_areas(ground, field),
        demand_table(ground, field, front, seed, copy),
        station_table(ground, stations, nearest_name(front, name, stations), seed, copy),
        candidate_table(ground, candidates, nearest_name(front, name, candidates), seed, copy),
    )


def _districts(grounds: list[Ground]) -> gpd.GeoDataFrame:
    table = pd.concat([g.districts for g in grounds], ignore_index=True)
    shapes = to_degrees(table.geometry.to_numpy())
    kept = table[["district_code", "name", "name_en", "population", "population_status"]]
    return gpd.GeoDataFrame(kept.assign(origin="demonstration"), geometry=list(shapes), crs="EPSG:4326")


def _water(grounds: list[Ground]) -> gpd.GeoDataFrame:
    columns = ["name", "name_en", "kind", "width_m", "geometry"]
    table = pd.concat([layer[columns] for g in grounds for layer in (g.lakes, g.canals)], ignore_index=True)
    shapes = to_degrees(table.geometry.to_numpy())
    return gpd.GeoDataFrame(table[columns[:-1]].assign(origin="demonstration"), geometry=list(shapes), crs="EPSG:4326")


def _lonlat(table: pd.DataFrame) -> pd.DataFrame:
    lon = np.round(LON0 + table["x"].to_numpy(np.float64) / M_PER_DEG_LON, 7)
    lat = np.round(LAT0 + table["y"].to_numpy(np.float64) / M_PER_DEG_LAT, 7)
    return table.drop(columns=["x", "y"]).assign(lon=lon, lat=lat)


def _towns(parts: list[_Copy]) -> pd.DataFrame:
    """Return the towns that any record belongs to; the centre of one at the edge of a part may lie outside it."""
    table = _lonlat(pd.concat([p.ground.towns for p in parts], ignore_index=True))
    used = {code for p in parts for layer in (p.demand, p.stations, p.candidates) for code in layer["town_code"]}
    table = table[table["town_code"].isin(used)].reset_index(drop=True)
    columns = ["town_code", "name", "name_en", "district_code", "kind", "union_unit", "lon", "lat", "position_source"]
    return table[columns].assign(origin="demonstration")


def _places(grounds: list[Ground]) -> pd.DataFrame:
    metro = _lonlat(pd.concat([g.metro for g in grounds], ignore_index=True))
    metro = metro.assign(kind="metro", name_en="")
    named = facts.places().assign(lines="", rest_point="")
    xy = to_plane(named["lon"].to_numpy(), named["lat"].to_numpy())
    area = shapely.union_all(grounds[0].districts.geometry.to_numpy())
    named = named[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    columns = ["name", "name_en", "kind", "lon", "lat", "lines", "rest_point", "source"]
    return pd.concat([metro[columns], named[columns]], ignore_index=True)


def generate(seed: int = 0, nodes: int = CITY_NODES, progress: Progress | None = None) -> DemoCity:
    """Generate the demonstration city.

    Up to 180,000 nodes the city is Wuxi: below 120,000 the part around 东亭 that holds so many nodes at the city's
    density, above it the whole of Wuxi with smaller blocks. Beyond that, for the scale test, further cities on the
    same outline are set beside it, linked by trunk roads; they are not places.

    Parameters
    ----------
    seed : int
        The same seed and size give the same city, on any machine.
    nodes : int
        Street crossings and ends wanted, 500 to 3 million and beyond. Stations, demand points and candidate sites
        follow in proportion (889, at least 40,000 and at least 5,000 at 120,000).
    progress : callable, optional
        Called with a step's name in Chinese and the share done, 0 to 1.

    Returns
    -------
    DemoCity

    Raises
    ------
    InputError
        Seed below zero or fewer than 500 nodes.
    """
    if seed < 0 or nodes < _LEAST_NODES:
        raise InputError(f"the demonstration city needs a seed of 0 or more and at least {_LEAST_NODES} nodes")
    tell = progress or _silent
    tell("地形与人口", 0.0)
    whole = real_ground()
    field = raise_field(whole, seed)
    shifts = [(0.0, 0.0)]
    if nodes < CITY_NODES:
        grounds = [_town_part(whole, field, nodes / CITY_NODES)]
        field = limited(field, whole, grounds[0])
    else:
        copies = 1 if nodes <= _ONE_CITY_MOST else round(nodes / CITY_NODES)
        shifts = offsets(whole, copies)
        grounds = [moved(whole, copy, *shift) for copy, shift in enumerate(shifts)]
    each = -(-nodes // len(grounds))
    parts: list[_Copy] = []
    for copy, (ground, (dx, dy)) in enumerate(zip(grounds, shifts, strict=True)):
        tell("街道、服务点与劳动者", (0.05 + 0.85 * copy / len(grounds)))
        parts.append(_build(ground, replace(field, x0=field.x0 + dx, y0=field.y0 + dy), each, seed, copy))
    tell("整理图层", 0.9)
    size = np.cumsum([0, *(int(max(p.courses.u.max(), p.courses.v.max())) + 1 for p in parts)])
    shifted = [renumbered(p.courses, int(s)) for p, s in zip(parts, size[:-1], strict=True)]
    if len(parts) > 1:
        shifted.append(trunk_links([p.plan for p in parts], size))
    grounds = [p.ground for p in parts]
    name_zh = "示例无锡" if nodes >= CITY_NODES else "示例无锡（局部）"
    area_zh, area_en = _area(nodes, len(parts))
    city = DemoCity(
        seed=seed,
        nodes=nodes,
        junctions=sum(p.plan.junctions for p in parts),
        name_zh=name_zh,
        name_en="Demonstration Wuxi",
        area_zh=area_zh,
        area_en=area_en,
        streets=street_table(stack(shifted)),
        districts=_districts(grounds),
        key_areas=pd.concat([p.key_areas for p in parts], ignore_index=True),
        towns=_towns(parts),
        stations=pd.concat([p.stations for p in parts], ignore_index=True),
        demand=pd.concat([p.demand for p in parts], ignore_index=True),
        candidates=pd.concat([p.candidates for p in parts], ignore_index=True),
        water=_water(grounds),
        places=_places(grounds),
        notes=assumptions(grounds[0], len(parts)),
    )
    tell("完成", 1.0)
    return city


def _area(nodes: int, copies: int) -> tuple[str, str]:
    if copies > 1:
        return f"规模测试：{copies} 座同轮廓的示例城市并列", f"scale test: {copies} demonstration cities side by side"
    if nodes < CITY_NODES:
        return "无锡市局部：东亭、广益一带（示例）", "part of Wuxi around Dongting (demonstration)"
    return "无锡市全域七个市（区）（示例）", "all 7 districts of Wuxi (demonstration)"
