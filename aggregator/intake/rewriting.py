"""Other words for posts that are stored, on every wall that has them: no wall gets or loses a post by it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import ColumnElement, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.pictures import release_pictures, want_pictures
from aggregator.items.publishing import republish
from aggregator.items.tables import Item, StoredPost
from aggregator.moderation.edits import Edit, judge_edits
from connectors.contract import Person


async def locked(
    db: AsyncSession, numbers: Collection[int | None], *there: ColumnElement[bool]
) -> list[tuple[str, bytes]]:
    """Lock these posts, by id like every writer; returns (id, body) of those that still meet the conditions `there`.

    A post read before it is locked may have been edited or withdrawn meanwhile.
    """
    query = select(StoredPost.id, StoredPost.body).where(col(StoredPost.n).in_(numbers), *there)
    rows = await db.exec(query.order_by(col(StoredPost.id)).with_for_update(key_share=True))
    return [(id_, body) for id_, body in rows if body is not None]


async def rewrite(db: AsyncSession, edits: dict[str, Edit]) -> None:
    """Store these locked posts, request their pictures again, and republish them."""
    if not edits:
        return
    posts = {post_id: edit.post for post_id, edit in edits.items()}
    for post_id, post in posts.items():
        values = {"body": msgspec.json.encode(post)}
        living = (col(StoredPost.id) == post_id, col(StoredPost.body).is_not(None))
        await db.exec(update(StoredPost).where(*living).values(values))
    await release_pictures(db, posts.keys())
    boosted = select(StoredPost.id, Item.boosted_by).join(Item).where(col(StoredPost.id).in_(posts))
    boosters: dict[str, list[Person | None]] = {post_id: [None] for post_id in posts}
    for post_id, body in await db.exec(boosted):
        if body is not None:
            boosters[post_id].append(msgspec.json.decode(body, type=Person))
    asked = [(posts[post_id], person) for post_id, people in boosters.items() for person in people]
    await want_pictures(db, asked)
    await judge_edits(db, edits, {})
    await republish(db, posts.keys())
