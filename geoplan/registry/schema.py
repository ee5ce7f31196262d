"""The register's tables, the same on SQLite and PostgreSQL.

``station`` is the current state. ``revision`` and ``station_version`` are its past: each version is a full copy of the
record, so a state at any date is read, not reconstructed. Triggers (see the migrations) refuse to change or delete what
has been written there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from geoplan.registry.record import FIELDS

__all__ = [
    "RESTORED",
    "account",
    "api_key",
    "audit_log",
    "geocode_task",
    "import_batch",
    "import_row",
    "metadata",
    "public_report",
    "review_item",
    "revision",
    "session",
    "station",
    "station_version",
    "unmet_search",
]


RESTORED: Final = "restore"  # kind of the revision that begins an epoch


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant, stored as UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Return a type with a zone where the database has one."""
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant needs its time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the instant with its zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TYPES: dict[str, Any] = {
    "text": sa.Text,
    "code": sa.Text,
    "date": sa.Text,
    "number": sa.Float,
    "flag": sa.Boolean,
    "list": Json,
}


def _serial() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, sa.Identity(), primary_key=True)


revision = sa.Table(
    "revision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, sa.ForeignKey("revision.id")),
)

station = sa.Table(
    "station",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision_id", sa.Integer, sa.ForeignKey("revision.id"), nullable=False, index=True),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    *(sa.Column(spec.name, _TYPES[spec.type], nullable=spec.type in {"number", "flag"}) for spec in FIELDS),
    sa.Column("extra", Json, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.UniqueConstraint("station_code"),
    sa.CheckConstraint("id BETWEEN 1 AND 999999999", name="id_digits"),
    sa.Index("ix_station_position", "lon", "lat"),
    sa.Index("ix_station_district_code", "district_code"),
)

station_version = sa.Table(
    "station_version",
    metadata,
    sa.Column("station_id", sa.Integer, sa.ForeignKey("station.id"), primary_key=True),
    sa.Column("revision_id", sa.Integer, sa.ForeignKey("revision.id"), primary_key=True, index=True),
    sa.Column("record", Json, nullable=False),
    sa.Column("changed", Json, nullable=False),
)

import_batch = sa.Table(
    "import_batch",
    metadata,
    _serial(),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, index=True),
    sa.Column("revision_id", sa.Integer, sa.ForeignKey("revision.id")),
    sa.Column("summary", Json, nullable=False),
)

import_row = sa.Table(
    "import_row",
    metadata,
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("import_batch.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("sheet", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("station_id", sa.Integer, sa.ForeignKey("station.id"), index=True),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("cells", Json, nullable=False),
    sa.Column("proposal", Json, nullable=False),
)

review_item = sa.Table(
    "review_item",
    metadata,
    _serial(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("station_id", sa.Integer, sa.ForeignKey("station.id"), index=True),
    sa.Column("batch_id", sa.Integer, sa.ForeignKey("import_batch.id")),
    sa.Column("place", sa.Integer),
    sa.Column("details", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decided_by", sa.Text),
    sa.Column("decision", sa.Text),
    sa.Column("decision_note", sa.Text),
    sa.Index("ix_review_item_state", "state", "kind"),
)

geocode_task = sa.Table(
    "geocode_task",
    metadata,
    _serial(),
    sa.Column("station_id", sa.Integer, sa.ForeignKey("station.id"), nullable=False, index=True),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answers", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

public_report = sa.Table(
    "public_report",
    metadata,
    _serial(),
    sa.Column("station_id", sa.Integer, sa.ForeignKey("station.id"), index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("photo", sa.LargeBinary),
    sa.Column("photo_type", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decided_by", sa.Text),
    sa.Column("decision_note", sa.Text),
)

unmet_search = sa.Table(
    "unmet_search",
    metadata,
    sa.Column("cell", sa.Text, primary_key=True),
    sa.Column("slice", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

account = sa.Table(
    "account",
    metadata,
    _serial(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("failed_logins", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("totp_secret", sa.Text),
    sa.Column("totp_step", sa.Integer),
    sa.Column("oidc_subject", sa.Text),
    sa.UniqueConstraint("name"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime),
    sa.Column("confirmed_at", UtcDateTime),
)

api_key = sa.Table(
    "api_key",
    metadata,
    _serial(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key_hash", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("per_minute", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key_hash"),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    _serial(),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
)
