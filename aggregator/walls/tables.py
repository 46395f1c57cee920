"""The table of walls, one for each conference."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Text, true
from sqlmodel import Field, SQLModel

from aggregator.channel.ids import desk_channel, wall_channel
from aggregator.timestamps import UtcDateTime, now


class Mode(StrEnum):
    """The moderation mode, from lax to strict: `open` shows a post at once, `trusted` only those of trusted authors.

    `approve` holds each post until an organiser approves it. Posts that were held before a change of mode stay held.
    """

    OPEN = "open"
    TRUSTED = "trusted"
    APPROVE = "approve"


def stricter(one: Mode | str, other: Mode | str | None) -> Mode:
    """Return the stricter of two modes; None is no mode of its own."""
    return max(Mode(one), Mode(other or one), key=list(Mode).index)


class Wall(SQLModel, table=True):
    """A wall. If it is not `listed`, only people who know its address can find it.

    Since `frozen_at` nothing new goes live on it, until it is released. `recheck_edits` holds a post again that was
    edited after a person had approved it; None is the default of the wall's mode.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    hashtag: str = ""
    time_zone: str = "UTC"
    mode: Mode = Field(default=Mode.OPEN, sa_type=Text)
    look: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    begins_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # older posts are not shown
    listed: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default=true()))
    recheck_edits: bool | None = None
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

    @property
    def channel(self) -> str:
        return wall_channel(self.slug)

    @property
    def desk(self) -> str:
        return desk_channel(self.slug)

    @property
    def rechecks_edits(self) -> bool:
        """Whether a post that was approved by hand is held again once its author edits it."""
        return self.mode != Mode.OPEN if self.recheck_edits is None else self.recheck_edits
