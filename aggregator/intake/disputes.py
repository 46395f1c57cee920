"""Versions on which servers disagree, none of which is the post's origin: the origin is asked, and its word counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog

from aggregator.intake.admit import admit
from aggregator.intake.context import PollContext, call_connector, load, with_retries
from aggregator.intake.versions import Dispute, settled
from aggregator.items.ids import post_id
from aggregator.sources.tables import Source
from aggregator.store.errors import Outage
from aggregator.store.lease import shielded
from aggregator.walls.tables import Wall
from connectors.contract import Page, Post
from connectors.errors import ConnectorError

MAX_QUESTIONS = 5
"""Origins asked after one page."""
ASK_INTERVAL = timedelta(minutes=30)
"""How long the origin is not asked again about the same version: the dispute returns with each poll."""
MAX_ASKED = 10_000
"""Questions that are remembered."""

log = structlog.get_logger()


class Disputes:
    """Call `follow_up` after each admitted page. Recent questions are kept in memory only."""

    def __init__(self, context: PollContext) -> None:
        self._context = context
        self._asked: dict[int, datetime] = {}

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
        due: list[Dispute] = []
        for dispute in disputed:
            question = hash((dispute.claimed.network, dispute.claimed.key, repr(dispute.claimed)))
            asked = self._asked.get(question)
            if len(due) < MAX_QUESTIONS and (asked is None or not timedelta(0) <= at - asked < ASK_INTERVAL):
                self._asked.pop(question, None)
                self._asked[question] = at
                due.append(dispute)
        for question in list(self._asked)[: max(0, len(self._asked) - MAX_ASKED)]:
            del self._asked[question]
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
        return bool(await shielded(with_retries(self._context, source, partial(self._store, source, version))))

    async def _store(self, source: Source, version: Post) -> bool:
        """Make it the current version, by the origin's word; returns whether the post changed."""
        async with self._context.store.write() as db:
            current = await db.get(Source, source.id, with_for_update=True)
            if current is None:
                return False
            wall = await db.get_one(Wall, current.wall_id)
            page, at = Page(posts=(version,)), self._context.clock()
            admitted = await admit(db, current, wall, page, at, is_origin=lambda key: key == version.key)
            return bool(admitted.edited)
