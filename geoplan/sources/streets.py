"""Streets before any profile: one frame of edges, what was wrong with it, and whom to thank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd

from geoplan.errors import InputError
from geoplan.sources.edges import OSM_ATTRIBUTION, StreetsReport, check_edges
from geoplan.sources.street_files import read_edges

__all__ = ["OSM_ATTRIBUTION", "Streets", "StreetsReport"]


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
        edges = check_edges(frame, source)
        return cls(edges, StreetsReport({"edges": len(edges)}), source, attribution)

    @classmethod
    def read(cls, path: str | Path | Sequence[str | Path], area: Any = None, margin_m: float = 2000.0) -> Streets:
        """Read streets from a file of any known kind, or from several OSM files that are joined.

        Parameters
        ----------
        path : str or Path, or sequence of them
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
        files = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
        if not files:
            raise InputError("no street file is named; give at least one")
        read = read_edges(files, area, margin_m)
        return cls(read.edges, read.report, " + ".join(file.name for file in files), read.attribution)

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
