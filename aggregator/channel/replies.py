"""The replies of `GET …/records`, read and encoded once for all who ask the same thing of the same head.

It owns what a reader may ask for and how much; it refuses to know HTTP.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.channel.frames import to_json
from aggregator.channel.read import Batch, before, place, since, snapshot
from aggregator.store import Store

MOST = 200
SNAPSHOT = 60
KEPT = 256


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks: what is new `since` a number, the page `before` a moment (µs), or with neither the newest."""

    channel: str
    since: int | None = None
    before: int | None = None
    limit: int = SNAPSHOT


@dataclass(frozen=True, slots=True)
class Reply:
    """`tag` changes whenever the answer may have changed."""

    epoch: str
    head: int
    json: bytes
    tag: str


class Replies:
    """`answer(question)`; what was answered at the same head is answered from memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[Question, str, int], asyncio.Task[Reply]] = OrderedDict()

    async def answer(self, question: Question) -> Reply:
        """Raises NoChannel."""
        async with self._store.read() as session:
            epoch, head = await place(session, question.channel)
        name = (question, epoch, head)
        task = self._kept.get(name)
        if task is None:
            task = self._kept[name] = asyncio.create_task(self._read(question))
            task.add_done_callback(partial(self._forget_failure, name))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(task)

    def _forget_failure(self, name: tuple[Question, str, int], task: asyncio.Task[Reply]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._kept.pop(name, None)

    async def _read(self, question: Question) -> Reply:
        async with self._store.read() as session:
            batch = await _ask(question)(session)
        tag = f"{batch.epoch}-{batch.head}-{question.since}-{question.before}-{question.limit}"
        return Reply(batch.epoch, batch.head, to_json(batch), tag)


def _ask(question: Question) -> Callable[[AsyncSession], Awaitable[Batch]]:
    limit = min(max(question.limit, 1), MOST)
    if question.since is not None:
        return partial(since, channel_id=question.channel, seq=question.since, limit=limit)
    if question.before is not None:
        return partial(before, channel_id=question.channel, at=question.before, limit=limit)
    return partial(snapshot, channel_id=question.channel, limit=limit)
