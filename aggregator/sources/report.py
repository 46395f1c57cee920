"""A source as organisers and scripts see it: what it follows, how it does, and none of its credentials."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from aggregator.sources.credentials import has_credentials, options_of
from aggregator.sources.tables import Source
from connectors.contract import Connector

Row = dict[str, Any]

UNUSED_TAG: Final = "no posts with this hashtag on that server yet: check its spelling."


def source_row(source: Source, slug: str, known: Mapping[str, Connector]) -> Row:
    """Return the source's row, without the credentials."""
    connector = known.get(source.network)
    return {
        "id": source.id,
        "wall": slug,
        "network": source.network,
        "label": connector.label if connector else source.network,
        "kind": source.kind,
        "value": source.value,
        "server": source.server,
        "mode": source.mode,
        "options": options_of(source, connector) if connector else {},
        "has_token": has_credentials(source, connector),
        "first_poll_posts": connector.first_poll_posts if connector else None,
        "ended_at": source.ended_at,
        "paused_at": source.paused_at,
        "interval": max(source.interval, connector.min_interval) if connector else source.interval,
        "next_poll_at": source.next_poll_at,
        "polled_at": source.polled_at,
        "succeeded_at": source.succeeded_at,
        "posted_at": source.posted_at,
        "posts": source.posts,
        "broken": source.broken,
        "unread": source.unread.splitlines(),
        "failures": source.failures,
        "trouble": source.trouble or ("" if connector else f"The connector for {source.network} is not installed."),
    }


def health(row: Row) -> str:
    """Return the health of a source in one word: `ended`, `paused`, `failing`, `partly`, `new` or `ok`."""
    if row["ended_at"] is not None:
        return "ended"
    if row["paused_at"] is not None:
        return "paused"
    if row["trouble"]:
        return "failing"
    if row["broken"]:
        return "partly"
    return "new" if row["polled_at"] is None else "ok"


def is_unused(row: Row, empty: Collection[int]) -> bool:
    """Whether a hashtag was asked for without a failure and has brought nothing; `empty` sources have no posts."""
    return row["kind"] == "hashtag" and health(row) == "ok" and row["succeeded_at"] is not None and row["id"] in empty
