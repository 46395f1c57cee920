"""The list of walls as a visitor finds it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.channel.publish import Draft, publish
from aggregator.store.store import Store
from aggregator.walls.following import follow, unfollow
from aggregator.walls.walls import find_wall
from connectors.contract import Address
from tests.conftest import ON_BOTH
from tests.web.pages.small_build import build_wall, make_app, say, visit
from web.pages.index import ago, words_of


async def follow_hashtag(store: Store, slug: str) -> int:
    """Follow the wall's own hashtag; returns the source's number."""
    async with store.write() as db:
        wall = await find_wall(db, slug)
        source = await follow(
            db,
            wall,
            Address(network="mastodon", kind="hashtag", value=wall.hashtag, server="https://quay.example"),
            UNNAMED,
        )
        return source.id or 0


@ON_BOTH
async def test_index_lists_the_walls_with_the_liveliest_first(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "quiet", "A quiet one")
    await build_wall(store, "hall", "Fish & <chips>", hashtag="socitm09", look={"accent": "#aa3355"})
    await follow_hashtag(store, "hall")
    await say(store, "hall", "one")
    reply = await client.get("/")
    assert re.findall(r'<a href="/w/(\w+)"', reply.text) == ["hall", "quiet"]
    assert 'style="--wall-accent: #aa3355"><span class="name">Fish &amp; &lt;chips&gt;</span>' in reply.text
    assert '<span class="tag" dir="auto">#socitm09</span>' in reply.text
    assert '<time datetime="1970-01-01T00:01:00+00:00">' in reply.text
    assert "No posts yet" in reply.text


async def test_index_names_no_hashtag_in_vain(client: httpx.AsyncClient, store: Store) -> None:
    """Nobody would see a post with a hashtag that the wall doesn't follow, or not any more."""
    await build_wall(store, "hall", hashtag="socitm09")
    assert "socitm" not in (await client.get("/")).text
    source = await follow_hashtag(store, "hall")
    assert "#socitm09" in (await client.get("/")).text
    async with store.write() as db:
        await unfollow(db, source, UNNAMED)
    assert "socitm" not in (await client.get("/")).text


async def test_index_counts_no_post_that_is_hidden(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store)
    await say(store, "hall", "one", "two")
    async with store.write() as db:
        await publish(db, "hall/wall", [Draft("post", "post2", 0, None)])
    assert '<time datetime="1970-01-01T00:01:00+00:00">' in (await client.get("/")).text
    async with store.write() as db:
        await publish(db, "hall/wall", [Draft("post", "post1", 0, None)])
    assert "No posts yet" in (await client.get("/")).text


@ON_BOTH
async def test_index_names_no_wall_that_is_unlisted(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "hall", "The hall")
    await build_wall(store, "staff", "Staff alone", listed=False)
    page = (await client.get("/")).text
    assert re.findall(r'<a href="/w/(\w+)"', page) == ["hall"]
    assert "Staff" not in page
    assert (await client.get("/w/staff")).status_code == 200


async def test_index_has_a_way_to_each_wall_for_a_screen(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "hall", "Fish & <chips>", look={"accent": "#aa3355", "highlight": "#00aa55"})
    page = (await client.get("/")).text
    assert re.findall(r'href="(/w/\w+\?screen)" aria-label="([^"]+)"', page) == [
        ("/w/hall?screen", "Fish &amp; &lt;chips&gt;: open on a big screen")
    ]
    assert 'style="--wall-accent: #aa3355; --wall-highlight: #00aa55"' in page


@ON_BOTH
async def test_index_without_walls_says_how_to_make_one(client: httpx.AsyncClient) -> None:
    commands = re.findall(r"<pre><code>backchannel (.+)</code></pre>", (await client.get("/")).text)
    assert commands == [
        "rehearse",
        """wall create hall --name "The hall" --hashtag '#yourtag'""",
        "follow '#yourtag' --on mastodon.example --wall hall",
    ]


async def test_index_helps_the_operator_only_where_there_is_no_wall(client: httpx.AsyncClient, store: Store) -> None:
    await build_wall(store, "staff", listed=False)
    page = (await client.get("/")).text
    assert "No walls are listed here." in page
    assert "<pre>" not in page
    await build_wall(store, "hall")
    page = (await client.get("/")).text
    assert "No walls are listed here." not in page
    assert "<pre>" not in page


async def test_index_says_whose_walls_these_are(store: Store, static: Path) -> None:
    app = make_app(
        store, static, site_name="Walls <of> Harbour", contact="wall@harbour.example", privacy_url="https://p.example"
    )
    async for client in visit(app):
        page = (await client.get("/")).text
    assert "<title>Walls &lt;of&gt; Harbour</title>" in page
    assert "<h1>Walls &lt;of&gt; Harbour</h1>" in page
    assert re.findall(r'<a href="([^"]+)">(\w+)</a>', page.partition("<footer>")[2]) == [
        ("mailto:wall@harbour.example", "Contact"),
        ("https://p.example", "Privacy"),
        ("/desk", "Desk"),
    ]


async def test_index_is_called_backchannel_unless_it_has_a_name(client: httpx.AsyncClient) -> None:
    assert "<title>Backchannel</title>" in (await client.get("/")).text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (7200, "2 hours ago"),
        (90_000, "1 day ago"),
    ],
)
def test_ago_uses_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert ago(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("hashtag", "words"),
    [
        ("SocitmDigital2009", ["Socitm", "Digital", "2009"]),
        ("NHSTides26", ["NHSTides", "26"]),
        ("harbour", ["harbour"]),
        ("26", ["26"]),
        ("a<b>C", ["a<b>", "C"]),
    ],
)
def test_hashtag_breaks_between_its_words_only(hashtag: str, words: list[str]) -> None:
    """The cases of web/ui/tests/letters.test.ts, whose rule this is."""
    assert words_of(hashtag) == words
