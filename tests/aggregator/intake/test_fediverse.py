"""A post of the Fediverse is one item, through whichever networks a wall sees it."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from sqlmodel import select

from aggregator.audit.actor import UNNAMED
from aggregator.intake.admit import AdmitResult
from aggregator.items.ids import post_id
from aggregator.items.tables import Item
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import follow
from aggregator.walls.tables import Wall
from connectors.contract import Address, Page
from tests.aggregator.invented import START, bring, said, words

KEY = "https://far.example/notes/1"
ID = post_id("mastodon", KEY)
NOW = START + timedelta(hours=1)


async def a_source_of(store: Store, wall: Wall, network: str) -> Source:
    address = Address(network=network, kind="hashtag", value="socitm09", server=f"https://{network}.example")
    async with store.write() as db:
        return await follow(db, wall, address, by=UNNAMED)


async def test_post_through_two_networks_is_one_item(store: Store, wall: Wall) -> None:
    first, second = [await a_source_of(store, wall, network) for network in ("mastodon", "misskey")]

    def copy(network: str) -> Page:
        return Page(posts=(replace(said(KEY), network=network),))

    assert await bring(store, first, copy("mastodon"), NOW) == AdmitResult(new=frozenset({ID}))
    assert (await bring(store, second, copy("misskey"), NOW)).new == frozenset()
    async with store.read() as db:
        assert len((await db.exec(select(Item))).all()) == 1
    await bring(store, first, Page(missing=(KEY,)), NOW)
    assert list(await words(store, wall.channel)) == [ID]
    await bring(store, second, Page(gone=(KEY,)), NOW)
    assert await words(store, wall.channel) == {}
