"""What the origin decides over our heads: a post that was deleted there, an author who asks to be left out.

These verbs work on many posts at once, on every wall. `forget` and `leave_out` change items and publish nothing: their
caller, who has more to publish in the same transaction, does that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.showing import chunks, republish
from aggregator.items.tables import Item, Sighting, State, StoredPost, numbers
from aggregator.media.pictures import release
from aggregator.moderation.rules import SHOWABLE, Verdict, opted_out
from aggregator.moderation.tables import Decision
from aggregator.moderation.trail import record
from aggregator.walls.tables import Source
from connectors._base import Post

AUTHOR = "author"
LEFT = "its author has edited it, and it is no longer what the wall follows"


async def forget(session: AsyncSession, post_ids: Collection[str], by: str, why: str) -> None:
    """Withdraw these posts everywhere, for good. A caller with several has locked them.

    Nothing that was said, nor by whom, is kept: only a short id, so that a late update cannot bring it back.
    """
    for chunk in chunks(sorted(post_ids)):
        await session.exec(update(StoredPost).where(col(StoredPost.id).in_(chunk)).values(body=None))
        these = col(Item.post_n).in_(numbers(chunk))
        await _move(session, (these, col(Item.state) != State.WITHDRAWN), Verdict(State.WITHDRAWN, why), by)
        await session.exec(update(Item).where(these).values(boosted_by=None))
        await session.exec(delete(Sighting).where(col(Sighting.post_n).in_(numbers(chunk))))
    await release(session, post_ids)


async def leave_out(session: AsyncSession, posts: Mapping[str, Post]) -> None:
    """Hide those of these posts (by id) whose authors ask for it."""
    for post_id, post in sorted(posts.items()):
        if post.opted_out:
            there = (col(Item.post_n).in_(numbers([post_id])), col(Item.state).in_(SHOWABLE))
            await _move(session, there, opted_out(post), AUTHOR)


async def let_go(session: AsyncSession, source: Source, post_ids: Collection[str]) -> frozenset[str]:
    """Hide posts on this source's wall that no longer are what it follows, unless another source there has seen them.

    Once for each: an organiser who shows such a post again is right. Returns the ids of those that are hidden now.
    """
    others = select(Sighting.post_n).join(Source).where(Source.wall_id == source.wall_id, Source.id != source.id)
    told = select(Decision.post_id).where(Decision.wall_id == source.wall_id, Decision.why == LEFT)
    hidden: set[str] = set()
    for chunk in chunks(sorted(post_ids)):
        ours = (col(Sighting.source_id) == source.id, col(Sighting.post_n).in_(numbers(chunk)))
        seen = list(await session.exec(select(Sighting.post_n).where(*ours, col(Sighting.post_n).not_in(others))))
        # Whoever has seen it besides us looks after it now, and may let it go in turn.
        await session.exec(delete(Sighting).where(*ours, col(Sighting.post_n).not_in(seen)))
        here = (
            col(Item.wall_id) == source.wall_id,
            col(Item.post_n).in_(seen),
            col(Item.state).in_(SHOWABLE),
            col(Item.post_n).in_(select(StoredPost.n).where(col(StoredPost.id).not_in(told))),
        )
        query = select(StoredPost.id).join(Item).where(*here)
        hidden.update(await session.exec(query))
        await _move(session, here, Verdict(State.HIDDEN, LEFT), AUTHOR)
    return frozenset(hidden)


async def take_back(session: AsyncSession, source_id: int, by: str, why: str) -> frozenset[str]:
    """Withdraw all that a source has brought, and take it off every wall; returns the ids of those posts."""
    query = select(StoredPost.id).join(Sighting).where(Sighting.source_id == source_id)
    post_ids = frozenset(await session.exec(query))
    await _hold(session, post_ids)
    await forget(session, post_ids, by, why)
    await republish(session, post_ids)
    return post_ids


async def _hold(session: AsyncSession, post_ids: Collection[str]) -> None:
    """Lock these posts, all of them before anything else, in the order that every writer keeps."""
    for chunk in chunks(sorted(post_ids)):
        locked = select(StoredPost.n).where(col(StoredPost.id).in_(chunk)).order_by(StoredPost.id)
        await session.exec(locked.with_for_update(key_share=True))


async def _move(session: AsyncSession, there: tuple[ColumnElement[bool], ...], after: Verdict, by: str) -> None:
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*there)
    items = (await session.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    if items:
        await session.exec(update(Item).where(*there).values(state=after.state, why=after.why))
        await record(session, items, after, by)
