"""Decisions about items: each is one transaction with its entry in the audit trail and the records that it changes.

`by` is the actor who decides; whether that actor may, the caller has asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.lookup import DecisionError, ItemNotFound, Match, find_item
from aggregator.items.publishing import republish, show
from aggregator.items.tables import KEPT, Item, State, StoredPost, numbers
from aggregator.moderation.origin import erase
from aggregator.moderation.rules import Verdict
from aggregator.moderation.states import may_become
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall
from connectors.contract import Post

__all__ = [
    "Decide",
    "DecisionError",
    "FinalState",
    "ItemNotFound",
    "Match",
    "approve",
    "find_and_decide",
    "find_item",
    "hide",
    "withdraw",
]

Decide = Callable[[AsyncSession, Wall, str, Actor, str], Awaitable[bool]]
"""`hide`, `approve` or `withdraw`."""


class FinalState(DecisionError):
    """No decision can change the item: it is withdrawn, or its author asks to be left out."""


async def find_and_decide(
    store: Store, decide: Decide, key: str, *, slug: str | None, by: Actor, why: str = ""
) -> tuple[Match, bool]:
    """Find the item that `key` names, on one wall or on any, and decide; returns it and whether anything changed.

    The search, which is slow for a URL, waits for no writer. Raises WallError, and as `decide` does.
    """
    async with store.read() as db:
        wall = await find_wall(db, slug) if slug else None
        found = await find_item(db, key, wall)
    async with store.write() as db:
        return found, await decide(db, found.wall, found.post_id, by, why)


async def hide(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> bool:
    """Take an item off the wall. Returns whether anything changed. Raises ItemNotFound and FinalState."""
    return await _decide(db, wall, post_id, Verdict(State.HIDDEN, why), by)


async def approve(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> bool:
    """Put an item on the wall, unless its author asks to be left out. Returns and raises as `hide` does."""
    wish = await _wish(db, post_id)
    if wish:
        raise FinalState(f"“{post_id}” stays hidden: its author asks to be left out ({wish}).")
    return await _decide(db, wall, post_id, Verdict(State.LIVE, why), by)


async def withdraw(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> bool:
    """Erase the post and take it off every wall permanently, as if deleted at its origin. Raises ItemNotFound."""
    if await _state(db, wall, post_id) == State.WITHDRAWN:
        return False
    await erase(db, {post_id}, by, why)
    await republish(db, {post_id})
    return True


async def _decide(db: AsyncSession, wall: Wall, post_id: str, after: Verdict, by: Actor) -> bool:
    before, has_left, is_ruled_out = await _read_state(db, wall, post_id, lock=True)
    if before == after.state and not (has_left or is_ruled_out):
        return False
    if not may_become(before, after.state):
        raise FinalState(f"“{post_id}” is {before}, and cannot become {after.state}.")
    # Against a person's decision no source's silence counts.
    returns_to = KEPT if has_left and after.state == State.LIVE else None
    here = (col(Item.wall_id) == wall.id, col(Item.post_n).in_(numbers([post_id])))
    values = {"state": after.state, "why": after.why, "returns_to": returns_to, "ruled_out": None, "ruled_from": None}
    await db.exec(update(Item).where(*here).values(values))
    action = Action.APPROVE if after.state == State.LIVE else Action.HIDE
    await record_posts(db, by, action, [(stored_id(wall), post_id, before)], after)
    await show(db, wall, [post_id])
    return True


async def _state(db: AsyncSession, wall: Wall, post_id: str) -> State:
    return (await _read_state(db, wall, post_id))[0]


async def _read_state(db: AsyncSession, wall: Wall, post_id: str, *, lock: bool = False) -> tuple[State, bool, bool]:
    """The item's state, whether it has left the wall by itself, and whether it is hidden because of its author."""
    query = select(Item.state, Item.returns_to, Item.ruled_out)
    query = query.where(Item.wall_id == wall.id, col(Item.post_n).in_(numbers([post_id])))
    found = (await db.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        raise ItemNotFound(f"There is no post “{post_id}” on the wall “{wall.slug}”.")
    state, returns_to, ruled_out = found
    return State(state), returns_to is not None and state == State.HIDDEN, ruled_out is not None


async def _wish(db: AsyncSession, post_id: str) -> str:
    """What the author asks for; locked, so that it cannot change before the decision is taken."""
    query = select(StoredPost.body).where(StoredPost.id == post_id).with_for_update(read=True)
    body = (await db.exec(query)).first()
    return msgspec.json.decode(body, type=Post).opted_out if body is not None else ""
