# ruff: noqa: RUF001 - digits and signs of many scripts
"""Dates as feeds write them, and the newest of very many entries by them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.syndication import json_feed, rss_atom
from connectors.syndication.dates import moment
from tests.connectors.networks.feeds.test_connector import UNDATED, poll, reply

URL = "https://harbour.example/feed"
TEN = datetime(2026, 11, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("20261127T100000Z", 0),
        ("2026-11-27T10:00:00", 0),
        ("2026-11-27T10:00:00.123+02:00", -2),
        ("2026-11-27T10:00:00 +0200", -2),
        ("2026-11-27T10:00:00+02", -2),
        ("2026-11-27T10:00:00 EST", 5),
        ("2026-11-27 10:00:00 CET", -1),
        ("2026-11-27", -10),
        ("2026-11-27T24:00:00Z", 14),
        ("2026-11-27T10:00:00\u221202:00", 2),
        ("2026\u201111\u201127T10:00:00\u221202:00", 2),
        ("2026-11-27T09:59:60Z", 0),
        ("Fri, 27 Nov 2026 09:59:60 GMT", 0),
        ("Fri, 27 Nov 2026 24:00:00 GMT", 14),
        ("Fri, 27 Nov 2026 10:00:00 \u22120200", 2),
        ("Fri, 27 Nov 2026 10:00:00 GMT", 0),
        ("Fri, 27 Nov 2026 10:00:00 MEZ", -1),
        ("Fri, 27 Nov 2026 10:00:00 CEST", -2),
        ("Fri, 27 Nov 2026 10:00:00 BST", -1),
        ("Fri, 27 Nov 2026 10:00:00 GMT+0200", -2),
        ("Fri, 27 Nov 2026 10:00:00 +0200 (CEST)", -2),
        ("Fri, 27 Nov 2026 10:00:00 AM GMT", 0),
        ("Fri, 27 Nov 2026 1:00:00 PM GMT", 3),
        ("Fri, 27 Nov 2026 12:00 AM", -10),
        ("Fri Nov 27 10:00:00 CET 2026", -1),
        ("27-Nov-2026 10:00", 0),
        ("27 November 2026", -10),
        ("November 27, 2026", -10),
        ("27 Nov 2026", -10),
        ("Fri Nov 27 2026 12:00:00 +0200 (Osteuropäische Zeit)", 0),
        ("Fri, 27 November 2026 10:00", 0),
        ("2026-11-27 10:00:00", 0),
        ("2026-11-27T10:00Z", 0),
        ("27 Nov 26 10:00 EST", 5),
        ("Fri, 27 Nov 26 10:00:00 GMT", 0),
        ("２０２６-１１-２７ １０:００", 0),
        ("2026-11-27T10:00:00Z\u200e", 0),
        ("Fri, 27 Nov 2026 10:00:00\u00a0GMT", 0),
        ("2026年11月27日 18:00", 0),
        ("2026年11月27日 10:00 +00:00", 0),
        ("2026年11月27日(金) 18時00分00秒", 0),
        ("2026年11月27日 星期五 下午6:00", 0),
        ("2026-11-27 上午 10:00:00", -8),
        ("2026年11月27日", -18),
        ("2026년 11월 27일", -19),
        ("2026년 11월 27일 금요일 오후 7:00", 0),
        ("2026-11-27 오후 07:00:00", 0),
        ("2026. 11. 27. 오후 7:00", 0),
        ("2026年11月27日 19:00 JST", 0),
        ("2026年11月27日 19時00分（JST）", 0),
        ("2026年11月27日 18:00:00 CST", 0),
        ("2026-11-27 下午 6:00 CST", 0),
        ("2026年11月27日 18:00 GMT+8", 0),
        ("2026年11月27日 19:00 +0900", 0),
        ("2026년 11월 27일 19:00 KST", 0),
        ("2026년 11월 27일 11:00 UTC+01:00", 0),
        ("2026-11-27 19:00 JST", 0),
        ("Fri, 27 Nov 2026 19:00:00 KST", 0),
    ],
)
def test_date_is_read_as_a_whole(said: str, hours: int) -> None:
    assert moment(said) == TEN + timedelta(hours=hours)
    body = UNDATED.format(f"<item><title>One</title><pubDate>{said}</pubDate></item>").encode()
    feed = rss_atom.decode(body, URL)
    assert feed is not None
    assert feed.entries[0].published == TEN + timedelta(hours=hours)
    body = json.dumps({"items": [{"date_published": said}]}).encode()
    assert json_feed.decode(body, URL).entries[0].published == TEN + timedelta(hours=hours)


@pytest.mark.parametrize(
    "said",
    [
        "2026-W48-5",
        "2026-11-27T13:00:00 PM",
        "2026-11-27T10",
        "2026-11-27T25:00:00Z",
        "2026-11-27T10:00:00+25:00",
        "2026-13-01",
        "Fri, 27 Nov 2026 10:00:00 -2400",
        "Fri, 27 Nov 2026 25:00:00 GMT",
        "27/11/2026 10:00",
        "27.11.2026",
        "yesterday at 10:00",
        "2026年11月27日 soon",
        "2026年13月27日",
        "2026年11月27日 25:00",
        "2026年11月27日 下午 18:00",
        "2026年11月27日 10:00 +99:00",
        "2026년 11월",
        "令和8年11月27日",
        "2026-július-27T9:15-05:00",
        "27 ноября 2026",
        "2026-11-27 утром",
        "2026年",
        "",
    ],
)
def test_date_that_is_only_partly_read_is_none(said: str) -> None:
    assert moment(said) is None
    body = UNDATED.format(f"<item><title>One</title><pubDate>{said}</pubDate></item>").encode()
    feed = rss_atom.decode(body, URL)
    assert feed is not None
    assert feed.entries[0].published is None


def test_greek_date_is_read_as_feedparser_does() -> None:
    body = UNDATED.format("<item><title>One</title><pubDate>Παρ, 27 Νοέ 2026 12:00:00 EET</pubDate></item>").encode()
    feed = rss_atom.decode(body, URL)
    assert feed is not None
    assert feed.entries[0].published == TEN + timedelta(hours=2)  # which does not know this zone


STRANGE = {
    "undated": "",
    "nonsense": "soon",
    "zero": "Thu, 01 Jan 1970 00:00:00 GMT",
    "of years ago": "Mon, 04 Feb 2019 10:00:00 GMT",
    "still to come": "Sat, 01 Jan 2028 10:00:00 GMT",
}
NUMBERS = range(1, 251)


def dated(number: int) -> str:
    return format_datetime(TEN - timedelta(days=300) + timedelta(hours=number))


async def titles(entries: list[tuple[str, str]], kind: str) -> set[str]:
    if kind == "json":
        return {
            post.title
            for post in (
                await poll(
                    reply(
                        json.dumps(
                            {
                                "items": [
                                    {"id": title, "title": title, "content_text": "Words.", "date_published": date}
                                    for title, date in entries
                                ]
                            }
                        )
                    )
                )
            ).posts
        }
    items = (f"<item><title>{t}</title><guid>{t}</guid><pubDate>{d}</pubDate></item>" for t, d in entries)
    return {post.title for post in (await poll(reply(UNDATED.format("".join(items))))).posts}


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", ["rss", "json"])
@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("rises", [1, -1])
async def test_newest_of_many_are_taken(kind: str, strange: str, place: str, rises: int) -> None:
    entries = [(str(number), dated(number)) for number in NUMBERS][::rises]
    entries.insert(0 if place == "first" else len(entries), ("Strange", STRANGE[strange]))
    found = await titles(entries, kind)
    assert len(found) == 200
    assert found - {"Strange"} >= {str(number) for number in NUMBERS[-199:]}


@pytest.mark.parametrize("kind", ["rss", "json"])
async def test_newest_of_many_without_an_order_are_taken_by_their_dates(kind: str) -> None:
    entries = [(str(number), dated(number)) for number in [*NUMBERS[::2], *NUMBERS[1::2][::-1]]]
    assert await titles(entries, kind) == {str(number) for number in NUMBERS[-200:]}
