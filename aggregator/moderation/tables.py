"""The tables of moderation: the authors who are hidden or trusted, and what undoing an act needs."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime, now

ID_BYTES = 8


class HiddenAuthor(SQLModel, table=True):
    """All posts of this author are hidden on this wall. `handle` is bare: in lower case, without the leading `@`."""

    __tablename__ = "hidden_author"

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    handle: str = Field(primary_key=True)
    why: str = Field(default="", sa_type=Text)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TrustedAuthor(SQLModel, table=True):
    """Somebody has trusted this author on this wall. `handle` is bare, as that of a hidden author."""

    __tablename__ = "trusted_author"

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    handle: str = Field(primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OptOut(SQLModel, table=True):
    """An author who has asked an organiser to be left out, on one wall or, without `wall_id`, on all, later ones too.

    It has what is needed to keep the author away, and no more: the bare handle. `id` is public.
    """

    __tablename__ = "opt_out"
    __table_args__ = (Index("opt_out_by_handle", "handle"),)

    id: str = Field(default_factory=lambda: secrets.token_hex(ID_BYTES), primary_key=True)
    handle: str
    wall_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), nullable=True)
    )
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Aspect(StrEnum):
    """What an act changes about items."""

    STATE = "state"
    MARKS = "marks"


class Act(SQLModel, table=True):
    """What undoing an act needs besides its items. `entry_id` is its number in the audit trail.

    `setting` is the setting of the wall that it has changed, if any: `value_before` is what that was, `set_before` the
    act that had set it, and `set_after` the act that counts as the one that has set it now.
    An act about many items is `finished` once all of them are done. `undone_by` is the act that has undone this one.
    """

    entry_id: int = Field(sa_column=Column(ForeignKey("audit_entry.id", ondelete="CASCADE"), primary_key=True))
    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), nullable=False))
    aspect: Aspect = Field(default=Aspect.STATE, sa_type=Text)
    setting: str = Field(default="", sa_type=Text)
    value_before: str | None = Field(default=None, sa_type=Text)
    set_before: int | None = None
    set_after: int | None = None
    finished: bool = True
    undone_by: int | None = None


class ActItem(SQLModel, table=True):
    """An item as it was before an act, in the columns of the act's aspect. It goes when the post is withdrawn.

    `mark_before` and `mark_after` identify what the act has found and left (`Item.decided` or `Item.marked`): as long
    as the item has the latter, nothing has changed it since.
    """

    __tablename__ = "act_item"
    __table_args__ = (Index("act_item_by_post", "post_n"),)

    entry_id: int = Field(sa_column=Column(ForeignKey("act.entry_id", ondelete="CASCADE"), primary_key=True))
    post_n: int = Field(sa_column=Column(ForeignKey("post.n", ondelete="CASCADE"), primary_key=True))
    mark_before: int
    mark_after: int
    state: str | None = Field(default=None, sa_type=Text)
    why: str | None = Field(default=None, sa_type=Text)
    returns_to: str | None = Field(default=None, sa_type=Text)
    ruled_out: str | None = Field(default=None, sa_type=Text)
    ruled_from: str | None = Field(default=None, sa_type=Text)
    frozen_from: str | None = Field(default=None, sa_type=Text)
    approved: int | None = None
    pinned_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    nugget: bool | None = None
    covered: bool | None = None
    note: str | None = Field(default=None, sa_type=Text)


class LastAct(SQLModel, table=True):
    """The act that has set a setting of a wall to what it is."""

    __tablename__ = "last_act"

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    setting: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int | None = None
