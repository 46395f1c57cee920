"""What acts set on a wall besides the states of items: which act has set it, and what it was before."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple, Self

from sqlalchemy import delete, insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from aggregator.moderation.tables import Act, HiddenAuthor, LastAct, TrustedAuthor
from aggregator.store.sql import stored_id
from aggregator.timestamps import from_micros, now, to_micros
from aggregator.walls.announcing import announce
from aggregator.walls.tables import Wall


class SettingKind(StrEnum):
    """The kinds of settings that can be undone."""

    HIDDEN = "hidden"
    TRUSTED = "trusted"
    FROZEN = "frozen"


class Setting(NamedTuple):
    """One setting of a wall; `handle` is the bare handle of the author that it is about."""

    kind: SettingKind
    handle: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.handle}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the setting that `str()` has written."""
        kind, _, handle = text.partition(":")
        return cls(SettingKind(kind), handle)


async def change_setting(
    db: AsyncSession, wall: Wall, setting: Setting, value: str | None, entry_id: int, *, back_to: LastAct | None = None
) -> None:
    """Set it, on a locked wall, by the act with that number; None ends what the setting says.

    An undo gives the setting `back_to` the act that had set it before.
    """
    before = await _read(db, wall, setting)
    last = await last_act(db, wall, setting)
    set_after = entry_id if back_to is None else back_to.entry_id
    values = {"value_before": before, "set_before": last.entry_id, "set_after": set_after, "setting": str(setting)}
    await db.exec(update(Act).where(col(Act.entry_id) == entry_id).values(**values))
    await _write(db, wall, setting, value)
    await db.merge(LastAct(wall_id=last.wall_id, setting=last.setting, entry_id=set_after))
    await db.flush()


async def last_act(db: AsyncSession, wall: Wall, setting: Setting) -> LastAct:
    """The act that has set it; without a number where none has."""
    name = str(setting)
    found = await db.get(LastAct, (wall.id, name), populate_existing=True)
    return LastAct(wall_id=stored_id(wall), setting=name, entry_id=found.entry_id if found else None)


async def _read(db: AsyncSession, wall: Wall, setting: Setting) -> str | None:
    if setting.kind == SettingKind.FROZEN:
        return None if wall.frozen_at is None else str(to_micros(wall.frozen_at))
    if setting.kind == SettingKind.TRUSTED:
        return None if await db.get(TrustedAuthor, (wall.id, setting.handle), populate_existing=True) is None else ""
    rule = await db.get(HiddenAuthor, (wall.id, setting.handle), populate_existing=True)
    return None if rule is None else rule.why


async def _write(db: AsyncSession, wall: Wall, setting: Setting, value: str | None) -> None:
    """A rule's value is its reason, that of trust is empty; that of a frozen wall is since when, in microseconds."""
    if setting.kind == SettingKind.FROZEN:
        wall.frozen_at = None if value is None else from_micros(int(value))
        db.add(wall)
        await db.flush()
        await announce(db, wall)
        return
    table: Any = TrustedAuthor if setting.kind == SettingKind.TRUSTED else HiddenAuthor
    await db.exec(delete(table).where(table.wall_id == wall.id, table.handle == setting.handle))
    if value is not None:
        reason = {} if table is TrustedAuthor else {"why": value}
        row = {"wall_id": stored_id(wall), "handle": setting.handle, "at": now(), **reason}
        await db.exec(insert(table).values(**row))
