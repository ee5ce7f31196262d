"""What the public tells: a station closed, misplaced or broken, a suggestion; and where no open station was found.

Nothing of it shows before staff have looked. No name, address or position of the person is asked for or kept; searches
without an open station are counted by 500 m cell and time slice only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import sqlalchemy as sa

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Conflict, Register, transaction
from geoplan.registry.schema import public_report, station, unmet_search
from geoplan.vocabulary import labels

__all__ = [
    "REPORT_KINDS",
    "PublicReport",
    "add_report",
    "count_unmet_search",
    "decide_report",
    "find_report",
    "report_photo",
    "reports",
    "unmet_searches",
]

REPORT_KINDS: Final = labels("report_kind")
MAX_TEXT: Final = 1000
MAX_PHOTO_BYTES: Final = 2 * 2**20
Decision = Literal["accepted", "dismissed"]


@dataclass(frozen=True, slots=True)
class PublicReport:
    """One report: its station (None: a suggestion for a new place), kind, text, whether it has a photo, its state."""

    id: int
    station_id: int | None
    kind: str
    text: str
    has_photo: bool
    created_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str
    decision_note: str


def _report(row: sa.RowMapping) -> PublicReport:
    return PublicReport(
        int(row["id"]),
        row["station_id"],
        row["kind"],
        row["text"],
        bool(row["has_photo"]),
        row["created_at"],
        row["state"],
        row["decided_at"],
        row["decided_by"] or "",
        row["decision_note"] or "",
    )


_COLUMNS = [column for column in public_report.columns if column.name != "photo"]


def _query() -> sa.Select[tuple[object, ...]]:
    return sa.select(*_COLUMNS, public_report.c.photo.is_not(None).label("has_photo"))


def add_report(
    register: Register,
    *,
    kind: str,
    station_id: int | None = None,
    text: str = "",
    photo: bytes | None = None,
    photo_type: str = "image/jpeg",
) -> int:
    """Take in a report; it waits for staff.

    Parameters
    ----------
    register : Register
        The register.
    kind : str
        One of :data:`REPORT_KINDS`.
    station_id : int, optional
        Station it is about; required unless it is a suggestion.
    text : str
        At most :data:`MAX_TEXT` characters.
    photo : bytes, optional
        An image already re-encoded and without EXIF, at most 2 MB.
    photo_type : str
        Its media type.

    Returns
    -------
    int
        Number of the report.

    Raises
    ------
    InputError
        The kind is unknown, the station is, or text or photo is too large.
    """
    faults = []
    if kind not in REPORT_KINDS:
        faults.append(Fault(f"there is no kind {kind!r}", f"use one of {', '.join(REPORT_KINDS)}", field="kind",
                            problem_zh="反馈类型不正确", todo_zh="请从列表中选择"))  # fmt: skip
    if station_id is None and kind != "suggestion":
        faults.append(Fault("no station is given", "name it", field="station_id",
                            problem_zh="没有指明站点", todo_zh="请选择站点"))  # fmt: skip
    if len(text) > MAX_TEXT or (kind == "suggestion" and not text.strip()):
        faults.append(Fault(f"the text is empty or longer than {MAX_TEXT} characters", "shorten it", field="text",
                            problem_zh=f"文字为空或超过 {MAX_TEXT} 字", todo_zh="请修改"))  # fmt: skip
    if photo is not None and len(photo) > MAX_PHOTO_BYTES:
        faults.append(Fault("the photo is too large", "make it smaller", field="photo",
                            problem_zh="照片太大", todo_zh="请压缩"))  # fmt: skip
    if faults:
        raise InputError(faults)
    with transaction(register, write=True) as connection:
        known = station_id is None or connection.scalar(
            sa.select(sa.literal(1)).where(station.c.id == station_id, station.c.withdrawn.is_(False))
        )
        if not known:
            raise InputError(Fault(f"there is no station {station_id}", "check the id", field="station_id",
                                   problem_zh="没有这个站点", todo_zh="请核对"))  # fmt: skip
        key = connection.execute(
            sa.insert(public_report).values(
                station_id=station_id,
                kind=kind,
                text=text.replace("\x00", "").strip(),
                photo=photo,
                photo_type=photo_type if photo is not None else None,
                created_at=datetime.now(UTC),
                state="open",
            )
        ).inserted_primary_key
        assert key is not None
        return int(key[0])


def reports(
    register: Register,
    *,
    state: str | None = "open",
    station_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[PublicReport]:
    """Return reports, newest first: of one ``state`` (``None``: any), of one station, before a number."""
    query = _query().order_by(public_report.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(public_report.c.state == state)
    if station_id is not None:
        query = query.where(public_report.c.station_id == station_id)
    if before is not None:
        query = query.where(public_report.c.id < before)
    with transaction(register) as connection:
        return [_report(row) for row in connection.execute(query).mappings()]


def find_report(register: Register, report_id: int) -> PublicReport | None:
    """Return one report, or None."""
    with transaction(register) as connection:
        row = connection.execute(_query().where(public_report.c.id == report_id)).mappings().one_or_none()
    return None if row is None else _report(row)


def report_photo(register: Register, report_id: int) -> tuple[bytes, str] | None:
    """Return a report's photo and its media type, or None."""
    query = sa.select(public_report.c.photo, public_report.c.photo_type).where(public_report.c.id == report_id)
    with transaction(register) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None or row.photo is None else (bytes(row.photo), str(row.photo_type))


