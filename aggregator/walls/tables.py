"""A wall is one conference; a source is one thing that it follows, with everything that its polling must remember."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Text, true
from sqlmodel import Field, SQLModel

from aggregator.moment import Moment, now


class Mode(StrEnum):
    """`open` shows a post at once; `approve` holds it until an organiser has said yes."""

    OPEN = "open"
    APPROVE = "approve"


class Wall(SQLModel, table=True):
    """One that is not `listed` is shown to those who know its address, and named nowhere else in public."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    hashtag: str = ""
    time_zone: str = "UTC"
    mode: Mode = Field(default=Mode.OPEN, sa_type=Text)
    look: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    begins_at: datetime | None = Field(default=None, sa_type=Moment)  # what was said before stays off it
    listed: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    created_at: datetime = Field(default_factory=now, sa_type=Moment)

    @property
    def channel(self) -> str:
        return f"{self.slug}/wall"

    @property
    def desk(self) -> str:
        return f"{self.slug}/desk"


class Source(SQLModel, table=True):
    """One thing that a wall follows. `trouble` is the last failure in one sentence, empty while all is well.

    One that has ended (`ended_at`) is asked for nothing new. What it brought stays, and is looked at again like the
    rest: it may be deleted at its origin any day. `credentials` are encrypted (see `aggregator.walls.credentials`).
    `broken` counts the entries of the last page that could not be read, and `unread` says why, a line for each of the
    first. While `leased_until` is to come, the process that wrote it asks the network, and no other.
    """

    __table_args__ = (
        Index("source_once", "wall_id", "network", "kind", "server", "value", unique=True),
        Index("source_due", "next_poll_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), nullable=False))
    network: str
    kind: str
    value: str
    server: str = ""
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    credentials: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    created_at: datetime = Field(default_factory=now, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)

    cursor: str = Field(default="", sa_type=Text)
    interval: float = 0.0  # a new source is asked as often as its network allows, until it proves quiet
    next_poll_at: datetime = Field(default_factory=now, sa_type=Moment)
    leased_until: datetime | None = Field(default=None, sa_type=Moment)
    polled_at: datetime | None = Field(default=None, sa_type=Moment)
    succeeded_at: datetime | None = Field(default=None, sa_type=Moment)
    posted_at: datetime | None = Field(default=None, sa_type=Moment)
    posts: int = 0
    broken: int = 0
    unread: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    failures: int = 0
    trouble: str = Field(default="", sa_type=Text)
