"""The authors who are hidden on a wall, whatever they say: the rule itself, and how it meets what comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.listing import bare
from aggregator.items.tables import State
from aggregator.moderation.rules import SHOWABLE, author_hidden, judge
from aggregator.moderation.tables import HiddenAuthor
from aggregator.walls.lock import lock_wall, share_wall
from aggregator.walls.tables import Wall
from connectors.contract import Person, Post

RULE = "rule"
"""Who hid a post that came after its author was hidden, in the audit trail."""
AT_ONCE = 400
"""Handles in one query."""


class Beginning(NamedTuple):
    """How a new item begins: the columns of the same names."""

    state: State
    why: str
    ruled_out: str | None = None
    ruled_from: str | None = None


async def hidden_handles(db: AsyncSession, wall: Wall) -> Sequence[str]:
    """The authors who are hidden on this wall, as bare handles."""
    query = select(HiddenAuthor.handle).where(HiddenAuthor.wall_id == wall.id)
    return (await db.exec(query.order_by(col(HiddenAuthor.handle)))).all()


async def set_rule(db: AsyncSession, wall: Wall, handle: str, *, why: str, by: str) -> HiddenAuthor:
    """From now on hide what this author says. Raises WallError.

    The wall is locked: a page that is coming in is there, or meets it.
    """
    await lock_wall(db, wall)
    return await db.merge(HiddenAuthor(wall_id=wall.id or 0, handle=bare(handle), why=why, by=by))


async def lift_rule(db: AsyncSession, wall: Wall, handle: str) -> bool:
    """Hide no longer what this author will say. Returns whether there was such a rule. Raises WallError."""
    await lock_wall(db, wall)
    there = (col(HiddenAuthor.wall_id) == wall.id, col(HiddenAuthor.handle) == bare(handle))
    return bool((await db.exec(delete(HiddenAuthor).where(*there))).rowcount)


async def hidden_among(db: AsyncSession, wall: Wall, people: Iterable[Person]) -> dict[str, str]:
    """Those of these people who are hidden on this wall, as bare handles, each with the reason.

    The wall stays shared until the end of the transaction, so that neither a rule nor another mode comes between this
    and their posts; it is read anew.
    """
    handles = sorted({bare(person.handle) for person in people})
    if not handles:
        return {}
    await share_wall(db, wall)
    found: dict[str, str] = {}
    for start in range(0, len(handles), AT_ONCE):
        query = select(HiddenAuthor.handle, HiddenAuthor.why).where(HiddenAuthor.wall_id == wall.id)
        found |= dict(
            (await db.exec(query.where(col(HiddenAuthor.handle).in_(handles[start : start + AT_ONCE])))).all()
        )
    return found


def begin(wall: Wall, post: Post, hidden: Mapping[str, str]) -> Beginning:
    """Where a new post begins on a wall on which these authors are hidden."""
    verdict, handle = judge(wall.mode, post, wall.begins_at), bare(post.author.handle)
    if handle not in hidden or verdict.state not in SHOWABLE:
        return Beginning(*verdict)
    return Beginning(*author_hidden(hidden[handle]), handle, verdict.state.value)
