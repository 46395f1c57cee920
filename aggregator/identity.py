"""Which store this is: facts about the database as a whole, by name."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class Fact(SQLModel, table=True):
    """One fact, such as the file or server that this database was when its epochs were last known to be its own."""

    name: str = Field(primary_key=True)
    value: str = Field(default="", sa_type=Text)
