"""The review queue: what an import could not decide, decided by a person; each decision is a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Conflict, Register
from geoplan.registry.database import transaction as _transaction
from geoplan.registry.placing import merged_values
from geoplan.registry.schema import import_batch, import_row, review_item, station
from geoplan.registry.siteproof import POSITION_DOUBTS
from geoplan.registry.write import Writer, writing

__all__ = ["ReviewItem", "decide_review", "import_rows", "imports", "reviews"]

Decision = Literal["confirm", "edit", "merge", "distinct", "withdraw", "dismiss"]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One question: its kind (``water``, ``hours``, ``duplicate`` …), its station, words in ``details``, its state."""

    id: int
    kind: str
    state: str
    station_id: int | None
    batch_id: int | None
    details: Mapping[str, Any]
    created_at: datetime
    decided_by: str
    decision: str


def _item(row: sa.RowMapping) -> ReviewItem:
    return ReviewItem(
        int(row["id"]),
        row["kind"],
        row["state"],
        row["station_id"],
        row["batch_id"],
        dict(row["details"]),
        row["created_at"],
        row["decided_by"] or "",
        row["decision"] or "",
    )


def reviews(
    register: Register, *, state: str | None = "open", kind: str | None = None, after: int = 0, limit: int = 100
) -> list[ReviewItem]:
    """Return questions, oldest first; ``after`` a number for the next page, ``state=None`` for decided ones too."""
    query = sa.select(review_item).where(review_item.c.id > after).order_by(review_item.c.id).limit(limit)
    if state is not None:
        query = query.where(review_item.c.state == state)
    if kind is not None:
        query = query.where(review_item.c.kind == kind)
    with _transaction(register) as connection:
        return [_item(row) for row in connection.execute(query).mappings()]


def decide_review(
    register: Register,
    item_id: int,
    decision: Decision,
    *,
    actor: str,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
) -> ReviewItem:
    """Decide one question.

    Parameters
    ----------
    register : Register
        The register.
    item_id : int
        Which.
    decision : {"confirm", "edit", "merge", "distinct", "withdraw", "dismiss"}
        ``confirm``: the position is right after all; ``edit``: put ``changes`` in place; ``merge``: the station is the
        one it was suspected to be: its words fill that one and it is withdrawn; ``distinct``: it is another one;
        ``withdraw``: it is no station; ``dismiss``: nothing to do.
    actor, note : str
        Who, and a remark.
    changes : mapping of str to object, optional
        New values, for ``edit``.

    Returns
    -------
    ReviewItem
        As decided.

    Raises
    ------
    InputError
        There is no such question, or the decision does not fit it.
    Conflict
        It was decided already.
    """
    reason = f"review {item_id}: {decision}" + (f" ({note})" if note else "")
    with writing(register, actor=actor, reason=reason, kind="review") as writer:
        connection = writer.connection
        row = connection.execute(sa.select(review_item).where(review_item.c.id == item_id)).mappings().one_or_none()
        if row is None:
            raise InputError(Fault(f"there is no question {item_id}", "check the number", field="id",
                                   problem_zh="没有这条待审事项", todo_zh="请核对"))  # fmt: skip
        if row["state"] != "open":
            raise Conflict(f"question {item_id} was decided by {row['decided_by']}")
        _act(writer, row, decision, changes or {})
        connection.execute(
            sa.update(review_item)
            .where(review_item.c.id == item_id)
            .values(
                state="dismissed" if decision == "dismiss" else "done",
                decided_at=datetime.now(UTC),
                decided_by=actor,
                decision=decision,
                decision_note=note,
            )
        )
        if decision in {"confirm", "distinct"} and row["station_id"] is not None:
            _settle(writer, int(row["station_id"]))
        return _item(connection.execute(sa.select(review_item).where(review_item.c.id == item_id)).mappings().one())


def _act(writer: Writer, row: sa.RowMapping, decision: Decision, changes: Mapping[str, Any]) -> None:
    number = row["station_id"]
    fits = {
        "confirm": row["kind"] in POSITION_DOUBTS or row["kind"] in {"cells", "moved"},
        "edit": number is not None and bool(changes),
        "merge": row["kind"] == "duplicate",
        "distinct": row["kind"] == "duplicate",
        "withdraw": number is not None,
        "dismiss": True,
    }
    if not fits.get(decision, False):
        raise InputError(Fault(f"{decision!r} does not fit a question of kind {row['kind']!r}", "decide otherwise",
                               field="decision", problem_zh="该决定不适用于此类事项", todo_zh="请改选"))  # fmt: skip
    if decision == "edit":
        writer.update(number, changes)
    elif decision == "withdraw":
        writer.withdraw(number)
    elif decision == "merge":
        other = row["details"].get("other_station_id")
        found = {
            r["id"]: {k: tuple(v) if isinstance(v, list) else v for k, v in r.items()}
            for r in writer.connection.execute(sa.select(station).where(station.c.id.in_([number, other]))).mappings()
        }
        if len(found) != 2:
            raise InputError(Fault("the other station is not known", "merge by hand", field="decision",
                                   problem_zh="找不到另一站点", todo_zh="请手工合并"))  # fmt: skip
        skip = {"id", "revision_id", "changed_at", "withdrawn"}
        words = {name: value for name, value in found[number].items() if name not in skip}
        fills = merged_values(found[other], words)
        blank = {k: v for k, v in fills.items() if found[other][k] in (None, "", (), {}) or isinstance(v, tuple | dict)}
        writer.update(other, blank)
        writer.withdraw(number)


def _settle(writer: Writer, number: int) -> None:
    """Let a position count as certain once no question about it is open any more."""
    kinds = (*POSITION_DOUBTS, "duplicate")
    still = writer.connection.scalar(
        sa.select(sa.func.count()).where(
            review_item.c.station_id == number, review_item.c.state == "open", review_item.c.kind.in_(kinds)
        )
    )
    if not still:
        has = writer.connection.scalar(sa.select(station.c.lon).where(station.c.id == number))
        if has is not None:
            writer.update(number, {"position_state": "located"})


def imports(register: Register, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the latest imports, newest first: ``id, at, actor, file, sha256, revision_id, summary``."""
    query = sa.select(import_batch).order_by(import_batch.c.id.desc()).limit(limit)
    with _transaction(register) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def import_rows(register: Register, batch_id: int) -> list[dict[str, Any]]:
    """Return every row of an import as it stood: ``row, sheet, outcome, station_id, reasons, cells``."""
    query = sa.select(import_row).where(import_row.c.batch_id == batch_id).order_by(import_row.c.place)
    with _transaction(register) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
