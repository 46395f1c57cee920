"""A post whose author removes the followed hashtag leaves the wall, unless another source there shows it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from aggregator.audit.actor import AUTHOR
from aggregator.audit.tables import AuditEntry, SubjectKind
from aggregator.intake.admit import AdmitResult
from aggregator.intake.recheck import MAX_AT_ONCE
from aggregator.items.ids import post_id
from aggregator.items.tables import StoredPost
from aggregator.moderation.decisions import approve, hide
from aggregator.moderation.presence import LEFT, UNSHOWN
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, KIM, NETWORK, START, a_source, a_wall, bring, said, shown, words

ONE, TWO = post_id(NETWORK, "1"), post_id(NETWORK, "2")
PAGE = Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"})
EDITED = said("1", "<p>Good evening.</p>", edited_at=START + timedelta(minutes=5))
LEAVING = Page(posts=(EDITED,), unmatched=("1", "never seen"))


async def seen_by(store: Store) -> set[tuple[int, str]]:
    async with store.read() as db:
        return set(await db.exec(select(Sighting.source_id, Sighting.key).where(col(Sighting.shown))))


async def test_post_that_leaves_is_hidden_with_the_reason_and_others_stay(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    assert (await words(store, wall.channel)).keys() == {TWO}
    on_desk = (await shown(store, wall.desk))[ONE]
    assert (on_desk["state"], on_desk["why"]) == ("hidden", LEFT)
    async with store.read() as db:
        query = select(AuditEntry).where(AuditEntry.subject_kind == SubjectKind.POST)
        decisions = [(entry.subject, entry.before, entry.by) for entry in await db.exec(query)]
    assert decisions == [(ONE, "live", AUTHOR)]


async def test_post_that_has_left_is_looked_after_on(store: Store, source: Source) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    assert await seen_by(store) == {(source.id, "2")}
    admitted = await bring(store, source, Page(gone=("1",)))
    assert admitted.gone == {ONE}


async def test_post_stays_for_another_source_of_the_wall_until_it_has_left_that_too(
    store: Store, wall: Wall, source: Source
) -> None:
    other = await a_source(store, wall, "another tag")
    for each in (source, other):
        await bring(store, each, PAGE)
    await bring(store, source, LEAVING)
    assert await words(store, wall.channel) == {ONE: "<p>Good evening.</p>", TWO: "<p>Good morning.</p>"}
    assert await seen_by(store) == {(source.id, "2"), (other.id, "1"), (other.id, "2")}
    await bring(store, other, LEAVING)
    assert (await words(store, wall.channel)).keys() == {TWO}


async def test_post_stays_on_other_walls(store: Store, wall: Wall, source: Source) -> None:
    there = await a_wall(store, "foyer")
    follower = await a_source(store, there, "ada")
    for each in (source, follower):
        await bring(store, each, PAGE)
    await bring(store, source, LEAVING)
    assert (await words(store, wall.channel)).keys() == {TWO}
    assert (await words(store, there.channel))[ONE] == "<p>Good evening.</p>"


async def test_organiser_who_shows_it_again_has_the_last_word(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    async with store.write() as db:
        await approve(db, wall, ONE, KIM)
    await bring(store, source, LEAVING)
    assert (await words(store, wall.channel)).keys() == {ONE, TWO}


async def hide_it(store: Store, wall: Wall) -> None:
    async with store.write() as db:
        await hide(db, wall, ONE, KIM)


async def test_post_comes_back_with_what_the_wall_follows(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, PAGE)
    for _ in range(2):
        await bring(store, source, LEAVING)
        assert (await words(store, wall.channel)).keys() == {TWO}
        await bring(store, source, Page(posts=(EDITED,), refs={"1": "r1"}))
        assert await words(store, wall.channel) == {ONE: "<p>Good evening.</p>", TWO: "<p>Good morning.</p>"}


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.APPROVE])
async def test_post_that_its_server_shows_no_more_leaves_and_comes_back_as_it_was(store: Store, mode: Mode) -> None:
    wall = await a_wall(store, "quiet", mode)
    source = await a_source(store, wall)
    await bring(store, source, PAGE)
    before = await shown(store, wall.desk)
    admitted = await bring(store, source, Page(missing=("1", "never seen")))
    assert (admitted.gone, admitted.authors_to_check) == (frozenset(), (ADA,))
    on_desk = (await shown(store, wall.desk))[ONE]
    assert (on_desk["state"], on_desk["why"]) == ("hidden", UNSHOWN)
    await bring(store, source, PAGE)
    after = await shown(store, wall.desk)
    assert after.pop(ONE) == before.pop(ONE) | {"version": 3}
    assert after == before


async def test_post_that_one_server_has_forgotten_stays_for_another_source(
    store: Store, wall: Wall, source: Source
) -> None:
    other = await a_source(store, wall, "another tag")
    for each in (source, other):
        await bring(store, each, PAGE)
    await bring(store, source, Page(missing=("1",)))
    assert (await words(store, wall.channel)).keys() == {ONE, TWO}
    await bring(store, other, Page(missing=("1",)))
    assert (await words(store, wall.channel)).keys() == {TWO}


async def test_post_that_an_organiser_has_hidden_does_not_come_back(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, Page(missing=("1",)))
    await hide_it(store, wall)
    await bring(store, source, PAGE)
    assert (await words(store, wall.channel)).keys() == {TWO}


async def test_post_does_not_come_back_against_its_authors_wish(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, Page(missing=("1",)))
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot stands in their profile"),)))
    assert (await words(store, wall.channel)).keys() == {TWO}


async def test_post_that_has_left_before_it_was_seen_is_not_taken_in(store: Store, wall: Wall, source: Source) -> None:
    assert await bring(store, source, Page(posts=(EDITED,), unmatched=("1",))) == AdmitResult()
    async with store.read() as db:
        assert (await db.exec(select(StoredPost))).all() == []


async def test_held_post_that_leaves_is_no_longer_waiting(store: Store) -> None:
    wall = await a_wall(store, "quiet", Mode.APPROVE)
    source = await a_source(store, wall)
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    states = {key: body["state"] for key, body in (await shown(store, wall.desk)).items()}
    assert states == {ONE: "hidden", TWO: "held"}


async def test_many_may_leave_at_once(store: Store, wall: Wall, source: Source) -> None:
    keys = tuple(str(number) for number in range(MAX_AT_ONCE))
    posts = tuple(said(key) for key in keys)
    await bring(store, source, Page(posts=posts))
    await bring(store, source, Page(posts=posts, unmatched=keys))
    assert await words(store, wall.channel) == {}


async def test_wish_that_comes_as_the_hashtag_goes_outlasts_both(store: Store, wall: Wall, source: Source) -> None:
    """Hashtag back and wish withdrawn, the post waits for an organiser, as after a wish alone."""
    await bring(store, source, PAGE)
    wish = said("1", "<p>Bye.</p>", edited_at=START + timedelta(minutes=5), opted_out="#nobot")
    await bring(store, source, Page(posts=(wish,), unmatched=("1",)))
    on_desk = (await shown(store, wall.desk))[ONE]
    assert (on_desk["state"], on_desk["why"]) == ("hidden", "the author asks to be left out: #nobot")
    await bring(store, source, Page(posts=(said("1", "<p>Back.</p>", edited_at=START + timedelta(minutes=9)),)))
    assert (await words(store, wall.channel)).keys() == {TWO}
    async with store.write() as db:
        assert await approve(db, wall, ONE, by=KIM)
    assert (await words(store, wall.channel))[ONE] == "<p>Back.</p>"
