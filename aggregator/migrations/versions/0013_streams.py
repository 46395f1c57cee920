"""Streams with their cursors, which sources they serve, and which sightings came by listening."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stream",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False, server_default=""),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.add_column("source", sa.Column("stream", sa.Text(), nullable=False, server_default=""))
    op.add_column("source", sa.Column("listening_since", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("not_listening", sa.Text(), nullable=False, server_default=""))
    op.add_column("sighting", sa.Column("heard", sa.Boolean(), nullable=False, server_default=sa.false()))
