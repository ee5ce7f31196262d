"""What is known about an area, and what a point costs against it: far from streets, out of its district, in water."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan import crs as crs_

__all__ = ["Evidence", "Reference", "short_district"]

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

_STREET_END = "路街道巷弄线桥里"
_STREET_RUN = re.compile(rf"[\u4e00-\u9fffA-Za-z0-9]+?[{_STREET_END}]")


@dataclass(frozen=True)
class Reference:
    """What is known about the area, in metres of one projection.

    Parameters
    ----------
    crs_metric : str
        Projection, e.g. ``"EPSG:4549"``.
    streets : numpy.ndarray of LineString, optional
        Streets.
    street_names : sequence of str, optional
        One name a street, ``""`` where it has none.
    motorway : numpy.ndarray of bool, optional
        Which streets are motorways or their ramps; empty where it is not known.
    districts : mapping of str to geometry
        District name and code → outline; several keys may share one outline.
    water : geometry, optional
        Lakes and broad rivers as one geometry.
    places : mapping of str to tuple of (float, float)
        Name → position in metres of places that stations are named after (metro stations).
    """

    crs_metric: str
    streets: npt.NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    street_names: Sequence[str] = ()
    motorway: Bool = field(default_factory=lambda: np.empty(0, bool))
    districts: Mapping[str, shapely.Geometry] = field(default_factory=dict)
    water: shapely.Geometry | None = None
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def from_frames(
        cls,
        *,
        crs_metric: str,
        streets: gpd.GeoDataFrame | None = None,
        districts: gpd.GeoDataFrame | None = None,
        water: gpd.GeoDataFrame | None = None,
        places: Mapping[str, tuple[float, float]] | None = None,
    ) -> Reference:
        """Build the reference from a pack's frames (WGS-84 degrees).

        Parameters
        ----------
        crs_metric : str
            Projection to compute in.
        streets : geopandas.GeoDataFrame, optional
            Lines, with ``name`` and ``highway`` (OSM class) where known.
        districts : geopandas.GeoDataFrame, optional
            Polygons with ``district_code`` and ``name``.
        water : geopandas.GeoDataFrame, optional
            Polygons (lines are left out).
        places : mapping of str to (lon, lat), optional
            Named places.
        """
        lines, names = np.empty(0, object), []
        motorway = np.empty(0, bool)
        if streets is not None and len(streets):
            lines = streets.geometry.to_crs(crs_metric).to_numpy()
            names = (
                [n if isinstance(n, str) else "" for n in streets["name"]] if "name" in streets else [""] * len(lines)
            )
            if "highway" in streets:
                motorway = streets["highway"].isin(["motorway", "motorway_link"]).to_numpy(bool)
        outlines: dict[str, shapely.Geometry] = {}
        if districts is not None and len(districts):
            shapes = shapely.make_valid(districts.geometry.to_crs(crs_metric).to_numpy())
            for key in ("district_code", "name"):
                if key in districts:
                    outlines |= {short_district(str(k)): g for k, g in zip(districts[key], shapes, strict=True)}
        lake = None
        if water is not None and len(water):
            shapes = water.geometry.to_crs(crs_metric).to_numpy()
            areas = shapes[shapely.get_dimensions(shapes) == 2]
            lake = shapely.union_all(shapely.make_valid(areas)) if len(areas) else None
        spots: dict[str, tuple[float, float]] = {}
        if places:
            lonlat = np.array(list(places.values()), np.float64)
            xy = crs_.project(lonlat[:, 0], lonlat[:, 1], crs_metric)
            spots = {name: (float(x), float(y)) for name, (x, y) in zip(places, xy, strict=True)}
        return cls(crs_metric, lines, names, motorway, outlines, lake, spots)


def short_district(name: str) -> str:
    """Return a district's name without its rank: 梁溪区 and 梁溪 are one."""
    text = name.strip()
    return text[:-1] if len(text) > 2 and text[-1] in "区市县" else text


def _named_streets(text: str, known: Mapping[str, object]) -> list[str]:
    """Return the known street names that stand in an address, longest first, none inside another."""
    found: list[str] = []
    for run in _STREET_RUN.finditer(text):
        whole = text[max(0, run.end() - 10) : run.end()]
        hit = next((whole[i:] for i in range(len(whole) - 1) if whole[i:] in known), None)
        if hit is not None and hit not in found:
            found.append(hit)
    return found


