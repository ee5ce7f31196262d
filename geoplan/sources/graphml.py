"""Graphs saved by OSMnx as GraphML: two directed edges a street become one, with its one-way rule."""

from __future__ import annotations

import ast
import io
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import shapely

from geoplan.errors import Fault, InputError
from geoplan.sources.compressed import read_bytes
from geoplan.sources.edges import OSM_ATTRIBUTION, StreetEdges, StreetsReport, check_edges
from geoplan.sources.ways import WAY_KEYS, node_text, road_notes

__all__ = ["read_graphml"]

_SAME_M = 0.5  # two directions of one street differ in length by no more than rounding


def read_graphml(path: Path) -> StreetEdges:
    """Read a graph saved by OSMnx.

    Parameters
    ----------
    path : Path
        ``.graphml`` or ``.graphml.gz``, in any coordinate system that the graph states.

    Returns
    -------
    StreetEdges
        One edge for each street: a street whose reverse is in the graph is two-way, another is ``oneway``.

    Raises
    ------
    InputError
        If the file is cut, not GraphML, or not of OSMnx.
    """
    try:
        nodes, edges, facts = _parse(read_bytes(path))
    except ElementTree.ParseError as error:
        raise InputError(
            Fault(
                "the file is cut short or not GraphML", "save the graph again", path.name,
                problem_zh="文件不完整或不是 GraphML", todo_zh="请重新导出",
            )
        ) from error  # fmt: skip
    if not edges or not nodes or not all("x" in node and "y" in node for node in nodes.values()):
        raise InputError(
            Fault(
                "the graph holds no streets with node positions x and y", "save it with osmnx.save_graphml", path.name,
                problem_zh="图中没有带坐标的道路节点", todo_zh="请用 osmnx.save_graphml 导出",
            )
        )  # fmt: skip
    number = _node_numbers(nodes)
    streets, lists = _undirected(edges)
    place = {name: (float(node["x"]), float(node["y"])) for name, node in nodes.items()}
    lost = sum(edge["source"] not in place or edge["target"] not in place for edge in streets)
    streets = [edge for edge in streets if edge["source"] in place and edge["target"] in place]
    columns: dict[str, Any] = {
        "u": np.array([number[edge["source"]] for edge in streets], np.int64),
        "v": np.array([number[edge["target"]] for edge in streets], np.int64),
    }
    for key in WAY_KEYS:
        values = [edge.get(key) for edge in streets]
        if key == "highway" or any(value is not None for value in values):
            columns[key] = np.array(values, object)
    texts = {name: node_text({k: v for k, v in node.items() if k not in ("x", "y")}) for name, node in nodes.items()}
    if any(texts.values()):
        columns["u_tags"] = np.array([texts[edge["source"]] or None for edge in streets], object)
        columns["v_tags"] = np.array([texts[edge["target"]] or None for edge in streets], object)
    frame = gpd.GeoDataFrame(columns, geometry=_lines(streets, place), crs=facts.get("crs", "EPSG:4326"))
    counts = {"edges_read": len(edges), "edges": len(frame), "edges_without_node": lost, "tags_of_several": lists}
    report = StreetsReport(counts, road_notes(set(frame["highway"].dropna()), len(frame), path.name))
    return StreetEdges(check_edges(frame, path.name), report, OSM_ATTRIBUTION)


def _parse(text: bytes) -> tuple[dict[str, dict[str, str]], list[dict[str, str]], dict[str, str]]:
    """Read nodes by id, edges with source and target, and facts of the graph, all with plain attribute names."""
    names: dict[str, str] = {}
    nodes: dict[str, dict[str, str]] = {}
    edges: list[dict[str, str]] = []
    facts: dict[str, str] = {}
    data: dict[str, str] = {}
    for event, element in ElementTree.iterparse(io.BytesIO(text), ("start", "end")):  # noqa: S314
        tag = element.tag.rsplit("}", 1)[-1]
        if event == "start":
            if tag in ("node", "edge"):
                if (tag == "node" and not nodes) or data:
                    facts |= data
                data = {}
            continue
        if tag == "key":
            names[element.get("id", "")] = element.get("attr.name", "")
        elif tag == "data":
            data[names.get(element.get("key", ""), "")] = element.text or ""
        elif tag == "node":
            nodes[element.get("id", "")] = data
            data = {}
            element.clear()
        elif tag == "edge":
            edges.append({**data, "source": element.get("source", ""), "target": element.get("target", "")})
            data = {}
            element.clear()
    return nodes, edges, facts | data


def _node_numbers(nodes: dict[str, Any]) -> dict[str, int]:
    """OSM ids as they are; consecutive numbers where a graph names its nodes otherwise."""
    try:
        return {name: int(name) for name in nodes}
    except ValueError:
        return {name: i for i, name in enumerate(nodes)}


def _plain(value: str) -> tuple[str | None, bool]:
    """One value of an attribute, and whether there were several: OSMnx lists the tags of the ways it joined."""
    if value in ("", "nan", "None"):
        return None, False
    if not value.startswith("["):
        return value, False
    try:
        several = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value, False
    return (str(several[0]), len(several) > 1) if isinstance(several, list) and several else (value, False)


def _undirected(edges: list[dict[str, str]]) -> tuple[list[dict[str, Any]], int]:
    """Join each street with its reverse; returns the streets and how many tags had several values."""
    lists = 0
    by_ends: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    streets: list[dict[str, Any]] = []
    for raw in edges:
        source, target = raw["source"], raw["target"]
        ways = frozenset(raw.get("osmid", "").strip("[]").replace(" ", "").split(","))
        length = float(raw.get("length") or "nan")
        twin = None
        for other in by_ends[(target, source)]:
            # A street without a length is told from another by its ways alone.
            if not other["two"] and other["ways"] == ways and not abs(other["length"] - length) > _SAME_M:
                twin = other
                break
        if twin is not None:
            twin["two"] = True
            continue
        street: dict[str, Any] = {"source": source, "target": target, "ways": ways, "length": length, "two": False}
        for key in WAY_KEYS:
            if key in raw:
                street[key], several = _plain(raw[key])
                lists += several
        street["geometry"] = raw.get("geometry")
        streets.append(street)
        by_ends[(source, target)].append(street)
    for street in streets:
        street["oneway"] = None if street["two"] else "yes"
    return streets, lists


def _lines(streets: list[dict[str, Any]], place: dict[str, tuple[float, float]]) -> Any:
    """Draw each street from its own geometry, or straight between its nodes where it has none."""
    drawn = shapely.from_wkt([street["geometry"] or None for street in streets], on_invalid="ignore")
    straight = shapely.linestrings([[place[street["source"]], place[street["target"]]] for street in streets])
    return np.where(shapely.is_missing(drawn) | (shapely.get_type_id(drawn) != 1), straight, drawn)
