"""The `wall` record: its networks, and concurrent changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import UNNAMED
from aggregator.channel.publish import Draft, publish
from aggregator.channel.read import snapshot
from aggregator.retention.walls import remove_wall
from aggregator.sources.errors import SourceError
from aggregator.sources.lookup import list_sources
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.announcing import MAX_FAILURES, announce_all, announce_health
from aggregator.walls.errors import WallError
from aggregator.walls.following import end, follow, unfollow
from aggregator.walls.tables import Wall
from aggregator.walls.walls import change_wall, create_wall, find_wall
from connectors.contract import Address
from tests.aggregator.invented import announced
from tests.aggregator.two_writers import wait_until

TAG = Address(network="mastodon", kind="hashtag", value="harbour09", server="https://mastodon.example")


@pytest.mark.parametrize(
    ("own", "followed"),
    [("harbour09", "harbour09"), ("Harbour09", "#harbour09"), ("Caf\u00e9", "cafe\u0301"), ("straße", "STRASSE")],
)
async def test_wall_says_on_which_networks_it_follows_its_hashtag(store: Store, own: str, followed: str) -> None:
    feed = Address(network="feeds", kind="feed", value=own)
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", hashtag=own, by=UNNAMED)
        await follow(db, wall, feed, by=UNNAMED)
        source = await follow(db, wall, msgspec.structs.replace(TAG, value=followed), by=UNNAMED)
    assert (await announced(store, wall))["networks"] == [TAG.network]
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    assert (await announced(store, wall))["networks"] == []


async def test_wall_invites_to_no_network_where_it_follows_another_hashtag(store: Store) -> None:
    elsewhere = msgspec.structs.replace(TAG, network="invented", value="quay")
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", hashtag="harbour09", by=UNNAMED)
        await follow(db, wall, TAG, by=UNNAMED)
        await follow(db, wall, elsewhere, by=UNNAMED)
    assert (await announced(store, wall))["networks"] == [TAG.network]
    for hashtag, networks in (("#Quay", ["invented"]), ("pier", []), ("", [])):
        async with store.write() as db:
            await change_wall(db, await find_wall(db, "harbour"), hashtag=hashtag, by=UNNAMED)
        assert (await announced(store, wall))["networks"] == networks


async def test_announce_all_tells_pages_what_an_earlier_version_did_not(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "harbour", "Harbour", by=UNNAMED)
        await publish(db, wall.channel, [Draft(kind="wall", key="wall", at=0, body=b'{"slug":"harbour"}')])
    for _ in range(2):
        await announce_all(store)
    assert (await announced(store, wall))["mode"] == "open"
    async with store.read() as db:
        assert (await snapshot(db, wall.channel, 60)).head == 3


async def test_network_is_silent_once_its_last_source_has_ended_by_itself(store: Store) -> None:
    """Until another source works, or the ended one is unfollowed."""
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", hashtag=TAG.value, by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)
        await end(db, source, "Account not found: it was deleted.")
    told = await announced(store, wall)
    assert ([each["network"] for each in told["silent"]], told["networks"]) == ([TAG.network], [])
    async with store.write() as db:
        other = await follow(db, wall, msgspec.structs.replace(TAG, value="quay"), by=UNNAMED)
    assert (await announced(store, wall))["silent"] == []
    async with store.write() as db:
        await unfollow(db, other.id or 0, by=UNNAMED)
    assert len((await announced(store, wall))["silent"]) == 1
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    assert (await announced(store, wall))["silent"] == []


async def test_wall_says_whether_it_follows_anything(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", by=UNNAMED)
    assert (await announced(store, wall))["has_sources"] is False
    async with store.write() as db:
        source = await follow(db, wall, TAG, by=UNNAMED)
    assert (await announced(store, wall))["has_sources"] is True
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
    assert (await announced(store, wall))["has_sources"] is False


Change = Callable[[AsyncSession, Wall], Awaitable[Any]]


async def at_once(store: Store, one: Change, two: Change) -> None:
    """Change the wall “h” twice; `two` begins while the transaction of `one` is open, if the database allows it."""

    async def change(changing: Change) -> None:
        async with store.write() as db:
            await changing(db, await find_wall(db, "h"))

    async with store.write() as db:
        await one(db, await find_wall(db, "h"))
        waiting = asyncio.create_task(change(two))
        await asyncio.sleep(0.3)
    await waiting


async def test_two_changes_of_a_wall_at_once_are_both_kept_and_told(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "Old", hashtag="old", look={"accent": "#111111"}, by=UNNAMED)
    await at_once(
        store,
        lambda db, h: change_wall(db, h, name="New", look={"accent": "#222222"}, by=UNNAMED),
        lambda db, h: change_wall(db, h, hashtag="new", look={"highlight": "#333333"}, by=UNNAMED),
    )
    told = await announced(store, wall)
    look = {"accent": "#222222", "highlight": "#333333"}
    assert (told["name"], told["hashtag"], told["look"]) == ("New", "new", look)
    async with store.read() as db:
        kept = await find_wall(db, "h")
    assert (kept.name, kept.hashtag, kept.look) == ("New", "new", look)


async def test_follow_while_the_wall_is_renamed_tells_the_new_name(store: Store) -> None:
    def renamed(db: AsyncSession, h: Wall) -> Awaitable[None]:
        return change_wall(db, h, name="New", by=UNNAMED)

    def followed(db: AsyncSession, h: Wall) -> Awaitable[Source]:
        return follow(db, h, TAG, by=UNNAMED)

    async with store.write() as db:
        wall = await create_wall(db, "h", "Old", hashtag=TAG.value, by=UNNAMED)
    await at_once(store, renamed, followed)
    told = await announced(store, wall)
    assert (told["name"], told["networks"]) == ("New", [TAG.network])


@pytest.mark.parametrize("rename_first", [True, False])
async def test_source_that_ends_while_the_wall_is_renamed_is_told(store: Store, *, rename_first: bool) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "Old", hashtag=TAG.value, by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)

    def renamed(db: AsyncSession, h: Wall) -> Awaitable[None]:
        return change_wall(db, h, name="New", by=UNNAMED)

    def unfollowed(db: AsyncSession, _h: Wall) -> Awaitable[Source]:
        return unfollow(db, source.id or 0, by=UNNAMED)

    await at_once(store, *((renamed, unfollowed) if rename_first else (unfollowed, renamed)))
    told = await announced(store, wall)
    assert (told["name"], told["networks"]) == ("New", [])


async def test_health_that_changes_while_the_wall_is_renamed_tells_the_new_name(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "Old", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)

    def renamed(db: AsyncSession, h: Wall) -> Awaitable[None]:
        return change_wall(db, h, name="New", by=UNNAMED)

    async def failed(db: AsyncSession, _h: Wall) -> None:
        current = await db.get_one(Source, source.id)
        current.failures = MAX_FAILURES
        await announce_health(db, current, was_silent=False)

    await at_once(store, renamed, failed)
    told = await announced(store, wall)
    assert (told["name"], [each["network"] for each in told["silent"]]) == ("New", [TAG.network])


async def test_two_who_follow_the_same_address_at_once_have_one_source(store: Store) -> None:
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", hashtag=TAG.value, by=UNNAMED)

    def followed(any_of: str) -> Change:
        return lambda db, h: follow(db, h, msgspec.structs.replace(TAG, options={"any": [any_of]}), by=UNNAMED)

    await at_once(store, followed("quay"), followed("pier"))
    async with store.read() as db:
        assert [source.options for source in await list_sources(db)] == [{"any": ["pier"]}]
    assert (await announced(store, wall))["networks"] == [TAG.network]


@pytest.mark.parametrize(("verb", "refusal"), [("follow", "There is no wall “h”"), ("unfollow", "There is no source")])
async def test_source_whose_wall_is_removed_meanwhile_is_told_as_gone(
    postgresql_store: Store, verb: str, refusal: str
) -> None:
    store = postgresql_store
    async with store.write() as db:
        wall = await create_wall(db, "h", "H", by=UNNAMED)
        source = await follow(db, wall, TAG, by=UNNAMED)

    async def change() -> None:
        async with store.write() as db:
            if verb == "follow":
                await follow(db, await find_wall(db, "h"), TAG, by=UNNAMED)
            else:
                await unfollow(db, source.id or 0, by=UNNAMED)

    async with store.write() as db:
        await remove_wall(db, wall, by=UNNAMED)
        changing = asyncio.create_task(change())
        await wait_until(store, 1)
    with pytest.raises((WallError, SourceError), match=refusal):
        await changing
