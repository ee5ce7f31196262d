"""Edges as every street reader hands them on: one checked frame, what was found, and whom to thank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.errors import Fault, FaultLog, InputError

__all__ = ["OSM_ATTRIBUTION", "StreetEdges", "StreetsReport", "check_edges"]

OSM_ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True, slots=True)
class StreetsReport:
    """What a reader found: counts of things kept, left out and repaired, and remarks a person should read.

    Parameters
    ----------
    counts : mapping of str to int
        Named counts, e.g. ``ways_read``, ``refs_missing``.
    notes : tuple of Fault
        Remarks; ``note.sentence("zh")`` gives the Chinese text.
    """

    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", MappingProxyType(dict(self.counts)))

    def with_notes(self, *notes: Fault, **counts: int) -> StreetsReport:
        """Return the report with more remarks and counts."""
        return StreetsReport({**self.counts, **counts}, (*self.notes, *notes))


@dataclass(frozen=True, slots=True)
class StreetEdges:
    """What a reader of one format hands on.

    Parameters
    ----------
    edges : geopandas.GeoDataFrame
        Edges as :class:`~geoplan.sources.streets.Streets` holds them.
    report : StreetsReport
        What was found while reading.
    attribution : str
        Credit that maps made from them must carry.
    """

    edges: gpd.GeoDataFrame
    report: StreetsReport
    attribution: str = ""


def check_edges(frame: gpd.GeoDataFrame, source: str) -> gpd.GeoDataFrame:
    """Check a frame of edges and bring it to EPSG:4326.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        LineStrings with a stated CRS and columns ``u``, ``v`` and ``highway``.
    source : str
        Name for messages.

    Returns
    -------
    geopandas.GeoDataFrame
        The edges, index 0, 1, 2…, ``u`` and ``v`` as int64.

    Raises
    ------
    InputError
        With every fault: missing column, no CRS, wrong geometry, no edge at all.
    """
    log = FaultLog(source)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"streets must come as a GeoDataFrame, not {type(frame).__name__}")
    for column in ("u", "v", "highway"):
        if column not in frame.columns:
            log.add(
                "this column is missing", "add it (u and v are node ids, highway the OSM street class)",
                field=column, zh=("缺少此列", "请补上（u、v 为节点编号，highway 为道路等级）"),
            )  # fmt: skip
    for column in ("u", "v"):
        if column in frame.columns and not pd.api.types.is_integer_dtype(frame[column]):
            log.add("node ids must be whole numbers", "store them as int64", field=column)
    if frame.crs is None:
        log.add("the coordinate system is not stated", "set it, e.g. to EPSG:4326", field="geometry")
    if len(frame) == 0:
        log.add(
            "there is no street in it", "check the area and the filter it was cut with",
            zh=("其中没有任何道路", "请检查裁剪范围和筛选条件"),
        )  # fmt: skip
    geometry = np.asarray(frame.geometry.array)
    bad = np.flatnonzero(shapely.get_type_id(geometry) != 1)
    for row in bad[:20]:
        kind = "nothing" if geometry[row] is None else f"a {geometry[row].geom_type}"
        log.add(f"the geometry is {kind}", "give a LineString", row=int(row) + 2, field="geometry")
    log.raise_if_any()
    edges = frame if frame.crs == "EPSG:4326" else frame.to_crs("EPSG:4326")
    coordinates = shapely.get_coordinates(np.asarray(edges.geometry.array))
    outside = (np.abs(coordinates[:, 0]) > 180.0) | (np.abs(coordinates[:, 1]) > 90.0)
    if bool(outside.any()) or not bool(np.isfinite(coordinates).all()):
        raise InputError(
            Fault("some positions are not longitudes and latitudes", "check the coordinate system", source)
        )
    return edges.reset_index(drop=True).astype({"u": np.int64, "v": np.int64})
