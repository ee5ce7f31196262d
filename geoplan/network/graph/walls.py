"""What no access leg may cross: shores given by the caller, and motorways closed to the profile."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoplan.errors import Fault, InputError
from geoplan.network.graph.arrays import Flag
from geoplan.network.graph.boxes import Walls, build_walls
from geoplan.sources.ways import words

__all__ = ["walls_of"]

_FENCED: Final = words("motorway motorway_link trunk trunk_link")


def walls_of(frame: gpd.GeoDataFrame, usable: Flag, barriers: gpd.GeoDataFrame | gpd.GeoSeries | None) -> Walls:
    """Collect the walls of a network.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Streets; motorways and trunk roads among them that are closed to the profile are walls where they run on the
        ground, not on a bridge, in a tunnel or on another layer.
    usable : numpy.ndarray of bool
        Which streets are open to the profile.
    barriers : GeoDataFrame or GeoSeries, optional
        Lines and polygons, with a stated CRS, that nobody crosses but by a street: water, railways, walls.

    Returns
    -------
    Walls
        The lines with their index.

    Raises
    ------
    InputError
        If the barriers state no CRS.
    """
    fenced = np.asarray(frame["highway"].isin(_FENCED)) & ~usable
    for column in ("bridge", "tunnel"):
        if column in frame.columns:
            fenced &= np.asarray(frame[column].isna() | frame[column].isin(["no", ""]))
    if "layer" in frame.columns:
        fenced &= np.asarray(frame["layer"].isna() | frame["layer"].isin(["0", ""]))
    shapes = [np.asarray(frame.geometry.array)[fenced]]
    if barriers is not None and len(barriers):
        if barriers.crs is None:
            raise InputError(Fault("the barriers do not state their coordinate system", "set it, e.g. to EPSG:4326"))
        given = np.asarray(barriers.geometry.to_crs("EPSG:4326").array)
        given = given[~(shapely.is_missing(given) | shapely.is_empty(given))]
        shapes.append(np.where(shapely.get_dimensions(given) == 2, shapely.boundary(given), given))
    lines = shapely.get_parts(np.concatenate(shapes))
    lines = lines[np.isin(shapely.get_type_id(lines), (1, 2))]  # LineString, LinearRing
    return build_walls(*shapely.get_coordinates(lines, return_index=True))
