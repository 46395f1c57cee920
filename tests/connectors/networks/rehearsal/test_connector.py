"""The rehearsal's playback: each act when it is due, once, in the same words by any sequence of polls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Address, Page, Post
from connectors.errors import NotFound
from connectors.networks.rehearsal.connector import MAX_WAIT, PAGE, Rehearsal
from connectors.networks.rehearsal.cursor import MAX_SILENCE, read_cursor
from tests.connectors.networks.rehearsal.small_archive import ARCHIVES, NOBODY, SMALL, START, at, ids, names, source

# --- what a person types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["rehearsal:harbour", "harbour", "HARBOUR", "rehearsal:", " Rehearsal: harbour "])
def test_recognise_knows_the_built_in_archive_by_name(text: str) -> None:
    assert Rehearsal().recognise(text) == Address(network="rehearsal", kind="archive", value="harbour")


@pytest.mark.parametrize("text", ["{}/archive.jsonl", "rehearsal:{}/archive.jsonl", "rehearsal:{}"])
def test_recognise_takes_a_path_and_makes_it_absolute(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ARCHIVES)
    address = Rehearsal().recognise(text.format("small"))
    assert address is not None
    assert address.value == str(
        SMALL / text.format("small").removeprefix("rehearsal:").removeprefix("small").strip("/")
    )


@pytest.mark.parametrize("text", ["#harbour26", "@harbour@sea.example", "https://sea.example/a.jsonl", "the harbour"])
def test_recognise_leaves_other_networks_their_own(text: str) -> None:
    assert Rehearsal().recognise(text) is None


def test_recognise_has_no_servers() -> None:
    assert Rehearsal().recognise("harbour", "sea.example") is None


def test_check_knows_at_once_whether_an_archive_can_be_played() -> None:
    rehearsal = Rehearsal()
    rehearsal.check(source("harbour"))
    with pytest.raises(NotFound, match="Archive not found at “nosuch”"):
        rehearsal.check(source("nosuch"))


# --- when ---------------------------------------------------------------------------------------------------------


async def test_first_poll_gives_the_backlog_with_times_before_the_opening() -> None:
    page = await at(-1)
    assert [(post.key, post.created_at) for post in page.posts] == [(page.posts[0].key, START - timedelta(seconds=600))]
    assert page.wait == 1
    assert not page.more


async def test_before_the_backlog_nothing_is_due() -> None:
    page = await at(-601)
    assert page == Page(cursor=page.cursor, broken=(await at(0)).broken, wait=1)


async def test_wait_is_bounded_on_both_sides() -> None:
    assert (await at(-599)).wait == MAX_WAIT
    assert (await at(9.9)).wait == Rehearsal.min_interval
    assert (await at(1000)).wait == MAX_WAIT


async def test_each_poll_goes_on_where_the_last_one_stopped() -> None:
    first = await at(0)
    second = await at(22, first.cursor)
    assert (ids(first), ids(second)) == (["early", "hello"], ["vote"])
    assert ids(await at(22, second.cursor)) == []


async def test_speed_hurries_the_day_but_not_the_backlog() -> None:
    page = await at(3, address=source(speed=10))
    assert [(names([post.key])[0], (post.created_at - START).total_seconds()) for post in page.posts] == [
        ("early", -600), ("hello", 0), ("vote", 1), ("quoting", 2.5),
    ]  # fmt: skip
    assert page.posts[2].poll is not None
    assert page.posts[2].poll.closes_at == START + timedelta(seconds=7)


async def test_rate_gives_post_n_at_n_over_rate_whatever_the_times() -> None:
    page = await at(1, address=source(rate=2))
    assert [(names([post.key])[0], (post.created_at - START).total_seconds()) for post in page.posts] == [
        ("early", 0), ("hello", 0.5), ("vote", 1),
    ]  # fmt: skip


async def test_start_is_the_first_poll_when_no_opening_is_named() -> None:
    address = Address(network="rehearsal", kind="archive", value=str(SMALL))
    page = await at(100, address=address)
    assert page.posts[-1].created_at == START + timedelta(seconds=100)
    assert ids(await at(111, page.cursor, address)) == ["vote"]


async def test_another_opening_plays_the_archive_again_under_new_keys() -> None:
    later = source(started_at=(START + timedelta(seconds=5)).isoformat())
    page = await at(5, (await at(0)).cursor, later)
    assert [post.key for post in page.posts] == [
        page.posts[0].key, page.posts[0].key.replace("/early", "/hello")
    ]  # fmt: skip
    assert "/20091012T093005.000000Z/" in page.posts[0].key


@pytest.mark.parametrize("cursor", ["nonsense", f"{START.isoformat()} "])
async def test_a_cursor_that_cannot_be_read_begins_again(cursor: str) -> None:
    assert await at(0, cursor) == await at(0)


async def test_same_cursor_and_clock_give_the_same_page() -> None:
    assert await at(47) == await at(47)


@given(st.lists(st.floats(-700, 100), max_size=8))
async def test_steps_come_to_the_same_posts_as_one_leap(moments: list[float]) -> None:
    known: dict[str, Post] = {}
    cursor = ""
    for moment in [*sorted([*moments, MAX_SILENCE - 1]), 100]:
        page = await at(moment, cursor)
        known |= {post.key: post for post in page.posts}
        for key in page.gone:
            known.pop(key, None)
        cursor = page.cursor
    assert known == {post.key: post for post in (await at(100)).posts}


async def test_a_page_is_bounded_and_says_that_there_is_more() -> None:
    address = source("harbour", loop=True, rate=10_000)
    first = await at(1, address=address)
    assert read_cursor(first.cursor, None, START).number == PAGE
    assert first.more
    assert len(first.posts) <= PAGE


# --- again and again ----------------------------------------------------------------------------------------------


async def test_loop_says_everything_again_with_fresh_keys() -> None:
    first = await at(79, address=source(loop=True))
    second = await at(86 + 30, first.cursor, source(loop=True))
    assert ids(second) == ["early#2", "hello#2", "vote#2", "quoting#2"][: len(ids(second))]
    assert ids(second)[:2] == ["early#2", "hello#2"]
    assert second.posts[1].reply_to.endswith("/early#2")


async def test_loop_shortens_the_backlog_of_later_laps() -> None:
    first = await at(79, address=source(loop=True))
    page = await at(90, first.cursor, source(loop=True))
    assert [(post.created_at - START).total_seconds() for post in page.posts] == [80, 86]


async def test_loop_skips_whole_loops_since_an_old_opening() -> None:
    late = await at(86 * 1000, address=source(loop=True))
    laps = {int(name.partition("#")[2]) for name in ids(late)}
    assert len(laps) <= 2
    assert min(laps) > 900


async def test_loop_at_a_rate_lets_nothing_go() -> None:
    address = source(loop=True, rate=1)
    keys: list[str] = []
    page = await at(6 * 50 - 1, address=address)
    while True:
        keys += [post.key for post in page.posts]
        if not page.more:
            break
        page = await at(6 * 50 - 1, page.cursor, address)
    assert len({key for key in keys if "/early" in key}) == 50


async def test_without_a_loop_the_end_is_the_end() -> None:
    first = await at(10_000)
    assert await at(20_000, first.cursor) == Page(cursor=first.cursor, wait=MAX_WAIT)


async def test_clock_is_the_real_one_unless_told() -> None:
    before = datetime.now(UTC)
    page = await Rehearsal().poll(NOBODY, Address(network="rehearsal", kind="archive", value=str(SMALL)), "")
    after = datetime.now(UTC)
    assert before <= read_cursor(page.cursor, None, after).start <= after
