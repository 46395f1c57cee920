"""The posts of a page before they are stored."""

from datetime import datetime, timedelta

import msgspec
import pytest

from aggregator.intake.incoming import UNFIT, IncomingPost, ids, sort_time, unpack
from aggregator.items.ids import post_id
from aggregator.timestamps import to_micros
from connectors.contract import Page, Post
from connectors.contract.bounds import MAX_NAME, MAX_TAGS
from tests.aggregator.invented import BEN, NETWORK, START, said

NAIVE = datetime(2009, 1, 1)  # noqa: DTZ001  what a careless connector may give out
NOW = START + timedelta(days=2)


def arrival(post: Post, ref: str = "") -> IncomingPost:
    return IncomingPost(post_id(NETWORK, post.key), post, msgspec.json.encode(post), ref)


def test_unpack_keeps_each_post_with_what_its_server_calls_it() -> None:
    first, second = said("1"), said("2")
    arrivals, broken = unpack(Page(posts=(first, second), refs={"1": "r1"}), NOW)
    assert (list(arrivals.values()), broken) == ([arrival(first, "r1"), arrival(second)], [])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_unpack_keeps_the_newest_version_of_a_post_that_comes_twice(order: tuple[int, int]) -> None:
    versions = said("1"), said("1", "<p>Better.</p>", edited_at=START + timedelta(hours=1))
    arrivals, _ = unpack(Page(posts=tuple(versions[n] for n in order)), NOW)
    assert list(arrivals.values()) == [arrival(versions[1])]


def test_unpack_keeps_the_last_of_two_equally_new_versions() -> None:
    arrivals, _ = unpack(Page(posts=(said("1", "<p>a</p>"), said("1", "<p>b</p>"))), NOW)
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
    arrivals, broken = unpack(Page(posts=(unfit, said("2"))), NOW)
    assert (list(arrivals.values()), len(broken)) == ([arrival(said("2"))], 1)


@pytest.mark.parametrize(
    "page",
    [
        Page(posts=(said("1"), said("2")), refs={"1": "\ud800"}),
        Page(posts=(said("1"), said("2")), boosts={"1": msgspec.structs.replace(BEN, name="Ben \ud800")}),
    ],
)
def test_unpack_leaves_out_what_came_with_something_unfit(page: Page) -> None:
    arrivals, broken = unpack(page, NOW)
    assert (list(arrivals.values()), len(broken)) == ([arrival(said("2"))], 1)


def test_unpack_says_why_a_post_was_left_out() -> None:
    assert unpack(Page(posts=(said("nul\0"),)), NOW)[1] == [
        "Post not stored: its key has a character that cannot be stored."
    ]


def test_ids_leave_out_keys_that_no_post_can_have() -> None:
    assert ids(NETWORK, ["1", "\ud800"]) == {post_id(NETWORK, "1")}


@pytest.mark.parametrize(
    ("created", "indexed", "earliest"), [(0, None, 0), (0, -5, -5), (60, None, 10), (60, 20, 10), (60, 5, 5)]
)
def test_sort_time_is_the_earliest_that_is_known(created: float, indexed: float | None, earliest: float) -> None:
    def after(seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    post = said("1", created_at=after(created), indexed_at=None if indexed is None else after(indexed))
    assert sort_time(post, after(10)) == to_micros(after(earliest))


def test_edit_that_is_still_to_come_counts_as_one_of_now() -> None:
    arrivals, _ = unpack(Page(posts=(said("1", edited_at=NOW + timedelta(days=900)),)), NOW)
    assert [each.post.edited_at for each in arrivals.values()] == [NOW]


def test_edit_that_is_not_later_than_the_writing_is_none() -> None:
    written = said("1").created_at
    arrivals, _ = unpack(Page(posts=(said("1", edited_at=written), said("2", edited_at=START))), NOW)
    assert [each.post.edited_at for each in arrivals.values()] == [None, None]


def test_unpack_holds_posts_to_their_bounds() -> None:
    long = said("1", title="word " * 1_000, tags=tuple(f"tag{number}" for number in range(5_000)))
    arrivals, broken = unpack(Page(posts=(long, said("k" * 5_000), said("2", indexed_at=NAIVE))), NOW)
    (kept,) = [each.post for each in arrivals.values()]
    assert (len(kept.title) <= MAX_NAME, len(kept.tags)) == (True, MAX_TAGS)
    assert broken == [
        f"Post not stored: {UNFIT}.",
        f"Post not stored: {UNFIT}.",
    ]
