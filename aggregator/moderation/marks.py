"""Organisers' marks on items, which change no state: pins, nuggets, covered pictures, and notes for colleagues.

Each is one transaction with its entry in the audit trail, which never has the words of a note, and the records that it
changes. They return the number of the act, or None if nothing changed, and raise ItemNotFound and FinalState.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action
from aggregator.items.bounds import MAX_NOTE
from aggregator.items.lookup import DecisionError
from aggregator.items.pins import pins_on
from aggregator.items.publishing import show
from aggregator.moderation.marking import Marking, mark
from aggregator.timestamps import now
from aggregator.walls.tables import Wall
from connectors.text.characters import is_control

MAX_PINS: Final = 10
"""Pins of a wall at once: each page gets all of them before it has any other post."""


async def pin(db: AsyncSession, wall: Wall, post_id: str, until: datetime, by: Actor, *, why: str = "") -> int | None:
    """Keep a post first on its wall until a moment to come. Raises DecisionError as well: there may be too many pins.

    A post that is not live has its pin once it is. Pins that have ended are taken off the channels.
    """
    if until <= now():
        raise DecisionError(f"A pin needs an end that is still to come, not {until:%Y-%m-%d %H:%M:%S} UTC.")
    pins = await pins_on(db, wall)
    ended = {other for other, end in pins.items() if end is None or end <= now()}
    if len(pins.keys() - ended - {post_id}) >= MAX_PINS:
        raise DecisionError(f"Too many pins: a wall has {MAX_PINS} at most. Unpin another post first.")
    entry_id = await mark(db, wall, post_id, Marking(Action.PIN, "pinned_until", until), by, why=why)
    await show(db, wall, ended - {post_id}, unpinned=True)
    return entry_id


async def unpin(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> int | None:
    """Let a post be where it belongs."""
    return await mark(db, wall, post_id, Marking(Action.UNPIN, "pinned_until", None), by, why=why)


async def mark_nugget(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> int | None:
    """Mark a post as worth keeping."""
    return await mark(db, wall, post_id, Marking(Action.MARK_NUGGET, "nugget", value=True), by, why=why)


async def unmark_nugget(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> int | None:
    """Take that mark away."""
    return await mark(db, wall, post_id, Marking(Action.UNMARK_NUGGET, "nugget", value=False), by, why=why)


async def cover_media(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> int | None:
    """Cover the pictures of a post until a reader asks for them, as if its author had marked them as sensitive."""
    return await mark(db, wall, post_id, Marking(Action.COVER_MEDIA, "covered", value=True), by, why=why)


async def uncover_media(db: AsyncSession, wall: Wall, post_id: str, by: Actor, why: str = "") -> int | None:
    """Take the cover away. What the author has marked as sensitive stays covered."""
    return await mark(db, wall, post_id, Marking(Action.UNCOVER_MEDIA, "covered", value=False), by, why=why)


async def write_note(db: AsyncSession, wall: Wall, post_id: str, note: str, by: Actor) -> int | None:
    """Leave a note about a post for colleagues at the desk; empty takes it away. Raises DecisionError as well."""
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise DecisionError(f"A note has at most {MAX_NOTE} characters; this one has {len(note)}.")
    if any(is_control(char) and char != "\n" for char in note):
        raise DecisionError("A note cannot have control characters, such as Escape: type it anew, without them.")
    return await mark(db, wall, post_id, Marking(Action.NOTE, "note", note), by, why="")