class Evidence:
    """Costs of points against a reference: built once, asked for each system and each control shift."""

    def __init__(
        self, reference: Reference, districts_of: Sequence[str], texts: Sequence[str], names: Sequence[str]
    ) -> None:
        self.reference = reference
        self.tree = shapely.STRtree(reference.streets) if len(reference.streets) else None
        by_name: dict[str, list[int]] = {}
        for place, name in enumerate(reference.street_names):
            if len(name) >= 2:
                by_name.setdefault(name, []).append(place)
        self.named: dict[str, tuple[shapely.Geometry, list[int]]] = {}
        for row, text in enumerate(texts):
            for name in _named_streets(text, by_name):
                if name not in self.named:
                    self.named[name] = (shapely.union_all(reference.streets[by_name[name]]), [])
                self.named[name][1].append(row)
        everything = shapely.union_all(list(reference.districts.values())) if reference.districts else None
        self.homes: dict[str, tuple[shapely.Geometry, list[int]]] = {}
        if everything is not None:
            for row, district in enumerate(districts_of):
                key = short_district(district)
                own = reference.districts.get(key)
                self.homes.setdefault(key if own is not None else "", (own if own is not None else everything, []))[
                    1
                ].append(row)
        self.spots: dict[int, tuple[float, float]] = {}
        for row, name in enumerate(names):
            hits = [key for key in reference.places if len(key) >= 2 and key in name]
            if hits:
                self.spots[row] = reference.places[max(hits, key=len)]

    def named_street_m(self, xy: Float) -> Float:
        """Distance to the nearest street that the row's address names, shape (n,); NaN where none is."""
        out = np.full(len(xy), np.inf)
        points = np.asarray(shapely.points(xy), object)
        for shape, rows in self.named.values():
            out[rows] = np.minimum(out[rows], shapely.distance(points[rows], shape))
        out[~np.isfinite(out)] = np.nan
        return out

    def street_m(self, xy: Float) -> Float:
        """Distance to the nearest street, shape (n,); NaN without streets."""
        out = np.full(len(xy), np.nan)
        if self.tree is not None:
            (rows, _), distances = self.tree.query_nearest(shapely.points(xy), all_matches=False, return_distance=True)
            out[rows] = distances
        return out

    def outside_m(self, xy: Float) -> Float:
        """Distance to the row's own district (0 inside; any district where it names none); NaN without districts."""
        out = np.full(len(xy), np.nan)
        points = np.asarray(shapely.points(xy), object)
        for shape, rows in self.homes.values():
            out[rows] = shapely.distance(points[rows], shape)
        return out

    def in_water(self, xy: Float) -> npt.NDArray[np.bool_]:
        """Rows in the water, shape (n,)."""
        if self.reference.water is None:
            return np.zeros(len(xy), bool)
        shapely.prepare(self.reference.water)
        return np.asarray(shapely.intersects(self.reference.water, shapely.points(xy)), bool)

    def place_m(self, xy: Float) -> Float:
        """Distance to the place that the row is named after, shape (n,); NaN where there is none."""
        out = np.full(len(xy), np.nan)
        for row, (x, y) in self.spots.items():
            out[row] = float(np.hypot(xy[row, 0] - x, xy[row, 1] - y))
        return out

    def cost(self, xy: Float, named_near: npt.NDArray[np.bool_]) -> Float:
        """Cost of each row, shape (n,).

        Logarithms because a row 20 m off its street speaks for a system and one 400 m off speaks against it, while 2 km
        or 3 km off says only that the row itself is odd; the caps bound what one odd row can say.
        """
        named = np.where(named_near, np.minimum(self.named_street_m(xy), 1000.0), np.nan)
        terms = [
            np.log1p(np.minimum(self.street_m(xy), 150.0) / 10.0),
            2.0 * np.log1p(named / 30.0),
            np.minimum(self.outside_m(xy) / 150.0, 4.0),
            np.where(self.in_water(xy), 3.0, 0.0),
            2.0 * np.log1p(np.minimum(self.place_m(xy), 2000.0) / 50.0),
        ]
        return np.asarray(np.nansum(terms, axis=0), np.float64)
