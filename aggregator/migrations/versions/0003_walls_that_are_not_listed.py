"""Walls that are not listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wall", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
