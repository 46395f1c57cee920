"""Decisions: what they change, what they leave behind, what they refuse."""

from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry, SubjectKind
from aggregator.items.tables import Item, State, StoredPost
from aggregator.media.tables import PictureUse
from aggregator.moderation.decisions import FinalState, ItemNotFound, approve, hide, withdraw
from aggregator.sources.tables import Sighting
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page, Person, Post
from tests.aggregator.invented import BEN, KIM, LEE, ONE, a_source, a_wall, bring, said, shown, words

Verb = Callable[..., Awaitable[bool]]


async def trail(store: Store) -> list[tuple[str, str, str, str, str]]:
    async with store.read() as db:
        query = select(AuditEntry).where(AuditEntry.subject_kind == SubjectKind.POST).order_by(col(AuditEntry.id))
        return [(each.subject, each.before, each.after, str(each.by), each.why) for each in await db.exec(query)]


async def a_wall_with(store: Store, *posts: Post, mode: Mode = Mode.OPEN, slug: str = "hall") -> Wall:
    wall = await a_wall(store, slug, mode)
    await bring(store, await a_source(store, wall), Page(posts=posts))
    return wall


async def test_hide_takes_a_post_off_the_wall_and_keeps_it_at_the_desk(store: Store) -> None:
    wall = await a_wall_with(store, said("1"))
    async with store.write() as db:
        assert await hide(db, wall, ONE, by=KIM, why="spam")
    assert await shown(store, wall.channel) == {ONE: None}
    desk = (await shown(store, wall.desk))[ONE]
    assert (desk["state"], desk["why"], desk["post"]["html"]) == ("hidden", "spam", "<p>Good morning.</p>")
    assert await trail(store) == [(ONE, "live", "hidden", "person:kim", "spam")]


async def test_approve_puts_a_held_post_on_the_wall(store: Store) -> None:
    wall = await a_wall_with(store, said("1"), mode=Mode.APPROVE)
    assert await shown(store, wall.channel) == {}
    async with store.write() as db:
        assert await approve(db, wall, ONE, by=KIM)
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}
    assert await trail(store) == [(ONE, "held", "live", "person:kim", "")]


async def test_approve_brings_a_hidden_post_back(store: Store) -> None:
    wall = await a_wall_with(store, said("1"))
    async with store.write() as db:
        await hide(db, wall, ONE, by=KIM)
        await approve(db, wall, ONE, by=LEE, why="a mistake")
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}
    assert (await shown(store, wall.desk))[ONE]["why"] == "a mistake"


@pytest.mark.parametrize("verb", [hide, approve, withdraw])
async def test_decision_taken_twice_changes_nothing_the_second_time(store: Store, verb: Verb) -> None:
    wall = await a_wall_with(store, said("1"), mode=Mode.APPROVE)
    async with store.write() as db:
        assert await verb(db, wall, ONE, by=KIM, why="first")
    async with store.write() as db:
        assert not await verb(db, wall, ONE, by=LEE, why="second")
        assert "moved" not in db.info
    assert [by for _, _, _, by, _ in await trail(store)] == ["person:kim"]


async def test_decision_on_one_wall_leaves_the_others_alone(store: Store) -> None:
    hall = await a_wall_with(store, said("1"))
    foyer = await a_wall_with(store, said("1"), slug="foyer")
    async with store.write() as db:
        await hide(db, hall, ONE, by=KIM)
    assert await words(store, hall.channel) == {}
    assert await words(store, foyer.channel) == {ONE: "<p>Good morning.</p>"}


async def test_withdraw_leaves_nothing_of_the_post_on_any_wall(store: Store) -> None:
    hall = await a_wall(store)
    boosted = Page(
        posts=(said("1", author=Person(name="A", handle="@a", url="", avatar="https://a")),), boosts={"1": BEN}
    )
    await bring(store, await a_source(store, hall), boosted)
    foyer = await a_wall_with(store, said("1"), slug="foyer")
    async with store.write() as db:
        assert await withdraw(db, hall, ONE, by=KIM, why="asked by the author")
    for wall in (hall, foyer):
        assert await shown(store, wall.channel) == {ONE: None}
        assert await shown(store, wall.desk) == {ONE: None}
    async with store.read() as db:
        assert (await db.exec(select(StoredPost.body))).all() == [None]
        assert (await db.exec(select(Item.state, Item.boosted_by))).all() == [(State.WITHDRAWN, None)] * 2
        assert (await db.exec(select(Sighting))).all() == []
        assert (await db.exec(select(PictureUse))).all() == []
    assert await trail(store) == [(ONE, "live", "withdrawn", "person:kim", "asked by the author")] * 2


@pytest.mark.parametrize("verb", [hide, approve])
async def test_withdrawn_post_can_be_neither_hidden_nor_approved(store: Store, verb: Verb) -> None:
    wall = await a_wall_with(store, said("1"))
    async with store.write() as db:
        await withdraw(db, wall, ONE, by=KIM)
    async with store.write() as db:
        with pytest.raises(FinalState, match=f"“{ONE}” is withdrawn, and cannot become"):
            await verb(db, wall, ONE, by=KIM)
    assert await shown(store, wall.channel) == {ONE: None}


async def test_author_who_asks_to_be_left_out_is_not_approved(store: Store) -> None:
    wall = await a_wall_with(store, said("1", opted_out="#nobot"))
    assert (await shown(store, wall.desk))[ONE]["why"] == "the author asks to be left out: #nobot"
    async with store.write() as db:
        with pytest.raises(FinalState, match=f"“{ONE}” stays hidden: its author asks to be left out \\(#nobot\\)."):
            await approve(db, wall, ONE, by=KIM)
    assert await shown(store, wall.channel) == {}


@pytest.mark.parametrize("verb", [hide, approve, withdraw])
async def test_decision_about_nothing_says_so(store: Store, verb: Verb) -> None:
    wall = await a_wall(store)
    async with store.write() as db:
        with pytest.raises(ItemNotFound, match=f"There is no post “{ONE}” on the wall “hall”."):
            await verb(db, wall, ONE, by=KIM)
    assert await trail(store) == []


async def test_decision_and_its_records_come_together_or_not_at_all(store: Store) -> None:
    wall = await a_wall_with(store, said("1"))

    async def decide_and_fail() -> None:
        async with store.write() as db:
            await hide(db, wall, ONE, by=KIM)
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        await decide_and_fail()
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}
    assert (await shown(store, wall.desk))[ONE]["state"] == "live"
    assert await trail(store) == []
