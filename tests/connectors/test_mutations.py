"""A strange value affects only its own entry: whatever it is, the others arrive unchanged."""

from __future__ import annotations

import asyncio
import json
import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Address, Connector, Page, Post
from connectors.errors import ConnectorError
from connectors.http.client import Http
from connectors.networks.feeds.connector import Feeds
from connectors.networks.mastodon.connector import Mastodon
from connectors.sandbox import Inline
from tests.connectors.mutations import (
    ATOM,
    JSON_FEED,
    PIECES,
    RSS,
    SIGNS,
    TEXTS,
    VALUES,
    changed_feeds,
    feeds,
    paths,
    recorded_statuses,
    rich_status,
    with_value,
)

pytestmark = pytest.mark.unmeasured  # the same lines, some thousand times
SERVER = "https://peer.example"
FEED = "https://quay.example/feed"
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
FEEDS = feeds()
BODIES = {"rss": RSS.encode(), "atom": ATOM.encode(), "json": json.dumps(JSON_FEED).encode()}


def clock() -> datetime:
    return datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


async def polled(connector: Connector, address: Address | None, body: bytes, kind: str = "application/json") -> Page:
    def answer(request: httpx.Request) -> httpx.Response:
        further = {"max_id", "min_id", "since_id"} & set(request.url.params)
        return httpx.Response(200, content=b"[]" if further else body, headers={"Content-Type": kind})

    assert address is not None
    async with Http(transport=httpx.MockTransport(answer), per_second=1_000_000, sandbox=Inline) as http:
        return await connector.poll(http, address, "")


# --- statuses ---------------------------------------------------------------------------------------------------


def honest(number: int, words: str) -> dict[str, Any]:
    status = rich_status(SERVER)
    names = {"id": f"11700000000000{number}000", "uri": f"{SERVER}/{words}", "content": f"<p>{words}</p>"}
    return status | names | {"quote": None}


FIRST, LAST = honest(9, "Before"), honest(1, "After")


async def statuses_of(*statuses: Any) -> tuple[Post, ...]:
    body = json.dumps(statuses).encode()
    return (await polled(Mastodon(), Mastodon().recognise("#conf", SERVER), body)).posts


async def others_beside(*middle: Any) -> list[Post]:
    """The Posts of the two honest statuses around these."""
    posts = await statuses_of(FIRST, *middle, LAST)
    return [post for post in posts if post.html in ("<p>Before</p>", "<p>After</p>")]


def distinct() -> list[tuple[dict[str, Any], tuple[str | int, ...]]]:
    """Each path of a status of ours or of the recorded ones, once."""
    found: dict[tuple[str | int, ...], tuple[dict[str, Any], tuple[str | int, ...]]] = {}
    for status in (rich_status(SERVER), *recorded_statuses()):
        for path in paths(status):
            found.setdefault(tuple(0 if isinstance(name, int) else name for name in path), (status, path))
    return list(found.values())


PLACES = distinct()
TOGETHER = 12
"""Strange statuses on one page; if an honest one is affected, each is tried by itself to find the cause."""
NEEDED = {("id",), ("uri",), ("account",), ("account", "id"), ("account", "acct"), ("visibility",), ("reblog",)}
"""The required fields of a status; a boost shows only the boosted status."""


@pytest.mark.parametrize("value", VALUES)
async def test_status_with_anything_anywhere_costs_no_other(value: str) -> None:
    right = list(await statuses_of(FIRST, LAST))
    strange = [(path, with_value(status, path, VALUES[value])) for status, path in PLACES]
    lost = []
    for start in range(0, len(strange), TOGETHER):
        some = strange[start : start + TOGETHER]
        if await _around(some) != right:
            lost += [(path, await _around([(path, status)])) for path, status in some]
    assert (len(right), lost) == (2, [])


async def _around(strange: list[tuple[tuple[str | int, ...], Any]]) -> list[Post] | str:
    try:
        return await others_beside(*(status for _, status in strange))
    except Exception as error:  # noqa: BLE001 (which one leaves the connector is what the test tells)
        return repr(error)[:200]


@pytest.mark.parametrize("value", VALUES)
async def test_timeline_with_anything_in_a_statuss_place_costs_no_other(value: str) -> None:
    assert await others_beside(VALUES[value]) == list(await statuses_of(FIRST, LAST))


