"""The audit trail: who decided what about which item, when and why. It never holds a post's words.

Beside it the authors whose posts an organiser has hidden, those to come included.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from aggregator.moment import Moment, now


class Decision(SQLModel, table=True):
    __table_args__ = (Index("decision_by_item", "wall_id", "post_id"),)

    id: int | None = Field(default=None, primary_key=True)
    wall_id: int
    post_id: str
    before: str
    after: str
    why: str = Field(default="", sa_type=Text)
    by: str = ""
    at: datetime = Field(default_factory=now, sa_type=Moment)


class HiddenAuthor(SQLModel, table=True):
    """All posts of this author are hidden on this wall. `handle` is bare: in lower case, without the leading `@`."""

    __tablename__ = "hidden_author"

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    handle: str = Field(primary_key=True)
    why: str = Field(default="", sa_type=Text)
    by: str = ""
    at: datetime = Field(default_factory=now, sa_type=Moment)
