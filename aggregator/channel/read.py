"""Reading a channel: records since a seq, a snapshot of the newest, or a page of older posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import NoChannel
from aggregator.channel.tables import Channel, Record

POST = "post"
MAX_RECORDS = 200
"""Records in one reply at most."""
MAX_BEHIND = 5_000
"""Records that a reader may be behind; one that is further behind starts again from a snapshot."""
PAGED_KINDS = (POST,)
"""Kinds without a limit in number: a snapshot has only the newest, and `before` returns older ones by page."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a channel, and its position when they were read."""

    epoch: str
    head: int
    records: tuple[Record, ...]


async def position(db: AsyncSession, channel_id: str) -> tuple[str, int]:
    """Return the channel's (epoch, head). Raises NoChannel."""
    if "\0" in channel_id:  # a visitor may type it, and PostgreSQL would raise an error
        raise NoChannel("There is no channel with a NUL in its name.")
    found = (await db.exec(select(Channel.epoch, Channel.head).where(Channel.id == channel_id))).first()
    if found is None:
        raise NoChannel(f"There is no channel “{channel_id}”.")
    return found


async def since(db: AsyncSession, channel_id: str, seq: int, limit: int) -> Batch:
    """Return the first `limit` records above `seq`, in order, tombstones included.

    The record at `head` always exists, so a reader whose last seq is `head` has everything.
    """
    epoch, head = await position(db, channel_id)
    query = (
        select(Record).where(Record.channel_id == channel_id, Record.seq > seq).order_by(col(Record.seq)).limit(limit)
    )
    records = tuple(await db.exec(query))
    return Batch(epoch, max(head, records[-1].seq) if records else head, records)


async def snapshot(db: AsyncSession, channel_id: str, limit: int) -> Batch:
    """Return a new reader's records: the newest `limit` posts by `at`, and all other kinds, without tombstones."""
    epoch, head = await position(db, channel_id)
    here = select(Record).where(Record.channel_id == channel_id, col(Record.body).is_not(None))
    newest = here.where(col(Record.kind).in_(PAGED_KINDS)).order_by(col(Record.at).desc(), col(Record.key)).limit(limit)
    others: list[Record] = []
    for beside in _beside(PAGED_KINDS):
        others += await db.exec(here.where(beside).order_by(col(Record.kind), col(Record.key)))
    return Batch(epoch, head, (*others, *await db.exec(newest)))


async def before(db: AsyncSession, channel_id: str, at: int, limit: int, key: str | None = None) -> Batch:
    """Return the `limit` posts after the post `key` at `at` (µs), by descending `at` and ascending key.

    Without `key`: posts older than `at`, plus all posts that share the last timestamp, up to MAX_RECORDS, because a
    reader that pages by timestamp alone would never see them.
    """
    epoch, head = await position(db, channel_id)
    here = (
        select(Record)
        .where(Record.channel_id == channel_id, col(Record.kind).in_(PAGED_KINDS), col(Record.body).is_not(None))
        .order_by(col(Record.at).desc(), col(Record.key))
    )
    older = col(Record.at) < at
    if key is not None:
        page = await db.exec(here.where(Record.at <= at, or_(older, col(Record.key) > key)).limit(limit))
        return Batch(epoch, head, tuple(page))
    whole = list(await db.exec(here.where(older).limit(limit)))
    if len(whole) == limit:
        ties = here.where(Record.at == whole[-1].at, col(Record.key) > whole[-1].key)
        whole += await db.exec(ties.limit(max(MAX_RECORDS - limit, 0)))
    return Batch(epoch, head, tuple(whole))


async def by_keys(db: AsyncSession, channel_id: str, kind: str, keys: Collection[str]) -> Sequence[Record]:
    """Return the records of this kind with these keys, at most MAX_RECORDS, in no order, without tombstones."""
    here = select(Record).where(Record.channel_id == channel_id, Record.kind == kind, col(Record.body).is_not(None))
    return (await db.exec(here.where(col(Record.key).in_(keys)).limit(MAX_RECORDS))).all()


def _beside(kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return all other kinds as the ranges between these: `NOT IN` would scan every post to skip it."""
    kind, ordered = col(Record.kind), sorted(kinds)
    between = [and_(kind > low, kind < high) for low, high in pairwise(ordered)]
    return [kind < ordered[0], *between, kind > ordered[-1]]
