"""The walk along a listing, where it ends in something else than a known post."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from connectors.errors import Unavailable
from connectors.http.client import Params
from connectors.networks.bluesky.client import FeedPage
from connectors.networks.bluesky.cursor import Cursor
from connectors.networks.bluesky.reading import Entry
from connectors.networks.bluesky.timeline import GAP, LOST, PAGES, TOO_MANY, TRIES, NewEntries, fetch_new
from tests.aggregator.invented import START

KNOWN = Cursor(known={"old": ""}, since=START.isoformat())


def entry(number: int) -> Entry:
    return Entry(id=str(number), at=START + timedelta(minutes=number))


class Endless:
    """A listing of pages of one entry, the newest of `count`; `stops` at a page by an error, or by sending it again."""

    def __init__(self, count: int, *, stops: int = 0, repeats: int = 0) -> None:
        self.count, self.stops, self.repeats = count, stops, repeats

    async def __call__(self, params: Params, etag: str) -> FeedPage | None:
        page = int(str(params.get("cursor", 0)))
        if page and page == self.stops:
            raise Unavailable("It fails")
        number = page - 1 if page and page == self.repeats else page
        return FeedPage(entries=(entry(self.count - number),), cursor=str(page + 1), etag=f"e{page}")


def ids(new: NewEntries) -> list[str]:
    return [entry.id for entry in new.entries]


async def test_too_many_new_posts_are_told() -> None:
    new = await fetch_new(Endless(100), KNOWN)
    assert (len(new.entries), new.gap, list(new.position.known)) == (PAGES, TOO_MANY, ["100"])


async def test_walk_of_a_listing_in_its_own_order_is_short_and_tells_nothing() -> None:
    new = await fetch_new(Endless(100), KNOWN, is_sorted=False)
    assert (ids(new), new.gap, new.lost) == (["99", "100"], "", ())


@pytest.mark.parametrize("how", ["stops", "repeats"])
async def test_gap_is_asked_for_again_and_then_reported_as_lost(how: str) -> None:
    listing, position, told = Endless(100, **{how: 2}), KNOWN, []
    for _ in range(TRIES):
        new = await fetch_new(listing, position)
        position = new.position
        told.append(new.gap)
    assert (told, ids(new), list(position.known), position.tries) == (
        [*[GAP] * (TRIES - 1), LOST],
        ["99", "100"],
        ["100"],
        0,
    )


async def test_slow_walk_returns_what_it_has() -> None:
    async def slow(params: Params, etag: str) -> FeedPage | None:
        await asyncio.sleep(3600 if params else 0)
        return FeedPage(entries=(entry(9),), cursor="1")

    assert (await fetch_new(slow, KNOWN, enough=0.0)).gap == GAP


async def test_pinned_post_closes_no_gap() -> None:
    async def pinned(params: Params, etag: str) -> FeedPage | None:
        if params:
            return FeedPage(entries=(entry(2), Entry(id="old", at=START)), cursor="2")
        return FeedPage(entries=(Entry(id="old", at=START, pinned=True), entry(3)), cursor="1")

    new = await fetch_new(pinned, KNOWN)
    assert (ids(new), list(new.position.known)) == (["2", "3", "old"], ["3"])


@pytest.mark.parametrize(("broken", "lost"), [("", ("old",)), ("It is broken.", ())])
async def test_emptied_listing_has_lost_all(broken: str, lost: tuple[str, ...]) -> None:
    """Once: an unreadable entry may be any of them."""

    async def empty(params: Params, etag: str) -> FeedPage | None:
        return FeedPage(entries=(Entry(id="", broken=broken),) if broken else ())

    new = await fetch_new(empty, KNOWN)
    assert (new.lost, new.position.known, (await fetch_new(empty, new.position)).lost) == (lost, {}, ())
