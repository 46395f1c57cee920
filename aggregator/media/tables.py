"""The tables of pictures and of the posts that show them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from aggregator.timestamps import UtcDateTime


class Progress(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"


class StoredPicture(SQLModel, table=True):
    """A picture by its origin. `file` is the digest of the stored files, under which they are served.

    `purpose` (avatar, picture, emoji) decides its two sizes. `network` names the connector that can fetch it.
    """

    __tablename__ = "picture"
    __table_args__ = (Index("picture_due", "progress", "next_try_at"), Index("picture_by_file", "file"))

    id: str = Field(primary_key=True)
    network: str
    url: str = Field(sa_type=Text)
    purpose: str
    progress: Progress = Field(default=Progress.WAITING, sa_type=Text)
    file: str = ""
    color: str = ""
    width: int = 0
    height: int = 0
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    trouble: str = Field(default="", sa_type=Text)


class Logo(SQLModel, table=True):
    """The files of a wall's logo, which stay as long as this row does. The rest is in the wall's look."""

    __table_args__ = (Index("logo_by_file", "file"),)

    wall_id: int = Field(sa_column=Column(ForeignKey("wall.id", ondelete="CASCADE"), primary_key=True))
    file: str


class PictureUse(SQLModel, table=True):
    """A use of a picture by a post, whose records are published again when the picture is ready."""

    __tablename__ = "picture_use"
    __table_args__ = (Index("picture_use_by_picture", "picture_id"), {"sqlite_with_rowid": False})

    post_n: int = Field(sa_column=Column(ForeignKey("post.n", ondelete="CASCADE"), primary_key=True))
    picture_id: str = Field(sa_column=Column(ForeignKey("picture.id", ondelete="CASCADE"), primary_key=True))
