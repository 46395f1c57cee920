"""Putting records on a channel, inside the caller's transaction, so that numbers are gapless and in commit order.

It owns `Channel.head`; it never looks inside a body.
"""

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

from aggregator.channel.tables import Channel, Record
from aggregator.store.sql import inserting
from aggregator.store.store import mark_changed

CHUNK = 400
"""Keys in one look-up: far below what either database allows."""
EPOCH = 9
"""Random bytes of an epoch."""

MAX_BODY = 64 * 1024
"""Bytes of a record's body: what every reader of a channel is sent, and what a page is drawn from."""


class BodyTooLarge(ValueError):
    """A record's body is over MAX_BODY: bodies must be bounded where they are made."""


class NoChannel(LookupError):
    """There is no channel of that name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The state that a thing is to have. `at` is in microseconds; `body` is JSON, or None to take the thing away."""

    kind: str
    key: str
    at: int
    body: bytes | None


async def open_channel(db: AsyncSession, channel_id: str) -> None:
    """Create a channel with a fresh epoch, unless it is there."""
    if await db.get(Channel, channel_id) is None:
        await db.exec(insert(Channel).values(id=channel_id, epoch=token_urlsafe(EPOCH), head=0))


async def close_channel(db: AsyncSession, channel_id: str) -> None:
    """Delete a channel with all its records. Whoever reads it hears that it is gone, for good."""
    await db.exec(delete(Channel).where(col(Channel.id) == channel_id))
    mark_changed(db, channel_id)


async def renew_channels(db: AsyncSession, channel_ids: Collection[str] | None = None) -> int:
    """Give these channels new epochs (None: all), so that every reader begins again; returns how many there are."""
    if channel_ids is None:
        channel_ids = (await db.exec(select(Channel.id))).all()
    number = 0
    for channel_id in sorted(channel_ids, key=_in_order):
        renewed = update(Channel).where(col(Channel.id) == channel_id).values(epoch=token_urlsafe(EPOCH))
        number += (await db.exec(renewed)).rowcount
        mark_changed(db, channel_id)
    return number


def _in_order(channel_id: str) -> tuple[str, bool]:
    """Wall after wall by slug, and of each `SLUG/wall` before `SLUG/desk`: the order in which every writer locks them.

    Databases sort by their own collations.
    """
    slug, _, audience = channel_id.partition("/")
    return slug, audience != "wall"


async def publish(db: AsyncSession, channel_id: str, drafts: Sequence[Draft]) -> int:
    """Make these states the latest ones; returns the channel's head. Raises NoChannel, BodyTooLarge.

    The last draft of a key wins. A state that the channel has already, and taking away what was never there, publish
    nothing. Where one transaction publishes on two channels of a wall, `SLUG/wall` comes before `SLUG/desk`; where on
    those of several walls, they come in the order of their slugs.
    """
    for draft in drafts:
        if draft.body is not None and len(draft.body) > MAX_BODY:
            raise BodyTooLarge(f"The {draft.kind} “{draft.key}” has {len(draft.body)} bytes; {MAX_BODY} are the most.")
    head = await _lock(db, channel_id)
    fresh = await _news(db, channel_id, {(draft.kind, draft.key): draft for draft in drafts})
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


async def _lock(db: AsyncSession, channel_id: str) -> int:
    """The head, locked until the transaction ends (on SQLite the whole transaction is the lock)."""
    found = await db.exec(select(Channel.head).where(Channel.id == channel_id).with_for_update())
    head = found.first()
    if head is None:
        raise NoChannel(f"There is no channel “{channel_id}”.")
    return head


async def _news(db: AsyncSession, channel_id: str, drafts: dict[tuple[str, str], Draft]) -> list[Draft]:
    """The drafts that change something, in their order. A tombstone keeps the place of what it takes away."""
    shown = await _shown(db, channel_id, drafts)
    fresh = []
    for name, draft in drafts.items():
        at, body = shown.get(name, (0, None))
        if draft.body is None and body is not None:
            fresh.append(Draft(draft.kind, draft.key, at, None))
        elif draft.body is not None and (at, body) != (draft.at, draft.body):
            fresh.append(draft)
    return fresh


async def _shown(
    db: AsyncSession, channel_id: str, drafts: dict[tuple[str, str], Draft]
) -> dict[tuple[str, str], tuple[int, bytes | None]]:
    """What the channel has of these now: (kind, key) → (at, body)."""
    shown: dict[tuple[str, str], tuple[int, bytes | None]] = {}
    for kind, group in groupby(sorted(drafts.values(), key=attrgetter("kind")), key=attrgetter("kind")):
        keys = [draft.key for draft in group]
        for start in range(0, len(keys), CHUNK):
            query = select(Record.key, Record.at, Record.body).where(
                Record.channel_id == channel_id, Record.kind == kind, col(Record.key).in_(keys[start : start + CHUNK])
            )
            shown |= {(kind, key): (at, body) for key, at, body in await db.exec(query)}
    return shown


def _upsert(db: AsyncSession) -> Any:
    """One row for each (channel, kind, key): a newer state takes the place of the older."""
    statement = inserting(db, Record)
    newer = {name: statement.excluded[name] for name in ("seq", "at", "body")}
    return statement.on_conflict_do_update(index_elements=["kind", "key", "channel_id"], set_=newer)
