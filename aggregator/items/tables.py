"""Posts as they were said, items as they were decided, and which source saw which post."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from aggregator.moment import Moment

NOT_LIVE = text("state <> 'live'")


class State(StrEnum):
    """An item's place on its wall. `withdrawn` means gone at its origin, and nothing brings it back."""

    HELD = "held"
    LIVE = "live"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class StoredPost(SQLModel, table=True):
    """A post, once for all walls. `body` is the Post as JSON; None when it is gone: what was deleted is really gone.

    `id` is the short public name that records, the desk and the command line use (see `aggregator.items.names`).
    """

    __tablename__ = "post"

    id: str = Field(primary_key=True)
    network: str
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    first_seen_at: datetime = Field(sa_type=Moment)


class Item(SQLModel, table=True):
    """A post's place on a wall, and why. `boosted_by` is a Person as JSON where a boost brought the post here.

    An id is a digest, so that every index with one in it is written all over the place: there are as few as will do.
    The primary key begins with the post and serves both questions; what is not live is the part worth an index.
    """

    __table_args__ = (
        Index("item_not_live", "wall_id", "state", "post_id", sqlite_where=NOT_LIVE, postgresql_where=NOT_LIVE),
    )

    post_id: str = Field(sa_column=Column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True))
    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    state: State = Field(sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    boosted_by: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class Sighting(SQLModel, table=True):
    """A source saw a post. `ref` is what the source's server calls it, for looking again; `checked_at` in µs."""

    __table_args__ = (Index("sighting_by_check", "source_id", "checked_at"),)

    post_id: str = Field(sa_column=Column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True))
    source_id: int = Field(sa_column=Column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True))
    key: str = Field(sa_type=Text)
    ref: str = Field(default="", sa_type=Text)
    checked_at: int = Field(sa_column=Column(BigInteger, nullable=False))
