"""Where each row of an import goes: a station of its own, one that is there already, or before a person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from geoplan import crs as crs_
from geoplan.registry.duplicates import Identity, Likeness, closest
from geoplan.registry.proposals import Proposal, Reason
from geoplan.registry.record import BLANK, Station
from geoplan.sources.evidence import Reference, short_district
from geoplan.sources.tables import SHEET_COLUMN, RawTable

__all__ = ["Outcome", "PlannedRow", "merged_values", "metres", "place_rows"]

Float = npt.NDArray[np.float64]
Outcome = Literal["accepted", "merged", "needs_person", "rejected"]
MOVED_M: Final = 200.0


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What is to become of one row.

    Parameters
    ----------
    row : int
        Row as the spreadsheet counts.
    sheet : str
        Sheet, where there are several.
    outcome : {"accepted", "merged", "needs_person", "rejected"}
        See the module.
    reasons : tuple of Reason
        Why, and what was noted.
    values : mapping of str to object
        The record to write (of a merged row: what it adds).
    cells : mapping of str to str
        The row as it stood.
    station_id : int or None
        Station that it is merged into, or that it may be.
    into_row : int or None
        Index in the plan of the earlier row that it is merged into, or that it may be.
    geocode : str
        What to look up where the row has an address and no position.
    """

    row: int
    sheet: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    values: Mapping[str, Any]
    cells: Mapping[str, str]
    station_id: int | None = None
    into_row: int | None = None
    geocode: str = ""


def metres(lon: Float, lat: Float, reference: Reference) -> Float:
    """Project WGS-84 degrees to the reference's metres, shape (n, 2); NaN where unknown."""
    xy = np.full((len(lon), 2), np.nan)
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        xy[known] = crs_.project(lon[known], lat[known], reference.crs_metric)
    return xy


def _identity(values: Mapping[str, Any], district: str, x: float, y: float) -> Identity:
    return Identity(
        values.get("name", ""),
        values.get("address", ""),
        short_district(district),
        values.get("station_kind", "outdoor"),
        values.get("station_code", ""),
        x,
        y,
    )


def place_rows(
    drafts: Sequence[tuple[dict[str, str], Proposal]],
    known: Sequence[Station],
    table: RawTable,
    reference: Reference,
    districts: Sequence[str],
    xy: Float,
) -> tuple[PlannedRow, ...]:
    """Decide each row's outcome against the register and the rows before it.

    Parameters
    ----------
    drafts : sequence of (dict, Proposal), length n
        Each row's cells and what was read from them.
    known : sequence of Station
        The register.
    table : RawTable
        Row numbers.
    reference : Reference
        Its projection is used.
    districts : sequence of str, length n
        Each row's district.
    xy : numpy.ndarray of float64, shape (n, 2)
        Positions in metres, NaN where unknown.

    Returns
    -------
    tuple of PlannedRow, length n
    """
    live = [i for i, (_, draft) in enumerate(drafts) if not any(r.level == "reject" for r in draft.reasons)]
    known_lon = np.array([math.nan if s["lon"] is None else s["lon"] for s in known], np.float64)
    known_lat = np.array([math.nan if s["lat"] is None else s["lat"] for s in known], np.float64)
    known_xy = metres(known_lon, known_lat, reference)
    there = [_identity(s.values, s["district"], *known_xy[k]) for k, s in enumerate(known)]
    mine = [_identity(drafts[i][1].values, districts[i], *xy[i]) for i in live]
    twins = dict(zip(live, closest(mine, there), strict=True))
    codes: dict[str, int] = {s["station_code"]: k for k, s in enumerate(known)}
    rows: list[PlannedRow] = []
    for i, (cells, draft) in enumerate(drafts):
        row = PlannedRow(int(table.row[i]), cells.get(SHEET_COLUMN, ""), "rejected", (), draft.values, cells)
        if i in twins:
            twin = twins[i]
            other = (
                None if twin is None else (twin[0] if twin[0] < len(known) else len(known) + live[twin[0] - len(known)])
            )
            merged = other if twin is not None and twin[1].verdict == "same" else None
            _free_code(draft, i, len(known), merged, codes)
            row = _with_twin(row, draft, twin[1] if twin else None, other, known, rows)
        rows.append(replace(row, reasons=tuple(dict.fromkeys(draft.reasons))))
    return tuple(rows)


