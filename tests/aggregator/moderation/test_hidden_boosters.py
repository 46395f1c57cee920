"""Hidden authors are not named as those who have boosted the posts of others."""

from __future__ import annotations

import pytest
from sqlmodel import select

from aggregator.items.listing import BATCH
from aggregator.items.lookup import ItemNotFound
from aggregator.media.tables import PictureUse, StoredPicture
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.store.store import Store
from connectors.contract import Page, Person
from tests.aggregator.invented import ADA, BEN, KIM, ONE, TWO, a_source, a_wall, bring, said, shown

MANY = BATCH + 3


async def named(store: Store, channel: str) -> dict[str, str | None]:
    """Who has boosted the posts on a wall."""
    bodies = await shown(store, channel)
    return {id_: body.get("boosted_by", {}).get("handle") for id_, body in bodies.items()}


async def used(store: Store) -> set[str]:
    """The addresses of the pictures that some post uses."""
    async with store.read() as db:
        return set(await db.exec(select(StoredPicture.url).join(PictureUse)))


async def test_hide_author_takes_the_name_off_posts_that_the_author_has_boosted(store: Store) -> None:
    hall, foyer = await a_wall(store), await a_wall(store, "foyer")
    for wall in (hall, foyer):
        await bring(store, await a_source(store, wall), Page(posts=(said("1"), said("2")), boosts={"1": BEN, "2": ADA}))
    before = {ONE: BEN.handle, TWO: ADA.handle}
    assert await named(store, hall.channel) == before
    await hide_author(store, BEN.handle.upper(), "hall", KIM)
    assert await named(store, hall.channel) == before | {ONE: None}
    assert await named(store, foyer.channel) == before
    desk = (await shown(store, hall.desk))[ONE]
    assert (desk["state"], "boosted_by" in desk["post"]) == ("live", False)


async def test_avatar_of_a_hidden_booster_is_released_once_no_wall_shows_it(store: Store) -> None:
    hall, foyer = await a_wall(store), await a_wall(store, "foyer")
    author = Person(name="A", handle="@a", url="", avatar="https://a.example/a.png")
    booster = Person(name="B", handle="@b", url="", avatar="https://a.example/b.png")
    for wall in (hall, foyer):
        page = Page(posts=(said("1", author=author),), boosts={"1": booster})
        await bring(store, await a_source(store, wall), page)
    assert await used(store) == {author.avatar, booster.avatar}
    await hide_author(store, booster.handle, "hall", KIM)
    assert await used(store) == {author.avatar, booster.avatar}
    await hide_author(store, booster.handle, "foyer", KIM)
    assert await used(store) == {author.avatar}


async def test_hidden_author_is_not_named_beside_what_comes_later(store: Store) -> None:
    wall = await a_wall(store)
    source = await a_source(store, wall)
    await bring(store, source, Page(posts=(said("1"),), boosts={"1": BEN}))
    await hide_author(store, BEN.handle, None, KIM)
    await bring(store, source, Page(posts=(said("2"),), boosts={"2": BEN}))
    assert await named(store, wall.channel) == {ONE: None, TWO: None}
    await approve_author(store, BEN.handle, None, KIM)
    assert await named(store, wall.channel) == {ONE: None, TWO: None}
    await bring(store, source, Page(posts=(said("3"),), boosts={"3": BEN}))
    assert set((await named(store, wall.channel)).values()) == {None, BEN.handle}


async def test_all_that_a_hidden_author_has_boosted_is_found(store: Store) -> None:
    wall = await a_wall(store)
    keys = [str(number) for number in range(MANY)]
    page = Page(posts=tuple(map(said, keys)), boosts=dict.fromkeys(keys, BEN))
    await bring(store, await a_source(store, wall), page)
    await hide_author(store, BEN.handle, None, KIM)
    assert list((await named(store, wall.channel)).values()) == [None] * MANY


async def test_whoever_has_neither_posts_nor_boosts_is_unknown(store: Store) -> None:
    wall = await a_wall(store)
    await bring(store, await a_source(store, wall), Page(posts=(said("1"),)))
    with pytest.raises(ItemNotFound, match="No post on any wall is by"):
        await hide_author(store, BEN.handle, None, KIM)
