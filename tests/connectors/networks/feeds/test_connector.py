"""Web feeds by way of the connector: addresses, conditional requests, memory, and feeds as found in the wild."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from connectors.contract import Address, Page
from connectors.errors import InvalidResponse
from connectors.http.client import Http
from connectors.networks.feeds.connector import MAX_FEED_BYTES, Feeds
from connectors.sandbox import Inline
from connectors.text.html import clean
from tests.recorded import elsewhere, path
from tests.replay import Tape

NOW = datetime(2026, 6, 18, 12, 0, 0, 500_000, tzinfo=UTC)
SOURCE = Address(network="feeds", kind="feed", value="https://harbour.example/news.xml")
UNDATED = "<rss version='2.0'><channel><title>Small</title>{}</channel></rss>"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def reply(body: str | bytes, **headers: str) -> httpx.MockTransport:
    content = body.encode() if isinstance(body, str) else body
    return httpx.MockTransport(lambda _: httpx.Response(200, content=content, headers=headers))


async def poll(transport: httpx.MockTransport, cursor: str = "", clock: Clock | None = None) -> Page:
    async with Http(transport=transport, per_second=10_000, sandbox=Inline) as http:
        return await Feeds(clock or Clock()).poll(http, SOURCE, cursor)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://Harbour.Example/News.xml?x=1#top", "https://harbour.example/News.xml?x=1"),
        ("HTTP://harbour.example", "http://harbour.example/"),
        ("feed:https://harbour.example/a", "https://harbour.example/a"),
        ("feed://harbour.example/a", "https://harbour.example/a"),
        ("FEED://https://harbour.example/a", "https://harbour.example/a"),
        ("http://127.0.0.1:8080/feed", "http://127.0.0.1:8080/feed"),
        ("http://[::1]:8080/feed", "http://[::1]:8080/feed"),
    ],
)
def test_recognise_takes_any_web_address(typed: str, url: str) -> None:
    assert Feeds().recognise(typed) == Address(network="feeds", kind="feed", value=url)


@pytest.mark.parametrize(
    "typed",
    [
        "harbour.example",
        "#harbour",
        "@ada@harbour.example",
        "ftp://harbour.example/",
        "feed:mailto:ada@harbour.example",
        "https://ada:secret@harbour.example/",
        "https://harbour.example/a b",
        "https:///nowhere",
        "https://harbour.example:99999/",
        "javascript:alert(1)",
    ],
)
def test_recognise_leaves_what_is_none(typed: str) -> None:
    assert Feeds().recognise(typed) is None


def test_recognise_leaves_addresses_on_a_server_to_others() -> None:
    assert Feeds().recognise("https://harbour.example/", "harbour.example") is None


async def test_feed_is_asked_for_what_is_new_only() -> None:
    body = UNDATED.format("<item><title>One</title></item>")
    headers = {"etag": 'W/"7"', "last-modified": "Wed, 17 Jun 2026 12:00:00 GMT"}
    tape = Tape(
        [
            {"request": "GET /news.xml", "headers": headers, "body": body},
            {"request": "GET /news.xml", "status": 304},
        ]
    )
    async with tape.http() as http:
        first = await Feeds(Clock()).poll(http, SOURCE, "")
        second = await Feeds(Clock()).poll(http, SOURCE, first.cursor)
    asked = [(sent.headers.get("if-none-match"), sent.headers.get("if-modified-since")) for sent in tape.asked]
    assert asked == [(None, None), ('W/"7"', "Wed, 17 Jun 2026 12:00:00 GMT")]
    assert second == Page(cursor=first.cursor)


async def test_undated_entries_keep_the_day_they_were_first_seen() -> None:
    clock = Clock()
    one, two = "<item><guid>1</guid><title>One</title></item>", "<item><guid>2</guid><title>Two</title></item>"
    first = await poll(reply(UNDATED.format(one)), clock=clock)
    clock.now += timedelta(days=1)
    second = await poll(reply(UNDATED.format(two + one)), first.cursor, clock)
    clock.now += timedelta(days=1)
    third = await poll(reply(UNDATED.format(two)), second.cursor, clock)
    start = NOW.replace(microsecond=0)
    assert [(post.title, post.created_at) for post in first.posts] == [("One", start)]
    assert [(post.title, post.created_at) for post in second.posts] == [
        ("One", start),
        ("Two", start + timedelta(days=1)),
    ]
    assert third.posts == second.posts[1:]
    assert len(msgspec.json.decode(third.cursor)["memory"]["seen"]) == 1


async def test_a_date_still_to_come_does_not_move_once_it_has_come() -> None:
    clock = Clock()
    body = UNDATED.format("<item><title>Soon</title><pubDate>Thu, 18 Jun 2026 14:00:00 GMT</pubDate></item>")
    first = await poll(reply(body), clock=clock)
    clock.now += timedelta(hours=3)
    assert (await poll(reply(body + "<!-- later -->"), first.cursor, clock)).posts == first.posts


@pytest.mark.parametrize(
    ("said", "created"),
    [
        ("Thu, 18 Jun 2026 11:00:00 GMT", datetime(2026, 6, 18, 11, tzinfo=UTC)),
        ("Thu, 18 Jun 2026 13:00:00 +0200", datetime(2026, 6, 18, 11, tzinfo=UTC)),
        ("Fri, 19 Jun 2026 11:00:00 GMT", datetime(2026, 6, 18, 12, tzinfo=UTC)),
        ("Thu, 18 Jun 2026 11:00:00 -0000", datetime(2026, 6, 18, 12, tzinfo=UTC)),
        ("yesterday", datetime(2026, 6, 18, 12, tzinfo=UTC)),
    ],
)
async def test_first_seen_is_when_the_server_answered_unless_it_lies(said: str, created: datetime) -> None:
    page = await poll(reply(UNDATED.format("<item><title>One</title></item>"), date=said))
    assert [post.created_at for post in page.posts] == [created]


@pytest.mark.parametrize(
    ("hint", "wait"),
    [
        ("<ttl>15</ttl>", 900.0),
        ("<ttl>0</ttl>", 60.0),
        ("<ttl>99999</ttl>", 3600.0),
        ("<ttl>soon</ttl>", None),
        ("<ttl>nan</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800.0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3600.0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("", None),
    ],
)
async def test_a_feeds_wish_for_a_pause_is_kept_within_bounds(hint: str, wait: float | None) -> None:
    space = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    body = f"<rss version='2.0' {space}><channel><title>x</title>{hint}</channel></rss>"
    assert (await poll(reply(body))).wait == wait


async def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    page = await poll(reply(UNDATED.format("<item><title>One</title></item>")), "not ours")
    assert [post.title for post in page.posts] == ["One"]


async def test_an_entry_keeps_its_key_when_its_words_change() -> None:
    before, after = (UNDATED.format(f"<item><guid>1</guid><title>{title}</title></item>") for title in ("A", "B"))
    first = await poll(reply(before))
    second = await poll(reply(after), first.cursor)
    assert [(post.key, post.title) for post in (*first.posts, *second.posts)] == [
        ("https://harbour.example/news.xml#1", "A"),
        ("https://harbour.example/news.xml#1", "B"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        "<guid>https://harbour.example/</guid>",  # a permalink, and so the link as well
        "<guid>7</guid><link>https://harbour.example/</link>",
        "<link>https://harbour.example/</link>",
    ],
)
async def test_what_was_once_shared_names_no_entry_when_it_stands_alone_again(names: str) -> None:
    """Otherwise the newest article would replace the oldest card."""
    one, two, three = (f"<item>{names}<title>{title}</title></item>" for title in ("One", "Two", "Three"))
    first = await poll(reply(UNDATED.format(one)))
    second = await poll(reply(UNDATED.format(two + one)), first.cursor)
    third = await poll(reply(UNDATED.format(three)), second.cursor)
    keys = {post.key for post in first.posts}
    told = [(post.title, post.key) for post in (*second.posts, *third.posts)]
    assert {title for title, _ in told} == {"One", "Two", "Three"}
    assert not keys & {key for title, key in told if title != "One"}
    assert len({key for _, key in told}) == 3


async def test_a_shared_link_says_nothing_against_a_guid_of_the_same_text() -> None:
    link, own = "<link>https://harbour.example/</link>", "<guid>https://harbour.example/</guid>"
    items = f"<item>{link}<title>One</title></item><item>{link}<title>Two</title></item>"
    before, after = (UNDATED.format(f"{items}<item>{own}<title>{title}</title></item>") for title in ("A", "B"))
    first = await poll(reply(before))
    second = await poll(reply(after), first.cursor)
    told = {post.title: post.key for post in (*first.posts, *second.posts)}
    assert told["A"] == told["B"] == "https://harbour.example/news.xml#https://harbour.example/"
    assert len(set(told.values())) == 3


async def test_a_feed_in_a_web_page_s_clothes_is_still_a_feed() -> None:
    body = UNDATED.format("<item><title>One</title></item>")
    page = await poll(reply(body, **{"content-type": "text/html"}))
    assert [post.title for post in page.posts] == ["One"]


async def test_endless_feeds_are_read_to_two_hundred_entries() -> None:
    items = "".join(f"<item><guid>{number}</guid><title>{number}</title></item>" for number in range(5000))
    page = await poll(reply(UNDATED.format(items)))
    assert [post.title for post in page.posts] == [str(number) for number in reversed(range(200))]
    assert page.broken == ()


async def test_feeds_beyond_the_bound_are_refused() -> None:
    with pytest.raises(InvalidResponse):
        await poll(reply(b" " * (MAX_FEED_BYTES + 1)))


async def test_reading_a_large_feed_leaves_the_loop_free() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    body = UNDATED.format("<item><title>" + "<b>" * 39_000 + "</title></item>")
    async with Http(transport=reply(body), per_second=10_000) as http:  # in a separate process, as in the product
        await Feeds(Clock()).poll(http, SOURCE, "")
    heart.cancel()
    assert beats > 3


async def test_what_is_read_of_a_broken_document_is_no_loss() -> None:
    """An entry is counted as lost once: feedparser's reading of broken markup is on the wall."""
    page = await poll(reply(UNDATED.format("<item><title>One & two <br></title></item><item><title>Three</title>")))
    assert (len(page.posts), page.broken) == (2, ())


