"""The law of walking: whatever happens between two polls, no post is skipped and no page repeats one."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from connectors.errors import InvalidResponse
from connectors.http.client import Params
from connectors.networks.mastodon.client import LIMIT
from connectors.networks.mastodon.cursor import Cursor, read_cursor
from connectors.networks.mastodon.gaps import GAP, LOST, TOO_MANY
from connectors.networks.mastodon.reading import ParsedStatus
from connectors.networks.mastodon.timeline import PAGES, NewStatuses, fetch_new
from connectors.networks.mastodon.timeline_page import TimelinePage
from connectors.timeline.cursor import write_cursor


def name(number: int) -> str:
    """An id without any visible order."""
    return sha256(str(number).encode()).hexdigest()[:12]


class Timeline:
    """A server's timeline in memory, oldest first. `min_id` works for deleted posts too, as on real servers."""

    def __init__(self) -> None:
        self.rows: list[str] = []  # all that ever were, in the server's order
        self.deleted: set[str] = set()
        self.asked: list[Params] = []
        self._count = 0

    def arrive(self, count: int, late_by: int = 0) -> list[str]:
        new = []
        for _ in range(count):
            self._count += 1
            new.append(name(self._count))
            at = len(self.rows) - late_by
            self.rows.insert(max(0, at), new[-1])
        return new

    def shown(self) -> list[str]:
        return [row for row in self.rows if row not in self.deleted]

    async def fetch(self, params: Params, etag: str) -> TimelinePage | None:
        self.asked.append(params)
        tag = f"W/{hash((tuple(self.rows), tuple(sorted(self.deleted))))}"
        if etag == tag:
            return None
        page = self._page(params)[::-1]
        statuses: list[ParsedStatus] = [ParsedStatus(id=row) for row in page]
        older, newer = (page[-1], page[0]) if page else ("", "")
        return TimelinePage(statuses, older=older, newer=newer, etag=tag)

    def _page(self, params: Params) -> list[str]:
        if "min_id" in params:
            start = self.rows.index(str(params["min_id"])) + 1
            return [row for row in self.rows[start:] if row not in self.deleted][:LIMIT]
        end = self.rows.index(str(params["max_id"])) if "max_id" in params else len(self.rows)
        return [row for row in self.rows[:end] if row not in self.deleted][-int(str(params.get("limit", LIMIT))) :]


def ids(walked: NewStatuses) -> list[str]:
    return [status.id for status in walked.statuses]


class Reader:
    """Polls to the end, through the cursor as it is stored, and keeps the new posts."""

    def __init__(self, timeline: Timeline) -> None:
        self.cursor = ""
        self.given: list[str] = []
        self._timeline = timeline

    def poll(self) -> None:
        for _ in range(1_000):
            walked = asyncio.run(fetch_new(self._timeline.fetch, read_cursor(self.cursor)))
            found = ids(walked)
            assert len(found) == len(set(found)), "a page said a thing twice"
            self.given += [row for row in found if row not in self.given]
            self.cursor = write_cursor(walked.position)
            if not walked.more:
                return
        raise AssertionError("a walk without an end")


Between = st.tuples(
    st.integers(0, 300),  # arrivals
    st.lists(st.integers(1, LIMIT - 2), max_size=2),  # late ones, by how many places
    st.lists(st.integers(0, 12), max_size=4),  # deletions, by position from the top
)


@settings(deadline=None)  # a busy machine breaks no law
@given(st.lists(Between, min_size=1, max_size=6))
def test_walk_never_skips_and_never_doubles(story: list[tuple[int, list[int], list[int]]]) -> None:
    timeline = Timeline()
    timeline.arrive(1)
    reader = Reader(timeline)
    reader.poll()
    expected = set(timeline.rows)
    for count, late, deletions in story:
        expected |= set(timeline.arrive(count))
        for places in late:
            expected |= set(timeline.arrive(1, late_by=min(places, len(timeline.rows))))
        for position in deletions:
            if position < len(shown := timeline.shown()):
                timeline.deleted.add(shown[-1 - position])
        reader.poll()
        expected -= timeline.deleted - set(reader.given)
        assert set(reader.given) == expected


@settings(deadline=None)  # a busy machine breaks no law
@given(st.integers(1, 250), st.integers(0, 600))
def test_walk_gives_posts_in_the_order_in_which_they_rose(before: int, after: int) -> None:
    timeline = Timeline()
    first = timeline.arrive(before)
    reader = Reader(timeline)
    reader.poll()
    assert reader.given == first[-2 * LIMIT :]
    reader.given.clear()
    new = timeline.arrive(after)
    reader.poll()
    assert [row for row in reader.given if row in new] == new


def once(timeline: Timeline, position: Cursor) -> NewStatuses:
    return asyncio.run(fetch_new(timeline.fetch, position))


def test_walk_asks_once_when_little_is_new() -> None:
    timeline = Timeline()
    timeline.arrive(60)
    position = once(timeline, Cursor(begun=False)).position
    timeline.arrive(10)
    timeline.asked.clear()
    walked = once(timeline, position)
    assert (len(walked.statuses), walked.more, timeline.asked) == (LIMIT, False, [{}])


