"""Servers that are slow, stop answering half-way, or have lost posts: the results so far are returned."""

from __future__ import annotations

import asyncio

import pytest

from connectors.errors import ConnectorError, Forbidden, NotFound, RateLimited, Unavailable
from connectors.http.client import Http, Params
from connectors.networks.mastodon.client import LIMIT, Server
from connectors.networks.mastodon.cursor import Cursor
from connectors.networks.mastodon.gaps import GAP
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.origin import Origins
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.recheck import recheck
from connectors.networks.mastodon.timeline import NewStatuses, fetch_new
from connectors.networks.mastodon.timeline_page import TimelinePage
from tests.connectors.networks.mastodon.sources import keys, mastodon, tag
from tests.fakes.mastodon_server import MastodonServer


def leaf(first: int, last: int) -> TimelinePage:
    """The posts from `first` to `last`, newest first."""
    statuses: list[ParsedStatus] = [ParsedStatus(id=f"p{number}") for number in range(last, first - 1, -1)]
    return TimelinePage(statuses, older=f"p{first}", newer=f"p{last}")


def ids(walked: NewStatuses) -> list[str]:
    return [status.id for status in walked.statuses]


async def nowhere() -> str:
    """An empty path: no timeline is known."""
    return ""


def posts(first: int, last: int) -> list[str]:
    return [f"p{number}" for number in range(first, last + 1)]


class Halting:
    """Gives these pages one after the other, then fails, or hangs without a failure."""

    def __init__(self, *pages: TimelinePage, then: ConnectorError | None = None) -> None:
        self.pages = list(pages)
        self.then = then

    async def fetch(self, params: Params, etag: str) -> TimelinePage | None:
        if self.pages:
            return self.pages.pop(0)
        if self.then:
            raise self.then
        await asyncio.Event().wait()
        raise AssertionError("the sleep was not interrupted")

    async def walk(self, position: Cursor) -> NewStatuses:
        async with asyncio.timeout(30):
            return await fetch_new(self.fetch, position, enough=0.01)


@pytest.fixture(
    params=[
        Unavailable("Server error (503)."),
        RateLimited("Slow down.", 60.0),
        Forbidden("Access token required (401)."),
        NotFound("Gone (410).", gone=True),
        None,
    ],
    ids=["unavailable", "rate_limited", "forbidden", "gone", "hanging"],
)
def then(request: pytest.FixtureRequest) -> ConnectorError | None:
    failure: ConnectorError | None = request.param
    return failure


async def test_first_page_is_kept_where_the_second_does_not_come(then: ConnectorError | None) -> None:
    walked = await Halting(leaf(1, LIMIT), then=then).walk(Cursor(begun=False))
    assert (ids(walked), walked.position.known[0]) == (posts(1, LIMIT), f"p{LIMIT}")


async def test_first_crowd_is_shown_and_asked_for_again_where_it_is_not_whole(then: ConnectorError | None) -> None:
    walked = await Halting(leaf(41, 80), then=then).walk(Cursor())
    assert (ids(walked), walked.position) == (posts(41, 80), Cursor(tries=1))


async def test_way_up_goes_on_from_where_it_was_cut_off(then: ConnectorError | None) -> None:
    halting = Halting(leaf(161, 200), leaf(2, 41), leaf(42, 81), then=then)
    walked = await halting.walk(Cursor(known=("p1",), account="7"))
    assert (ids(walked), walked.position, walked.more) == (posts(2, 81), Cursor(known=("p81",), account="7"), True)


async def test_newest_are_shown_where_nothing_below_them_can_be_had(then: ConnectorError | None) -> None:
    position = Cursor(known=("p1",))
    walked = await Halting(leaf(161, 200), then=then).walk(position)
    assert (ids(walked), walked.more, walked.broken) == (posts(161, 200), False, (GAP,))
    assert walked.position == Cursor(known=("p1",), tries=1)


async def test_newest_page_that_does_not_come_is_trouble() -> None:
    with pytest.raises(Unavailable):
        await Halting(then=Unavailable("Server error (503).")).walk(Cursor())


async def test_endless_paging_is_left_after_some_pages() -> None:
    pages = [leaf(100 * number + 2, 100 * number + 41) for number in range(50)]
    halting = Halting(leaf(9_000, 9_039), *pages)
    walked = await halting.walk(Cursor(known=("p1",)))
    assert (len(walked.statuses), walked.more) == (5 * LIMIT, True)


