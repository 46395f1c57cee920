"""Versions on which servers disagree, none of which is the post's origin: the origin is asked, and its word counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec
import structlog
from sqlmodel import col, select

from aggregator.intake.context import PollContext, call_connector, load, with_retries
from aggregator.intake.questions import Questions
from aggregator.intake.rewriting import locked, rewrite
from aggregator.intake.versions import Dispute, is_disputed, settled
from aggregator.items.ids import post_id
from aggregator.items.tables import StoredPost
from aggregator.moderation.edits import Edit
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from connectors.contract import Confirmation, Post
from connectors.errors import ConnectorError

MAX_WAIT = 15.0
"""Seconds that one origin may take: a stranger's slow server delays only the next questions of one source."""

log = structlog.get_logger()


class Disputes:
    """Call `begin` after each admitted page: the origins are asked beside the polls, which no slow origin may stop.

    `on_change` is called after posts have changed.
    """

    def __init__(self, context: PollContext, on_change: Callable[[], None]) -> None:
        self._context = context
        self._on_change = on_change
        self._questions = Questions()
        self._running: dict[int, asyncio.Task[None]] = {}

    def begin(self, source_id: int, disputed: Iterable[Dispute]) -> None:
        """Ask the origins about these versions; not while older ones of this source are asked about.

        A dispute that is passed over returns with the next poll.
        """
        if source_id in self._running or not (due := self._questions.due(source_id, disputed, self._context.clock())):
            return
        task = self._running[source_id] = asyncio.create_task(self._ask(source_id, due))
        task.add_done_callback(lambda _: self._running.pop(source_id, None))

    async def finished(self) -> None:
        """Wait until no question is pending."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Drop pending questions, but let running transactions finish."""
        for task in self._running.values():
            task.cancel()
        await self.finished()

    async def _ask(self, source_id: int, due: Sequence[Dispute]) -> None:
        try:
            source = await load(self._context, source_id)
            if source is None:
                return
            for dispute in due:
                if await self._settle(source, dispute.claimed):
                    self._on_change()
        except Outage as outage:
            log.warning("disputes deferred", source=source_id, error=str(outage))
        except Exception:
            log.exception("disputes not settled", source=source_id)

    async def _settle(self, source: Source, claimed: Post) -> bool:
        http = self._context.http
        try:
            async with asyncio.timeout(MAX_WAIT):
                answer = await call_connector(
                    self._context, source, lambda connector, address: connector.confirm(http, address, claimed)
                )
        except (ConnectorError, TimeoutError) as error:
            log.warning("origin not asked", source=source.id, error=str(error) or "it takes too long to answer")
            return False
        changed = await shielded(with_retries(self._context, source, partial(self._rewrite, claimed, answer)))
        if not changed:
            log.info("version not confirmed", source=source.id, post=post_id(claimed.network, claimed.key))
        return changed

    async def _rewrite(self, claimed: Post, answer: Confirmation) -> bool:
        """Make it the current version, unless the stored one is newer, or was withdrawn, by now."""
        id_ = post_id(claimed.network, claimed.key)
        async with self._context.store.write() as db:
            number = (await db.exec(select(StoredPost.n).where(StoredPost.id == id_))).first()
            for _, body in await locked(db, [number], col(StoredPost.body).is_not(None)):
                stored = msgspec.json.decode(body, type=Post)
                version = settled(Dispute(claimed, stored), answer) if is_disputed(claimed, stored) else None
                if version is not None:
                    await rewrite(db, {id_: Edit(version, stored)})
                    return True
        return False
