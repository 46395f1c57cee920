"""The options and the token of a Misskey source, validated as they are typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract.options import Tags, Token


class Credentials(BaseModel):
    """The reader's account. Without a token, public notes are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = Field(
        default="",
        repr=False,
        title="Access token",
        description="Of an account on that server, best one that posts nothing, made under Settings → Connected apps "
        "(API) with “View your account information”; only if the server requires it.",
        json_schema_extra={"format": "password"},
    )


class Options(BaseModel):
    """Filters of a source. Tags concern hashtags; replies and renotes concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = Field(
        default=[], title="Any of", description="Up to four more hashtags; a note needs the first or one of these."
    )
    all: Tags = Field(
        default=[], title="All of", description="Up to four more hashtags; a note needs all of them as well."
    )
    none: Tags = Field(
        default=[], title="None of", description="Up to four hashtags; a note with one of them is left out."
    )
    exclude_replies: bool = Field(
        default=False, title="Exclude replies", description="Leave out an account's replies to others."
    )
    exclude_renotes: bool = Field(
        default=False, title="Exclude renotes", description="Show only an account's own notes."
    )
    only_media: bool = Field(default=False, title="Only with media", description="Show only notes with files.")
