"""Layers to the bytes of one Mapbox Vector Tile.

The steps are vectorised over a tile's features: select by index, join, clip, simplify, quantise. Only the last one,
writing the protocol buffer, is per feature, in the library mapbox-vector-tile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import mapbox_vector_tile
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan_maps.tiles.grid import point_array, tile_bounds_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoplan_maps.tiles.layer import TileLayer

__all__ = ["EXTENT", "encode_tile", "tile_json"]

EXTENT: Final = 4096
_BUFFER: Final = 80  # tile units kept beyond the edge, so that line caps of neighbouring tiles overlap
_SIMPLIFY: Final = 8.0  # tolerance in tile units: half a pixel on a 256-pixel tile
_GRID: Final = 24.0  # side in tile units of the cells on which thinned lines lie: three pixels of a 512-pixel tile


def encode_tile(layers: Sequence[TileLayer], z: int, x: int, y: int) -> bytes:
    """Encode one tile.

    Parameters
    ----------
    layers : sequence of TileLayer
        Layers in drawing order; a layer with nothing in the tile is left out.
    z, x, y : int
        Address of the tile in the XYZ scheme.

    Returns
    -------
    bytes
        Mapbox Vector Tile, version 2; empty if nothing lies in the tile.
    """
    bounds = tile_bounds_m(z, x, y)
    parts = []
    for layer in layers:
        features = _features(layer, z, bounds)
        if features:
            parts.append({"name": layer.name, "features": features})
    if not parts:
        return b""
    encoded: bytes = mapbox_vector_tile.encode(parts, default_options={"extents": EXTENT, "y_coord_down": True})
    return encoded


def _features(layer: TileLayer, z: int, bounds: tuple[float, float, float, float]) -> list[dict[str, object]]:
    west, south, east, north = bounds
    unit_m = (east - west) / EXTENT
    cell_m = _cell_m(layer, z, east - west)
    margin_m = max(_BUFFER * unit_m, cell_m)  # a joined cell must be whole even where the tile's edge cuts it
    window = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
    found = np.sort(layer.tree.query(shapely.box(*window)))
    found = found[layer.min_zoom[found] <= z]
    if not len(found):
        return []
    shapes, frame = layer.geometry[found], layer.properties.iloc[found]
    if cell_m > 0.0:
        shapes, frame = _join_points(shapes, frame, layer.weight, cell_m)
    elif z < layer.merge_below and layer.merge == "lines":
        grid_m = _GRID * unit_m if z < layer.thin_below else 0.0
        shapes, frame = _join_lines(shapes, frame, layer.keep, grid_m)
    shapes = shapely.clip_by_rect(shapes, *window)
    lines_or_areas = shapely.get_dimensions(shapes) > 0
    shapes[lines_or_areas] = shapely.simplify(shapes[lines_or_areas], _SIMPLIFY * unit_m)
    shapes = _quantise(shapes, west, north, unit_m)
    left = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return [
        {"geometry": shape, "properties": row}
        for shape, row in zip(shapes[left], _records(frame.loc[left]), strict=True)
    ]


def _cell_m(layer: TileLayer, z: int, side_m: float) -> float:
    """Return the edge of a cell that joins points, in metres of EPSG:3857; zero where points are not joined."""
    if layer.merge != "cells" or z >= layer.merge_below:
        return 0.0
    return max(side_m / layer.cells_per_tile, layer.min_cell_m)


def _quantise(shapes: npt.NDArray[np.object_], west: float, north: float, unit_m: float) -> npt.NDArray[np.object_]:
    def to_units(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack([(xy[:, 0] - west) / unit_m, (north - xy[:, 1]) / unit_m]).round()

    areas = shapely.get_dimensions(shapes) == 2
    out: npt.NDArray[np.object_] = shapely.transform(shapes, to_units)
    # Rounding may fold a thin ring over itself; set_precision repairs or drops it, which plain rounding does not.
    out[areas] = shapely.set_precision(shapely.buffer(out[areas], 0.0), 1.0)
    lines = shapely.get_dimensions(out) == 1
    short = np.zeros(len(out), bool)
    short[lines] = shapely.length(out[lines]) == 0.0
    out[short] = None
    return out


def _join_lines(
    shapes: npt.NDArray[np.object_], frame: pd.DataFrame, keep: tuple[str, ...], grid_m: float
) -> tuple[npt.NDArray[np.object_], pd.DataFrame]:
    parts = frame.loc[:, list(keep)].reset_index(drop=True)
    groups = parts.groupby(list(keep), dropna=False, sort=True).indices
    lines = [shapely.get_parts(shapes[rows]) for rows in groups.values()]
    if grid_m > 0.0:
        lines = [_thinned(some, grid_m) for some in lines]
    joined = [shapely.line_merge(shapely.multilinestrings(some)) for some in lines]
    first = [int(rows[0]) for rows in groups.values()]
    return np.array(joined, object), parts.iloc[first].reset_index(drop=True)


def _thinned(lines: npt.NDArray[np.object_], grid_m: float) -> npt.NDArray[np.object_]:
    """Draw lines from cell to cell of a grid, each piece once, however many lines share it."""
    xy, line = shapely.get_coordinates(shapely.simplify(lines, grid_m), return_index=True)
    cell = np.round(xy / grid_m).astype(np.int64)
    follows = line[1:] == line[:-1]
    ends = np.stack([cell[:-1][follows], cell[1:][follows]], axis=1)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    pieces = np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    pieces = pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)]
    drawn: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(pieces * grid_m), object)
    return drawn


def _join_points(
    shapes: npt.NDArray[np.object_], frame: pd.DataFrame, weight_column: str, cell_m: float
) -> tuple[npt.NDArray[np.object_], pd.DataFrame]:
    """Replace points by the weighted centre of their cell; sums the weight, averages other numbers by it.

    The grid starts at the origin of EPSG:3857, not at the tile, so that neighbouring tiles agree on the cells.
    """
    px, py = shapely.get_x(shapes), shapely.get_y(shapes)
    key = np.column_stack([np.floor(px / cell_m), np.floor(py / cell_m)]).astype(np.int64)
    _, group = np.unique(key, axis=0, return_inverse=True)
    group = group.reshape(-1)
    n = int(group.max()) + 1
    count = np.bincount(group, minlength=n)
    weight = frame[weight_column].to_numpy(np.float64) if weight_column else np.ones(len(frame))
    total = np.bincount(group, weight, n).astype(np.float64)
    safe = np.where(total > 0.0, total, 1.0)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        plain: npt.NDArray[np.float64] = np.bincount(group, values, n) / count
        weighted: npt.NDArray[np.float64] = np.bincount(group, values * weight, n) / safe
        return np.where(total > 0.0, weighted, plain)

    columns: dict[str, npt.NDArray[np.float64]] = {"points": count.astype(np.float64)}
    for name in frame.columns:
        if name == weight_column:
            columns[name] = np.round(total, 1)
        elif pd.api.types.is_numeric_dtype(frame[name].dtype):
            columns[name] = mean(frame[name].to_numpy(np.float64)).round(3)
    return point_array(mean(px), mean(py)), pd.DataFrame(columns)


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as plain Python values, nulls left out: a missing property is how a tile says null."""
    names = list(frame.columns)
    if not names:
        return [{} for _ in range(len(frame))]
    columns = [frame[name].to_numpy().tolist() for name in names]
    return [
        {name: value for name, value in zip(names, row, strict=True) if not pd.isna(value)}
        for row in zip(*columns, strict=True)
    ]


