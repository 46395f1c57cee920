"""The preview of the posts that a first poll would bring."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.intake.preview import preview
from aggregator.timestamps import now
from connectors.contract import Address, Page
from connectors.http.client import Http
from tests.aggregator.invented import NETWORK, START, Silent, said

TAG = Address(network=NETWORK, kind="hashtag", value="harbour26")


async def test_newest_post_is_the_one_that_was_written_last() -> None:
    page = Page(posts=(said("1", created_at=START), said("2", created_at=START.replace(year=2008))))
    async with Http() as http:
        seen = await preview(http, Silent(page), TAG)
    assert (seen.posts, seen.newest) == (2, START)


async def test_post_that_is_still_to_come_is_one_of_now() -> None:
    page = Page(posts=(said("1", created_at=START), said("2", created_at=datetime(2099, 1, 1, tzinfo=UTC))))
    before = now()
    async with Http() as http:
        seen = await preview(http, Silent(page), TAG)
    assert seen.newest is not None
    assert before <= seen.newest <= now()
