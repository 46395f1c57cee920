"""Gaps below a timeline's newest page: closed if no post is missing, and else reported as lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import structs

from connectors.errors import InvalidResponse
from connectors.http.client import Params
from connectors.networks.mastodon.client import LIMIT
from connectors.networks.mastodon.cursor import Cursor, read_cursor
from connectors.networks.mastodon.gaps import GAP, LOST, TOO_MANY
from connectors.networks.mastodon.matching import Matching
from connectors.networks.mastodon.page import page_of
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline import PAGES, TRIES, NewStatuses, fetch_new
from connectors.networks.mastodon.timeline_page import TimelinePage
from connectors.timeline.cursor import write_cursor
from tests.connectors.networks.mastodon.test_timeline import Since, ids, once

KNOWN = Cursor(known=("100", "99", "98"))


def leaf(*numbers: int, broken: tuple[str, ...] = (), older: str = "", newer: str = "") -> TimelinePage:
    """These posts, newest first."""
    statuses: list[ParsedStatus] = [ParsedStatus(id=str(number)) for number in numbers]
    ends = (str(numbers[-1]), str(numbers[0])) if numbers else ("", "")
    return TimelinePage(statuses, older=older or ends[0], newer=newer or ends[1], etag="e", broken=broken)


class Replies:
    """The newest page, 300 to 261, and the answer for each requested id; an InvalidResponse is raised."""

    newest = leaf(*range(300, 260, -1))

    def __init__(self, **replies: TimelinePage | InvalidResponse) -> None:
        self.replies = replies

    async def fetch(self, params: Params, _: str) -> TimelinePage:
        (asked,) = [f"{name}_{params[name + '_id']}" for name in ("min", "max") if name + "_id" in params] or [""]
        found = self.replies.get(asked, self.newest)
        if isinstance(found, InvalidResponse):
            raise found
        return found

    def walk(self, position: Cursor, *, gone: bool = False) -> NewStatuses:
        """The walk; all known posts are `gone`, or still there."""

        async def look_up(known: Sequence[str], listed: str) -> bool:
            assert (known, listed) == (position.known, "300")
            return gone

        return asyncio.run(fetch_new(self.fetch, position, look_up=look_up))


def numbers(walked: NewStatuses) -> list[int]:
    return [int(status.id) for status in walked.statuses if status.id]


NEWEST = list(range(261, 301))
NO = InvalidResponse("no page")


def test_walk_tells_the_loss_where_a_server_heeds_no_parameter() -> None:
    walked = Replies().walk(KNOWN)
    assert (numbers(walked), walked.position.known[0], walked.broken) == (NEWEST, "300", (LOST,))


def test_walk_comes_down_where_a_lagging_replica_knows_nothing_newer() -> None:
    walked = Replies(min_100=leaf(), max_261=leaf(260, 259, 100)).walk(KNOWN)
    assert (numbers(walked), walked.broken) == ([259, 260, *NEWEST], ())


def test_walk_down_goes_on_below_an_unreadable_page() -> None:
    strange = leaf(broken=("strange",), older="221")
    walked = Replies(min_100=leaf(), max_261=strange, max_221=leaf(220, 100)).walk(KNOWN)
    assert (numbers(walked), walked.broken) == ([220, *NEWEST], ("strange",))


def test_walk_down_goes_on_below_posts_without_an_id() -> None:
    strange = TimelinePage([ParsedStatus(id="", broken="strange")], older="221")
    walked = Replies(min_100=leaf(), max_261=strange, max_221=leaf(220, 100)).walk(KNOWN)
    assert (numbers(walked), walked.broken) == ([220, *NEWEST], ())
    assert page_of(walked, KNOWN, Matching()).broken == ("strange",)


def test_walk_down_is_lost_below_an_unreadable_page_that_leads_nowhere() -> None:
    walked = Replies(min_100=leaf(), max_261=leaf(broken=("strange",))).walk(KNOWN)
    assert (numbers(walked), walked.broken) == (NEWEST, (LOST, "strange"))


def test_walk_down_ends_where_there_is_nothing_older() -> None:
    walked = Replies(max_261=leaf(260), max_260=leaf()).walk(KNOWN, gone=True)
    assert (numbers(walked), walked.broken) == ([260, *NEWEST], ())
    assert walked.position.known[0] == "300"


@pytest.mark.parametrize(
    "replies",
    [
        {"min_100": leaf(), "max_261": leaf()},
        {"min_100": NO, "max_261": leaf()},
        {"min_100": leaf(), "max_261": leaf(260), "max_260": leaf()},
    ],
)
def test_empty_page_closes_no_gap_above_posts_that_are_still_there(replies: dict[str, Any]) -> None:
    position = KNOWN
    for tries in range(1, TRIES):
        walked = Replies(**replies).walk(position)
        assert (walked.position, walked.broken) == (structs.replace(position, tries=tries), (GAP,))
        position = walked.position
    last = Replies(**replies).walk(position)
    assert (last.position.known[0], last.position.tries, last.broken) == ("300", 0, (LOST,))


@pytest.mark.parametrize("gone", [True, False])
def test_empty_page_closes_no_gap_above_posts_that_have_just_come(*, gone: bool) -> None:
    replies = Replies(min_100=leaf(140, 139, 101), min_140=leaf(), max_261=leaf(260), max_260=leaf())
    walked = replies.walk(KNOWN, gone=gone)
    assert (numbers(walked), walked.broken) == ([101, 139, 140, 260, *NEWEST], (GAP,))
    assert walked.position == structs.replace(KNOWN, tries=1)


def test_walk_up_keeps_the_progress_past_an_unreadable_page() -> None:
    walked = Replies(min_100=leaf(broken=("strange",), newer="140"), min_140=NO).walk(KNOWN)
    assert (walked.position.known, walked.more, walked.broken) == (("140",), True, ("strange",))


def test_walk_up_closes_the_gap_above_an_unreadable_page() -> None:
    strange = leaf(broken=("strange",), newer="260")
    walked = Replies(min_100=strange, min_260=Replies.newest).walk(KNOWN)
    assert (numbers(walked), walked.broken) == (NEWEST, ("strange",))


def test_walk_gives_up_a_gap_and_takes_what_lies_above_it() -> None:
    replies = Replies(min_100=NO, max_261=leaf(260, 259), max_259=NO)
    position = KNOWN
    for tries in range(1, TRIES):
        walked = replies.walk(read_cursor(write_cursor(position)))
        assert (numbers(walked), walked.broken) == (NEWEST, (GAP,))
        assert walked.position == structs.replace(position, tries=tries)
        position = walked.position
    last = replies.walk(position)
    assert (numbers(last), last.broken) == ([259, 260, *NEWEST], (LOST,))
    assert (last.position.known[0], last.position.tries) == ("300", 0)


def test_walk_down_gives_up_a_gap_after_some_polls() -> None:
    replies = Replies(max_261=leaf(260, broken=("strange",)), max_260=NO)
    assert replies.walk(KNOWN).broken == (GAP, "strange")
    last = replies.walk(structs.replace(KNOWN, tries=TRIES - 1))
    assert (numbers(last), last.broken, last.position.known[0]) == ([260, *NEWEST], (LOST, "strange"), "300")


def test_walk_gives_up_a_first_crowd_after_some_polls() -> None:
    replies = Replies(max_261=NO)
    first = replies.walk(Cursor())
    assert (numbers(first), first.broken, first.position) == (NEWEST, (GAP,), Cursor(tries=1))
    last = replies.walk(Cursor(tries=TRIES - 1))
    assert (last.broken, last.position.known[0]) == ((LOST,), "300")


def test_walk_counts_its_tries_anew_once_a_gap_is_closed() -> None:
    position = structs.replace(KNOWN, tries=2)
    assert Replies(min_100=leaf(260), min_260=Replies.newest).walk(position).position.tries == 0
    assert Replies(min_100=leaf(140), min_140=NO).walk(position).position == Cursor(known=("140",))


@pytest.mark.parametrize(("missing", "loss"), [(0, ()), (1, (TOO_MANY,))])
def test_walk_down_to_just_above_what_it_knows_has_lost_nothing(missing: int, loss: tuple[str, ...]) -> None:
    timeline = Since()
    timeline.arrive(3)
    position = once(timeline, Cursor()).position
    new = timeline.arrive((PAGES + 1) * LIMIT + missing)
    found = once(timeline, position)
    assert ([each for each in ids(found) if each in new], found.broken[: len(loss)]) == (new[missing:], loss)
    assert (TOO_MANY in found.broken) == bool(missing)


def test_loss_is_told_before_what_could_not_be_read() -> None:
    strange = [ParsedStatus(id=str(number), broken=f"strange {number}") for number in range(300, 260, -1)]
    replies = Replies()
    replies.newest = TimelinePage([*strange], older="261", newer="300", broken=("too large",))
    assert page_of(replies.walk(KNOWN), KNOWN, Matching()).broken[:3] == (LOST, "too large", "strange 261")


@pytest.mark.parametrize(
    "newest", [leaf(broken=("strange",)), TimelinePage([ParsedStatus(id="", broken="strange")], broken=("x",))]
)
def test_unreadable_page_is_not_empty(newest: TimelinePage) -> None:
    replies = Replies()
    replies.newest = newest
    walked = replies.walk(KNOWN)
    assert (walked.position.empty, walked.lost) == (False, ())
    replies.newest = leaf(100, 98)
    assert replies.walk(walked.position).lost == ("99",)
