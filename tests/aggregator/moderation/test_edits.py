"""Edits of an author who is hidden meanwhile, or who takes a handle that is hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlmodel import col, select

from aggregator.audit.tables import AuditEntry, SubjectKind
from aggregator.intake.authors import Authors
from aggregator.intake.context import PollContext
from aggregator.items.tables import Item, StoredPost
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.author_rules import lift_rule, set_rule
from aggregator.moderation.decisions import approve
from aggregator.moderation.hidden_authors import bring_back_some
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page, Person, Post
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
    words,
)

MOVED = replace(ADA, handle="@spam@invented.example")
"""The same account under the handle that is hidden."""
WHY = "its author is hidden on this wall: spam"


def edited(key: str = "1", author: Person = ADA, html: str = "<p>Buy.</p>", minutes: int = 5) -> Post:
    return said(key, html, author=author, edited_at=START + timedelta(minutes=minutes))


async def rule_out(store: Store, wall: Wall, handle: str = MOVED.handle) -> None:
    async with store.write() as db:
        await set_rule(db, wall, handle, why="spam", by=KIM)


async def states(store: Store, wall: Wall) -> dict[str, tuple[str, str, str | None]]:
    async with store.read() as db:
        query = select(StoredPost.id, Item.state, Item.why, Item.ruled_from).join(Item)
        rows = await db.exec(query.where(Item.wall_id == wall.id))
        return {post_id: (state, why, before) for post_id, state, why, before in rows}


async def test_edit_by_an_author_who_is_hidden_meanwhile_stays_hidden(store: Store) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await hide_author(store, ADA.handle, None, KIM, "spam")
    await bring(store, source, Page(posts=(edited(),)))
    assert await states(store, wall) == {ONE: ("hidden", WHY, "live")}
    assert await words(store, wall.channel) == {}


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.APPROVE])
async def test_author_who_takes_a_hidden_handle_is_hidden_on_each_wall_that_hides_it(store: Store, mode: Mode) -> None:
    hall, foyer, open_wall = await a_wall(store, "hall", mode), await a_wall(store, "foyer"), await a_wall(store, "z")
    sources = [await a_source(store, wall) for wall in (hall, foyer, open_wall)]
    for source in sources:
        await bring(store, source, Page(posts=(said("1"),)))
    for wall in (hall, foyer):
        await rule_out(store, wall)
    await bring(store, sources[0], Page(posts=(edited(author=MOVED),)))
    before = "live" if mode == Mode.OPEN else "held"
    assert await states(store, hall) == {ONE: ("hidden", WHY, before)}
    assert await states(store, foyer) == {ONE: ("hidden", WHY, "live")}
    assert await words(store, foyer.channel) == {}
    assert await words(store, open_wall.channel) == {ONE: "<p>Buy.</p>"}
    async with store.read() as db:
        query = select(AuditEntry).where(AuditEntry.subject_kind == SubjectKind.POST).order_by(col(AuditEntry.wall_id))
        entries = [(each.wall_id, each.subject, each.before, str(each.by)) for each in await db.exec(query)]
    assert entries == [(hall.id, ONE, before, "rule"), (foyer.id, ONE, "live", "rule")]


async def test_what_is_approved_after_that_stays_through_further_edits(store: Store) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await rule_out(store, wall)
    await bring(store, source, Page(posts=(edited(author=MOVED),)))
    async with store.write() as db:
        assert await approve(db, wall, ONE, by=KIM)
    await bring(store, source, Page(posts=(edited(author=MOVED, html="<p>Sorry.</p>", minutes=6),)))
    assert await words(store, wall.channel) == {ONE: "<p>Sorry.</p>"}


async def test_renewed_handle_that_is_hidden_hides_the_author_s_other_posts(store: Store) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"), said("2"))))
    await rule_out(store, wall)
    admitted = await bring(store, source, Page(posts=(edited(author=MOVED),)))
    assert admitted.renamed == (MOVED,)
    assert list(await words(store, wall.channel)) == [TWO]
    context = PollContext(store=store, connectors={NETWORK: Invented()}, http=Http(), clock=Clock(), pauses=())
    await Authors(context).follow_up(source.id or 0, admitted)
    assert await words(store, wall.channel) == {}
    assert await states(store, wall) == dict.fromkeys((ONE, TWO), ("hidden", WHY, "live"))


# --- the end of a rule ------------------------------------------------------------------------------------------


@pytest.fixture
async def wall(store: Store) -> Wall:
    return await a_wall(store)


@pytest.fixture
async def source(store: Store, wall: Wall) -> Source:
    """Its author is hidden under one handle, and has taken another one since."""
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await hide_author(store, ADA.handle, None, KIM, "spam")
    await bring(store, source, Page(posts=(edited(author=MOVED),)))
    return source


async def test_approved_author_stays_hidden_under_another_handle(store: Store, wall: Wall, source: Source) -> None:
    await rule_out(store, wall)
    await approve_author(store, ADA.handle, None, KIM)
    assert await states(store, wall) == {ONE: ("hidden", WHY, "live")}
    await approve_author(store, MOVED.handle, None, KIM)
    assert await words(store, wall.channel) == {ONE: "<p>Buy.</p>"}


async def test_rule_that_is_set_again_while_it_ends_has_the_last_word(store: Store, wall: Wall, source: Source) -> None:
    async with store.write() as db:
        assert await lift_rule(db, wall, ADA.handle, by=KIM)
    await rule_out(store, wall, ADA.handle)
    async with store.write() as db:
        assert await bring_back_some(db, wall, ADA.handle, by=KIM) == 0
    assert await states(store, wall) == {ONE: ("hidden", WHY, "live")}
