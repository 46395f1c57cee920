"""The trust of the feeds connector: in a server's clock, in a page that names a feed, and in the end of a source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from connectors.contract import Page
from connectors.errors import InvalidResponse, NotFound, RateLimited, Unavailable
from connectors.http.client import Http
from connectors.networks.feeds.connector import Feeds
from connectors.sandbox import Inline
from tests.connectors.networks.feeds.test_connector import NOW, SOURCE, UNDATED, Clock, poll, reply

FEED = UNDATED.format("<item><guid>1</guid><title>{}</title></item>")
PAGE = "<link rel='alternate' type='application/rss+xml' href='{}'>"


@pytest.mark.parametrize(
    "said",
    [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jun 2026 12:00:00 GMT",
        "Thu, 18 Jun 2026 12:00:00 +99999999999999",
        "Thu, 18 Jun 99999999999999999999 12:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "x",
    ],
)
async def test_server_whose_clock_is_wrong_dates_nothing(said: str) -> None:
    page = await poll(reply(FEED, date=said))
    assert [post.created_at for post in page.posts] == [NOW.replace(microsecond=0)]


@pytest.mark.parametrize("said", ["Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 18 Jun 2026 02:00:00 GMT", ""])
async def test_feed_of_a_wrong_clock_is_asked_for_what_is_new_only(said: str) -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("if-none-match"))
        return httpx.Response(304 if asked[-1] else 200, text=FEED, headers={"etag": '"1"', "date": said})

    clock = Clock()
    page = await poll(httpx.MockTransport(answer), clock=clock)
    clock.now += timedelta(minutes=10)
    await poll(httpx.MockTransport(answer), page.cursor, clock)
    clock.now += timedelta(minutes=50)
    await poll(httpx.MockTransport(answer), page.cursor, clock)
    assert asked == [None, '"1"', None]


async def test_feed_is_asked_for_as_a_whole_once_our_clock_was_set_back() -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("if-none-match"))
        return httpx.Response(304 if asked[-1] else 200, text=FEED, headers={"etag": '"1"'})

    clock = Clock()
    page = await poll(httpx.MockTransport(answer), clock=clock)
    for hours in (-3, 3):
        clock.now += timedelta(hours=hours)
        page = await poll(httpx.MockTransport(answer), page.cursor, clock)
    assert asked == [None, None, None]


async def test_day_that_a_wrong_clock_has_left_behind_is_forgotten() -> None:
    page = await poll(reply(FEED))
    position = msgspec.json.decode(page.cursor)
    position["memory"]["seen"] = dict.fromkeys(position["memory"]["seen"], "1970-01-01T00:00:00+00:00")
    again = await poll(reply(FEED + "<!-- -->"), msgspec.json.encode(position).decode())
    assert again.posts == page.posts


class Sites:
    """The response of each address, from one poll to the next."""

    def __init__(self, answers: dict[str, httpx.Response | Callable[[], httpx.Response]]) -> None:
        self.answers: dict[str, Any] = answers
        self.cursor = ""
        self.clock = Clock()
        self.asked: list[str] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        response: httpx.Response = self.answers[str(request.url)]()
        is_known = response.headers.get("etag", "") == request.headers.get("if-none-match")
        return httpx.Response(304) if is_known else response

    async def poll(self) -> Page:
        async with Http(transport=httpx.MockTransport(self._answer), per_second=10_000, sandbox=Inline) as http:
            page = await Feeds(self.clock).poll(http, SOURCE, self.cursor)
        self.cursor = page.cursor
        return page


def ok(body: str, **headers: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, text=body, headers=headers)


def status(code: int, **headers: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(code, headers=headers)


@pytest.mark.parametrize("own", [SOURCE.value, "https://harbour.example/own.xml", "https://victim.example/guest.xml"])
async def test_page_that_named_another_host_cannot_speak_as_that_host(own: str) -> None:
    there = "https://victim.example/feed.xml"
    sites = Sites({SOURCE.value: ok(PAGE.format(there)), there: ok(FEED)})
    assert [post.key for post in (await sites.poll()).posts] == [f"{there}#1"]
    sites.answers |= {there: status(404), own: ok(FEED)}
    if own != SOURCE.value:
        sites.answers[SOURCE.value] = ok(PAGE.format(own))
    assert [post.key for post in (await sites.poll()).posts] == [f"{own}#1"]
    assert msgspec.json.decode(sites.cursor)["scope"] == own


async def test_feed_that_moves_on_its_own_host_keeps_its_keys() -> None:
    first, then = "http://harbour.example/a.xml", "https://harbour.example/b.xml"
    sites = Sites({SOURCE.value: ok(PAGE.format(first)), first: ok(FEED)})
    assert [post.key for post in (await sites.poll()).posts] == [f"{first}#1"]
    sites.answers |= {SOURCE.value: ok(PAGE.format(then)), first: status(404), then: ok(FEED + "<!-- moved -->")}
    assert [post.key for post in (await sites.poll()).posts] == [f"{first}#1"]


@pytest.mark.parametrize(
    ("answers", "gone"),
    [
        ({SOURCE.value: status(410)}, True),
        ({SOURCE.value: status(301, location="/moved"), "https://harbour.example/moved": status(410)}, True),
        ({SOURCE.value: status(302, location="/moved"), "https://harbour.example/moved": status(410)}, False),
        ({SOURCE.value: ok(PAGE.format("https://b.example/")), "https://b.example/": status(410)}, False),
    ],
    ids=["itself", "moved", "for now", "named by a page"],
)
async def test_only_a_sources_own_address_ends_it(answers: dict[str, Any], gone: object) -> None:
    with pytest.raises(NotFound) as caught:
        await Sites(answers).poll()
    assert caught.value.gone is gone


FIRST, SECOND = "https://harbour.example/1", "https://harbour.example/2"
BOTH = ok(PAGE.format(FIRST) + PAGE.format(SECOND))


@pytest.mark.parametrize("first", [status(404), status(410), status(403), ok('{"version":"1.0"}'), ok("<p>"), ok("")])
async def test_first_link_of_a_page_that_is_a_feed_is_followed(first: Callable[[], httpx.Response]) -> None:
    sites = Sites({SOURCE.value: BOTH, FIRST: first, SECOND: ok(FEED)})
    assert [post.key for post in (await sites.poll()).posts] == [f"{SECOND}#1"]
    assert msgspec.json.decode(sites.cursor)["url"] == SECOND


async def test_feed_of_a_page_that_is_only_unavailable_is_waited_for() -> None:
    with pytest.raises((Unavailable, RateLimited)):
        await Sites({SOURCE.value: BOTH, FIRST: status(503), SECOND: ok(FEED)}).poll()


async def test_page_without_a_feed_is_told_by_its_first_link() -> None:
    with pytest.raises(InvalidResponse, match=f"^Not a feed: {FIRST}, which {SOURCE.value} names, "):
        await Sites({SOURCE.value: BOTH, FIRST: ok("<p>"), SECOND: status(404)}).poll()


async def test_feed_that_was_a_page_at_the_first_poll_is_followed_once_it_is_back() -> None:
    there = "https://elsewhere.example/status.xml"
    sites = Sites({SOURCE.value: ok(PAGE.format(there)), there: ok(FEED)})
    await sites.poll()
    sites.answers[SOURCE.value] = ok(FEED + "<!-- own -->")
    assert (await sites.poll()).posts == ()
    sites.clock.now += timedelta(hours=1)
    assert [post.key for post in (await sites.poll()).posts] == [f"{SOURCE.value}#1"]
    sites.clock.now += timedelta(hours=1)
    await sites.poll()
    assert sites.asked == [SOURCE.value, there, there, there, SOURCE.value, SOURCE.value]


@pytest.mark.parametrize("own", [ok("<p>"), ok(""), ok(PAGE.format(FIRST)), status(503), status(410), status(404)])
@pytest.mark.parametrize("feed", [ok(FEED), ok(FEED, etag='"1"')], ids=["changing", "304"])
async def test_page_that_stays_one_is_asked_once_in_an_hour(
    own: Callable[[], httpx.Response], feed: Callable[[], httpx.Response]
) -> None:
    """Whatever it answers, the feed that it has named is followed, also on its own host."""
    sites = Sites({SOURCE.value: ok(PAGE.format(FIRST)), FIRST: feed})
    await sites.poll()
    sites.answers[SOURCE.value] = own
    for minutes in (30, 29, 1, 30, 29, 1):
        sites.clock.now += timedelta(minutes=minutes)
        await sites.poll()
    assert [url for url in sites.asked if url == SOURCE.value] == [SOURCE.value] * 3
    assert msgspec.json.decode(sites.cursor)["url"] == FIRST


async def test_page_is_asked_again_once_the_feed_that_it_named_is_dead_for_an_hour() -> None:
    dead, alive = "https://old.example/f", "https://new.example/f"
    sites = Sites({SOURCE.value: ok(PAGE.format(dead)), dead: ok(FEED)})
    await sites.poll()
    sites.answers |= {dead: status(503), SOURCE.value: ok(PAGE.format(alive)), alive: ok(FEED)}
    with pytest.raises(Unavailable):
        await sites.poll()
    sites.clock.now += timedelta(hours=1)
    assert [post.key for post in (await sites.poll()).posts] == [f"{alive}#1"]


async def test_change_to_the_own_address_drops_no_post_of_the_other() -> None:
    other = "https://other.example/f"
    own, more = UNDATED.format("<item><guid>9</guid><title>x</title></item>"), FEED.replace("<guid>1", "<guid>2")
    sites = Sites({SOURCE.value: ok(PAGE.format(other)), other: ok(FEED)})
    await sites.poll()
    sites.clock.now += timedelta(hours=1)
    sites.answers |= {SOURCE.value: ok(UNDATED.format("")), other: ok(more)}
    assert [post.key for post in (await sites.poll()).posts] == [f"{other}#2"]
    sites.clock.now += timedelta(hours=1)
    sites.answers |= {SOURCE.value: ok(own), other: ok(FEED.replace("<guid>1", "<guid>3"))}
    assert {post.key for post in (await sites.poll()).posts} == {f"{other}#3", f"{SOURCE.value}#9"}
