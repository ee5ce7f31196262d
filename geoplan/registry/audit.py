"""Who did what on the staff side. Append-only by the database; no positions of people, no passwords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from geoplan.registry.database import Register, transaction
from geoplan.registry.schema import audit_log

__all__ = ["AuditEntry", "audit", "audit_entries"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: when (UTC), who, what (``"account.add"``), on what, with what details, in which request."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    request_id: str


def audit(
    register: Register,
    actor: str,
    action: str,
    subject: str = "",
    *,
    details: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """Note an act."""
    with transaction(register, write=True) as connection:
        connection.execute(
            sa.insert(audit_log).values(
                at=datetime.now(UTC),
                actor=actor,
                action=action,
                subject=subject,
                details=dict(details or {}),
                request_id=request_id,
            )
        )


def audit_entries(
    register: Register, *, before: int | None = None, actor: str | None = None, limit: int = 100
) -> list[AuditEntry]:
    """Return the latest acts, newest first; ``before`` an entry's number for the next page."""
    query = sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    if actor is not None:
        query = query.where(audit_log.c.actor == actor)
    with transaction(register) as connection:
        return [
            AuditEntry(
                int(r["id"]), r["at"], r["actor"], r["action"], r["subject"], dict(r["details"]), r["request_id"]
            )
            for r in connection.execute(query).mappings()
        ]
