"""An author's posts are renewed, or get their author from a backfill, while another writer changes them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

from sqlmodel import select

from aggregator.intake.admit import AdmitResult, admit
from aggregator.intake.authors import Authors
from aggregator.intake.context import PollContext
from aggregator.items.ids import author_id, post_id
from aggregator.items.tables import StoredPost
from aggregator.migrations.backfills import name_authors
from aggregator.moderation.decisions import withdraw
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page, Person
from connectors.http.client import Http
from tests.aggregator.invented import (
    ADA,
    KIM,
    NETWORK,
    ONE,
    START,
    TWO,
    Clock,
    Invented,
    a_source,
    a_wall,
    bring,
    said,
    shown,
    words,
)
from tests.aggregator.two_writers import wait_until

LATER = START + timedelta(hours=1)
RENAMED = Person(name="Ada Q.", handle=ADA.handle, url=ADA.url)


async def two_posts_of_one(store: Store) -> tuple[Wall, Source, AdmitResult]:
    """The second post has a new name for the same author."""
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"), said("2"))))
    return wall, source, await bring(store, source, Page(posts=(said("2", author=RENAMED),)))


def renew(store: Store, source: Source, admitted: AdmitResult) -> asyncio.Task[bool]:
    context = PollContext(
        store=store, connectors={NETWORK: Invented()}, http=Http(), clock=Clock(LATER), random=Random(7)
    )
    return asyncio.create_task(Authors(context).follow_up(source.id or 0, admitted))


async def body_of(store: Store, key: str) -> tuple[bytes | None, int]:
    async with store.read() as db:
        query = select(StoredPost.body, StoredPost.author).where(StoredPost.id == post_id(NETWORK, key))
        return (await db.exec(query)).one()


async def test_post_that_is_withdrawn_while_its_author_is_renewed_stays_gone(postgresql_store: Store) -> None:
    wall, source, admitted = await two_posts_of_one(postgresql_store)
    async with postgresql_store.write() as db:
        await withdraw(db, wall, ONE, by=KIM)
        renewing = renew(postgresql_store, source, admitted)
        await wait_until(postgresql_store, 1)
    await renewing
    assert await body_of(postgresql_store, "1") == (None, 0)
    assert list(await words(postgresql_store, wall.channel)) == [TWO]


async def test_edit_that_comes_while_its_author_is_renewed_is_kept(postgresql_store: Store) -> None:
    wall, source, admitted = await two_posts_of_one(postgresql_store)
    edit = Page(posts=(said("1", "<p>Edited.</p>", edited_at=START + timedelta(minutes=5)),))
    async with postgresql_store.write() as db:
        await admit(db, await db.get_one(Source, source.id), await db.get_one(Wall, wall.id), edit, LATER)
        renewing = renew(postgresql_store, source, admitted)
        await wait_until(postgresql_store, 1)
    assert await renewing
    assert (await words(postgresql_store, wall.channel))[ONE] == "<p>Edited.</p>"
    told = [body["author"]["name"] for body in (await shown(postgresql_store, wall.channel)).values()]
    assert told == ["Ada Q."] * 2


async def test_backfill_names_no_author_of_a_post_that_is_withdrawn_meanwhile(postgresql_store: Store) -> None:
    wall, _, _ = await two_posts_of_one(postgresql_store)

    async def backfill() -> None:
        async with postgresql_store.write() as db:
            await name_authors(db, "")

    async with postgresql_store.write() as db:
        await withdraw(db, wall, ONE, by=KIM)
        naming = asyncio.create_task(backfill())
        await wait_until(postgresql_store, 1)
    await naming
    assert await body_of(postgresql_store, "1") == (None, 0)
    assert (await body_of(postgresql_store, "2"))[1] == author_id(NETWORK, ADA)
