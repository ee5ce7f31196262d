"""Points of interest from CSV or vector files: positions with their OSM-like tags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.sources.columns import map_columns
from geoplan.sources.coordinates import parse_coordinates, to_wgs84
from geoplan.sources.rejected import Rejected, reject
from geoplan.sources.tables import RawTable, read_table

__all__ = ["TAG_KEYS", "Pois", "read_pois"]

TAG_KEYS: Final = (
    "amenity", "shop", "office", "railway", "public_transport", "tourism", "leisure", "building", "landuse", "highway",
    "aeroway", "healthcare", "craft", "man_made", "category",
)  # fmt: skip
"""Columns that say what a place is."""


@dataclass(frozen=True, slots=True)
class Pois:
    """Points of interest.

    Parameters
    ----------
    lonlat : numpy.ndarray of float64
        WGS-84 degrees, shape (n, 2).
    tags : pandas.DataFrame
        One column a tag key that the file has, empty text where a place has no such tag; n rows.
    faults : tuple of Fault
        Rows that were left out and why.
    rejected : Rejected
        The same rows, whole.
    """

    lonlat: npt.NDArray[np.float64]
    tags: pd.DataFrame
    faults: tuple[Fault, ...]
    rejected: Rejected


_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
_CATEGORY_WORDS: Final = frozenset({"category", "type", "poi_type", "类别", "类型", "大类", "小类", "分类", "行业"})


def read_pois(path: Path, source_crs: str = "") -> Pois:
    """Read points of interest.

    Parameters
    ----------
    path : pathlib.Path
        CSV (also gzipped), workbook, GeoJSON or GeoPackage with positions and at least one column of ``TAG_KEYS``
        (类别, 类型 … count as ``category``).
    source_crs : str
        Coordinate system of positions that declare none; empty means WGS-84, which OSM uses. Places taken from Amap
        are ``gcj02``, half a kilometre away.

    Raises
    ------
    InputError
        The file cannot be read or has no tag column.
    """
    table = _gzipped(path) if path.suffix.lower() == ".gz" else read_table(path)
    positions = parse_coordinates(table, map_columns(table.headers, "candidates"), bounds=_WORLD)
    lon, lat = to_wgs84(positions, source_crs or positions.declared_crs or "wgs84")
    columns = {_key(header): header for header in table.headers if _key(header)}
    if not columns:
        todo = f"give a column {', '.join(TAG_KEYS[:4])} … or category"
        raise InputError(Fault("no column says what the places are", todo, path.name))
    tags = pd.DataFrame({key: table.frame[header].str.strip().str.lower() for key, header in columns.items()})
    tags = tags.replace({"nan": "", "none": ""})
    kept = positions.known
    log = FaultLog(path.name)
    for i in np.flatnonzero(~kept):
        log.add("the place has no usable position", "give longitude and latitude in degrees", row=int(table.row[i]))
    numbered = table.frame.set_index(table.row).reindex(range(2, int(max(table.row, default=1)) + 1))
    rejected = reject(path, numbered, log.faults)
    lonlat = np.column_stack([lon, lat])[kept]
    return Pois(lonlat, tags[kept].reset_index(drop=True), log.faults, rejected)


def _key(header: str) -> str:
    name = header.strip().lower()
    return name if name in TAG_KEYS else "category" if name in _CATEGORY_WORDS else ""


def _gzipped(path: Path) -> RawTable:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(Fault("cannot be read as a gzipped CSV", "give it again, whole", path.name)) from error
    return RawTable(path.name, frame, np.arange(2, len(frame) + 2, dtype=np.int64))
