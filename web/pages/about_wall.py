"""A wall's name, hashtag, colours and logo, from its own record."""

from __future__ import annotations

import msgspec

from aggregator.channel.ids import wall_channel
from aggregator.channel.queries import Question, RecordQueries
from aggregator.walls.announcing import WALL_RECORD


class Logo(msgspec.Struct, frozen=True):
    """The wall's logo: its files, and the mean of its pixels."""

    id: str
    color: str


class Look(msgspec.Struct, frozen=True):
    """The wall's colours and logo, as far as it has its own."""

    accent: str = ""
    highlight: str = ""
    logo: Logo | None = None


class AboutWall(msgspec.Struct, frozen=True):
    name: str = ""
    hashtag: str = ""
    look: Look = Look()
    networks: list[str] | None = None
    """The networks on which the wall follows its hashtag; None in older records, which don't say."""

    @property
    def call(self) -> str:
        """The hashtag to post with; empty if the wall doesn't follow it, so that nobody posts in vain."""
        return self.hashtag if self.networks != [] else ""


class _Record(msgspec.Struct):
    kind: str
    body: msgspec.Raw


class _Reply(msgspec.Struct):
    records: list[_Record]


async def about_wall(replies: RecordQueries, slug: str) -> AboutWall:
    """The wall's name, hashtag and look; from memory while nothing new is published. Raises NoChannel."""
    reply = await replies.answer(Question(wall_channel(slug), limit=1))
    for record in msgspec.json.decode(reply.json, type=_Reply).records:
        if record.kind == WALL_RECORD:
            return msgspec.json.decode(record.body, type=AboutWall)
    return AboutWall(slug)
