"""OSM ways, whatever file they came in, cut into edges where they share nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoplan.errors import Fault, InputError
from geoplan.sources.edges import OSM_ATTRIBUTION, StreetEdges, StreetsReport

__all__ = [
    "NODE_KEYS",
    "WAY_KEYS",
    "WayTable",
    "WaysRead",
    "edges_from_ways",
    "is_street",
    "joined_ways",
    "kept_tags",
    "node_text",
    "words",
]


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set: how long lists of tag values are written here."""
    return frozenset(text.split())


# Way tags that are kept: what routing rules read, and what a person reads on a map.
WAY_KEYS: Final = (
    "highway", "name", "name:en", "oneway", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar",
    "oneway:foot", "oneway:bicycle", "foot:forward", "foot:backward", "bicycle:forward", "bicycle:backward",
    "cycleway", "cycleway:left", "cycleway:right", "cycleway:left:oneway", "cycleway:right:oneway", "sidewalk",
    "junction", "motorroad", "conveying", "service", "maxspeed", "surface", "bridge", "tunnel", "layer", "lit",
    "wheelchair", "route", "duration", "railway", "man_made", "area", "barrier",
)  # fmt: skip
_WAY_KEYS: Final = frozenset(WAY_KEYS)

# Node tags that matter to who passes: barriers, their access, signals and crossings.
NODE_KEYS: Final = (
    "barrier", "highway", "crossing", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar", "locked",
)  # fmt: skip

_LIFECYCLE: Final = words(
    "construction proposed planned abandoned disused razed demolished dismantled no raceway rest_area services"
)
_ON_FOOT: Final = words("footway path pedestrian steps")


@dataclass(frozen=True, slots=True)
class WayTable:
    """Ways as read.

    Parameters
    ----------
    way : numpy.ndarray of int64
        Way ids, shape (n,).
    pointer : numpy.ndarray of int64
        First node of each way, shape (n + 1,).
    ref : numpy.ndarray of int64
        Node ids, way after way, shape (k,).
    xy : numpy.ndarray of float64
        Their lon, lat degrees, NaN where the file lacks the node, shape (k, 2).
    tags : list of dict
        Tags of each way.
    node_tags : mapping of int to str
        Tags of nodes that matter, as ``key=value;key=value``.
    """

    way: npt.NDArray[np.int64]
    pointer: npt.NDArray[np.int64]
    ref: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    tags: list[dict[str, str]]
    node_tags: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class WaysRead:
    """The ways of one file or of several.

    Parameters
    ----------
    table : WayTable
        Ways that are streets.
    source : str
        Name of the file, for captions and messages.
    counts : mapping of str to int
        What the reader counted.
    notes : tuple of Fault
        Remarks of the reader.
    by_position : bool
        Whether the file names no nodes: theirs are numbered by position.
    """

    table: WayTable
    source: str
    counts: Mapping[str, int]
    notes: tuple[Fault, ...] = ()
    by_position: bool = False


def is_street(tags: Mapping[str, str]) -> bool:
    """Say whether a way is something to travel on today: a street, a ferry, a platform or a pier."""
    highway = tags.get("highway")
    if highway is not None:
        return highway not in _LIFECYCLE
    return tags.get("route") == "ferry" or tags.get("railway") == "platform" or tags.get("man_made") == "pier"


