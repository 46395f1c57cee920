"""A source is one thing that a wall follows, with everything that its polling must remember, and what it has shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Text, true
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime, now


class Source(SQLModel, table=True):
    """One thing that a wall follows. `trouble` is the last failure in one sentence, empty while all is well.

    One that has ended (`ended_at`) is asked for nothing new. What it brought stays, and is looked at again like the
    rest: it may be deleted at its origin any day. `credentials` are encrypted (see `aggregator.sources.credentials`).
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
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    cursor: str = Field(default="", sa_type=Text)
    interval: float = 0.0  # a new source is asked as often as its network allows, until it proves quiet
    next_poll_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    succeeded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    posted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    posts: int = 0
    broken: int = 0
    unread: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    failures: int = 0
    trouble: str = Field(default="", sa_type=Text)


class Sighting(SQLModel, table=True):
    """A source saw a post. `ref` is what the source's server calls it, for looking again; `checked_at` in µs.

    `shown` says that the source shows it still: a post without any such sighting on a wall is not on that wall.
    """

    __table_args__ = (Index("sighting_by_check", "source_id", "checked_at"), {"sqlite_with_rowid": False})

    post_n: int = Field(sa_column=Column(ForeignKey("post.n", ondelete="CASCADE"), primary_key=True))
    source_id: int = Field(sa_column=Column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True))
    key: str = Field(sa_type=Text)
    ref: str = Field(default="", sa_type=Text)
    checked_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    shown: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