@pytest.mark.parametrize(
    ("rest", "titles", "sentence"),
    [
        ("<item><title>Three is cut in the mid", ["One", "Two"], "after entry 2"),
        ("<item><title>Three</title></item>", ["One", "Three", "Two"], "after entry 3"),
        ("<!-- </channel></rss> <item> -->", ["One", "Two"], "after entry 2"),
    ],
)
async def test_feed_that_breaks_off_says_so_and_shows_no_half_entry(
    rest: str, titles: list[str], sentence: str
) -> None:
    begun = UNDATED.format("").partition("</channel>")[0]
    whole = "".join(f"<item><title>{title}</title></item>" for title in ("One", "Two"))
    page = await poll(reply(f"{begun}{whole}{rest}"))
    assert sorted(post.title for post in page.posts) == titles
    assert page.broken == (f"Truncated feed: it ends {sentence}, and the rest is missing.",)


@pytest.mark.parametrize("place", [0, 2, 4])
async def test_huge_entry_costs_itself_alone_and_is_counted(place: int) -> None:
    items = [f"<item><title>{n}</title><pubDate>Thu, 1{n} Jun 2026 07:00:00 GMT</pubDate></item>" for n in range(4)]
    items.insert(place, f"<item><title>Huge</title><description>{'words ' * 400_000}</description></item>")
    page = await poll(reply(UNDATED.format("".join(items))))
    assert sorted(post.title for post in page.posts) == ["0", "1", "2", "3"]
    assert page.broken == (f"Unreadable entry {place + 1}: it has more than 1 MB.",)


