"""Feeds and statuses with something strange in one place: only a connector's own error leaves it, and all that was not
touched still arrives in the same words.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors._base import Post, Unreadable
from connectors._feed_reading import Found, NotAFeed, read_feed
from connectors._mastodon_reading import Read, read_all
from tests.mastodon_entities import new_account, new_picture, new_status
from tests.replay import cases

AT = "2026-11-26T12:00:00+00:00"
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**40, "", " ", "\0", "\ud800", "\u202e", "x" * 70_000, "https://[::1",
    "https://a:b", "javascript:alert(1)",
    "http://\uff0f\uff1f/", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    [], [None], [[]], {}, {"0": None}, {"a": {"b": {}}}, "<" * 5_000, "&" * 5_000, "<ul><li>" * 2_000,
    "e\u0301" * 9_000,
)  # fmt: skip


# --- statuses ----------------------------------------------------------------------------------------------------


def status(number: int) -> dict[str, Any]:
    """A status with everything in it."""
    url = "https://m.example"
    account = {**new_account(url, "ada", 1), "note": "<p>Hello</p>", "emojis": [emoji()], "fields": [{"name": "a"}]}
    poll = {"options": [{"title": "Yes", "votes_count": 1}], "expires_at": AT, "votes_count": 1, "emojis": [emoji()]}
    quoted = {**new_status(url, f"9{number}", "ben"), "account": new_account(url, "ben", 2), "content": "<p>Quoted</p>"}
    return {
        **new_status(url, str(number), "ada"),
        "created_at": "2026-11-26T09:00:00Z",
        "edited_at": "2026-11-26T10:00:00Z",
        "account": account,
        "content": f"<p>Words of {number}</p>",
        "media_attachments": [new_picture(f"{url}/{number}.png", 40, 30, "A boat")],
        "mentions": [{"acct": "ben", "url": f"{url}/@ben"}],
        "tags": [{"name": "socitm09"}],
        "emojis": [emoji()],
        "poll": poll,
        "card": {"url": "https://talks.example/1", "title": "Talks", "image": f"{url}/c.png"},
        "quote": {"state": "accepted", "quoted_status": quoted},
        "reblog": None,
    }


def emoji() -> dict[str, Any]:
    return {"shortcode": "boat", "url": "https://m.example/boat.png"}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a status, at every depth."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    at = changed
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = new
    return changed


def reads(statuses: list[Any]) -> list[Read]:
    body = json.dumps(statuses).encode()  # half a surrogate pair becomes its escape, as servers send it
    return [msgspec.msgpack.decode(each, type=Read) for each in read_all(body, AT)]


PLACES = list(places(status(2)))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: repr(value)[:24])
def test_status_with_a_hostile_field_costs_no_other(hostile: Any) -> None:
    first, last = reads([status(1), status(3)])
    for path in PLACES:
        before, strange, after = reads([status(1), with_value(status(2), path, hostile), status(3)])
        assert (before, after) == (first, last), path
        assert strange.post or strange.broken or strange.closed, path


NEEDED = {("id",), ("uri",), ("account",), ("account", "id"), ("account", "acct"), ("visibility",), ("reblog",)}


def test_status_loses_no_more_than_its_strange_field() -> None:
    """What a post can do without never costs the post."""
    for path in PLACES:
        if path not in NEEDED:
            (read,) = reads([with_value(status(2), path, {"strange": []})])
            assert read.post is not None, path
            assert path[0] == "content" or "Words of 2" in read.post.html, path


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_timeline_of_broken_bytes_raises_nothing_of_its_own(data: st.DataObject) -> None:
    body = bytearray(json.dumps([status(number) for number in range(3)]).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with suppress(Unreadable):
        read_all(bytes(body), AT)


# --- feeds -------------------------------------------------------------------------------------------------------

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://h.example/</link>{}</channel></rss>"""
ITEM = (
    '<item><guid isPermaLink="false">{0}</guid><title>Title {0}</title><link>https://h.example/{0}</link>'
    "<pubDate>Wed, 25 Nov 2026 0{0}:00:00 GMT</pubDate><description>Words of {0}</description>{1}</item>"
)
PIECES = (
    "<pubDate>0000-00-00</pubDate>", "<pubDate>0001-01-01T00:00:00+14:00</pubDate>", "<dc:date>10000-01-01</dc:date>",
    "<title>&#xD83C;&#xDF89; &#55356; &#99999999999; &#0; &#xFFFF;</title>", "<title>Q&A &nbsp &lang=en&copy=2</title>",
    '<gml:Point srsName="EPSG:word"><gml:pos>a b c</gml:pos></gml:Point>', "<georss:point>a</georss:point>",
    '<textInput name="q"><name>q</name></textInput>', '<enclosure url="https://[::1" type="image/png" length="x"/>',
    "<media:content url='http://{{ host }}/a.png' width='1e9'/>", '<link rel="x" href="https://a b/"/>',
    '<content:encoded xml:base="http://%/"><![CDATA[<a href="x">y</a>]]></content:encoded>', "<item>", "</item><item>",
    "<![CDATA[", "<!--", "<author>" + "a" * 9_000 + "@</author>",
    "<x " + " ".join(f'a{n}="{n}"' for n in range(900)) + "/>",
    "<category/>" * 300, "<description>" + "<b>" * 3_000 + "</description>", "\x0b\x00\x1f", "]]>",
)  # fmt: skip


