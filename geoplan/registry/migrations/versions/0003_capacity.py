"""How many workers a station can serve at once, for plans within capacities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has said it for the stations that are there."""
    op.add_column("station", sa.Column("capacity", sa.Float(), nullable=True))


def downgrade() -> None:
    """Refuse: what was said would be lost. Restore a backup into a fresh database instead."""
    raise RuntimeError("capacities cannot be undone; restore a backup into a fresh database")
