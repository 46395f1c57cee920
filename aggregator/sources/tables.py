"""The tables of sources, with the state of their polling, of streams, and of sightings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Text, false, true
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime, now


class Source(SQLModel, table=True):
    """A hashtag, account or feed that a wall follows. `trouble` is the last failure in one sentence, else empty.

    A source that has ended (`ended_at`) is not polled; its posts stay and are still rechecked, because they may be
    deleted at their origin. `credentials` are encrypted (see `aggregator.sources.credentials`). `broken` counts the
    unreadable entries of the last page, and `unread` has the first reasons, one a line. Until `leased_until`, only the
    process that wrote it polls the source. `mode` is a moderation mode of its own, which counts where it is stricter
    than the wall's. Since `paused_at` it is not polled, because a person has paused it; its posts stay and are
    rechecked. While `listening_since` is set, `stream` (its key) tells the source's posts; else `not_listening` may say
    why it is only polled.
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
    mode: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    cursor: str = Field(default="", sa_type=Text)
    interval: float = 0.0  # a new source is polled as often as its network allows
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

    stream: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    listening_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    not_listening: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))

    @property
    def is_polled(self) -> bool:
        """Whether its network is asked for new posts: it has not ended and is not paused."""
        return self.ended_at is None and self.paused_at is None


class Stream(SQLModel, table=True):
    """A stream that serves sources, by network and key: its cursor, and until when one process has it open."""

    key: str = Field(sa_column=Column(Text, primary_key=True))
    cursor: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Sighting(SQLModel, table=True):
    """A sighting of a post by a source. `ref` identifies the post on its server for rechecks; `checked_at` in µs.

    `shown` means that the source still shows it: a post needs one such sighting to be on a wall. `heard` means that a
    stream has told of it first; else a poll has found it.
    """

    __table_args__ = (Index("sighting_by_check", "source_id", "checked_at"), {"sqlite_with_rowid": False})

    post_n: int = Field(sa_column=Column(ForeignKey("post.n", ondelete="CASCADE"), primary_key=True))
    source_id: int = Field(sa_column=Column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True))
    key: str = Field(sa_type=Text)
    ref: str = Field(default="", sa_type=Text)
    checked_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    shown: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    heard: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
