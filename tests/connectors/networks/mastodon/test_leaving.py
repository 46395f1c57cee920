"""Posts that leave their source while it lists them: without the hashtag, or not public any more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.contract import Address, Page
from connectors.http.client import Http
from connectors.networks.mastodon.cursor import read_cursor
from connectors.timeline.cursor import write_cursor
from tests.connectors.networks.mastodon.listing import ACCOUNT, HASHTAG, SERVER, Listing, row
from tests.connectors.networks.mastodon.sources import account, keys, mastodon, tag
from tests.fakes.mastodon_entities import new_account
from tests.fakes.mastodon_server import MastodonServer


def tags(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "url": f"https://m.example/tags/{name}"} for name in names]


async def left(server: MastodonServer, http: Http, source: Any, text: str, **fields: Any) -> bool:
    """Whether a post with #socitm09 and #hall is unmatched after that edit; its new content comes in any case."""
    ref = server.post("Good morning", tags=["socitm09", "hall"])
    server.edit(ref, text, **fields)
    page = await mastodon.recheck(http, source, {server.uri(ref): ref})
    assert keys(page) == [server.uri(ref)]
    assert page.unmatched in ((), (server.uri(ref),))
    return page.unmatched != ()


@pytest.mark.parametrize(
    ("options", "now", "leaves"),
    [
        ({}, ["hall"], True),
        ({}, ["SOCITM09"], False),
        ({"any": ["hall"]}, ["hall"], False),
        ({"any": ["hall"]}, [], True),
        ({"all": ["hall"]}, ["socitm09"], True),
        ({"all": ["hall"]}, ["socitm09", "hall"], False),
        ({"none": ["spam"]}, ["socitm09", "spam"], True),
    ],
)
async def test_post_leaves_with_the_tags_that_its_source_follows(
    server: MastodonServer, http: Http, options: dict[str, Any], now: list[str], *, leaves: bool
) -> None:
    assert await left(server, http, tag(server, **options), "Good evening", tags=tags(*now)) == leaves


async def test_tag_in_the_text_counts_where_the_server_lists_none(server: MastodonServer, http: Http) -> None:
    assert not await left(server, http, tag(server), "Good evening, #Socitm09", tags=[])


async def test_post_of_an_account_never_leaves_it(server: MastodonServer, http: Http) -> None:
    assert not await left(server, http, account(server), "Good evening", tags=[])


async def test_post_that_was_never_edited_stays_as_it_is_at_a_recheck(server: MastodonServer, http: Http) -> None:
    """The server may list it nevertheless, or have noted no date of the edit: only the timeline tells."""
    ref = server.post("Good morning", tags=["hall"])
    page = await mastodon.recheck(http, tag(server), {server.uri(ref): ref})
    assert page == Page(wait=6.0)


# --- while they are listed --------------------------------------------------------------------------------------

UNTAGGED: dict[str, Any] = {"content": "<p>Good evening</p>", "tags": []}


class Wall:
    """A listing with three posts, polled by a source."""

    def __init__(self, source: Address = HASHTAG, **fields: Any) -> None:
        self.server = Listing(3)
        self.source = source
        self.cursor = ""
        self.change(2, **fields)

    def change(self, number: int, **fields: Any) -> None:
        self.server.rows[number - 1] = row(number, **fields)

    async def poll(self) -> Page:
        async with self.server.http() as http:
            page = await mastodon.poll(http, self.source, self.cursor)
        self.cursor = page.cursor
        return page


def key(number: int) -> str:
    return str(row(number)["uri"])


async def test_post_that_loses_the_hashtag_without_a_date_leaves_until_it_is_back() -> None:
    wall = Wall()
    assert (await wall.poll()).unmatched == ()
    wall.change(2, **UNTAGGED)
    assert (await wall.poll()).unmatched == (key(2),)
    wall.server.grow(1)
    assert (await wall.poll()).unmatched == (key(2),)
    wall.change(2)
    assert ((await wall.poll()).unmatched, (await wall.poll()).unmatched) == ((), ())


async def test_post_that_is_listed_without_the_hashtag_stays() -> None:
    wall = Wall(**UNTAGGED)
    for _ in range(3):
        page = await wall.poll()
        wall.server.grow(1)
        assert (page.unmatched, len(page.posts)) == ((), len(wall.server.rows) - 1)


async def test_unchanged_timeline_keeps_what_is_listed_without_the_hashtag() -> None:
    wall = Wall(**UNTAGGED)
    wall.server.etag = "1"
    await wall.poll()
    assert (await wall.poll()).posts == ()
    wall.server.etag = "2"
    assert (await wall.poll()).unmatched == ()


