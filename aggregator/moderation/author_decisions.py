"""An organiser's decisions about an author: hide all that they say on a wall, or on every wall, and take that back.

Each works in many short transactions; interrupted, the same again finishes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import NamedTuple

from aggregator.audit.actor import Actor
from aggregator.items.handles import close_handles, handles_on
from aggregator.items.listing import ItemFilter, bare, list_items
from aggregator.items.lookup import ItemNotFound
from aggregator.moderation.author_rules import hidden_handles, lift_rule, set_rule
from aggregator.moderation.hidden_authors import bring_back_some, hide_some
from aggregator.moderation.hidden_boosters import boosted_by, unname_boosters
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls


class AuthorDecision(NamedTuple):
    """What it came to on one wall: how many posts have changed."""

    wall: Wall
    posts: int


async def hide_author(store: Store, handle: str, slug: str | None, by: Actor, why: str = "") -> list[AuthorDecision]:
    """Hide an author's posts on one wall, or on all, those to come included, and the name beside posts of others.

    Raises ItemNotFound where this author has no posts there and has boosted none, and WallError.
    """
    walls = await _walls(store, slug)
    if not any([await _posts_by(store, wall, handle, 1) or await _boosted_by(store, wall, handle) for wall in walls]):
        async with store.read() as db:
            known = await handles_on(db, walls)
        raise ItemNotFound(_nobody(f"No post {_on(slug)} is by “{handle}”", close_handles(handle, known)))
    decided = []
    for wall in walls:
        async with store.write() as db:
            rule = await set_rule(db, wall, handle, why=why, by=by)
        post_ids = await _posts_by(store, wall, handle)
        number = 0
        for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
            async with store.write() as db:
                number += await hide_some(db, wall, chunk, rule, by)
        await _unname(store, wall, handle)
        decided.append(AuthorDecision(wall, number))
    return decided


async def approve_author(store: Store, handle: str, slug: str | None, by: Actor, why: str = "") -> list[AuthorDecision]:
    """End that: what it has hidden is back where it was; what was hidden by hand stays hidden.

    The name beside posts that this author has boosted is forgotten, and does not come back.
    Raises ItemNotFound where nothing of the kind was decided, and WallError where there is no such wall.
    """
    decided: list[AuthorDecision] = []
    known: set[str] = set()
    for wall in await _walls(store, slug):
        async with store.write() as db:
            known.update(await hidden_handles(db, wall))
            lifted = await lift_rule(db, wall, handle, by=by, why=why)
        total = 0
        while number := await _bring_back(store, wall, handle, by, why):
            total += number
        if lifted or total:
            decided.append(AuthorDecision(wall, total))
    if not decided:
        none = f"Nobody called “{handle}” is hidden {_on(slug)}"
        raise ItemNotFound(_nobody(none, close_handles(handle, sorted(known)) or sorted(known)))
    return decided


async def _boosted_by(store: Store, wall: Wall, handle: str) -> list[str]:
    async with store.read() as db:
        return await boosted_by(db, wall, handle)


async def _unname(store: Store, wall: Wall, handle: str) -> None:
    """Looked for once the rule stands: no page brings another one."""
    post_ids = await _boosted_by(store, wall, handle)
    for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
        async with store.write() as db:
            await unname_boosters(db, wall, chunk)


async def _bring_back(store: Store, wall: Wall, handle: str, by: Actor, why: str) -> int:
    async with store.write() as db:
        return await bring_back_some(db, wall, handle, by=by, why=why)


async def _walls(store: Store, slug: str | None) -> Sequence[Wall]:
    async with store.read() as db:
        return [await find_wall(db, slug)] if slug else await list_walls(db)


async def _posts_by(store: Store, wall: Wall, handle: str, limit: int | None = None) -> list[str]:
    """The ids of an author's posts, in the order in which every writer locks them."""
    found: list[str] = []
    asked = ItemFilter(wall, author=handle)
    async with store.read() as db, aclosing(list_items(db, asked)) as items:
        async for item in items:
            if item.post is not None and bare(item.post.author.handle) == bare(handle):
                found.append(item.post_id)
            if len(found) == limit:
                break
    return sorted(found)


def _on(slug: str | None) -> str:
    return f"on the wall “{slug}”" if slug else "on any wall"


def _nobody(none: str, close: Sequence[str]) -> str:
    return f"{none}: did you mean {' or '.join(close)}?" if close else f"{none}."
