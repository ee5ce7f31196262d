"""The layers of the base map: streets, street names, water, districts, places and metro lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse.csgraph import minimum_spanning_tree

from geoplan_maps.tiles.grid import point_array, to_mercator
from geoplan_maps.tiles.layer import TileLayer, tile_layer

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["STREET_CLASSES", "base_layers", "metro_lines", "street_class"]

# Drawing class of an OSM highway value and the zoom it starts at. Links follow the road they belong to.
STREET_CLASSES: Final[dict[str, tuple[str, int]]] = {
    "motorway": ("motorway", 6),
    "trunk": ("trunk", 8),
    "primary": ("primary", 9),
    "secondary": ("secondary", 11),
    "tertiary": ("tertiary", 12),
    "unclassified": ("minor", 13),
    "residential": ("minor", 13),
    "living_street": ("minor", 13),
    "service": ("service", 14),
    "pedestrian": ("path", 14),
    "footway": ("path", 14),
    "path": ("path", 14),
    "steps": ("path", 14),
    "cycleway": ("path", 14),
    "track": ("path", 14),
}
_OTHER: Final = ("minor", 13)
_THIN_BELOW: Final = 11  # where the whole city is in view, a road is a hint of itself
_SEEN_PX: Final = 10.0  # water shorter (or narrower) than this on the screen is left out
_NAME_ZOOM: Final[dict[str, int]] = {"motorway": 11, "trunk": 11, "primary": 12, "secondary": 13, "tertiary": 14}
_PLACE_ZOOM: Final[dict[str, int]] = {"district": 6, "town": 9, "metro": 12}


def street_class(highway: pd.Series) -> pd.DataFrame:
    """Turn OSM highway values into the drawing class and the zoom it starts at.

    Parameters
    ----------
    highway : pandas.Series of str
        OSM values; of a list written as text, the first one counts.

    Returns
    -------
    pandas.DataFrame
        Columns ``class`` (str) and ``min_zoom`` (int8), on the caller's index.
    """
    first = highway.astype(str).str.extract(r"([a-z_]+)", expand=False).fillna("").str.removesuffix("_link")
    known = first.unique()
    names = {value: STREET_CLASSES.get(value, _OTHER)[0] for value in known}
    zooms = {value: STREET_CLASSES.get(value, _OTHER)[1] for value in known}
    return pd.DataFrame({"class": first.map(names), "min_zoom": first.map(zooms).astype(np.int8)}, index=highway.index)


def base_layers(
    streets: gpd.GeoDataFrame,
    *,
    water: gpd.GeoDataFrame | None = None,
    districts: gpd.GeoDataFrame | None = None,
    places: pd.DataFrame | None = None,
) -> tuple[TileLayer, ...]:
    """Build the base map's layers, in drawing order.

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        Lines in WGS-84 degrees with ``highway`` and optionally ``name`` and ``bridge``.
    water : geopandas.GeoDataFrame, optional
        Polygons and lines with ``kind`` (lake, canal, river) and optionally ``name``.
    districts : geopandas.GeoDataFrame, optional
        Polygons with ``district_code`` and ``name``.
    places : pandas.DataFrame, optional
        Points with ``name``, ``kind``, ``lon``, ``lat`` and optionally ``name_en`` and ``lines``.

    Returns
    -------
    tuple of TileLayer
        Layers ``water``, ``areas`` (districts as polygons, to be coloured by figures), ``districts`` (their outlines),
        ``streets``, ``metro_lines``, ``street_names`` and ``places``; a layer without input is left out.
    """
    layers: list[TileLayer] = []
    if water is not None and len(water):
        shapes = water.geometry.to_numpy()
        layers.append(tile_layer("water", shapes, _columns(water, "kind", "name"), min_zoom=_seen_from(shapes)))
    labels: list[pd.DataFrame] = []
    if districts is not None and len(districts):
        outlines = shapely.boundary(districts.geometry.to_numpy())
        about = _columns(districts, "district_code", "name", "name_en")
        layers.append(tile_layer("areas", districts.geometry.to_numpy(), about))
        layers.append(tile_layer("districts", outlines, about))
        middle = shapely.point_on_surface(districts.geometry.to_numpy())
        label = _columns(districts, "name", "name_en").assign(kind="district")
        labels.append(label.assign(lon=shapely.get_x(middle), lat=shapely.get_y(middle)))
    layers.extend(_street_layers(streets))
    if places is not None and len(places):
        layers.extend(_metro_layer(places))
        labels.append(_columns(places, "name", "name_en", "kind", "lon", "lat"))
    if labels:
        table = pd.concat(labels, ignore_index=True)
        points = point_array(table.pop("lon").to_numpy(np.float64), table.pop("lat").to_numpy(np.float64))
        zooms = table["kind"].map(_PLACE_ZOOM).fillna(13).to_numpy(np.int8)
        layers.append(tile_layer("places", points, table, min_zoom=zooms))
    return tuple(layers)


def _seen_from(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
    """Return the zoom from which lakes and rivers are large enough to be seen, at most 12."""
    projected = to_mercator(shapes)
    area = shapely.get_dimensions(shapes) == 2
    size_m = np.where(area, np.sqrt(shapely.area(projected)), shapely.length(projected) / 8.0)
    metres_a_px = 2.0 * np.pi * 6378137.0 / 512.0  # at zoom 0
    zoom = np.ceil(np.log2(_SEEN_PX * metres_a_px / np.maximum(np.nan_to_num(size_m), 1.0)))
    found: npt.NDArray[np.int8] = np.clip(zoom, 0, 12).astype(np.int8)
    return found


def _street_layers(streets: gpd.GeoDataFrame) -> list[TileLayer]:
    shapes = streets.geometry.to_numpy()
    drawn = street_class(streets["highway"])
    bridge = _text(streets, "bridge")
    lines = pd.DataFrame(
        {"class": drawn["class"].to_numpy(), "bridge": (bridge.notna() & (bridge != "no")).astype(int).to_numpy()}
    )
    found = [
        tile_layer(
            "streets",
            shapes,
            lines,
            min_zoom=drawn["min_zoom"].to_numpy(),
            merge="lines",
            merge_below=16,
            keep=("class", "bridge"),
            thin_below=_THIN_BELOW,
        )
    ]
    names = _text(streets, "name")
    named = names.notna().to_numpy() & (names != "").to_numpy(bool, na_value=False)
    if named.any():
        classes = drawn["class"][named]
        found.append(
            tile_layer(
                "street_names",
                shapes[named],
                {"class": classes.to_numpy(), "name": names[named].to_numpy()},
                min_zoom=classes.map(_NAME_ZOOM).fillna(15).to_numpy(np.int8),
                merge="lines",
                merge_below=19,
                keep=("class", "name"),
            )
        )
    return found


def _metro_layer(places: pd.DataFrame) -> list[TileLayer]:
    lines = metro_lines(places)
    if not lines:
        return []
    return [tile_layer("metro_lines", np.array(list(lines.values()), object), {"line": list(lines)}, min_zoom=9)]


def metro_lines(places: pd.DataFrame) -> dict[str, shapely.MultiLineString]:
    """Draw each metro line through its stations.

    Station tables say which lines stop where but not in what order. The shortest tree over a line's stations is the
    line itself as long as it neither loops nor doubles back, which holds for every line of Wuxi. The drawing is
    schematic: straight from station to station.

    Parameters
    ----------
    places : pandas.DataFrame
        Columns ``kind``, ``lon``, ``lat`` (WGS-84 degrees) and ``lines`` (names separated by ``;`` or ``,``).

    Returns
    -------
    dict of str to shapely.MultiLineString
        Line name to drawing, in WGS-84 degrees.
    """
    if "lines" not in places:
        return {}
    stops = places[(places["kind"] == "metro") & places["lines"].notna()]
    table = pd.DataFrame(
        [
            (line.strip(), lon, lat)
            for names, lon, lat in zip(stops["lines"].astype(str), stops["lon"], stops["lat"], strict=True)
            for line in re.split(r"[;,，；、/]", names)
            if line.strip()
        ],
        columns=["line", "lon", "lat"],
    )
    drawn: dict[str, shapely.MultiLineString] = {}
    for line, rows in table.groupby("line", sort=True):
        xy = rows[["lon", "lat"]].to_numpy(np.float64)
        if len(xy) < 2:
            continue
        flat = xy * [np.cos(np.radians(xy[:, 1].mean())), 1.0]
        tree = minimum_spanning_tree(np.hypot(*(flat[:, None, :] - flat[None, :, :]).transpose(2, 0, 1))).tocoo()
        ends: npt.NDArray[np.float64] = np.stack([xy[tree.row], xy[tree.col]], axis=1)
        drawn[str(line)] = shapely.MultiLineString(list(ends))
    return drawn


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _columns(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    there = [name for name in names if name in frame]
    return pd.DataFrame({name: frame[name].to_numpy() for name in there})