def tile_json(
    name: str,
    tiles_url: str,
    layers: Sequence[TileLayer],
    *,
    bounds: tuple[float, float, float, float],
    attribution: str = "",
    min_zoom: int = 6,
    max_zoom: int = 15,
) -> dict[str, object]:
    """Describe a tile set by TileJSON 3.0.

    Parameters
    ----------
    name : str
        Name of the tile set.
    tiles_url : str
        Address pattern with ``{z}``, ``{x}`` and ``{y}``, absolute.
    layers : sequence of TileLayer
        Layers that the tiles carry.
    bounds : tuple of float
        West, south, east, north in WGS-84 degrees.
    attribution : str
        What a map must print.
    min_zoom, max_zoom : int
        Zooms that the service answers; a client magnifies tiles of ``max_zoom`` beyond it.

    Returns
    -------
    dict
        TileJSON document.
    """
    return {
        "tilejson": "3.0.0",
        "name": name,
        "scheme": "xyz",
        "tiles": [tiles_url],
        "bounds": list(bounds),
        "minzoom": min_zoom,
        "maxzoom": max_zoom,
        "attribution": attribution,
        "vector_layers": [
            {
                "id": layer.name,
                "fields": {
                    str(column): "Number" if pd.api.types.is_numeric_dtype(dtype) else "String"
                    for column, dtype in layer.properties.dtypes.items()
                },
            }
            for layer in layers
        ],
    }
