"""Raw answers of the Overpass API, as osmnx caches them and as a browser saves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from geoplan.errors import Fault, InputError
from geoplan.sources.compressed import read_bytes
from geoplan.sources.edges import StreetEdges
from geoplan.sources.ways import WaysRead, WayTable, edges_from_ways, is_street, kept_tags, node_text

__all__ = ["edges_from_elements", "read_overpass_ways"]


def read_overpass_ways(path: Path) -> WaysRead:
    """Read the ways of an Overpass answer that are streets.

    Parameters
    ----------
    path : Path
        ``.json`` or ``.json.gz`` with ``elements``: ways with their nodes, or with their geometry (``out geom``).

    Returns
    -------
    WaysRead
        The ways; an answer that the server broke off carries a remark, which is handed on as a note.

    Raises
    ------
    InputError
        If the file is cut, not JSON, or not an Overpass answer.
    """
    try:
        answer = orjson.loads(read_bytes(path))
    except orjson.JSONDecodeError as error:
        raise InputError(
            Fault(
                "the file is cut short or not JSON", "download it again", path.name,
                problem_zh="文件不完整或不是 JSON", todo_zh="请重新下载",
            )
        ) from error  # fmt: skip
    if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
        raise InputError(
            Fault(
                "the file is JSON but not an Overpass answer: it has no list of elements",
                "save the answer of the Overpass API with [out:json]", path.name,
                problem_zh="文件不是 Overpass 查询结果：缺少 elements", todo_zh="请以 [out:json] 保存查询结果",
            )
        )  # fmt: skip
    read = _ways([answer["elements"]], path.name)
    remark = answer.get("remark")
    if not remark:
        return read
    note = Fault(
        f"the server broke off its answer: {remark}", "the streets are incomplete; ask again for a smaller area",
        path.name, problem_zh="服务器中断了查询，道路不完整", todo_zh="请缩小范围后重新查询",
    )  # fmt: skip
    return replace(read, notes=(note,))


def edges_from_elements(answers: list[list[Mapping[str, Any]]], source: str) -> StreetEdges:
    """Cut the ways of one or several answers, which may overlap, into edges.

    Parameters
    ----------
    answers : list of list of mapping
        Elements of each answer.
    source : str
        Name for messages.

    Returns
    -------
    StreetEdges
        Edges and report.
    """
    return edges_from_ways(_ways(answers, source))


def _ways(answers: list[list[Mapping[str, Any]]], source: str) -> WaysRead:
    place: dict[int, tuple[float, float]] = {}
    node_tags: dict[int, str] = {}
    ways: dict[int, Mapping[str, Any]] = {}
    broken = 0
    for element in (element for elements in answers for element in elements):
        kind, number = element.get("type"), element.get("id")
        if kind == "node" and isinstance(number, int):
            if "lat" in element and "lon" in element:
                place[number] = float(element["lon"]), float(element["lat"])
            text = node_text(element["tags"]) if element.get("tags") else ""
            if text:
                node_tags[number] = text
        elif kind == "way" and isinstance(number, int):
            if number in ways:
                continue
            if isinstance(element.get("nodes"), list) or isinstance(element.get("geometry"), list):
                ways[number] = element
            else:
                broken += 1
    streets = {number: way for number, way in ways.items() if is_street(way.get("tags") or {})}
    refs = [_nodes(way, place) for way in streets.values()]
    pointer = np.zeros(len(refs) + 1, np.int64)
    np.cumsum([len(ref) for ref in refs], out=pointer[1:])
    ref = np.array([node for way in refs for node in way], np.int64)
    nowhere = (np.nan, np.nan)
    xy = np.array([place.get(int(node), nowhere) for node in ref], np.float64).reshape(-1, 2)
    table = WayTable(
        np.fromiter(streets, np.int64, len(streets)), pointer, ref, xy,
        [kept_tags(way.get("tags") or {}) for way in streets.values()], node_tags,
    )  # fmt: skip
    by_position = any(not isinstance(way.get("nodes"), list) for way in streets.values())
    counts = {"ways_read": len(ways), "ways_without_nodes": broken}
    return WaysRead(table, source, counts, by_position=by_position)


def _nodes(way: Mapping[str, Any], place: dict[int, tuple[float, float]]) -> list[int]:
    """Return the node ids of a way; positions that come with the way are added to ``place``."""
    points = way.get("geometry")
    nodes = way.get("nodes")
    if not isinstance(points, list):
        return list(nodes or [])
    # Without ids two ways share a node where they share a position, to 1e-7 degrees, OSM's own resolution: 32 bits
    # of longitude and 31 of latitude, as much as an id holds.
    ids = [
        -1 if point is None else (round((point["lon"] + 180.0) * 1e7) << 31) + round((point["lat"] + 90.0) * 1e7)
        for point in points
    ]
    if isinstance(nodes, list) and len(nodes) == len(points):
        ids = nodes
    for node, point in zip(ids, points, strict=True):
        if point is not None:
            place[node] = float(point["lon"]), float(point["lat"])
    return ids
