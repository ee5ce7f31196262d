"""OSM files, binary and XML, through pyosmium."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium

from geoplan.errors import Fault, InputError
from geoplan.sources.ways import WaysRead, WayTable, is_street, kept_tags, node_text

__all__ = ["read_osm_ways"]


def read_osm_ways(path: Path) -> WaysRead:
    """Read the ways of an OSM file that are streets.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.

    Returns
    -------
    WaysRead
        The ways.

    Raises
    ------
    InputError
        If the file is absent, cut, or not an OSM file.
    """
    try:
        table, ways_read = _read(path)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise InputError(_fault(path, str(error))) from error
    return WaysRead(table, path.name, {"ways_read": ways_read})


def _fault(path: Path, said: str) -> Fault:
    return Fault(
        f"the file is cut short, damaged, or not an OSM file ({said.splitlines()[0] if said else 'no reason given'})",
        "download it again and check its size",
        path.name,
        problem_zh="文件不完整、已损坏或不是 OSM 文件",
        todo_zh="请重新下载并核对文件大小",
    )


def _format(path: Path) -> str:
    """Name the format as pyosmium calls it, by the first bytes: users rename files."""
    with path.open("rb") as stream:
        start = stream.read(64)
    if start[:2] == b"\x1f\x8b":
        return "osm.gz"
    if start[:3] == b"BZh":
        return "osm.bz2"
    return "pbf" if b"OSMHeader" in start or start[:1] == b"\x00" else "osm"


def _read(path: Path) -> tuple[WayTable, int]:
    keys = osmium.filter.KeyFilter("highway", "barrier", "route", "railway", "man_made")
    file = osmium.io.File(str(path), _format(path))
    reader = osmium.FileProcessor(file, osmium.osm.NODE | osmium.osm.WAY).with_locations().with_filter(keys)
    way: list[int] = []
    size: list[int] = []
    ref: list[int] = []
    lon: list[float] = []
    lat: list[float] = []
    tags: list[dict[str, str]] = []
    node_tags: dict[int, str] = {}
    ways_read = 0
    for entity in reader:
        found = dict(entity.tags)
        if isinstance(entity, osmium.osm.Node):
            text = node_text(found)
            if text:
                node_tags[entity.id] = text
            continue
        if not isinstance(entity, osmium.osm.Way):
            continue
        ways_read += 1
        if not is_street(found):
            continue
        way.append(entity.id)
        tags.append(kept_tags(found))
        nodes = entity.nodes
        size.append(len(nodes))
        for node in nodes:
            ref.append(node.ref)
            place = node.location
            good = place.valid()
            lon.append(place.lon_without_check() if good else np.nan)
            lat.append(place.lat_without_check() if good else np.nan)
    pointer = np.zeros(len(way) + 1, np.int64)
    np.cumsum(size, out=pointer[1:])
    refs = np.array(ref, np.int64)
    xy = np.column_stack([np.array(lon, np.float64), np.array(lat, np.float64)])
    if not np.isfinite(xy).all():
        _find_late_nodes(path, refs, xy)
    return WayTable(np.array(way, np.int64), pointer, refs, xy, tags, node_tags), ways_read


def _find_late_nodes(path: Path, ref: np.ndarray, xy: np.ndarray) -> None:
    """Fill in nodes that the file holds after the ways that use them."""
    missing = ~np.isfinite(xy[:, 0])
    wanted = osmium.filter.IdFilter([int(node) for node in np.unique(ref[missing])])
    found = {}
    for node in osmium.FileProcessor(osmium.io.File(str(path), _format(path)), osmium.osm.NODE).with_filter(wanted):
        assert isinstance(node, osmium.osm.Node)
        found[node.id] = (node.location.lon_without_check(), node.location.lat_without_check())
    for i in np.flatnonzero(missing):
        xy[i] = found.get(int(ref[i]), (np.nan, np.nan))
