"""The ground of the demonstration city: districts, towns, metro, land and water in the drawing plane."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan import facts
from geoplan.demo.plane import smooth, to_lonlat, to_plane
from geoplan.demo.sampling import shares_to_counts

__all__ = ["Ground", "moved", "populations", "real_ground", "to_degrees", "within"]

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where streets can lie and what lies in their way; all geometry in metres of the drawing plane.

    Parameters
    ----------
    districts : geopandas.GeoDataFrame
        ``district_code, name, name_en, population, population_status, geometry``.
    towns : pandas.DataFrame
        Towns and streets with a position: ``town_code, name, district_code, union_unit, x, y, position_source``.
    metro : pandas.DataFrame
        ``name, lines, x, y, rest_point``.
    land : shapely.Geometry
        Districts less lakes and the Yangtze.
    lakes : shapely.Geometry
        Lakes and the Yangtze inside the districts.
    canals : geopandas.GeoDataFrame
        Lines ``name, name_en, kind, width_m, geometry``.
    roads : geopandas.GeoDataFrame
        Schematic motorways and lake bridges, ``name, kind, geometry``.
    """

    districts: gpd.GeoDataFrame
    towns: pd.DataFrame
    metro: pd.DataFrame
    land: shapely.Geometry
    lakes: gpd.GeoDataFrame
    canals: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame


def _plane(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    flat = shapely.transform(layer.geometry.to_numpy(), lambda c: to_plane(c[:, 0], c[:, 1]))
    return gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=list(flat))


def populations() -> pd.DataFrame:
    """Return residents per district: census figures where published, the rest of the city by rule.

    The three districts without a figure at hand share the city's total less the four known figures in proportion to
    their numbers of towns and streets. These three numbers are a demonstration assumption, not census figures.

    Returns
    -------
    pandas.DataFrame
        Index ``district_code``; ``population`` (int), ``status`` ("census 2020" or "assumption").
    """
    table = facts.census().set_index("district_code")
    total = int(table["population"].to_dict()["320200"])
    rows = table.drop(index="320200")
    known = rows["population"].notna()
    units = facts.towns().query("kind != '功能区'").groupby("district_code").size()
    rest = total - int(rows.loc[known, "population"].sum())
    split = shares_to_counts(units[rows.index[~known]], rest)
    population = rows["population"].copy()
    population.loc[~known] = split.astype(np.float64)
    status = np.where(known, "census 2020", "assumption")
    return pd.DataFrame({"population": population.astype(int), "status": status}, index=rows.index)


def _place_towns(towns: pd.DataFrame, districts: gpd.GeoDataFrame, land: shapely.Geometry) -> pd.DataFrame:
    """Give towns without a position the emptiest place of their district, far from other towns and from its edge."""
    xy = to_plane(towns["lon"].to_numpy(), towns["lat"].to_numpy())
    source = towns["position_source"].tolist()
    for row in np.flatnonzero(np.isnan(xy[:, 0])):
        code = towns["district_code"].iloc[row]
        shape = shapely.intersection(districts.set_index("district_code").geometry[code], land)
        x0, y0, x1, y1 = shape.bounds
        gx, gy = (a.ravel() for a in np.meshgrid(np.arange(x0, x1, 500.0), np.arange(y0, y1, 500.0)))
        inside = shapely.contains_xy(shape, gx, gy)
        gx, gy = gx[inside], gy[inside]
        edge = shapely.distance(shape.boundary, shapely.points(gx, gy))
        there = ~np.isnan(xy[:, 0])
        gap2 = ((gx[:, None] - xy[there, 0]) ** 2 + (gy[:, None] - xy[there, 1]) ** 2).min(axis=1)
        best = int(np.argmax(np.minimum(np.sqrt(gap2), 2.0 * edge)))
        xy[row] = gx[best], gy[best]
        source[row] = "demonstration"
    return towns.drop(columns=["lon", "lat"]).assign(x=xy[:, 0], y=xy[:, 1], position_source=source)


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """Round the corners of a hand-drawn outline or course."""
    if isinstance(shape, shapely.Polygon):
        ring = shapely.get_coordinates(shape)[:-1]
        start = 0.5 * (ring[:1] + ring[-1:])  # a ring is smoothed as a line from the middle of one side to itself
        return shapely.Polygon(smooth(np.concatenate([start, ring, start]), 3))
    return shapely.LineString(smooth(shapely.get_coordinates(shape), 3))