def kept_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the way tags that are kept."""
    return {key: value for key, value in tags.items() if key in _WAY_KEYS}


def node_text(tags: Mapping[str, str]) -> str:
    """Write the node tags that matter as text; empty where the node is no barrier, signal or crossing."""
    if "barrier" not in tags and tags.get("highway") not in ("traffic_signals", "crossing"):
        return ""
    return ";".join(f"{key}={tags[key].split(';')[0]}" for key in NODE_KEYS if key in tags)


def joined_ways(reads: Sequence[WaysRead]) -> WaysRead:
    """Join the ways of several files, as extracts that meet at a border: what stands in two of them counts once.

    A node has one position and one set of tags, those of the first file that knows them. A way that was cut at the
    border is put together again where its parts overlap or meet in a node.

    Parameters
    ----------
    reads : sequence of WaysRead
        The files' ways, in order.

    Returns
    -------
    WaysRead
        The ways together; ``ways_in_several`` counts those of more than one file.

    Raises
    ------
    InputError
        One file names its nodes and another does not: nothing says where they meet.
    """
    if len({read.by_position for read in reads}) > 1:
        bare = next(read.source for read in reads if read.by_position)
        raise InputError(
            Fault(
                "the ways come without the ids of their nodes, and cannot be joined to those of the other file",
                "ask for them again with 'out body' and their nodes", bare,
                problem_zh="道路没有节点编号，无法与另一份文件拼接", todo_zh="请用 out body 连同节点重新查询",
            )
        )  # fmt: skip
    parts: dict[int, list[tuple[int, ...]]] = {}
    tags: dict[int, dict[str, str]] = {}
    several: set[int] = set()
    for read in reads:
        table = read.table
        for i, way in enumerate(table.way.tolist()):
            refs = tuple(table.ref[table.pointer[i] : table.pointer[i + 1]].tolist())
            several |= {way} & parts.keys()
            parts[way] = _put_together([*parts.get(way, []), refs])
            tags.setdefault(way, table.tags[i])
    rows = [(way, refs) for way, found in parts.items() for refs in found]
    pointer = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(refs) for _, refs in rows], out=pointer[1:])
    ref = np.fromiter((node for _, refs in rows for node in refs), np.int64, int(pointer[-1]))
    known, place = np.concatenate([read.table.ref for read in reads]), np.concatenate([read.table.xy for read in reads])
    placed = np.isfinite(place[:, 0])
    ids, first = np.unique(known[placed], return_index=True)
    xy = np.full((len(ref), 2), np.nan)
    if len(ids):
        at = np.minimum(np.searchsorted(ids, ref), len(ids) - 1)
        found = ids[at] == ref
        xy[found] = place[placed][first[at[found]]]
    node_tags: dict[int, str] = {}
    for read in reversed(reads):
        node_tags |= read.table.node_tags
    counts: Counter[str] = Counter()
    for read in reads:
        counts.update(read.counts)
    table = WayTable(
        np.array([way for way, _ in rows], np.int64), pointer, ref, xy, [tags[way] for way, _ in rows], node_tags
    )
    source = " + ".join(read.source for read in reads)
    notes = tuple(note for read in reads for note in read.notes)
    return WaysRead(table, source, {**counts, "ways_in_several": len(several)}, notes, reads[0].by_position)


def _put_together(parts: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Join the last part of a way to those before it where they overlap or meet; parts that do not are kept apart."""
    *others, part = parts
    for i, other in enumerate(others):
        whole = _overlapped(other, part) or _overlapped(part, other)
        if whole:
            return _put_together([*others[:i], *others[i + 1 :], whole])
    return parts


