"""The items of edited posts: each gets a new version on every wall that has the post, and some another state.

New words and pictures alone change no state, except on a wall that rechecks what a person has approved by hand (see
docs/decisions/edits-after-approval.md). An author who asks to be left out, or whose new handle is hidden there, does.
The edited words are stored, and published to those who may see them, whatever is decided here.

It changes items and publishes nothing: its caller, who has more to publish in the same transaction, does that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import AUTHOR, RULE
from aggregator.audit.tables import Action
from aggregator.audit.trail import record_posts
from aggregator.items.listing import bare
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.changes import note_edit, on_wall, set_state
from aggregator.moderation.judge import ItemBefore, Judge, Ruling
from aggregator.moderation.wording import changes_content, changes_words
from aggregator.store.sql import chunks
from aggregator.walls.tables import Wall
from connectors.contract import Post


class Edit(NamedTuple):
    """A post as it is now, and as it was before."""

    post: Post
    before: Post


COLUMNS = (Item.wall_id, StoredPost.id, Item.state, Item.returns_to, Item.frozen_from, Item.approved)
"""The columns of an edited item, in its order."""


class _Edited(NamedTuple):
    """An item of an edited post."""

    wall_id: int
    post_id: str
    state: State
    returns_to: str | None
    frozen_from: str | None
    approved: int | None

    @property
    def stands(self) -> State:
        return State(self.frozen_from or self.state)


async def judge_edits(db: AsyncSession, edits: Mapping[str, Edit], judges: Mapping[int, Judge]) -> None:
    """Change the states of items as these edits (by post id) demand. The posts are locked.

    `judges` are those that the caller has loaded, by the number of the wall; the others are loaded here, without a
    lock: who holds posts waits for no other wall. An edit of words or pictures alone asks for no rule. New counts of
    votes are not an edit.
    """
    changed_content = {id_ for id_, edit in edits.items() if changes_content(edit.post, edit.before)}
    reworded = {id_ for id_ in changed_content if changes_words(edits[id_].post, edits[id_].before)}
    may_affect_state = {id_ for id_, edit in edits.items() if _may_affect_state(edit)}
    items = await _items(db, changed_content | may_affect_state)
    for wall_id, here in _by_wall(items).items():
        for chunk in chunks(here):
            await note_edit(db, on_wall(wall_id, [item.post_id for item in chunk]))
    asked = [each for each in items if each.post_id in may_affect_state or _was_approved(each, reworded)]
    known = dict(judges)
    people = [edits[item.post_id].post.author for item in asked]
    for wall_id in sorted({item.wall_id for item in asked} - known.keys()):
        known[wall_id] = await Judge.load_unlocked(db, await db.get_one(Wall, wall_id), people)
    changed: defaultdict[Ruling, list[_Edited]] = defaultdict(list)
    for item in asked:
        edit, is_reworded = edits[item.post_id], item.post_id in reworded
        before = ItemBefore(item.stands, item.returns_to, edit.before.author.handle, item.approved, is_reworded)
        ruling = known[item.wall_id].ruling_after_edit(edit.post, before)
        if ruling is not None:
            changed[ruling].append(item)
    for ruling, these in changed.items():
        await _change(db, ruling, these)


def _was_approved(item: _Edited, reworded: Collection[str]) -> bool:
    """Whether an edit is worth another look at an item that a person had approved by hand."""
    return item.post_id in reworded and item.approved is not None and item.stands == State.LIVE


def _may_affect_state(edit: Edit) -> bool:
    """Whether the author asks to be left out, or has a new handle."""
    return bool(edit.post.opted_out) or bare(edit.before.author.handle) != bare(edit.post.author.handle)


async def _items(db: AsyncSession, post_ids: Iterable[str]) -> list[_Edited]:
    """The items of these posts on all walls, locked in the order of every writer."""
    found: list[_Edited] = []
    for chunk in chunks(sorted(post_ids)):
        query: Any = (  # more columns than sqlmodel has overloads for
            columns(
                *map(col, (Item.wall_id, StoredPost.id, Item.state, Item.returns_to, Item.frozen_from, Item.approved))
            )
            .join(StoredPost, col(StoredPost.n) == col(Item.post_n))
            .where(col(StoredPost.id).in_(chunk), col(Item.state) != State.WITHDRAWN)
            .order_by(col(StoredPost.id), col(Item.wall_id))
            .with_for_update(of=Item)
        )
        found += [_Edited(wall_id, id_, State(state), *rest) for wall_id, id_, state, *rest in await db.exec(query)]
    return found


def _by_wall(items: Iterable[_Edited]) -> dict[int, list[_Edited]]:
    by_wall: defaultdict[int, list[_Edited]] = defaultdict(list)
    for item in items:
        by_wall[item.wall_id].append(item)
    return dict(sorted(by_wall.items()))


async def _change(db: AsyncSession, ruling: Ruling, items: Iterable[_Edited]) -> None:
    by = RULE if ruling.ruled_out is not None else AUTHOR
    for wall_id, these in _by_wall(items).items():
        for chunk in chunks(these):
            values = ruling._asdict() | ({"approved": None} if ruling.state == State.HELD else {})
            await set_state(db, on_wall(wall_id, [item.post_id for item in chunk]), values)
        action = Action.HOLD if ruling.state == State.HELD else Action.HIDE
        await record_posts(db, by, action, [(wall_id, item.post_id, item.state) for item in these], ruling.verdict)