async def test_entries_in_comments_and_words_are_none() -> None:
    hidden = "<!-- <item><title>old</title></item> --><item><title>One</title><description><br></description></item>"
    page = await poll(reply(UNDATED.format(f"{hidden}<item><title>Two</title><x><![CDATA[<item>]]></x></item>")))
    assert (sorted(post.title for post in page.posts), page.broken) == (["One", "Two"], ())


async def test_link_that_is_another_entry_s_name_names_nothing() -> None:
    named, linked = "<item><title>A</title><guid>https://b.example/1</guid></item>", "https://b.example/1"
    page = await poll(reply(UNDATED.format(f"{named}<item><title>B</title><link>{linked}</link></item>")))
    assert sorted(post.title for post in page.posts) == ["A", "B"]
    again = await poll(reply(UNDATED.format(f"<item><title>B</title><link>{linked}</link></item>")), page.cursor)
    assert {post.key for post in again.posts} < {post.key for post in page.posts}


def _files() -> list[Path]:
    return [
        *sorted(path("feeds").glob("*")),
        path("youtube/channel_feed.xml"),
        path("takahe/profile.rss.xml"),
    ]


@elsewhere
async def test_feeds_from_the_world_are_read_and_made_safe() -> None:
    empty = []
    files = _files()
    assert len(files) > 30
    for file in files:
        page = await poll(reply(file.read_bytes()))
        assert [post.key for post in page.posts if clean(post.html) != post.html] == [], file.name
        assert page == await poll(reply(file.read_bytes())), file.name
        if not page.posts:
            empty.append(file.name)
    assert {name for name in empty if not name.startswith("feedparser_")} == set()


