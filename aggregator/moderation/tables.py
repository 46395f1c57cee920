"""The authors whose posts an organiser has hidden, those to come included."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime, now


class HiddenAuthor(SQLModel, table=True):
    """All posts of this author are hidden on this wall. `handle` is bare: in lower case, without the leading `@`."""

    __tablename__ = "hidden_author"

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    handle: str = Field(primary_key=True)
    why: str = Field(default="", sa_type=Text)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
