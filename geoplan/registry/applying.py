"""Writing a planned import: one transaction, in which every row is kept with its outcome and its cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from geoplan.registry.database import Conflict, Register
from geoplan.registry.importing import ImportPlan
from geoplan.registry.placing import PlannedRow, merged_values
from geoplan.registry.schema import geocode_task, import_batch, import_row, review_item, revision, station
from geoplan.registry.write import Writer, writing

__all__ = ["ImportResult", "apply_import"]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import wrote.

    Parameters
    ----------
    batch : int
        Number of the import; its rows can be read by it.
    revision : int or None
        Its revision, to undo it by; None where no station changed.
    station_of : mapping of int to int
        Index of a planned row → the station it went into.
    added, changed, queued, reviews : int
        Stations added and changed, addresses queued for geocoding, items put before a person.
    """

    batch: int
    revision: int | None
    station_of: Mapping[int, int]
    added: int
    changed: int
    queued: int
    reviews: int


def apply_import(register: Register, plan: ImportPlan, *, actor: str, reason: str) -> ImportResult:
    """Write a plan: all of it or nothing.

    Parameters
    ----------
    register : Register
        The register that it was planned against.
    plan : ImportPlan
        The plan.
    actor, reason : str
        Who and why.

    Returns
    -------
    ImportResult
        What was written.

    Raises
    ------
    Conflict
        The register changed since the plan was made: plan again.
    RegisterUnavailable
        The database cannot be written; nothing was.
    """
    with writing(register, actor=actor, reason=reason, kind="import") as writer:
        connection = writer.connection
        head = int(connection.scalar(sa.select(sa.func.max(revision.c.id))) or 0)
        if head != plan.base_revision:
            raise Conflict(f"the register changed (revision {head}) since the import was planned; plan it again")
        added, station_of = _add(writer, plan)
        changed = _merge(writer, plan, station_of)
        batch = _keep_rows(connection, writer, plan, actor, station_of)
        queued = _queue(connection, writer, plan, station_of)
        reviews = _reviews(connection, writer, plan, batch, station_of)
        number = writer.revision if writer.changed else None
        return ImportResult(batch, number, station_of, added, changed, queued, reviews)


def _add(writer: Writer, plan: ImportPlan) -> tuple[int, dict[int, int]]:
    """Add the new stations, each with what later rows of the file add to it."""
    records: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(plan.rows):
        if row.outcome in {"accepted", "needs_person"}:
            records[place] = dict(row.values)
        elif row.outcome == "merged" and row.into_row is not None:
            target = records[row.into_row]
            fills = merged_values(target, row.values)
            # Within one file the first row's words stand; a later one only fills what it left open.
            records[row.into_row] = fills | target | {k: fills[k] for k in fills if isinstance(fills[k], tuple | dict)}
    station_of = {place: writer.add(values) for place, values in records.items()}
    for place, row in enumerate(plan.rows):
        if row.outcome == "merged":
            station_of[place] = station_of[row.into_row] if row.into_row is not None else int(row.station_id or 0)
    return len(records), station_of


def _merge(writer: Writer, plan: ImportPlan, station_of: Mapping[int, int]) -> int:
    """Bring stations of the register up to date with the rows merged into them."""
    by_station: dict[int, list[PlannedRow]] = {}
    for place, row in enumerate(plan.rows):
        if row.outcome == "merged" and row.into_row is None:
            by_station.setdefault(station_of[place], []).append(row)
    changed = 0
    for number, rows in by_station.items():
        found = writer.connection.execute(sa.select(station).where(station.c.id == number)).mappings().one()
        target = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
        changes: dict[str, Any] = {}
        for row in rows:
            changes |= merged_values(target | changes, row.values)
        changed += writer.update(number, changes)
    return changed


def _keep_rows(
    connection: sa.Connection, writer: Writer, plan: ImportPlan, actor: str, station_of: Mapping[int, int]
) -> int:
    summary = {
        "counts": plan.counts,
        "columns": [[m.field, m.header, m.confidence] for m in plan.columns.matches],
        "unmapped": list(plan.columns.unmapped),
        "crs": plan.verdict.crs,
        "crs_basis": plan.verdict.basis,
        "crs_reason": plan.verdict.reason,
        "remarks": list(plan.remarks),
    }
    number = connection.execute(
        sa.insert(import_batch).values(
            at=writer.at,
            actor=actor,
            file=plan.file,
            sha256=plan.sha256,
            revision_id=writer.revision if writer.changed else None,
            summary=summary,
        )
    ).inserted_primary_key
    assert number is not None
    batch = int(number[0])
    rows = [
        {
            "batch_id": batch,
            "place": place,
            "row": row.row,
            "sheet": row.sheet,
            "outcome": row.outcome,
            "station_id": station_of.get(place),
            "reasons": [[r.code, r.level, r.text, r.text_zh] for r in row.reasons],
            "cells": [list(cell) for cell in row.cells.items()],  # a list keeps the order of the columns
            "proposal": dict(row.values),
        }
        for place, row in enumerate(plan.rows)
    ]
    if rows:
        connection.execute(sa.insert(import_row), rows)
    return batch


def _queue(connection: sa.Connection, writer: Writer, plan: ImportPlan, station_of: Mapping[int, int]) -> int:
    tasks = [
        {
            "station_id": station_of[place],
            "query": row.geocode,
            "state": "waiting",
            "attempts": 0,
            "answers": [],
            "created_at": writer.at,
            "changed_at": writer.at,
        }
        for place, row in enumerate(plan.rows)
        if row.geocode and place in station_of
    ]
    if tasks:
        connection.execute(sa.insert(geocode_task), tasks)
    return len(tasks)


def _reviews(
    connection: sa.Connection, writer: Writer, plan: ImportPlan, batch: int, station_of: Mapping[int, int]
) -> int:
    """Put every reason that needs a person before one.

    A missing position waits in the geocoding queue instead, where there is an address; and what was put before a person
    once, by an earlier import of the same record, is not put again.
    """
    asked = {
        (row.station_id, row.kind, row.details.get("text"))
        for row in connection.execute(sa.select(review_item.c.station_id, review_item.c.kind, review_item.c.details))
    }
    items = []
    for place, row in enumerate(plan.rows):
        for why in row.reasons:
            waits = why.code == "no_position" and (row.geocode or row.outcome == "merged")
            if why.level != "person" or waits or (station_of.get(place), why.code, why.text) in asked:
                continue
            details: dict[str, Any] = {"text": why.text, "text_zh": why.text_zh, "row": row.row, "file": plan.file}
            if why.code == "duplicate":
                other = row.station_id if row.station_id is not None else station_of.get(row.into_row or 0)
                details["other_station_id"] = other
            items.append(
                {
                    "kind": why.code,
                    "state": "open",
                    "station_id": station_of.get(place),
                    "batch_id": batch,
                    "place": place,
                    "details": details,
                    "created_at": writer.at,
                }
            )
    if items:
        connection.execute(sa.insert(review_item), items)
    return len(items)
