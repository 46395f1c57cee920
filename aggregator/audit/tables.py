"""The audit trail: who decided what about which item, when and why. It never holds a post's words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime, now


class Decision(SQLModel, table=True):
    __table_args__ = (Index("decision_by_item", "wall_id", "post_id"),)

    id: int | None = Field(default=None, primary_key=True)
    wall_id: int
    post_id: str
    before: str
    after: str
    why: str = Field(default="", sa_type=Text)
    by: str = ""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
