"""What waits for a decision: which posts, of which wall, in which order."""

from __future__ import annotations

from datetime import timedelta

from aggregator.moderation.decisions import approve
from aggregator.moderation.waiting import count_waiting, list_waiting
from aggregator.store import Store
from aggregator.walls.tables import Mode, Wall
from connectors._base import Page
from tests.aggregator.invented import ONE, START, TWO, a_source, a_wall, bring, said

WHY = "new posts wait for approval on this wall"


async def a_strict_wall(store: Store, slug: str, *keys: str) -> Wall:
    wall = await a_wall(store, slug, Mode.APPROVE)
    await bring(store, await a_source(store, wall), Page(posts=tuple(map(said, keys))), START + timedelta(hours=1))
    return wall


async def test_waiting_are_the_held_posts_with_their_words_and_since_when(store: Store) -> None:
    wall = await a_strict_wall(store, "hall", "1")
    async with store.read() as session:
        assert await list_waiting(session) == [("hall", ONE, WHY, START + timedelta(hours=1), said("1"))]
        assert await list_waiting(session, wall) == await list_waiting(session)


async def test_waiting_are_the_newest_first_and_no_more_than_asked_for(store: Store) -> None:
    wall = await a_strict_wall(store, "hall", "1")
    later = said("2", created_at=START + timedelta(minutes=2))
    await bring(store, await a_source(store, wall), Page(posts=(later,)))
    async with store.read() as session:
        assert [each.post_id for each in await list_waiting(session, wall)] == [TWO, ONE]
        assert [each.post_id for each in await list_waiting(session, wall, 1)] == [TWO]
        assert await count_waiting(session, wall) == 2


async def test_each_wall_has_its_own_waiting_posts(store: Store) -> None:
    hall, foyer = [await a_strict_wall(store, slug, "1") for slug in ("hall", "foyer")]
    async with store.read() as session:
        assert [each.slug for each in await list_waiting(session)] == ["foyer", "hall"]
        assert [each.slug for each in await list_waiting(session, hall)] == ["hall"]
        assert (await count_waiting(session), await count_waiting(session, foyer)) == (2, 1)


async def test_what_has_been_decided_waits_no_longer(store: Store) -> None:
    wall = await a_strict_wall(store, "hall", "1")
    async with store.write() as session:
        await approve(session, wall, ONE, by="kim")
    async with store.read() as session:
        assert await list_waiting(session) == []
        assert await count_waiting(session) == 0
