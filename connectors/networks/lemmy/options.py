"""The token of a community's reader, validated as it is typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from connectors.contract.options import Token, secret


class Credentials(BaseModel):
    """The reader's account. Without a token, public posts are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = secret(
        "Access token",
        "The JWT of an account on that server, best one that posts nothing; only if the server is private.",
    )
