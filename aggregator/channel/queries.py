"""The replies of `GET …/records`, read and encoded once for all readers that send the same query at the same head."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.frames import reset, to_json
from aggregator.channel.read import MAX_BEHIND, MAX_RECORDS, Batch, before, position, since, snapshot
from aggregator.single_flight import SingleFlight
from aggregator.store.store import Store

SNAPSHOT = 60
MAX_CACHED = 256
MAX_CACHED_BYTES = 32 * 1024 * 1024
"""A limit in bytes as well: 256 replies of 200 long posts each would fill a gigabyte."""


@dataclass(frozen=True, slots=True)
class Question:
    """A reader's query: records `since` a seq, posts `before` a timestamp (µs), or with neither the newest.

    `key` names the post at that timestamp after which the page begins.
    """

    channel: str
    since: int | None = None
    before: int | None = None
    limit: int = SNAPSHOT
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as JSON. `tag` changes whenever the reply may have changed."""

    epoch: str
    head: int
    json: bytes
    tag: str


Name = tuple[Question, str, int]
"""A question, and the (epoch, head) of its channel."""


class RecordQueries:
    """`answer(question)` reads a reply, or returns it from memory if the head is the same; `most` are kept there."""

    def __init__(self, store: Store, *, most: int = MAX_CACHED) -> None:
        self._store = store
        self._cache: SingleFlight[Name, Reply] = SingleFlight(
            most, max_bytes=MAX_CACHED_BYTES, size=lambda reply: len(reply.json)
        )

    async def answer(self, question: Question, toll: Callable[[], None] | None = None) -> Reply:
        """Return the reply, after `toll` if it must be read. Raises NoChannel, and what `toll` raises.

        The newest posts cost no toll, since every visitor asks for them. A reset and an empty reply need neither a read
        nor a cache entry.
        """
        async with self._store.read() as db:
            epoch, head = await position(db, question.channel)
        if question.since is not None and head - question.since > MAX_BEHIND:
            return Reply(epoch, head, reset(epoch, head).json, f"{epoch}-{head}-reset")
        if question.since is not None and question.since >= head:
            return Reply(epoch, head, to_json(Batch(epoch, head, ())), f"{epoch}-{head}-nothing")
        name = (question, epoch, head)
        if toll is not None and name not in self._cache and question != Question(question.channel):
            toll()
        return await self._cache.get(name, partial(self._read, question))

    async def _read(self, question: Question) -> Reply:
        async with self._store.read() as db:
            batch = await _ask(question)(db)
        after = "" if question.key is None else f"after {quote(question.key, safe='')}"
        asked = f"{question.since}-{question.before}-{after}"
        tag = f"{batch.epoch}-{batch.head}-{asked}-{question.limit}"
        return Reply(batch.epoch, batch.head, to_json(batch), tag)


def _ask(question: Question) -> Callable[[AsyncSession], Awaitable[Batch]]:
    limit = min(max(question.limit, 1), MAX_RECORDS)
    if question.since is not None:
        return partial(since, channel_id=question.channel, seq=question.since, limit=limit)
    if question.before is not None:
        return partial(before, channel_id=question.channel, at=question.before, limit=limit, key=question.key)
    return partial(snapshot, channel_id=question.channel, limit=limit)
