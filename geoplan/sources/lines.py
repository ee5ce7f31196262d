"""Streets from files of lines: GeoParquet, GeoPackage and whatever else GDAL reads."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from geoplan.errors import Fault, InputError
from geoplan.sources.edges import StreetEdges, StreetsReport, check_edges

__all__ = ["edges_from_lines", "read_lines"]


def read_lines(path: Path) -> StreetEdges:
    """Read streets from a file of lines.

    Parameters
    ----------
    path : Path
        GeoParquet, or a file that GDAL reads; edges with ``u`` and ``v`` as ``Streets.write`` makes them, or
        plain lines, which are then joined where they share a vertex.

    Returns
    -------
    StreetEdges
        Edges and report.

    Raises
    ------
    InputError
        If the file cannot be read or holds no line.
    """
    try:
        with warnings.catch_warnings():  # GDAL warns about oddities of files that it then reads or refuses
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    except (OSError, ValueError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(
            Fault(
                "the file is damaged or of a kind that is not known",
                "give .osm.pbf, .osm, Overpass .json, OSMnx .graphml, GeoPackage or GeoParquet", path.name,
                problem_zh="文件已损坏或格式无法识别",
            )
        ) from error  # fmt: skip
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(Fault("the file holds no lines", "give a file of lines", path.name))
    if {"u", "v", "highway"} <= set(frame.columns):
        edges = check_edges(frame, path.name)
        return StreetEdges(edges, StreetsReport({"edges": len(edges)}))
    return edges_from_lines(frame, path.name)


def edges_from_lines(frame: gpd.GeoDataFrame, source: str) -> StreetEdges:
    """Join plain lines into a network: nodes are the ends of lines and the vertices that lines share.

    Lines that merely cross without a common vertex do not meet: one is taken to pass over the other.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Lines with a stated CRS; ``highway`` says the street class, ``residential`` where the column is absent.
    source : str
        Name for messages.

    Returns
    -------
    StreetEdges
        Edges and report.
    """
    if frame.crs is None:
        raise InputError(Fault("the coordinate system is not stated", "set it, e.g. to EPSG:4326", source))
    lines = frame.to_crs("EPSG:4326").explode(index_parts=False, ignore_index=True)
    kind = shapely.get_type_id(np.asarray(lines.geometry.array))
    other = int((kind != 1).sum())
    lines = lines[kind == 1].reset_index(drop=True)
    if len(lines) == 0:
        raise InputError(Fault("there is no line in it", "give a file of lines", source))
    xy, row = shapely.get_coordinates(np.asarray(lines.geometry.array), return_index=True)
    cell = np.round(xy * 1e7).astype(np.int64)  # a hundred-millionth of a degree apart is one vertex: about 1 cm
    _, node, uses = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    node = node.ravel()
    change = row[1:] != row[:-1]
    cut = np.r_[True, change] | np.r_[change, True] | (uses[node] > 1)
    at = np.flatnonzero(cut)
    a, b = at[:-1], at[1:]
    same = row[a] == row[b]
    a, b = a[same], b[same]
    points = b - a + 1
    edge = np.repeat(np.arange(len(a)), points)
    take = np.arange(len(edge)) - np.repeat(np.cumsum(points) - points, points) + np.repeat(a, points)
    edges = lines.iloc[row[a]].drop(columns=[name for name in ("u", "v") if name in lines.columns])
    edges = edges.reset_index(drop=True).set_geometry(shapely.linestrings(xy[take], indices=edge), crs="EPSG:4326")
    edges["u"], edges["v"] = node[a].astype(np.int64), node[b].astype(np.int64)
    if "highway" not in edges.columns:
        edges["highway"] = "residential"
    checked = check_edges(edges, source)
    counts = {"lines": len(lines), "not_lines": other, "edges": len(edges)}
    return StreetEdges(checked, StreetsReport(counts))
