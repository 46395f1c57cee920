"""A case on its whole path: the real connectors, store and intake; the wall channel's records after each poll."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random
from typing import Any

import msgspec
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.channel.read import snapshot
from aggregator.channel.tables import Record
from aggregator.intake import Intake
from aggregator.sources.addresses import recognise
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import from_micros
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from aggregator.walls.walls import create_wall
from connectors.contract import Connector
from connectors.http.client import Http
from connectors.networks.feeds.connector import Feeds
from connectors.networks.mastodon.connector import Mastodon
from connectors.sandbox import Inline
from tests.cases.served import Case

EVERYTHING = 1_000
FIRST_POLL = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


class Now:
    """The time of day, and seconds that pass while a request waits; a test moves it on between polls."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 0.0)

    def forward(self, span: timedelta) -> None:
        self.moment += span
        self.seconds += span.total_seconds()


class Seen(msgspec.Struct, frozen=True):
    """The result of one poll for the audience and the organiser.

    `cards` are bodies, the newest first, with `words`, `at`. `again` counts the cards that were published again.
    """

    cards: tuple[dict[str, Any], ...]
    again: int
    trouble: str
    broken: int

    def card(self, words: str) -> dict[str, Any]:
        """The one card with these words."""
        (found,) = [card for card in self.cards if words in card["words"]]
        return found


async def go(
    case: Case, store: Store, *, began: datetime = FIRST_POLL, pause: timedelta = timedelta(minutes=1)
) -> list[Seen]:
    """Poll the case's source once for each of its states, `pause` apart; return the result of each."""
    now = Now(began)
    networks = {connector.name: connector for connector in (Feeds(now), Mastodon())}
    async with Http(
        transport=case.transport(),
        clock=now.monotonic,
        now=now,
        sleep=now.sleep,
        per_second=1_000_000,
        sandbox=Inline,
    ) as http:
        intake = Intake(store, networks, http, clock=now, random=Random(1))
        wall, source_id = await _follow(case, store, networks)
        seen: list[Seen] = []
        before: dict[str, int] = {}
        for poll in range(len(case.polls)):
            case.turn(poll)
            await _make_due(store, source_id, now.moment)
            await intake.poll_due()
            after = await _numbers(store, wall.channel)
            again = sum(after[key] != seq for key, seq in before.items() if key in after)
            seen.append(await _seen(store, wall, source_id, again))
            before = after
            now.forward(pause)
        return seen


async def _follow(case: Case, store: Store, networks: Mapping[str, Connector]) -> tuple[Wall, int]:
    typed = f"#{case.hashtag}" if case.hashtag else f"{case.base}{case.feed}"
    address = recognise(typed, networks, on=case.base if case.hashtag else "")
    async with store.write() as db:
        wall = await create_wall(db, "hall", "The hall", by=UNNAMED)
        source = await follow(db, wall, address, by=UNNAMED)
        return wall, source.id or 0


async def _make_due(store: Store, source_id: int, moment: datetime) -> None:
    async with store.write() as db:
        source = await db.get_one(Source, source_id)
        source.next_poll_at, source.leased_until = moment, None
        db.add(source)


async def _numbers(store: Store, channel: str) -> dict[str, int]:
    async with store.read() as db:
        query = select(Record.key, Record.seq).where(Record.channel_id == channel, Record.kind == "post")
        return dict((await db.exec(query)).all())


async def _seen(store: Store, wall: Wall, source_id: int, again: int) -> Seen:
    async with store.read() as db:
        records = (await snapshot(db, wall.channel, EVERYTHING)).records
        source = await db.get_one(Source, source_id)
    cards = tuple(_card(record) for record in records if record.kind == "post")
    return Seen(cards, again, source.trouble, source.broken)


def _card(record: Record) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(record.body or b"null")
    words = " ".join(unescape(re.sub(r"<[^>]*>", "", body.get("html", ""))).split())
    return {
        **body,
        "words": words,
        "name": body["author"]["name"],
        "at": f"{from_micros(record.at):%Y-%m-%dT%H:%M:%SZ}",
    }
