"""Undoing an act: exactly what it has changed comes back, and nothing that came after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from aggregator.audit.actor import Actor
from aggregator.audit.tables import AuditEntry
from aggregator.items.tables import Item, StoredPost
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.author_rules import hidden_handles
from aggregator.moderation.decisions import approve, hide, withdraw
from aggregator.moderation.presence import UNSHOWN
from aggregator.moderation.tables import ActItem
from aggregator.moderation.undo import NotUndoable, Undone, undo
from aggregator.sources.tables import Source
from aggregator.store.sql import MAX_IN_TRANSACTION
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, KIM, LEE, ONE, START, TWO, a_source, a_wall, bring, said, shown, words
from tests.statements import Statement, before_each_statement

WHY = "its author is hidden on this wall: spam"


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"), said("2", author=BEN))))
    return source


async def decide(store: Store, verb: Any, wall: Wall, post_id: str = ONE, *, by: Actor = KIM, why: str = "") -> int:
    async with store.write() as db:
        return int(await verb(db, wall, post_id, by, why))


async def back(store: Store, entry_id: int | None, by: Actor = KIM) -> tuple[int | None, int, int]:
    undone: Undone = await undo(store, entry_id or 0, by)
    return undone.entry_id, undone.restored, undone.left


async def stands(store: Store, wall: Wall, post_id: str = ONE) -> tuple[str, str]:
    """The state of a post and why, which both channels must agree on."""
    desk = (await shown(store, wall.desk))[post_id]
    assert ((await shown(store, wall.channel)).get(post_id) is not None) == (desk["state"] == "live")
    return desk["state"], desk["why"]


async def test_undo_takes_one_decision_back_and_can_be_undone(store: Store, wall: Wall, source: Source) -> None:
    hidden = await decide(store, hide, wall, why="spam")
    undone, restored, left = await back(store, hidden, LEE)
    assert (restored, left, await stands(store, wall)) == (1, 0, ("live", ""))
    redone, *_ = await back(store, undone)
    assert await stands(store, wall) == ("hidden", "spam")
    await back(store, redone)
    assert await stands(store, wall) == ("live", "")
    async with store.read() as db:
        query = select(AuditEntry).where(AuditEntry.action == "undo").order_by(col(AuditEntry.id))
        told = [(str(e.by), e.subject, e.before, e.after, e.why) for e in await db.exec(query)]
    assert told == [
        ("person:lee", ONE, "hidden", "live", f"undo of entry {hidden}"),
        ("person:kim", ONE, "live", "hidden", f"undo of entry {undone}"),
        ("person:kim", ONE, "hidden", "live", f"undo of entry {redone}"),
    ]


async def test_undo_of_an_approval_holds_the_post_again(store: Store) -> None:
    wall = await a_wall(store, "strict", Mode.APPROVE)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    before = await stands(store, wall)
    await back(store, await decide(store, approve, wall))
    assert await stands(store, wall) == before == ("held", "new posts wait for approval on this wall")


async def test_item_that_was_changed_again_is_left(store: Store, wall: Wall, source: Source) -> None:
    hidden = await decide(store, hide, wall, why="spam")
    approved = await decide(store, approve, wall, by=LEE, why="a mistake")
    assert await back(store, hidden) == (None, 0, 1)
    assert await stands(store, wall) == ("live", "a mistake")
    assert (await back(store, approved))[1:] == (1, 0)
    assert (await back(store, hidden))[1:] == (1, 0), "what was left was not used up"
    assert await stands(store, wall) == ("live", "")


async def test_undo_keeps_an_edit_that_came_meanwhile(store: Store, wall: Wall, source: Source) -> None:
    hidden = await decide(store, hide, wall)
    await bring(store, source, Page(posts=(said("1", "<p>Mended.</p>", edited_at=START + timedelta(minutes=5)),)))
    await back(store, hidden)
    assert (await words(store, wall.channel))[ONE] == "<p>Mended.</p>"


async def test_undo_brings_nothing_back_that_is_withdrawn_or_asks_to_be_left_out(
    store: Store, wall: Wall, source: Source
) -> None:
    one, two = await decide(store, hide, wall), await decide(store, hide, wall, TWO)
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot"),)))
    await decide(store, withdraw, wall, TWO)
    assert await back(store, one) == (None, 0, 1)
    assert (await back(store, two))[1] == 0
    assert await words(store, wall.channel) == {}
    async with store.read() as db:
        kept = select(StoredPost.id).join(ActItem)
        assert list(await db.exec(kept)) == [ONE], "nothing is kept of what is withdrawn"


async def test_post_that_no_source_shows_comes_back_with_its_source(store: Store, wall: Wall, source: Source) -> None:
    hidden = await decide(store, hide, wall)
    await bring(store, source, Page(missing=("1",)))
    assert (await back(store, hidden))[1] == 1
    assert await stands(store, wall) == ("hidden", UNSHOWN)
    await bring(store, source, Page(posts=(said("1"),)))
    assert await stands(store, wall) == ("live", "")


# --- acts about many items --------------------------------------------------------------------------------------


async def test_hidden_author_is_undone_as_one_with_what_has_come_under_the_rule(
    store: Store, wall: Wall, source: Source
) -> None:
    await decide(store, hide, wall, why="by hand")
    await bring(store, source, Page(posts=(said("3"),)))
    [decided] = await hide_author(store, ADA.handle, None, KIM, "spam")
    await bring(store, source, Page(posts=(said("4"),)))
    undone, restored, left = await back(store, decided.entry_id, LEE)
    assert (restored, left) == (2, 0)
    assert await stands(store, wall) == ("hidden", "by hand")
    assert len(await words(store, wall.channel)) == 3
    async with store.read() as db:
        assert await hidden_handles(db, wall) == []
        parts = select(AuditEntry.subject_kind).where(AuditEntry.act_id == undone)
        assert list(await db.exec(parts)) == ["post", "post"]
    assert (await back(store, undone))[1:] == (2, 0)
    assert len(await words(store, wall.channel)) == 1
    await bring(store, source, Page(posts=(said("5"),)))
    assert len(await words(store, wall.channel)) == 1, "the rule stands again"


async def test_approved_author_is_hidden_again_by_an_undo(store: Store, wall: Wall, source: Source) -> None:
    await hide_author(store, ADA.handle, None, KIM, "spam")
    [approved] = await approve_author(store, ADA.handle, None, LEE)
    assert await stands(store, wall) == ("live", "")
    await back(store, approved.entry_id)
    assert await stands(store, wall) == ("hidden", WHY)
    assert [each.posts for each in await approve_author(store, ADA.handle, None, LEE)] == [1]


async def test_rule_that_was_set_again_outlasts_the_undo_of_the_first(store: Store, wall: Wall, source: Source) -> None:
    [first] = await hide_author(store, ADA.handle, None, KIM, "spam")
    [second] = await hide_author(store, ADA.handle, None, LEE, "scam")
    assert await back(store, first.entry_id) is not None
    assert (await stands(store, wall))[0] == "hidden"
    assert (await back(store, second.entry_id))[0] is not None
    async with store.read() as db:
        assert await hidden_handles(db, wall) == [ADA.handle.removeprefix("@")]


async def test_post_of_an_author_who_is_hidden_meanwhile_stays_hidden(store: Store, wall: Wall, source: Source) -> None:
    by_hand = await decide(store, hide, wall)
    [rule] = await hide_author(store, ADA.handle, None, LEE, "spam")
    await back(store, by_hand)
    assert await stands(store, wall) == ("hidden", WHY)
    await back(store, rule.entry_id)
    assert await stands(store, wall) == ("live", "")


async def test_part_of_an_act_what_is_no_act_and_what_is_undone_are_refused(
    store: Store, wall: Wall, source: Source
) -> None:
    [author] = await hide_author(store, ADA.handle, None, KIM)
    gone = await decide(store, withdraw, wall, TWO)
    hidden = await decide(store, approve, wall)
    undone, *_ = await back(store, hidden)
    async with store.read() as db:
        part = (await db.exec(select(AuditEntry.id).where(AuditEntry.act_id == author.entry_id))).one()
    for entry_id, sentence in {
        part: f"Entry {part} is a part of entry {author.entry_id}: undo that one.",
        gone: f"Entry {gone} (withdraw) cannot be undone.",
        hidden: f"Entry {hidden} has been undone already, by entry {undone}.",
        9_999: "There is no entry 9999 in the audit trail.",
    }.items():
        with pytest.raises(NotUndoable) as refused:
            await undo(store, entry_id or 0, KIM)
        assert str(refused.value) == sentence


class PowerCutError(Exception):
    pass


@contextmanager
def cut_after(batches: int) -> Iterator[None]:
    """End the statement with which this number of batches has begun to note what undoing it needs."""
    begun = 0

    def count(statement: Statement) -> None:
        nonlocal begun
        begun += statement.text.startswith("INSERT INTO act_item")
        if begun > batches:
            raise PowerCutError

    with before_each_statement(count):
        yield


@pytest.fixture
async def many(store: Store, wall: Wall) -> int:
    number = 2 * MAX_IN_TRANSACTION + 1
    await bring(store, await a_source(store, wall), Page(posts=tuple(said(str(each)) for each in range(number))))
    return number


async def test_act_and_undo_that_are_interrupted_are_finished_by_the_same_again(
    store: Store, wall: Wall, many: int
) -> None:
    with pytest.raises(PowerCutError), cut_after(1):
        await hide_author(store, ADA.handle, None, KIM, "spam")
    assert len(await words(store, wall.channel)) == many - MAX_IN_TRANSACTION
    [decided] = await hide_author(store, ADA.handle, None, KIM, "spam")
    assert decided.posts == many - MAX_IN_TRANSACTION
    with pytest.raises(PowerCutError), cut_after(2):
        await back(store, decided.entry_id)
    assert len(await words(store, wall.channel)) == 2 * MAX_IN_TRANSACTION
    undone, restored, left = await back(store, decided.entry_id)
    assert (restored, left, len(await words(store, wall.channel))) == (1, 0, many)
    async with store.read() as db:
        acts = select(AuditEntry.id, AuditEntry.action).where(col(AuditEntry.act_id).is_(None))
        last_two = list(await db.exec(acts.order_by(col(AuditEntry.id))))[-2:]
        assert last_two == [(decided.entry_id, "hide"), (undone, "undo")]
        assert {str(state) for state in await db.exec(select(Item.state))} == {"live"}
