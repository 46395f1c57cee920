"""Freezing a wall: nothing new goes live on it until it is released. Edits of live posts and deletions go through.

What would go live meanwhile waits, also what a person approves; the release brings exactly these posts to the wall.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change, record_posts
from aggregator.items.publishing import show
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.acts import begin_act, finish, goes_on, remember, unfinished
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.settings import Setting, SettingKind, change_setting
from aggregator.store.sql import MAX_IN_TRANSACTION
from aggregator.store.store import Store
from aggregator.timestamps import now, to_micros
from aggregator.walls.lock import lock_wall, share_wall
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall

SETTING = Setting(SettingKind.FROZEN)


class Frozen(NamedTuple):
    """What freezing or releasing has come to: the act's number, or None if nothing changed, and the posts released."""

    wall: Wall
    entry_id: int | None
    posts: int = 0


async def freeze(store: Store, slug: str, by: Actor, why: str = "") -> Frozen:
    """Freeze a wall. Raises WallError."""
    async with store.write() as db:
        wall = await find_wall(db, slug)
        await lock_wall(db, wall)
        if wall.frozen_at is not None:
            return Frozen(wall, None)
        change = Change(wall.id, SubjectKind.WALL, slug, "", "frozen")
        entry_id = await begin_act(db, wall, by, Action.FREEZE, change, why=why)
        await change_setting(db, wall, SETTING, str(to_micros(now())), entry_id)
        return Frozen(wall, entry_id)


async def release(store: Store, slug: str, by: Actor, why: str = "") -> Frozen:
    """Release a frozen wall, and what waits, in short transactions. Interrupted, the same again finishes it.

    Raises WallError.
    """
    change = Change(None, SubjectKind.WALL, slug, "frozen")
    async with store.write() as db:
        wall = await find_wall(db, slug)
        await lock_wall(db, wall)
        if wall.frozen_at is not None:
            change = change._replace(wall_id=wall.id)
            entry_id = await begin_act(db, wall, by, Action.RELEASE, change, why=why, finished=False)
            await change_setting(db, wall, SETTING, None, entry_id)
        else:
            interrupted = await unfinished(db, wall, Action.RELEASE, change)
            if interrupted is None:
                return Frozen(wall, None)
            entry_id = interrupted
    posts = await release_all(store, wall, by, act_id=entry_id)
    async with store.write() as db:
        await finish(db, entry_id)
    return Frozen(wall, entry_id, posts)


async def release_all(store: Store, wall: Wall, by: Actor, *, act_id: int) -> int:
    """Bring what waits on a released wall to it, as parts of that act; returns how many posts that is."""
    total = 0
    while True:
        async with store.write() as db:
            number = await _release_some(db, wall, by, act_id)
        if not number:
            return total
        total += number


async def _release_some(db: AsyncSession, wall: Wall, by: Actor, act_id: int) -> int:
    """Release the next posts that wait; none where the wall has been frozen again meanwhile."""
    wall = await share_wall(db, wall)
    if wall.frozen_at is not None or not await goes_on(db, act_id):
        return 0
    waiting = (col(Item.wall_id) == wall.id, col(Item.state) == State.HELD, col(Item.frozen_from).is_not(None))
    query = select(Item.wall_id, StoredPost.id, Item.state).join(StoredPost).where(*waiting)
    query = query.order_by(col(StoredPost.id)).limit(MAX_IN_TRANSACTION).with_for_update(of=Item)
    found = (await db.exec(query)).all()
    post_ids = [post_id for _, post_id, _ in found]
    if found:
        await remember(db, act_id, wall, post_ids)
        await set_state(db, on_wall(wall, post_ids), {"state": State.LIVE, "why": "", "frozen_from": None})
        await record_posts(db, by, Action.RELEASE, found, (State.LIVE, ""), act_id=act_id)
        await show(db, wall, post_ids)
    return len(found)
