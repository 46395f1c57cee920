"""Items leave a wall when no source of it shows them any more, and come back when one does, in their former state.

Nobody has decided anything then: a server has forgotten its copy, an author has taken the hashtag away, a boost was
undone. What a person decides about such an item stands against all of that.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import exists, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import AUTHOR, Actor, source_actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.tables import KEPT, Item, State, StoredPost, numbers
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.judge import Ruling
from aggregator.moderation.rules import ACTIVE, UNSHOWN, Verdict, awaiting_approval
from aggregator.sources.tables import Sighting, Source
from aggregator.store.sql import chunks, stored_id
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Wall

SHOWN_AGAIN = "a source of this wall shows it again"
LEFT = "its author has edited it, and it does not match what the wall follows any more"
__all__ = ["LEFT", "UNSHOWN", "bring_back", "returning", "take_off", "unshown_among"]


async def take_off(db: AsyncSession, source: Source, post_ids: Collection[str], why: str) -> frozenset[str]:
    """Note that `source` shows these posts no longer, and hide those that no other source of its wall shows.

    What was put back on the wall by a person stays. Returns the ids of the items that are hidden now.
    """
    hidden: set[str] = set()
    for chunk in chunks(sorted(post_ids)):
        ours = (col(Sighting.source_id) == source.id, col(Sighting.post_n).in_(numbers(chunk)))
        await db.exec(update(Sighting).where(*ours).values(shown=False))
        shown = exists().where(
            col(Sighting.post_n) == col(Item.post_n),
            col(Sighting.shown).is_(True),
            col(Sighting.source_id).in_(select(Source.id).where(Source.wall_id == source.wall_id)),
        )
        query = (
            select(StoredPost.id, Item.state, Item.frozen_from)
            .join(Item)
            .where(
                col(StoredPost.id).in_(chunk),
                Item.wall_id == source.wall_id,
                col(Item.state).in_(ACTIVE),
                col(Item.returns_to).is_distinct_from(KEPT),
                ~shown,
            )
            .order_by(col(StoredPost.id))
            .with_for_update(of=Item)
        )
        found = [(post_id, State(frozen_from or state)) for post_id, state, frozen_from in await db.exec(query)]
        by = AUTHOR if why == LEFT else source_actor(source.id)
        for state in {state for _, state in found}:
            these = [post_id for post_id, before in found if before == state]
            values = {"state": State.HIDDEN, "why": why, "returns_to": state.value, "frozen_from": None}
            await set_state(db, on_wall(source.wall_id, these), values)
            items = [(source.wall_id, each, state) for each in these]
            await record_posts(db, by, Action.HIDE, items, Verdict(State.HIDDEN, why))
        hidden.update(post_id for post_id, _ in found)
    return frozenset(hidden)


async def returning(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> dict[str, State]:
    """Those of these posts that have left the wall by themselves: id → the state that they had before.

    They are locked: an organiser who hides one at this moment is before us, and has it hidden, or after us.
    """
    found: dict[str, State] = {}
    for chunk in chunks(sorted(post_ids)):
        query = (
            select(StoredPost.id, Item.returns_to)
            .join(Item)
            .where(
                col(StoredPost.id).in_(chunk),
                Item.wall_id == wall.id,
                Item.state == State.HIDDEN,
                col(Item.returns_to).in_(ACTIVE),
            )
            .order_by(col(StoredPost.id))
            .with_for_update(of=Item)
        )
        found |= {post_id: State(before) for post_id, before in await db.exec(query) if before}
    return found


async def bring_back(db: AsyncSession, wall: Wall, states: dict[str, State], by: Actor) -> frozenset[str]:
    """Give these items, as `returning` has found and locked them, the states that they had before they left.

    On a frozen wall, which is shared from now on, those that would be live wait.
    """
    if states:
        wall = await share_wall(db, wall)
    for state in sorted(set(states.values())):
        these = sorted(post_id for post_id, before in states.items() if before == state)
        for chunk in chunks(these):
            away = (col(Item.state) == State.HIDDEN, col(Item.returns_to) == state.value)
            why = awaiting_approval().why if state == State.HELD else ""
            after = Ruling(state, why).on(wall)
            await set_state(db, (*on_wall(wall, chunk), *away), after._asdict())
            moved = [(stored_id(wall), post_id, str(State.HIDDEN)) for post_id in chunk]
            await record_posts(db, by, Action.BRING_BACK, moved, Verdict(after.state, SHOWN_AGAIN))
    return frozenset(states)


async def unshown_among(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> frozenset[str]:
    """Those of these posts that sources of the wall have seen, of which none shows them any more."""
    ours = col(Sighting.source_id).in_(select(Source.id).where(Source.wall_id == wall.id))
    seen = exists().where(col(Sighting.post_n) == col(StoredPost.n), ours)
    query = select(StoredPost.id).where(col(StoredPost.id).in_(post_ids), seen)
    return frozenset(await db.exec(query.where(~seen.where(col(Sighting.shown).is_(True)))))
