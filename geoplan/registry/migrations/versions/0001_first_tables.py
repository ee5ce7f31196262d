"""The first tables of the register, with the triggers that keep its past untouched.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# What has been written here is never changed and never deleted; rows of the others may change but stay.
APPEND_ONLY = ("revision", "station_version", "import_batch", "import_row", "audit_log")
NO_DELETE = ("station", "public_report", "review_item", "geocode_task", "account", "api_key")


def upgrade() -> None:
    """Make the tables, their triggers and, on PostgreSQL, the geometry column."""
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    """Refuse: the register's past would be lost. Restore a backup into a fresh database instead."""
    raise RuntimeError("the first tables cannot be undone; restore a backup into a fresh database")


def _sqlite() -> None:
    for table in APPEND_ONLY:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table} {refuse}")
    for table in (*APPEND_ONLY, *NO_DELETE):
        refuse = f"BEGIN SELECT RAISE(ABORT, 'nothing is deleted from {table}'); END"  # noqa: S608 - names of the lists above
        op.execute(f"CREATE TRIGGER hold_{table} BEFORE DELETE ON {table} {refuse}")


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION geoplan_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is not allowed on %', TG_OP, TG_TABLE_NAME USING ERRCODE = '23000'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION geoplan_refuse()"
        )
    for table in (*APPEND_ONLY, *NO_DELETE):
        op.execute(
            f"CREATE TRIGGER hold_{table} BEFORE DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION geoplan_refuse()"
        )
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(
        "ALTER TABLE station ADD COLUMN geom geometry(Point, 4326) "
        "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
    )
    op.execute("CREATE INDEX ix_station_geom ON station USING gist (geom)")


def _tables() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"])
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes"], ["revision.id"], name=op.f("fk_revision_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.create_index(op.f("ix_revision_at"), "revision", ["at"])
    op.create_table(
        "unmet_search",
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cell", "slice", name=op.f("pk_unmet_search")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("summary", JSON, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_import_batch_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_sha256"), "import_batch", ["sha256"])
    op.create_table(
        "session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"])
    op.create_table(
        "station",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("station_code", sa.Text(), nullable=False),
        sa.Column("station_kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("station_class", sa.Text(), nullable=False),
        sa.Column("build_mode", sa.Text(), nullable=False),
        sa.Column("host_type", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=False),
        sa.Column("union_unit", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("position_state", sa.Text(), nullable=False),
        sa.Column("source_crs", sa.Text(), nullable=False),
        sa.Column("source_coordinates", sa.Text(), nullable=False),
        sa.Column("located_by", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.Text(), nullable=False),
        sa.Column("entrance_note", sa.Text(), nullable=False),
        sa.Column("street_facing", sa.Boolean(), nullable=True),
        sa.Column("area_m2", sa.Float(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("facilities", JSON, nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("worker_groups", JSON, nullable=False),
        sa.Column("honours", JSON, nullable=False),
        sa.Column("photo", sa.Text(), nullable=False),
        sa.Column("public_phone", sa.Text(), nullable=False),
        sa.Column("contact_person", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Text(), nullable=False),
        sa.Column("last_inspected_on", sa.Text(), nullable=False),
        sa.Column("published_to", JSON, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("extra", JSON, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id BETWEEN 1 AND 999999999", name=op.f("ck_station_id_digits")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_station_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("station_code", name=op.f("uq_station_station_code")),
    )
    op.create_index("ix_station_district_code", "station", ["district_code"])
    op.create_index("ix_station_position", "station", ["lon", "lat"])
    op.create_index(op.f("ix_station_revision_id"), "station", ["revision_id"])
    op.create_table(
        "geocode_task",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_geocode_task_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocode_task")),
    )
    op.create_index(op.f("ix_geocode_task_state"), "geocode_task", ["state"])
    op.create_index(op.f("ix_geocode_task_station_id"), "geocode_task", ["station_id"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("proposal", JSON, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_import_row_station_id")),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_station_id"), "import_row", ["station_id"])
    op.create_table(
        "public_report",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("photo_type", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_public_report_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_report")),
    )
    op.create_index(op.f("ix_public_report_state"), "public_report", ["state"])
    op.create_index(op.f("ix_public_report_station_id"), "public_report", ["station_id"])
    op.create_table(
        "review_item",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_review_item_batch_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_review_item_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
    )
    op.create_index("ix_review_item_state", "review_item", ["state", "kind"])
    op.create_index(op.f("ix_review_item_station_id"), "review_item", ["station_id"])
    op.create_table(
        "station_version",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("record", JSON, nullable=False),
        sa.Column("changed", JSON, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_station_version_revision_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_station_version_station_id")),
        sa.PrimaryKeyConstraint("station_id", "revision_id", name=op.f("pk_station_version")),
    )
    op.create_index(op.f("ix_station_version_revision_id"), "station_version", ["revision_id"])
