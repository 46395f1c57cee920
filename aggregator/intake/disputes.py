"""Versions on which servers disagree, none of which is the post's origin: the origin is asked, and its word counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog
from sqlmodel import col, select

from aggregator.intake.context import PollContext, call_connector, load, with_retries
from aggregator.intake.rewriting import locked, rewrite
from aggregator.intake.versions import Dispute, question_of, settled
from aggregator.items.ids import post_id
from aggregator.items.tables import StoredPost
from aggregator.moderation.edits import Edit
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from connectors.contract import Post
from connectors.errors import ConnectorError

MAX_QUESTIONS = 5
"""Origins asked after one page."""
ASK_INTERVAL = timedelta(minutes=30)
"""How long the origin is not asked again about the same version: the dispute returns with each poll."""
MAX_OF_POST = 3
"""Questions about one post in that time, however many versions there are."""
MAX_ASKED = 200
"""Questions in that time, about all posts."""

log = structlog.get_logger()


class Disputes:
    """Call `follow_up` after each admitted page. Recent questions are kept in memory only."""

    def __init__(self, context: PollContext) -> None:
        self._context = context
        self._asked: dict[str, dict[int, datetime]] = {}

    async def follow_up(self, source_id: int, disputed: Iterable[Dispute]) -> bool:
        """Ask the origins about these versions; returns whether any post changed. An outage defers the work."""
        due = self._due(disputed)
        source = await load(self._context, source_id) if due else None
        if source is None:
            return False
        changed = False
        try:
            for dispute in due:
                changed |= await self._settle(source, dispute)
        except Outage as outage:
            log.warning("disputes deferred", source=source_id, error=str(outage))
        return changed

    def _due(self, disputed: Iterable[Dispute]) -> list[Dispute]:
        at = self._context.clock()
        for post, asked in list(self._asked.items()):
            recent = {name: when for name, when in asked.items() if timedelta(0) <= at - when < ASK_INTERVAL}
            self._asked[post] = recent
            if not recent:
                del self._asked[post]
        due: list[Dispute] = []
        for dispute in disputed:
            asked = self._asked.setdefault(dispute.claimed.key, {})
            question = hash(question_of(dispute))
            if question in asked or len(asked) >= MAX_OF_POST or len(due) >= MAX_QUESTIONS:
                continue
            if sum(map(len, self._asked.values())) >= MAX_ASKED:
                break
            asked[question] = at
            due.append(dispute)
        return due

    async def _settle(self, source: Source, dispute: Dispute) -> bool:
        claimed, http = dispute.claimed, self._context.http
        try:
            answer = await call_connector(
                self._context, source, lambda connector, address: connector.confirm(http, address, claimed)
            )
        except ConnectorError as error:
            log.warning("origin not asked", source=source.id, error=str(error))
            return False
        version = settled(dispute, answer)
        if version is None:
            log.info("version not confirmed", source=source.id, post=post_id(claimed.network, claimed.key))
            return False
        return await shielded(with_retries(self._context, source, partial(self._rewrite, dispute, version)))

    async def _rewrite(self, dispute: Dispute, version: Post) -> bool:
        """Make it the current version; False if the stored one has changed, or was withdrawn, meanwhile."""
        id_ = post_id(version.network, version.key)
        async with self._context.store.write() as db:
            number = (await db.exec(select(StoredPost.n).where(StoredPost.id == id_))).first()
            found = [body for _, body in await locked(db, [number], col(StoredPost.body).is_not(None))]
            if found != [msgspec.json.encode(dispute.stored)]:
                return False
            await rewrite(db, {id_: Edit(version, dispute.stored)})
            return True
