"""What a decision has seen, what undoing an act needs; frozen walls, trusted authors, modes of sources, and marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("frozen_from", sa.Text(), nullable=True))
    op.add_column("item", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("item", sa.Column("decided", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("item", sa.Column("edited", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("item", sa.Column("approved", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("pinned_until", sa.BigInteger(), nullable=True))
    op.add_column("item", sa.Column("nugget", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("covered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("item", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("item", sa.Column("marked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("wall", sa.Column("frozen_at", sa.BigInteger(), nullable=True))
    op.add_column("wall", sa.Column("recheck_edits", sa.Boolean(), nullable=True))
    op.add_column("source", sa.Column("mode", sa.Text(), nullable=True))
    op.add_column("audit_entry", sa.Column("act_id", sa.Integer(), nullable=True))
    op.create_table(
        "trusted_author",
        sa.Column("wall_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("wall_id", "handle"),
    )
    op.create_table(
        "act",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("wall_id", sa.Integer(), nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("value_before", sa.Text(), nullable=True),
        sa.Column("set_before", sa.Integer(), nullable=True),
        sa.Column("set_after", sa.Integer(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_table(
        "act_item",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("post_n", sa.Integer(), nullable=False),
        sa.Column("mark_before", sa.Integer(), nullable=False),
        sa.Column("mark_after", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("returns_to", sa.Text(), nullable=True),
        sa.Column("ruled_out", sa.Text(), nullable=True),
        sa.Column("ruled_from", sa.Text(), nullable=True),
        sa.Column("frozen_from", sa.Text(), nullable=True),
        sa.Column("approved", sa.Integer(), nullable=True),
        sa.Column("pinned_until", sa.BigInteger(), nullable=True),
        sa.Column("nugget", sa.Boolean(), nullable=True),
        sa.Column("covered", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["act.entry_id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_n"], ["post.n"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "post_n"),
    )
    op.create_index("act_item_by_post", "act_item", ["post_n"], unique=False)
    op.create_table(
        "last_act",
        sa.Column("wall_id", sa.Integer(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("wall_id", "setting"),
    )
