"""How far each backfill has come."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class Backfill(SQLModel, table=True):
    """`position` is where the next batch begins, in the backfill's own words; `done` ends it for good."""

    name: str = Field(primary_key=True)
    position: str = Field(default="", sa_type=Text)
    done: bool = False
