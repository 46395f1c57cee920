"""What posts of a wall say in short, for lists that name posts: read when asked, so that what is withdrawn has none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, StoredPost
from aggregator.store.sql import chunks
from aggregator.walls.tables import Wall
from connectors.contract import Post
from connectors.text.html import plain

MAX_WORDS: Final = 160
"""Characters."""


class Excerpt(NamedTuple):
    """The author of a post, and its first words, on one line."""

    name: str
    handle: str
    words: str


async def read_excerpts(db: AsyncSession, wall: Wall, post_ids: Collection[str]) -> dict[str, Excerpt]:
    """Return the excerpts of those of these posts that are on the wall and not withdrawn, by their ids."""
    found: dict[str, Excerpt] = {}
    for chunk in chunks(sorted(post_ids)):
        query = columns(col(StoredPost.id), col(StoredPost.body)).join(Item, col(Item.post_n) == col(StoredPost.n))
        here = (col(Item.wall_id) == wall.id, col(StoredPost.id).in_(chunk), col(StoredPost.body).is_not(None))
        for id_, body in (await (await db.connection()).execute(query.where(*here))).all():
            found[id_] = _excerpt(msgspec.json.decode(body or b"", type=Post))
    return found


def _excerpt(post: Post) -> Excerpt:
    words = " ".join((post.title or plain(post.html)).split())
    short = words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1].rstrip() + "…"
    return Excerpt(post.author.name, post.author.handle, short)
