"""Registers as unions have them (.xlsx, .xls, CSV, GeoJSON, GeoPackage, Parquet) as frames of text with row numbers.

Nothing is interpreted here but the shape: which line is the header, which sheet holds records, which encoding the text
is in. Every cell stays as text, every row keeps the number a spreadsheet shows, and what does not fit is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import Fault, InputError
from geoplan.sources.columns import header_score
from geoplan.sources.geofiles import read_geojson, read_layers
from geoplan.sources.textfiles import MAX_COLUMNS, read_text_rows
from geoplan.sources.workbooks import read_xls, read_xlsx, value_text

__all__ = ["MAX_BYTES", "MAX_CELLS", "RawTable", "read_table", "table_from_rows"]

MAX_BYTES: Final = 200 * 2**20
MAX_CELLS: Final = 6_000_000
_MARKED: Final = re.compile(rb"<(?:\w+:)?(?:FeatureCollection|kml)[\s>]")
_HEADER_SEARCH_ROWS: Final = 25
SHEET_COLUMN: Final = "工作表"


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was found.

    Parameters
    ----------
    name : str
        File name, for messages.
    frame : pandas.DataFrame
        Text cells (``""`` where empty), one column a header, index 0 … n-1. Headers are unique: a repeated header
        carries ``(2)``, an absent one ``列C`` after its letter.
    row : numpy.ndarray of int64, shape (n,)
        Row as a spreadsheet counts. For GeoJSON and layers: the feature's place, the first being row 2.
    geometry : geopandas.GeoSeries, optional
        One geometry a row, in degrees, where the file carries geometry.
    declared_crs : str
        What the file says about its geometry's system (``"EPSG:4549"`` …; the geometry here is already in degrees).
    encoding : str
        Encoding of a text file.
    sheets : tuple of str
        Sheets or layers that were read.
    faults : tuple of Fault
        What was odd but did not stop the reading: rows with more cells than headers, sheets passed over …
    """

    name: str
    frame: pd.DataFrame
    row: npt.NDArray[np.int64]
    geometry: gpd.GeoSeries | None = None
    declared_crs: str = ""
    encoding: str = ""
    sheets: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def headers(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(str(name) for name in self.frame.columns)


def _letters(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _unique(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names: list[str] = []
    for index, header in enumerate(headers):
        name = " ".join(header.split()) or f"列{_letters(index)}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}({seen[name]})")
    return names


def _header_rows(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return (first header row, number of header rows) by known wordings; a second row joins where it names more."""
    scores = [header_score(row) for row in rows[:_HEADER_SEARCH_ROWS]]
    if not scores or max(scores) == 0:
        first = next((i for i, row in enumerate(rows) if sum(bool(cell) for cell in row) >= 2), 0)
        return first, 1
    best = int(np.argmax(scores))
    if best > 0 and scores[best - 1] >= 1 and _spans(rows[best - 1], rows[best]):
        return best - 1, 2
    following = rows[best + 1] if best + 1 < len(rows) else []
    if best + 1 < len(scores) and scores[best + 1] >= 2 and _spans(rows[best], following):
        return best, 2
    return best, 1


def _spans(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Tell whether two rows are one header of two lines: every filled cell of both is short and holds no number."""
    cells = [cell for cell in (*upper, *lower) if cell]
    texts = [cell for cell in cells if len(cell) <= 20 and not any(ch.isdigit() for ch in cell.replace("2000", ""))]
    return sum(bool(c) for c in upper) >= 2 and len(texts) == len(cells)


def _joined_header(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    top = [*upper, *[""] * (width - len(upper))]
    low = [*lower, *[""] * (width - len(lower))]
    names = []
    for above, below in zip(top, low, strict=True):
        # "坐标" over "经度": the lower word is the field, the upper one its group, unless both are the same cell.
        names.append(below if below and header_score([below]) else "".join(dict.fromkeys([above, below])))
    return names


def table_from_rows(
    rows: Sequence[Sequence[str]], *, name: str, first_row: int = 1, sheet: str = ""
) -> tuple[pd.DataFrame, list[int], list[Fault]]:
    """Turn a grid of text into a frame: find the header, name the columns, number the rows.

    Parameters
    ----------
    rows : sequence of sequences of str
        The grid from its first line; empty lines are kept so that numbers agree with the file.
    name, sheet : str
        For messages.
    first_row : int
        Number of the first line of ``rows``.

    Returns
    -------
    tuple of (pandas.DataFrame, list of int, list of Fault)
        Text frame, row numbers, and rows that have more cells than the header has names.
    """
    file = f"{name}[{sheet}]" if sheet else name
    if not rows:
        return pd.DataFrame(), [], []
    at, lines = _header_rows(rows)
    header = [cell.strip() for cell in (rows[at] if lines == 1 else _joined_header(rows[at], rows[at + 1]))]
    while header and not header[-1]:
        header.pop()
    faults: list[Fault] = []
    records, numbers = [], []
    width = len(header)
    body = rows[at + lines :]
    for offset, row in enumerate(body):
        if not any(cell.strip() for cell in row):
            continue
        number = first_row + at + lines + offset
        if any(cell.strip() for cell in row[width:]):
            faults.append(
                Fault(
                    f"the row has {len(row)} cells but the header has {width} names",
                    "quote the cell that holds the separator, or name the extra columns",
                    file,
                    number,
                    problem_zh=f"本行有 {len(row)} 格，表头只有 {width} 列",
                    todo_zh="请检查是否有单元格内含分隔符，或为多出的列补上表头",
                )
            )
        records.append([*row, *[""] * (width - len(row))])
        numbers.append(number)
    widest = max((len(record) for record in records), default=width)
    names = _unique([*header, *[""] * (widest - width)])
    grid = [[*record, *[""] * (widest - len(record))] for record in records]
    frame = pd.DataFrame(grid, columns=names, dtype=object) if grid else pd.DataFrame(columns=names, dtype=object)
    unnamed_empty = [c for i, c in enumerate(names) if (i >= width or not header[i]) and (frame[c] == "").all()]
    return frame.drop(columns=unnamed_empty), numbers, faults


def _join_sheets(
    sheets: Sequence[tuple[str, list[list[str]]]], name: str, wanted: str | None
) -> tuple[pd.DataFrame, list[int], tuple[str, ...], list[Fault]]:
    """Join the sheets whose header is known, naming each row's sheet where there are several."""
    filled = [(title, rows) for title, rows in sheets if any(any(c.strip() for c in row) for row in rows)]
    if wanted is not None:
        filled = [(title, rows) for title, rows in filled if title == wanted]
        if not filled:
            raise InputError(
                Fault(
                    f"there is no filled sheet named {wanted!r}",
                    f"use one of: {', '.join(title for title, _ in sheets)}",
                    name,
                    problem_zh=f"没有名为“{wanted}”的非空工作表",
                    todo_zh="可用的工作表：" + "、".join(title for title, _ in sheets),
                )
            )
    known = [(t, r) for t, r in filled if max((header_score(row) for row in r[:_HEADER_SEARCH_ROWS]), default=0) >= 2]
    used = known or filled[:1]
    faults = [
        Fault(
            f"sheet {title!r} has no known header and was passed over",
            "name its columns, or choose it by name, if it holds records",
            name,
            problem_zh=f"工作表“{title}”没有可识别的表头，已跳过",
            todo_zh="如其中有站点，请补上表头或按名称指定该表",
        )
        for title, _ in filled
        if title not in {t for t, _ in used}
    ]
    frames, numbers = [], []
    for title, rows in used:
        frame, rows_of, row_faults = table_from_rows(rows, name=name, sheet=title if len(used) > 1 else "")
        if len(used) > 1:
            frame = frame.assign(**{SHEET_COLUMN: title})
        frames.append(frame)
        numbers += rows_of
        faults += row_faults
    joined = pd.concat(frames, ignore_index=True).fillna("") if frames else pd.DataFrame()
    return joined, numbers, tuple(title for title, _ in used), faults


def _sniff(path: Path) -> str:
    """Return the true kind of a file by its first bytes: an .xls is often a renamed CSV or .xlsx."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    suffix = path.suffix.lower()
    if head.startswith(b"SQLite format 3\x00"):
        return "layers"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "layers" if suffix in {".zip", ".shz"} else "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    # GDAL also opens descriptions of other files and of addresses (VRT and its like), whatever they are called
    if head.startswith((b"\x00\x00\x27\x0a", b"fgb\x03")) or (suffix in {".gml", ".kml"} and _MARKED.search(head)):
        return "layers"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"[") and suffix in {".json", ".geojson", ""}:
        return "geojson"
    if start[:1] == b"<":
        return "markup"
    return "text"


def read_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_cells: int = MAX_CELLS,
) -> RawTable:
    """Read a register, a demand table or a boundary file as text.

    Parameters
    ----------
    path : str or Path
        ``.xlsx``, ``.xls``, ``.csv``/``.txt`` (UTF-8, GB18030/GBK, UTF-16; comma, tab or semicolon), ``.geojson``,
        ``.gpkg``, ``.shp``, ``.parquet``. The content decides, not the ending.
    sheet : str, optional
        Sheet or layer to read. By default all sheets with a known header are joined (a sheet a district is common) and
        each row's sheet stands in the column 工作表.
    encoding : str, optional
        Encoding of a text file, where it is known.
    max_bytes, max_cells : int
        Larger files are refused before they fill the memory.

    Returns
    -------
    RawTable
        Text cells with row numbers, and geometry where the file has it.

    Raises
    ------
    InputError
        The file is absent, empty, too large, damaged or in no readable form.
    """
    path = Path(path)
    name = path.name
    if not path.is_file():
        raise InputError(
            Fault("the file does not exist", "check the path", name, problem_zh="文件不存在", todo_zh="请检查路径")
        )
    size = path.stat().st_size
    if size == 0:
        raise InputError(
            Fault("the file is empty", "save it again", name, problem_zh="文件是空的", todo_zh="请重新保存")
        )
    kind = _sniff(path)
    if size > max_bytes:
        raise InputError(
            Fault(
                f"the file has {size / 2**20:,.0f} MB, more than the {max_bytes / 2**20:,.0f} MB allowed",
                "split it",
                name,
                problem_zh=f"文件 {size / 2**20:,.0f} MB，超过上限 {max_bytes / 2**20:,.0f} MB",
                todo_zh="请拆分后再导入",
            )
        )
    if kind == "markup":
        raise InputError(
            Fault(
                "the file is a web page or XML, whatever its ending says",
                "open it in a spreadsheet and save it as .xlsx",
                name,
                problem_zh="文件实际是网页或 XML，并非表格",
                todo_zh="请用表格软件打开后另存为 .xlsx",
            )
        )
    if kind in {"geojson", "layers", "parquet"}:
        return _from_features(path, kind, sheet, max_cells)
    used_encoding = ""
    if kind == "text":
        rows, used_encoding = read_text_rows(path, encoding=encoding, max_cells=max_cells)
        sheets: list[tuple[str, list[list[str]]]] = [("", rows)]
        sheet = None
    else:
        sheets = (read_xlsx if kind == "xlsx" else read_xls)(path, max_cells=max_cells)
    frame, numbers, used, faults = _join_sheets(sheets, name, sheet)
    return RawTable(
        name,
        frame,
        np.asarray(numbers, np.int64),
        encoding=used_encoding,
        sheets=tuple(t for t in used if t),
        faults=tuple(faults),
    )


def _from_features(path: Path, kind: str, layer: str | None, max_cells: int) -> RawTable:
    declared: str
    sheets: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    geometry: gpd.GeoSeries | None
    if kind == "geojson":
        records, geometry, declared = read_geojson(path)
        frame = pd.DataFrame(records, dtype=object)
    elif kind == "parquet":
        frame, geometry, declared = _read_parquet(path)
    else:
        frame, geometry, declared, sheets, faults = read_layers(path, layer)
    if frame.size > max_cells or frame.shape[1] > MAX_COLUMNS:
        raise InputError(
            Fault(f"the file has {frame.shape[1]:,} columns and {frame.size:,} cells, more than are allowed",
                  "split it", path.name, problem_zh="表格太大", todo_zh="请拆分后再导入")
        )  # fmt: skip
    cells = {str(c): [value_text(v) for v in frame[c]] for c in frame.columns}
    # outlines without any attribute are records, too
    text = pd.DataFrame(cells, index=range(len(frame) if geometry is None else len(geometry)), dtype=object)
    rows = np.arange(2, len(frame) + 2, dtype=np.int64)
    return RawTable(path.name, text, rows, geometry, declared, sheets=sheets, faults=faults)


def _read_parquet(path: Path) -> tuple[pd.DataFrame, gpd.GeoSeries | None, str]:
    try:
        frame = gpd.read_parquet(path)
    except ValueError:  # a Parquet file without geometry
        return pd.read_parquet(path), None, ""
    declared = "" if frame.crs is None else frame.crs.to_string()
    geometry = frame.geometry if frame.crs is None else frame.geometry.to_crs(4326)
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)), geometry, declared
