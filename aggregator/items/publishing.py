"""Publishing items as `post` records on the two channels of a wall, the only way from a post to a screen.

The files of its pictures are served by `web.media`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import Draft, lock_channel, publish
from aggregator.channel.read import POST
from aggregator.items.bounds import MAX_WHY, encode
from aggregator.items.render import build, shows_anything, wanted
from aggregator.items.tables import Item, State, StoredPost
from aggregator.media.pictures import PictureView, look_up, picture_id
from aggregator.store.sql import chunks
from aggregator.timestamps import now
from aggregator.turns import in_turns
from aggregator.walls.tables import Wall
from connectors.contract import Person, Post
from connectors.text.structure import shorten

PIN: Final = "pin"
OF_ITEM = (Item.state, Item.why, Item.version, Item.pinned_until, Item.nugget, Item.covered, Item.note)
COLUMNS = (StoredPost.id, StoredPost.at, StoredPost.body, Item.boosted_by, *OF_ITEM)
"""The columns of an ItemView, in its order."""


class DeskBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The body of a `post` record on the desk's channel: the card, its state, the reason, and the item's version.

    Then its marks: pinned until a moment, pictures covered by an organiser, and a note for colleagues.
    """

    state: str
    why: str
    version: int
    post: msgspec.Raw
    pinned_until: datetime | None = None
    covered: bool = False
    note: str = ""


class PinBody(msgspec.Struct, kw_only=True):
    """The body of a `pin` record: the card of a post that stays first until a moment, however old it is."""

    until: datetime
    post: msgspec.Raw


class ItemView(NamedTuple):
    """One item to publish; `post` is None if its content is gone."""

    post_id: str
    at: int
    post: Post | None
    boosted_by: Person | None
    state: str
    why: str
    version: int
    pinned_until: datetime | None
    nugget: bool
    covered: bool
    note: str


async def show(db: AsyncSession, wall: Wall, post_ids: Collection[str], *, unpinned: bool = False) -> None:
    """Publish the current state of these items on both channels of the wall, in the order of their timestamps.

    With `unpinned` the pins of those that have none are taken away, too.

    The channel is locked before the items are read. On PostgreSQL, a state read earlier could show an item again that
    was hidden meanwhile.
    """
    head = await lock_channel(db, wall.channel)
    for chunk in chunks(sorted(post_ids)):
        shown = await _load(db, wall, chunk)
        pictures = await look_up(db, await _picture_ids(shown))
        in_order = sorted(shown, key=lambda item: (item.at, item.post_id))
        drafts = [_drafts(item, pictures) async for item in in_turns(in_order)]
        pins = [pin for item, _, _, pin in drafts if unpinned or item.pinned_until or item.state == State.WITHDRAWN]
        head = await publish(db, wall.channel, [*(for_wall for _, for_wall, _, _ in drafts), *pins], head=head)
        await publish(db, wall.desk, [*(for_desk for _, _, for_desk, _ in drafts), *pins])


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
        columns(*map(col, COLUMNS))
        .join(StoredPost, col(StoredPost.n) == col(Item.post_n))
        .where(col(Item.wall_id) == wall.id, col(StoredPost.id).in_(post_ids))
    )
    return [
        ItemView(
            post_id,
            at,
            msgspec.json.decode(body, type=Post) if body is not None else None,
            msgspec.json.decode(boosted_by, type=Person) if boosted_by is not None else None,
            *rest,
        )
        async for post_id, at, body, boosted_by, *rest in in_turns(await db.exec(query))
    ]


async def _picture_ids(shown: Collection[ItemView]) -> set[str]:
    found: set[str] = set()
    async for item in in_turns(shown):
        if item.post is not None:
            asked = wanted(item.post, item.boosted_by)
            found.update(picture_id(want.network, want.url, want.purpose) for want in asked)
    return found


class _Drafts(NamedTuple):
    item: ItemView
    for_wall: Draft
    for_desk: Draft
    pin: Draft


def _drafts(item: ItemView, pictures: Mapping[str, PictureView]) -> _Drafts:
    """Return the drafts for the wall and for the desk, and the pin; all of a withdrawn or gone post are tombstones.

    A post without visible content is on the desk alone, because its card on a wall would be empty. Pictures that an
    organiser has covered are drawn like those that the author has marked as sensitive.
    """
    unpinned = Draft(PIN, item.post_id, item.at, None)
    if item.post is None or item.state == State.WITHDRAWN:
        gone = Draft(POST, item.post_id, item.at, None)
        return _Drafts(item, gone, gone, unpinned)
    body = build(item.post, pictures, item.boosted_by, at=item.at)
    body = replace(body, nugget=item.nugget, sensitive=body.sensitive or item.covered)
    card = encode(body)
    is_shown = item.state == State.LIVE and shows_anything(body)
    pin = unpinned
    if is_shown and item.pinned_until is not None and item.pinned_until > now():
        pin = _draft(PIN, item, msgspec.json.encode(PinBody(until=item.pinned_until, post=msgspec.Raw(card))))
    return _Drafts(item, _draft(POST, item, card if is_shown else None), _draft(POST, item, _on_desk(item, card)), pin)


def _draft(kind: str, item: ItemView, body: bytes | None) -> Draft:
    return Draft(kind, item.post_id, item.at, body)


def _on_desk(item: ItemView, card: bytes) -> bytes:
    body = DeskBody(
        state=item.state,
        why=shorten(item.why, MAX_WHY),
        version=item.version,
        post=msgspec.Raw(card),
        pinned_until=item.pinned_until,
        covered=item.covered,
        note=item.note,
    )
    return msgspec.json.encode(body)