def feed_posts(body: bytes) -> dict[str, Post]:
    ours = {"scope": "s", "moment": AT, "memory": {}}
    found = read_feed(body, "https://h.example/feed.xml", "application/xml", ours)
    return {post.key: post for post in found.meaning.posts} if isinstance(found, Found) else {}


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:30])
def test_entry_with_something_strange_costs_no_other(piece: str) -> None:
    honest = feed_posts(RSS.format(ITEM.format(1, "") + ITEM.format(3, "")).encode())
    found = feed_posts(RSS.format(ITEM.format(1, "") + ITEM.format(2, piece) + ITEM.format(3, "")).encode())
    assert len(honest) == 2
    assert found["s#1"] == honest["s#1"]
    if piece not in {"<![CDATA[", "<!--"}:  # which swallow whatever comes after them
        assert found["s#3"] == honest["s#3"]


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_feed_of_broken_bytes_raises_nothing_of_its_own(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from([each for each in cases("feeds") if each["replies"]]))
    body = bytearray(_body(case["replies"][-1].get("body", "")))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9) | st.sampled_from(MARKS))
    with suppress(Unreadable):
        found = read_feed(bytes(body), "https://h.example/f", "", {"scope": "s", "moment": AT, "memory": {}})
        assert isinstance(found, Found | NotAFeed)


MARKS = (
    b"<",
    b">",
    b"&",
    b"&#xD800;",
    b"</item>",
    b"<item>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b'"',
    b"0000-00-00",
    b"\xff",
)


def _body(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


ITEM_JSON: dict[str, Any] = {
    "id": "2", "url": "https://h.example/2", "title": "Title", "content_html": "<p>Words</p>", "summary": "Words",
    "date_published": AT, "date_modified": AT, "image": "https://h.example/2.png", "tags": ["a"], "language": "en",
    "authors": [{"name": "Ada", "url": "https://h.example/", "avatar": "https://h.example/a.png"}],
    "attachments": [{"url": "https://h.example/2.mp3", "mime_type": "audio/mpeg", "title": "Sound"}],
}  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: repr(value)[:24])
def test_item_of_a_json_feed_with_a_hostile_field_costs_no_other(hostile: Any) -> None:
    others = [{**ITEM_JSON, "id": id_} for id_ in ("1", "3")]
    honest = feed_posts(json.dumps({"title": "News", "items": others}).encode())
    for path in places(ITEM_JSON):
        items = [others[0], with_value(ITEM_JSON, path, hostile), others[1]]
        found = feed_posts(json.dumps({"title": "News", "items": items}).encode())
        assert [found.get(key) for key in honest] == list(honest.values()), path
