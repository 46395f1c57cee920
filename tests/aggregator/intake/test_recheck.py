"""Rechecks: their posts, their frequency, and their results."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.channel.read import position
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.poll import PollResult
from aggregator.intake.recheck import (
    MAX_AT_ONCE,
    NEWEST,
    RECHECK_PAUSE,
    ROUND_INTERVAL,
    RecheckResult,
    recheck_after_poll,
    recheck_source,
    recheck_stopped,
)
from aggregator.items.ids import post_id
from aggregator.sources.tables import Sighting, Source
from aggregator.store.store import Store
from aggregator.timestamps import to_micros
from aggregator.walls.following import end, unfollow
from aggregator.walls.tables import Wall
from connectors.contract import Connector, Page
from connectors.errors import RateLimited, Unavailable
from connectors.http.client import Http
from tests.aggregator.invented import (
    ADA,
    NETWORK,
    ONE,
    START,
    TWO,
    Clock,
    Invented,
    Silent,
    a_source,
    bring,
    said,
    shown,
    source_now,
    words,
)

LATER = START + timedelta(hours=2)


def context(store: Store, connector: Connector, moment: datetime = LATER) -> PollContext:
    return PollContext(store=store, connectors={NETWORK: connector}, http=Http(), clock=Clock(moment))


def page(*keys: str) -> Page:
    return Page(posts=tuple(said(key) for key in keys), refs={key: f"r{key}" for key in keys})


async def checked(store: Store) -> dict[str, int]:
    async with store.read() as db:
        return dict(list(await db.exec(select(Sighting.key, Sighting.checked_at))))


async def test_second_look_finds_edits_and_deletions(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, page("1", "2", "3"))
    found = Page(posts=(said("1", "<p>Better.</p>", edited_at=LATER),), gone=("2",), cursor="not mine to keep")
    connector = Invented(second_look=found)
    look = await recheck_source(context(store, connector), source.id or 0)
    assert look == RecheckResult(AdmitResult(edited=frozenset({ONE}), gone=frozenset({TWO}), authors_to_check=(ADA,)))
    assert connector.asked_again == [{"1": "r1", "2": "r2", "3": "r3"}]
    assert await words(store, wall.channel) == {ONE: "<p>Better.</p>", post_id(NETWORK, "3"): "<p>Good morning.</p>"}
    assert (await shown(store, wall.channel))[TWO] is None
    assert await checked(store) == {"1": to_micros(LATER), "3": to_micros(LATER)}
    assert (await source_now(store, source)).cursor == ""


async def test_post_seen_a_short_while_ago_is_left_alone(store: Store, source: Source) -> None:
    await bring(store, source, page("1"), START)
    connector = Invented()
    assert await recheck_source(context(store, connector, START + RECHECK_PAUSE), source.id or 0) is None
    assert connector.asked_again == []
    moment = START + RECHECK_PAUSE + timedelta(seconds=1)
    assert await recheck_source(context(store, connector, moment), source.id or 0) == RecheckResult()
    assert connector.asked_again == [{"1": "r1"}]


async def test_post_that_the_server_has_no_name_for_is_left_alone(store: Store, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),)))
    connector = Invented()
    assert await recheck_source(context(store, connector), source.id or 0) is None
    assert connector.asked_again == []


@pytest.mark.unmeasured
async def test_round_is_bounded_and_the_next_goes_on_where_it_ended(store: Store, source: Source) -> None:
    """Half of a round is for the newest on the wall, half for the posts whose last check is the longest ago."""
    keys = [f"{n:03}" for n in range(NEWEST + MAX_AT_ONCE)]
    for n, key in enumerate(keys):
        at = START + timedelta(seconds=n)
        await bring(store, source, Page(posts=(said(key, created_at=at),), refs={key: key}), at)
    connector = Invented()
    for round_ in range(2):
        await recheck_source(context(store, connector, LATER + timedelta(seconds=round_)), source.id or 0)
    first, second = (list(asked) for asked in connector.asked_again)
    assert (len(first), len(second)) == (MAX_AT_ONCE, MAX_AT_ONCE)
    half = MAX_AT_ONCE // 2
    visible = keys[-NEWEST:]
    assert (first, second) == (visible[:half] + keys[:half], visible[half:MAX_AT_ONCE] + keys[half:MAX_AT_ONCE])


async def test_hidden_posts_are_looked_at_too_so_that_what_was_deleted_is_forgotten(
    store: Store, source: Source
) -> None:
    await bring(store, source, Page(posts=(said("1", opted_out="#nobot"),), refs={"1": "r1"}))
    connector = Invented()
    await recheck_source(context(store, connector), source.id or 0)
    assert connector.asked_again == [{"1": "r1"}]


async def test_two_sources_look_at_the_same_posts_at_the_same_moment(store: Store, wall: Wall, source: Source) -> None:
    """A post that one source finds gone is erased for both, and all others are marked as checked."""
    other = await a_source(store, wall, "other")
    looks = []
    for looker, gone in ((source, "1"), (other, "2")):
        await bring(store, looker, page("1", "2", "3"))
        looks.append(recheck_source(context(store, Invented(second_look=Page(gone=(gone,)))), looker.id or 0))
    assert await asyncio.gather(*looks) == [
        RecheckResult(AdmitResult(gone=frozenset({ONE}), authors_to_check=(ADA,))),
        RecheckResult(AdmitResult(gone=frozenset({TWO}), authors_to_check=(ADA,))),
    ]
    assert await words(store, wall.channel) == {post_id(NETWORK, "3"): "<p>Good morning.</p>"}
    assert await checked(store) == {"3": to_micros(LATER)}


async def test_trouble_on_a_second_look_leaves_source_and_posts_as_they_are(
    store: Store, wall: Wall, source: Source
) -> None:
    await bring(store, source, page("1"))
    before = await source_now(store, source)
    async with store.read() as db:
        head = await position(db, wall.channel)
    connector = Invented(second_look=Unavailable("away"))
    assert await recheck_source(context(store, connector), source.id or 0) == RecheckResult()
    assert await source_now(store, source) == before
    async with store.read() as db:
        assert await position(db, wall.channel) == head
    assert await checked(store) == {"1": to_micros(LATER)}


async def test_second_look_that_is_throttled_puts_the_whole_source_off(store: Store, source: Source) -> None:
    await bring(store, source, page("1"))
    connector = Invented(second_look=RateLimited("Slow down.", 600))
    assert await recheck_source(context(store, connector), source.id or 0) is None
    now = await source_now(store, source)
    assert (now.trouble, now.next_poll_at) == ("Slow down.", LATER + timedelta(seconds=600))
    assert await checked(store) == {"1": to_micros(START + timedelta(hours=1))}


async def test_network_that_cannot_be_asked_again_is_not(store: Store, source: Source) -> None:
    await bring(store, source, page("1"))
    assert await recheck_source(context(store, Silent()), source.id or 0) is None
    assert await checked(store) == {"1": to_micros(START + timedelta(hours=1))}


async def test_source_that_is_not_there_is_not_looked_at_again(store: Store) -> None:
    assert await recheck_source(context(store, Invented()), 7) is None


async def remove(store: Store, source: Source) -> None:
    async with store.write() as db:
        await db.delete(await db.get_one(Source, source.id))


async def test_answer_about_a_source_removed_meanwhile_is_dropped(store: Store, wall: Wall, source: Source) -> None:
    class Leaving(Invented):
        async def recheck(self, *_: object) -> Page:
            await remove(store, source)
            return Page(gone=("1",))

    await bring(store, source, page("1"))
    assert await recheck_source(context(store, Leaving()), source.id or 0) is None
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}


# --- after a poll without a server ------------------------------------------------------------------------------


async def test_server_that_has_had_enough_of_questions_is_not_asked_for_a_round(store: Store, source: Source) -> None:
    await bring(store, source, page("1", "2"))
    connector = Invented(second_look=RateLimited("Slow down.", 600))
    assert (
        await recheck_after_poll(context(store, connector), source.id or 0, PollResult(to_recheck=("r1",)))
        == PollResult()
    )
    assert connector.asked_again == [{"1": "r1"}]


async def test_nothing_is_looked_at_where_another_poller_was_faster(store: Store, source: Source) -> None:
    await bring(store, source, page("1"))
    connector = Invented()
    assert await recheck_after_poll(context(store, connector), source.id or 0, None) == PollResult()
    assert connector.asked_again == []


# --- what an unfollowed source has left on the wall -------------------------------------------------------------


async def unfollowed(store: Store, source: Source) -> None:
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)


async def test_deletion_is_noticed_after_the_source_was_unfollowed(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, page("1", "2"))
    await unfollowed(store, source)
    look = await recheck_stopped(context(store, Invented(second_look=Page(gone=("2",)))), source.id or 0)
    assert look == RecheckResult(AdmitResult(gone=frozenset({TWO}), authors_to_check=(ADA,)))
    assert await words(store, wall.channel) == {ONE: "<p>Good morning.</p>"}


async def test_round_for_an_ended_source_puts_the_next_one_off(store: Store, source: Source) -> None:
    await unfollowed(store, source)
    await recheck_stopped(context(store, Invented()), source.id or 0)
    assert (await source_now(store, source)).next_poll_at == LATER + ROUND_INTERVAL


async def test_ended_source_has_the_patience_that_its_server_asks_for(store: Store, source: Source) -> None:
    await bring(store, source, page("1"))
    async with store.write() as db:
        await end(db, await db.get_one(Source, source.id), "It is gone.")
    await recheck_stopped(context(store, Invented(second_look=RateLimited("Slow down.", 600))), source.id or 0)
    now = await source_now(store, source)
    assert (now.trouble, now.next_poll_at) == ("It is gone.", LATER + timedelta(seconds=600))


async def test_source_followed_again_during_a_round_is_not_put_off(store: Store, wall: Wall, source: Source) -> None:
    class Coming(Invented):
        async def recheck(self, *_: object) -> Page:
            await a_source(store, wall, at=LATER)
            return Page()

    await bring(store, source, page("1"))
    await unfollowed(store, source)
    await recheck_stopped(context(store, Coming()), source.id or 0)
    assert (await source_now(store, source)).next_poll_at == LATER
