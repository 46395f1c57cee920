"""What the requests about sources have in common: a source of this wall, and the limit of questions to networks."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path

from aggregator.sources.lookup import find_source, list_sources
from aggregator.sources.tables import Source
from aggregator.store.sql import LARGEST_ID
from aggregator.store.store import Session
from web.auth.signed_in import Access
from web.problems import Refusal
from web.throttle import Throttle, Throttled

AT: Final = "/api/walls/{slug}/sources"
CHECKS_AT_ONCE: Final = 20.0
CHECKS_PER_SECOND: Final = 0.5
"""Questions to networks by one account: a few for each thing that a person types."""
SourceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[3])]


def checks() -> Throttle:
    """Return the limit of questions to networks, by account."""
    return Throttle(CHECKS_AT_ONCE, CHECKS_PER_SECOND)


def checking(throttle: Throttle, access: Access) -> None:
    """Count a question to a network by this account. Raises Refusal."""
    try:
        throttle.take(f"account {access.principal.account.id}")
    except Throttled as throttled:
        raise Refusal(429, "throttled", str(throttled), {"Retry-After": str(throttled.wait)}) from None


async def source_here(db: Session, access: Access, source_id: int) -> Source:
    """Return a source of this wall. Raises Refusal for one of another."""
    sources = await list_sources(db, access.wall.id)
    if source_id not in {each.id for each in sources}:
        raise Refusal(404, "not_found", f"“{access.wall.slug}” has no source {source_id}.")
    return await find_source(db, source_id)