async def test_recheck_at_a_slow_server_hands_over_what_it_has_learned(server: MastodonServer, http: Http) -> None:
    server.batches = False
    refs = {server.uri(ref): ref for ref in (server.post(f"{number}") for number in range(3))}
    first, second, third = refs
    server.delete(refs[first])
    server.fail(0, path=refs[third], seconds=30)
    page = await recheck(Server(http, server.url), refs, Matching(), nowhere, enough=3.0)
    assert (page.gone, keys(page)) == ((first,), [second])


async def test_recheck_that_learns_nothing_in_time_is_trouble(server: MastodonServer, http: Http) -> None:
    refs = {"https://m.example/1": "1"}
    server.fail(0, seconds=1, times=9)
    with pytest.raises(Unavailable, match=rf"^Request timed out: {server.host} took too long to answer\.$"):
        await recheck(Server(http, server.url), refs, Matching(), nowhere, enough=0.05)


async def test_witness_and_origins_that_take_too_long_leave_a_post_missing(server: MastodonServer, http: Http) -> None:
    server.batches = False
    refs = {server.uri(ref): ref for ref in (server.post(f"{number}") for number in range(2))}
    first, second = refs
    server.delete(refs[first])

    async def silent() -> str:
        await asyncio.sleep(30)
        return ""

    page = await recheck(Server(http, server.url), refs, Matching(), silent, enough=0.5)
    assert (page.gone, page.missing, keys(page)) == ((), (), [second])


async def test_origin_that_takes_too_long_has_not_answered(server: MastodonServer, http: Http) -> None:
    first, second = (server.uri(server.post(f"{number}")) for number in range(2))
    server.fail(404, seconds=5, times=9)
    origins = Origins(Server(http, server.url), [], 0.2)
    assert not await origins.has_ended(first)
    assert not await origins.has_ended(second)


# --- missing posts -----------------------------------------------------------------------------------------------


async def poll_twice(server: MastodonServer, http: Http, *lost: str) -> tuple[str, ...]:
    """The rechecks that the second poll asks for, after these were deleted and one was posted."""
    cursor = (await mastodon.poll(http, tag(server), "")).cursor
    for ref in lost:
        server.delete(ref)
    server.post("Another #socitm09", tags=["socitm09"])
    page = await mastodon.poll(http, tag(server), cursor)
    assert (await mastodon.poll(http, tag(server), page.cursor)).to_recheck == ()
    return page.to_recheck


@pytest.mark.parametrize("gone", [0, 1, 20, 38])
async def test_post_that_is_missing_from_the_newest_page_is_doubted(
    server: MastodonServer, http: Http, gone: int
) -> None:
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(60)][::-1]
    assert await poll_twice(server, http, refs[gone]) == (refs[gone],)


async def test_post_that_newer_ones_have_pushed_off_the_newest_page_is_not_doubted(
    server: MastodonServer, http: Http
) -> None:
    for number in range(60):
        server.post(f"{number} #socitm09", tags=["socitm09"])
    assert await poll_twice(server, http) == ()


async def test_oldest_of_a_few_is_doubted_as_well(server: MastodonServer, http: Http) -> None:
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(3)]
    assert await poll_twice(server, http, *refs[:2]) == (refs[1], refs[0])


async def test_post_that_has_lost_its_tag_is_doubted(server: MastodonServer, http: Http) -> None:
    refs = [server.post(f"{number} #socitm09", tags=["socitm09"]) for number in range(3)]
    cursor = (await mastodon.poll(http, tag(server), "")).cursor
    server.edit(refs[1], "Without it", tags=[])
    assert (await mastodon.poll(http, tag(server), cursor)).to_recheck == (refs[1],)


async def test_everything_is_doubted_once_where_nothing_is_left(server: MastodonServer, http: Http) -> None:
    ref = server.post("One #socitm09", tags=["socitm09"])
    first = await mastodon.poll(http, tag(server), "")
    server.delete(ref)
    second = await mastodon.poll(http, tag(server), first.cursor)
    third = await mastodon.poll(http, tag(server), second.cursor.replace('"etag"', '"forgotten"'))
    assert (second.to_recheck, third.to_recheck) == ((ref,), ())
