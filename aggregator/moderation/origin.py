"""What the origin decides over our heads: a post or an author is gone there.

These verbs work on many posts at once, on every wall. `erase` changes items and publishes nothing: its caller, who has
more to publish in the same transaction, does that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.pictures import release_pictures
from aggregator.items.publishing import republish
from aggregator.items.tables import Item, State, StoredPost, numbers
from aggregator.moderation.changes import set_state
from aggregator.moderation.judge import Ruling
from aggregator.moderation.rules import Verdict
from aggregator.moderation.tables import ActItem
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import chunks, stored_id

UNMARKED: Final = {"pinned_until": None, "nugget": False, "covered": False, "note": "", "marked": 0}


async def erase(db: AsyncSession, post_ids: Collection[str], by: Actor, why: str) -> None:
    """Withdraw these posts everywhere, permanently. A caller with several has locked them.

    Nothing that was said, nor by whom, is kept: only a short id, so that a late update cannot bring it back. No act
    about these posts can be undone any more.
    """
    for chunk in chunks(sorted(post_ids)):
        await db.exec(update(StoredPost).where(col(StoredPost.id).in_(chunk)).values(body=None, author=0))
        these = col(Item.post_n).in_(numbers(chunk))
        await _withdraw(db, (these, col(Item.state) != State.WITHDRAWN), Verdict(State.WITHDRAWN, why), by)
        await db.exec(update(Item).where(these).values(boosted_by=None, **UNMARKED))
        await db.exec(delete(ActItem).where(col(ActItem.post_n).in_(numbers(chunk))))
        await db.exec(delete(Sighting).where(col(Sighting.post_n).in_(numbers(chunk))))
    await release_pictures(db, post_ids)


async def withdraw_posts(db: AsyncSession, post_ids: Collection[str], by: Actor, why: str) -> frozenset[str]:
    """Withdraw these posts on every wall, such as those of an author who is gone; returns their ids.

    A caller with many does it in several transactions, so that no other writer waits for long.
    """
    post_ids = frozenset(post_ids)
    await lock_posts(db, post_ids)
    await erase(db, post_ids, by, why)
    await republish(db, post_ids)
    return post_ids


async def restart_source(db: AsyncSession, source: Source, by: Actor, why: str) -> None:
    """Withdraw all that a source has brought, and let it begin again. The new cursor voids a poll under way."""
    await withdraw_source(db, stored_id(source), by, why)
    source.cursor = ""
    db.add(source)


async def withdraw_source(db: AsyncSession, source_id: int, by: Actor, why: str) -> frozenset[str]:
    """Withdraw all that a source has brought, and take it off every wall; returns the ids of those posts."""
    query = select(StoredPost.id).join(Sighting).where(Sighting.source_id == source_id)
    return await withdraw_posts(db, frozenset(await db.exec(query)), by, why)


async def lock_posts(db: AsyncSession, post_ids: Collection[str]) -> None:
    """Lock these posts, all of them before anything else, in the order that every writer keeps."""
    for chunk in chunks(sorted(post_ids)):
        locked = select(StoredPost.n).where(col(StoredPost.id).in_(chunk)).order_by(StoredPost.id)
        await db.exec(locked.with_for_update(key_share=True))


async def _withdraw(db: AsyncSession, there: tuple[ColumnElement[bool], ...], after: Verdict, by: Actor) -> None:
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*there)
    items = (await db.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    if items:
        await set_state(db, there, Ruling(*after)._asdict())
        await record_posts(db, by, Action.WITHDRAW, items, after)
