"""Posts of more megabytes than are read: each is told once, and those around it arrive."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import Page
from connectors.errors import InvalidResponse
from connectors.networks.mastodon.client import LIMIT, MAX_PAGE, MAX_STATUS
from connectors.networks.mastodon.gaps import GAP, LOST
from connectors.networks.mastodon.pieces import POST_TOO_LARGE
from connectors.networks.mastodon.timeline import TRIES
from tests.connectors.networks.mastodon.listing import HASHTAG, Listing
from tests.connectors.networks.mastodon.sources import mastodon

TOO_LARGE = POST_TOO_LARGE.format("m.example")


class Heavy:
    """A timeline of `count` posts, some of which are `heavy`; they begin with their id, or with something else."""

    def __init__(self, count: int, *heavy: int, begins: str = '[{"id": "%d", "content": "') -> None:
        self.server = Listing(count, self._answer)
        self.heavy = set(heavy)
        self.begins = begins
        self.cursor = ""

    def _answer(self, request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.startswith("/api/v1/timelines/tag/"):
            return None
        page = [int(row["id"]) for row in self.server.page(request.url.params)]
        if self.heavy.isdisjoint(page):
            return None
        if len(page) > 1:
            return httpx.Response(200, content=b" " * (MAX_PAGE + 1))
        if not self.begins:  # alone, each fits
            return None
        head = self.begins % page[0] if "%d" in self.begins else self.begins
        return httpx.Response(200, content=head.encode().ljust(MAX_STATUS + 1, b"x"))

    async def poll(self) -> Page:
        async with self.server.http() as http:
            page = await mastodon.poll(http, HASHTAG, self.cursor)
        self.cursor = page.cursor
        return page


def numbers(page: Page) -> list[int]:
    return [int(key.rpartition("/")[2]) for key in page.refs]


def others(start: int, end: int, *heavy: int) -> list[int]:
    return [number for number in range(start, end + 1) if number not in heavy]


@pytest.mark.parametrize("heavy", [60, 59, 40, 21, 20, 1])
async def test_posts_around_one_that_is_too_large_arrive(heavy: int) -> None:
    timeline = Heavy(60, heavy)
    page = await timeline.poll()
    assert (numbers(page), page.broken) == (others(1, 60, heavy), (TOO_LARGE,))


async def test_posts_around_two_that_are_too_large_arrive() -> None:
    page = await Heavy(60, 60, 59).poll()
    assert (numbers(page), page.broken) == (others(1, 58), (TOO_LARGE, TOO_LARGE))


async def test_newest_post_that_is_too_large_stops_no_later_poll() -> None:
    timeline = Heavy(60)
    await timeline.poll()
    timeline.server.grow(1)
    timeline.heavy = {61}
    page = await timeline.poll()
    assert (numbers(page)[-1], page.broken, page.to_recheck) == (60, (TOO_LARGE,), ())
    timeline.server.grow(3)
    page = await timeline.poll()
    assert (numbers(page)[-4:], page.broken) == ([60, 62, 63, 64], (TOO_LARGE,))


async def test_gap_with_a_post_that_is_too_large_is_closed() -> None:
    timeline = Heavy(10)
    await timeline.poll()
    timeline.server.grow(100)
    timeline.heavy = {30}
    page = await timeline.poll()
    assert (numbers(page), page.broken) == (others(11, 110, 30), (TOO_LARGE,))


async def test_loss_below_a_post_that_is_too_large_and_nameless_is_told() -> None:
    page = await Heavy(60, 40, begins='[{"content": "').poll()
    assert (numbers(page), page.broken) == ([*range(41, 61)], (LOST, TOO_LARGE))


async def test_gap_below_a_post_that_is_too_large_and_nameless_is_told() -> None:
    timeline = Heavy(10, begins='[{"content": "')
    await timeline.poll()
    timeline.server.grow(LIMIT + 1)
    timeline.heavy = {12}
    assert (await timeline.poll()).broken == (TOO_LARGE,)  # with the post below it
    sentences = [(await timeline.poll()).broken for _ in range(TRIES + 1)]
    assert [said[0] for said in sentences] == [GAP] * (TRIES - 1) + [LOST, TOO_LARGE]


async def test_nameless_newest_post_that_is_too_large_is_trouble() -> None:
    with pytest.raises(InvalidResponse, match=r"^Response too large: m\.example sent more than 24 MB"):
        await Heavy(3, 3, begins="[{").poll()


async def test_page_of_which_one_post_fits_into_a_response_is_told_and_loses_none() -> None:
    wall = Heavy(40)
    assert len(numbers(await wall.poll())) == 40
    wall.heavy = set(range(1, 200))
    wall.begins = ""
    page = await wall.poll()
    assert (page.broken, page.missing, page.to_recheck) == (
        ("Page incomplete: m.example sends posts of which few fit into a response.",),
        (),
        (),
    )
