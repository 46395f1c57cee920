"""The table of backfills and their progress."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class Backfill(SQLModel, table=True):
    """The progress of a backfill. `position` is where the next batch begins, in the backfill's own format."""

    name: str = Field(primary_key=True)
    position: str = Field(default="", sa_type=Text)
    done: bool = False
