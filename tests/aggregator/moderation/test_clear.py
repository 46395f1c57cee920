"""Clearing a wall of everything live that came since a moment, and undoing it as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry
from aggregator.items.ids import post_id
from aggregator.moderation.clear import clear, count_clear
from aggregator.moderation.decisions import approve, hide
from aggregator.moderation.undo import undo
from aggregator.sources.tables import Source
from aggregator.store.sql import MAX_IN_TRANSACTION
from aggregator.store.store import Store
from aggregator.walls.errors import WallError
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.aggregator.invented import KIM, LEE, NETWORK, ONE, START, TWO, a_source, a_wall, bring, said, shown, words

SINCE = START + timedelta(hours=2)
THREE, FOUR = post_id(NETWORK, "3"), post_id(NETWORK, "4")
WHY = "cleared, with all that had come since 2009-10-12 11:30 UTC"


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    """One post came before the moment, three at it, of which one is hidden already."""
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await bring(store, source, Page(posts=(said("2"), said("3"), said("4"))), SINCE)
    async with store.write() as db:
        await hide(db, wall, FOUR, LEE, "spam")
    return source


async def test_clear_hides_what_is_live_and_came_since_as_one_act(store: Store, wall: Wall, source: Source) -> None:
    assert await count_clear(store, "hall", SINCE) == 2
    cleared = await clear(store, "hall", SINCE, KIM)
    assert cleared.posts == 2
    assert list(await words(store, wall.channel)) == [ONE]
    desk = await shown(store, wall.desk)
    assert {id_: desk[id_]["why"] for id_ in (TWO, THREE, FOUR)} == {TWO: WHY, THREE: WHY, FOUR: "spam"}
    async with store.read() as db:
        [act] = await db.exec(select(AuditEntry).where(AuditEntry.id == cleared.entry_id))
        parts = list(await db.exec(select(AuditEntry.subject).where(AuditEntry.act_id == cleared.entry_id)))
    assert (act.action, act.subject, act.after) == ("clear", "hall", "2009-10-12T11:30:00.000000Z")
    assert parts == sorted([TWO, THREE])
    assert (await clear(store, "hall", SINCE, KIM)).entry_id is None


async def test_clear_is_undone_as_one_except_for_what_was_changed_since(
    store: Store, wall: Wall, source: Source
) -> None:
    cleared = await clear(store, "hall", SINCE, KIM, "a storm")
    async with store.write() as db:
        await approve(db, wall, TWO, LEE)
    undone = await undo(store, cleared.entry_id or 0, KIM)
    assert (undone.restored, undone.left) == (1, 1)
    assert set(await words(store, wall.channel)) == {ONE, TWO, THREE}
    redone = await undo(store, undone.entry_id or 0, KIM)
    assert (redone.restored, set(await words(store, wall.channel))) == (1, {ONE, TWO})
    assert (await shown(store, wall.desk))[THREE]["why"] == "a storm"


async def test_many_posts_are_cleared_and_brought_back_in_bounded_transactions(store: Store, wall: Wall) -> None:
    number = 2 * MAX_IN_TRANSACTION + 1
    posts = tuple(said(str(each)) for each in range(number))
    await bring(store, await a_source(store, wall), Page(posts=posts), SINCE)
    commits = 0

    def count(_channels: frozenset[str]) -> None:
        nonlocal commits
        commits += 1

    store.listen(count)
    cleared = await clear(store, "hall", SINCE, KIM)
    assert (cleared.posts, commits, await words(store, wall.channel)) == (number, 3, {})
    assert (await undo(store, cleared.entry_id or 0, KIM)).restored == number
    assert (commits, len(await words(store, wall.channel))) == (6, number)
    async with store.read() as db:
        acts = select(AuditEntry.action).where(col(AuditEntry.act_id).is_(None), AuditEntry.wall_id == wall.id)
        assert list(await db.exec(acts.order_by(col(AuditEntry.id))))[-2:] == ["clear", "undo"]


async def test_clear_of_a_wall_that_is_not_there_says_so(store: Store) -> None:
    with pytest.raises(WallError, match="There is no wall “hall”"):
        await clear(store, "hall", SINCE, KIM)
