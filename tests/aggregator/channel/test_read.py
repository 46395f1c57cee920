"""Snapshots and pages of older posts."""

from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.channel.publish import Draft, NoChannel, open_channel, publish
from aggregator.channel.read import before, place, snapshot
from aggregator.store import Store

names = count()


async def filled(store: Store, channel: str, drafts: list[Draft]) -> None:
    async with store.write() as session:
        await open_channel(session, channel)
        await publish(session, channel, drafts)


async def test_snapshot_is_the_newest_posts_and_everything_else(store: Store) -> None:
    await filled(
        store,
        "a/wall",
        [
            Draft("wall", "wall", 0, b'"w"'),
            Draft("post", "old", 1, b'"1"'),
            Draft("post", "new", 3, b'"3"'),
            Draft("post", "middle", 2, b'"2"'),
            Draft("pin", "p", 0, b'"p"'),
        ],
    )
    async with store.write() as session:
        await publish(session, "a/wall", [Draft("pin", "p", 0, None)])
    async with store.read() as session:
        shown = await snapshot(session, "a/wall", 2)
    assert [(r.kind, r.key) for r in shown.records] == [("wall", "wall"), ("post", "new"), ("post", "middle")]
    assert shown.head == 6


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=st.lists(st.integers(0, 6), max_size=15), limit=st.integers(1, 4))
async def test_before_pages_through_every_post_once(store: Store, moments: list[int], limit: int) -> None:
    channel = f"p{next(names)}/wall"
    await filled(store, channel, [Draft("post", str(n), at, b"{}") for n, at in enumerate(moments)])
    seen: list[tuple[int, str]] = []
    at = 100
    async with store.read() as session:
        while page := (await before(session, channel, at, limit)).records:
            seen += [(r.at, r.key) for r in page]
            at = page[-1].at
    assert sorted(seen) == sorted((at, str(n)) for n, at in enumerate(moments))
    assert all(newer[0] >= older[0] for newer, older in pairwise(seen))


@pytest.mark.parametrize("channel", ["nowhere/wall", "\0/wall"])
async def test_place_of_an_unknown_channel_says_so(store: Store, channel: str) -> None:
    async with store.read() as session:
        with pytest.raises(NoChannel):
            await place(session, channel)
