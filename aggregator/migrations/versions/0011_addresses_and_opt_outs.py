"""From which network an act came, and the authors who have asked an organiser to be left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WITH_ADDRESS = sa.text("address <> ''")


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "audit_entry_by_address",
        "audit_entry",
        ["at"],
        unique=False,
        sqlite_where=WITH_ADDRESS,
        postgresql_where=WITH_ADDRESS,
    )
    op.create_table(
        "opt_out",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("wall_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("opt_out_by_handle", "opt_out", ["handle"], unique=False)