@pytest.mark.parametrize("value", VALUES)
async def test_status_loses_no_more_than_its_strange_field(value: str) -> None:
    """A broken optional field never costs the post."""
    optional = [path for path in paths(rich_status(SERVER)) if path not in NEEDED]
    named = {f"{SERVER}/{number}": path for number, path in enumerate(optional)}
    statuses = [
        with_value(rich_status(SERVER), path, VALUES[value]) | {"id": str(100 + number), "uri": uri}
        for number, (uri, path) in enumerate(named.items())
    ]
    found = {post.key: post.html for post in await statuses_of(*statuses)}
    whole = {
        uri for uri, path in named.items() if "Middle" in found.get(uri, "") or (path[0] == "content" and uri in found)
    }
    assert [named[uri] for uri in named if uri not in whole] == []


# --- feeds ------------------------------------------------------------------------------------------------------


async def feed_others(body: bytes, kind: str) -> list[Post]:
    """The Posts of the two honest entries."""
    page = await polled(Feeds(clock), Feeds().recognise(FEED), body, TYPES[kind])
    return [post for post in page.posts if post.title in ("Before", "After")]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("kind", "feed", "entry"), [("rss", RSS, "item"), ("atom", ATOM, "entry")], ids=["rss", "atom"]
)
async def test_entry_with_anything_anywhere_costs_no_other(kind: str, feed: str, entry: str, text: str) -> None:
    right = await feed_others(feed.encode(), kind)
    lost = []
    for place, body in changed_feeds(feed, entry, TEXTS[text]):
        around: list[Post] | str
        try:
            around = await feed_others(body, kind)
        except Exception as error:  # noqa: BLE001 (as above)
            around = repr(error)[:200]
        if around != right:
            lost.append((place, around))
    assert (len(right), lost) == (2, [])


@pytest.mark.parametrize("value", VALUES)
async def test_item_with_anything_anywhere_costs_no_other(value: str) -> None:
    right = await feed_others(BODIES["json"], "json")
    lost = []
    for path in [("items", 1), *(("items", 1, *path) for path in paths(JSON_FEED["items"][1]))]:
        around: list[Post] | str
        try:
            around = await feed_others(json.dumps(with_value(JSON_FEED, path, VALUES[value])).encode(), "json")
        except Exception as error:  # noqa: BLE001 (as above)
            around = repr(error)[:200]
        if around != right:
            lost.append((path, around))
    assert (len(right), lost) == (2, [])


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:30])
async def test_entry_with_a_strange_part_costs_no_other(piece: str) -> None:
    before, after = await feed_others(BODIES["rss"], "rss")
    left = await feed_others(RSS.replace("<dc:creator>", f"{piece}<dc:creator>", 1).encode(), "rss")
    assert left == [before, after]


def sectioned(feed: str) -> str:
    """The feed with a section, a comment and an instruction in each entry."""
    return feed.replace("Words before", PARTS).replace("Words after", PARTS).replace("Words<", f"{PARTS}<")


PARTS = "<!-- a comment --><?php echo ?><![CDATA[<p>Words &amp; such</p>]]>"
DAMAGED = {kind: re.split(r"(?=<item>|<entry[\s>])", sectioned(feed)) for kind, feed in (("rss", RSS), ("atom", ATOM))}
"""Feeds of three entries: the head, and each entry; the last one with what follows."""


def is_well_formed(body: bytes) -> bool:
    with suppress(ET.ParseError):
        ET.fromstring(body)
        return True
    return False


SIGNS_OF_DAMAGE = ["", "<!--", "<![CDATA[", "<?php ", "]]>", "-->", "<", '"', "</title>", "<item", "<textInput>"]
damages = st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 5, 40, None]), st.sampled_from(SIGNS_OF_DAMAGE))


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_entry_costs_and_changes_no_other(kind: str) -> None:
    """One that is cut off, too: its neighbours are what they are without it.

    Where the document stays well-formed XML, it may have swallowed a neighbour as its text: that is told.
    """
    head, first, middle, last = DAMAGED[kind]
    right = asyncio.run(feed_others("".join(DAMAGED[kind]).encode(), kind))

    @settings(max_examples=50, deadline=None)
    @given(damage=damages)
    def costs_no_other(damage: tuple[float, int | None, str]) -> None:
        where, length, sign = damage
        at = 7 + int(where * (len(middle.rstrip()) - 8))  # in the entry, behind its start tag
        rest = middle[len(middle) if length is None else at + length :]
        body = f"{head}{first}{middle[:at]}{sign}{rest}{last}".encode()
        page = asyncio.run(polled(Feeds(clock), Feeds().recognise(FEED), body, TYPES[kind]))
        others = [post for post in page.posts if post.title in ("Before", "After")]
        swallows = is_well_formed(body) and any("never ends" in sentence for sentence in page.broken)
        assert others == right or (swallows and others == right[1:])  # oldest first

    costs_no_other()
    assert len(right) == 2


