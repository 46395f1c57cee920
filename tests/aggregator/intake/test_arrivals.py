"""What a page brought, before any of it is stored."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from aggregator.intake.arrivals import Arrival, ids, moment, replaces, unpack
from aggregator.items.names import post_id
from aggregator.moment import to_micros
from connectors._base import Page, Post
from tests.aggregator.invented import BEN, NETWORK, START, said


def arrival(post: Post, ref: str = "") -> Arrival:
    return Arrival(post_id(NETWORK, post.key), post, msgspec.json.encode(post), ref)


def test_unpack_keeps_each_post_with_what_its_server_calls_it() -> None:
    first, second = said("1"), said("2")
    arrivals, broken = unpack(Page(posts=(first, second), refs={"1": "r1"}))
    assert (list(arrivals.values()), broken) == ([arrival(first, "r1"), arrival(second)], [])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_unpack_keeps_the_newest_version_of_a_post_that_comes_twice(order: tuple[int, int]) -> None:
    versions = said("1"), said("1", "<p>Better.</p>", edited_at=START)
    arrivals, _ = unpack(Page(posts=tuple(versions[n] for n in order)))
    assert list(arrivals.values()) == [arrival(versions[1])]


def test_unpack_keeps_the_last_of_two_equally_new_versions() -> None:
    arrivals, _ = unpack(Page(posts=(said("1", "<p>a</p>"), said("1", "<p>b</p>"))))
    assert list(arrivals.values()) == [arrival(said("1", "<p>b</p>"))]


@pytest.mark.parametrize(
    "unfit",
    [
        said("nul\0"),
        said("\ud800"),
        said("1", "<p>\ud800</p>"),
        said("1", created_at=datetime(2009, 10, 12, 9, 30)),  # noqa: DTZ001  what a careless connector may give out
        said("1", indexed_at=datetime(2009, 10, 12, 9, 30)),  # noqa: DTZ001  the same
    ],
)
def test_unpack_leaves_out_what_cannot_be_stored_and_says_so(unfit: Post) -> None:
    arrivals, broken = unpack(Page(posts=(unfit, said("2"))))
    assert (list(arrivals.values()), len(broken)) == ([arrival(said("2"))], 1)


@pytest.mark.parametrize(
    "page",
    [
        Page(posts=(said("1"), said("2")), refs={"1": "\ud800"}),
        Page(posts=(said("1"), said("2")), boosts={"1": msgspec.structs.replace(BEN, name="Ben \ud800")}),
    ],
)
def test_unpack_leaves_out_what_came_with_something_unfit(page: Page) -> None:
    arrivals, broken = unpack(page)
    assert (list(arrivals.values()), len(broken)) == ([arrival(said("2"))], 1)


def test_unpack_says_why_a_post_was_left_out() -> None:
    assert unpack(Page(posts=(said("nul\0"),)))[1] == [
        "A post could not be kept: what its network calls it has a character that cannot be stored."
    ]


def test_ids_leave_out_keys_that_no_post_can_have() -> None:
    assert ids(NETWORK, ["1", "\ud800"]) == {post_id(NETWORK, "1")}


@pytest.mark.parametrize(
    ("created", "indexed", "earliest"), [(0, None, 0), (0, -5, -5), (60, None, 10), (60, 20, 10), (60, 5, 5)]
)
def test_moment_is_the_earliest_that_is_known(created: float, indexed: float | None, earliest: float) -> None:
    def after(seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    post = said("1", created_at=after(created), indexed_at=None if indexed is None else after(indexed))
    assert moment(post, after(10)) == to_micros(after(earliest))


LATER = datetime(2009, 10, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "with_the_word", "without"),
    [
        (said("1"), said("1", "<p>b</p>", edited_at=START), True, True),
        (said("1", edited_at=START), said("1", "<p>b</p>", edited_at=LATER), True, True),
        (said("1", edited_at=LATER), said("1", "<p>b</p>", edited_at=START), False, False),
        (said("1", edited_at=START), said("1", "<p>b</p>"), False, False),
        (said("1"), said("1", "<p>b</p>"), True, False),
        (said("1", edited_at=START), said("1", "<p>b</p>", edited_at=START), True, False),
        (said("1"), said("1", opted_out="#nobot"), True, True),
        (said("1", opted_out="#nobot"), said("1"), True, False),
        (said("1", edited_at=START), said("1", opted_out="#nobot"), False, False),
    ],
)
def test_newer_content_replaces_older_and_small_changes_need_the_word(
    old: Post, new: Post, *, with_the_word: bool, without: bool
) -> None:
    assert (replaces(new, old, has_the_word=True), replaces(new, old, has_the_word=False)) == (with_the_word, without)