def _free_code(draft: Proposal, i: int, known: int, other: int | None, codes: dict[str, int]) -> None:
    """Let go of a code that another record holds: two stations must not share one."""
    code = draft.values.get("station_code", "")
    if not code:
        return
    holder = codes.setdefault(code, known + i)
    if holder not in (known + i, other):
        del draft.values["station_code"]
        draft.aside("站点编号", code)
        draft.say(
            "code_taken", f"the code {code!r} belongs to another station", f"站点编号“{code}”已属于另一站点", "person"
        )


def _with_twin(
    row: PlannedRow,
    draft: Proposal,
    likeness: Likeness | None,
    other: int | None,
    known: Sequence[Station],
    rows: list[PlannedRow],
) -> PlannedRow:
    values = draft.values
    if likeness is not None and other is not None:
        there = known[other] if other < len(known) else None
        station_id, into = (there.id, None) if there is not None else _root(rows, other - len(known))
        name = there["name"] if there is not None else rows[other - len(known)].values.get("name", "")
        why, why_zh = likeness.why(), likeness.why(zh=True)
        row = replace(row, station_id=station_id, into_row=into)
        if likeness.verdict == "same":
            at, at_zh = "", ""
            if there is None:
                number = rows[other - len(known)].row
                at, at_zh = f" of row {number}", f"（第 {number} 行）"
            draft.say("same", f"the same station as {name!r}{at}: {why}", f"与“{name}”{at_zh}为同一站点：{why_zh}")
            if there is not None:
                _note_move(draft, there.values, likeness.distance_m)
            return replace(row, outcome="merged")
        draft.say("duplicate", f"may be {name!r}: {why}", f"可能与“{name}”重复：{why_zh}", "person")
        if values.get("lon") is not None:
            values["position_state"] = "doubtful"  # not shown twice before a person has looked
    person = any(reason.level == "person" for reason in draft.reasons)
    query = " ".join(dict.fromkeys(t for t in (values.get("district", ""), values.get("address", "")) if t))
    geocode = query if values.get("lon") is None else ""
    return replace(row, outcome="needs_person" if person else "accepted", geocode=geocode)


def _root(rows: Sequence[PlannedRow], place: int) -> tuple[int | None, int | None]:
    """Return (station, row) that a row of the plan ends in: an earlier row may itself have been merged."""
    row = rows[place]
    if row.outcome != "merged":
        return None, place
    return (row.station_id, None) if row.into_row is None else _root(rows, row.into_row)


def _note_move(draft: Proposal, target: Mapping[str, Any], distance_m: float) -> None:
    """Tell a person where a merged row puts a located station elsewhere: the station does not move by itself."""
    if target["lon"] is not None and draft.values.get("lon") is not None and distance_m > MOVED_M:
        draft.say("moved", f"the file's position is {distance_m:,.0f} m from the register's, which is kept",
                  f"文件中的位置与登记位置相距 {distance_m:,.0f} 米，保留原位置", "person")  # fmt: skip


def merged_values(target: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a merged row changes: later words win, blanks never overwrite, a located position stays.

    Parameters
    ----------
    target : mapping of str to object
        The record merged into.
    values : mapping of str to object
        What the row says.

    Returns
    -------
    dict of str to object
        Fields to change.
    """
    position = ("lon", "lat", "source_crs", "source_coordinates", "located_by", "position_state")
    keep = {"station_code", "origin", "brand"} | (set(position) if target.get("lon") is not None else set())
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in keep and target.get(name) not in (None, "", BLANK.get(name)):
            continue
        if name in position and (target.get("lon") is not None or values.get("lon") is None):
            continue
        if name == "extra":
            changes["extra"] = {**target.get("extra", {}), **value}
        elif name in {"facilities", "services", "honours", "worker_groups"}:
            changes[name] = tuple(dict.fromkeys((*target.get(name, ()), *value)))
        elif value not in (None, "", ()):
            changes[name] = value
    return changes
