"""For any order of acts by two moderators, edits, deletions and undos: channels agree, and an undo is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from aggregator.audit.actor import Actor
from aggregator.items.ids import post_id
from aggregator.items.lookup import DecisionError
from aggregator.items.tables import KEPT, Item, State, StoredPost
from aggregator.moderation.acts import STATE
from aggregator.moderation.author_decisions import approve_author, hide_author
from aggregator.moderation.author_rules import hidden_handles
from aggregator.moderation.clear import clear
from aggregator.moderation.decisions import approve, hide, withdraw
from aggregator.moderation.freeze import freeze, release
from aggregator.moderation.marking import MARKS
from aggregator.moderation.marks import cover_media, mark_nugget, pin, unmark_nugget, unpin, write_note
from aggregator.moderation.tables import ActItem
from aggregator.moderation.undo import NotUndoable, undo
from aggregator.sources.tables import Source
from aggregator.store.store import Store
from aggregator.timestamps import now
from aggregator.walls.tables import Mode, Wall
from aggregator.walls.walls import change_wall
from connectors.contract import Page
from tests.aggregator.invented import ADA, BEN, KIM, LEE, NETWORK, START, a_source, a_wall, bring, said, shown

KEYS = {"a": ADA, "b": ADA, "c": BEN}
LATER = now() + timedelta(days=1)
runs = count()

Verb = Callable[..., Any]
DECISIONS: dict[str, Verb] = {"approve": approve, "hide": hide, "withdraw": withdraw}
MARKINGS: dict[str, Verb] = {
    "pin": lambda db, wall, id_, by: pin(db, wall, id_, LATER, by),
    "unpin": unpin,
    "nugget": mark_nugget,
    "not a nugget": unmark_nugget,
    "cover": cover_media,
    "note": lambda db, wall, id_, by: write_note(db, wall, id_, f"said {by}", by),
}
ON_WALL: dict[str, Verb] = {
    "freeze": freeze,
    "release": release,
    "clear": lambda store, slug, by: clear(store, slug, START, by),
}
ON_AUTHORS: dict[str, Verb] = {"hide author": hide_author, "approve author": approve_author}


class Act(NamedTuple):
    """What happens next: `verb` says what, `key` to which post, `by` through whom; `number` chooses what is undone."""

    verb: str
    key: str
    by: Actor
    number: int


class Standing(NamedTuple):
    """An item with all that decides where it stands."""

    state: tuple[Any, ...]
    decided: int
    marks: tuple[Any, ...]
    marked: int
    version: int

    def __getattr__(self, name: str) -> Any:
        return self.state[STATE.index(name)]


class Done(NamedTuple):
    entry_id: int
    before: dict[str, Standing]
    after: dict[str, Standing]


words = ["say", "say", "edit", "opt out", "gone", "missing", "mode", "undo", "undo", "undo"]
verbs = st.sampled_from([*words, *DECISIONS, *MARKINGS, *ON_WALL, *ON_AUTHORS])
acts = st.builds(Act, verbs, st.sampled_from(sorted(KEYS)), st.sampled_from([KIM, LEE]), st.integers(0, 20))


@dataclass
class Run:
    """The real verbs, on a wall and with keys of their own; `done` are the acts that can be undone."""

    store: Store
    wall: Wall
    source: Source
    number: int
    minutes: int = 0
    opted_out: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)

    @classmethod
    async def build(cls, store: Store) -> Run:
        number = next(runs)
        wall = await a_wall(store, f"laws-{number}")
        return cls(store, wall, await a_source(store, wall), number)

    def id(self, key: str) -> str:
        return post_id(NETWORK, f"{key}{self.number}")

    async def do(self, act: Act) -> None:
        before = await self.standing()
        if act.verb == "undo":
            await self.undo(act, before)
        elif (entry_id := await self.act(act)) is not None:
            self.done.append(Done(entry_id, before, await self.standing()))
        after = await self.standing()
        await self.check(before, after)

    async def act(self, act: Act) -> int | None:
        """Do it; returns the act's number if it can be undone."""
        if act.verb in ON_WALL:
            entry_id: int | None = (await ON_WALL[act.verb](self.store, self.wall.slug, act.by)).entry_id
            return entry_id
        try:
            if act.verb in ON_AUTHORS:
                [decided] = await ON_AUTHORS[act.verb](self.store, KEYS[act.key].handle, self.wall.slug, act.by)
                return int(decided.entry_id) if decided.entry_id else None
            if act.verb in DECISIONS | MARKINGS:
                async with self.store.write() as db:
                    entry_id = await (DECISIONS | MARKINGS)[act.verb](db, self.wall, self.id(act.key), act.by)
                return None if act.verb == "withdraw" else entry_id
        except DecisionError:
            return None
        await self.happen(act)
        return None

    async def happen(self, act: Act) -> None:
        """What no moderator does."""
        key = f"{act.key}{self.number}"
        if act.verb == "mode":
            async with self.store.write() as db:
                wall = await db.get_one(Wall, self.wall.id)
                await change_wall(db, wall, mode=list(Mode)[act.number % len(Mode)], by=act.by)
        elif act.verb in {"gone", "missing"}:
            self.shown.discard(act.key)
            await bring(self.store, self.source, Page(**{act.verb: (key,)}))
        else:
            self.minutes += act.verb != "say"
            edited_at = START + timedelta(minutes=self.minutes + 1) if self.minutes else None
            if act.verb == "opt out":
                self.opted_out.add(act.key)
            wish = "#nobot" if act.key in self.opted_out else ""
            post = said(key, f"<p>{self.minutes}</p>", author=KEYS[act.key], edited_at=edited_at, opted_out=wish)
            self.shown.add(act.key)
            await bring(self.store, self.source, Page(posts=(post,)))

    async def undo(self, act: Act, before: dict[str, Standing]) -> None:
        if not self.done:
            return
        target = self.done[act.number % len(self.done)]
        try:
            undone = await undo(self.store, target.entry_id, act.by)
        except NotUndoable:
            assert await self.standing() == before
            return
        after = await self.standing()
        for key in before:
            await self.check_undone(key, target, before[key], after[key])
        if undone.entry_id is None:
            assert after == before
        else:
            self.done.append(Done(undone.entry_id, before, after))

    async def check_undone(self, key: str, target: Done, now_: Standing, then: Standing) -> None:
        """What the act has changed is back, unless it was changed since, or something of today stands against it."""
        was, left = target.before.get(key), target.after.get(key)
        if was is None or left is None or now_.state[0] == State.WITHDRAWN:
            assert then.state == now_.state
            return
        if was.marked != left.marked:
            assert then.marks == (was.marks if now_.marked == left.marked else now_.marks)
        else:
            assert then.marks == now_.marks
        if was.decided == left.decided or now_.decided != left.decided:
            assert then.state == now_.state or now_.ruled_out or now_.frozen_from
            return
        hidden, frozen = await self.rules()
        exact = was.state
        if was.frozen_from and not frozen:
            exact = tuple(
                {"state": "live", "why": "", "frozen_from": None}.get(n, v) for n, v in zip(STATE, exact, strict=True)
            )
        stands_against = key in self.opted_out or frozen or KEYS[key].handle.removeprefix("@") in hidden
        if was.returns_to != KEPT and key not in self.shown:
            stands_against = True
        if was.state[0] == State.HIDDEN:
            stands_against = bool(was.ruled_out) and was.ruled_out not in hidden
        assert then.state == exact or (stands_against and then.state[0] != State.LIVE)

    async def rules(self) -> tuple[list[str], bool]:
        async with self.store.read() as db:
            wall = await db.get_one(Wall, self.wall.id)
            return list(await hidden_handles(db, wall)), wall.frozen_at is not None

    async def standing(self) -> dict[str, Standing]:
        names = {self.id(key): key for key in KEYS}
        async with self.store.read() as db:
            rows = (await db.exec(select(StoredPost.id, Item).join(Item).where(Item.wall_id == self.wall.id))).all()
        return {
            names[id_]: Standing(
                tuple(getattr(item, name) for name in STATE),
                item.decided,
                tuple(getattr(item, name) for name in MARKS),
                item.marked,
                item.version,
            )
            for id_, item in rows
        }

    async def check(self, before: dict[str, Standing], after: dict[str, Standing]) -> None:
        hidden, frozen = await self.rules()
        wall, desk = await shown(self.store, self.wall.channel), await shown(self.store, self.wall.desk)
        async with self.store.read() as db:
            kept = set(await db.exec(select(StoredPost.id).join(ActItem)))
        for key, item in after.items():
            id_, state = self.id(key), item.state[0]
            old = before.get(key, item)
            assert item.version >= max(old.version + (old.state != item.state), item.decided)
            assert (wall.get(id_) is not None) == (state == State.LIVE)
            if state == State.WITHDRAWN:
                assert (desk[id_], set(item.state[1:]) - {None} <= {item.why}, id_ in kept) == (None, True, False)
                assert item.marks == (None, False, False, "")
                continue
            assert (desk[id_]["state"], desk[id_]["why"], desk[id_]["version"]) == (state, item.why, item.version)
            assert wall.get(id_) is None or wall[id_] == desk[id_]["post"]
            assert desk[id_].get("note", "") == item.marks[MARKS.index("note")]
            assert not item.frozen_from or (state == State.HELD and frozen)
            assert not item.ruled_out or (state == State.HIDDEN and item.ruled_out in hidden)
            assert key not in self.opted_out or state == State.HIDDEN


@given(st.lists(acts, max_size=14))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_order_of_acts_corrupts_an_item_and_every_undo_is_exact(store: Store, order: list[Act]) -> None:
    run = await Run.build(store)
    for key in KEYS:
        await run.do(Act("say", key, KIM, 0))
    for act in order:
        await run.do(act)
