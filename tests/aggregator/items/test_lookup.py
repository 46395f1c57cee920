"""Looking up an item by id, key and URL."""

import re

import pytest

from aggregator.audit.actor import UNNAMED
from aggregator.items.ids import post_id
from aggregator.items.lookup import BATCH, ItemNotFound, find_item
from aggregator.moderation.decisions import withdraw
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.walls.following import unfollow
from connectors.contract import Page, Quote
from tests.aggregator.invented import BEN, KIM, NETWORK, a_source, a_wall, bring, said

ONE = post_id(NETWORK, 'key "1"')
URL = 'https://invented.example/@ada/key "1"'


@pytest.fixture
async def source(store: Store) -> Source:
    """A wall with two posts: the second quotes the first."""
    source = await a_source(store, await a_wall(store))
    quote = Quote(key='key "1"', url=URL, author=BEN, html="")
    await bring(store, source, Page(posts=(said('key "1"'), said("2", quote=quote))))
    return source


@pytest.mark.parametrize("name", [ONE, f" {ONE}\n", 'key "1"', URL])
async def test_item_is_found_by_its_id_its_key_and_its_address(store: Store, source: Source, name: str) -> None:
    async with store.read() as db:
        found = await find_item(db, name)
        assert (found.wall.id, found.post_id) == (source.wall_id, ONE)
        assert await find_item(db, name, found.wall) == found


async def test_item_is_found_by_its_key_when_its_network_is_no_longer_followed(store: Store, source: Source) -> None:
    async with store.write() as db:
        await unfollow(db, source.id or 0, by=UNNAMED)
        assert (await find_item(db, 'key "1"')).post_id == ONE


@pytest.mark.parametrize("name", ["aaaaaaaaaaaaaaaa", "nothing", "https://invented.example/@ada", ""])
async def test_item_that_is_not_there_is_unknown(store: Store, source: Source, name: str) -> None:
    async with store.read() as db:
        with pytest.raises(ItemNotFound, match=f"There is no post “{name}” on any wall: give its short id"):
            await find_item(db, name)


async def test_item_is_looked_for_on_the_named_wall_only(store: Store, source: Source) -> None:
    foyer = await a_wall(store, "foyer")
    async with store.read() as db:
        with pytest.raises(ItemNotFound, match="on the wall “foyer”"):
            await find_item(db, ONE, foyer)


async def test_item_of_several_walls_needs_a_wall_to_be_named(store: Store, source: Source) -> None:
    foyer = await a_wall(store, "foyer")
    await bring(store, await a_source(store, foyer), Page(posts=(said('key "1"'),)))
    async with store.read() as db:
        with pytest.raises(ItemNotFound, match=f"“{ONE}” is on several walls: choose one of foyer, hall."):
            await find_item(db, ONE)
        assert (await find_item(db, ONE, foyer)).wall.slug == "foyer"


@pytest.mark.parametrize(("posts", "ends"), [(2, ", [a-z2-7]{16} or [a-z2-7]{16}\\."), (12, " and 4 more\\.")])
async def test_posts_that_share_an_address_are_told_apart_by_their_ids(
    store: Store, source: Source, posts: int, ends: str
) -> None:
    """A post that was withdrawn by mistake could not be restored."""
    shared = "https://invented.example/programme"
    await bring(store, source, Page(posts=tuple(said(f"part {n}", url=shared) for n in range(posts))))
    async with store.read() as db:
        with pytest.raises(
            ItemNotFound, match=f"^{posts} posts share “{shared}”: choose by short id.*{ends}$"
        ) as refused:
            await find_item(db, shared)
        ids = re.findall(r"\b[a-z2-7]{16}\b", str(refused.value))
        assert {(await find_item(db, each)).post_id for each in ids} == set(ids)
        assert set(ids) <= {post_id(NETWORK, f"part {n}") for n in range(posts)}


async def test_post_whose_key_is_the_address_of_another_is_not_taken_for_it(store: Store, source: Source) -> None:
    """A feed may choose any keys: hiding a post by its URL must not hide a post with that URL as its key."""
    await bring(store, source, Page(posts=(said(URL, url="https://feed.example/1"),)))
    async with store.read() as db:
        with pytest.raises(ItemNotFound, match=f"^2 posts share “{re.escape(URL)}”: choose by short id, ") as refused:
            await find_item(db, URL)
    assert set(re.findall(r"\b[a-z2-7]{16}\b", str(refused.value))) == {ONE, post_id(NETWORK, URL)}


async def test_post_at_an_address_is_found_however_many_mention_it(store: Store, source: Source) -> None:
    address = "https://invented.example/@ada/last"
    quote = Quote(key="last", url=address, author=BEN, html="")
    quoting = tuple(said(f"quoting {number}", quote=quote) for number in range(BATCH + 3))
    await bring(store, source, Page(posts=quoting))
    await bring(store, source, Page(posts=(said("last"),)))
    async with store.read() as db:
        assert (await find_item(db, address)).post_id == post_id(NETWORK, "last")


async def test_address_of_a_withdrawn_post_is_forgotten_but_its_id_is_not(store: Store, source: Source) -> None:
    async with store.write() as db:
        found = await find_item(db, ONE)
        await withdraw(db, found.wall, ONE, by=KIM)
    async with store.read() as db:
        with pytest.raises(ItemNotFound):
            await find_item(db, URL)
        assert (await find_item(db, ONE)).post_id == ONE
