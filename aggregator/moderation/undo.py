"""Undoing an act: it restores what that act has changed, and nothing that came after it.

An item that was changed again since is left as it is. An undo is an act with an entry of its own, and can be undone.
Nothing brings back a post that is withdrawn, or whose author asks to be left out.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.audit.trail import Change
from aggregator.items.lookup import DecisionError
from aggregator.moderation.acts import begin_act, finish, goes_on
from aggregator.moderation.author_decisions import bring_back_all
from aggregator.moderation.freeze import release_all
from aggregator.moderation.marking import restore, unchanged_since
from aggregator.moderation.restoring import Plan, carry_out, plan, record_steps, remember_steps
from aggregator.moderation.settings import Setting, SettingKind, change_setting, last_act
from aggregator.moderation.tables import Act, ActItem, Aspect, LastAct
from aggregator.store.sql import stored_id
from aggregator.store.store import Store
from aggregator.walls.lock import lock_wall, share_wall
from aggregator.walls.tables import Wall


class NotUndoable(DecisionError):
    """There is no such act, or it cannot be undone, or not any more."""


class Undone(NamedTuple):
    """What an undo has come to, and its own number: None if there was nothing left to undo, and nothing has changed.

    `restored` items are back where they were; `left` were changed again since, or may not come back.
    """

    wall: Wall
    entry_id: int | None
    restored: int = 0
    left: int = 0


class _Target(NamedTuple):
    """The act to undo, with its entry and its wall, all of them locked."""

    act: Act
    entry: AuditEntry
    wall: Wall


class _Undoing(NamedTuple):
    """An undo under way: its number, and whether it is about one post and therefore has no parts."""

    act_id: int
    is_single: bool


async def undo(store: Store, entry_id: int, by: Actor, why: str = "") -> Undone:
    """Undo the act with this number in the audit trail, in short transactions. Raises NotUndoable and WallError.

    Interrupted, the same again finishes it.
    """
    async with store.write() as db:
        target = await _lock(db, entry_id)
        if target.act.aspect == Aspect.MARKS:
            return await _undo_marks(db, target, by, why)
        # A writer that has locked the wall against all others locks no posts: see `aggregator.walls.lock`.
        planned = Plan() if target.act.setting else await plan(db, target.wall, entry_id)
        undoing = await _resume(db, target) or await _begin(db, target, planned, by, why)
        if undoing is None:
            return Undone(target.wall, None, left=planned.left or 1)
        await _take(db, target, planned, by, undoing)
    restored, left = len(planned.steps), planned.left
    while not planned.is_last:
        async with store.write() as db:
            await share_wall(db, target.wall)
            on = await goes_on(db, undoing.act_id)
            planned = await plan(db, target.wall, entry_id) if on else Plan(is_last=True)
            await _take(db, target, planned, by, undoing)
        restored, left = restored + len(planned.steps), left + planned.left
    restored += await _follow_up(store, target, by, why, undoing)
    return Undone(target.wall, undoing.act_id, restored, left)


async def last_act_of(db: AsyncSession, by: Actor, wall: Wall | None = None) -> int | None:
    """The number of the last act of this actor that is not undone, undos left aside, on one wall or on any."""
    query = select(Act.entry_id).join(AuditEntry, col(AuditEntry.id) == col(Act.entry_id))
    query = query.where(AuditEntry.actor_kind == by.kind, AuditEntry.actor == by.name, col(Act.undone_by).is_(None))
    query = query.where(AuditEntry.action != Action.UNDO)
    if wall is not None:
        query = query.where(Act.wall_id == wall.id)
    return (await db.exec(query.order_by(col(Act.entry_id).desc()).limit(1))).first()


async def _undo_marks(db: AsyncSession, target: _Target, by: Actor, why: str) -> Undone:
    act, entry, wall = target
    await _resume(db, target)
    marked = await unchanged_since(db, wall, act.entry_id)
    if marked is None:
        return Undone(wall, None, left=1)
    undo_id = await _record(db, target, (entry.after, entry.before), by, why)
    await restore(db, wall, marked, undo_id)
    return Undone(wall, undo_id, restored=1)


async def _lock(db: AsyncSession, entry_id: int) -> _Target:
    entry = await db.get(AuditEntry, entry_id)
    if entry is None:
        raise NotUndoable(f"There is no entry {entry_id} in the audit trail.")
    if entry.act_id is not None:
        raise NotUndoable(f"Entry {entry_id} is a part of entry {entry.act_id}: undo that one.")
    act = await db.get(Act, entry_id)
    if act is None:
        raise NotUndoable(f"Entry {entry_id} ({entry.action.replace('_', ' ')}) cannot be undone.")
    wall = await db.get_one(Wall, act.wall_id)
    await (lock_wall(db, wall) if act.setting else share_wall(db, wall))
    act = await db.get_one(Act, entry_id, with_for_update=True, populate_existing=True)
    return _Target(act, entry, wall)


async def _resume(db: AsyncSession, target: _Target) -> _Undoing | None:
    """The undo of this act that was interrupted. Raises NotUndoable where it has ended."""
    if target.act.undone_by is None:
        return None
    undoing = await db.get_one(Act, target.act.undone_by, populate_existing=True)
    if undoing.finished:
        raise NotUndoable(f"Entry {target.act.entry_id} has been undone already, by entry {undoing.entry_id}.")
    return _Undoing(undoing.entry_id, is_single=False)


async def _begin(db: AsyncSession, target: _Target, planned: Plan, by: Actor, why: str) -> _Undoing | None:
    """Write the undo into the audit trail, and set back what the act has set. None if there is nothing to undo."""
    act, entry, wall = target
    is_single = not act.setting and entry.subject_kind == SubjectKind.POST
    restores_setting = False
    if act.setting:
        restores_setting = (await last_act(db, wall, Setting.parse(act.setting))).entry_id == act.set_after
        has_items = (await db.exec(select(ActItem.post_n).where(ActItem.entry_id == act.entry_id).limit(1))).first()
        if not restores_setting and has_items is None:
            return None
    elif planned.is_last and not planned.steps:
        return None
    states = entry.after, entry.before
    if is_single:
        [step] = planned.steps
        states = step.now.ruling.state.value, step.then.ruling.state.value
    undo_id = await _record(db, target, states, by, why, finished=planned.is_last)
    if restores_setting:
        back_to = LastAct(wall_id=act.wall_id, setting=act.setting, entry_id=act.set_before)
        await change_setting(db, wall, Setting.parse(act.setting), act.value_before, undo_id, back_to=back_to)
    return _Undoing(undo_id, is_single)


async def _record(
    db: AsyncSession, target: _Target, states: tuple[str, str], by: Actor, why: str, *, finished: bool = True
) -> int:
    """Write the undo, from the first to the second state, and that the act is undone."""
    act, entry, wall = target
    change = Change(stored_id(wall), SubjectKind(entry.subject_kind), entry.subject, *states)
    reason = f"undo of entry {act.entry_id}" + (f": {why}" if why else "")
    aspect = Aspect(act.aspect)
    undo_id = await begin_act(db, wall, by, Action.UNDO, change, why=reason, aspect=aspect, finished=finished)
    await db.exec(update(Act).where(col(Act.entry_id) == act.entry_id).values(undone_by=undo_id))
    return undo_id


async def _take(db: AsyncSession, target: _Target, planned: Plan, by: Actor, undoing: _Undoing) -> None:
    await remember_steps(db, undoing.act_id, planned.steps)
    if not undoing.is_single:
        await record_steps(db, target.wall, by, undoing.act_id, planned.steps)
    await carry_out(db, target.wall, target.act.entry_id, planned)


async def _follow_up(store: Store, target: _Target, by: Actor, why: str, undoing: _Undoing) -> int:
    """Bring back what has come under a rule, or waits on a frozen wall, if that is undone; returns how many posts."""
    restored = 0
    setting = Setting.parse(target.act.setting) if target.act.setting else None
    if setting is not None and setting.kind == SettingKind.HIDDEN:
        restored = await bring_back_all(store, target.wall, setting.handle, by, why=why, act_id=undoing.act_id)
    elif setting is not None and setting.kind == SettingKind.FROZEN:
        restored = await release_all(store, target.wall, by, act_id=undoing.act_id)
    if not undoing.is_single:
        async with store.write() as db:
            await finish(db, undoing.act_id)
    return restored