@pytest.mark.parametrize("source", [HASHTAG, ACCOUNT], ids=["hashtag", "account"])
@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"visibility": "private"}, True),
        ({"visibility": "direct"}, True),
        ({"local_only": True}, True),
        ({"visibility": "unlisted"}, False),
    ],
)
async def test_listed_post_that_is_not_public_any_more_leaves_at_once(
    source: Address, fields: dict[str, object], *, ends: bool
) -> None:
    wall = Wall(source)
    assert len((await wall.poll()).posts) == 3
    wall.change(2, **fields)
    page = await wall.poll()
    assert (keys(page), page.broken) == ([key(1), key(3)], ())
    assert (page.gone, page.missing) == (((key(2),), ()) if ends else ((), (key(2),)))


@pytest.mark.parametrize("fields", [{"visibility": "private"}, {"local_only": True}, {"visibility": "unlisted"}])
async def test_copy_that_is_not_public_any_more_is_missing(fields: dict[str, object]) -> None:
    uri = "https://far.example/2"
    wall = Wall(uri=uri)
    await wall.poll()
    wall.change(2, uri=uri, **fields)
    page = await wall.poll()
    assert (page.gone, page.missing) == ((), (uri,))


@pytest.mark.parametrize("by", ["ada", "bob"])
async def test_post_ends_with_no_boost_of_it(by: str) -> None:
    """A boost that is not public says nothing about the post, which may even be listed beside it."""
    wall = Wall(ACCOUNT)
    inner = row(7) | ({} if by == "ada" else {"account": new_account(SERVER, by, 2)})
    wall.change(2, reblog=inner)
    assert key(7) in keys(await wall.poll())
    wall.change(2, reblog=inner, visibility="private")
    page = await wall.poll()
    assert (page.gone, page.missing) == ((), (key(7),))
    wall.change(3, **inner | {"id": "3"})
    page = await wall.poll()
    assert (keys(page)[-1], page.gone, page.missing) == (key(7), (), ())


@pytest.mark.parametrize("visibility", ["", "Public", "public ", "everyone", None, 7])
async def test_unknown_visibility_costs_the_entry_and_ends_no_post(visibility: object) -> None:
    wall = Wall()
    await wall.poll()
    wall.change(2, visibility=visibility)
    page = await wall.poll()
    assert (keys(page), page.gone, page.missing, len(page.broken)) == ([key(1), key(3)], (), (), 1)


async def test_cursor_of_an_earlier_version_takes_what_is_listed_for_believed() -> None:
    wall = Wall()
    wall.change(2, **UNTAGGED)
    await wall.poll()
    wall.cursor = write_cursor(msgspec.structs.replace(read_cursor(wall.cursor), untagged=None, etag=""))
    assert (await wall.poll()).unmatched == ()
    assert (await wall.poll()).unmatched == ()


async def test_post_that_was_unreadable_once_is_still_believed() -> None:
    wall = Wall()
    wall.change(2, **UNTAGGED)
    await wall.poll()
    wall.change(2, visibility=None, **UNTAGGED)
    await wall.poll()
    wall.change(2, **UNTAGGED)
    assert (await wall.poll()).unmatched == ()


async def test_cursor_of_an_earlier_version_believes_what_it_has_not_read_since() -> None:
    wall = Wall(**UNTAGGED)
    wall.server.etag = "1"
    await wall.poll()
    wall.cursor = write_cursor(msgspec.structs.replace(read_cursor(wall.cursor), untagged=None))
    assert (await wall.poll()).posts == ()
    wall.server.etag = "2"
    wall.server.grow(1)
    assert (await wall.poll()).unmatched == ()


@pytest.mark.parametrize("strange", [None, "oops", {"name": "hall"}, [{"name": None}], [7]])
async def test_list_of_tags_that_cannot_be_read_takes_no_post_off(strange: object) -> None:
    listed: dict[str, Any] = {"content": "<p>Good evening</p>", "tags": tags("hall")}
    wall = Wall(**listed)
    await wall.poll()
    wall.change(2, **listed | {"tags": strange})
    assert (await wall.poll()).unmatched == ()
    wall.change(2, **UNTAGGED)
    assert (await wall.poll()).unmatched == (key(2),)


async def test_post_with_a_tag_that_is_left_out_comes_from_no_server() -> None:
    """Not all of them know `none[]`."""
    spam: dict[str, Any] = {"content": "<p>#hall #spam</p>", "tags": tags("hall", "spam")}
    wall = Wall(msgspec.structs.replace(HASHTAG, options={"none": ["spam"]}), **spam)
    for _ in range(2):
        page = await wall.poll()
        assert (keys(page), page.unmatched, page.missing) == ([key(1), key(3)], (), ())
    wall.change(2)
    assert key(2) in keys(await wall.poll())
    wall.change(2, **spam)
    assert (await wall.poll()).unmatched == (key(2),)