def _overlapped(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return ``a`` where ``b`` lies within it, or ``a`` run on into ``b`` where its end is the other's beginning."""
    if any(a[i : i + len(b)] == b for i in range(len(a) - len(b) + 1)):
        return a
    return next((a + b[n:] for n in range(min(len(a), len(b)), 0, -1) if a[-n:] == b[:n]), None)


def edges_from_ways(read: WaysRead) -> StreetEdges:
    """Cut ways into edges at shared nodes, way ends, barriers, signals and crossings.

    Parameters
    ----------
    read : WaysRead
        Ways that are streets.

    Returns
    -------
    StreetEdges
        Edges with the id of their way in column ``way``, and a report.

    Raises
    ------
    InputError
        If nothing is left.
    """
    table, source = read.table, read.source
    n_refs = np.diff(table.pointer)
    row = np.repeat(np.arange(len(table.way)), n_refs)
    there = np.isfinite(table.xy[:, 0])
    # A run is a stretch of one way without a missing node; a node named twice in a row counts once.
    again = np.zeros(len(row), np.bool_)
    again[1:] = (table.ref[1:] == table.ref[:-1]) & (row[1:] == row[:-1])
    run = np.cumsum(np.r_[0, (row[1:] != row[:-1]) | (there[1:] != there[:-1])]) if len(row) else row
    keep = there & ~again
    ref, xy, row, run = table.ref[keep], table.xy[keep], row[keep], run[keep]
    _, size = np.unique(run, return_counts=True)
    long = np.repeat(size > 1, size)
    ref, xy, row, run = ref[long], xy[long], row[long], run[long]
    if len(ref) == 0:
        raise InputError(
            Fault(
                "there is no street in it", "check the area and the filter it was cut with", source,
                problem_zh="其中没有任何道路", todo_zh="请检查裁剪范围和筛选条件",
            )
        )  # fmt: skip
    starts, ends = np.r_[True, run[1:] != run[:-1]], np.r_[run[1:] != run[:-1], True]
    ids, index, uses = np.unique(ref, return_inverse=True, return_counts=True)
    marked = np.isin(ids, np.fromiter(table.node_tags, np.int64, len(table.node_tags))).reshape(-1)
    cut = starts | ends | (uses[index] > 1) | marked[index]
    at = np.flatnonzero(cut)
    a, b = at[:-1], at[1:]
    same = run[a] == run[b]
    a, b = a[same], b[same]
    points = b - a + 1
    edge = np.repeat(np.arange(len(a)), points)
    take = np.arange(len(edge)) - np.repeat(np.cumsum(points) - points, points) + np.repeat(a, points)
    text = {int(node): table.node_tags[int(node)] for node in ids[marked]}
    columns: dict[str, object] = {"u": ref[a], "v": ref[b], "way": table.way[row[a]]}
    present = [key for key in WAY_KEYS if any(key in tags for tags in table.tags)]
    for key in ["highway", *(key for key in present if key != "highway")]:
        values = np.array([tags.get(key) for tags in table.tags], object)
        columns[key] = values[row[a]]
    if text:
        columns["u_tags"] = np.array([text.get(int(node)) for node in ref[a]], object)
        columns["v_tags"] = np.array([text.get(int(node)) for node in ref[b]], object)
    frame = gpd.GeoDataFrame(columns, geometry=shapely.linestrings(xy[take], indices=edge), crs="EPSG:4326")
    found = {
        **read.counts,
        "ways": len(np.unique(table.way)),
        "refs_missing": int((~there).sum()),
        "ways_cut": len(np.unique(np.repeat(np.arange(len(table.way)), n_refs)[~there])),
        "refs_repeated": int(again.sum()),
        "edges": len(frame),
    }
    return StreetEdges(frame, StreetsReport(found, (*_remarks(table, found, source), *read.notes)), OSM_ATTRIBUTION)


def road_notes(classes: set[str], n_streets: int, source: str) -> tuple[Fault, ...]:
    """Say where a file holds roads for cars only: walking times are then too long where only paths exist."""
    if n_streets < 20 or classes & _ON_FOOT:
        return ()
    return (
        Fault(
            "footways are missing: the file holds roads for cars only",
            "read walking times as upper bounds where only paths exist, or use an extract of all streets", source,
            problem_zh="缺少步行道：文件只含机动车道路",
            todo_zh="仅有小路的地方步行时间会偏大，请尽量使用包含全部道路的数据",
        ),
    )  # fmt: skip


def _remarks(table: WayTable, found: Mapping[str, int], source: str) -> tuple[Fault, ...]:
    notes = road_notes({tags["highway"] for tags in table.tags if "highway" in tags}, len(table.way), source)
    if not found["refs_missing"]:
        return notes
    return (
        *notes,
        Fault(
            f"{found['refs_missing']} nodes of {found['ways_cut']} ways are not in the file",
            "ways end where their nodes do; cut extracts with whole ways to keep them", source,
            problem_zh=f"有 {found['ways_cut']} 条道路缺少 {found['refs_missing']} 个节点",
            todo_zh="道路在缺失处断开；裁剪时请保留完整道路",
        ),
    )  # fmt: skip