# --- bytes ------------------------------------------------------------------------------------------------------

cuts = st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12) | st.sampled_from(SIGNS))


def cut(body: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The body with some bytes removed, and others in their place."""
    for where, length, instead in changes:
        at = int(where * len(body))
        body = body[:at] + instead + body[at + length :]
    return body


@settings(max_examples=150, deadline=None)
@given(feed=st.sampled_from([*FEEDS, BODIES["json"]]), changes=st.lists(cuts, min_size=1, max_size=6))
async def test_feed_of_any_bytes_is_read_or_troublesome(feed: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    with suppress(ConnectorError):
        await polled(Feeds(clock), Feeds().recognise(FEED), cut(feed, changes), "")


@settings(max_examples=100, deadline=None)
@given(changes=st.lists(cuts, min_size=1, max_size=6))
async def test_timeline_of_any_bytes_is_read_or_troublesome(changes: list[tuple[float, int, bytes]]) -> None:
    body = cut(json.dumps([FIRST, rich_status(SERVER), LAST]).encode(), changes)
    with suppress(ConnectorError):
        await polled(Mastodon(), Mastodon().recognise("#conf", SERVER), body)


JSON_SIGNS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"tru", b"-", b"007", b"1e999", b"\\x20", b"\\u12"),
    *(b"\\ud800", b"\\'", b",,", b'"":', b"\x00", b"\xff", b"\n", b"<!--", b"-->", b"</script>", b"<br />", b"9" * 400),
]
json_cuts = st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 1, 1, 3, 20]), st.sampled_from([b"", *JSON_SIGNS]))


def damaged(item: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The object with changes behind its first bracket and before its last one."""
    inside = item[1:-1]
    for where, length, instead in changes:
        at = int(where * len(inside))
        inside = inside[:at] + instead + inside[at + length :]
    return b"{%s}" % inside


STATUSES = [json.dumps(status).encode() for status in (FIRST, rich_status(SERVER), LAST)]
ITEMS = [json.dumps(item).encode() for item in JSON_FEED["items"]]
NUMBERS = range(3)


@pytest.mark.parametrize("number", NUMBERS)
def test_damaged_status_costs_and_changes_no_other(number: int) -> None:
    """Whatever its bytes are: at the beginning, in the middle or at the end of its page."""
    source = Mastodon().recognise("#conf", SERVER)
    right = asyncio.run(polled(Mastodon(), source, b"[%s]" % b", ".join(STATUSES))).posts
    left = [post for post in right if post.key != right[2 - number].key]

    @settings(max_examples=150, deadline=None)
    @given(changes=st.lists(json_cuts, min_size=1, max_size=2))
    def costs_no_other(changes: list[tuple[float, int, bytes]]) -> None:
        body = [damaged(each, changes) if at == number else each for at, each in enumerate(STATUSES)]
        page = asyncio.run(polled(Mastodon(), source, b"[%s]" % b", ".join(body)))
        assert [post for post in page.posts if post in left] == left

    costs_no_other()
    assert len(right) == 3


@pytest.mark.parametrize("number", NUMBERS)
def test_damaged_item_costs_and_changes_no_other(number: int) -> None:
    whole = b'{"version": "https://jsonfeed.org/version/1.1", "title": "Quay notes", "items": [%s]}'
    source = Feeds().recognise(FEED)
    right = asyncio.run(polled(Feeds(clock), source, whole % b", ".join(ITEMS), TYPES["json"])).posts
    left = [post for post in right if post.key != right[2 - number].key]

    @settings(max_examples=150, deadline=None)
    @given(changes=st.lists(json_cuts, min_size=1, max_size=2))
    def costs_no_other(changes: list[tuple[float, int, bytes]]) -> None:
        body = [damaged(each, changes) if at == number else each for at, each in enumerate(ITEMS)]
        page = asyncio.run(polled(Feeds(clock), source, whole % b", ".join(body), TYPES["json"]))
        assert [post for post in page.posts if post in left] == left

    costs_no_other()
    assert len(right) == 3
