"""All routes of the desk's part of the API."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter

from aggregator.channel.queries import RecordQueries
from aggregator.intake.candidates import Candidates
from aggregator.media.blob_store import BlobStore
from web.api.desk import (
    attention,
    authors,
    freezing,
    history,
    history_export,
    live,
    logo,
    marks,
    opt_outs,
    posts,
    records,
    settings,
    source_acts,
    sources,
    walls,
)
from web.api.desk.source_request import checks
from web.api.sockets import Channels
from web.auth.recheck import RECHECK_INTERVAL
from web.throttle import Throttle


class DeskParts(NamedTuple):
    """What the desk's routes need besides the store.

    That is where records and frames come from, the networks, limits, and the files of pictures.
    """

    records: RecordQueries
    hub: Channels
    candidates: Candidates
    throttle: Throttle
    blobs: BlobStore
    recheck_interval: float = RECHECK_INTERVAL


def routers(parts: DeskParts) -> tuple[APIRouter, ...]:
    """Return the routers. Those with a fixed path come before those with a post's id in its place."""
    checked = checks()
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
        logo.router(parts.blobs),
        walls.router(parts.blobs),
        sources.router(parts.candidates, checked),
        source_acts.router(parts.candidates, checked),
    )
