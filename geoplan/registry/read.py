"""Reading the register: now, at a past date, and what changed in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Register, transaction
from geoplan.registry.private import hide_mobiles
from geoplan.registry.record import BLANK, FIELDS, PUBLIC_FIELDS, Station, is_public
from geoplan.registry.schema import RESTORED, revision, station, station_version

__all__ = [
    "Changes",
    "Revision",
    "Version",
    "changes_since",
    "find_station",
    "head_revision",
    "history",
    "revisions",
    "stations",
    "to_frame",
]

_SHORTEST_MOBILE: Final = 11
_COLUMNS: Final = (*(spec.name for spec in FIELDS), "extra", "withdrawn")


@dataclass(frozen=True, slots=True)
class Revision:
    """Who changed the register, when (UTC), what sort of change, why, what it takes back, and how many stations."""

    id: int
    at: datetime
    actor: str
    kind: str
    reason: str
    undoes: int | None
    stations: int


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a station: its revision, the fields that changed with it, and the whole record then."""

    revision: Revision
    changed: tuple[str, ...]
    station: Station


@dataclass(frozen=True, slots=True)
class Changes:
    """What a follower must fetch: stations changed since its revision, those to drop, and the revision reached.

    ``epoch`` is the revision at which the register was last restored from a backup, 0 where it never was: who follows
    from a revision before it takes everything anew, since what it knows may never have been.
    """

    revision: int
    changed: tuple[Station, ...]
    dropped: tuple[int, ...]
    epoch: int = 0


def _values(row: Mapping[Any, Any]) -> dict[str, Any]:
    record = {name: row.get(name, BLANK[name]) for name in _COLUMNS}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}


def _from_row(row: Mapping[Any, Any]) -> Station:
    return Station(int(row["id"]), int(row["revision_id"]), row["changed_at"], _values(row))


def _from_version(row: Mapping[Any, Any]) -> Station:
    return Station(int(row["station_id"]), int(row["revision_id"]), row["at"], _values(row["record"]))


def _versions_at(at: datetime) -> sa.Select[Any]:
    latest = (
        sa.select(station_version.c.station_id, sa.func.max(station_version.c.revision_id).label("revision_id"))
        .join(revision, revision.c.id == station_version.c.revision_id)
        .where(revision.c.at <= at)
        .group_by(station_version.c.station_id)
        .subquery()
    )
    return (
        sa.select(station_version, revision.c.at)
        .join(
            latest,
            (station_version.c.station_id == latest.c.station_id)
            & (station_version.c.revision_id == latest.c.revision_id),
        )
        .join(revision, revision.c.id == station_version.c.revision_id)
        .order_by(station_version.c.station_id)
    )


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InputError(Fault("the instant has no time zone", "write it as 2026-01-31T08:00:00+08:00", field="at"))
    return at.astimezone(UTC)


def stations(
    register: Register,
    *,
    at: datetime | None = None,
    withdrawn: bool = False,
    public_only: bool = False,
    bbox: tuple[float, float, float, float] | None = None,
    district_code: str | None = None,
) -> list[Station]:
    """Return the stations of the register.

    Parameters
    ----------
    register : Register
        The register.
    at : datetime.datetime, optional
        Its state at that instant (with a time zone); now by default.
    withdrawn : bool
        Include withdrawn stations.
    public_only : bool
        Only those that may be shown to the public (see :func:`geoplan.registry.record.is_public`).
    bbox : tuple of four floats, optional
        West, south, east, north in WGS-84 degrees.
    district_code : str, optional
        Only those of this district.

    Returns
    -------
    list of Station
        In the order of their ids.
    """
    with transaction(register) as connection:
        if at is None:
            query = sa.select(station).order_by(station.c.id)
            if bbox is not None:
                query = query.where(station.c.lon.between(bbox[0], bbox[2]), station.c.lat.between(bbox[1], bbox[3]))
            if district_code is not None:
                query = query.where(station.c.district_code == district_code)
            if not withdrawn:
                query = query.where(station.c.withdrawn.is_(False))
            found = [_from_row(row) for row in connection.execute(query).mappings()]
        else:
            found = [_from_version(row) for row in connection.execute(_versions_at(_instant(at))).mappings()]
    return [item for item in found if _wanted(item.values, withdrawn, public_only, bbox, district_code)]


def _wanted(
    values: Mapping[str, Any],
    withdrawn: bool,
    public_only: bool,
    bbox: tuple[float, float, float, float] | None,
    district_code: str | None,
) -> bool:
    if (values["withdrawn"] and not withdrawn) or (public_only and not is_public(values)):
        return False
    if district_code is not None and values["district_code"] != district_code:
        return False
    if bbox is None:
        return True
    lon, lat = values["lon"], values["lat"]
    return lon is not None and bbox[0] <= lon <= bbox[2] and bbox[1] <= lat <= bbox[3]


