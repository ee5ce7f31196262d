"""A layer ready to be cut into tiles: projected geometries, a spatial index and the zoom each feature starts at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoplan.errors import InputError
from geoplan_maps.tiles.grid import to_mercator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Merge", "TileLayer", "tile_layer"]

Merge = Literal["none", "lines", "cells"]


@dataclass(frozen=True, slots=True)
class TileLayer:
    """Features of one name, ready to be cut into tiles.

    Parameters
    ----------
    name : str
        Name of the layer inside the tile.
    geometry : numpy.ndarray of object
        Geometries in metres of EPSG:3857.
    properties : pandas.DataFrame
        One row a geometry; a null is left out of the tile.
    tree : shapely.STRtree
        Index over ``geometry``.
    min_zoom : numpy.ndarray of int8
        Zoom from which each feature is drawn.
    merge : {"none", "lines", "cells"}
        What joins features before ``merge_below``: ``"lines"`` joins lines with equal ``keep`` into one feature,
        ``"cells"`` replaces points by the weighted centre of their cell.
    merge_below : int
        Zoom below which features are joined.
    keep : tuple of str
        Properties that survive joining lines.
    thin_below : int
        Zoom below which joined lines are drawn on a grid of pixels: carriageways side by side become one, crossroads
        do not cut a road into pieces of their own.
    weight : str
        Property summed by joining points; other numeric properties become means weighted by it.
    cells_per_tile : int
        Cells along a tile's edge when points are joined.
    min_cell_m : float
        Smallest edge of such a cell, metres of EPSG:3857.
    """

    name: str
    geometry: npt.NDArray[np.object_]
    properties: pd.DataFrame
    tree: shapely.STRtree
    min_zoom: npt.NDArray[np.int8]
    merge: Merge = "none"
    merge_below: int = 0
    keep: tuple[str, ...] = ()
    thin_below: int = 0
    weight: str = ""
    cells_per_tile: int = 64
    min_cell_m: float = 0.0


def tile_layer(
    name: str,
    geometry: npt.ArrayLike,
    properties: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] | pd.DataFrame | None = None,
    *,
    min_zoom: int | npt.ArrayLike = 0,
    merge: Merge = "none",
    merge_below: int = 0,
    keep: tuple[str, ...] = (),
    thin_below: int = 0,
    weight: str = "",
    cells_per_tile: int = 64,
    min_cell_m: float = 0.0,
) -> TileLayer:
    """Build a layer from geometries in WGS-84 degrees.

    Parameters
    ----------
    name : str
        Name of the layer inside the tile.
    geometry : array_like of shapely.Geometry
        Points, lines or polygons; empty and missing ones are left out together with their properties.
    properties : mapping or pandas.DataFrame, optional
        Columns, each as long as ``geometry``.
    min_zoom : int or array_like of int
        Zoom from which features are drawn.
    merge, merge_below, keep, thin_below, weight, cells_per_tile, min_cell_m
        See :class:`TileLayer`.

    Returns
    -------
    TileLayer
        Layer over the features that have a geometry.
    """
    shapes = np.atleast_1d(np.asarray(geometry, object))
    frame = pd.DataFrame(properties) if properties is not None else pd.DataFrame(index=range(len(shapes)))
    if len(frame) != len(shapes):
        raise InputError(f"layer {name!r} has {len(shapes)} geometries but {len(frame)} rows of properties")
    zooms = np.broadcast_to(np.asarray(min_zoom, np.int8), (len(shapes),))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    projected = to_mercator(shapes[there])
    return TileLayer(
        name=name,
        geometry=projected,
        properties=frame.loc[there].reset_index(drop=True),
        tree=shapely.STRtree(projected),
        min_zoom=np.ascontiguousarray(zooms[there]),
        merge=merge,
        merge_below=merge_below,
        keep=keep,
        thin_below=thin_below,
        weight=weight,
        cells_per_tile=cells_per_tile,
        min_cell_m=min_cell_m,
    )
