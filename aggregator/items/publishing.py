"""Publishing items as `post` records on the two channels of a wall, the only way from a post to a screen.

The files of its pictures are served by `web.media`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import Draft, lock_channel, publish
from aggregator.channel.read import POST
from aggregator.items.bounds import MAX_WHY, encode
from aggregator.items.render import build, shows_anything, wanted
from aggregator.items.tables import Item, State, StoredPost
from aggregator.media.pictures import look_up, picture_id
from aggregator.media.tables import StoredPicture
from aggregator.store.sql import chunks
from aggregator.walls.tables import Wall
from connectors.contract import Person, Post
from connectors.text.structure import shorten

T = TypeVar("T")

MAX_TURN = 0.002
"""Seconds of work on cards after which the event loop gets a turn."""


NAMES = (StoredPost.id, Item.state, Item.why, Item.version, StoredPost.at, StoredPost.body, Item.boosted_by)
"""The columns of an ItemView."""


class DeskBody(msgspec.Struct, kw_only=True):
    """The body of a `post` record on the desk's channel: the card, its state, the reason, and the item's version."""

    state: str
    why: str
    version: int
    post: msgspec.Raw


class ItemView(NamedTuple):
    """One item to publish; `post` is None if its content is gone."""

    post_id: str
    state: str
    why: str
    version: int
    at: int
    post: Post | None
    boosted_by: Person | None


async def show(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> None:
    """Publish the current state of these items on both channels of the wall, in the order of their timestamps.

    The channel is locked before the items are read. On PostgreSQL, a state read earlier could show an item again that
    was hidden meanwhile.
    """
    await lock_channel(db, wall.channel)
    for chunk in chunks(sorted(post_ids)):
        shown = await _load(db, wall, chunk)
        pictures = await look_up(db, _picture_ids(shown))
        in_order = sorted(shown, key=lambda item: (item.at, item.post_id))
        drafts = [_drafts(item, pictures) async for item in _in_turns(in_order)]
        await publish(db, wall.channel, [for_wall for for_wall, _ in drafts])
        await publish(db, wall.desk, [for_desk for _, for_desk in drafts])


async def republish(db: AsyncSession, post_ids: Collection[str]) -> None:
    """`show` on every wall that has these posts."""
    await show_on(db, await walls_of(db, post_ids))


async def show_on(db: AsyncSession, placed: Mapping[int, Collection[str]]) -> None:
    """`show` on several walls (wall id → post ids), in the order of their slugs to avoid deadlocks."""
    walls = {wall_id: await db.get_one(Wall, wall_id) for wall_id in placed}
    for wall_id in sorted(walls, key=lambda wall_id: walls[wall_id].slug):
        await show(db, walls[wall_id], placed[wall_id])


async def walls_of(db: AsyncSession, post_ids: Collection[str]) -> defaultdict[int, set[str]]:
    """Return the walls that have these posts: wall id → post ids."""
    placed: defaultdict[int, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(post_ids)):
        query = select(Item.wall_id, StoredPost.id).join(StoredPost).where(col(StoredPost.id).in_(chunk))
        for wall_id, post_id in await db.exec(query):
            placed[wall_id].add(post_id)
    return placed


async def _load(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> list[ItemView]:
    query: Any = (  # more columns than sqlmodel has overloads for
        columns(*map(col, NAMES))
        .join(StoredPost, col(StoredPost.n) == col(Item.post_n))
        .where(col(Item.wall_id) == wall.id, col(StoredPost.id).in_(post_ids))
    )
    return [
        ItemView(
            post_id,
            state,
            why,
            version,
            at,
            msgspec.json.decode(body, type=Post) if body is not None else None,
            msgspec.json.decode(boosted_by, type=Person) if boosted_by is not None else None,
        )
        async for post_id, state, why, version, at, body, boosted_by in _in_turns(await db.exec(query))
    ]


def _picture_ids(shown: Collection[ItemView]) -> set[str]:
    return {
        picture_id(want.network, want.url, want.purpose)
        for item in shown
        if item.post is not None
        for want in wanted(item.post, item.boosted_by)
    }


async def _in_turns(rows: Iterable[T]) -> AsyncIterator[T]:
    """Yield the rows, giving the event loop its turn in between: one post may take milliseconds."""
    began = monotonic()
    for row in rows:
        if monotonic() - began > MAX_TURN:
            await asyncio.sleep(0)
            began = monotonic()
        yield row


def _drafts(item: ItemView, pictures: Mapping[str, StoredPicture]) -> tuple[Draft, Draft]:
    """Return the drafts for the wall and for the desk; a withdrawn or gone post is a tombstone on both.

    A post without visible content is on the desk alone, because its card on a wall would be empty.
    """
    if item.post is None or item.state == State.WITHDRAWN:
        gone = Draft(POST, item.post_id, item.at, None)
        return gone, gone
    body = build(item.post, pictures, item.boosted_by, at=item.at)
    encoded = encode(body)
    why = shorten(item.why, MAX_WHY)
    on_desk = DeskBody(state=item.state, why=why, version=item.version, post=msgspec.Raw(encoded))
    is_shown = item.state == State.LIVE and shows_anything(body)
    return (
        Draft(POST, item.post_id, item.at, encoded if is_shown else None),
        Draft(POST, item.post_id, item.at, msgspec.json.encode(on_desk)),
    )
