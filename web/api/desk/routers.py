"""All routes of the desk's part of the API."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter

from aggregator.channel.queries import RecordQueries
from aggregator.intake.candidates import Candidates
from web.api.desk import (
    attention,
    authors,
    freezing,
    history,
    history_export,
    live,
    marks,
    opt_outs,
    posts,
    records,
    settings,
    sources,
)
from web.api.sockets import Channels
from web.auth.recheck import RECHECK_INTERVAL
from web.throttle import Throttle


class DeskParts(NamedTuple):
    """What the desk's routes need besides the store: where records and frames come from, the networks, and limits."""

    records: RecordQueries
    hub: Channels
    candidates: Candidates
    throttle: Throttle
    recheck_interval: float = RECHECK_INTERVAL


def routers(parts: DeskParts) -> tuple[APIRouter, ...]:
    """Return the routers. Those with a fixed path come before those with a post's id in its place."""
    return (
        records.router(parts.records, parts.throttle),
        live.router(parts.hub, parts.throttle, parts.recheck_interval),
        attention.router,
        posts.router,
        marks.router,
        authors.router,
        opt_outs.router,
        freezing.router,
        history.router,
        history_export.router,
        settings.router,
        sources.router(parts.candidates),
    )
