"""Removing a source from its wall, keeping or hiding what it has brought."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import exists
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.publishing import show
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.acts import begin_act, finish, goes_on, remember, unfinished
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.judge import Ruling
from aggregator.moderation.rules import ACTIVE
from aggregator.sources.lookup import find_source
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.following import described, source_change, unfollow
from aggregator.walls.tables import Wall

REMOVED = "its source was removed: {}"


class Removed(NamedTuple):
    """The source, the number of the act that has hidden its posts (None if none was hidden), and how many they are."""

    source: Source
    entry_id: int | None = None
    posts: int = 0


async def count_brought(db: AsyncSession, source: Source) -> int:
    """Return how many live and held posts of its wall this source shows, and no other followed source."""
    number: int = (await db.exec(_alone(select(func.count()).select_from(StoredPost), source))).one()
    return number


async def remove_source(store: Store, source_id: int, by: Actor, *, hide: bool = False, why: str = "") -> Removed:
    """Unfollow a source; with `hide`, first hide the live and held posts that it alone shows, as one act.

    The act can be undone. It works in short transactions, while which the source is paused; interrupted, the same
    again finishes it. Raises SourceError.
    """
    hidden = await _hide_brought(store, source_id, by, why) if hide else None
    async with store.write() as db:
        source = await unfollow(db, source_id, by)
    return hidden._replace(source=source) if hidden else Removed(source)


async def _hide_brought(store: Store, source_id: int, by: Actor, why: str) -> Removed:
    async with store.write() as db:
        source = await find_source(db, source_id, lock=True)
        if source.is_polled:  # so that nothing more comes from it meanwhile
            source.paused_at = now()
            db.add(source)
        wall = await db.get_one(Wall, source.wall_id)
        post_ids = sorted(await db.exec(_alone(select(StoredPost.id), source)))
        change = source_change(source, described(source), State.HIDDEN)
        entry_id = await unfinished(db, wall, Action.HIDE, change)
        if entry_id is None and not post_ids:
            return Removed(source)
        if entry_id is None:
            entry_id = await begin_act(db, wall, by, Action.HIDE, change, why=why, finished=False)
    after = Ruling(State.HIDDEN, why or REMOVED.format(described(source)))
    posts = 0
    for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
        async with store.write() as db:
            posts += await _hide_some(db, wall, chunk, after, by=by, act_id=entry_id)
    async with store.write() as db:
        await finish(db, entry_id)
    return Removed(source, entry_id, posts)


def _alone(query: Any, source: Source) -> Any:
    """Restrict a query of posts to live and held ones of the source's wall that no other followed source shows."""
    shown = (col(Sighting.post_n) == col(StoredPost.n), col(Sighting.shown).is_(True))
    others = select(Source.id).where(
        Source.wall_id == source.wall_id, Source.id != source.id, col(Source.ended_at).is_(None)
    )
    active = (col(Item.wall_id) == source.wall_id, col(Item.state).in_(ACTIVE))
    return (
        query.join(Item, col(Item.post_n) == col(StoredPost.n))
        .where(*active, exists().where(*shown, col(Sighting.source_id) == source.id))
        .where(~exists().where(*shown, col(Sighting.source_id).in_(others)))
    )


async def _hide_some(
    db: AsyncSession, wall: Wall, post_ids: Collection[str], after: Ruling, *, by: Actor, act_id: int
) -> int:
    if not await goes_on(db, act_id):
        return 0
    still = (*on_wall(wall, post_ids), col(Item.state).in_(ACTIVE))
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*still)
    found = (await db.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    hidden = [post_id for _, post_id, _ in found]
    if hidden:
        await remember(db, act_id, wall, hidden)
        await set_state(db, on_wall(wall, hidden), after._asdict() | {"approved": None})
        await record_posts(db, by, Action.HIDE, found, after.verdict, act_id=act_id)
        await show(db, wall, hidden)
    return len(hidden)
