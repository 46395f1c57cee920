"""The token of a community's reader, validated as it is typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract.options import Token


class Credentials(BaseModel):
    """The reader's account. Without a token, public posts are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = Field(
        default="",
        repr=False,
        title="Access token",
        description="The JWT of an account on that server, best one that posts nothing; only if the server is private.",
        json_schema_extra={"format": "password"},
    )
