"""Importing a register: planned row by row as a dry run, then written in one transaction or not at all.

Every row of the file ends in one of four ways and stays readable with all its cells: *accepted* (a new station),
*merged* (into a station or an earlier row), *needs a person* (in the register, but held back or queued until somebody
decides), or *rejected* (no station: a total, a signature, no name).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Register
from geoplan.registry.placing import PlannedRow, metres, place_rows
from geoplan.registry.proposals import Proposal, Reason, facility_columns, propose
from geoplan.registry.read import head_revision, stations
from geoplan.registry.siteproof import doubts
from geoplan.sources.columns import ColumnMap, map_columns
from geoplan.sources.coordinates import CHINA, Bounds, Positions, parse_coordinates, to_wgs84
from geoplan.sources.crsfit import CrsVerdict, determine_crs, require_crs
from geoplan.sources.evidence import Reference, short_district
from geoplan.sources.tables import SHEET_COLUMN, RawTable, read_table

__all__ = ["ImportPlan", "plan_import"]

Float = npt.NDArray[np.float64]
_HEADERS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A dry run: what an import would do, without a trace in the register.

    Parameters
    ----------
    file, sha256 : str
        Name and digest of the file.
    base_revision : int
        State of the register that it was planned against.
    columns : ColumnMap
        What the headers were taken for; show ``columns.to_confirm`` to a person.
    facility_columns : mapping of str to str
        Headers that tick one facility each.
    verdict : CrsVerdict
        The coordinate system and its evidence.
    rows : tuple of PlannedRow
        Every row, in order.
    remarks : tuple of str
        What the reading of the file noted, in Chinese.
    """

    file: str
    sha256: str
    base_revision: int
    columns: ColumnMap
    facility_columns: Mapping[str, str]
    verdict: CrsVerdict
    rows: tuple[PlannedRow, ...]
    remarks: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome; the four add up to the rows of the file."""
        found = Counter(row.outcome for row in self.rows)
        return {name: found[name] for name in ("accepted", "merged", "needs_person", "rejected")}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plan_import(
    register: Register,
    path: str | Path,
    reference: Reference,
    *,
    table: RawTable | None = None,
    columns: ColumnMap | None = None,
    choices: Mapping[str, str | None] | None = None,
    source_crs: str = "",
    sheet: str | None = None,
    encoding: str | None = None,
    bounds: Bounds = CHINA,
) -> ImportPlan:
    """Plan the import of a register without writing anything.

    Parameters
    ----------
    register : Register
        Where it would go.
    path : str or Path
        The file: .xlsx, .xls, CSV, GeoJSON, GeoPackage.
    reference : Reference
        The area's streets, districts, water and places: they prove the coordinate system and check each position.
    table : RawTable, optional
        What :func:`geoplan.sources.tables.read_table` made of the file, where somebody else read it.
    columns : ColumnMap, optional
        The columns as a person confirmed them; worked out by default.
    choices : mapping of str to str or None, optional
        Single columns as a person chose them, field → header; None leaves a field out.
    source_crs : {"", "wgs84", "cgcs2000", "gcj02", "bd09"}
        Coordinate system as a person states it.
    sheet, encoding : str, optional
        As in :func:`geoplan.sources.tables.read_table`.
    bounds : tuple of four floats
        West, south, east, north of where positions may lie.

    Returns
    -------
    ImportPlan
        Give it to :func:`geoplan.registry.applying.apply_import`.

    Raises
    ------
    InputError
        The file is unreadable, has no column of names, or its coordinate system is ambiguous, contradicted or mixed.
    """
    path = Path(path)
    table = table if table is not None else read_table(path, sheet=sheet, encoding=encoding)
    cells = {header: table.frame[header].tolist() for header in table.headers}
    mapped = columns or map_columns(table.headers, "stations", cells)
    for field, header in (choices or {}).items():
        if header is not None and header not in table.headers:
            raise InputError(_no_column(table, f"there is no column {header!r}", f"没有“{header}”列", field))
        mapped = mapped.choose(field, header)
    if mapped.header("name") is None:
        raise InputError(_no_column(table, "none of the columns is the stations' name", "没有站点名称列", "name"))
    positions = parse_coordinates(table, mapped, bounds=bounds)
    texts = {name: _column(table, mapped, name) for name in ("district_code", "district", "address", "name")}
    districts = [
        code if short_district(code) in reference.districts else named
        for code, named in zip(texts["district_code"], texts["district"], strict=True)
    ]
    verdict = determine_crs(
        positions,
        reference,
        district_of=districts,
        address_of=texts["address"],
        name_of=texts["name"],
        chosen=source_crs,
    )
    system = require_crs(verdict, table.name)
    lon, lat = to_wgs84(positions, system)
    ticks = facility_columns(mapped, cells)
    known = stations(register)
    head = head_revision(register)
    drafts = _drafts(table, mapped, ticks, positions, lon, lat, system, reference)
    xy = metres(lon, lat, reference)
    _doubt_positions(drafts, xy, districts, reference)
    rows = place_rows(drafts, known, table, reference, districts, xy)
    remarks = tuple(fault.sentence("zh") for fault in table.faults)
    return ImportPlan(table.name, _digest(path), head, mapped, ticks, verdict, rows, remarks)


def _no_column(table: RawTable, problem: str, problem_zh: str, field: str) -> Fault:
    """Return the fault of a column that is not there, with those that are."""
    shown = table.headers[:_HEADERS_SHOWN]
    return Fault(
        f"{problem} (there are: {', '.join(shown)})",
        "name one of them as usual (站点名称, 地址, …), or choose the column",
        table.name,
        field=field,
        problem_zh=f"{problem_zh}（现有：{'、'.join(shown)}）",
        todo_zh="请按常用名称（站点名称、地址等）改列名，或在导入时指定",
    )


def _column(table: RawTable, columns: ColumnMap, name: str) -> list[str]:
    header = columns.header(name)
    return [""] * len(table) if header is None else list(table.frame[header])


def _drafts(
    table: RawTable,
    columns: ColumnMap,
    ticks: Mapping[str, str],
    positions: Positions,
    lon: Float,
    lat: Float,
    system: str,
    reference: Reference,
) -> list[tuple[dict[str, str], Proposal]]:
    """Read every row, its position included."""
    codes = {short: code for code, short in _district_codes(reference).items()}
    said: dict[tuple[str, int], list[Reason]] = {}
    faults = [*table.faults, *positions.faults]
    for fault in faults:
        if fault.row is not None:
            said.setdefault((fault.file, fault.row), []).append(_reason_of(fault.problem, fault.problem_zh))
    drafts: list[tuple[dict[str, str], Proposal]] = []
    records = table.frame.to_dict(orient="records")
    for i, record in enumerate(records):
        cells = {str(header): str(text) for header, text in record.items()}
        draft = propose(cells, columns, ticks)
        sheet = cells.get(SHEET_COLUMN, "")
        names = (table.name, f"{table.name}[{sheet}]")
        draft.reasons += [reason for name in dict.fromkeys(names) for reason in said.get((name, int(table.row[i])), ())]
        values = draft.values
        values.setdefault("origin", table.name)
        if not values.get("district_code") and short_district(values.get("district", "")) in codes:
            values["district_code"] = codes[short_district(values["district"])]
        if positions.original[i]:
            values["source_coordinates"] = positions.original[i]
        if positions.known[i]:
            values |= {"lon": round(float(lon[i]), 7), "lat": round(float(lat[i]), 7)}
            values |= {"source_crs": positions.row_crs[i] or system}
            values.setdefault("located_by", "register")
            if positions.coarse[i]:
                values["position_state"] = "doubtful"
        else:
            values.pop("located_by", None)
            draft.say("no_position", "the row has no usable position", "没有可用坐标，需要定位", "person")
        drafts.append((cells, draft))
    return drafts


def _district_codes(reference: Reference) -> dict[str, str]:
    """Return district code → short name for outlines known by both."""
    by_shape: dict[int, dict[str, str]] = {}
    for key, shape in reference.districts.items():
        by_shape.setdefault(id(shape), {})["code" if key.isdigit() else "name"] = key
    return {pair["code"]: pair["name"] for pair in by_shape.values() if len(pair) == 2}


def _reason_of(problem: str, problem_zh: str) -> Reason:
    """Return a reading fault as a reason: an order put right is a note, everything else needs a person."""
    righted = "put right" in problem
    return Reason("swapped" if righted else "cells", problem, problem_zh, "note" if righted else "person")


def _doubt_positions(
    drafts: Sequence[tuple[dict[str, str], Proposal]], xy: Float, districts: Sequence[str], reference: Reference
) -> None:
    names = [draft.values.get("name", "") for _, draft in drafts]
    for (_, draft), found in zip(drafts, doubts(reference, xy, district_of=districts, name_of=names), strict=True):
        for doubt in found:
            draft.values["position_state"] = "doubtful"
            draft.say(doubt.code, doubt.text, doubt.text_zh, "person")
