"""The scheduler: due sources, concurrency, and stopping."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.intake.poll import MAX_PAGES, PollResult
from aggregator.intake.scheduler import host_of
from aggregator.items.ids import post_id
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.following import unfollow
from aggregator.walls.source_settings import pause
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page
from connectors.errors import Unavailable
from connectors.http.client import Http
from tests.aggregator.intake.at_work import TIMEOUT, ByAddress, intake, running, until
from tests.aggregator.invented import (
    ADA,
    NETWORK,
    START,
    Clock,
    Invented,
    a_source,
    bring,
    said,
    source_now,
    words,
)


class Shifted:
    """The real clock, shifted forward."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.by


class ByHost(ByAddress):
    """A connector with a host that never responds."""

    def __init__(self, silent: str = "", *, gate: asyncio.Event | None = None) -> None:
        super().__init__(gate=gate)
        self.silent = silent

    async def poll(self, http: Http, source: Address, cursor: str) -> Page:
        if self.silent and self.silent in source.value:
            self.slow = source.value
        return await super().poll(http, source, cursor)


# --- one round --------------------------------------------------------------------------------------------------


async def test_round_polls_what_is_due_to_its_last_page_and_nothing_else(store: Store, wall: Wall) -> None:
    due = await a_source(store, wall, "due")
    await a_source(store, wall, "later", at=START + timedelta(seconds=1))
    pages = [Page(posts=(said(str(n)),), cursor=str(n), more=n < 3) for n in range(1, 4)]
    connector = Invented(*pages)
    came = await intake(store, connector, clock=Clock()).poll_due()
    assert connector.cursors == ["", "1", "2"]
    new = frozenset(post_id(NETWORK, str(n)) for n in range(1, 4))
    assert came == {due.id: PollResult(AdmitResult(new=new))}


async def test_round_says_what_went_wrong_where(store: Store, wall: Wall) -> None:
    broken, well = await a_source(store, wall, "broken"), await a_source(store, wall, "well")
    came = await intake(store, ByAddress(), clock=Clock()).poll_due()
    assert came == {broken.id: PollResult(trouble="away"), well.id: PollResult()}


# --- running ----------------------------------------------------------------------------------------------------


async def test_sources_are_polled_again_and_again_and_never_one_of_them_twice_at_once(store: Store, wall: Wall) -> None:
    for name in ("a", "b", "c"):
        await a_source(store, wall, name)
    connector = ByAddress()
    async with running(intake(store, connector)):
        await until(lambda: sorted(connector.polls) == ["a", "b", "c"] and min(connector.polls.values()) >= 3)
    assert connector.most_of_one == 1


async def test_no_more_polls_are_under_way_than_allowed(store: Store, wall: Wall) -> None:
    names = [f"https://{n}.example/" for n in range(6)]
    for name in names:
        await a_source(store, wall, name)
    connector = ByAddress(gate=asyncio.Event())
    async with running(intake(store, connector, concurrency=2)):
        await until(lambda: len(connector.polls) == 2)
        await asyncio.sleep(0.05)
        connector.gate.set()
        await until(lambda: sorted(connector.polls) == names)
    assert connector.most == 2


async def test_broken_and_hanging_sources_delay_nobody(store: Store, wall: Wall) -> None:
    for name in ("broken", "hanging", "well"):
        await a_source(store, wall, name)
    connector = ByAddress(slow="hanging")
    async with running(intake(store, connector)):
        await until(lambda: connector.polls.get("well", 0) >= 5)
    assert (connector.polls["broken"], connector.polls["hanging"]) == (1, 1)


def many_of_one_host(count: int) -> list[str]:
    return [f"https://dead.example/{n}" for n in range(count)]


async def test_many_sources_of_one_silent_server_delay_nobody(store: Store, wall: Wall) -> None:
    for name in (*many_of_one_host(16), "https://well.example/"):
        await a_source(store, wall, name)
    connector = ByHost("dead.example")
    async with running(intake(store, connector)):
        await until(lambda: connector.polls.get("https://well.example/", 0) >= 5)
    assert len(connector.polls) == 1 + 8 // 4


async def test_sources_of_one_server_all_have_their_turn(store: Store, wall: Wall) -> None:
    names = many_of_one_host(5)
    for name in names:
        await a_source(store, wall, name)
    connector = ByHost(gate=asyncio.Event())
    async with running(intake(store, connector, concurrency=8)):
        await until(lambda: len(connector.polls) == 2)
        connector.gate.set()
        await until(lambda: sorted(connector.polls) == names)
    assert connector.most == 2


async def test_round_asks_one_server_a_few_things_at_a_time(store: Store, wall: Wall) -> None:
    for name in (*many_of_one_host(5), "https://well.example/"):
        await a_source(store, wall, name)
    connector = ByHost(gate=asyncio.Event())
    round_ = asyncio.create_task(intake(store, connector, clock=Clock(), concurrency=8).poll_due())
    await until(lambda: sum(connector.under_way.values()) == 3)
    connector.gate.set()
    assert len(await round_) == 6
    assert connector.most == 3


@pytest.mark.parametrize(
    ("server", "value", "host"),
    [
        ("https://SEA.example:443", "h26", "sea.example"),
        ("", "https://quay.example:8080/news.xml", "quay.example:8080"),
        ("", "h26", ""),
        ("", "https://[half", ""),
    ],
)
def test_host_is_the_server_or_that_of_the_address(server: str, value: str, host: str) -> None:
    assert host_of(NETWORK, server, value) == (NETWORK, host)


