"""YouTube's channels and playlists: their addresses as people paste them, recorded feeds, and strange entries."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest

from connectors.contract import Address, Page
from connectors.http.client import Http
from connectors.networks.youtube.connector import YouTube
from connectors.networks.youtube.reading import read_videos
from connectors.sandbox import Inline
from connectors.timeline.entries import Entry
from tests.connectors.mutations import TEXTS, changed_feeds
from tests.recorded import elsewhere, path
from tests.replay import UNDATED, cases

youtube = YouTube()
ID = "UCharbourharbourharbour1"
LIST = "PLsocitm09talks"
CHANNEL = Address(network="youtube", kind="channel", value=ID)


@pytest.mark.parametrize(
    ("text", "on", "kind", "value"),
    [
        (f"https://www.youtube.com/channel/{ID}", "", "channel", ID),
        (f"youtube.com/channel/{ID}/videos?view=0&si=x", "", "channel", ID),
        ("https://m.youtube.com/@Harbour?si=AbC&utm_source=mail", "", "channel", "@harbour"),
        ("https://www.youtube.com/@H%C3%A4fen.26/streams", "", "channel", "@häfen.26"),
        ("http://youtube.com/c/HarbourTalks/featured", "", "channel", "c/harbourtalks"),
        ("https://www.youtube.com/user/harbour", "", "channel", "user/harbour"),
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={ID}", "", "channel", ID),
        ("@Harbour", "youtube.com", "channel", "@harbour"),
        (f"https://www.youtube.com/playlist?list={LIST}&pp=x", "", "playlist", LIST),
        (f"https://www.youtube.com/watch?v=video000001&list={LIST}&index=2", "", "playlist", LIST),
        (f"https://youtu.be/video000001?list={LIST}", "", "playlist", LIST),
        (f"https://music.youtube.com/playlist?list={LIST}", "", "playlist", LIST),
    ],
)
def test_channels_and_playlists_are_recognised(text: str, on: str, kind: str, value: str) -> None:
    assert youtube.recognise(text, on) == Address(network="youtube", kind=kind, value=value)


@pytest.mark.parametrize(
    "text",
    [
        "https://youtu.be/video000001",
        "https://www.youtube.com/watch?v=video000001&list=WL",
        "https://www.youtube.com/results?search_query=socitm09",
        "https://youtube.com.evil.example/@harbour",
        "https://www.youtube.com/channel/UCshort",
        "@harbour",
    ],
)
def test_other_text_is_not_a_channel(text: str) -> None:
    assert youtube.recognise(text) is None
    assert youtube.recognise("@harbour", "peer.example") is None


@elsewhere
def test_recorded_feed_is_read_whole() -> None:
    body = path("youtube/channel_feed.xml").read_bytes()
    total, found = read_videos(body, "https://www.youtube.com/feeds/videos.xml", UNDATED.isoformat(), 0, 100, 60)
    entries = [msgspec.msgpack.decode(each, type=Entry) for each in found]
    posts = [entry.post for entry in entries if entry.post]
    assert (total, len(posts), [entry.broken for entry in entries if entry.broken]) == (15, 15, [])
    assert {(post.author.name, post.media[0].kind, bool(post.media[0].preview)) for post in posts} == {
        ("Digital Foundry", "video", True)
    }
    assert (posts[0].key, posts[0].created_at.isoformat()) == ("yt:video:W_S7iKZZdHw", "2025-01-01T16:07:24+00:00")


async def polled(body: bytes) -> Page:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with Http(transport=transport, sandbox=Inline, per_second=1_000_000) as http:
        return await youtube.poll(http, CHANNEL, "")


@pytest.mark.unmeasured
@pytest.mark.parametrize("text", TEXTS)
async def test_strange_entry_affects_no_other(text: str) -> None:
    replies: list[dict[str, Any]] = next(case for case in cases("youtube") if "Emoji" in case["about"])["replies"]
    feed: str = replies[0]["body"]
    right = [post for post in (await polled(feed.encode())).posts if "港" not in post.title]
    lost = []
    for place, body in changed_feeds(feed, "entry", TEXTS[text]):
        try:
            page = await polled(body)
        except Exception as error:  # noqa: BLE001 (which one leaves the connector is what the test tells)
            lost.append((place, repr(error)))
            continue
        lost += [(place, "neighbour")] if [post for post in page.posts if post in right] != right else []
    assert (len(right), lost) == (2, [])


async def test_edited_title_is_the_same_key_and_an_id_is_looked_up_once() -> None:
    case = next(case for case in cases("youtube") if case["about"].startswith("A handle"))
    page, feed = (reply["body"] for reply in case["replies"])
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, text=page if request.url.path == "/@harbour" else feed)

    source = msgspec.convert(json.loads(json.dumps(case["source"])), Address)
    async with Http(transport=httpx.MockTransport(answer), sandbox=Inline, per_second=1_000_000) as http:
        first = await youtube.poll(http, source, "")
        feed = feed.replace("A talk", "A corrected talk")
        second = await youtube.poll(http, source, first.cursor)
    assert asked == ["/@harbour", "/feeds/videos.xml", "/feeds/videos.xml"]
    assert [(post.key, post.title) for post in (*first.posts, *second.posts)] == [
        ("yt:video:video000001", "A talk"),
        ("yt:video:video000001", "A corrected talk"),
    ]
