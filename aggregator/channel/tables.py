"""What a channel is made of: its own row, which counts, the latest state of each thing on it, and its consumers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime

PRESENT = text("body IS NOT NULL")
"""Tombstones are read by their number alone: by moment, what has been taken away must not be walked through."""


class Channel(SQLModel, table=True):
    """What one audience may see. `id` is `SLUG/wall` or `SLUG/desk`; `head` is the number of its newest record."""

    id: str = Field(primary_key=True)
    epoch: str
    head: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class Record(SQLModel, table=True):
    """The latest state of one thing. `body` is JSON in UTF-8, or None for a tombstone; `at` is in microseconds.

    Keys fall anywhere in the primary key, which therefore ends with the channel: a post's two records, which change
    together, lie side by side, and cost one scattered page instead of two.
    """

    __table_args__ = (
        Index("record_by_seq", "channel_id", "seq", unique=True),
        Index("record_by_at", "channel_id", "kind", "at", sqlite_where=PRESENT, postgresql_where=PRESENT),
    )

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    channel_id: str = Field(sa_column=Column(ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class ConsumerLease(SQLModel, table=True):
    """A consumer, by its name. While `leased_until` is to come, one process runs it."""

    __tablename__ = "consumer"

    name: str = Field(primary_key=True)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsumerCursor(SQLModel, table=True):
    """How far a consumer has come on a channel: it has handled all records up to `seq` of that epoch."""

    __tablename__ = "consumer_cursor"

    name: str = Field(sa_column=Column(ForeignKey("consumer.name", ondelete="CASCADE"), primary_key=True))
    channel_id: str = Field(sa_column=Column(ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True))
    epoch: str
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
