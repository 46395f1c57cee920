"""The tables of posts and of items."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Text, false, text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from aggregator.timestamps import UtcDateTime

NOT_LIVE = text("state <> 'live'")


KEPT = "kept"
"""In `Item.returns_to`: the item stays on its wall even if no source shows it."""


class State(StrEnum):
    """An item's state on its wall. `withdrawn` means permanently gone at its origin."""

    HELD = "held"
    LIVE = "live"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class StoredPost(SQLModel, table=True):
    """A post, once for all walls. `body` is the Post as JSON, or None once it is deleted.

    `id` is the short public id for records, the desk and the command line (see `aggregator.items.ids`). As a digest it
    is scattered over an index, at the cost of a page for each post. Other tables therefore refer to posts by the
    ascending number `n`. `author` is a digest of the author (see `aggregator.items.ids`); `from_origin` means that the
    content came from the origin, so that no other server may change it.
    """

    __tablename__ = "post"

    n: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    network: str
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    author: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    from_origin: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class Item(SQLModel, table=True):
    """A post on a wall: its state and the reason. `boosted_by` is a Person as JSON if a boost brought the post here.

    `returns_to` is set while an item is hidden because no source of its wall shows it: the state to restore once a
    source does. It is KEPT after a person has put such an item back on the wall.

    `ruled_out` is the handle of the hidden author if that rule hides the item; `ruled_from` is the state that the item
    would have without the rule.

    `frozen_from` is set while a frozen wall keeps the item waiting: the state that it will have after the release.

    `version` rises with every change of the state, the reason or the content. `decided` identifies the present state
    and reason: it is the version that brought them, also after an undo has brought them back. `edited` is the version
    that brought the present content. `approved` is the version that a person has approved by hand.

    Organisers' marks change no state: the item is pinned until a moment, it is a nugget, its pictures are covered, it
    has a note for colleagues. `marked` identifies the present marks: it is the act that has brought them.

    The primary key begins with the post, so that new items are appended. Items that are not live have an index.
    """

    __table_args__ = (
        Index("item_not_live", "wall_id", "state", "post_n", sqlite_where=NOT_LIVE, postgresql_where=NOT_LIVE),
        {"sqlite_with_rowid": False},
    )

    post_n: int = Field(sa_column=Column(ForeignKey("post.n", ondelete="CASCADE"), primary_key=True))
    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    state: State = Field(sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    boosted_by: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    returns_to: str | None = Field(default=None, sa_type=Text)
    ruled_out: str | None = Field(default=None, sa_type=Text)
    ruled_from: str | None = Field(default=None, sa_type=Text)
    frozen_from: str | None = Field(default=None, sa_type=Text)
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default="1"))
    decided: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default="1"))
    edited: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    approved: int | None = None
    pinned_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    nugget: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    covered: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    marked: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))


def numbers(post_ids: Collection[str]) -> SelectOfScalar[Any]:
    """Return the query for the numbers of these posts."""
    return select(StoredPost.n).where(col(StoredPost.id).in_(post_ids))
