"""The replies of `GET …/records`, read and encoded once for all who ask the same thing of the same head.

It owns what a reader may ask for and how much; it refuses to know HTTP.
"""

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
"""Anybody may ask anything: 256 answers of 200 long posts each would fill a gigabyte."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks: what is new `since` a number, the page `before` a moment (µs), or with neither the newest.

    `key` names the post of that moment after which the page begins.
    """

    channel: str
    since: int | None = None
    before: int | None = None
    limit: int = SNAPSHOT
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`tag` changes whenever the answer may have changed."""

    epoch: str
    head: int
    json: bytes
    tag: str


Name = tuple[Question, str, int]
"""A question, and the (epoch, head) of the channel that it is asked about."""


class RecordQueries:
    """`answer(question)`; what was answered at the same head is answered from memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: SingleFlight[Name, Reply] = SingleFlight(
            MAX_CACHED, max_bytes=MAX_CACHED_BYTES, size=lambda reply: len(reply.json)
        )

    async def answer(self, question: Question, toll: Callable[[], None] | None = None) -> Reply:
        """Raises NoChannel, and what `toll` raises: it is called before an answer that must be read anew.

        The newest posts are free, since all who come ask for them. The word that a reader is too far behind, and that
        there is nothing new, needs neither reading nor keeping, whatever number was asked about.
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
        place = f"{question.since}-{question.before}-{after}"
        tag = f"{batch.epoch}-{batch.head}-{place}-{question.limit}"
        return Reply(batch.epoch, batch.head, to_json(batch), tag)


def _ask(question: Question) -> Callable[[AsyncSession], Awaitable[Batch]]:
    limit = min(max(question.limit, 1), MAX_RECORDS)
    if question.since is not None:
        return partial(since, channel_id=question.channel, seq=question.since, limit=limit)
    if question.before is not None:
        return partial(before, channel_id=question.channel, at=question.before, limit=limit, key=question.key)
    return partial(snapshot, channel_id=question.channel, limit=limit)
