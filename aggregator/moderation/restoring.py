"""Restoring the items of an act, some at a time: those that nothing has changed since go back to where they stood."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import and_, delete, insert
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.audit.actor import Actor
from aggregator.audit.tables import Action, AuditEntry, SubjectKind
from aggregator.audit.trail import Change, record
from aggregator.items.listing import bare
from aggregator.items.publishing import show
from aggregator.items.tables import Item, State, StoredPost
from aggregator.moderation.acts import STATE
from aggregator.moderation.changes import on_wall, set_state
from aggregator.moderation.judge import Judge, Ruling
from aggregator.moderation.presence import unshown_among
from aggregator.moderation.tables import ActItem, HiddenAuthor
from aggregator.store.sql import MAX_IN_TRANSACTION, stored_id
from aggregator.walls.tables import Wall
from connectors.contract import Post


class Stand(NamedTuple):
    """Where an item stands, by which version, and which one a person has approved."""

    ruling: Ruling
    approved: int | None
    mark: int


class Step(NamedTuple):
    """One item on its way back: from where it stands to where it will."""

    post_id: str
    post_n: int
    now: Stand
    then: Stand


class Plan(NamedTuple):
    """Some items of an act, locked: the steps, the number of those that are left, and whether no more will follow."""

    steps: tuple[Step, ...] = ()
    left: int = 0
    numbers: tuple[int, ...] = ()
    is_last: bool = False


async def plan(db: AsyncSession, wall: Wall, entry_id: int) -> Plan:
    """Plan the next items of an act on a wall, which is shared from now on."""
    judge = await Judge.load_all(db, wall)
    rows = await _rows(db, wall, entry_id)
    rules = await _rules_before(db, wall, entry_id)
    unshown = await unshown_among(db, wall, [row.id for row in rows])
    found = [_step(judge, row, rules, is_shown=row.id not in unshown) for row in rows]
    steps = [step for step in found if step is not None]
    numbers = tuple(row.post_n for row in rows)
    return Plan(tuple(steps), len(rows) - len(steps), numbers, len(rows) < MAX_IN_TRANSACTION)


async def carry_out(db: AsyncSession, wall: Wall, undone: int, planned: Plan) -> None:
    """Take the planned steps, as parts of the undo which the caller has begun: `undone` is the act that it undoes."""
    if planned.numbers:
        gone = (col(ActItem.entry_id) == undone, col(ActItem.post_n).in_(planned.numbers))
        await db.exec(delete(ActItem).where(*gone))
    for step in planned.steps:
        values = step.then.ruling._asdict() | {"approved": step.then.approved, "decided": step.then.mark}
        await set_state(db, on_wall(wall, [step.post_id]), values)
    if planned.steps:
        await show(db, wall, [step.post_id for step in planned.steps])


async def remember_steps(db: AsyncSession, act_id: int, steps: Collection[Step]) -> None:
    """Note where these items stand before the undo, so that it can be undone as well."""
    rows = [
        {
            "entry_id": act_id,
            "post_n": step.post_n,
            "mark_before": step.now.mark,
            "mark_after": step.then.mark,
            "approved": step.now.approved,
            **step.now.ruling._asdict(),
        }
        for step in steps
    ]
    if rows:
        await (await db.connection()).execute(insert(ActItem), rows)


async def record_steps(db: AsyncSession, wall: Wall, by: Actor, act_id: int, steps: Collection[Step]) -> None:
    """Write an entry for each item of an undo about many."""
    for step in steps:
        change = Change(stored_id(wall), SubjectKind.POST, step.post_id, step.now.ruling.state, step.then.ruling.state)
        await record(db, by, Action.UNDO, [change], step.then.ruling.why, act_id=act_id)


async def _rows(db: AsyncSession, wall: Wall, entry_id: int) -> list[Any]:
    now = [getattr(Item, name).label(f"now_{name}") for name in (*STATE, "decided", "version")]
    query: Any = (
        columns(ActItem.__table__, col(StoredPost.id), col(StoredPost.body), *now)  # type: ignore[attr-defined]
        .join(StoredPost, col(StoredPost.n) == col(ActItem.post_n))
        .join(Item, and_(col(Item.post_n) == col(ActItem.post_n), col(Item.wall_id) == wall.id))
        .where(col(ActItem.entry_id) == entry_id)
        .order_by(col(StoredPost.id))
        .limit(MAX_IN_TRANSACTION)
        .with_for_update(of=(StoredPost, Item), key_share=True)
    )
    return list(await db.exec(query))


async def _rules_before(db: AsyncSession, wall: Wall, entry_id: int) -> frozenset[str]:
    """The authors who were hidden by a rule of today before the act: what was live then, a person had approved."""
    query = select(HiddenAuthor.handle).where(HiddenAuthor.wall_id == wall.id)
    act = select(AuditEntry.at).where(AuditEntry.id == entry_id).scalar_subquery()
    return frozenset(await db.exec(query.where(col(HiddenAuthor.at) < act)))


def _step(judge: Judge, row: Any, rules_before: Collection[str], *, is_shown: bool) -> Step | None:
    """The step of one item; None if it was changed since, or may not come back."""
    values = row._mapping  # noqa: SLF001  the public name of a row's values in SQLAlchemy
    if row.now_decided != row.mark_after or row.now_state == State.WITHDRAWN or row.body is None:
        return None
    now = Stand(_ruling(values, "now_"), row.now_approved, row.now_decided)
    before = _ruling(values)
    post = msgspec.json.decode(row.body, type=Post)
    is_overruled = bare(post.author.handle) in rules_before
    then = judge.ruling_restored(post, before, is_overruled=is_overruled, is_shown=is_shown)
    if then is None or (then == now.ruling and row.approved == row.now_approved):
        return None
    mark = row.mark_before if then == before else row.now_version + 1
    return Step(row.id, row.post_n, now, Stand(then, row.approved, mark))


def _ruling(values: Any, prefix: str = "") -> Ruling:
    found = {name: values[prefix + name] for name in Ruling._fields}
    return Ruling(**found | {"state": State(found["state"])})
