"""Second factors, and when a session was last used and last confirmed by its password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the columns; sessions of before end, since nobody knows when they were used."""
    op.execute("DELETE FROM session")
    op.add_column("account", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("account", sa.Column("oidc_subject", sa.Text(), nullable=True))
    op.add_column("session", sa.Column("seen_at", INSTANT, nullable=True))
    op.add_column("session", sa.Column("confirmed_at", INSTANT, nullable=True))


def downgrade() -> None:
    """Refuse: second factors would be lost. Restore a backup into a fresh database instead."""
    raise RuntimeError("second factors cannot be undone; restore a backup into a fresh database")
