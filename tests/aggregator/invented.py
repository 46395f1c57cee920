"""An invented network for tests of the aggregator: posts, a connector with prepared replies, and a wall."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from aggregator.audit.actor import UNNAMED, Actor, ActorKind
from aggregator.channel.read import since, snapshot
from aggregator.intake.admit import AdmitResult, admit, always
from aggregator.items.ids import post_id
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import create_wall
from connectors.contract import Address, Connector, Kind, Page, Person, Post
from connectors.http.client import Http

START = datetime(2009, 10, 12, 9, 30, tzinfo=UTC)
NETWORK = "invented"
ONE, TWO = post_id(NETWORK, "1"), post_id(NETWORK, "2")
"""The ids of the posts with the keys 1 and 2."""

KIM, LEE = Actor(ActorKind.PERSON, "kim"), Actor(ActorKind.PERSON, "lee")
"""Organisers."""

ADA = Person(name="Ada Quill", handle="@ada@invented.example", url="https://invented.example/@ada")
BEN = Person(name="Ben Rook", handle="@ben@invented.example", url="https://invented.example/@ben")


def said(key: str, html: str = "<p>Good morning.</p>", **fields: Any) -> Post:
    """Return a post by Ada, a minute after the start."""
    url = f"https://invented.example/@ada/{key}"
    fields = {"url": url, "author": ADA, "created_at": START + timedelta(minutes=1), **fields}
    return Post(network=NETWORK, key=key, html=html, **fields)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


Reply = Page | Exception | Callable[[str], Awaitable[Page]]


class Silent(Connector):
    """A connector that answers each poll with its next reply, and then with empty pages."""

    name = NETWORK
    label = "Invented"
    kinds = (Kind(name="hashtag", label="Hashtag", example="#socitm09"),)
    min_interval = 10.0
    quiet_after = 3600.0

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.cursors: list[str] = []

    def recognise(self, text: str, on: str = "") -> Address | None:
        return Address(network=self.name, kind="hashtag", value=text.removeprefix("#"), server=on)

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        self.cursors.append(cursor)
        reply = self.replies.pop(0) if self.replies else Page(cursor=cursor)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Page) else await reply(cursor)


class Invented(Silent):
    """A connector that supports rechecks, which it answers with `second_look`."""

    def __init__(self, *replies: Reply, second_look: Page | Exception | None = None) -> None:
        super().__init__(*replies)
        self.second_look = second_look or Page()
        self.asked_again: list[dict[str, str]] = []

    async def recheck(self, http: Http, source: Address, refs: Mapping[str, str]) -> Page:
        self.asked_again.append(dict(refs))
        if isinstance(self.second_look, Exception):
            raise self.second_look
        return self.second_look


async def a_wall(store: Store, slug: str = "hall", mode: Mode = Mode.OPEN) -> Wall:
    async with store.write() as db:
        return await create_wall(db, slug, slug.title(), mode=mode, by=UNNAMED)


async def a_source(store: Store, wall: Wall, value: str = "socitm09", *, at: datetime = START) -> Source:
    """Return a source of the invented network, due at `at`."""
    async with store.write() as db:
        source = await follow(db, wall, Address(network=NETWORK, kind="hashtag", value=value), by=UNNAMED)
        source.next_poll_at = at
        return source


async def source_now(store: Store, source: Source) -> Source:
    """Return the source as it is stored now."""
    async with store.read() as db:
        return await db.get_one(Source, source.id)


async def shown(store: Store, channel: str) -> dict[str, Any]:
    """Return the posts on a channel by id: the body, or None for a tombstone."""
    async with store.read() as db:
        records = (await since(db, channel, 0, 100_000)).records
    return {r.key: json.loads(r.body) if r.body is not None else None for r in records if r.kind == "post"}


async def words(store: Store, channel: str) -> dict[str, str]:
    """Return the text on the public channel: id → HTML, without tombstones."""
    return {key: body.get("html", "") for key, body in (await shown(store, channel)).items() if body is not None}


async def bring(
    store: Store,
    source: Source,
    page: Page,
    at: datetime = START + timedelta(hours=1),
    *,
    is_origin: Callable[[str], bool] = always,
) -> AdmitResult:
    """Admit a page in a separate transaction."""
    async with store.write() as db:
        current = await db.get_one(Source, source.id)
        wall = await db.get_one(Wall, source.wall_id)
        return await admit(db, current, wall, page, at, is_origin=is_origin)


async def announced(store: Store, wall: Wall) -> Any:
    """Return the `wall` record, which is the same on both channels."""
    async with store.read() as db:
        bodies = [(await snapshot(db, id_, 60)).records[0].body for id_ in (wall.channel, wall.desk)]
    assert bodies[0] == bodies[1]
    return msgspec.json.decode(bodies[0] or b"")
