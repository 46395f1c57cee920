"""Jetstream on a real socket: who is served, and what happens when a host or the AppView is behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.contract import Address
from connectors.errors import Unavailable
from connectors.networks.bluesky.connector import Bluesky
from connectors.networks.bluesky.jetstream import OVERLAP
from tests.connectors.listening import Heard, listening
from tests.fakes.bluesky import ADA, BEN, FakeBluesky
from tests.fakes.jetstream import FakeJetstream

bluesky = Bluesky()


class Room:
    """The fake network and its Jetstream; `hosts` are those that a stream may ask."""

    def __init__(self, network: FakeBluesky, jetstream: FakeJetstream) -> None:
        self.network, self.jetstream = network, jetstream
        self.hosts = [jetstream.url]

    def tag(self, value: str = "socitm09") -> Address:
        return Address(network="bluesky", kind="hashtag", value=value, options={"jetstream": self.hosts})

    def account(self, value: str = "ada.quay.example", **options: object) -> Address:
        return Address(network="bluesky", kind="account", value=value, options={"jetstream": self.hosts, **options})

    @asynccontextmanager
    async def listen(self, *sources: Address, cursor: str = "") -> AsyncIterator[Heard]:
        async with self.network.http() as http, listening(bluesky, http, *sources, cursor=cursor) as heard:
            while not self.jetstream.options:
                await heard.stream.serve(dict(enumerate(sources, 1)))
            yield heard


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    network = FakeBluesky()
    async with FakeJetstream(network).run() as jetstream:
        yield Room(network, jetstream)


# --- what is told -----------------------------------------------------------------------------------------------


async def test_one_connection_tells_hashtags_accounts_and_reposts(room: Room) -> None:
    network = room.network
    async with room.listen(room.tag(), room.account(), room.account("ben.quay.example")) as heard:
        network.post("Nothing of interest", BEN)
        by_ben = network.post("At #Socitm09", BEN)
        by_ada = network.post("Mind the gangway")
        network.repost(by_ben, ADA)
        await heard.until(lambda heard: by_ben in heard.posts.get(2, {}))
        assert {number: set(posts) for number, posts in heard.posts.items()} == {
            1: {by_ben},
            2: {by_ada, by_ben},
            3: {by_ben, next(iter(network.posts))},
        }
        page = heard.told[-1].pages[2]
        assert (page.boosts[by_ben].name, page.refs) == ("Ada Quill", {by_ben: by_ben})
    assert len(room.jetstream.asked) == 1
    assert "searchPosts" not in network.asked


async def test_post_that_the_appview_does_not_show_yet_comes_a_moment_later(room: Room) -> None:
    async with room.listen(room.tag()) as heard:
        late = room.network.post("At #socitm09")
        room.network.unindexed.add(late)
        await heard.messages(1)
        behind = int(heard.told[-1].cursor)
        assert (heard.posts, behind) == ({}, room.network.events[-1]["time_us"] - 1)  # a crash now loses nothing
        room.network.unindexed.clear()
        await heard.until(lambda heard: late in heard.posts.get(1, {}))
        assert int(heard.told[-1].cursor) == behind + 1


async def test_post_that_is_deleted_before_it_is_shown_never_comes(room: Room) -> None:
    async with room.listen(room.tag()) as heard:
        short = room.network.post("At #socitm09")
        record = room.network.posts[short]
        room.network.delete(short)
        room.network.posts[short] = record  # the AppView is behind
        last = room.network.post("The last #socitm09")
        await heard.messages(3)
        assert (set(heard.posts[1]), heard.told[-1].gone) == ({last}, (short,))


async def test_accounts_that_are_suspended_are_told(room: Room) -> None:
    async with room.listen(room.tag()) as heard:
        room.network.suspend(BEN)
        await heard.messages(1)
        assert [person.url for person in heard.told[-1].authors] == [f"https://bsky.app/profile/{BEN}"]


async def test_connection_is_confined_to_accounts_until_a_hashtag_is_followed(room: Room) -> None:
    async with room.listen(room.account(), room.account("nobody.quay.example")) as heard:
        assert (room.jetstream.options["wantedDids"], len(room.jetstream.options["wantedCollections"])) == ([ADA], 2)
        await heard.stream.serve({7: room.account(exclude_reposts=True), 8: room.tag()})
        while room.jetstream.options["wantedDids"]:
            room.network.post("By Ada")
            await heard.messages(1)
        assert room.jetstream.options["wantedCollections"] == ["app.bsky.feed.post"]


# --- hosts and cursors ------------------------------------------------------------------------------------------


async def test_connection_goes_on_from_a_little_before_its_cursor(room: Room) -> None:
    uris = [room.network.post(f"{n} #socitm09") for n in range(3)]
    cursor = room.network.events[1]["time_us"]
    async with room.listen(room.tag(), cursor=str(cursor)) as heard:
        await heard.messages(2)
        assert set(heard.posts[1]) == set(uris[1:])
    assert room.jetstream.asked[0]["cursor"] == [str(cursor - OVERLAP)]


async def test_cursor_that_is_too_old_is_left_for_the_present(room: Room) -> None:
    room.jetstream.forgets = 400
    async with room.listen(room.tag(), cursor="1255340000000000") as heard:
        room.network.post("At #socitm09")
        await heard.messages(1)
        assert len(heard.posts[1]) == 1
    assert ["cursor" in asked for asked in room.jetstream.asked] == [True, False]


async def test_next_host_is_asked_where_one_fails(room: Room) -> None:
    async with FakeJetstream(room.network).run() as broken:
        broken.refuses = 503
        room.hosts = [broken.url, room.jetstream.url]
        async with room.listen(room.tag()):
            assert (len(broken.asked), len(room.jetstream.asked)) == (1, 1)
        room.jetstream.refuses = 503
        with pytest.raises(Unavailable, match="503"):
            async with room.listen(room.tag()):
                pass


async def test_host_that_ends_the_stream_says_why(room: Room) -> None:
    room.jetstream.dies_after, room.jetstream.error = 1, "ConsumerTooSlow"
    async with room.listen(room.tag()) as heard:
        room.network.post("At #socitm09")
        await heard.messages(1)
        with pytest.raises(Unavailable, match="ConsumerTooSlow"):
            await heard.messages(1)


def test_sources_share_a_stream_unless_they_name_other_services(room: Room) -> None:
    plain = Address(network="bluesky", kind="hashtag", value="socitm09")
    elsewhere = Address(network="bluesky", kind="account", value="a.example", server="https://appview.example")
    listed = Address(network="bluesky", kind="list", value="at://did:plc:a/app.bsky.graph.list/x")
    keys = [bluesky.stream_key(source) for source in (plain, room.tag(), room.account(), elsewhere, listed)]
    assert keys == ["jetstream", f"jetstream {room.jetstream.url}", f"jetstream {room.jetstream.url}", "", ""]
