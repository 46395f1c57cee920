"""Unlisted walls, and the time from which a wall shows posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wall", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("wall", sa.Column("begins_at", sa.BigInteger(), nullable=True))
