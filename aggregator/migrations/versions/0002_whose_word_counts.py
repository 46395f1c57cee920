"""Authors and origins of posts, shown sightings, encrypted credentials, leases, and the store's identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("author", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("post", sa.Column("from_origin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("returns_to", sa.Text(), nullable=True))
    op.add_column("sighting", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("source", sa.Column("credentials", sa.Text(), nullable=False, server_default=""))
    op.add_column("source", sa.Column("unread", sa.Text(), nullable=False, server_default=""))
    op.add_column("source", sa.Column("leased_until", sa.BigInteger(), nullable=True))
    op.create_table(
        "store_identity", sa.Column("location", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("location")
    )
    present = sa.text("body IS NOT NULL")
    op.drop_index("record_by_at", "record")
    op.create_index(
        "record_by_at", "record", ["channel_id", "kind", "at"], sqlite_where=present, postgresql_where=present
    )
