"""Listing items by wall, state, author and words, and their order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.listing import BATCH, ItemFilter, ListedItem, count_items_of, list_items
from aggregator.items.tables import State
from aggregator.moderation.decisions import approve, hide, withdraw
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Attachment, Choice, LinkCard, Page, Person, Poll, Post, Quote
from tests.aggregator.invented import ADA, BEN, KIM, ONE, START, TWO, a_source, a_wall, bring, said

WHY = "new posts wait for approval on this wall"
HELD = ItemFilter(state=State.HELD)
numbers = count(1)


async def a_wall_with(store: Store, *posts: Post, slug: str = "hall", mode: Mode = Mode.OPEN) -> Wall:
    wall = await a_wall(store, slug, mode)
    await bring(store, await a_source(store, wall), Page(posts=posts), START + timedelta(hours=1))
    return wall


async def listed(db: AsyncSession, *asked: Any) -> list[ListedItem]:
    return [each async for each in list_items(db, *asked)]


async def ids(db: AsyncSession, asked: ItemFilter) -> tuple[str, ...]:
    return tuple([each.post_id async for each in list_items(db, asked)])


@pytest.fixture
async def db(store: Store) -> AsyncIterator[AsyncSession]:
    async with store.read() as db:
        yield db


def a_minute_later(key: str, html: str, **fields: Any) -> Post:
    return said(key, html, created_at=START + timedelta(minutes=next(numbers)), **fields)


async def test_an_item_is_listed_with_its_post_its_moment_and_since_when(store: Store, db: AsyncSession) -> None:
    wall = await a_wall_with(store, said("1"), mode=Mode.APPROVE)
    at, since = START + timedelta(minutes=1), START + timedelta(hours=1)
    assert await listed(db, HELD) == [("hall", ONE, "held", WHY, at, since, said("1"))]
    assert await listed(db, ItemFilter(wall)) == await listed(db, HELD)


async def test_items_are_listed_the_newest_first_and_no_more_than_asked_for(store: Store, db: AsyncSession) -> None:
    later = said("2", created_at=START + timedelta(minutes=2))
    wall = await a_wall_with(store, said("1"), later, mode=Mode.APPROVE)
    assert [each.post_id for each in await listed(db, ItemFilter(wall))] == [TWO, ONE]
    assert [each.post_id for each in await listed(db, ItemFilter(wall), 1)] == [TWO]
    assert await count_items_of(db, HELD) == 2


async def test_each_wall_has_its_own_items(store: Store, db: AsyncSession) -> None:
    hall, foyer = [await a_wall_with(store, said("1"), slug=slug) for slug in ("hall", "foyer")]
    assert [each.slug for each in await listed(db, ItemFilter())] == ["foyer", "hall"]
    assert [each.slug for each in await listed(db, ItemFilter(hall))] == ["hall"]
    counted = [await count_items_of(db, ItemFilter(wall)) for wall in (None, foyer)]
    assert counted == [2, 1]


async def test_items_are_listed_by_their_state(store: Store) -> None:
    wall = await a_wall_with(store, *map(said, "1234"), mode=Mode.APPROVE)
    async with store.read() as db:
        ids = [each.post_id for each in await listed(db, HELD)]
    async with store.write() as db:
        for verb, post_id in zip((approve, hide, withdraw), ids, strict=False):
            await verb(db, wall, post_id, by=KIM, why="so")
    async with store.read() as db:
        found = {state: await listed(db, ItemFilter(state=state)) for state in State}
        assert [len(each) for each in found.values()] == [1, 1, 1, 1]
        assert [found[state][0].post_id for state in (State.LIVE, State.HIDDEN, State.WITHDRAWN)] == ids[:3]
        assert found[State.WITHDRAWN][0].post is None
        assert {each.state for each in await listed(db, ItemFilter())} == {State.HELD, State.LIVE, State.HIDDEN}


async def test_an_author_is_found_by_any_part_of_handle_or_name(store: Store, db: AsyncSession) -> None:
    await a_wall_with(store, said("1"), said("2", html="<p>ada quill @ada@invented.example said so</p>", author=BEN))
    asked = ("@ada@invented.example", "ADA@Invented.example", "da@inv", "quill", " Ada ")
    found = {author: await ids(db, ItemFilter(author=author)) for author in asked}
    assert found == dict.fromkeys(asked, (ONE,))


async def test_an_author_of_another_script_is_found_whatever_the_case(store: Store, db: AsyncSession) -> None:
    await a_wall_with(store, said("1", author=Person(name="ЁЛКА", handle="@ёлка@invented.example", url="")), said("2"))
    assert [each.post_id for each in await listed(db, ItemFilter(author="Ёлка"))] == [ONE]


FULL = said(
    "1",
    "<p>Fish &amp; <b>chips</b> at <a href='https://quay.example/x'>the quay</a>, Été, 会議室, شكرًا</p>",
    title="Low tide",
    warning="spoilers",
    media=(Attachment(kind="image", url="https://quay.example/1.png", alt='A "gull"'),),
    poll=Poll(choices=(Choice(title="Salt"), Choice(title="Vinegar"))),
    quote=Quote(key="q", url="", author=BEN, html="<p>Ahoy</p>"),
    card=LinkCard(url="https://card.example/", title="Harbour news"),
)


async def test_words_are_found_wherever_a_post_says_them(store: Store, db: AsyncSession) -> None:
    await a_wall_with(store, FULL)
    said_there = (
        *("FISH", "chips fish", "& chips", "été", "議室", "شكرًا", "low TIDE"),
        *("spoil", '"gull"', "vinegar", "ahoy rook", "harbour", ""),
    )
    found = {words: await ids(db, ItemFilter(words=words)) for words in said_there}
    assert found == dict.fromkeys(said_there, (ONE,))


async def test_what_a_post_does_not_say_is_not_found(store: Store, db: AsyncSession) -> None:
    await a_wall_with(store, said("1", "<p>Fish &amp; <i>chips</i></p>"))
    not_said = ("href", "amp", "invented", "fish shark", "b", "%", "_")
    found = {words: await ids(db, ItemFilter(words=words)) for words in not_said}
    assert found == dict.fromkeys(not_said, ())


async def test_a_search_reads_on_until_it_has_found_enough(store: Store, db: AsyncSession) -> None:
    """False matches of SQL fill more than one batch."""
    others = [a_minute_later(f"x{number}", "<p class='fish'>chips</p>", tags=("fish",)) for number in range(BATCH + 5)]
    await a_wall_with(store, said("1", "fish", created_at=START), said("2", "fish", created_at=START), *others)
    assert {each.post_id for each in await listed(db, ItemFilter(words="fish"))} == {ONE, TWO}
    assert len(await listed(db, ItemFilter(words="fish"), 1)) == 1


def test_author_and_words_must_both_be_right() -> None:
    assert ItemFilter(author="ada", words="good").takes(said("1"))
    assert not ItemFilter(author="ben", words="good").takes(said("1"))
    assert not ItemFilter(author=ADA.handle, words="bad").takes(said("1"))
