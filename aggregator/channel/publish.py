"""Publishing records on a channel, inside the caller's transaction, so that seqs are gapless and in commit order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.ids import channel_order
from aggregator.channel.tables import Channel, Record
from aggregator.store.sql import chunks, inserting
from aggregator.store.store import mark_changed

EPOCH = 9
"""Random bytes of an epoch."""

MAX_BODY = 64 * 1024
"""Bytes of a record's body at most."""


class BodyTooLarge(ValueError):
    """A record's body is larger than MAX_BODY: it must be bounded where it is built."""


class NoChannel(LookupError):
    """No channel has that id."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The next state of a record. `at` is in microseconds; `body` is JSON, or None for a tombstone."""

    kind: str
    key: str
    at: int
    body: bytes | None


async def open_channel(db: AsyncSession, channel_id: str) -> None:
    """Create a channel with a new epoch, unless it exists."""
    if await db.get(Channel, channel_id) is None:
        await db.exec(insert(Channel).values(id=channel_id, epoch=token_urlsafe(EPOCH), head=0))


async def close_channel(db: AsyncSession, channel_id: str) -> None:
    """Delete a channel with all its records. Its readers are told that it is permanently gone."""
    await db.exec(delete(Channel).where(col(Channel.id) == channel_id))
    mark_changed(db, channel_id)


async def renew_channels(db: AsyncSession, channel_ids: Collection[str] | None = None) -> int:
    """Give these channels (None: all) new epochs, so that every reader starts again; returns their number."""
    if channel_ids is None:
        channel_ids = (await db.exec(select(Channel.id))).all()
    number = 0
    for channel_id in sorted(channel_ids, key=channel_order):
        renewed = update(Channel).where(col(Channel.id) == channel_id).values(epoch=token_urlsafe(EPOCH))
        number += (await db.exec(renewed)).rowcount
        mark_changed(db, channel_id)
    return number


async def publish(db: AsyncSession, channel_id: str, drafts: Sequence[Draft], *, head: int | None = None) -> int:
    """Publish these states as the latest ones; returns the channel's head. Raises NoChannel, BodyTooLarge.

    `head` is the present one, from a caller that has locked the channel.

    After the commit `Store.write` calls `Hub.notify`, which sends the records to the channel's readers.

    The last draft of a key wins. An unchanged state publishes nothing, nor does a tombstone for an unknown key. A
    transaction that publishes on several channels must do so by slug, and `SLUG/wall` before `SLUG/desk`.
    """
    for draft in drafts:
        if draft.body is not None and len(draft.body) > MAX_BODY:
            raise BodyTooLarge(f"Body too large: {draft.kind} “{draft.key}” has {len(draft.body)} of {MAX_BODY} bytes.")
    if head is None:
        head = await lock_channel(db, channel_id)
    fresh = await _changed_drafts(db, channel_id, {(draft.kind, draft.key): draft for draft in drafts})
    if not fresh:
        return head
    rows = [
        {"channel_id": channel_id, "seq": seq, "kind": d.kind, "key": d.key, "at": d.at, "body": d.body}
        for seq, d in enumerate(fresh, head + 1)
    ]
    head += len(rows)
    await db.exec(update(Channel).where(col(Channel.id) == channel_id).values(head=head))
    await (await db.connection()).execute(_upsert(db), rows)
    mark_changed(db, channel_id)
    return head


async def lock_channel(db: AsyncSession, channel_id: str) -> int:
    """Return the head, locked until the transaction ends (on SQLite, all of it). Raises NoChannel."""
    found = await db.exec(select(Channel.head).where(Channel.id == channel_id).with_for_update())
    head = found.first()
    if head is None:
        raise NoChannel(f"There is no channel “{channel_id}”.")
    return head


async def _changed_drafts(db: AsyncSession, channel_id: str, drafts: dict[tuple[str, str], Draft]) -> list[Draft]:
    """Return the drafts that change something, in their order. A tombstone keeps the `at` of the removed record."""
    published = await _last_published(db, channel_id, drafts)
    fresh = []
    for name, draft in drafts.items():
        at, body = published.get(name, (0, None))
        if draft.body is None and body is not None:
            fresh.append(Draft(draft.kind, draft.key, at, None))
        elif draft.body is not None and (at, body) != (draft.at, draft.body):
            fresh.append(draft)
    return fresh


async def _last_published(
    db: AsyncSession, channel_id: str, drafts: dict[tuple[str, str], Draft]
) -> dict[tuple[str, str], tuple[int, bytes | None]]:
    """Return the current states of these keys: (kind, key) → (at, body)."""
    published: dict[tuple[str, str], tuple[int, bytes | None]] = {}
    for kind, group in groupby(sorted(drafts.values(), key=attrgetter("kind")), key=attrgetter("kind")):
        keys = [draft.key for draft in group]
        for chunk in chunks(keys):
            query = select(Record.key, Record.at, Record.body).where(
                Record.channel_id == channel_id, Record.kind == kind, col(Record.key).in_(chunk)
            )
            published |= {(kind, key): (at, body) for key, at, body in await db.exec(query)}
    return published


def _upsert(db: AsyncSession) -> Any:
    """Return the statement that keeps one row for each (channel, kind, key), the newest state."""
    statement = inserting(db, Record)
    newer = {name: statement.excluded[name] for name in ("seq", "at", "body")}
    return statement.on_conflict_do_update(index_elements=["kind", "key", "channel_id"], set_=newer)