async def test_endless_pages_of_one_source_take_turns_with_the_others(store: Store, wall: Wall) -> None:
    async def endless(cursor: str) -> Page:
        return Page(cursor=f"{cursor}.", more=True)

    await a_source(store, wall)
    clock = Clock()
    connector = Invented(*[endless] * 100)
    polling = intake(store, connector, clock=clock)
    for _ in range(2):
        assert list((await polling.poll_due()).values()) == [PollResult()]
        assert await polling.poll_due() == {}
        clock.forward(3600)
    assert len(connector.cursors) == 2 * MAX_PAGES


async def test_source_added_meanwhile_is_polled(store: Store, wall: Wall) -> None:
    connector = ByAddress()
    async with running(intake(store, connector)), asyncio.timeout(30):
        await asyncio.sleep(0.05)
        await a_source(store, wall, "new", at=now())
        await until(lambda: "new" in connector.polls)


async def test_source_is_polled_when_it_is_due_and_not_before(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall, "soon", at=now() + timedelta(seconds=0.4))
    connector = ByAddress()
    async with running(intake(store, connector)):
        await until(lambda: "soon" in connector.polls)
        polled_at = now()
    assert polled_at >= source.next_poll_at


async def test_source_that_is_unfollowed_is_left_alone(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall, "gone")
    connector = ByAddress()
    async with running(intake(store, connector)):
        await until(lambda: "gone" in connector.polls)
        async with store.write() as db:
            await unfollow(db, source.id or 0, by=UNNAMED)
        await asyncio.sleep(0.05)
        polls = connector.polls["gone"]
        await asyncio.sleep(0.1)
    assert connector.polls["gone"] == polls


async def test_posts_of_an_unfollowed_source_are_looked_at_again(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    bare = await a_source(store, wall, "brought nothing")
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}))
    async with store.write() as db:
        for each in (source, bare):
            await unfollow(db, each.id or 0, by=UNNAMED)
    connector = Invented(second_look=Page(gone=("1",)))
    async with running(intake(store, connector)):
        await until(lambda: connector.asked_again != [])
        async with asyncio.timeout(TIMEOUT):
            while await words(store, wall.channel):
                await asyncio.sleep(0.005)
    assert (connector.cursors, connector.asked_again) == ([], [{"1": "r1"}])
    assert (await source_now(store, bare)).next_poll_at == START


@pytest.mark.parametrize("stop", [unfollow, pause])
async def test_round_looks_after_what_has_ended_or_is_paused_and_does_not_poll_it(
    store: Store, wall: Wall, stop: Any
) -> None:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START)
    async with store.write() as db:
        await stop(db, source.id or 0, by=UNNAMED)
    connector = Invented(second_look=Page(gone=("1",)))
    assert await intake(store, connector, clock=Clock(START + timedelta(hours=1))).poll_due() == {}
    assert (connector.cursors, connector.asked_again) == ([], [{"1": "r1"}])
    assert await words(store, wall.channel) == {}


async def test_round_looks_at_once_at_what_a_poll_doubts_and_then_at_some_of_the_rest(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"}), START)
    connector = Invented(Page(posts=(said("3"),), to_recheck=("r1",)), second_look=Page(gone=("1",)))
    polling = intake(store, connector, clock=Clock(START + timedelta(hours=1)))
    gone, three = frozenset({post_id(NETWORK, "1")}), post_id(NETWORK, "3")
    admitted = AdmitResult(new=frozenset({three}), gone=gone, authors_to_check=(ADA,))
    assert await polling.poll_due() == {source.id: PollResult(admitted, to_recheck=("r1",))}
    assert connector.asked_again == [{"1": "r1"}, {"2": "r2"}]


async def test_round_asks_no_more_of_a_server_in_trouble(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),), refs={"1": "r1"}), START)
    connector = Invented(Unavailable("away"))
    came = await intake(store, connector, clock=Clock(START + timedelta(hours=1))).poll_due()
    assert (came, connector.asked_again) == ({source.id: PollResult(trouble="away")}, [])


async def test_darkroom_is_told_of_new_posts_alone(store: Store, wall: Wall) -> None:
    source = await a_source(store, wall)
    told: list[str] = []
    connector = Invented(Page(posts=(said("1"),), cursor="c"), Page(posts=(said("1"),), cursor="d"))
    clock = Clock()
    polling = intake(store, connector, clock=clock, on_pictures=lambda: told.append("told"))
    for _ in range(2):
        await polling.poll_due()
        clock.forward(3600)
    assert (connector.cursors, told) == (["", "c"], ["told"])
    assert (await source_now(store, source)).cursor == "d"


async def test_posts_are_looked_at_again_after_a_poll_now_and_then(store: Store, wall: Wall) -> None:
    class Quick(Invented):
        min_interval = 0.02

    await a_source(store, wall)
    posts = Page(posts=(said("1"), said("2")), refs={"1": "r1", "2": "r2"}, wait=0.02)
    edit = Page(posts=(said("1", "<p>Better.</p>", edited_at=START),), gone=("2",))
    clock = Shifted()
    connector = Quick(posts, second_look=edit)
    told: list[str] = []
    async with running(intake(store, connector, clock=clock, on_pictures=lambda: told.append("told"))):
        await until(lambda: len(connector.cursors) >= 2)
        clock.by = timedelta(hours=1)
        await until(lambda: connector.asked_again != [])
        polls = len(connector.cursors)
        await until(lambda: len(connector.cursors) >= polls + 3)
    assert connector.asked_again == [{"1": "r1", "2": "r2"}]
    assert await words(store, wall.channel) == {post_id(NETWORK, "1"): "<p>Better.</p>"}
    assert told == ["told", "told"]
