"""The tables of channels: a row with the head of each, the latest state of each record, and the consumers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime

PRESENT = text("body IS NOT NULL")
"""Tombstones are read by seq alone, so the index by time leaves them out."""


class Channel(SQLModel, table=True):
    """The records for one audience. `id` is `SLUG/wall` or `SLUG/desk`; `head` is the seq of the newest record."""

    id: str = Field(primary_key=True)
    epoch: str
    head: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class Record(SQLModel, table=True):
    """The latest state of one key. `body` is JSON in UTF-8, or None for a tombstone; `at` is in microseconds.

    The primary key ends with the channel: keys are random, and a post's two records, which change together, then share
    one page of the index.
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
