"""What a wall says of itself in a few bytes: its name, hashtag and colours, as its own record has them."""

from __future__ import annotations

import msgspec

from aggregator.channel.queries import Question, RecordQueries


class AboutWall(msgspec.Struct, frozen=True):
    name: str = ""
    hashtag: str = ""
    look: dict[str, str] = {}


class _Record(msgspec.Struct):
    kind: str
    body: msgspec.Raw


class _Reply(msgspec.Struct):
    records: list[_Record]


async def about_wall(replies: RecordQueries, slug: str) -> AboutWall:
    """Answered from memory while nothing is new on the wall. Raises NoChannel."""
    reply = await replies.answer(Question(f"{slug}/wall", limit=1))
    for record in msgspec.json.decode(reply.json, type=_Reply).records:
        if record.kind == "wall":
            return msgspec.json.decode(record.body, type=AboutWall)
    return AboutWall(slug)
