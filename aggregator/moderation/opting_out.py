"""Leaving an author out at their own request: what is there is removed, and what comes is kept away.

Both work in many short transactions; interrupted, the same again finishes it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlmodel import col, select

from aggregator.audit.actor import Actor
from aggregator.items.listing import bare
from aggregator.items.tables import Item, State, StoredPost, numbers
from aggregator.moderation.author_decisions import posts_by, unname
from aggregator.moderation.hidden_authors import Rule, bring_back_some, hide_some
from aggregator.moderation.opt_outs import LEFT_OUT, drop_opt_out, find_opt_out, note_opt_out
from aggregator.moderation.origin import withdraw_posts
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import list_walls


class OptedOut(NamedTuple):
    """What it came to: the entry's number (None if it stood already), and how many posts were erased and hidden."""

    entry_id: int | None
    erased: int
    hidden: int


async def opt_out(store: Store, handle: str, wall: Wall | None, by: Actor) -> OptedOut:
    """Leave an author out, on one wall or, without one, on all, those to come included.

    Posts on these walls alone are withdrawn: their words are erased, and do not come back. Posts that another wall
    shows as well are hidden here, until the opt-out ends. The author's name beside boosts is forgotten. Raises
    DecisionError for what is not a handle, and WallError.
    """
    async with store.write() as db:
        entry_id = await note_opt_out(db, handle, wall, by)
        walls = [wall] if wall is not None else list(await list_walls(db))
    erased, hidden = 0, 0
    for each in walls:
        post_ids = await posts_by(store, each, handle)
        shared = await _shared(store, post_ids, each) if wall is not None else set()
        erased += await _erase(store, [id_ for id_ in post_ids if id_ not in shared], by)
        hidden += await _hide(store, each, handle, sorted(shared), by)
        await unname(store, each, handle)
    return OptedOut(entry_id, erased, hidden)


async def end_opt_out(store: Store, opt_out_id: str, wall: Wall, by: Actor) -> int:
    """Leave an author out no longer; what was hidden is back where it was. Returns the entry's number.

    Raises ItemNotFound where there is none that counts on the wall.
    """
    async with store.write() as db:
        found = await find_opt_out(db, opt_out_id, wall)
        handle, is_everywhere = found.handle, found.wall_id is None
        entry_id = await drop_opt_out(db, found, by)
        walls = list(await list_walls(db)) if is_everywhere else [wall]
    for each in walls:
        brought = 1
        while brought:
            async with store.write() as db:
                brought = await bring_back_some(db, each, handle, by=by)
    return entry_id


async def _shared(store: Store, post_ids: Sequence[str], wall: Wall) -> set[str]:
    """Those of these posts that another wall has, too."""
    found: set[str] = set()
    async with store.read() as db:
        for chunk in chunks(post_ids):
            elsewhere = (col(Item.wall_id) != wall.id, col(Item.state) != State.WITHDRAWN)
            query = select(StoredPost.id).join(Item).where(col(Item.post_n).in_(numbers(chunk)), *elsewhere)
            found |= set(await db.exec(query))
    return found


async def _erase(store: Store, post_ids: Collection[str], by: Actor) -> int:
    for chunk in chunks(sorted(post_ids), MAX_IN_TRANSACTION):
        async with store.write() as db:
            await withdraw_posts(db, chunk, by, LEFT_OUT)
    return len(post_ids)


async def _hide(store: Store, wall: Wall, handle: str, post_ids: Sequence[str], by: Actor) -> int:
    number = 0
    for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
        async with store.write() as db:
            number += await hide_some(db, wall, chunk, Rule(bare(handle), LEFT_OUT), by=by)
    return number
