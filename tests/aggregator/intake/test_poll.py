"""One poll: its cursor, its health, its errors, and a crash at any step."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.context import PollContext
from aggregator.intake.poll import MAX_PAGES, PollResult, poll_source, to_last_page
from aggregator.items.ids import post_id
from aggregator.items.tables import Item, StoredPost
from aggregator.sources.tables import Sighting, Source
from aggregator.store.lease import shielded
from aggregator.store.store import Store
from aggregator.timestamps import to_micros, to_wire
from aggregator.walls.following import follow, unfollow
from aggregator.walls.source_settings import pause
from aggregator.walls.tables import Wall
from connectors.contract import Address, Connector, Page
from connectors.errors import ConnectorError, Forbidden, InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.http.client import Http
from tests.aggregator.invented import (
    NETWORK,
    ONE,
    START,
    TWO,
    Clock,
    Invented,
    announced,
    bring,
    said,
    shown,
    source_now,
    words,
)
from tests.statements import Statement, before_each_statement


def context(store: Store, connector: Connector | None, clock: Clock | None = None, timeout: float = 5.0) -> PollContext:
    connectors = {NETWORK: connector} if connector else {}
    return PollContext(
        store=store, connectors=connectors, http=Http(), clock=clock or Clock(), random=Random(1), timeout=timeout
    )


async def poll(tools: PollContext, source: Source, *, rest: bool = False) -> PollResult | None:
    return await poll_source(tools, source.id or 0, rest=rest)


async def test_poll_stores_what_came_together_with_its_cursor(store: Store, wall: Wall, source: Source) -> None:
    connector = Invented(Page(posts=(said("1"),), cursor="c1"), Page(posts=(said("2"),), cursor="c2"))
    tools = context(store, connector)
    assert await poll(tools, source) == PollResult(AdmitResult(new=frozenset({ONE})))
    assert await poll(tools, source) == PollResult(AdmitResult(new=frozenset({TWO})))
    assert connector.cursors == ["", "c1"]
    assert (await source_now(store, source)).cursor == "c2"
    assert (await words(store, wall.channel)).keys() == {ONE, TWO}


async def test_poll_keeps_the_sources_health(store: Store, source: Source) -> None:
    broken = ("Entry 1 has no date.", "Entry 2 is not an entry.", "3", "4")
    connector = Invented(Page(posts=(said("1"), said("2")), broken=broken, cursor="c"), Page(cursor="c"))
    clock = Clock()
    tools = context(store, connector, clock)
    await poll(tools, source)
    now = await source_now(store, source)
    assert (now.posts, now.broken, now.failures, now.trouble, now.interval) == (2, 4, 0, "", 10.0)
    assert now.unread.splitlines() == [*broken[:3]]
    assert now.polled_at == now.succeeded_at == now.posted_at == START
    clock.forward(60)
    await poll(tools, source)
    now = await source_now(store, source)
    assert (now.posts, now.broken, now.interval) == (2, 4, 12.5)
    assert (now.succeeded_at, now.posted_at) == (START + timedelta(seconds=60), START)
    assert timedelta(seconds=11.25) <= now.next_poll_at - clock.moment <= timedelta(seconds=13.75)


async def test_poll_waits_as_long_as_the_page_asks(store: Store, source: Source) -> None:
    await poll(context(store, Invented(Page(wait=1234.0))), source)
    assert (await source_now(store, source)).next_poll_at == START + timedelta(seconds=1234)


async def test_next_page_is_due_at_once(store: Store, source: Source) -> None:
    polled = await poll(context(store, Invented(Page(more=True, cursor="c", wait=60.0))), source)
    assert polled == PollResult(more=True)
    assert (await source_now(store, source)).next_poll_at == START


async def test_page_that_promises_more_without_moving_on_is_not_asked_for_without_end(
    store: Store, source: Source
) -> None:
    assert await poll(context(store, Invented(Page(more=True, wait=60.0))), source) == PollResult()
    assert (await source_now(store, source)).next_poll_at == START + timedelta(seconds=60)


async def test_server_that_always_promises_one_more_page_waits_its_turn(store: Store, source: Source) -> None:
    async def endless(cursor: str) -> Page:
        return Page(cursor=f"{cursor}.", more=True)

    connector = Invented(*[endless] * 100)
    tools = context(store, connector)
    polled = await to_last_page(partial(poll, tools, source))
    assert polled is not None
    assert (polled.more, len(connector.cursors)) == (True, MAX_PAGES)
    assert await poll(tools, source, rest=True) == PollResult()
    now = await source_now(store, source)
    assert (len(now.cursor), now.next_poll_at > START + timedelta(seconds=9)) == (MAX_PAGES + 1, True)


async def test_pages_are_told_of_a_network_of_which_no_source_answers(store: Store, wall: Wall, source: Source) -> None:
    """The mark “live” would be wrong while no source responds."""
    other = Address(network=NETWORK, kind="hashtag", value="other", server="quay.example")
    async with store.write() as db:
        second = await follow(db, wall, other, by=UNNAMED)
    clock = Clock()
    failing = [Unavailable("No response.")] * 3
    one = context(store, Invented(Page(cursor="c"), *failing, Page(cursor="d")), clock)
    two = context(store, Invented(*failing), clock)
    await poll(one, source)
    told = []
    for tools, asked in [*[(one, source)] * 3, *[(two, second)] * 3, (one, source)]:
        clock.forward(60)
        await poll(tools, asked)
        told.append((await announced(store, wall))["silent"])
    silent = [{"network": NETWORK, "since": to_wire(to_micros(max(START, second.created_at)))}]
    assert told == [[], [], [], [], [], silent, []]


# --- trouble ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Unavailable("The server is unavailable."), "The server is unavailable."),
        (Forbidden("It wants a key."), "It wants a key."),
        (NotFound("There is nothing."), "There is nothing."),
        (InvalidResponse("two\nlines\0"), "two lines "),
        (ConnectorError(), "ConnectorError"),
        (KeyError("id"), "Internal error in the connector for Invented: see the log for details."),
    ],
)
async def test_trouble_is_kept_as_the_reason_and_the_source_rests(
    store: Store, source: Source, failure: Exception, sentence: str
) -> None:
    polled = await poll(context(store, Invented(failure)), source)
    assert polled is not None
    assert polled.trouble != "" or str(failure) == ""
    now = await source_now(store, source)
    assert (now.trouble, now.failures, now.cursor, now.polled_at, now.succeeded_at) == (sentence, 1, "", START, None)
    assert timedelta(seconds=10) <= now.next_poll_at - START <= timedelta(seconds=11)


async def test_rest_grows_with_every_failure_and_ends_with_success(store: Store, source: Source) -> None:
    connector = Invented(*[Unavailable("away")] * 3, Page(posts=(said("1"),)))
    tools = context(store, connector)
    rests = []
    for _ in range(3):
        await poll(tools, source)
        rests.append((await source_now(store, source)).next_poll_at - START)
    assert [round(rest / timedelta(seconds=10)) for rest in rests] == [1, 2, 4]
    await poll(tools, source)
    now = await source_now(store, source)
    assert (now.failures, now.trouble) == (0, "")


async def test_throttled_source_rests_exactly_as_long_as_it_was_told(store: Store, source: Source) -> None:
    await poll(context(store, Invented(RateLimited("Slow down.", 77.5))), source)
    now = await source_now(store, source)
    assert (now.trouble, now.next_poll_at) == ("Slow down.", START + timedelta(seconds=77.5))


@pytest.mark.parametrize(("pause", "is_told"), [(599, False), (600, True)])
async def test_long_pause_is_told_to_readers_until_the_source_answers(
    store: Store, wall: Wall, source: Source, pause: float, *, is_told: bool
) -> None:
    tools = context(store, Invented(RateLimited("Slow down.", pause), Page(posts=(said("1"),))))
    await poll(tools, source)
    assert [each["network"] for each in (await announced(store, wall))["silent"]] == [NETWORK] * is_told
    await poll(tools, source)
    assert (await announced(store, wall))["silent"] == []


async def test_connector_that_never_answers_is_given_up(store: Store, source: Source) -> None:
    async def never(cursor: str) -> Page:
        await asyncio.Event().wait()
        return Page(cursor=cursor)

    polled = await poll(context(store, Invented(never), timeout=0.01), source)
    assert polled == PollResult(trouble="Timed out after 0.01 seconds without a complete response.")


async def test_source_of_an_unknown_network_says_so(store: Store, source: Source) -> None:
    sentence = "No connector for the network “invented”: is its package installed?"
    assert await poll(context(store, None), source) == PollResult(trouble=sentence)
    assert (await source_now(store, source)).trouble == sentence


async def test_page_that_the_store_refuses_leaves_the_cursor_and_a_reason(
    store: Store, wall: Wall, source: Source
) -> None:
    page = Page(posts=(said("1"),), cursor="\ud800")
    polled = await poll(context(store, Invented(page)), source)
    assert polled is not None
    assert polled.trouble == "Internal error while storing posts: they will be fetched again; see the log for details."
    now = await source_now(store, source)
    assert (now.cursor, now.failures) == ("", 1)
    assert await shown(store, wall.channel) == {}


async def test_source_that_is_gone_for_good_ends_and_says_why(store: Store, wall: Wall, source: Source) -> None:
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}))
    connector = Invented(NotFound("The feed is gone.", gone=True))
    polling = context(store, connector)
    assert await poll(polling, source) == PollResult(trouble="The feed is gone.", is_missing=True)
    assert await poll(polling, source) is None
    now = await source_now(store, source)
    assert (connector.cursors, now.trouble, now.ended_at is None) == ([""], "The feed is gone.", False)
    assert await words(store, wall.channel) == {post_id(NETWORK, "1"): "<p>Good morning.</p>"}


async def test_source_that_is_unfollowed_before_its_network_says_that_it_is_gone_stays_so(
    store: Store, source: Source
) -> None:
    async def leave() -> None:
        async with store.write() as db:
            await unfollow(db, source.id or 0, by=UNNAMED)
        raise NotFound("The feed is gone.", gone=True)

    await poll(context(store, Invented(meanwhile(leave, Page()))), source)
    assert (await source_now(store, source)).trouble == ""


async def test_source_that_is_missing_is_asked_again(store: Store, source: Source) -> None:
    await poll(context(store, Invented(NotFound("There is no such feed."))), source)
    assert (await source_now(store, source)).ended_at is None


# --- others at work at the same time ----------------------------------------------------------------------------


def meanwhile(act: Callable[[], Awaitable[object]], page: Page) -> Callable[[str], Awaitable[Page]]:
    async def answer(_cursor: str) -> Page:
        await act()
        return page

    return answer


async def test_source_that_is_gone_is_not_polled(store: Store, source: Source) -> None:
    connector = Invented()
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    assert await poll(context(store, connector), source) is None
    assert connector.cursors == []


@pytest.mark.parametrize("answer", [Page(posts=(said("1"),), cursor="c"), Unavailable("away")])
@pytest.mark.parametrize("stop", [unfollow, pause])
async def test_answer_for_a_source_unfollowed_or_paused_meanwhile_is_dropped(
    store: Store, wall: Wall, source: Source, answer: Page | Exception, stop: Any
) -> None:
    async def leave() -> None:
        async with store.write() as db:
            await stop(db, source.id or 0, by=UNNAMED)
        if isinstance(answer, Exception):
            raise answer

    reply = meanwhile(leave, answer if isinstance(answer, Page) else Page())
    polled = await poll(context(store, Invented(reply)), source)
    assert polled == (None if isinstance(answer, Page) else PollResult(trouble="away"))
    assert await shown(store, wall.channel) == {}


async def test_slower_of_two_pollers_drops_its_page(store: Store, wall: Wall, source: Source) -> None:
    faster = context(store, Invented(Page(posts=(said("1"),), cursor="faster")))
    slow = meanwhile(lambda: poll(faster, source), Page(posts=(said("2"),), cursor="slower"))
    assert await poll(context(store, Invented(slow)), source) is None
    assert (await source_now(store, source)).cursor == "faster"
    assert (await words(store, wall.channel)).keys() == {ONE}


async def test_failure_of_the_slower_poller_does_not_spoil_the_success_of_the_faster(
    store: Store, source: Source
) -> None:
    faster = context(store, Invented(Page(cursor="faster")))

    async def late(_cursor: str) -> Page:
        await poll(faster, source)
        raise Unavailable("away")

    await poll(context(store, Invented(late)), source)
    now = await source_now(store, source)
    assert (now.cursor, now.failures, now.trouble) == ("faster", 0, "")


async def test_poll_asked_for_meanwhile_still_comes_at_once(store: Store, wall: Wall, source: Source) -> None:
    async def again() -> None:
        async with store.write() as db:
            await follow(db, wall, Address(network=NETWORK, kind="hashtag", value="socitm09"), by=UNNAMED)

    page = Page(posts=(said("1"),), cursor="c")
    asked_at = (await source_now(store, source)).next_poll_at
    await poll(context(store, Invented(meanwhile(again, page))), source)
    now = await source_now(store, source)
    assert now.cursor == "c"
    assert now.next_poll_at > asked_at
    assert abs(now.next_poll_at - now.created_at) < timedelta(minutes=2)  # the real clock's now, not the test's


# --- killed -----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """A simulated end of the process, which no handler catches."""


async def test_kill_at_any_step_leaves_post_and_cursor_together(store: Store, wall: Wall, source: Source) -> None:
    """The transaction is aborted before each of its statements in turn; then the next poll finds all posts."""
    steps = 0
    while await cut_off(context(store, Invented(Page(posts=(said("1"), said("2")), cursor="c1"))), source, steps):
        steps += 1
        assert (await source_now(store, source)).cursor == ""
        assert await shown(store, wall.channel) == {}
        async with store.read() as db:
            for table in (StoredPost, Item, Sighting):
                assert (await db.exec(select(table))).all() == []
    assert steps > 10
    assert (await source_now(store, source)).cursor == "c1"
    assert (await words(store, wall.channel)).keys() == {ONE, TWO}


async def cut_off(tools: PollContext, source: Source, steps: int) -> bool:
    """Run a poll that is killed before its statement number `steps`; returns whether it got there."""
    left = iter(range(steps))

    def cut(_: Statement) -> None:
        if next(left, None) is None:
            raise Killed

    try:
        with before_each_statement(cut):
            await poll(tools, source)
    except Killed:
        return True
    return False


async def test_transaction_under_way_comes_to_its_end_when_told_to_stop() -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def transaction() -> None:
        begun.set()
        await go_on.wait()
        done.append("committed")

    task = asyncio.create_task(shielded(transaction()))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["committed"]
