"""Decisions about an item that has changed since it was seen: who has decided what meanwhile, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import AUTHOR, Actor
from aggregator.audit.tables import Action
from aggregator.audit.trail import newest_entry
from aggregator.items.lookup import DecisionError
from aggregator.items.tables import StoredPost
from aggregator.store.sql import stored_id
from aggregator.walls.tables import Wall
from connectors.contract import Post

DONE: Final = {
    Action.HIDE: "was hidden",
    Action.APPROVE: "was approved",
    Action.WITHDRAW: "was withdrawn",
    Action.HOLD: "was held again",
    Action.BRING_BACK: "was brought back",
    Action.CLEAR: "was cleared",
    Action.RELEASE: "was released",
    Action.UNDO: "was put back by an undo",
    Action.EDIT: "was edited",
}
"""The actions that change an item's state or content, in words."""


class Seen(NamedTuple):
    """What identifies an item's present state and content: its version, and the one of its last edit."""

    version: int
    edited: int


class DecidedMeanwhile(DecisionError):
    """The item is not as it was seen. `actor` did `action` at `at`; of an edit without a date `at` is None."""

    def __init__(self, post_id: str, version: int, action: Action, actor: Actor, at: datetime | None) -> None:
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
        who = " ".join(filter(None, (actor.kind, actor.name)))
        super().__init__(f"“{post_id}” {DONE[action]} by {who}{when}, after you saw it: look again, then decide.")
        self.post_id, self.version = post_id, version
        self.action, self.actor, self.at = action, actor, at


async def expect(db: AsyncSession, wall: Wall, post_id: str, seen: Seen, expected: int | None) -> None:
    """Raise DecidedMeanwhile unless a locked item still has the version that was seen (None: any)."""
    if expected is None or expected == seen.version:
        return
    entry = None if seen.edited == seen.version else await newest_entry(db, stored_id(wall), post_id, DONE)
    if entry is not None:
        raise DecidedMeanwhile(post_id, seen.version, Action(entry.action), entry.by, entry.at)
    body = (await db.exec(select(StoredPost.body).where(col(StoredPost.id) == post_id))).first()
    edited_at = msgspec.json.decode(body, type=Post).edited_at if body else None
    raise DecidedMeanwhile(post_id, seen.version, Action.EDIT, AUTHOR, edited_at)
