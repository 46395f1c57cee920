"""The options and the token of a Mastodon source, validated as they are typed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.contract.options import Tags, Token


class Credentials(BaseModel):
    """The reader's account. Without a token, only public pages are seen, which is enough on most servers."""

    model_config = ConfigDict(extra="forbid")

    token: Token = Field(
        default="",
        repr=False,
        title="Access token",
        description="Of an account on that server, best one that posts nothing, with the permission `read` (or "
        "`read:statuses` and `read:accounts`); only if the server requires it.",
        json_schema_extra={"format": "password"},
    )


class Options(BaseModel):
    """Filters of a source. Tags concern hashtags; replies, boosts and unlisted posts concern accounts."""

    model_config = ConfigDict(extra="forbid")

    any: Tags = Field(
        default=[], title="Any of", description="Up to four more hashtags; a post needs the first or one of these."
    )
    all: Tags = Field(
        default=[], title="All of", description="Up to four more hashtags; a post needs all of them as well."
    )
    none: Tags = Field(
        default=[], title="None of", description="Up to four hashtags; a post with one of them is left out."
    )
    exclude_replies: bool = Field(
        default=False, title="Exclude replies", description="Leave out an account's replies to others."
    )
    exclude_reblogs: bool = Field(
        default=False, title="Exclude boosts", description="Show only an account's own posts."
    )
    unlisted: bool = Field(
        default=False,
        title="Include unlisted posts",
        description="Show an account's own unlisted posts as well, which many GoToSocial accounts write by default. "
        "Unlisted posts of others are left out, boosted or not.",
    )
    only_media: bool = Field(
        default=False, title="Only with media", description="Show only posts with pictures, video or audio."
    )
