"""The records on each channel."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.channel.publish import MAX_BODY, publish
from aggregator.channel.tables import Channel, Record
from aggregator.items.ids import post_id
from aggregator.items.publishing import republish, show
from aggregator.media.pictures import StoredFile, finished, picture_id
from aggregator.moderation.decisions import hide, withdraw
from aggregator.store.sql import CHUNK
from aggregator.store.store import Store
from aggregator.timestamps import to_micros
from aggregator.walls.tables import Wall
from connectors.contract import Choice, Page, Person, Poll
from tests.aggregator.invented import ADA, BEN, KIM, NETWORK, ONE, START, a_source, a_wall, bring, said, shown
from tests.aggregator.two_writers import wait_until

AVATAR = "https://invented.example/ada.png"
WITH_AVATAR = Person(name="Ada", handle="@ada", url="", avatar=AVATAR)


async def heads(store: Store) -> dict[str, int]:
    async with store.read() as db:
        return {channel.id: channel.head for channel in await db.exec(select(Channel))}


async def test_show_publishes_the_card_and_for_the_desk_where_it_stands(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),), boosts={"1": BEN}))
    card = {
        "network": NETWORK,
        "url": "https://invented.example/@ada/1",
        "author": {"name": "Ada Quill", "handle": "@ada@invented.example", "url": "https://invented.example/@ada"},
        "created_at": "2009-10-12T09:31:00Z",
        "boosted_by": {"name": "Ben Rook", "handle": "@ben@invented.example", "url": "https://invented.example/@ben"},
        "html": "<p>Good morning.</p>",
    }
    assert await shown(store, wall.channel) == {ONE: card}
    assert await shown(store, wall.desk) == {ONE: {"state": "live", "why": "", "version": 1, "post": card}}


async def test_show_numbers_records_in_the_order_of_their_moments(store: Store) -> None:
    wall = await a_wall(store)
    posts = [said(str(n), created_at=START.replace(minute=59 - n)) for n in range(5)]
    await bring(store, await a_source(store, wall), Page(posts=tuple(posts)))
    async with store.read() as db:
        query = select(Record.key, Record.at).where(Record.channel_id == wall.channel, Record.kind == "post")
        records = (await db.exec(query.order_by(col(Record.seq)))).all()
    assert records == [(post_id(NETWORK, post.key), to_micros(post.created_at)) for post in reversed(posts)]


async def test_show_again_publishes_nothing(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    before = await heads(store)
    async with store.write() as db:
        await show(db, wall, [ONE])
        await republish(db, {ONE})
    assert await heads(store) == before


async def test_show_of_what_is_not_on_the_wall_publishes_nothing(store: Store) -> None:
    wall = await a_wall(store)
    before = await heads(store)
    async with store.write() as db:
        await show(db, wall, [ONE])
    assert await heads(store) == before


async def test_republish_shows_a_picture_that_is_ready_on_every_wall_that_has_its_post(store: Store) -> None:
    walls = [await a_wall(store, "hall"), await a_wall(store, "foyer")]
    for wall in walls:
        await bring(store, await a_source(store, wall), Page(posts=(said("1", author=WITH_AVATAR),)))
        assert (await shown(store, wall.channel))[ONE]["author"]["avatar"] == {}
    async with store.write() as db:
        await finished(db, [StoredFile(picture_id(NETWORK, AVATAR, "avatar"), "filename", "#123456", 96, 96)])
    async with store.write() as db:
        await republish(db, [ONE])
    for wall in walls:
        avatar = {"id": "filename", "color": "#123456", "width": 96, "height": 96}
        assert (await shown(store, wall.channel))[ONE]["author"]["avatar"] == avatar


async def test_show_asks_the_store_as_often_for_many_posts_as_for_one(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=tuple(said(str(n)) for n in range(CHUNK))))

    async def statements(count: int) -> int:
        async with store.write() as db:
            asked: list[str] = []
            connection = (await db.connection()).sync_connection
            event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
            await show(db, wall, [post_id(NETWORK, str(n)) for n in range(count)])
            return len(asked)

    assert await statements(CHUNK) == await statements(1)


async def test_show_takes_more_posts_than_fit_in_one_query(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=tuple(said(str(n)) for n in range(CHUNK + 1))))
    assert len(await shown(store, wall.channel)) == CHUNK + 1


@pytest.mark.parametrize("decide", [hide, withdraw])
async def test_show_never_puts_back_what_is_taken_away_meanwhile(
    store: Store, decide: Callable[[AsyncSession, Wall, str, Actor], Awaitable[bool]]
) -> None:
    """A post is republished because a picture is ready, while a decision about it is not committed yet."""
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))

    async def show_again() -> None:
        async with store.write() as db:
            await republish(db, {ONE})

    async with store.write() as db:
        await decide(db, wall, ONE, KIM)
        late = asyncio.create_task(show_again())
        await asyncio.sleep(0.1)  # it is waiting for the lock now
    await late
    assert (await shown(store, wall.channel))[ONE] is None


async def test_show_tells_the_moment_of_first_sight_where_a_date_is_still_to_come(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1", created_at=START.replace(year=2099)),)))
    async with store.read() as db:
        (at,) = await db.exec(select(Record.at).where(Record.channel_id == wall.channel, Record.kind == "post"))
    label = (await shown(store, wall.channel))[ONE]["created_at"]
    assert to_micros(datetime.fromisoformat(label)) == at < to_micros(START.replace(year=2099))


async def test_show_puts_a_post_without_anything_to_see_on_the_desk_alone(store: Store) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1", "<p>\u200b</p>"),)))
    assert await shown(store, wall.channel) == {}
    assert (await shown(store, wall.desk))[ONE]["state"] == "live"
    await bring(store, source, Page(posts=(said("1", "<p>At last.</p>", edited_at=START + timedelta(hours=1)),)))
    assert (await shown(store, wall.channel))[ONE]["html"] == "<p>At last.</p>"


async def test_show_keeps_both_records_of_a_huge_post_within_their_bound(store: Store) -> None:
    wall = await a_wall(store)
    poll = Poll(choices=tuple(Choice(title="🐈" * 300) for _ in range(20)))
    huge = said("1", "<p>" + "🐈" * 19_000 + "</p>", poll=poll, author=ADA)
    await bring(store, await a_source(store, wall), Page(posts=(huge,)))
    async with store.read() as db:
        bodies = (await db.exec(select(Record.body).where(Record.kind == "post", Record.key == ONE))).all()
    assert [len(body or b"") <= MAX_BODY for body in bodies] == [True, True]
    assert (await shown(store, wall.channel))[ONE]["author"]["name"] == ADA.name


async def test_republish_locks_the_walls_in_the_order_of_their_slugs(postgresql_store: Store) -> None:
    """So does the renewal of all channels, whichever wall was created first."""
    store = postgresql_store
    for slug in ("hall", "foyer"):
        await bring(store, await a_source(store, await a_wall(store, slug)), Page(posts=(said("1"),)))

    async def again() -> None:
        async with store.write() as db:
            await republish(db, [ONE])

    async with store.write() as renewing:
        await publish(renewing, "foyer/wall", [])
        publishing = asyncio.create_task(again())
        await wait_until(store, 1)
        await publish(renewing, "hall/wall", [])
    await publishing
    assert await heads(store) == dict.fromkeys(("foyer/wall", "foyer/desk", "hall/wall", "hall/desk"), 3)
