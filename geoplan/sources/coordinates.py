"""Positions out of a table's cells: order, form and doubts, row by row; nothing is guessed that numbers do not prove.

Longitudes and latitudes of China do not overlap (73–136° and 3–54°), so a swapped pair is proven by its own numbers
there. Elsewhere the bounds of the area decide, or the order stays as the headers say. Which *system* the numbers are in
is another question: see :mod:`geoplan.sources.crsfit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geoplan import crs as crs_
from geoplan.errors import Fault, FaultLog
from geoplan.sources.columns import ColumnMap, CoordinateColumns, crs_from_words
from geoplan.sources.degrees import is_blank, parse_degrees, parse_pair
from geoplan.sources.tables import RawTable

__all__ = ["Positions", "parse_coordinates", "positions_from_cells", "to_wgs84"]

Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Bounds = tuple[float, float, float, float]
CHINA: Final[Bounds] = (73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of a table's rows, in degrees of the file's own coordinate system.

    Parameters
    ----------
    lon, lat : numpy.ndarray of float64, shape (n,)
        Degrees, order put right; NaN where the row has no usable position.
    original : tuple of str
        Each row's cells as they stood, for the record.
    declared_crs : str
        System that the file declares (header wording or geometry), ``""`` where it declares none.
    row_crs : tuple of str
        System that a row itself declares (its own column), ``""`` elsewhere.
    swapped : numpy.ndarray of bool, shape (n,)
        Rows whose order was put right.
    absent : numpy.ndarray of bool, shape (n,)
        Rows without any coordinate text: they go to geocoding.
    coarse : numpy.ndarray of bool, shape (n,)
        Rows written with fewer than three decimals (more than about 100 m).
    columns : CoordinateColumns or None
        Columns that were read; None where the geometry was.
    others : tuple of (str, ndarray, ndarray)
        Further coordinate columns with a declared system: (system, lon, lat), as evidence.
    faults : tuple of Fault
        What is wrong or was put right, by row.
    """

    lon: Float
    lat: Float
    original: tuple[str, ...]
    declared_crs: str
    row_crs: tuple[str, ...]
    swapped: Bool
    absent: Bool
    coarse: Bool
    columns: CoordinateColumns | None
    others: tuple[tuple[str, Float, Float], ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def known(self) -> Bool:
        """Rows with a usable position, shape (n,)."""
        return np.isfinite(self.lon) & np.isfinite(self.lat)

    def __len__(self) -> int:
        return len(self.lon)


def _inside(lon: float, lat: float, bounds: Bounds) -> bool:
    return bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3]


def _ordered(
    first: float, second: float, said: str, bounds: Bounds
) -> tuple[float, float, Literal["", "swapped", "outside"]]:
    """Return (lon, lat, remark) of two numbers whose order is said to be ``said`` (``""``: not said)."""
    straight, crossed = _inside(first, second, bounds), _inside(second, first, bounds)
    if straight != crossed:
        lon, lat = (first, second) if straight else (second, first)
        as_said = said == "" or (said == "lon,lat") == straight
        return lon, lat, "" if as_said else "swapped"
    lon, lat = (second, first) if said == "lat,lon" else (first, second)
    return lon, lat, "" if straight else "outside"


def _decimals(text: str) -> int:
    """Return the fewest decimals written in the cell; many where it is in minutes and seconds."""
    if any(mark in text for mark in "°度′'分:"):
        return 9
    numbers = [part for part in text.replace("，", ",").replace(",", " ").split() if any(ch.isdigit() for ch in part)]
    return min((len(part.partition(".")[2].rstrip(")]")) for part in numbers), default=9)


