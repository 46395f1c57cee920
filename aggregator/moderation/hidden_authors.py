"""The posts of authors who are hidden on a wall: a rule hides those that are there, and its end brings them back.

Each call works on a few posts in the caller's transaction, with their entries in the audit trail and the records that
they change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import case, exists, update
from sqlalchemy import select as columns
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.listing import bare
from aggregator.items.publishing import show
from aggregator.items.tables import KEPT, Item, State, StoredPost, numbers
from aggregator.moderation.judge import Judge, Ruling
from aggregator.moderation.rules import ACTIVE, author_hidden
from aggregator.moderation.tables import HiddenAuthor
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import MAX_IN_TRANSACTION, stored_id
from aggregator.walls.tables import Wall
from connectors.contract import Post


async def hide_some(db: AsyncSession, wall: Wall, post_ids: Collection[str], rule: HiddenAuthor, by: Actor) -> int:
    """By this rule, hide those of these posts that are held, live, or off the wall by themselves; returns how many.

    Posts that an organiser has hidden by hand stay hidden.
    """
    by_itself = or_(col(Item.state).in_(ACTIVE), col(Item.returns_to).in_(ACTIVE))
    there = (col(Item.wall_id) == wall.id, col(Item.post_n).in_(numbers(post_ids)), by_itself)
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*there)
    found = (await db.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    after = author_hidden(rule.why)
    if found:
        values = {
            "state": after.state,
            "why": after.why,
            "ruled_out": rule.handle,
            "ruled_from": case((col(Item.state) == State.HIDDEN, col(Item.returns_to)), else_=col(Item.state)),
            "returns_to": case((col(Item.returns_to) == KEPT, KEPT), else_=None),
        }
        these = (col(Item.wall_id) == wall.id, col(Item.post_n).in_(numbers([post_id for _, post_id, _ in found])))
        await db.exec(update(Item).where(*these).values(values))
        await record_posts(db, by, Action.HIDE, found, after)
        await show(db, wall, [post_id for _, post_id, _ in found])
    return len(found)


async def bring_back_some(db: AsyncSession, wall: Wall, handle: str, *, by: Actor, why: str = "") -> int:
    """Give the next posts that the rule has hidden the states that they would have without it; returns how many.

    No post where the rule stands again: the organiser who has set it meanwhile has the last word. The posts are locked
    as well as their places: what their authors ask for, and what sources show of them, is read after that, and stays
    until the end.
    """
    judge = await Judge.load_all(db, wall)
    if judge.hides(handle):
        return 0
    query: Any = (
        columns(col(StoredPost.id), col(Item.ruled_from), col(StoredPost.body), col(Item.returns_to))
        .join(Item, col(Item.post_n) == col(StoredPost.n))
        .where(col(Item.wall_id) == wall.id, col(Item.state) == State.HIDDEN, col(Item.ruled_out) == bare(handle))
        .order_by(col(StoredPost.id))
        .limit(MAX_IN_TRANSACTION)
        .with_for_update(of=(StoredPost, Item), key_share=True)
    )
    rows = (await db.exec(query)).all()
    unshown = await _unshown(db, wall, [post_id for post_id, *_ in rows])
    groups: defaultdict[Ruling, list[str]] = defaultdict(list)
    for post_id, before, body, returns_to in rows:
        post = msgspec.json.decode(body, type=Post)
        after = judge.ruling_without_rule(post, before, returns_to=returns_to, is_shown=post_id not in unshown)
        groups[after._replace(why=after.why or why)].append(post_id)
    for after, post_ids in groups.items():
        here = (col(Item.wall_id) == wall.id, col(Item.post_n).in_(numbers(post_ids)))
        await db.exec(update(Item).where(*here).values(after._asdict()))
        action = Action.BRING_BACK if after.state in ACTIVE else Action.HIDE
        items = [(stored_id(wall), post_id, State.HIDDEN.value) for post_id in post_ids]
        await record_posts(db, by, action, items, after.verdict)
    changed = sorted(post_id for post_ids in groups.values() for post_id in post_ids)
    if changed:
        await show(db, wall, changed)
    return len(changed)


async def _unshown(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> frozenset[str]:
    """Those of these posts that sources of the wall have seen, of which none shows them any more."""
    ours = col(Sighting.source_id).in_(select(Source.id).where(Source.wall_id == wall.id))
    seen = exists().where(col(Sighting.post_n) == col(StoredPost.n), ours)
    query = select(StoredPost.id).where(col(StoredPost.id).in_(post_ids), seen)
    return frozenset(await db.exec(query.where(~seen.where(col(Sighting.shown).is_(True)))))
