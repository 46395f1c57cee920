"""Authors who are hidden on a wall: what is there, what comes, and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import UNNAMED
from aggregator.audit.tables import AuditEntry, SubjectKind
from aggregator.items.lookup import ItemNotFound
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.author_rules import hidden_handles, lift_rule, set_rule
from aggregator.moderation.decisions import approve, hide, withdraw
from aggregator.retention.walls import remove_wall
from aggregator.sources.tables import Source
from aggregator.store.sql import MAX_IN_TRANSACTION
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.following import follow
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall
from connectors.contract import Address, Page
from tests.aggregator.invented import ADA, BEN, KIM, LEE, NETWORK, ONE, TWO, a_source, a_wall, bring, said, shown, words

WHY = "its author is hidden on this wall: spam"


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    return await a_source(store, wall)


async def decided(verb: Any, store: Store, handle: str = ADA.handle, slug: str | None = None) -> dict[str, int]:
    return {each.wall.slug: each.posts for each in await verb(store, handle, slug, KIM, "spam")}


async def by_hand(store: Store, verb: Any, wall: Wall, post_id: str) -> bool:
    async with store.write() as db:
        changed: bool = await verb(db, wall, post_id, LEE, "by hand")
        return changed


async def states(store: Store, wall: Wall) -> dict[str, tuple[str, str]]:
    async with store.read() as db:
        query = select(StoredPost.id, Item.state, Item.why).join(Item).where(Item.wall_id == wall.id)
        return {post_id: (state, why) for post_id, state, why in await db.exec(query)}


async def trail(store: Store) -> list[tuple[str, str, str, str, str]]:
    async with store.read() as db:
        query = select(AuditEntry).where(AuditEntry.subject_kind == SubjectKind.POST).order_by(col(AuditEntry.id))
        return [(each.subject, each.before, each.after, str(each.by), each.why) for each in await db.exec(query)]


async def test_hide_author_takes_their_posts_off_the_wall_and_leaves_others(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"), said("2", author=BEN))))
    assert await decided(hide_author, store) == {"hall": 1}
    assert await states(store, wall) == {ONE: ("hidden", WHY), TWO: ("live", "")}
    assert list(await words(store, wall.channel)) == [TWO]
    desk = (await shown(store, wall.desk))[ONE]
    assert (desk["state"], desk["why"]) == ("hidden", WHY)
    assert await trail(store) == [(ONE, "live", "hidden", "person:kim", WHY)]


@pytest.mark.parametrize("handle", ["@ada@invented.example", "ADA@Invented.Example", " @Ada@invented.example "])
async def test_an_author_is_known_by_the_handle_whatever_its_case(
    store: Store, wall: Wall, source: Source, handle: str
) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    assert await decided(hide_author, store, handle) == {"hall": 1}
    assert await decided(approve_author, store, handle.swapcase()) == {"hall": 1}


async def test_what_a_hidden_author_says_later_is_hidden_at_once(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await bring(store, source, Page(posts=(said("2"), said("3", author=BEN))))
    assert (await states(store, wall))[TWO] == ("hidden", WHY)
    assert len(await words(store, wall.channel)) == 1
    assert (await trail(store))[-1] == (TWO, "live", "hidden", "rule", WHY)


async def test_approve_author_brings_back_what_the_rule_has_hidden(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await bring(store, source, Page(posts=(said("2"),)))
    assert await decided(approve_author, store) == {"hall": 2}
    assert {state for state, _ in (await states(store, wall)).values()} == {"live"}
    assert set(await words(store, wall.channel)) == {ONE, TWO}
    async with store.read() as db:
        assert await hidden_handles(db, wall) == []
    await bring(store, source, Page(posts=(said("3"),)))
    assert len(await words(store, wall.channel)) == 3


async def test_what_was_hidden_by_hand_stays_hidden(store: Store, wall: Wall, source: Source) -> None:
    """Before the rule, or under it."""
    await bring(store, source, Page(posts=(said("1"), said("2"), said("3"))))
    await by_hand(store, hide, wall, ONE)
    assert await decided(hide_author, store) == {"hall": 2}
    assert await by_hand(store, hide, wall, TWO)
    assert await decided(approve_author, store) == {"hall": 1}
    found = await states(store, wall)
    assert (found[ONE], found[TWO]) == (("hidden", "by hand"), ("hidden", "by hand"))
    assert [state for state, _ in found.values()].count("live") == 1


async def test_one_post_of_a_hidden_author_can_be_shown(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    assert await by_hand(store, approve, wall, ONE)
    await bring(store, source, Page(posts=(said("1", "<p>Edited.</p>"),)))
    assert await words(store, wall.channel) == {ONE: "<p>Edited.</p>"}
    assert await decided(approve_author, store) == {"hall": 0}


async def test_what_waited_for_approval_waits_again(store: Store) -> None:
    wall = await a_wall(store, mode=Mode.APPROVE)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await bring(store, source, Page(posts=(said("2"),)))
    assert await decided(approve_author, store) == {"hall": 2}
    waits = ("held", "new posts wait for approval on this wall")
    assert await states(store, wall) == {ONE: waits, TWO: waits}


async def test_rules_are_of_one_wall_or_of_all(store: Store) -> None:
    hall, foyer = await a_wall(store), await a_wall(store, "foyer")
    for wall in (hall, foyer):
        await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    assert await decided(hide_author, store, slug="hall") == {"hall": 1}
    assert (await states(store, foyer))[ONE] == ("live", "")
    assert await decided(hide_author, store) == {"hall": 0, "foyer": 1}
    assert await decided(approve_author, store, slug="foyer") == {"foyer": 1}
    assert await words(store, hall.channel) == {}


async def test_hiding_an_author_again_changes_nothing(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    before = await trail(store)
    assert await decided(hide_author, store) == {"hall": 0}
    assert await trail(store) == before


async def test_many_posts_are_hidden_in_bounded_transactions(store: Store, wall: Wall, source: Source) -> None:
    commits, number = 0, 2 * MAX_IN_TRANSACTION + 1

    def count(_channels: frozenset[str]) -> None:
        nonlocal commits
        commits += 1

    await bring(store, source, Page(posts=tuple(said(str(each)) for each in range(number))))
    store.listen(count)
    assert await decided(hide_author, store) == {"hall": number}
    assert commits == 3
    assert await decided(approve_author, store) == {"hall": number}
    assert commits == 6
    assert len(await words(store, wall.channel)) == number


async def test_an_unknown_author_is_refused_with_close_handles(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"), said("2", author=BEN))))
    with pytest.raises(
        ItemNotFound, match=r"^No post on any wall is by “adda”: did you mean @ada@invented\.example\?$"
    ):
        await hide_author(store, "adda", None, KIM)
    with pytest.raises(ItemNotFound, match=r"^No post on the wall “hall” is by “zoë”\.$"):
        await hide_author(store, "zoë", "hall", KIM)
    with pytest.raises(WallError, match="There is no wall “quay”"):
        await hide_author(store, ADA.handle, "quay", KIM)
    async with store.read() as db:
        assert await hidden_handles(db, wall) == []


async def test_approving_who_is_not_hidden_names_those_who_are(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    with pytest.raises(ItemNotFound, match=r"^Nobody called “@ben” is hidden on any wall\.$"):
        await approve_author(store, "@ben", None, KIM)
    await decided(hide_author, store)
    with pytest.raises(ItemNotFound, match=r"on the wall “hall”: did you mean ada@invented\.example\?$"):
        await approve_author(store, "@ben", "hall", KIM)


async def test_a_withdrawn_post_keeps_nothing_of_its_hidden_author(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await by_hand(store, withdraw, wall, ONE)
    async with store.read() as db:
        item = (await db.exec(select(Item))).one()
        assert (item.state, item.ruled_out, item.ruled_from) == (State.WITHDRAWN, None, None)
    assert await decided(approve_author, store) == {"hall": 0}


async def test_who_asks_to_be_left_out_meanwhile_is_left_out(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot"),)))
    await decided(approve_author, store)
    assert await states(store, wall) == {ONE: ("hidden", "the author asks to be left out: #nobot")}


async def test_a_post_that_left_the_wall_meanwhile_comes_back_with_its_source(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    await bring(store, source, Page(missing=("1",)))
    await decided(approve_author, store)
    assert await words(store, wall.channel) == {}
    await bring(store, source, Page(posts=(said("1"),)))
    assert list(await words(store, wall.channel)) == [ONE]


async def test_a_post_that_had_left_the_wall_does_not_come_back_under_the_rule(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await bring(store, source, Page(missing=("1",)))
    assert await decided(hide_author, store) == {"hall": 1}
    await bring(store, source, Page(posts=(said("1"),)))
    assert await words(store, wall.channel) == {}
    await decided(approve_author, store)
    assert list(await words(store, wall.channel)) == [ONE]


async def test_a_page_that_comes_with_the_rule_is_hidden(store: Store, wall: Wall, source: Source) -> None:
    """Whichever is first: the post is there when the rule looks, or meets the rule."""
    await bring(store, source, Page(posts=(said("1"),)))
    pages = [Page(posts=(said(f"x{number}"),)) for number in range(6)]
    coming = [bring(store, source, page) for page in pages]
    await asyncio.gather(*coming[:3], hide_author(store, ADA.handle, None, KIM), *coming[3:])
    assert await words(store, wall.channel) == {}


async def test_removing_a_wall_removes_its_rules(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    await decided(hide_author, store)
    async with store.write() as db:
        await remove_wall(db, await db.merge(wall), by=UNNAMED)
    again = await a_wall(store)
    await bring(store, await a_source(store, again), Page(posts=(said("1"),)))
    assert list(await words(store, again.channel)) == [ONE]


@pytest.mark.parametrize("verb", ["set_rule", "lift_rule", "change_wall", "follow"])
async def test_a_wall_that_has_just_been_removed_is_told_as_such(store: Store, wall: Wall, verb: str) -> None:
    """The wall was found a moment before."""
    address = Address(network=NETWORK, kind="hashtag", value="new")
    verbs: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
        "set_rule": lambda db: set_rule(db, wall, ADA.handle, why="", by=KIM),
        "lift_rule": lambda db: lift_rule(db, wall, ADA.handle, by=KIM),
        "change_wall": lambda db: change_wall(db, wall, name="New", by=UNNAMED),
        "follow": lambda db: follow(db, wall, address, by=UNNAMED),
    }
    async with store.write() as db:
        await remove_wall(db, await db.get_one(Wall, wall.id), by=UNNAMED)
    with pytest.raises(WallError, match=r"^There is no wall “hall”: it has just been removed\.$"):
        async with store.write() as db:
            await verbs[verb](db)
