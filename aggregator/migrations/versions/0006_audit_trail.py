"""One audit trail: its entries take over the decisions, and who has hidden which author.

The one migration that copies rows and drops what it has copied: both tables are small, because they hold the acts of
people and what left a wall, and no release has had them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COPY = """
INSERT INTO audit_entry (at, actor_kind, actor, action, wall_id, subject_kind, subject, before, after, why)
SELECT
  at,
  CASE
    WHEN made_by IN ('origin', 'author', 'rule', 'source') THEN made_by
    WHEN made_by LIKE 'cli:%' OR made_by = 'rehearse' THEN 'cli'
    ELSE 'person'
  END,
  CASE
    WHEN made_by IN ('origin', 'author', 'rule', 'source', 'rehearse') THEN ''
    WHEN made_by LIKE 'cli:%' THEN substr(made_by, 5)
    ELSE made_by
  END,
  CASE
    WHEN after = 'hidden' THEN 'hide'
    WHEN after = 'withdrawn' THEN 'withdraw'
    WHEN after = 'held' OR made_by = 'source' THEN 'bring_back'
    ELSE 'approve'
  END,
  wall_id, subject_kind, subject, before, after, why
FROM (
  SELECT id, at, "by" AS made_by, wall_id, 'post' AS subject_kind, post_id AS subject, before, after, why
  FROM decision
  UNION ALL
  SELECT 0, at, "by", wall_id, 'author', handle, '', 'hidden', why
  FROM hidden_author
) AS earlier
ORDER BY at, id
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("wall_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(COPY)
    op.create_index("audit_entry_by_wall", "audit_entry", ["wall_id", "id"], unique=False)
    op.drop_table("decision")
    op.drop_column("hidden_author", "by")
