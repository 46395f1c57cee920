"""Looking up an item by short id, by the network's key, or by the URL of the post."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, func, literal
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.ids import LENGTH, post_id
from aggregator.items.tables import Item, StoredPost
from aggregator.sources.tables import Source
from aggregator.walls.tables import Wall
from connectors.contract import Post

SHORT_ID = re.compile(rf"[a-z2-7]{{{LENGTH}}}")
BATCH = 200
"""Posts that mention a URL in memory at once."""
MAX_NAMED = 8
"""Short ids in an error message."""


class DecisionError(Exception):
    """A decision that cannot be made. `str()` is one plain sentence."""


class ItemNotFound(DecisionError):
    """No item matches, or more than one."""


class Match(NamedTuple):
    wall: Wall
    post_id: str


async def find_item(db: AsyncSession, text: str, wall: Wall | None = None) -> Match:
    """Return the matching item on `wall`, or on the only wall that has it. Raises ItemNotFound.

    Several posts of a feed may share a URL; the error then names the first few ids.
    """
    text = text.strip()
    names = {text} if SHORT_ID.fullmatch(text) else await _names(db, text)
    query = select(Wall, StoredPost.id).join(Item, col(Item.wall_id) == col(Wall.id)).join(StoredPost)
    query = query.where(col(StoredPost.id).in_(names))
    if wall is not None:
        query = query.where(Wall.id == wall.id)
    found = [Match(*row) for row in await db.exec(query.order_by(col(Wall.slug), col(StoredPost.id)))]
    if not found:
        where = f"on the wall “{wall.slug}”" if wall else "on any wall"
        raise ItemNotFound(f"There is no post “{text}” {where}: give its short id, its URL, or the network's own id.")
    if len(walls := {one.wall.slug for one in found}) > 1:
        raise ItemNotFound(f"“{text}” is on several walls: choose one of {', '.join(sorted(walls))}.")
    if len(found) > 1:
        raise ItemNotFound(
            f"{len(found)} posts share “{text}”: choose by short id, {_choice([one.post_id for one in found])}."
        )
    return found[0]


def _choice(ids: list[str]) -> str:
    *others, last = ids[:MAX_NAMED]
    more = len(ids) - MAX_NAMED
    return f"{', '.join([*others, last])} and {more} more" if more > 0 else f"{', '.join(others)} or {last}"


async def _names(db: AsyncSession, text: str) -> set[str]:
    """Return the ids of posts with this key or URL. A key is looked up by its digest; a URL needs a scan of all posts.

    A feed may use another post's URL as a key, so text that may be a URL is looked up as both.
    """
    networks = await db.exec(select(Source.network).distinct())
    keyed = {post_id(network, text) for network in networks}
    known = set(await db.exec(select(StoredPost.id).where(col(StoredPost.id).in_(keyed))))
    return known | await _said_at(db, text) if "://" in text or not known else known


async def _said_at(db: AsyncSession, text: str) -> set[str]:
    """Return the ids of the posts at this URL, scanning all posts that mention it."""
    found: set[str] = set()
    position: int | None = -1
    mentions = _mentions(db, msgspec.json.encode(text))
    while position is not None:
        query = select(StoredPost.n, StoredPost.id, StoredPost.body).where(mentions, col(StoredPost.n) > position)
        rows = (await db.exec(query.order_by(col(StoredPost.n)).limit(BATCH))).all()
        posts = {id_: msgspec.json.decode(body, type=Post) for _, id_, body in rows if body is not None}
        found |= {id_ for id_, post in posts.items() if text in {post.url, post.key}}
        position = rows[-1][0] if len(rows) == BATCH else None
    return found


def _mentions(db: AsyncSession, quoted: bytes) -> ColumnElement[bool]:
    if db.get_bind().dialect.name == "postgresql":
        return func.position(literal(quoted).op("IN")(col(StoredPost.body))) > 0
    return func.instr(col(StoredPost.body), quoted) > 0
