"""A rehearsal after a stop of the server, a sleeping laptop or a set clock: it goes on from its position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Address
from connectors.networks.rehearsal.cursor import MAX_SILENCE
from tests.connectors.networks.rehearsal.small_archive import SMALL, at, ids, source

HOURS = 6 * 3600.0


async def play(*moments: float, address: Address) -> tuple[list[list[str]], str]:
    """The posts of each poll, and the cursor after the last."""
    cursor, found = "", []
    for moment in moments:
        page = await at(moment, cursor, address)
        found.append(ids(page))
        cursor = page.cursor
    return found, cursor


async def offsets(seconds: float, cursor: str, address: Address) -> list[tuple[str, float]]:
    """The posts of a page, and by how many seconds each is older than the poll."""
    page = await at(seconds, cursor, address)
    first = (await at(0)).posts[-1].created_at
    names = ids(page)
    ages = [(post.created_at - first).total_seconds() - seconds for post in page.posts]
    return list(zip(names, ages, strict=True))


async def test_after_a_long_stop_nothing_comes_at_once_and_then_all_in_its_time() -> None:
    found, cursor = await play(0, 5, HOURS, HOURS + 4, address=source())
    assert found == [["early", "hello"], [], [], []]
    assert await offsets(HOURS + 6, cursor, source()) == [("vote", -1)]  # due ten seconds after the opening


async def test_short_stop_is_made_up_for_at_once() -> None:
    found, _ = await play(0, MAX_SILENCE, address=source())
    assert found == [["early", "hello"], ids(await at(MAX_SILENCE, (await at(0)).cursor))]
    assert "vote" in found[1]


async def test_clock_that_was_put_back_holds_nothing_up() -> None:
    address = Address(network="rehearsal", kind="archive", value=str(SMALL))
    found, cursor = await play(HOURS, HOURS + 5, 3, 8, address=address)
    assert found == [["early", "hello"], [], [], ["vote"]]
    assert await offsets(8 + 15, cursor, address) == [("vote", -15), ("quoting", 0)]


async def test_post_from_before_a_stop_keeps_its_time() -> None:
    cursor = (await play(0, 22, 22 + HOURS, address=source()))[1]
    assert await offsets(22 + HOURS + 9, cursor, source()) == [
        ("early", -600 - 22 - HOURS - 9),  # edited just now
        ("quoting", -6),
    ]


async def test_rate_is_kept_after_a_stop() -> None:
    address = source("harbour", loop=True, rate=2)
    found, cursor = await play(0, 10, HOURS, address=address)
    assert found[2] == []
    counts = []
    for seconds in (10, 20, 30):
        page = await at(HOURS + seconds, cursor, address)
        counts.append(len(page.posts))
        cursor = page.cursor
    assert sum(counts) == pytest.approx(60, abs=6)  # some are edited or deleted on the same page
    assert max(counts) <= 26


async def test_rate_is_made_up_for_where_the_server_only_falls_behind() -> None:
    address = source("harbour", loop=True, rate=100)
    found, _ = await play(0, MAX_SILENCE, MAX_SILENCE, MAX_SILENCE, address=address)
    assert [len(page) > 300 for page in found] == [False, True, True, True]  # pages of five hundred acts


async def test_opening_that_is_still_to_come_is_waited_for() -> None:
    early = await at(-HOURS)
    assert ids(await at(1, early.cursor)) == ["early", "hello"]


async def test_opening_missed_by_a_stop_takes_place_late() -> None:
    early = await at(-500)
    late = await at(HOURS, early.cursor)
    assert (ids(early), ids(late)) == (["early"], ["hello"])
    assert ids(await at(HOURS + 10, late.cursor)) == ["vote"]


@given(st.lists(st.sampled_from([1.0, 7.0, 30.0, 300.0, HOURS, -HOURS]), max_size=20))
async def test_whatever_the_clock_does_everything_is_told(steps: list[float]) -> None:
    address = Address(network="rehearsal", kind="archive", value=str(SMALL))
    seconds, cursor, told = 0.0, "", dict[str, None]()
    for step in [*steps, *[20.0] * 5]:
        page = await at(seconds, cursor, address)
        told |= dict.fromkeys(ids(page))
        seconds, cursor = seconds + step, page.cursor
    assert [name for name in told if name != "aside"] == ["early", "hello", "vote", "quoting"]
    assert "aside" in told


async def test_pauses_of_earlier_laps_are_remembered_as_one() -> None:
    address, cursor, seconds = source(loop=True), "", 0.0
    for _ in range(40):
        for step in (30.0, 30.0, 30.0, HOURS):
            cursor = (await at(seconds, cursor, address)).cursor
            seconds += step
    assert cursor.count(" ") <= 6