def real_ground() -> Ground:
    """Return the ground of the whole of Wuxi from the fact tables."""
    districts = _plane(facts.districts())
    people = populations()
    districts["population"] = people.loc[districts["district_code"], "population"].to_numpy()
    districts["population_status"] = people.loc[districts["district_code"], "status"].to_numpy()
    water = _plane(facts.schematic_water())
    area = shapely.make_valid(shapely.union_all(districts.geometry.to_numpy()))
    water["geometry"] = [_rounded(shape) for shape in water.geometry]
    broad = water.geom_type == "Polygon"
    lakes = water[broad].copy()
    lakes["geometry"] = shapely.intersection(lakes.geometry.to_numpy(), area)
    lakes = lakes[~lakes.is_empty].reset_index(drop=True)
    land = shapely.difference(area, shapely.union_all(water[broad].geometry.to_numpy()))
    canals = water[~broad].copy()
    canals["geometry"] = shapely.intersection(canals.geometry.to_numpy(), area)
    canals = canals[~canals.is_empty].explode(ignore_index=True)
    towns = facts.towns().query("kind != '功能区'").reset_index(drop=True)
    metro = facts.metro_stations()
    xy = to_plane(metro["lon"].to_numpy(), metro["lat"].to_numpy())
    return Ground(
        districts=districts,
        towns=_place_towns(towns, districts, land),
        metro=metro.assign(x=xy[:, 0], y=xy[:, 1]),
        land=land,
        lakes=lakes,
        canals=canals,
        roads=_plane(facts.schematic_roads()),
    )


def within(ground: Ground, area: shapely.Geometry) -> Ground:
    """Return the part of a ground that lies in an area; all towns stay, since land belongs to towns beyond its edge."""

    def clip(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        cut = layer.copy()
        cut["geometry"] = shapely.intersection(cut.geometry.to_numpy(), area)
        return cut[~cut.is_empty].explode(ignore_index=True)

    districts = ground.districts.copy()
    districts["geometry"] = shapely.intersection(districts.geometry.to_numpy(), area)
    stop = shapely.contains_xy(area, ground.metro["x"], ground.metro["y"])
    return replace(
        ground,
        districts=districts[~districts.is_empty].reset_index(drop=True),
        metro=ground.metro[stop].reset_index(drop=True),
        land=shapely.intersection(ground.land, area),
        lakes=clip(ground.lakes),
        canals=clip(ground.canals),
        roads=clip(ground.roads),
    )


def to_degrees(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Turn geometry of the drawing plane into WGS-84 degrees."""
    return np.asarray(shapely.transform(shapes, to_lonlat), dtype=object)


def moved(ground: Ground, copy: int, dx_m: float, dy_m: float) -> Ground:
    """Return a copy of a ground some metres away, with codes and names of its own; copy 0 is the ground itself."""
    if copy == 0:
        return ground
    mark, code = f"（示例{copy + 1}）", f"-{copy + 1:02d}"

    shift = np.array([dx_m, dy_m])

    def layer(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        there = shapely.transform(table.geometry.to_numpy(), lambda c: c + shift)
        return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=list(there))

    def points(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(x=table["x"] + dx_m, y=table["y"] + dy_m, name=table["name"] + mark)

    districts = layer(ground.districts)
    towns = points(ground.towns)
    return Ground(
        districts=districts.assign(name=districts["name"] + mark, district_code=districts["district_code"] + code),
        towns=towns.assign(town_code=towns["town_code"] + code, district_code=towns["district_code"] + code),
        metro=points(ground.metro),
        land=shapely.transform(ground.land, lambda c: c + shift),
        lakes=layer(ground.lakes),
        canals=layer(ground.canals),
        roads=layer(ground.roads),
    )
