"""An organiser's decisions about an author: hide all that they say on a wall, or on every wall, and take that back.

Each works in many short transactions; interrupted, the same again finishes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import NamedTuple

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, SubjectKind
from aggregator.audit.trail import Change
from aggregator.items.handles import close_handles, handles_on
from aggregator.items.listing import ItemFilter, bare, list_items
from aggregator.items.lookup import ItemNotFound
from aggregator.moderation.acts import begin_act, finish, unfinished
from aggregator.moderation.author_rules import hidden_handles, lift_rule, set_rule
from aggregator.moderation.hidden_authors import Rule, any_active, bring_back_some, hide_some
from aggregator.moderation.hidden_boosters import boosted_by, unname_boosters
from aggregator.store.sql import MAX_IN_TRANSACTION, chunks
from aggregator.store.store import Store
from aggregator.walls.tables import Wall
from aggregator.walls.walls import find_wall, list_walls


class AuthorDecision(NamedTuple):
    """What it came to on one wall: how many posts have changed, and the act's number (None if nothing has)."""

    wall: Wall
    posts: int
    entry_id: int | None


async def hide_author(store: Store, handle: str, slug: str | None, by: Actor, why: str = "") -> list[AuthorDecision]:
    """Hide an author's posts on one wall, or on all, those to come included, and the name beside posts of others.

    Raises ItemNotFound where this author has no posts there and has boosted none, and WallError.
    """
    walls = await _walls(store, slug)
    if not any([await posts_by(store, wall, handle, 1) or await _boosted_by(store, wall, handle) for wall in walls]):
        async with store.read() as db:
            known = await handles_on(db, walls)
        raise ItemNotFound(_nobody(f"No post {_on(slug)} is by “{handle}”", close_handles(handle, known)))
    return [await _hide_on(store, wall, Rule(bare(handle), why), by) for wall in walls]


async def _hide_on(store: Store, wall: Wall, rule: Rule, by: Actor) -> AuthorDecision:
    async with store.write() as db:
        act_id = await set_rule(db, wall, rule.handle, why=rule.why, by=by)
    post_ids = await posts_by(store, wall, rule.handle)
    if act_id is None:
        act_id = await _go_on(store, wall, post_ids, rule, by)
    number = 0
    if act_id is not None:
        for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
            async with store.write() as db:
                number += await hide_some(db, wall, chunk, rule, by=by, act_id=act_id)
    await unname(store, wall, rule.handle)
    await _finish(store, act_id)
    return AuthorDecision(wall, number, act_id)


async def _go_on(store: Store, wall: Wall, post_ids: Sequence[str], rule: Rule, by: Actor) -> int | None:
    """Under a rule that stands: the act that was interrupted, or another one if there are posts to hide."""
    change = Change(wall.id, SubjectKind.AUTHOR, rule.handle, "hidden", "hidden")
    async with store.write() as db:
        act_id = await unfinished(db, wall, Action.HIDE, change)
        if act_id is None and await any_active(db, wall, post_ids):
            return await begin_act(db, wall, by, Action.HIDE, change, why=rule.why, finished=False)
        return act_id


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
            act_id = await lift_rule(db, wall, handle, by=by, why=why)
            if act_id is None:
                interrupted = Change(wall.id, SubjectKind.AUTHOR, bare(handle), "hidden")
                act_id = await unfinished(db, wall, Action.APPROVE, interrupted)
        total = 0
        if act_id is not None:
            total = await bring_back_all(store, wall, handle, by, why=why, act_id=act_id)
            await _finish(store, act_id)
            decided.append(AuthorDecision(wall, total, act_id))
    if not decided:
        none = f"Nobody called “{handle}” is hidden {_on(slug)}"
        raise ItemNotFound(_nobody(none, close_handles(handle, sorted(known)) or sorted(known)))
    return decided


async def _boosted_by(store: Store, wall: Wall, handle: str) -> list[str]:
    async with store.read() as db:
        return await boosted_by(db, wall, handle)


async def unname(store: Store, wall: Wall, handle: str) -> None:
    """Forget this author's name beside the posts of others. Looked for once the rule stands: no page brings another."""
    post_ids = await _boosted_by(store, wall, handle)
    for chunk in chunks(post_ids, MAX_IN_TRANSACTION):
        async with store.write() as db:
            await unname_boosters(db, wall, chunk)


async def bring_back_all(store: Store, wall: Wall, handle: str, by: Actor, *, why: str, act_id: int) -> int:
    """Bring back all that the ended rule has hidden, as parts of that act; returns how many."""
    total = 0
    while True:
        async with store.write() as db:
            number = await bring_back_some(db, wall, handle, by=by, why=why, act_id=act_id)
        if not number:
            return total
        total += number


async def _finish(store: Store, act_id: int | None) -> None:
    if act_id is not None:
        async with store.write() as db:
            await finish(db, act_id)


async def _walls(store: Store, slug: str | None) -> Sequence[Wall]:
    async with store.read() as db:
        return [await find_wall(db, slug)] if slug else await list_walls(db)


async def posts_by(store: Store, wall: Wall, handle: str, limit: int | None = None) -> list[str]:
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
