"""Streets as every reader hands them on: one frame of edges, what was wrong with it, and whom to thank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.errors import Fault, FaultLog, InputError

__all__ = ["OSM_ATTRIBUTION", "Streets", "StreetsReport"]

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
class Streets:
    """A street network before any profile: edges that meet only where their node ids are equal.

    Parameters
    ----------
    edges : geopandas.GeoDataFrame
        EPSG:4326 LineStrings with ``u``, ``v`` (int64 node ids), ``highway`` (OSM class), and OSM tags as further
        columns (str or null; a column that is absent is a tag that is absent). ``u_tags``, ``v_tags`` hold the tags
        of an end node that matter on the way, as ``key=value`` joined by semicolons.
    report : StreetsReport
        What was found while reading.
    source : str
        Where the streets come from, for captions.
    attribution : str
        Credit that maps made from them must carry.
    """

    edges: gpd.GeoDataFrame
    report: StreetsReport = field(default_factory=StreetsReport)
    source: str = ""
    attribution: str = ""

    def __len__(self) -> int:
        return len(self.edges)

    @classmethod
    def from_frame(cls, frame: gpd.GeoDataFrame, *, source: str = "", attribution: str = "") -> Streets:
        """Check a frame of edges and hold it.

        Parameters
        ----------
        frame : geopandas.GeoDataFrame
            LineStrings with a stated CRS and columns ``u``, ``v`` and ``highway``.
        source, attribution : str
            Where the streets come from, and the credit they need.

        Returns
        -------
        Streets
            The streets, in EPSG:4326.

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
        edges = edges.reset_index(drop=True).astype({"u": np.int64, "v": np.int64})
        return cls(edges, StreetsReport({"edges": len(edges)}), source, attribution)

    @classmethod
    def read(cls, path: str | Path, area: Any = None, margin_m: float = 2000.0) -> Streets:
        """Read streets from a file of any known kind.

        Parameters
        ----------
        path : str or Path
            ``.osm.pbf``, ``.osm`` (``.gz``, ``.bz2``), an Overpass answer ``.json`` (``.gz``), OSMnx ``.graphml``
            (``.gz``), or lines in any file that GDAL or GeoParquet reads.
        area : shapely geometry, GeoDataFrame, GeoSeries or (west, south, east, north), optional
            Keep only streets within ``margin_m`` of it, so that places near the border keep their ways around.
        margin_m : float
            Width of that margin, metres.

        Returns
        -------
        Streets
            Edges with a report of what was found.

        Raises
        ------
        InputError
            If the file is absent, broken, of an unknown kind, or holds no street.
        """
        from geoplan.sources import street_files  # a reader needs this class: imported when a file is read

        return street_files.read_streets(Path(path), area, margin_m)

    def write(self, path: str | Path) -> Path:
        """Write the edges to ``.parquet`` (GeoParquet) or ``.gpkg`` (GeoPackage); returns the path."""
        target = Path(path)
        if target.suffix == ".parquet":
            self.edges.to_parquet(target)
        elif target.suffix == ".gpkg":
            self.edges.to_file(target, layer="streets", driver="GPKG")
        else:
            raise InputError(f"streets are written as .parquet or .gpkg, not {target.suffix or 'without a suffix'}")
        return target
