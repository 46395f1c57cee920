"""A post whose author takes the followed tag away: it leaves the wall, unless somebody else there has brought it."""

from datetime import timedelta

from sqlmodel import select

from aggregator.intake.recheck import AT_ONCE
from aggregator.items.names import post_id
from aggregator.items.tables import Sighting
from aggregator.moderation.decisions import approve
from aggregator.moderation.origin import AUTHOR, LEFT
from aggregator.moderation.tables import Decision
from aggregator.store import Store
from aggregator.walls.tables import Mode, Source, Wall
from connectors._base import Page
from tests.aggregator.invented import NETWORK, START, a_source, a_wall, bring, said, shown, words

ONE, TWO = post_id(NETWORK, "1"), post_id(NETWORK, "2")
PAGE = Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"})
EDITED = said("1", "<p>Good evening.</p>", edited_at=START + timedelta(minutes=5))
LEAVING = Page(posts=(EDITED,), left=("1", "never seen"))


async def seen_by(store: Store) -> set[tuple[int, str]]:
    async with store.read() as session:
        return set(await session.exec(select(Sighting.source_id, Sighting.key)))


async def test_post_that_leaves_is_hidden_with_the_reason_and_others_stay(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    assert (await words(store, wall.channel)).keys() == {TWO}
    on_desk = (await shown(store, wall.desk))[ONE]
    assert (on_desk["state"], on_desk["why"]) == ("hidden", LEFT)
    async with store.read() as session:
        decisions = [(entry.post_id, entry.before, entry.by) for entry in await session.exec(select(Decision))]
    assert decisions == [(ONE, "live", AUTHOR)]


async def test_post_that_has_left_is_looked_after_on(store: Store, source: Source) -> None:
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    assert await seen_by(store) == {(source.id, "1"), (source.id, "2")}
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
    async with store.write() as session:
        await approve(session, wall, ONE, "organiser")
    await bring(store, source, LEAVING)
    assert (await words(store, wall.channel)).keys() == {ONE, TWO}


async def test_held_post_that_leaves_is_no_longer_waiting(store: Store) -> None:
    wall = await a_wall(store, "quiet", Mode.APPROVE)
    source = await a_source(store, wall)
    await bring(store, source, PAGE)
    await bring(store, source, LEAVING)
    states = {key: body["state"] for key, body in (await shown(store, wall.desk)).items()}
    assert states == {ONE: "hidden", TWO: "held"}


async def test_many_may_leave_at_once(store: Store, wall: Wall, source: Source) -> None:
    keys = tuple(str(number) for number in range(AT_ONCE))
    posts = tuple(said(key) for key in keys)
    await bring(store, source, Page(posts=posts))
    await bring(store, source, Page(posts=posts, left=keys))
    assert await words(store, wall.channel) == {}