def find_station(register: Register, key: int | str, *, at: datetime | None = None) -> Station | None:
    """Return one station by its id or its ``station_code``, withdrawn or not, or None."""
    column = station.c.id if isinstance(key, int) else station.c.station_code
    with transaction(register) as connection:
        row = connection.execute(sa.select(station).where(column == key)).mappings().one_or_none()
        if row is None or at is None:
            return None if row is None else _from_row(row)
        query = _versions_at(_instant(at)).where(station_version.c.station_id == row["id"])
        past = connection.execute(query).mappings().one_or_none()
        return None if past is None else _from_version(past)


def _revision(row: Mapping[Any, Any]) -> Revision:
    return Revision(
        int(row["id"]), row["at"], row["actor"], row["kind"], row["reason"], row["undoes"], int(row["stations"])
    )


def _revision_query() -> sa.Select[Any]:
    touched = station_version.alias()
    count = (
        sa.select(sa.func.count())
        .select_from(touched)
        .where(touched.c.revision_id == revision.c.id)
        .correlate(revision)
        .scalar_subquery()
        .label("stations")
    )
    return sa.select(revision, count)


def revisions(register: Register, *, before: int | None = None, limit: int = 100) -> list[Revision]:
    """Return the latest revisions, newest first; ``before`` a revision number for the next page."""
    query = _revision_query().order_by(revision.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(revision.c.id < before)
    with transaction(register) as connection:
        return [_revision(row) for row in connection.execute(query).mappings()]


def history(register: Register, station_id: int) -> list[Version]:
    """Return every state a station has had, oldest first."""
    query = (
        _revision_query()
        .add_columns(station_version.c.station_id, station_version.c.record, station_version.c.changed)
        .join(station_version, station_version.c.revision_id == revision.c.id)
        .where(station_version.c.station_id == station_id)
        .order_by(revision.c.id)
    )
    with transaction(register) as connection:
        return [
            Version(_revision(row), tuple(row["changed"]), _from_version({**row, "revision_id": row["id"]}))
            for row in connection.execute(query).mappings()
        ]


def head_revision(register: Register) -> int:
    """Return the number of the last revision; 0 of an empty register. It names the register's state (ETag)."""
    with transaction(register) as connection:
        return int(connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0)


def changes_since(register: Register, since: int, *, public_only: bool = True) -> Changes:
    """Return what changed after revision ``since``.

    Parameters
    ----------
    register : Register
        The register.
    since : int
        Revision that the follower has; 0 for everything.
    public_only : bool
        Follow the public view: a station that is no longer public is dropped.

    Returns
    -------
    Changes
        Full records of what to put in place, and ids to drop.
    """
    with transaction(register) as connection:
        head = int(connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0)
        query = sa.select(station).where(station.c.revision_id > since).order_by(station.c.id)
        found = [_from_row(row) for row in connection.execute(query).mappings()]
        epoch = connection.scalar(sa.select(sa.func.max(revision.c.id)).where(revision.c.kind == RESTORED))
    keep = [item for item in found if (is_public(item.values) if public_only else not item["withdrawn"])]
    kept = {item.id for item in keep}
    return Changes(head, tuple(keep), tuple(item.id for item in found if item.id not in kept), int(epoch or 0))


def to_frame(items: Iterable[Station], *, public: bool = True) -> pd.DataFrame:
    """Return stations as the frame that coverage and maps take.

    Parameters
    ----------
    items : iterable of Station
        Stations.
    public : bool
        Only the fields that may leave the staff side; else contacts and notes too.

    Returns
    -------
    pandas.DataFrame
        ``station_id`` (int64), then the fields; lists joined by ``;``, missing numbers NaN.
    """
    chosen: Sequence[str] = PUBLIC_FIELDS if public else tuple(spec.name for spec in FIELDS)
    shown = _public_cell if public else _cell
    rows = [{"station_id": item.id, **{name: shown(item.values[name]) for name in chosen}} for item in items]
    frame = pd.DataFrame(rows, columns=["station_id", *chosen])
    numbers = {spec.name: "float64" for spec in FIELDS if spec.type == "number" and spec.name in chosen}
    return frame.astype({"station_id": "int64", **numbers})


def _cell(value: Any) -> Any:
    return ";".join(value) if isinstance(value, tuple) else value


def _public_cell(value: Any) -> Any:
    """Return a cell without mobile numbers: a register may hold what was written before every write was looked at."""
    cell = _cell(value)
    return hide_mobiles(cell) if isinstance(cell, str) and len(cell) >= _SHORTEST_MOBILE else cell
