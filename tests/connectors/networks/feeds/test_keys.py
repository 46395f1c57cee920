"""Entries that share a guid or a link from poll to poll: none appears twice, and none replaces another."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import Address
from connectors.contract.bounds import MAX_URL
from connectors.http.client import Http
from connectors.networks.feeds.connector import Feeds
from connectors.sandbox import Inline
from tests.connectors.networks.feeds.test_connector import UNDATED, Clock, poll, reply

ONE_GUID = "<guid isPermaLink='false'>blog</guid>"
SCOPE = "https://harbour.example/news.xml#"


def item(title: str, names: str, words: str = "", hour: int = 0) -> str:
    date = f"<pubDate>Thu, 18 Jun 2026 {hour:02}:00:00 GMT</pubDate>" if hour else ""
    return f"<item>{names}<title>{title}</title><description>Here is {words or title}</description>{date}</item>"


def link(name: str) -> str:
    return f"<link>https://b.example/{name}</link>"


class Keys:
    """Title → key, poll after poll."""

    def __init__(self) -> None:
        self.cursor = ""

    async def of(self, *items: str) -> dict[str, str]:
        page = await poll(reply(UNDATED.format("".join(items))), self.cursor)
        self.cursor = page.cursor
        assert len({post.key for post in page.posts}) == len(page.posts)
        return {post.title: post.key for post in page.posts}


async def test_entry_keeps_its_guid_when_a_second_one_takes_it() -> None:
    keys = Keys()
    one, two, three = (item(name, ONE_GUID + link(name), hour=hour) for hour, name in enumerate(("A", "B", "C"), 1))
    first = await keys.of(one)
    second = await keys.of(two, one)
    third = await keys.of(three, two, one)
    assert first["A"] == second["A"] == third["A"] == f"{SCOPE}blog"
    assert second["B"] == third["B"] == f"{SCOPE}https://b.example/B"
    corrected = await keys.of(three, two, item("A, put right", ONE_GUID + link("A"), hour=1))
    assert corrected == {"A, put right": first["A"], "B": third["B"], "C": third["C"]}


async def test_correction_among_entries_with_one_guid_and_link_is_no_second_post() -> None:
    for hours in ((1, 2, 3), (0, 0, 0)):
        keys = Keys()
        names = ONE_GUID + link("")
        items = [item(name, names, hour=hour) for name, hour in zip("ABC", hours, strict=True)]
        first = await keys.of(*items)
        items[1] = item("B", names, "put right", hours[1])
        assert await keys.of(*items) == first
        items[1] = item("B", names, "put right again", hours[1])
        assert await keys.of(*items) == first


async def test_entry_that_comes_as_another_goes_is_no_correction() -> None:
    keys, names = Keys(), ONE_GUID + link("")
    first = await keys.of(*(item(name, names, hour=hour) for hour, name in enumerate("ABC", 1)))
    second = await keys.of(*(item(name, names, hour=hour) for hour, name in enumerate("BCD", 2)))
    assert {second["B"], second["C"]} == {first["B"], first["C"]}
    assert second["D"] not in first.values()


async def test_guid_that_is_another_entry_s_link_takes_no_place() -> None:
    keys = Keys()
    linked, guid = item("A", link("x"), hour=1), "<guid>https://b.example/x</guid>"
    first = await keys.of(linked)
    named = item("B", guid, hour=2)
    second = await keys.of(named, linked)
    corrected = await keys.of(named, item("A", link("x"), "put right", hour=1))
    alone = await keys.of(named)
    assert first["A"] == second["A"] == corrected["A"] == f"{SCOPE}https://b.example/x"
    assert second["B"] == corrected["B"] == alone["B"] != first["A"]


async def test_guid_stays_with_its_entry_whatever_links_there() -> None:
    keys = Keys()
    named, linked = item("A", "<guid>https://b.example/x</guid>"), item("B", link("x"))
    first = await keys.of(named)
    second = await keys.of(linked, named)
    assert first["A"] == second["A"] == (await keys.of(named))["A"]


@pytest.mark.parametrize("length", [40, 1_700, 3_000])
async def test_long_address_leaves_room_for_the_ids_of_entries(length: int) -> None:
    source = Address(network="feeds", kind="feed", value=f"https://harbour.example/?{'q' * length}")
    items = [f"<item><guid>{id_}</guid><title>x</title></item>" for id_ in ("1", "z" * 390, "y" * 900)]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=UNDATED.format("".join(items))))
    async with Http(transport=transport, per_second=10_000, sandbox=Inline) as http:
        page = await Feeds(Clock()).poll(http, source, "")
        again = await Feeds(Clock()).poll(http, source, "")
    keys = {post.key for post in page.posts}
    assert (len(keys), page.broken) == (3, ())
    assert keys == {post.key for post in again.posts}
    assert max(map(len, keys)) <= MAX_URL