def positions_from_cells(
    cells: Sequence[tuple[str, ...]],
    *,
    rows: Sequence[int] | npt.NDArray[np.int64],
    said: str = "",
    file: str = "",
    field: str = "",
    bounds: Bounds = CHINA,
) -> tuple[Float, Float, Bool, Bool, Bool, tuple[Fault, ...]]:
    """Read positions from cells, one text (both numbers) or two texts (one number each) a row.

    Parameters
    ----------
    cells : sequence of tuples of str
        One or two texts a row.
    rows : sequence of int, shape (n,)
        Row numbers, for messages.
    said : {"", "lon,lat", "lat,lon"}
        Order that the headers state.
    file, field : str
        For messages.
    bounds : tuple of four floats
        West, south, east, north, in degrees: where positions may lie. A pair that lies inside only when crossed was
        swapped.

    Returns
    -------
    tuple
        ``lon``, ``lat`` (float64, NaN where unusable), ``swapped``, ``absent``, ``coarse`` (bool), all of shape (n,),
        and the faults.
    """
    n = len(cells)
    lon, lat = np.full(n, np.nan), np.full(n, np.nan)
    swapped, absent, coarse = (np.zeros(n, bool) for _ in range(3))
    log = FaultLog(file)
    for i, texts in enumerate(cells):
        row = int(rows[i])
        if all(is_blank(text) for text in texts) or _zeros(texts):
            absent[i] = True
            if _zeros(texts):
                log.add(
                    "the position is 0, 0",
                    "give the true position",
                    row=row,
                    field=field,
                    zh=("坐标为 0,0", "按无坐标处理"),
                )
            continue
        pair = _two_numbers(texts)
        if pair is None:
            log.add(
                f"{' / '.join(texts)!r} is not a position in degrees",
                "write it as 120.301234,31.574321",
                row=row,
                field=field,
                zh=(f"坐标“{' / '.join(texts)}”无法识别", "请写成 120.301234,31.574321"),
            )
            continue
        first, second, own = pair
        x, y, remark = _ordered(first, second, own or said, bounds)
        if remark == "outside":
            metres = max(abs(first), abs(second)) > 1000
            log.add(
                f"{first:g}, {second:g} {'are metres, not degrees' if metres else 'lies outside the area'}",
                "give degrees of longitude and latitude",
                row=row,
                field=field,
                zh=(
                    f"坐标 {first:g}, {second:g} {'是平面坐标（米），不是经纬度' if metres else '不在区域范围内'}",
                    "请核对并改为经纬度（度）",
                ),
            )
            continue
        lon[i], lat[i] = x, y
        if remark == "swapped":
            swapped[i] = True
            log.add(
                "longitude and latitude were exchanged and have been put right",
                "check the columns",
                row=row,
                field=field,
                zh=("经纬度写反，已按数值更正", "请核对列名"),
            )
        if min(_decimals(text) for text in texts) < 3:
            coarse[i] = True
            log.add(
                "the position has fewer than three decimals, more than 100 m",
                "measure it again",
                row=row,
                field=field,
                zh=("坐标小数不足三位，误差超过 100 米", "请重新采点"),
            )
    return lon, lat, swapped, absent, coarse, log.faults


def _zeros(texts: tuple[str, ...]) -> bool:
    return all(text.strip() and not text.strip().strip("0.,， ") for text in texts)


def _two_numbers(texts: tuple[str, ...]) -> tuple[float, float, str] | None:
    if len(texts) == 1:
        return parse_pair(texts[0])
    first, second = parse_degrees(texts[0]), parse_degrees(texts[1])
    if first is None or second is None:
        # Both numbers pasted into each of the two columns, or into one of them.
        whole = [pair for pair in map(parse_pair, texts) if pair is not None]
        return whole[0] if len(whole) == 1 or (len(whole) == 2 and whole[0] == whole[1]) else None
    if first[1] and first[1] == second[1]:
        return None
    own = ""
    if first[1] == "lat" or second[1] == "lon":
        own = "lat,lon"
    elif first[1] == "lon" or second[1] == "lat":
        own = "lon,lat"
    return first[0], second[0], own


def _read_columns(
    table: RawTable, columns: CoordinateColumns, bounds: Bounds
) -> tuple[Float, Float, Bool, Bool, Bool, tuple[Fault, ...], tuple[str, ...]]:
    frame = table.frame
    if columns.combined:
        cells: list[tuple[str, ...]] = [(text,) for text in frame[columns.lon]]
        said = ""  # "经纬度" and "latlng" are used loosely: the numbers decide
        field = columns.lon
    else:
        cells = list(zip(frame[columns.lon], frame[columns.lat], strict=True))
        said = "lon,lat"
        field = f"{columns.lon}/{columns.lat}"
    parsed = positions_from_cells(cells, rows=table.row, said=said, file=table.name, field=field, bounds=bounds)
    original = tuple(",".join(texts) if any(texts) else "" for texts in cells)
    return (*parsed, original)


