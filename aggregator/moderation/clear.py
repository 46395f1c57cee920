"""Clearing a wall: hiding everything live that came since a moment, as one act."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record_posts
from aggregator.items.publishing import show
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.acts import begin_act, finish, goes_on, remember, unfinished
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.judge import Ruling
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks
from aggregator.store.store import Store
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall

CLEARED = "cleared, with all that had come since {:%Y-%m-%d %H:%M} UTC"


class Cleared(NamedTuple):
    """What clearing has come to: the act's number, or None if there was nothing to hide, and the posts hidden."""

    wall: Wall
    entry_id: int | None
    posts: int = 0


async def count_clear(store: Store, slug: str, since: datetime) -> int:
    """The number of posts that `clear` would hide. Raises WallError."""
    async with store.read() as db:
        wall = await find_wall(db, slug)
        number: int = (await db.exec(_live(select(func.count()).select_from(StoredPost), wall, since))).one()
        return number


async def clear(store: Store, slug: str, since: datetime, by: Actor, why: str = "") -> Cleared:
    """Hide all posts that are live now and were first seen at `since` or later. Raises WallError.

    It works in short transactions; interrupted, the same again finishes it. What arrives meanwhile stays: freeze first.
    """
    async with store.read() as db:
        wall = await find_wall(db, slug)
        post_ids = sorted(await db.exec(_live(select(StoredPost.id), wall, since)))
    change = Change(wall.id, SubjectKind.WALL, slug, "", to_wire(to_micros(since)))
    async with store.write() as db:
        entry_id = await unfinished(db, wall, Action.CLEAR, change)
        if entry_id is None and not post_ids:
            return Cleared(wall, None)
        if entry_id is None:
            entry_id = await begin_act(db, wall, by, Action.CLEAR, change, why=why, finished=False)
    after = Ruling(State.HIDDEN, why or CLEARED.format(since))
    posts = 0
    for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
        async with store.write() as db:
            posts += await _hide_some(db, wall, chunk, after, by=by, act_id=entry_id)
    async with store.write() as db:
        await finish(db, entry_id)
    return Cleared(wall, entry_id, posts)


def _live(query: Any, wall: Wall, since: datetime) -> Any:
    """Restrict a query of posts to those that are live on the wall and were first seen since then."""
    live = (col(Item.wall_id) == wall.id, col(Item.state) == State.LIVE, col(StoredPost.first_seen_at) >= since)
    return query.join(Item, col(Item.post_n) == col(StoredPost.n)).where(*live)


async def _hide_some(
    db: AsyncSession, wall: Wall, post_ids: Collection[str], after: Ruling, *, by: Actor, act_id: int
) -> int:
    if not await goes_on(db, act_id):
        return 0
    still = (*on_wall(wall, post_ids), col(Item.state) == State.LIVE)
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*still)
    found = (await db.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    hidden = [post_id for _, post_id, _ in found]
    if hidden:
        await remember(db, act_id, wall, hidden)
        await set_state(db, on_wall(wall, hidden), after._asdict() | {"approved": None})
        await record_posts(db, by, Action.CLEAR, found, after.verdict, act_id=act_id)
        await show(db, wall, hidden)
    return len(hidden)
