"""The judge of one wall: where a new post begins, what an edit changes, and what is left once a rule has ended.

A judge is loaded once for a page of posts. Its answers are pure: they depend on what was loaded and on the post alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.items.listing import bare
from aggregator.items.tables import KEPT, State
from aggregator.moderation.opt_outs import LEFT_OUT, opted_out_among, opted_out_handles
from aggregator.moderation.rules import (
    ACTIVE,
    FROZEN,
    Verdict,
    author_hidden,
    awaiting_approval,
    edited_since,
    not_trusted,
    opted_out,
    unshown,
)
from aggregator.moderation.tables import HiddenAuthor, TrustedAuthor
from aggregator.sources.tables import Source
from aggregator.store.sql import chunks
from aggregator.walls.lock import share_wall
from aggregator.walls.tables import Mode, Wall, stricter
from connectors.contract import Person, Post


class Ruling(NamedTuple):
    """Where an item stands by its wall's rules: the columns of the same names."""

    state: State
    why: str
    ruled_out: str | None = None
    ruled_from: str | None = None
    returns_to: str | None = None
    frozen_from: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The state and the reason, as the audit trail has them."""
        return Verdict(self.state, self.why)

    @property
    def stands(self) -> State:
        """The state that the item has, or would have if its wall were not frozen."""
        return State(self.frozen_from or self.state)

    def on(self, wall: Wall) -> Ruling:
        """What becomes of it on this wall: while that is frozen, what would go live waits."""
        return self.frozen() if wall.frozen_at is not None else self

    def frozen(self) -> Ruling:
        """What becomes of it on a frozen wall."""
        if self.state != State.LIVE:
            return self
        return self._replace(state=State.HELD, why=FROZEN, frozen_from=State.LIVE.value)

    def thawed(self) -> Ruling:
        """What becomes of it once its wall is released."""
        return self if self.frozen_from is None else self._replace(state=self.stands, why="", frozen_from=None)


class ItemBefore(NamedTuple):
    """Where an edited item stands, or would if its wall were not frozen, and the author's handle before the edit.

    `approved` is the version that a person has approved by hand; `is_reworded` says that the edit is worth a look.
    """

    state: State
    returns_to: str | None
    old_handle: str
    approved: int | None = None
    is_reworded: bool = False


class Judge:
    """The rules of one wall at one moment: its mode, its beginning, who is hidden there, and whether it is frozen."""

    def __init__(
        self,
        mode: Mode | str,
        begins_at: datetime | None = None,
        hidden: Mapping[str, str] | None = None,
        *,
        trusted: Collection[str] = (),
        is_frozen: bool = False,
        rechecks_edits: bool = False,
    ) -> None:
        self._mode = mode
        self._trusted = frozenset(trusted)
        self._begins_at = begins_at
        self._hidden = dict(hidden or {})
        self._is_frozen = is_frozen
        self._rechecks_edits = rechecks_edits

    @classmethod
    async def load(cls, db: AsyncSession, wall: Wall, people: Iterable[Person], source: Source | None = None) -> Self:
        """The judge of a wall for posts of these people, without whom nothing is asked of the database.

        Posts that a source brings are judged by its own mode where that is stricter.

        The wall stays shared until the end of the transaction, so that neither a rule nor another mode comes between
        this and the posts; it is read anew. Raises WallError where it has just been removed.
        """
        handles = _handles(people)
        if handles:
            wall = await share_wall(db, wall)
        hidden, mode = await _hidden_among(db, wall, handles), stricter(wall.mode, source.mode if source else None)
        trusted = await _trusted_among(db, wall, handles) if mode == Mode.TRUSTED else ()
        return cls._of(wall, hidden, mode, trusted)

    @classmethod
    async def load_unlocked(cls, db: AsyncSession, wall: Wall, people: Iterable[Person]) -> Self:
        """The same for a writer that holds posts and must not wait for this wall (see `aggregator.walls.lock`)."""
        return cls._of(wall, await _hidden_among(db, wall, _handles(people)))

    @classmethod
    async def load_all(cls, db: AsyncSession, wall: Wall) -> Self:
        """The same for posts that are not read yet: all hidden authors of the wall, which is shared as in `load`."""
        wall = await share_wall(db, wall)
        query = select(HiddenAuthor.handle, HiddenAuthor.why).where(HiddenAuthor.wall_id == wall.id)
        left_out = dict.fromkeys(await opted_out_handles(db, wall), LEFT_OUT)
        return cls._of(wall, dict((await db.exec(query)).all()) | left_out)

    @classmethod
    def _of(
        cls, wall: Wall, hidden: Mapping[str, str], mode: Mode | None = None, trusted: Collection[str] = ()
    ) -> Self:
        is_frozen, rechecks = wall.frozen_at is not None, wall.rechecks_edits
        how: dict[str, Any] = {"trusted": trusted, "is_frozen": is_frozen, "rechecks_edits": rechecks}
        return cls(mode or wall.mode, wall.begins_at, hidden, **how)

    def hides(self, handle: str) -> bool:
        """Whether an author of this handle is hidden on the wall."""
        return bare(handle) in self._hidden

    def initial_ruling(self, post: Post) -> Ruling:
        """Where a new post begins."""
        verdict = self._initial_verdict(post)
        if self._rules_out(post, verdict):
            return self._of_author(post, verdict.state)
        return self._unless_frozen(Ruling(*verdict))

    def ruling_after_edit(self, post: Post, item: ItemBefore) -> Ruling | None:
        """What an edit, after which the post is this one, changes about its item; None for most edits.

        A live post stays live and a held one held, whatever its new words are, unless its author asks to be left out,
        or has taken a handle that is hidden here. If the handle is unchanged, its rule was applied earlier or overruled
        by an organiser, so it is not applied again. A wall that rechecks edits holds what a person had approved by hand
        (docs/decisions/edits-after-approval.md).
        """
        if item.state in ACTIVE and post.opted_out:
            return Ruling(*opted_out(post))
        before = item.state if item.state in ACTIVE else item.returns_to
        has_moved_there = bare(item.old_handle) != bare(post.author.handle)
        if before in ACTIVE and has_moved_there and self.hides(post.author.handle):
            ruling = self._of_author(post, before)
            return ruling._replace(returns_to=KEPT) if item.returns_to == KEPT else ruling
        if self._rechecks_edits and item.is_reworded and item.approved is not None and item.state == State.LIVE:
            return Ruling(*edited_since(item.approved), returns_to=item.returns_to)
        return None

    def ruling_without_rule(self, post: Post, before: str, *, returns_to: str | None, is_shown: bool) -> Ruling:
        """Where a post stands once the rule that has hidden it from the state `before` has ended.

        It is back there, unless its author asks to be left out by now, or is hidden under another handle, or no source
        shows the post any more (and no person has kept it on the wall).
        """
        verdict = Judge(Mode.APPROVE if before == State.HELD else Mode.OPEN).initial_ruling(post).verdict
        if self._rules_out(post, verdict):
            return self._of_author(post, before)._replace(returns_to=returns_to)
        if not is_shown and returns_to != KEPT and verdict.state in ACTIVE:
            return Ruling(*unshown(), returns_to=before)
        return self._unless_frozen(Ruling(*verdict, returns_to=returns_to))

    def ruling_restored(self, post: Post, before: Ruling, *, is_overruled: bool, is_shown: bool) -> Ruling | None:
        """Where an undo leaves a post that stood at `before`; None where it can bring nothing back.

        An author who asks to be left out stays so. The end of a rule lets no undo hide by it again. What is hidden by a
        rule of today stays hidden, unless a person had overruled just that rule; so does what no source shows any more.
        """
        if before.state == State.HIDDEN:
            return before if before.ruled_out is None or self.hides(before.ruled_out) else None
        before = before.thawed()
        if post.opted_out or before.state not in ACTIVE:
            return None
        if self.hides(post.author.handle) and not is_overruled:
            return self._of_author(post, before.state)._replace(returns_to=before.returns_to)
        if not is_shown and before.returns_to != KEPT:
            return Ruling(*unshown(), returns_to=before.state.value)
        return self._unless_frozen(before)

    def _initial_verdict(self, post: Post) -> Verdict:
        if post.opted_out:
            return opted_out(post)
        if self._begins_at is not None and post.created_at is not None and post.created_at < self._begins_at:
            return Verdict(State.HIDDEN, "it was said before this wall begins")
        if self._mode == Mode.APPROVE:
            return awaiting_approval()
        if self._mode == Mode.TRUSTED and bare(post.author.handle) not in self._trusted:
            return not_trusted()
        return Verdict(State.LIVE)

    def _unless_frozen(self, ruling: Ruling) -> Ruling:
        return ruling.frozen() if self._is_frozen else ruling

    def _rules_out(self, post: Post, verdict: Verdict) -> bool:
        return verdict.state in ACTIVE and self.hides(post.author.handle)

    def _of_author(self, post: Post, before: State | str | None) -> Ruling:
        handle = bare(post.author.handle)
        return Ruling(*author_hidden(self._hidden[handle]), handle, State(before).value if before else None)


def _handles(people: Iterable[Person]) -> list[str]:
    return sorted({bare(person.handle) for person in people})


async def _trusted_among(db: AsyncSession, wall: Wall, handles: list[str]) -> set[str]:
    """Those of these authors whom somebody has trusted on the wall."""
    found: set[str] = set()
    for chunk in chunks(handles):
        query = select(TrustedAuthor.handle).where(TrustedAuthor.wall_id == wall.id)
        found |= set((await db.exec(query.where(col(TrustedAuthor.handle).in_(chunk)))).all())
    return found


async def _hidden_among(db: AsyncSession, wall: Wall, handles: list[str]) -> dict[str, str]:
    """Those of these authors who are hidden or left out on the wall, each with the reason."""
    found = dict.fromkeys(await opted_out_among(db, wall.id, handles), LEFT_OUT)
    for chunk in chunks(handles):
        query = select(HiddenAuthor.handle, HiddenAuthor.why).where(HiddenAuthor.wall_id == wall.id)
        found = dict((await db.exec(query.where(col(HiddenAuthor.handle).in_(chunk)))).all()) | found
    return found
