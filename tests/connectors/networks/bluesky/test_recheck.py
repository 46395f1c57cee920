"""Rechecks of posts on a wall, and lookups of authors: ended, withheld, and only apparently gone."""

from __future__ import annotations

import pytest

from connectors.contract import Address, Page, Person, Presence
from connectors.errors import ConnectorError
from connectors.networks.bluesky.connector import Bluesky
from tests.fakes.bluesky import ADA, BEN, LIST, FakeBluesky

ACCOUNT = Address(network="bluesky", kind="account", value=ADA)
SPEAKERS = Address(network="bluesky", kind="list", value=LIST)
AUTHOR = Person(name="Ada", handle="@ada.quay.example", url=f"https://bsky.app/profile/{ADA}")


async def look(network: FakeBluesky, *uris: str, source: Address = SPEAKERS) -> Page:
    async with network.http() as http:
        return await Bluesky().recheck(http, source, {uri: uri for uri in uris})


def told(page: Page) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    return [post.key for post in page.posts], page.gone, page.missing


async def test_recheck_tells_edited_from_deleted_and_unshown() -> None:
    network = FakeBluesky()
    kept, deleted, unshown = (network.post(text) for text in ("One", "Two", "Three"))
    network.posts[kept]["text"] = "Better"
    del network.posts[deleted]
    network.unindexed.add(unshown)
    page = await look(network, kept, deleted, unshown)
    assert (told(page), page.posts[0].html) == (([kept], (deleted,), (unshown,)), "<p>Better</p>")


async def test_post_that_cannot_be_read_any_more_is_neither_gone_nor_missing() -> None:
    network = FakeBluesky()
    uri, other = network.post("One"), network.post("Two")
    network.posts[uri]["text"] = " "
    page = await look(network, uri, other)
    assert told(page) == ([other], (), ())
    assert page.broken == (f"Unreadable post ({uri}): it has no words, pictures or link.",)


async def test_recheck_asks_for_many_at_once() -> None:
    network = FakeBluesky()
    uris = [network.post(str(number)) for number in range(40)]
    assert len((await look(network, *uris)).posts) == 40
    assert network.asked == ["getPosts", "getPosts", "getProfiles"]


@pytest.mark.parametrize("status", ["deactivated", "takendown"])
async def test_posts_of_a_withheld_account_are_missing(status: str) -> None:
    """Its own server says so: no witness is needed, and they may come back."""
    network = FakeBluesky()
    uri = network.post("One")
    network.status[ADA] = status
    assert told(await look(network, uri, source=ACCOUNT)) == ([], (), (uri,))


async def test_posts_of_a_deleted_account_are_gone() -> None:
    network = FakeBluesky()
    uri = network.post("One")
    network.status[ADA] = "deleted"
    assert told(await look(network, uri, source=ACCOUNT)) == ([], (uri,), ())


async def test_server_that_has_lost_all_repositories_ends_none() -> None:
    network = FakeBluesky()
    uri = network.post("One")
    network.status = dict.fromkeys(network.status, "deleted")
    assert (await look(network, uri)).gone == ()


@pytest.mark.parametrize("method", ["plc", "getRepoStatus", "getRecord"])
async def test_deleted_post_is_missing_while_its_origin_does_not_answer(method: str) -> None:
    network = FakeBluesky()
    deleted, _ = network.post("One"), network.post("Two", BEN)
    del network.posts[deleted]
    network.failing[method] = 503
    assert told(await look(network, deleted)) == ([], (), (deleted,))


async def test_service_that_finds_nothing_is_not_believed() -> None:
    """Neither about a post that it lists, nor about another one: the listed one is its witness."""
    network = FakeBluesky()
    unshown, listed = network.post("One"), network.post("Two")
    network.unindexed.add(unshown)
    network.blind = True
    assert told(await look(network, listed)) == ([], (), ())
    assert told(await look(network, unshown)) == ([], (), ())


@pytest.mark.parametrize("status", [500, 429, 403])
async def test_recheck_of_a_service_in_trouble_makes_nothing_gone(status: int) -> None:
    network = FakeBluesky()
    uri = network.post("One")
    network.failing["getPosts"] = status
    with pytest.raises(ConnectorError):
        await look(network, uri)


async def test_recheck_keeps_the_wish_of_an_author() -> None:
    network = FakeBluesky()
    uri = network.post("One")
    network.notes[ADA] = "Boats #nobot"
    assert (await look(network, uri)).posts[0].opted_out.startswith("The author asks to be left out: #nobot")


@pytest.mark.parametrize(
    ("status", "presence"),
    [
        ("active", Presence.PRESENT),
        ("deactivated", Presence.MISSING),
        ("takendown", Presence.MISSING),
        ("deleted", Presence.GONE),
    ],
)
async def test_author_is_as_present_as_their_repository(status: str, presence: Presence) -> None:
    network = FakeBluesky()
    network.status[ADA] = status
    async with network.http() as http:
        assert await Bluesky().author(http, ACCOUNT, AUTHOR) is presence


@pytest.mark.parametrize(("status", "presence"), [("takendown", Presence.MISSING), ("deleted", Presence.PRESENT)])
async def test_author_is_missing_where_the_service_says_that_it_hides_them(status: str, presence: Presence) -> None:
    """A profile that is merely not found says nothing while the repository can't be asked."""
    network = FakeBluesky()
    network.status[ADA] = status
    network.failing["plc"] = 500
    async with network.http() as http:
        assert await Bluesky().author(http, ACCOUNT, AUTHOR) is presence
        assert await Bluesky().author(http, ACCOUNT, Person(name="X", handle="@x", url="")) is Presence.PRESENT


async def test_profiles_are_read_once_an_hour() -> None:
    network = FakeBluesky()
    network.post("One")
    async with network.http() as http:
        first = await Bluesky().poll(http, SPEAKERS, "")
        network.notes[ADA] = "#noindex"
        second = await Bluesky().poll(http, SPEAKERS, first.cursor)
        assert network.asked.count("getProfiles") == 1
    assert [post.opted_out for post in (*first.posts, *second.posts)] == ["", ""]


def test_only_blueskys_own_servers_speak_for_the_repositories() -> None:
    other = Address(network="bluesky", kind="list", value=LIST, server="https://view.quay.example")
    key = f"at://{ADA}/app.bsky.feed.post/1"
    assert [Bluesky().is_origin(source, key) for source in (SPEAKERS, other)] == [True, False]