def test_walk_costs_an_etag_when_nothing_is_new() -> None:
    timeline = Timeline()
    timeline.arrive(60)
    position = once(timeline, Cursor(begun=False)).position
    walked = once(timeline, position)
    assert walked == NewStatuses([], position)


@pytest.mark.parametrize("rows", [1, LIMIT, PAGES * LIMIT, 1000])
def test_walk_begins_with_a_few_of_the_newest_pages_after_one_that_was_empty(rows: int) -> None:
    timeline = Timeline()
    position = once(timeline, Cursor(begun=False)).position
    new = timeline.arrive(rows)
    timeline.asked.clear()
    walked = once(timeline, position)
    assert (ids(walked), walked.more) == (new[-PAGES * LIMIT :], False)
    assert len(timeline.asked) <= PAGES + 1
    assert walked.broken == ((TOO_MANY,) if rows > PAGES * LIMIT else ())


def test_walk_hands_over_after_some_pages_and_goes_on_from_there() -> None:
    timeline = Timeline()
    timeline.arrive(1)
    position = once(timeline, Cursor(begun=False)).position
    new = timeline.arrive(PAGES * LIMIT + LIMIT + 5)
    walked = once(timeline, position)
    assert (ids(walked), walked.more) == (new[: PAGES * LIMIT], True)
    rest = once(timeline, walked.position)
    assert (ids(rest), rest.more) == (new[PAGES * LIMIT :], False)


def test_walk_is_not_led_astray_by_the_deletion_of_the_newest() -> None:
    timeline = Timeline()
    first = timeline.arrive(50)
    position = once(timeline, Cursor(begun=False)).position
    timeline.deleted.add(first[-1])
    timeline.asked.clear()
    once(timeline, position)
    assert timeline.asked == [{}]


def test_walk_ends_on_a_server_that_goes_nowhere() -> None:
    async def stuck(params: Params, _: str) -> TimelinePage:
        return (
            TimelinePage([ParsedStatus(id="b")], newer="a")
            if "min_id" in params
            else TimelinePage([ParsedStatus(id="z")])
        )

    walked = asyncio.run(fetch_new(stuck, Cursor(known=("a",))))
    assert (ids(walked), walked.more, walked.broken) == (["b", "z"], False, (LOST,))


def test_walk_keeps_its_place_when_everything_is_gone() -> None:
    timeline = Timeline()
    first = timeline.arrive(3)
    position = once(timeline, Cursor(begun=False)).position
    timeline.deleted |= set(first)
    walked = once(timeline, position)
    assert (walked.statuses, walked.position.known) == ([], position.known)


class Since(Timeline):
    """Takes `min_id` for `since_id`, as Pixelfed does, and `fails` at some of the pages below the newest."""

    fails = 0

    async def fetch(self, params: Params, etag: str) -> TimelinePage | None:
        if "max_id" in params and self.fails:
            self.fails -= 1
            raise InvalidResponse("no page")
        leaf = await super().fetch({} if "min_id" in params else params, etag)
        return leaf and structs.replace(leaf, broken=(f"strange {params.get('max_id', 'newest')}",))


def test_walk_down_keeps_its_place_until_the_gap_is_closed() -> None:
    timeline = Since()
    timeline.arrive(3)
    position = once(timeline, Cursor()).position
    new = timeline.arrive(2 * LIMIT)
    timeline.fails = 1
    first = once(timeline, position)
    assert (ids(first), first.broken) == (new[-LIMIT:], (GAP, "strange newest"))
    assert first.position == structs.replace(position, tries=1)
    second = once(timeline, first.position)
    assert ids(second) == new
    assert (len(second.broken), GAP in second.broken) == (3, False)  # those of each page
    assert once(timeline, second.position).statuses == []


def test_walk_down_says_what_is_beyond_its_reach() -> None:
    timeline = Since()
    timeline.arrive(3)
    position = once(timeline, Cursor()).position
    new = timeline.arrive((PAGES + 2) * LIMIT)
    found = once(timeline, position)
    assert ids(found) == new[-(PAGES + 1) * LIMIT :]
    assert (found.broken[0], len(found.broken)) == (TOO_MANY, 1 + (PAGES + 1))


def test_walk_up_hands_over_the_newest_where_a_page_of_the_gap_cannot_be_read() -> None:
    class Strange(Timeline):
        async def fetch(self, params: Params, etag: str) -> TimelinePage | None:
            if "min_id" in params:
                raise InvalidResponse("more than we accept")
            return await super().fetch(params, etag)

    timeline = Strange()
    timeline.arrive(3)
    position = once(timeline, Cursor()).position
    new = timeline.arrive(2 * LIMIT)
    found = once(timeline, position)
    assert (ids(found), found.broken, found.position) == (new[-LIMIT:], (GAP,), structs.replace(position, tries=1))


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"known": 5}'])
def test_place_is_the_beginning_behind_a_cursor_that_says_nothing(cursor: str) -> None:
    assert read_cursor(cursor) == Cursor(begun=False)


def test_place_survives_its_cursor() -> None:
    position = Cursor(known=("b", "a"), etag='W/"1"', account="5")
    assert (read_cursor(write_cursor(position)), write_cursor(Cursor())) == (position, "{}")
