"""What the bodies of the desk's requests have in common."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from aggregator.accounts.logins import MAX_LOGIN, MAX_NAME
from aggregator.accounts.password_policy import MAX_PASSWORD

LOGIN = "kim@conference.example"
NAME = "Kim"
PASSWORD = "lantern otter quarry violin"  # noqa: S105  # an example in the description of the API
SECRET = "Zk3vXwq0S1mJ8e2b6Q9tYh4uNc7dPfLgRaTiVoEyUxA"  # noqa: S105  # likewise
MAX_SECRET = 100
"""Characters of a link's secret; ours have 43."""


class Body(BaseModel):
    """The body of a request: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


def fields(row: object, shape: type[BaseModel]) -> dict[str, Any]:
    """Return what a row of the store has of the fields of this shape."""
    return {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}


Login = Annotated[str, Field(max_length=MAX_LOGIN, examples=[LOGIN])]
Name = Annotated[str, Field(max_length=MAX_NAME, examples=[NAME])]
Password = Annotated[str, Field(max_length=MAX_PASSWORD, examples=[PASSWORD])]
Secret = Annotated[str, Field(max_length=MAX_SECRET, examples=[SECRET])]
PublicId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,40}$", examples=["h3Zq0S1mJ8e2"])]
AccountId = Annotated[int, Path(ge=1, lt=2**31, examples=[7])]
