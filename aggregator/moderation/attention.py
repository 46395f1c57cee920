"""Who looks at which post at the desk: a mark for colleagues, which ends by itself and locks nothing.

It is a record of the desk's channel, one for each person, so that every reader has it by any transport, whichever
server process they are connected to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.publish import Draft, publish
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.tables import Wall

ATTENTION: Final = "attention"
LEASE: Final = timedelta(minutes=1)
"""How long a mark counts, unless it is renewed."""


class Attention(msgspec.Struct, frozen=True):
    """The body: who looks at the post with this key, and until when the mark counts."""

    login: str
    name: str
    post: str
    until: str


class Looker(msgspec.Struct, frozen=True):
    """A person at the desk."""

    account_id: int
    login: str
    name: str


async def look_at(db: AsyncSession, wall: Wall, who: Looker, post_id: str, at: datetime) -> None:
    """Publish that a person looks at a post from this moment on; with an empty `post_id`, at none any more.

    Whether the post is there is not asked: the mark decides nothing. Raises NoChannel.
    """
    body: bytes | None = None
    if post_id:
        until = to_wire(to_micros(at + LEASE))
        body = msgspec.json.encode(Attention(who.login, who.name, post_id, until))
    await publish(db, wall.desk, [Draft(ATTENTION, str(who.account_id), to_micros(at), body)])
