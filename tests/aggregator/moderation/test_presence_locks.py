"""Posts come back to a wall while an organiser decides about them, or their sources say something new."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.intake.admit import admit
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.decisions import hide
from aggregator.moderation.presence import UNSHOWN
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, KIM, ONE, START, a_source, a_wall, bring, said, shown
from tests.aggregator.two_writers import wait_until


async def standing(store: Store, wall: Wall) -> tuple[str, str]:
    """The state of the first post at the desk, and why; nothing of it may be on the wall."""
    assert (await shown(store, wall.channel))[ONE] is None
    desk = (await shown(store, wall.desk))[ONE]
    return desk["state"], desk["why"]


async def test_post_that_is_hidden_while_a_source_shows_it_again_stays_hidden(postgresql_store: Store) -> None:
    store, wall = postgresql_store, await a_wall(postgresql_store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await bring(store, source, Page(missing=("1",)))
    async with store.write() as db:
        await hide(db, wall, ONE, by=KIM, why="spam")
        coming = asyncio.create_task(bring(store, source, Page(posts=(said("1"),))))
        await wait_until(store, 1)
    await coming
    assert await standing(store, wall) == ("hidden", "spam")


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Page(missing=("1",)), UNSHOWN),
        (Page(posts=(said("1", opted_out="#nobot"),)), "the author asks to be left out: #nobot"),
    ],
)
async def test_post_that_goes_while_its_author_is_approved_does_not_come_back(
    postgresql_store: Store, page: Page, why: str
) -> None:
    store, wall = postgresql_store, await a_wall(postgresql_store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),)))
    await hide_author(store, ADA.handle, None, KIM)
    async with store.write() as db:
        await admit(db, await db.get_one(Source, source.id), await db.get_one(Wall, wall.id), page, START)
        approving = asyncio.create_task(approve_author(store, ADA.handle, None, KIM))
        await wait_until(store, 1)
    await approving
    assert await standing(store, wall) == ("hidden", why)