def parse_coordinates(
    table: RawTable, column_map: ColumnMap, *, bounds: Bounds = CHINA, columns: CoordinateColumns | None = None
) -> Positions:
    """Read the position of every row of a table.

    Parameters
    ----------
    table : RawTable
        The table.
    column_map : ColumnMap
        Its columns. The geometry is read where the table has points; else ``columns``, or the first coordinate columns
        of the map that hold anything.
    bounds : tuple of four floats
        West, south, east, north of where positions may lie, in degrees; China by default.
    columns : CoordinateColumns, optional
        Columns to read, chosen by a person.

    Returns
    -------
    Positions
        In the file's own coordinate system: pass it to :func:`geoplan.sources.crsfit.determine_crs` next.
    """
    n = len(table)
    crs_header = column_map.header("coordinate_system")
    row_crs = tuple(crs_from_words(text) for text in table.frame[crs_header]) if crs_header else ("",) * n
    no = np.zeros(n, bool)
    if columns is None and table.geometry is not None and any(shape is not None for shape in table.geometry):
        return _from_geometry(table, row_crs, bounds)
    read: list[tuple[CoordinateColumns, tuple[Float, Float, Bool, Bool, Bool, tuple[Fault, ...], tuple[str, ...]]]] = [
        (choice, _read_columns(table, choice, bounds)) for choice in ([columns] if columns else column_map.coordinates)
    ]
    if not read:
        nothing = np.full(n, np.nan)
        return Positions(nothing, nothing.copy(), ("",) * n, "", row_crs, no, ~no, no.copy(), None)
    chosen, parsed = next((item for item in read if np.isfinite(item[1][0]).any()), read[0])
    lon, lat, swapped, absent, coarse, faults, original = parsed
    others = tuple(
        (choice.crs, other[0], other[1]) for choice, other in read if choice != chosen and np.isfinite(other[0]).any()
    )
    # A table that says where its positions came from is one of this project: its positions themselves are WGS-84.
    declared = chosen.crs or ("wgs84" if column_map.header("source_crs") and not crs_header else "")
    return Positions(lon, lat, original, declared, row_crs, swapped, absent, coarse, chosen, others, faults)


def _declared_by(layer_crs: str) -> str:
    """Return the system that a layer's own reference system amounts to, ``""`` where it says none of ours."""
    name = CRS.from_user_input(layer_crs).name if layer_crs else ""
    if "CGCS2000" in name or "China Geodetic Coordinate System 2000" in name:
        return "cgcs2000"
    return "wgs84" if "WGS 84" in name else ""


def _from_geometry(table: RawTable, row_crs: tuple[str, ...], bounds: Bounds) -> Positions:
    assert table.geometry is not None
    shapes = table.geometry.to_numpy()
    empty = np.array([shape is None or shape.is_empty for shape in shapes])
    points = shapely.centroid(np.where(empty, None, shapes))
    # A person draws a station as a point; an outline (a building) stands for a point on it.
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    n = len(table)
    swapped = np.zeros(n, bool)
    log = FaultLog(table.name)
    for i in np.flatnonzero(~empty):
        x, y, remark = _ordered(float(lon[i]), float(lat[i]), "lon,lat", bounds)
        if remark == "swapped":
            swapped[i] = True
            log.add(
                "longitude and latitude were exchanged and have been put right",
                "check the columns",
                row=int(table.row[i]),
                field="geometry",
                zh=("经纬度写反，已按数值更正", "请核对"),
            )
        elif remark == "outside":
            log.add(
                f"{lon[i]:g}, {lat[i]:g} lies outside the area",
                "check the position",
                row=int(table.row[i]),
                field="geometry",
                zh=("坐标不在区域范围内", "请核对"),
            )
        lon[i], lat[i] = (np.nan, np.nan) if remark == "outside" else (x, y)
    original = tuple("" if e else shapely.to_wkt(s, rounding_precision=9) for e, s in zip(empty, shapes, strict=True))
    no = np.zeros(n, bool)
    return Positions(
        np.asarray(lon, np.float64),
        np.asarray(lat, np.float64),
        original,
        _declared_by(table.declared_crs),
        row_crs,
        swapped,
        empty,
        no,
        None,
        (),
        log.faults,
    )


def to_wgs84(positions: Positions, source_crs: str) -> tuple[Float, Float]:
    """Turn positions into WGS-84 degrees; a row that declares its own system is taken at its word.

    Parameters
    ----------
    positions : Positions
        As read.
    source_crs : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        System of the rows that declare none.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude, shape (n,), NaN where unknown.
    """
    lon, lat = positions.lon.copy(), positions.lat.copy()
    systems = np.array([own or source_crs for own in positions.row_crs], dtype=object)
    for system in dict.fromkeys(systems):
        rows = (systems == system) & positions.known
        lon[rows], lat[rows] = crs_.convert(positions.lon[rows], positions.lat[rows], str(system))
    return lon, lat
