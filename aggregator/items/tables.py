"""Posts as they were said, items as they were decided, and which source saw which post."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Text, false, text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from aggregator.timestamps import UtcDateTime

NOT_LIVE = text("state <> 'live'")


KEPT = "kept"
"""In `Item.returns_to`: no source's silence takes this item off its wall."""


class State(StrEnum):
    """An item's place on its wall. `withdrawn` means gone at its origin, and nothing brings it back."""

    HELD = "held"
    LIVE = "live"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class StoredPost(SQLModel, table=True):
    """A post, once for all walls. `body` is the Post as JSON; None when it is gone: what was deleted is really gone.

    `id` is the short public name that records, the desk and the command line use (see `aggregator.items.ids`). A
    digest falls anywhere in an index, so that with a million posts each costs a page of every index that has it. The
    tables about posts therefore know them by `n`, which counts up, and only the look-up by name is scattered.
    `author` is a digest of who said it (see `aggregator.items.ids`); `from_origin` says that the content stored here
    is the origin's own word, which no other server may change.
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
    """A post's place on a wall, and why. `boosted_by` is a Person as JSON where a boost brought the post here.

    `returns_to` is set while an item is hidden because no source of its wall shows it: the state that it had before,
    and has again once a source does. KEPT stands there once a person has put such an item back on the wall.

    `ruled_out` is the handle of an author whose posts are hidden on this wall, on the items that this rule hides;
    `ruled_from` is then the state that the item would have without it.

    The primary key begins with the post, so that new items come at its end; what is not live is worth an index.
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


def numbers(post_ids: Collection[str]) -> SelectOfScalar[Any]:
    """A query for the numbers by which the tables know these posts; what is not in the store has none."""
    return select(StoredPost.n).where(col(StoredPost.id).in_(post_ids))
