"""Snapshots and pages of older posts."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from aggregator.channel.publish import Draft, NoChannel, open_channel, publish
from aggregator.channel.read import MAX_RECORDS, before, position, snapshot
from aggregator.store.store import Store

names = count()


async def filled(store: Store, channel: str, drafts: list[Draft]) -> None:
    async with store.write() as db:
        await open_channel(db, channel)
        await publish(db, channel, drafts)


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
    async with store.write() as db:
        await publish(db, "a/wall", [Draft("pin", "p", 0, None)])
    async with store.read() as db:
        shown = await snapshot(db, "a/wall", 2)
    assert [(r.kind, r.key) for r in shown.records] == [("wall", "wall"), ("post", "new"), ("post", "middle")]
    assert shown.head == 6


Seen = list[tuple[int, str]]


async def paged(store: Store, channel: str, limit: int, *, by_key: bool) -> list[Seen]:
    """Return every page up to an empty one."""
    pages: list[Seen] = []
    at, key = 100, "" if by_key else None
    async with store.read() as db:
        while page := (await before(db, channel, at, limit, key)).records:
            pages.append([(record.at, record.key) for record in page])
            at, key = page[-1].at, page[-1].key if by_key else None
    return pages


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=st.lists(st.integers(0, 6), max_size=15), limit=st.integers(1, 4), by_key=st.booleans())
async def test_before_pages_through_every_post_once(
    store: Store, moments: list[int], limit: int, *, by_key: bool
) -> None:
    channel = f"p{next(names)}/wall"
    await filled(store, channel, [Draft("post", f"{n:02}", at, b"{}") for n, at in enumerate(moments)])
    pages = await paged(store, channel, limit, by_key=by_key)
    seen = [post for page in pages for post in page]
    assert seen == sorted(((at, f"{n:02}") for n, at in enumerate(moments)), key=lambda post: (-post[0], post[1]))
    if by_key:
        assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize(
    ("limit", "key", "length"), [(1, None, MAX_RECORDS), (MAX_RECORDS, None, MAX_RECORDS), (1, "", 1), (60, "", 60)]
)
async def test_before_gives_no_more_than_is_allowed_of_one_moment(
    store: Store, limit: int, key: str | None, length: int
) -> None:
    await filled(store, "a/wall", [Draft("post", f"{n:03}", 1, b"{}") for n in range(MAX_RECORDS + 50)])
    async with store.read() as db:
        page = (await before(db, "a/wall", 1 if key is not None else 2, limit, key)).records
    assert [record.key for record in page] == [f"{n:03}" for n in range(length)]


@pytest.mark.parametrize("channel", ["nowhere/wall", "\0/wall"])
async def test_place_of_an_unknown_channel_says_so(store: Store, channel: str) -> None:
    async with store.read() as db:
        with pytest.raises(NoChannel):
            await position(db, channel)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_posts_are_read_by_an_index_without_tombstones(store: Store) -> None:
    """Otherwise a query would scan thousands of tombstones that are newer than all posts."""
    await filled(store, "plans/wall", [Draft("post", "old", 1, b'"1"')])
    asked: list[tuple[str, Any]] = []
    async with store.read() as db:
        connection = await db.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *args: asked.append(args[2:4]))
        await snapshot(db, "plans/wall", 60)
        await before(db, "plans/wall", 9, 60)
        await before(db, "plans/wall", 9, 60, "key")
        (index,) = await connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'record_by_at'")
        plans = []
        for statement, parameters in [each for each in asked if "ORDER BY record.at DESC" in each[0]]:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(any("USING INDEX record_by_at" in step.detail for step in plan))
    assert index.sql.endswith("WHERE body IS NOT NULL")
    assert plans == [True, True, True]