LATIN = UNDATED.format("<item><title>Ærø</title></item>")
UTF8 = "<?xml version='1.0' encoding='utf-8'?>" + UNDATED.format("<item><title>Ærø, Zürich, Łódź, Αθήνα</title></item>")


@pytest.mark.parametrize(
    ("body", "headers", "title"),
    [
        (UTF8.encode(), {}, "Ærø, Zürich, Łódź, Αθήνα"),
        (UTF8.encode(), {"content-type": "text/xml"}, "Ærø, Zürich, Łódź, Αθήνα"),
        (UTF8.replace("utf-8", "utf-16").encode("utf-16"), {}, "Ærø, Zürich, Łódź, Αθήνα"),
        (UTF8.encode().replace("ø".encode(), b"\xff", 1), {}, "Ær\ufffd, Zürich, Łódź, Αθήνα"),
        (f"<?xml version='1.0' encoding='iso-8859-1'?>{LATIN}".encode("latin-1"), {}, "Ærø"),
        (LATIN.encode("cp1252"), {"content-type": "application/xml; charset=windows-1252"}, "Ærø"),
    ],
    ids=["utf-8", "text/xml", "utf-16", "one broken byte", "declared", "by the header"],
)
async def test_letters_survive_their_encoding(body: bytes, headers: dict[str, str], title: str) -> None:
    assert [post.title for post in (await poll(reply(body, **headers))).posts] == [title]


async def test_one_item_of_every_wrong_type_spoils_nothing() -> None:
    wrong: list[Any] = [
        None,
        1,
        True,
        [],
        {},
        "x",
        [1],
        {"a": 1},
        "http://[",
        "\ud83c".encode("utf-8", "replace").decode(),
    ]
    names = ("id", "url", "title", "content_html", "summary", "image", "authors", "author", "tags", "attachments")
    items = [{name: value, "content_text": f"{name} {value}"} for name in names for value in wrong]
    body = {"version": "https://jsonfeed.org/version/1", "title": 3, "icon": [], "items": [*items, *wrong]}
    page = await poll(reply(msgspec.json.encode(body)))
    assert len(page.posts) + len(page.broken) == len(items) + len(wrong)
    assert sum("is not an object" in sentence for sentence in page.broken) == len(wrong) - 2
