"""Hidden authors of a wall, and the states to restore when a rule ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hidden_author",
        sa.Column("wall_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("wall_id", "handle"),
    )
    op.add_column("item", sa.Column("ruled_out", sa.Text(), nullable=True))
    op.add_column("item", sa.Column("ruled_from", sa.Text(), nullable=True))
