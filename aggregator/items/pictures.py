"""The pictures of posts by post id; the tables of pictures refer to posts by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

import msgspec
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.ids import post_id
from aggregator.items.publishing import republish
from aggregator.items.render import wanted
from aggregator.items.tables import Item, StoredPost
from aggregator.media.pictures import release, want
from aggregator.store.sql import chunks
from aggregator.turns import in_turns
from connectors.contract import Person, Post

T = TypeVar("T")


async def want_pictures(
    db: AsyncSession, posts: Iterable[tuple[Post, Person | None]], numbers: Mapping[str, int] | None = None
) -> None:
    """Request the pictures of these stored posts and of the persons who boosted them.

    `numbers` are the posts' numbers in the store by id; None if the caller does not know them.
    """
    asked = [(post_id(post.network, post.key), wanted(post, booster)) async for post, booster in in_turns(posts)]
    if numbers is None:
        numbers = await _numbers(db, {id_ for id_, pictures in asked if pictures})
    await want(db, [(numbers[id_], picture) for id_, pictures in asked for picture in pictures if id_ in numbers])


async def renew_pictures(db: AsyncSession, post_ids: Collection[str]) -> None:
    """Release the pictures that these stored posts, and the persons who boosted them, do not have any more."""
    await release_pictures(db, post_ids)
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.body, Item.boosted_by).outerjoin(Item)
        rows = await db.exec(query.where(col(StoredPost.id).in_(chunk), col(StoredPost.body).is_not(None)))
        await want_pictures(
            db, [(_read(body, Post), _read(booster, Person) if booster else None) for body, booster in rows]
        )


async def release_pictures(db: AsyncSession, post_ids: Collection[str]) -> None:
    """Release all pictures of these posts."""
    await release(db, (await _numbers(db, post_ids)).values())


async def republish_numbers(db: AsyncSession, numbers: Collection[int]) -> None:
    """Publish these posts again on every wall that has them, because their pictures have changed."""
    for chunk in chunks(sorted(numbers)):
        await republish(db, list(await db.exec(select(StoredPost.id).where(col(StoredPost.n).in_(chunk)))))


def _read(stored: bytes | None, kind: type[T]) -> T:
    return msgspec.json.decode(stored or b"", type=kind)


async def _numbers(db: AsyncSession, post_ids: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(sorted(post_ids)):
        query = select(StoredPost.id, StoredPost.n).where(col(StoredPost.id).in_(chunk))
        found |= {id_: n for id_, n in await db.exec(query) if n is not None}
    return found
