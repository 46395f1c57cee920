"""Flickr's tags, people and groups: their addresses as people paste them, and strange entries."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import Address, Page
from connectors.http.client import Http
from connectors.networks.flickr.connector import Flickr
from connectors.sandbox import Inline
from tests.connectors.mutations import TEXTS, changed_feeds
from tests.replay import cases

flickr = Flickr()
TAG = Address(network="flickr", kind="hashtag", value="socitm09")


@pytest.mark.parametrize(
    ("text", "on", "kind", "value"),
    [
        ("https://www.flickr.com/photos/tags/Socitm09/", "", "hashtag", "socitm09"),
        ("https://www.flickr.com/search/?tags=socitm09&view_all=1", "", "hashtag", "socitm09"),
        ("#Socitm09", "flickr.com", "hashtag", "socitm09"),
        ("https://www.flickr.com/photos/12345678@N00/?utm_source=mail", "", "account", "12345678@N00"),
        ("https://m.flickr.com/photos/12345678%40N00", "", "account", "12345678@N00"),
        ("flickr.com/people/harbour/", "", "account", "harbour"),
        ("https://www.flickr.com/photos/harbour/page2", "", "account", "harbour"),
        ("https://www.flickr.com/groups/harbour/pool/", "", "group", "harbour"),
    ],
)
def test_tags_people_and_groups_are_recognised(text: str, on: str, kind: str, value: str) -> None:
    assert flickr.recognise(text, on) == Address(network="flickr", kind=kind, value=value)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("https://flic.kr/p/2abcDEF", ""),
        ("https://www.flickr.com/photos/harbour/123456/", ""),
        ("https://www.flickr.com/photos/friends/", ""),
        ("https://www.flickr.com/explore", ""),
        ("https://www.flickr.com.evil.example/photos/harbour", ""),
        ("#socitm09", "peer.example"),
    ],
)
def test_other_text_is_not_a_stream_of_photos(text: str, on: str) -> None:
    assert flickr.recognise(text, on) is None


async def polled(body: bytes) -> Page:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with Http(transport=transport, sandbox=Inline, per_second=1_000_000) as http:
        return await flickr.poll(http, TAG, "")


@pytest.mark.unmeasured
@pytest.mark.parametrize("text", TEXTS)
async def test_strange_entry_affects_no_other(text: str) -> None:
    feed: str = next(case for case in cases("flickr") if "Emoji" in case["about"])["replies"][0]["body"]
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
