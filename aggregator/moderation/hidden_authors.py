"""The posts of authors who are hidden on a wall: a rule hides those that are there, and its end brings them back.

Each call works on a few posts in the caller's transaction, with their entries in the audit trail and the records that
they change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import case
from sqlalchemy import select as columns
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.listing import bare
from aggregator.items.publishing import show
from aggregator.items.tables import KEPT, Item, State, StoredPost
from aggregator.moderation.acts import goes_on, remember
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.judge import Judge, Ruling
from aggregator.moderation.presence import unshown_among
from aggregator.moderation.rules import ACTIVE, author_hidden
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks, stored_id
from aggregator.walls.tables import Wall
from connectors.contract import Post

BY_ITSELF = or_(col(Item.state).in_(ACTIVE), col(Item.returns_to).in_(ACTIVE))
"""The item is held, live, or off the wall because no source shows it."""


class Rule(NamedTuple):
    """All posts of the author with this bare handle are hidden, for this reason."""

    handle: str
    why: str


async def any_active(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> bool:
    """Whether a rule about their author would hide any of these posts."""
    for chunk in chunks(sorted(post_ids)):
        if (await db.exec(select(Item.post_n).where(*on_wall(wall, chunk), BY_ITSELF).limit(1))).first() is not None:
            return True
    return False


async def hide_some(
    db: AsyncSession, wall: Wall, post_ids: Collection[str], rule: Rule, by: Actor, *, act_id: int | None = None
) -> int:
    """By this rule, hide those of these posts that are held, live, or off the wall by themselves; returns how many.

    Posts that an organiser has hidden by hand stay hidden. All of it is a part of the act with that
    number, if there is one.
    """
    if not await goes_on(db, act_id):
        return 0
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*on_wall(wall, post_ids), BY_ITSELF)
    found = (await db.exec(query.order_by(col(StoredPost.id)).with_for_update(of=Item))).all()
    after = author_hidden(rule.why)
    if found:
        stands = func.coalesce(col(Item.frozen_from), col(Item.state))
        values = {
            "state": after.state,
            "why": after.why,
            "ruled_out": rule.handle,
            "ruled_from": case((col(Item.state) == State.HIDDEN, col(Item.returns_to)), else_=stands),
            "frozen_from": None,
            "returns_to": case((col(Item.returns_to) == KEPT, KEPT), else_=None),
        }
        these = [post_id for _, post_id, _ in found]
        if act_id is not None:
            await remember(db, act_id, wall, these)
        await set_state(db, on_wall(wall, these), values)
        await record_posts(db, by, Action.HIDE, found, after, act_id=act_id)
        await show(db, wall, these)
    return len(found)


async def bring_back_some(
    db: AsyncSession, wall: Wall, handle: str, *, by: Actor, why: str = "", act_id: int | None = None
) -> int:
    """Give the next posts that the rule has hidden the states that they would have without it; returns how many.

    No post where the rule stands again: the organiser who has set it meanwhile has the last word. The posts are locked
    as well as their places: what their authors ask for, and what sources show of them, is read after that, and stays
    until the end.
    """
    judge = await Judge.load_all(db, wall)
    if judge.hides(handle) or not await goes_on(db, act_id):
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
    unshown = await unshown_among(db, wall, [post_id for post_id, *_ in rows])
    groups: defaultdict[Ruling, list[str]] = defaultdict(list)
    for post_id, before, body, returns_to in rows:
        post = msgspec.json.decode(body, type=Post)
        after = judge.ruling_without_rule(post, before, returns_to=returns_to, is_shown=post_id not in unshown)
        groups[after._replace(why=after.why or why)].append(post_id)
    for after, post_ids in groups.items():
        if act_id is not None:
            await remember(db, act_id, wall, post_ids)
        await set_state(db, on_wall(wall, post_ids), after._asdict())
        action = Action.BRING_BACK if after.state in ACTIVE else Action.HIDE
        items = [(stored_id(wall), post_id, State.HIDDEN.value) for post_id in post_ids]
        await record_posts(db, by, action, items, after.verdict, act_id=act_id)
    changed = sorted(post_id for post_ids in groups.values() for post_id in post_ids)
    if changed:
        await show(db, wall, changed)
    return len(changed)
