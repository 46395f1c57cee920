"""Decisions about items: each is one transaction with its entry in the audit trail and the records that it changes.

`by` is the actor who decides; whether that actor may, the caller has asked.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import msgspec
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import newest_entry
from aggregator.items.listing import bare
from aggregator.items.lookup import DecisionError, ItemNotFound, Match, find_item
from aggregator.items.publishing import republish, show
from aggregator.items.tables import KEPT, Item, State, StoredPost
from aggregator.moderation.acts import StateChange, begin_decision
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.conflicts import DecidedMeanwhile, Seen, expect
from aggregator.moderation.judge import Ruling
from aggregator.moderation.opt_outs import opted_out_among
from aggregator.moderation.origin import erase, lock_posts
from aggregator.moderation.rules import Verdict
from aggregator.moderation.states import may_become
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall
from connectors.contract import Post

__all__ = [
    "Decide",
    "DecidedMeanwhile",
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


class Decide(Protocol):
    """`hide`, `approve` or `withdraw`."""

    async def __call__(
        self, db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "", *, expected: int | None = None
    ) -> int | None: ...


class FinalState(DecisionError):
    """No decision can change the item: it is withdrawn, or its author asks to be left out."""


async def find_and_decide(
    store: Store, decide: Decide, key: str, *, slug: str | None, by: Actor, why: str = "", expected: int | None = None
) -> tuple[Match, int | None]:
    """Find the item that `key` names, on one wall or on any, and decide; returns it and what `decide` returns.

    The search, which is slow for a URL, waits for no writer. Raises WallError, and as `decide` does.
    """
    async with store.read() as db:
        wall = await find_wall(db, slug) if slug else None
        found = await find_item(db, key, wall)
    async with store.write() as db:
        return found, await decide(db, found.wall, found.post_id, by, why, expected=expected)


async def hide(
    db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "", *, expected: int | None = None
) -> int | None:
    """Take an item off the wall. Returns the number of the entry in the audit trail, or None if nothing changed.

    `expected` is the version of the item that was seen. Raises ItemNotFound, FinalState and DecidedMeanwhile.
    """
    return await _decide(db, wall, post_id, Verdict(State.HIDDEN, why), by, expected=expected)


async def approve(
    db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "", *, expected: int | None = None
) -> int | None:
    """Put an item on the wall, unless its author asks to be left out. On a frozen wall it waits for the release.

    Returns and raises as `hide` does; raises WallError where the wall has just been removed.
    """
    wish = await _wish(db, wall, post_id)
    if wish:
        raise FinalState(f"“{post_id}” stays hidden: its author asks to be left out ({wish}).")
    return await _decide(db, await share_wall(db, wall), post_id, Verdict(State.LIVE, why), by, expected=expected)


async def withdraw(
    db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "", *, expected: int | None = None
) -> int | None:
    """Erase the post and take it off every wall permanently, as if deleted at its origin. It cannot be undone.

    Returns as `hide` does. Raises ItemNotFound and DecidedMeanwhile.
    """
    await lock_posts(db, {post_id})
    before = await _read(db, wall, post_id)
    if before.state == State.WITHDRAWN:
        return None
    await expect(db, wall, post_id, before.seen, expected)
    await erase(db, {post_id}, by, why)
    await republish(db, {post_id})
    entry = await newest_entry(db, stored_id(wall), post_id, {Action.WITHDRAW})
    return entry.id if entry else None


COLUMNS = (Item.state, Item.returns_to, Item.ruled_out, Item.frozen_from, Item.version, Item.edited)


class _Before(NamedTuple):
    """An item as it is: `has_left` the wall by itself, `is_ruled_out` because of its author."""

    state: State
    has_left: bool
    is_ruled_out: bool
    frozen_from: str | None
    seen: Seen


async def _decide(
    db: AsyncSession, wall: Wall, post_id: str, verdict: Verdict, by: Actor, *, expected: int | None
) -> int | None:
    before = await _read(db, wall, post_id)
    await expect(db, wall, post_id, before.seen, expected)
    is_approval = verdict.state == State.LIVE
    # Against a person's decision no source's silence counts.
    after = Ruling(*verdict, returns_to=KEPT if before.has_left and is_approval else None).on(wall)
    is_there = (before.state, before.frozen_from) == (after.state, after.frozen_from)
    if is_there and not (before.has_left or before.is_ruled_out):
        return None
    if not may_become(before.state, after.state):
        raise FinalState(f"“{post_id}” is {before.state}, and cannot become {after.state}.")
    action = Action.APPROVE if is_approval else Action.HIDE
    entry_id = await begin_decision(db, wall, by, StateChange(action, post_id, before.state, after.state), verdict.why)
    approved = before.seen.version + 1 if is_approval else None
    await set_state(db, on_wall(wall, [post_id]), after._asdict() | {"approved": approved})
    await show(db, wall, [post_id])
    return entry_id


async def _read(db: AsyncSession, wall: Wall, post_id: str) -> _Before:
    """The item, locked."""
    query: Any = columns(*map(col, COLUMNS))
    found = (await db.exec(query.where(*on_wall(wall, [post_id])).with_for_update())).first()
    if found is None:
        raise ItemNotFound(f"There is no post “{post_id}” on the wall “{wall.slug}”.")
    state, returns_to, ruled_out, frozen_from, version, edited = found
    has_left = returns_to is not None and state == State.HIDDEN
    return _Before(State(state), has_left, ruled_out is not None, frozen_from, Seen(version, edited))


async def _wish(db: AsyncSession, wall: Wall, post_id: str) -> str:
    """What the author asks for; locked, so that it cannot change before the decision is taken."""
    query = select(StoredPost.body).where(StoredPost.id == post_id).with_for_update(read=True)
    body = (await db.exec(query)).first()
    if body is None:
        return ""
    post = msgspec.json.decode(body, type=Post)
    return post.opted_out or ("at the desk" if await opted_out_among(db, wall.id, [bare(post.author.handle)]) else "")
