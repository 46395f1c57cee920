"""Listing items of one wall or all walls, by state, author and words, the newest first.

SQL filters as far as it can; the rest is filtered in batches, so that a search on a large wall needs little memory.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.tables import Item, State, StoredPost
from aggregator.timestamps import from_micros
from aggregator.walls.tables import Wall
from connectors.contract import Post
from connectors.text.html import plain

BATCH = 200
"""Posts in memory at once."""


class ItemFilter(NamedTuple):
    """A filter of items. `author` is part of a handle or a name; all `words` must occur; both ignore case.

    `after` is a post, by its timestamp in µs and its id: only those are listed that come after it.
    """

    wall: Wall | None = None
    state: State | None = None
    author: str = ""
    words: str = ""
    after: tuple[int, str] | None = None

    @property
    def reads(self) -> bool:
        """Whether posts must be read to apply the filter."""
        return bool(bare(self.author) or self.words.split())

    def takes(self, post: Post) -> bool:
        """Whether a post has the requested author and words."""
        author = bare(self.author)
        named = not author or author in bare(post.author.handle) or author in post.author.name.lower()
        whole = said(post).lower() if self.words else ""
        return named and all(word in whole for word in self.words.lower().split())


class ListedItem(NamedTuple):
    """An item on a wall. `at` is its timestamp, `since` when it was first seen; `post` is None if it is gone."""

    slug: str
    post_id: str
    state: State
    why: str
    at: datetime
    since: datetime
    post: Post | None


async def list_items(db: AsyncSession, asked: ItemFilter, limit: int | None = None) -> AsyncGenerator[ListedItem]:
    """Yield the newest `limit` items, in the order of a wall."""
    names = (Wall.slug, StoredPost.id, Item.state, Item.why, StoredPost.at, StoredPost.first_seen_at, StoredPost.n)
    query: Any = (  # more columns than sqlmodel has overloads for
        columns(*map(col, names))
        .join(Item, col(Item.wall_id) == col(Wall.id))
        .join(StoredPost, col(StoredPost.n) == col(Item.post_n))
        .where(*_conditions(db, asked))
        .order_by(col(StoredPost.at).desc(), col(StoredPost.id), col(Wall.slug))
    )
    if limit is not None and not asked.reads:
        query = query.limit(limit)
    found = 0
    async for rows in (await db.stream(query)).partitions(BATCH):
        posts = await _read(db, [row.n for row in rows])
        for slug, post_id, state, why, at, since, n in rows:
            if found == limit:
                return
            post = posts.get(n)
            if not asked.reads or (post is not None and asked.takes(post)):
                found += 1
                yield ListedItem(slug, post_id, State(state), why, from_micros(at), since, post)


async def count_items_of(db: AsyncSession, asked: ItemFilter) -> int:
    """Return the number of items of a wall and a state; with an author or words, an upper bound."""
    query = select(func.count()).select_from(Item).join(StoredPost).where(*_conditions(db, asked))
    return (await db.exec(query)).one()


def said(post: Post) -> str:
    """Return all text of a post: title, warning, text, alt texts, poll choices, quote and link card."""
    choices = (choice.title for choice in post.poll.choices) if post.poll else ()
    quote = (post.quote.author.name, plain(post.quote.html)) if post.quote else ()
    card = (post.card.title, post.card.description, post.card.url) if post.card else ()
    alts = (medium.alt for medium in post.media)
    return "\n".join((post.title, post.warning, plain(post.html), *alts, *choices, *quote, *card))


def bare(handle: str) -> str:
    """Return a handle in lower case and without the leading `@`, for comparison."""
    return handle.strip().removeprefix("@").lower()


async def _read(db: AsyncSession, numbers: Sequence[int]) -> dict[int, Post]:
    query = select(StoredPost.n, StoredPost.body).where(col(StoredPost.n).in_(numbers))
    return {n or 0: msgspec.json.decode(body, type=Post) for n, body in await db.exec(query) if body is not None}


def _conditions(db: AsyncSession, asked: ItemFilter) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions in SQL; of an author and words only the parts that SQL can compare."""
    if asked.wall is not None:
        yield col(Item.wall_id) == asked.wall.id
    if asked.state is not None:
        yield col(Item.state) == asked.state
    if asked.after is not None:
        at, post_id = asked.after
        yield (col(StoredPost.at) < at) | ((col(StoredPost.at) == at) & (col(StoredPost.id) > post_id))
    if asked.reads or asked.state is None:
        yield col(StoredPost.body).is_not(None)
    for run in sorted(_runs(asked.author) | _runs(asked.words)):
        yield _holds(db, run)


def _runs(text: str) -> set[str]:
    """Return the parts of a text that are the same in a stored post, whatever its markup and encoding."""
    return {"".join(run) for is_comparable, run in groupby(text.lower(), _is_comparable) if is_comparable}


def _is_comparable(char: str) -> bool:
    """Whether SQL compares the character as Python does: databases fold only the case of a to z."""
    return char.isalnum() and (char.isascii() or char.lower() == char.upper())


def _holds(db: AsyncSession, run: str) -> ColumnElement[bool]:
    if db.get_bind().dialect.name == "postgresql":
        return func.strpos(func.lower(func.convert_from(col(StoredPost.body), "UTF8")), run) > 0
    return func.instr(func.lower(cast(col(StoredPost.body), Text)), run) > 0
