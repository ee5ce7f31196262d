"""Street files of every known kind: which reader a file needs, and which part of it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geoplan.crs import metric_crs
from geoplan.errors import Fault, FaultLog, InputError
from geoplan.sources.compressed import head
from geoplan.sources.edges import StreetEdges
from geoplan.sources.graphml import read_graphml
from geoplan.sources.lines import read_lines
from geoplan.sources.osm_file import read_osm_ways
from geoplan.sources.overpass import read_overpass_ways
from geoplan.sources.ways import WaysRead, edges_from_ways, joined_ways

__all__ = ["clip_edges", "read_edges"]


def read_edges(paths: Sequence[Path], area: Any = None, margin_m: float = 2000.0) -> StreetEdges:
    """Read street files of any known kind; see :meth:`geoplan.sources.streets.Streets.read`."""
    log = FaultLog()
    for path in paths:
        if not path.is_file():
            log.add("the file does not exist", "check the name", file=str(path), zh=("文件不存在", "请检查文件名"))
    log.raise_if_any()
    source = " + ".join(path.name for path in paths)
    reads = [_reader(path)(path) for path in paths]
    ways = [read for read in reads if isinstance(read, WaysRead)]
    if len(ways) == len(reads):
        streets = edges_from_ways(ways[0] if len(ways) == 1 else joined_ways(ways))
    elif len(reads) == 1 and isinstance(reads[0], StreetEdges):
        streets = reads[0]
    else:
        for path, read in zip(paths, reads, strict=True):
            if isinstance(read, StreetEdges):
                log.add(
                    "lines and graphs cannot be joined to other street files: their nodes have no ids in common",
                    "give OSM extracts (.osm.pbf, .osm, Overpass .json), or one file that holds all streets",
                    file=path.name,
                    zh=("线文件和图文件无法与其他道路文件拼接", "请提供 OSM 数据，或把全部道路放在一个文件中"),
                )
        raise InputError(log.faults)
    return streets if area is None else clip_edges(streets, area, margin_m, source)


def _reader(path: Path) -> Callable[[Path], StreetEdges | WaysRead]:
    """Choose the reader by the name; by the first bytes where the name says nothing."""
    name = path.name.lower().removesuffix(".gz").removesuffix(".bz2")
    by_name: dict[str, Callable[[Path], StreetEdges | WaysRead]] = {
        ".pbf": read_osm_ways, ".osm": read_osm_ways, ".graphml": read_graphml,
        ".parquet": read_lines, ".gpkg": read_lines,
    }  # fmt: skip
    for suffix, reader in by_name.items():
        if name.endswith(suffix):
            return reader
    start = head(path)
    if b"<graphml" in start:
        return read_graphml
    if b"<osm" in start:
        return read_osm_ways
    if start.lstrip()[:1] in (b"{", b"[") and b'"Feature' not in start:
        return read_overpass_ways
    return read_lines


def clip_edges(streets: StreetEdges, area: Any, margin_m: float, source: str) -> StreetEdges:
    """Keep the edges within ``margin_m`` metres of an area, whole.

    Parameters
    ----------
    streets : StreetEdges
        The streets.
    area : shapely geometry, GeoDataFrame, GeoSeries or (west, south, east, north)
        The area; plain geometries and boxes in WGS-84 degrees.
    margin_m : float
        Width of the margin, metres.
    source : str
        Name for messages.

    Returns
    -------
    StreetEdges
        The part.
    """
    if isinstance(area, (gpd.GeoDataFrame, gpd.GeoSeries)):
        shapes = area.geometry if area.crs is not None else area.geometry.set_crs("EPSG:4326")
    elif isinstance(area, shapely.Geometry):
        shapes = gpd.GeoSeries([area], crs="EPSG:4326")
    else:
        shapes = gpd.GeoSeries([shapely.box(*area)], crs="EPSG:4326")
    shape = shapes.to_crs("EPSG:4326").union_all()
    if shape.is_empty:
        raise InputError("the area to read is empty; give one that holds something")
    center = shape.representative_point()
    crs = metric_crs(center.x, center.y)
    wide = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(crs).buffer(margin_m).to_crs("EPSG:4326").iloc[0]
    shapely.prepare(wide)
    inside = shapely.intersects(wide, np.asarray(streets.edges.geometry.array))
    if not inside.any():
        raise InputError(
            Fault(
                f"no street lies within {margin_m:g} m of the area", "check that file and area belong together",
                source, problem_zh="范围内没有道路", todo_zh="请检查文件与范围是否对应",
            )
        )  # fmt: skip
    report = streets.report.with_notes(edges_outside=int((~inside).sum()), edges=int(inside.sum()))
    return StreetEdges(streets.edges[inside].reset_index(drop=True), report, streets.attribution)
