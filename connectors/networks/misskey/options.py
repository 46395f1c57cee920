"""The options and the token of a Misskey source, validated as they are typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract.options import Tags, Token, all_of, any_of, exclude_replies, none_of, secret


class Credentials(BaseModel):
    """The reader's account. Without a token, public notes are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = secret(
        "Access token",
        "Of an account on that server, best one that posts nothing, made under Settings → Connected apps "
        "(API) with “View your account information”; only if the server requires it.",
    )


class Options(BaseModel):
    """Filters of a source. Tags concern hashtags; replies and renotes concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = any_of("note")
    all: Tags = all_of("note")
    none: Tags = none_of("note")
    exclude_replies: bool = exclude_replies()
    exclude_renotes: bool = Field(
        default=False, title="Exclude renotes", description="Show only an account's own notes."
    )
    only_media: bool = Field(default=False, title="Only with media", description="Show only notes with files.")
