"""An ETag that never changes: an hour of 304 is believed, and then the server is asked in full."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from connectors.contract import Address
from connectors.http.not_modified import NOT_MODIFIED_TRUST, is_trusted
from connectors.networks.mastodon.cursor import read_cursor
from connectors.timeline.cursor import write_cursor
from tests.connectors.networks.mastodon.listing import ACCOUNT, HASHTAG, NOW, Listing
from tests.connectors.networks.mastodon.sources import mastodon


@pytest.mark.parametrize("source", [HASHTAG, ACCOUNT], ids=["hashtag", "account"])
async def test_etag_that_never_changes_hides_new_posts_for_an_hour_at_most(source: Address) -> None:
    server = Listing(3)
    server.etag = '"const"'
    asked = []
    async with server.http() as http:
        cursor = (await mastodon.poll(http, source, "")).cursor
        server.grow(2)
        for minutes in (30, 59, 60, 61):
            server.now = NOW + timedelta(minutes=minutes)
            page = await mastodon.poll(http, source, cursor)
            cursor = page.cursor
            asked.append(("if-none-match" in server.asked[-1].headers, len(page.posts)))
    assert asked == [(True, 0), (True, 0), (False, 5), (True, 0)]


async def test_etag_of_a_cursor_without_a_time_is_not_sent() -> None:
    server = Listing(3)
    server.etag = '"const"'
    async with server.http() as http:
        before = read_cursor((await mastodon.poll(http, HASHTAG, "")).cursor)
        page = await mastodon.poll(http, HASHTAG, write_cursor(structs.replace(before, read_at="")))
    assert ("if-none-match" in server.asked[-1].headers, read_cursor(page.cursor)) == (False, before)


@pytest.mark.parametrize(
    ("read_at", "trusted"),
    [
        (NOW.isoformat(), True),
        ((NOW - NOT_MODIFIED_TRUST + timedelta(seconds=1)).isoformat(), True),
        ((NOW - NOT_MODIFIED_TRUST).isoformat(), False),
        ((NOW + timedelta(seconds=1)).isoformat(), False),
        ("9999-12-31T23:59:59+00:00", False),
        ("2026-11-28T09:00:00", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_trust_ends_after_an_hour_and_where_the_clock_was_set_back(read_at: str, *, trusted: bool) -> None:
    assert is_trusted(read_at, NOW) == trusted