def decide_report(
    register: Register, report_id: int, decision: Decision, *, actor: str, note: str = ""
) -> PublicReport:
    """Accept or dismiss a report. What it leads to (a closed station, a new position) is an edit of its own.

    Raises
    ------
    InputError
        There is no such report.
    Conflict
        It was decided already.
    """
    with transaction(register, write=True) as connection:
        row = connection.execute(_query().where(public_report.c.id == report_id)).mappings().one_or_none()
        if row is None:
            raise InputError(Fault(f"there is no report {report_id}", "check the number", field="id",
                                   problem_zh="没有这条反馈", todo_zh="请核对"))  # fmt: skip
        if row["state"] != "open":
            raise Conflict(f"report {report_id} was {row['state']} by {row['decided_by']}")
        connection.execute(
            sa.update(public_report)
            .where(public_report.c.id == report_id)
            .values(state=decision, decided_at=datetime.now(UTC), decided_by=actor, decision_note=note)
        )
        return _report(connection.execute(_query().where(public_report.c.id == report_id)).mappings().one())


def count_unmet_search(register: Register, cell: str, time_slice: str, by: int = 1) -> None:
    """Count a search that found no open station within reach, by 500 m cell and time slice; nothing else is kept.

    Parameters
    ----------
    register : Register
        The register.
    cell : str
        Name of the cell, e.g. ``"4549:500:1043:6984"``.
    time_slice : str
        ``"06-12"`` …
    by : int
        How many, where the service counts a while before it writes.
    """
    with transaction(register, write=True) as connection:
        where = (unmet_search.c.cell == cell, unmet_search.c.slice == time_slice)
        done = connection.execute(sa.update(unmet_search).where(*where).values(count=unmet_search.c.count + by))
        if done.rowcount == 0:
            connection.execute(sa.insert(unmet_search).values(cell=cell, slice=time_slice, count=by))


def unmet_searches(register: Register, *, at_least: int = 5) -> list[tuple[str, str, int]]:
    """Return (cell, slice, count) from ``at_least`` searches on: a smaller count could point to somebody."""
    query = (
        sa.select(unmet_search)
        .where(unmet_search.c.count >= at_least)
        .order_by(unmet_search.c.cell, unmet_search.c.slice)
    )
    with transaction(register) as connection:
        return [(row["cell"], row["slice"], int(row["count"])) for row in connection.execute(query).mappings()]
